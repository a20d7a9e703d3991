//! Tests interactions: signature, delivery and acknowledgement.

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};

use crate::bench::{Bench, Worker};

fn defer() -> Value {
    json!({ "type": 5, "data": { "flags": 64 } })
}

/// Checks a delivery's signature with the public key of the world.
fn is_signed(bench: &Bench, worker: &Worker, index: usize) -> bool {
    let (headers, body) = worker.received.lock().unwrap()[index].clone();
    let key: [u8; 32] = hex::decode(bench.text("public_key")).unwrap().try_into().unwrap();
    let signature = hex::decode(&headers["x-signature-ed25519"]).unwrap();
    let message = [headers["x-signature-timestamp"].as_bytes(), &body].concat();
    let key = VerifyingKey::from_bytes(&key).unwrap();
    key.verify_strict(&message, &Signature::from_slice(&signature).unwrap()).is_ok()
}

#[tokio::test]
async fn delivers_a_signed_question_with_discords_fields() {
    let bench = Bench::start().await;
    let worker = Worker::start(defer()).await;
    let done = bench.deliver(&worker, json!({ "ask": "why?", "as": "mio" })).await;
    assert_eq!((&done["status"], &done["ack"]), (&json!(200), &defer()));
    assert_eq!(done["violations"], json!([]));
    assert!(is_signed(&bench, &worker, 0));
    let (headers, body) = worker.received.lock().unwrap()[0].clone();
    assert_eq!(headers["content-type"], "application/json");
    assert!(headers["user-agent"].starts_with("Discord-Interactions"));
    let sent: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&sent["id"], &sent["token"]), (&done["id"], &done["token"]));
    assert_eq!(sent["data"]["options"][0]["value"], "why?");
    assert_eq!(sent["member"]["nick"], "みお");
    assert_eq!(sent["guild_id"], bench.text("guild_id"));
    assert_eq!(bench.calls("interaction").await[0]["body"], sent);
}

#[tokio::test]
async fn replaces_what_it_is_told_to() {
    let bench = Bench::start().await;
    let worker = Worker::start(json!({ "type": 1 })).await;
    bench.deliver(&worker, json!({ "interaction": { "type": 1 } })).await;
    let patch = json!({ "locale": "fr", "member": null, "data": { "options": [] } });
    let order = json!({ "ask": "x", "as": "alex", "timestamp": "17", "interaction": patch });
    bench.deliver(&worker, order).await;
    bench.deliver(&worker, json!({ "raw_body": "not json" })).await;
    let received = worker.received.lock().unwrap().clone();
    let sent = |index: usize| serde_json::from_slice::<Value>(&received[index].1);
    assert_eq!(sent(0).unwrap()["type"], 1);
    assert!(sent(0).unwrap().get("data").is_none());
    let second = sent(1).unwrap();
    assert_eq!((&second["locale"], &second["data"]["options"]), (&json!("fr"), &json!([])));
    assert!(second.get("member").is_none());
    assert_eq!(received[1].0["x-signature-timestamp"], "17");
    assert_eq!(received[2].1, "not json");
    assert!((0..3).all(|index| is_signed(&bench, &worker, index)));
}

#[tokio::test]
async fn delivers_the_same_interaction_again() {
    let bench = Bench::start().await;
    let worker = Worker::start(defer()).await;
    let first = bench.deliver(&worker, json!({ "ask": "why?" })).await;
    let again = json!({ "id": first["id"], "token": first["token"] });
    let second = bench.deliver(&worker, again).await;
    assert_eq!(second["status"], 200);
    let received = worker.received.lock().unwrap().clone();
    assert_eq!(received[0].1, received[1].1);
    assert_eq!(bench.seen("general").await.len(), 1);
}

#[tokio::test]
async fn a_reply_at_once_is_a_message() {
    let bench = Bench::start().await;
    let worker = Worker::start(json!({ "type": 4, "data": { "content": "hi" } })).await;
    bench.deliver(&worker, json!({ "ask": "why?", "in": "dm" })).await;
    assert_eq!(bench.contents("dm").await, ["hi"]);
}

#[tokio::test]
async fn judges_acknowledgements() {
    let bench = Bench::start().await;
    for (ack, blame) in [
        (json!({ "type": 5, "data": { "content": "x" } }), "cannot carry `content`"),
        (json!({ "type": 5, "data": { "flags": 4 } }), "cannot carry flags 4"),
        (json!({ "type": 4, "data": { "content": "a".repeat(2001) } }), "data.content"),
        (json!({ "type": 4, "data": {} }), "50006"),
        (json!({ "type": 6 }), "type 6 is not 4 or 5"),
        (json!("hello"), "type null"),
    ] {
        let worker = Worker::start(ack.clone()).await;
        let done = bench.deliver(&worker, json!({ "ask": "why?" })).await;
        assert!(done["violations"][0].as_str().unwrap().contains(blame), "{ack}: {done}");
    }
    let worker = Worker::answering(200, "text/plain", defer(), 0).await;
    let done = bench.deliver(&worker, json!({ "ask": "why?" })).await;
    assert_eq!(done["violations"], json!(["an acknowledgement is not `application/json`"]));
    let worker = Worker::start(defer()).await;
    let done = bench.deliver(&worker, json!({ "interaction": { "type": 1 } })).await;
    assert_eq!(done["violations"], json!(["a ping was not answered with type 1"]));
    let worker = Worker::answering(503, "text/plain", json!(""), 0).await;
    let done = bench.deliver(&worker, json!({ "ask": "why?" })).await;
    assert_eq!(done["violations"], json!(["an interaction was answered with status 503"]));
}

#[tokio::test]
async fn wants_401_for_a_wrong_signature() {
    let bench = Bench::start().await;
    let order = json!({ "ask": "why?", "signature": "00".repeat(64) });
    let careful = Worker::answering(401, "text/plain", json!(""), 0).await;
    assert_eq!(bench.deliver(&careful, order.clone()).await["violations"], json!([]));
    let careless = Worker::start(defer()).await;
    let done = bench.deliver(&careless, order).await;
    assert_eq!(done["violations"], json!(["a wrong signature was answered 200, not 401"]));
}

#[tokio::test]
async fn a_late_acknowledgement_kills_the_token() {
    let bench = Bench::start().await;
    bench.post("/lab/config", &json!({ "ack_deadline_ms": 20 })).await;
    let worker = Worker::answering(200, "application/json", defer(), 5000).await;
    let done = bench.deliver(&worker, json!({ "ask": "why?" })).await;
    assert_eq!(
        (&done["status"], &done["error"]),
        (&Value::Null, &json!("no acknowledgement within 20 ms"))
    );
    let token = done["token"].as_str().unwrap();
    let path = format!("/api/v10/webhooks/{}/{token}", bench.text("application_id"));
    let got = bench.call("POST", &path, &json!({ "content": "a" })).await;
    assert_eq!(got.body["code"], 50027);
}
