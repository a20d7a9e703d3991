//! Tests the messages of interactions: `@original`, follow-ups, and their expiry.

use serde_json::{Value, json};

use crate::bench::{Bench, Worker};

const NOTHING: Value = Value::Null;

#[tokio::test]
async fn a_deferred_reply_is_edited_and_removed() {
    let bench = Bench::start().await;
    let (path, _) = bench.deferred(json!({ "ask": "why?" })).await;
    let original = format!("{path}/messages/@original");
    let thinking = &bench.seen("general").await[0];
    assert_eq!((&thinking["is_thinking"], &thinking["only_for"]), (&json!(true), &json!("mio")));
    assert_eq!(bench.call("PATCH", &original, &json!({})).await.body["code"], 50006);
    let edited = bench.call("PATCH", &original, &json!({ "content": "because" })).await;
    assert_eq!((edited.status, &edited.body["flags"]), (200, &json!(64)));
    assert_eq!(bench.call("GET", &original, &NOTHING).await.body["content"], "because");
    assert_eq!(bench.call("DELETE", &original, &NOTHING).await.status, 204);
    assert_eq!(bench.call("DELETE", &original, &NOTHING).await.body["code"], 10008);
    assert_eq!(bench.contents("general").await.len(), 0);
}

#[tokio::test]
async fn the_first_follow_up_edits_the_deferred_reply_and_the_next_is_new() {
    let bench = Bench::start().await;
    let (path, _) = bench.deferred(json!({ "ask": "why?", "in": "random" })).await;
    let first = json!({ "content": "one", "username": "Mio", "avatar_url": "https://x.yz/a.png" });
    let got = bench.call("POST", &path, &first).await;
    assert_eq!((got.status, &got.body["author"]["username"]), (200, &json!("miyabi-lab")));
    bench.call("POST", &path, &json!({ "content": "two" })).await;
    bench.call("POST", &path, &json!({ "content": "three", "flags": 64 })).await;
    let seen = bench.seen("random").await;
    let visible: Vec<_> = seen.iter().map(|m| (&m["content"], &m["only_for"])).collect();
    let mio = json!("mio");
    assert_eq!(visible[0], (&json!("one"), &mio));
    assert_eq!(visible[1], (&json!("two"), &Value::Null));
    assert_eq!(visible[2], (&json!("three"), &mio));
    let notes = bench.calls("follow_up").await[0]["notes"].to_string();
    assert!(notes.contains("`username` is ignored") && notes.contains("edited @original"));
    let second = seen[1]["id"].as_str().unwrap();
    let got =
        bench.call("PATCH", &format!("{path}/messages/{second}"), &json!({ "content": "2" })).await;
    assert_eq!(got.body["content"], "2");
}

#[tokio::test]
async fn an_app_only_the_asker_installed_has_five_follow_ups() {
    let bench = Bench::start().await;
    let owners = json!({ "0": null, "1": "1180000000000000501" });
    let order =
        json!({ "ask": "why?", "interaction": { "authorizing_integration_owners": owners } });
    let (path, _) = bench.deferred(order).await;
    bench.call("PATCH", &format!("{path}/messages/@original"), &json!({ "content": "x" })).await;
    let body = json!({ "content": "a" });
    for _ in 0..5 {
        assert_eq!(bench.call("POST", &path, &body).await.status, 200);
    }
    let got = bench.call("POST", &path, &body).await;
    assert_eq!((got.status, &got.body["code"]), (400, &json!(40094)));
}

#[tokio::test]
async fn tokens_end() {
    let bench = Bench::start().await;
    let (path, done) = bench.deferred(json!({ "ask": "why?" })).await;
    let original = format!("{path}/messages/@original");
    let interaction = format!("/lab/interactions/{}", done["id"].as_str().unwrap());
    bench.post(&interaction, &json!({ "dismiss": true })).await;
    let body = json!({ "content": "a" });
    assert_eq!(bench.call("PATCH", &original, &body).await.body["code"], 10008);
    bench.post(&interaction, &json!({ "expire": true })).await;
    let got = bench.call("PATCH", &original, &body).await;
    assert_eq!((got.status, &got.body["code"]), (401, &json!(50027)));
    let unknown = format!("/api/v10/webhooks/{}/nope", bench.text("application_id"));
    let got = bench.call("POST", &unknown, &body).await;
    assert_eq!((got.status, &got.body["code"]), (404, &json!(10015)));
}

#[tokio::test]
async fn a_token_works_only_after_the_acknowledgement() {
    let bench = Bench::start().await;
    let worker = Worker::answering(500, "text/plain", json!("no"), 0).await;
    let done = bench.deliver(&worker, json!({ "ask": "why?" })).await;
    let token = done["token"].as_str().unwrap();
    let path = format!("/api/v10/webhooks/{}/{token}", bench.text("application_id"));
    let got = bench.call("POST", &path, &json!({ "content": "a" })).await;
    assert_eq!((got.status, &got.body["code"]), (404, &json!(10015)));
    let note = &bench.calls("follow_up").await[0]["notes"][0];
    assert_eq!(*note, "the interaction has not been acknowledged yet");
}

#[tokio::test]
async fn a_locked_thread_takes_no_answer() {
    let bench = Bench::start().await;
    let (path, _) = bench.deferred(json!({ "ask": "why?", "in": "thread" })).await;
    bench.post("/lab/config", &json!({ "thread_locked": true })).await;
    let original = format!("{path}/messages/@original");
    let got = bench.call("PATCH", &original, &json!({ "content": "a" })).await;
    assert_eq!((got.status, &got.body["code"]), (400, &json!(50083)));
}
