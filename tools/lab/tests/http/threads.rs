//! Tests archived and locked threads, and `AutoMod`.

use serde_json::{Value, json};

use crate::bench::Bench;

const NOTHING: Value = Value::Null;

fn archived() -> (u16, Value) {
    (400, json!(50083))
}

#[tokio::test]
async fn an_archive_ends_with_a_post_and_takes_no_other_change() {
    let bench = Bench::start().await;
    let thread = format!("thread_id={}", bench.channel("thread"));
    let post = format!("{}?wait=true&{thread}", bench.webhook());
    let body = json!({ "content": "a" });
    let posted = bench.call("POST", &post, &body).await.body;
    let message =
        format!("{}/messages/{}?{thread}", bench.webhook(), posted["id"].as_str().unwrap());
    let (interaction, _) = bench.deferred(json!({ "ask": "why?", "in": "thread" })).await;
    bench.post("/lab/config", &json!({ "thread_archived": true })).await;
    for (method, path) in [
        ("PATCH", &message),
        ("DELETE", &message),
        ("PATCH", &format!("{interaction}/messages/@original")),
        ("POST", &interaction),
    ] {
        let got = bench.call(method, path, &body).await;
        assert_eq!((got.status, got.body["code"].clone()), archived(), "{method} {path}");
    }
    assert_eq!(bench.call("GET", &message, &NOTHING).await.status, 200);
    assert_eq!(bench.call("POST", &post, &json!({})).await.body["code"], 50006);
    assert_eq!(bench.get("/lab/config").await.body["thread_archived"], true);
    assert_eq!(bench.call("POST", &post, &body).await.status, 200);
    assert_eq!(bench.get("/lab/config").await.body["thread_archived"], false);
    assert_eq!(bench.call("PATCH", &message, &body).await.status, 200);
}

#[tokio::test]
async fn a_lock_keeps_posts_out_and_leaves_the_channel_alone() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "thread_locked": true, "thread_archived": true })).await;
    let body = json!({ "content": "a" });
    let post = format!("{}?wait=true&thread_id={}", bench.webhook(), bench.channel("thread"));
    let got = bench.call("POST", &post, &body).await;
    assert_eq!((got.status, got.body["code"].clone()), archived());
    assert_eq!(bench.execute(&body).await.status, 200);
    assert_eq!(bench.get("/lab/config").await.body["thread_archived"], true);
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn automod_keeps_words_out_of_webhooks_messages() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "automod": ["Durian"] })).await;
    let bad = json!({ "content": "a durian!" });
    let got = bench.execute(&bad).await;
    assert_eq!((got.status, &got.body["code"]), (400, &json!(200_000)));
    let posted = bench.execute(&json!({ "content": "a plum" })).await;
    let path = format!("{}/messages/{}", bench.webhook(), posted.body["id"].as_str().unwrap());
    assert_eq!(bench.call("PATCH", &path, &bad).await.body["code"], 200_000);
    let (interaction, _) = bench.deferred(json!({ "ask": "why?" })).await;
    let original = format!("{interaction}/messages/@original");
    assert_eq!(bench.call("PATCH", &original, &bad).await.status, 200);
    assert_eq!(bench.contents("general").await, ["a plum", "a durian!"]);
    assert_eq!(bench.violations().await, Vec::<String>::new());
}
