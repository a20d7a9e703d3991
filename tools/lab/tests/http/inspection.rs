//! Tests the inspection API.

use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test]
async fn describes_the_world() {
    let bench = Bench::start().await;
    assert_eq!(bench.text("public_key").len(), 64);
    assert_eq!(bench.text("discord_api_base"), format!("{}/api/v10", bench.url));
    assert_eq!(bench.world["channels"]["general"]["webhook_url"], bench.world["webhook_url"]);
    assert_eq!(bench.world["channels"]["thread"]["parent_id"], bench.channel("general"));
    assert_eq!(bench.world["users"]["mio"]["nick"], "みお");
    assert_eq!(bench.world["users"]["alex"]["avatar"], Value::Null);
}

#[tokio::test]
async fn records_every_call_in_order() {
    let bench = Bench::start().await;
    bench.execute(&json!({ "content": "a" })).await;
    bench.call("GET", "/api/v10/nowhere?x=1", &Value::Null).await;
    bench.execute(&json!({ "content": "b" })).await;
    let all = bench.get("/lab/calls").await.body;
    let operations: Vec<_> = all.as_array().unwrap().iter().map(|c| &c["operation"]).collect();
    assert_eq!(operations, ["execute_webhook", "unknown", "execute_webhook"]);
    assert_eq!((&all[1]["query"], &all[1]["status"]), (&json!("x=1"), &json!(404)));
    assert_eq!(all[0]["headers"]["user-agent"], crate::bench::USER_AGENT);
    assert_eq!(all[0]["body"], json!({ "content": "a" }));
    let after = bench.get(&format!("/lab/calls?after={}", all[1]["seq"])).await.body;
    assert_eq!(after, json!([all[2]]));
    assert!(bench.violations().await[0].contains("not emulated"));
}

#[tokio::test]
async fn waits_for_a_call_to_finish() {
    let bench = Bench::start().await;
    let rule = json!({ "match": { "operation": "execute_webhook" }, "then": { "delay_ms": 20 } });
    bench.post("/lab/faults", &rule).await;
    let body = json!({ "content": "a" });
    let waiting = bench.get("/lab/calls?operation=execute_webhook&wait_ms=60000");
    let (_, waited) = tokio::join!(bench.execute(&body), waiting);
    assert_eq!(
        (&waited.body[0]["finished"], &waited.body[0]["status"]),
        (&json!(true), &json!(200))
    );
    let none = bench.get("/lab/calls?after=1&wait_ms=5").await.body;
    assert_eq!(none, json!([]));
}

#[tokio::test]
async fn starts_again_and_keeps_counting() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "rate_limits": true })).await;
    let before = bench.execute(&json!({ "content": "a" })).await;
    bench.post("/lab/reset", &json!({})).await;
    assert_eq!(bench.contents("general").await.len(), 0);
    assert_eq!(bench.get("/lab/calls").await.body, json!([]));
    assert_eq!(bench.get("/lab/config").await.body["rate_limits"], false);
    let after = bench.execute(&json!({ "content": "b" })).await;
    let number = |got: &crate::bench::Got| got.body["id"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(number(&after) > number(&before));
    assert_eq!(bench.calls("execute_webhook").await[0]["seq"], 2);
}

#[tokio::test]
async fn answers_mistakes_with_a_sentence() {
    let bench = Bench::start().await;
    for (method, path, body, status) in [
        ("POST", "/lab/config", r#"{"rate_limit":true}"#, 400),
        ("POST", "/lab/interactions", r#"{"ask":"x"}"#, 400),
        ("POST", "/lab/interactions", r#"{"worker":"http://127.0.0.1:1","as":"nobody"}"#, 400),
        ("POST", "/lab/interactions/5", r#"{"expire":true}"#, 400),
        ("POST", "/lab/ai/script", "{}", 400),
        ("GET", "/lab/channels/nowhere", "", 400),
        ("GET", "/lab/calls?after=x", "", 400),
        ("GET", "/lab/nothing", "", 404),
    ] {
        let got = bench.send(method, path, &[], body).await.unwrap();
        assert_eq!(got.status, status, "{path}");
        assert!(got.body["error"].is_string(), "{path}: {}", got.body);
    }
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let bench = Bench::start().await;
    let port = bench.url.rsplit(':').next().unwrap().parse().unwrap();
    assert!(lab::serve(lab::Options { port, model: None }).await.is_err());
}
