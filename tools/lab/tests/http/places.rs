//! Tests forums, groups, and an app that only the asker has installed.

use serde_json::{Value, json};

use crate::bench::{Bench, Worker};

/// Delivers a question and returns what the Worker was sent.
async fn sent(bench: &Bench, order: Value) -> Value {
    let worker = Worker::start(json!({ "type": 5, "data": { "flags": 64 } })).await;
    let done = bench.deliver(&worker, order).await;
    assert_eq!(done["violations"], json!([]));
    let body = worker.received.lock().unwrap()[0].1.clone();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn a_forum_s_webhook_wants_a_thread() {
    let bench = Bench::start().await;
    let path = format!("/api/v10/channels/{}/webhooks", bench.channel("forum"));
    let made = bench.as_bot("POST", &path, &json!({ "name": "Miyabi" })).await.body;
    let url = made["url"].as_str().unwrap().replace(&bench.url, "");
    let into = |id: &str| format!("{url}?wait=true&thread_id={id}");
    let body = json!({ "content": "a" });
    let named = json!({ "content": "a", "thread_name": "new" });
    let post = into(bench.channel("post"));
    for (path, body, status, code) in [
        (&url, &body, 400, 220_001),
        (&post, &named, 400, 220_002),
        (&url, &named, 501, 0),
        (&into(bench.channel("thread")), &body, 400, 10003),
    ] {
        let got = bench.call("POST", path, body).await;
        assert_eq!((got.status, &got.body["code"]), (status, &json!(code)), "{path} {body}");
    }
    assert_eq!(bench.violations().await.len(), 4);
    let got = bench.call("POST", &post, &body).await;
    assert_eq!((got.status, &got.body["channel_id"]), (200, &json!(bench.channel("post"))));
    assert_eq!(bench.contents("post").await, ["a"]);
}

#[tokio::test]
async fn a_question_comes_from_a_post_and_not_from_the_forum() {
    let bench = Bench::start().await;
    let asked = sent(&bench, json!({ "ask": "why?", "in": "post" })).await;
    assert_eq!((&asked["context"], &asked["channel"]["type"]), (&json!(0), &json!(11)));
    assert_eq!(asked["channel"]["parent_id"], bench.channel("forum"));
    assert_eq!(bench.world["channels"]["post"]["parent_id"], bench.channel("forum"));
    let order = json!({ "worker": "http://127.0.0.1:1", "in": "forum" }).to_string();
    let got = bench.send("POST", "/lab/interactions", &[], order).await.unwrap();
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn a_group_knows_only_the_asker_s_app() {
    let bench = Bench::start().await;
    let asked = sent(&bench, json!({ "ask": "why?", "in": "group", "as": "alex" })).await;
    let alex = &bench.world["users"]["alex"]["id"];
    assert_eq!((&asked["context"], &asked["channel"]["type"]), (&json!(2), &json!(3)));
    assert_eq!(asked["authorizing_integration_owners"], json!({ "1": alex }));
    assert_eq!((&asked["user"]["id"], &asked["app_permissions"]), (alex, &json!("180224")));
    for absent in ["member", "guild", "guild_id"] {
        assert!(asked.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn an_app_of_the_asker_alone_has_five_follow_ups_everywhere() {
    let bench = Bench::start().await;
    let asked = sent(&bench, json!({ "ask": "why?", "install": "user" })).await;
    let mio = &bench.world["users"]["mio"]["id"];
    assert_eq!(asked["authorizing_integration_owners"], json!({ "1": mio }));
    assert_eq!(asked["guild_id"], bench.text("guild_id"));
    assert_eq!(asked["app_permissions"], "180224");
    let asked = sent(&bench, json!({ "ask": "why?", "in": "dm" })).await;
    assert_eq!(asked["authorizing_integration_owners"], json!({ "0": "0" }));
    for order in
        [json!({ "ask": "why?", "in": "group" }), json!({ "ask": "why?", "install": "user" })]
    {
        let (path, _) = bench.deferred(order).await;
        let body = json!({ "content": "x", "flags": 64 });
        bench.call("PATCH", &format!("{path}/messages/@original"), &body).await;
        for _ in 0..5 {
            assert_eq!(bench.call("POST", &path, &body).await.status, 200);
        }
        assert_eq!(bench.call("POST", &path, &body).await.body["code"], 40094);
    }
}
