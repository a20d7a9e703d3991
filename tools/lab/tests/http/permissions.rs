//! Tests the bot's permissions: webhooks, history, message content.

use serde_json::{Value, json};

use crate::bench::{Bench, Worker};

const NOTHING: Value = Value::Null;

async fn allow(bench: &Bench, permissions: &Value) {
    bench.post("/lab/config", &json!({ "permissions": permissions })).await;
}

/// Status and code of both calls that manage a channel's webhooks.
async fn managing(bench: &Bench, channel: &str) -> [(u16, Value); 2] {
    let path = format!("/api/v10/channels/{}/webhooks", bench.channel(channel));
    let list = bench.as_bot("GET", &path, &NOTHING).await;
    let made = bench.as_bot("POST", &path, &json!({ "name": "Miyabi" })).await;
    [list, made].map(|got| (got.status, got.body["code"].clone()))
}

#[tokio::test]
async fn webhooks_need_their_permission_in_that_channel() {
    let bench = Bench::start().await;
    allow(&bench, &json!({ "random": { "manage_webhooks": false } })).await;
    allow(&bench, &json!({ "forum": { "view_channel": false } })).await;
    assert_eq!(managing(&bench, "random").await, [(403, json!(50013)), (403, json!(50013))]);
    assert_eq!(managing(&bench, "forum").await, [(403, json!(50001)), (403, json!(50001))]);
    assert_eq!(managing(&bench, "general").await, [(200, NOTHING), (200, NOTHING)]);
    assert_eq!(bench.violations().await, Vec::<String>::new());
    assert_eq!(managing(&bench, "group").await, [(403, json!(50001)), (403, json!(50001))]);
    for channel in ["thread", "dm"] {
        assert_eq!(managing(&bench, channel).await, [(400, json!(50024)), (400, json!(50024))]);
    }
    let known = bench.get("/lab/config").await.body["permissions"].clone();
    assert_eq!(
        known["random"],
        json!({ "manage_webhooks": false, "read_history": true, "view_channel": true })
    );
    assert_eq!(known["forum"]["view_channel"], false);
}

async fn history(bench: &Bench, channel: &str) -> (u16, Value) {
    let path = format!("/api/v10/channels/{}/messages", bench.channel(channel));
    let got = bench.as_bot("GET", &path, &NOTHING).await;
    (got.status, got.body)
}

#[tokio::test]
async fn history_is_empty_without_its_permission_and_refused_without_the_channel() {
    let bench = Bench::start().await;
    bench.execute(&json!({ "content": "a" })).await;
    allow(&bench, &json!({ "general": { "read_history": false } })).await;
    assert_eq!(history(&bench, "general").await, (200, json!([])));
    allow(&bench, &json!({ "general": { "view_channel": false } })).await;
    for channel in ["general", "thread", "group"] {
        let (status, body) = history(&bench, channel).await;
        assert_eq!((status, &body["code"]), (403, &json!(50001)), "{channel}");
    }
    assert_eq!(history(&bench, "random").await, (200, json!([])));
    assert_eq!(bench.execute(&json!({ "content": "b" })).await.status, 200);
}

#[tokio::test]
async fn words_need_the_message_content_intent() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "message_content": false })).await;
    let ours = format!("/api/v10/channels/{}/webhooks", bench.channel("general"));
    let ours = bench.as_bot("POST", &ours, &json!({ "name": "Miyabi" })).await.body["url"].clone();
    let ours = ours.as_str().unwrap().replace(&bench.url, "");
    let body = json!({ "content": "secret", "embeds": [{ "title": "x" }] });
    bench.execute(&body).await;
    let posted = bench.call("POST", &format!("{ours}?wait=true"), &body).await.body;
    assert_eq!(posted["content"], "secret");
    bench.execute(&json!({ "content": format!("hi <@{}>", bench.text("application_id")) })).await;
    let worker = Worker::start(json!({ "type": 4, "data": { "content": "own" } })).await;
    bench.deliver(&worker, json!({ "ask": "why?" })).await;
    let (_, list) = history(&bench, "general").await;
    let contents: Vec<_> =
        list.as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(contents[0], "own");
    assert!(contents[1].starts_with("hi <@"));
    assert_eq!(contents[2..], ["", ""]);
    assert_eq!((&list[2]["id"], &list[2]["embeds"]), (&posted["id"], &json!([])));
    // The webhook's own token still shows it.
    let id = posted["id"].as_str().unwrap();
    let got = bench.call("GET", &format!("{ours}/messages/{id}"), &NOTHING).await;
    assert_eq!(got.body["content"], "secret");
}

#[tokio::test]
async fn an_interaction_says_what_the_bot_may_do() {
    let bench = Bench::start().await;
    allow(&bench, &json!({ "general": { "manage_webhooks": false, "read_history": false } })).await;
    let worker = Worker::start(json!({ "type": 5, "data": { "flags": 64 } })).await;
    for place in ["thread", "random", "dm"] {
        bench.deliver(&worker, json!({ "ask": "why?", "in": place })).await;
    }
    let received = worker.received.lock().unwrap().clone();
    let bits = |index: usize| {
        let sent: Value = serde_json::from_slice(&received[index].1).unwrap();
        sent["app_permissions"].as_str().unwrap().parse::<u64>().unwrap()
    };
    let (view, history, webhooks) = (1 << 10, 1 << 16, 1 << 29);
    assert_eq!(bits(0) & (view | history | webhooks), view);
    assert_eq!(bits(1) & (view | history | webhooks), view | history | webhooks);
    assert_eq!(bits(2) & (view | history | webhooks), 0);
}
