//! Tests the pace of a chat, and faults.

use serde_json::json;

use super::Telegram;

#[tokio::test]
async fn a_chat_takes_a_burst_and_then_one_message_a_second() {
    let telegram = Telegram::start().await;
    telegram.configure(json!({ "rate_limits": true })).await;
    let body = json!({ "chat_id": telegram.chat("mio"), "text": "a" });
    for _ in 0..3 {
        telegram.done("sendMessage", body.clone()).await;
    }
    let got = telegram.call("sendMessage", body.clone()).await;
    let wait = got.body["parameters"]["retry_after"].as_u64().unwrap();
    assert!((1..=3).contains(&wait), "{}", got.body);
    assert_eq!(got.body["description"], format!("Too Many Requests: retry after {wait}"));
    assert_eq!(telegram.bench.violations().await, Vec::<String>::new());
    // Another chat has a pace of its own.
    telegram.say("alex", "a").await;
    telegram.call("sendMessage", body).await;
    let expected = ["telegram: called again before `retry_after` had passed"];
    assert_eq!(telegram.bench.violations().await, expected);
}

#[tokio::test]
async fn the_limit_of_a_fault_is_nobodys_violation() {
    let telegram = Telegram::start().await;
    telegram.configure(json!({ "rate_limits": true })).await;
    telegram.say("mio", "a").await;
    let rule = json!({
        "match": { "operation": "telegram_send_message" }, "times": 2, "then": { "status": 429 },
    });
    telegram.bench.post("/lab/faults", &rule).await;
    let body = json!({ "chat_id": telegram.chat("mio"), "text": "b" });
    for _ in 0..2 {
        assert_eq!(telegram.call("sendMessage", body.clone()).await.status, 429);
    }
    assert_eq!(telegram.bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_rule_with_a_status_alone_has_telegrams_body() {
    let telegram = Telegram::start().await;
    let rule = |then| json!({ "match": { "operation": "telegram_send_message" }, "then": then });
    let body = json!({ "chat_id": telegram.chat("mio"), "text": "a" });
    telegram.bench.post("/lab/faults", &rule(json!({ "status": 429 }))).await;
    let got = telegram.call("sendMessage", body.clone()).await;
    assert_eq!((got.status, &got.body["parameters"]["retry_after"]), (429, &json!(1)));
    telegram.bench.post("/lab/faults", &rule(json!({ "status": 502 }))).await;
    let got = telegram.call("sendMessage", body.clone()).await;
    assert_eq!((got.status, &got.body["description"]), (502, &json!("Bad Gateway")));
    assert_eq!(telegram.seen("mio").await["messages"], json!([]));
}

#[tokio::test]
async fn a_reply_that_is_lost_leaves_the_message() {
    let telegram = Telegram::start().await;
    let rule =
        json!({ "match": { "operation": "telegram_send_message" }, "then": { "drop": "after" } });
    telegram.bench.post("/lab/faults", &rule).await;
    let body = json!({ "chat_id": telegram.chat("mio"), "text": "a" }).to_string();
    let headers = [("content-type", "application/json")];
    let path = telegram.path("sendMessage");
    assert!(telegram.bench.send("POST", &path, &headers, body).await.is_err());
    assert_eq!(telegram.seen("mio").await["messages"][0]["text"], "a");
}
