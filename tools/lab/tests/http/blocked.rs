//! Tests calls that Cloudflare rejects before they reach Discord.

use serde_json::{Value, json};

use crate::bench::Bench;

const NOTHING: Value = Value::Null;

#[tokio::test]
async fn every_call_to_discord_meets_the_page_until_it_is_switched_off() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "blocked": {} })).await;
    let body = json!({ "content": "a" });
    let got = bench.execute(&body).await;
    assert_eq!(got.status, 429);
    assert!(got.body.as_str().unwrap().contains("Error 1015"));
    assert!(got.headers["content-type"].starts_with("text/html"));
    assert!(!got.headers.contains_key("retry-after"));
    assert_eq!(bench.as_bot("GET", "/api/v10/users/@me", &NOTHING).await.status, 429);
    let path = "/open-meteo/geocoding/v1/search?name=Tokyo";
    assert_eq!(bench.get(path).await.status, 200);
    assert_eq!(bench.calls("execute_webhook").await[0]["fault"]["by"], "blocked");
    bench.post("/lab/config", &json!({ "blocked": null })).await;
    assert_eq!(bench.execute(&body).await.status, 200);
    assert_eq!(bench.contents("general").await, ["a"]);
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_block_can_be_about_one_webhook_and_in_json() {
    let bench = Bench::start().await;
    let block = json!({ "webhook": bench.text("webhook_id"), "status": 403, "json": true });
    bench.post("/lab/config", &json!({ "blocked": block })).await;
    let got = bench.execute(&json!({ "content": "a" })).await;
    assert_eq!((got.status, &got.body["code"]), (403, &json!(0)));
    assert!(got.body["message"].as_str().unwrap().starts_with("You are being blocked"));
    assert_eq!(bench.as_bot("GET", "/api/v10/users/@me", &NOTHING).await.status, 200);
    let odd = json!({ "blocked": { "status": 418 } }).to_string();
    assert_eq!(bench.send("POST", "/lab/config", &[], odd).await.unwrap().status, 400);
}

#[tokio::test]
async fn a_block_can_have_the_code_that_reads_like_discords_own() {
    let bench = Bench::start().await;
    let block = json!({ "status": 403, "json": true, "code": 40333 });
    bench.post("/lab/config", &json!({ "blocked": block })).await;
    let got = bench.execute(&json!({ "content": "a" })).await;
    assert_eq!((got.status, &got.body["code"]), (403, &json!(40333)));
    assert_eq!(got.body["message"], "internal network error");
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_block_can_end_by_itself() {
    let bench = Bench::start().await;
    let body = json!({ "content": "a" });
    bench.post("/lab/config", &json!({ "blocked": { "for_ms": 60_000 } })).await;
    assert_eq!(bench.execute(&body).await.status, 429);
    bench.post("/lab/config", &json!({ "blocked": { "for_ms": 0 } })).await;
    assert_eq!(bench.execute(&body).await.status, 200);
    assert_eq!(bench.get("/lab/config").await.body["blocked"], NOTHING);
}
