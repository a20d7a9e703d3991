//! Tests `GET /lab/exchange`.

use serde_json::{Value, json};

use crate::bench::Bench;

fn path_of(delivered: &Value) -> String {
    format!("/lab/exchange?interaction={}", delivered["id"].as_str().unwrap())
}

#[tokio::test]
async fn it_has_every_call_since_the_delivery_and_no_secret() {
    let bench = Bench::start().await;
    bench.execute(&json!({ "content": "before" })).await;
    let (replies, delivered) = bench.deferred(json!({ "ask": "why?", "in": "random" })).await;
    let run = json!({ "model": "m", "inputs": { "max_tokens": 9, "messages": [{ "role": "user", "content": "why?" }] } });
    bench.call("POST", "/ai/run", &run).await;
    bench.as_bot("GET", "/api/v10/users/@me", &Value::Null).await;
    let hooks = format!("/api/v10/channels/{}/webhooks", bench.channel("random"));
    let made = bench.as_bot("POST", &hooks, &json!({ "name": "Miyabi" })).await.body;
    bench.execute(&json!({ "content": "because" })).await;
    bench.call("DELETE", &format!("{replies}/messages/@original"), &Value::Null).await;

    let exchange = bench.get(&path_of(&delivered)).await.body;
    let calls = exchange["calls"].as_array().unwrap();
    let operations: Vec<_> = calls.iter().map(|call| call["operation"].as_str().unwrap()).collect();
    let expected =
        ["ai_run", "current_user", "create_webhook", "execute_webhook", "delete_original"];
    assert_eq!(operations, expected);
    assert_eq!(
        (&calls[3]["body"]["content"], &calls[4]["status"]),
        (&json!("because"), &json!(204))
    );
    assert_eq!(calls[3]["query"], "wait=true");
    assert_eq!(calls[2]["response"]["token"], "[secret]");
    assert_eq!(exchange["interaction"]["token"], "[secret]");
    assert_eq!(exchange["interaction"]["id"], delivered["id"]);
    assert_eq!(exchange["interaction"]["data"]["options"][0]["value"], "why?");
    assert_eq!(exchange["ack"]["type"], 5);
    let text = exchange.to_string();
    let secrets = ["bot_token", "webhook_token", "public_key"].map(|name| bench.text(name));
    for secret in secrets
        .into_iter()
        .chain([&made["token"], &delivered["token"]].map(|t| t.as_str().unwrap()))
    {
        assert!(!secret.is_empty() && !text.contains(secret), "{secret} in {text}");
    }
    assert!(!text.contains("signature"), "{text}");
}

#[tokio::test]
async fn with_another_interaction_nobody_knows_whose_the_calls_are() {
    let bench = Bench::start().await;
    assert_eq!(bench.get("/lab/exchange").await.status, 400);
    assert_eq!(bench.get("/lab/exchange?interaction=1").await.status, 400);
    let (_, first) = bench.deferred(json!({ "ask": "one?" })).await;
    assert_eq!(bench.get(&path_of(&first)).await.status, 200);
    bench.deferred(json!({ "ask": "two?" })).await;
    let refused = bench.get(&path_of(&first)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"].as_str().unwrap().contains("other interactions"));
}
