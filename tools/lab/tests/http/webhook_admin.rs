//! Tests how webhooks are made, listed and removed.

use serde_json::{Value, json};

use crate::bench::{Bench, reply_schema};

const NOTHING: Value = Value::Null;

fn path(bench: &Bench, channel: &str) -> String {
    format!("/api/v10/channels/{}/webhooks", bench.channel(channel))
}

#[tokio::test]
async fn lists_every_maker_s_webhooks_and_hides_another_application_s_token() {
    let bench = Bench::start().await;
    let order = json!({ "by": "other", "name": "Theirs" });
    let theirs = bench.post("/lab/channels/general/webhooks", &order).await.body;
    let general = path(&bench, "general");
    let ours = bench.as_bot("POST", &general, &json!({ "name": "Miyabi" })).await.body;
    let list = bench.as_bot("GET", &general, &NOTHING).await.body;
    let of = |index: usize, key: &str| list[index][key].clone();
    assert_eq!(
        (of(0, "token"), of(0, "application_id")),
        (json!(bench.text("webhook_token")), NOTHING)
    );
    assert_eq!(of(0, "user")["username"], "mio");
    assert_eq!(
        (of(1, "token"), of(1, "url"), of(1, "id")),
        (NOTHING, NOTHING, theirs[0]["id"].clone())
    );
    assert_ne!(of(1, "application_id"), json!(bench.text("application_id")));
    assert_eq!(list[2], ours);
    assert_eq!(
        (&ours["application_id"], &ours["user"]["bot"]),
        (&json!(bench.text("application_id")), &json!(true))
    );
    let schema = reply_schema("GuildIncomingWebhookResponse");
    for webhook in list.as_array().unwrap() {
        assert!(schema.is_valid(webhook), "{webhook}");
    }
    let all = bench.get("/lab/channels/general/webhooks").await.body;
    let makers: Vec<_> = all.as_array().unwrap().iter().map(|webhook| &webhook["by"]).collect();
    assert_eq!(makers, ["person", "other", "application"]);
    assert_eq!(all[1], theirs[0]);
}

#[tokio::test]
async fn a_post_by_the_application_s_webhook_names_the_application() {
    let bench = Bench::start().await;
    let made =
        bench.as_bot("POST", &path(&bench, "random"), &json!({ "name": "Miyabi" })).await.body;
    let url = made["url"].as_str().unwrap().replace(&bench.url, "");
    let body = json!({ "content": "a" });
    let ours = bench.call("POST", &format!("{url}?wait=true"), &body).await;
    assert_eq!(ours.body["application_id"], bench.text("application_id"));
    assert!(bench.execute(&body).await.body.get("application_id").is_none());
}

#[tokio::test]
async fn a_channel_has_room_for_fifteen() {
    let bench = Bench::start().await;
    let order = json!({ "count": 20 });
    let made = bench.post("/lab/channels/random/webhooks", &order).await.body;
    assert_eq!(made.as_array().unwrap().len(), 15);
    let random = path(&bench, "random");
    let full = bench.as_bot("POST", &random, &json!({ "name": "Miyabi" })).await;
    assert_eq!((full.status, &full.body["code"]), (400, &json!(30007)));
    bench.remove_webhook(made[0]["id"].as_str().unwrap()).await;
    assert_eq!(bench.as_bot("POST", &random, &json!({ "name": "Miyabi" })).await.status, 200);
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_removed_webhook_answers_404_and_then_must_be_left_alone() {
    let bench = Bench::start().await;
    let body = json!({ "content": "a" });
    bench.execute(&body).await;
    bench.remove_webhook(bench.text("webhook_id")).await;
    let gone = bench.execute(&body).await;
    assert_eq!((gone.status, &gone.body["code"]), (404, &json!(10015)));
    assert_eq!(bench.violations().await, Vec::<String>::new());
    assert_eq!(bench.call("GET", &bench.webhook(), &NOTHING).await.status, 404);
    assert_eq!(bench.violations().await, ["called again after it had answered 404 (10015)"]);
    assert_eq!(bench.contents("general").await, ["a"]);
    let again = bench.send("DELETE", "/lab/webhooks/5", &[], "").await.unwrap();
    assert_eq!(again.status, 400);
}

#[tokio::test]
async fn a_404_that_was_never_received_blames_nobody() {
    let bench = Bench::start().await;
    bench.remove_webhook(bench.text("webhook_id")).await;
    let cut = json!({ "match": { "operation": "get_webhook" }, "then": { "drop": "after" } });
    bench.post("/lab/faults", &cut).await;
    let headers = [("user-agent", crate::bench::USER_AGENT)];
    assert!(bench.send("GET", &bench.webhook(), &headers, "").await.is_err());
    assert_eq!(bench.call("GET", &bench.webhook(), &NOTHING).await.status, 404);
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_call_that_was_on_its_way_when_another_met_the_404_is_blameless() {
    let bench = Bench::start().await;
    bench.remove_webhook(bench.text("webhook_id")).await;
    let late = json!({ "match": { "body_contains": "late" }, "then": { "delay_ms": 200 } });
    bench.post("/lab/faults", &late).await;
    let late = json!({ "content": "late" });
    let quick = async {
        while bench.calls("execute_webhook").await.is_empty() {
            tokio::task::yield_now().await;
        }
        bench.execute(&json!({ "content": "quick" })).await
    };
    let (late, quick) = tokio::join!(bench.execute(&late), quick);
    assert_eq!((late.status, quick.status), (404, 404));
    assert_eq!(bench.violations().await, Vec::<String>::new());
}
