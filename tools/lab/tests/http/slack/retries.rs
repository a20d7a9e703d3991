//! Tests how requests are signed, and when they are sent again.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Slack, received};
use crate::bench::{Received, Worker};

/// The signature that a request should have, computed as the documentation says.
fn signature(slack: &Slack, (headers, body): &Received) -> String {
    let secret = slack.world("/signing_secret");
    let pad = |with: u8| -> Vec<u8> {
        let key = secret.bytes().chain(std::iter::repeat(0)).take(64);
        key.map(|byte| byte ^ with).collect()
    };
    let time = &headers["x-slack-request-timestamp"];
    let base = [b"v0:", time.as_bytes(), b":", body].concat();
    let inner = Sha256::digest([pad(0x36), base].concat());
    format!("v0={}", hex::encode(Sha256::digest([pad(0x5c), inner.to_vec()].concat())))
}

#[tokio::test]
async fn each_request_is_signed_now() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    slack.order(&worker, json!({ "text": "a" })).await;
    slack.order(&worker, json!({ "command": "/ask", "text": "why? & 何" })).await;
    let all = worker.received.lock().unwrap().clone();
    for request in &all {
        assert_eq!(request.0["x-slack-signature"], signature(&slack, request));
    }
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].0["content-type"], "application/x-www-form-urlencoded");
}

#[tokio::test]
async fn an_event_is_sent_again_until_it_is_taken_and_says_why() {
    let slack = Slack::start().await;
    slack.configure(json!({ "retry_ms": [0, 5] })).await;
    let broken = Worker::answering(503, "text/plain", json!(null), 0).await;
    let done = slack.order(&broken, json!({ "text": "a" })).await;
    let id = done["deliveries"][0]["id"].clone();
    let fate = async || slack.bench.get("/lab/slack/events").await.body[0]["state"].clone();
    while fate().await == "waiting" {
        tokio::task::yield_now().await;
    }
    assert_eq!(fate().await, "given_up");
    let all = broken.received.lock().unwrap().clone();
    let tries: Vec<Option<&str>> = all
        .iter()
        .map(|(headers, _)| headers.get("x-slack-retry-num").map(String::as_str))
        .collect();
    assert_eq!(tries, [None, Some("1"), Some("2")]);
    assert_eq!(all[1].0["x-slack-retry-reason"], "http_error");
    assert!(received(&broken).iter().all(|body| body["event_id"] == id));
}

#[tokio::test]
async fn a_late_answer_is_none() {
    let slack = Slack::start().await;
    slack.configure(json!({ "timeout_ms": 30, "retry_ms": [] })).await;
    let slow = Worker::answering(200, "text/plain", json!(null), 600).await;
    let done = slack.order(&slow, json!({ "text": "a" })).await;
    let delivery = &done["deliveries"][0];
    assert_eq!(delivery["attempts"][0]["error"], "no answer within 30 ms");
    assert_eq!(delivery["state"], "given_up");
}

#[tokio::test]
async fn an_event_can_be_delivered_twice_at_once_and_again() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    let done = slack.order(&worker, json!({ "text": "a", "copies": 2 })).await;
    let delivery = &done["deliveries"][0];
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 2);
    slack.order(&worker, json!({ "again": delivery["id"] })).await;
    let received = received(&worker);
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|other| *other == received[0]));
}

#[tokio::test]
async fn what_is_not_slacks_wants_a_401_and_is_not_sent_again() {
    let slack = Slack::start().await;
    let strict = Worker::answering(401, "text/plain", json!(null), 0).await;
    let forgeries: [Value; 3] = [
        json!({ "text": "a", "signature": "v0=00" }),
        json!({ "text": "a", "signature": "" }),
        json!({ "text": "a", "age_s": 301 }),
    ];
    for order in &forgeries {
        let done = slack.order(&strict, order.clone()).await;
        assert_eq!(done["deliveries"][0]["state"], "given_up");
    }
    let all = strict.received.lock().unwrap().clone();
    assert!(!all[1].0.contains_key("x-slack-signature"));
    assert_eq!(all[2].0["x-slack-signature"], signature(&slack, &all[2]));
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    let lax = Worker::start(json!({})).await;
    for order in &forgeries {
        slack.order(&lax, order.clone()).await;
    }
    let expected = "slack: a request that was not Slack's was not answered with 401";
    assert_eq!(slack.bench.violations().await, [expected; 3]);
    // Old, and not too old.
    let done = slack.order(&lax, json!({ "text": "a", "age_s": 290 })).await;
    assert_eq!(done["deliveries"][0]["state"], "taken");
}

#[tokio::test]
async fn the_challenge_has_to_be_answered() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({ "challenge": "lab-challenge-1" })).await;
    slack.order(&worker, json!({ "verify": true })).await;
    assert_eq!(received(&worker)[0]["type"], "url_verification");
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    slack.order(&worker, json!({ "verify": true })).await;
    assert_eq!(slack.bench.violations().await, ["slack: the challenge was not answered"]);
}
