//! Tests how requests are signed, what they have, and when they are sent again.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{WhatsApp, received};
use crate::bench::{Received, Worker};

/// The signature that a request should have, computed as the documentation says.
fn signature(whatsapp: &WhatsApp, (_, body): &Received) -> String {
    let secret = whatsapp.world("/app_secret");
    let pad = |with: u8| -> Vec<u8> {
        let key = secret.bytes().chain(std::iter::repeat(0)).take(64);
        key.map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::digest([pad(0x36), body.to_vec()].concat());
    format!("sha256={}", hex::encode(Sha256::digest([pad(0x5c), inner.to_vec()].concat())))
}

#[tokio::test]
async fn each_request_is_signed() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    whatsapp.order(&worker, json!({ "text": "なぜ?", "copies": 2 })).await;
    let all = worker.received.lock().unwrap().clone();
    assert_eq!(all.len(), 2);
    for request in &all {
        assert_eq!(request.0["x-hub-signature-256"], signature(&whatsapp, request));
    }
}

#[tokio::test]
async fn a_request_is_sent_again_until_it_is_taken() {
    let whatsapp = WhatsApp::start().await;
    whatsapp.configure(json!({ "retry_ms": [1], "attempts": 4 })).await;
    let broken = Worker::answering(503, "text/plain", json!(null), 0).await;
    let done = whatsapp.order(&broken, json!({ "text": "a" })).await;
    let id = done["deliveries"][0]["id"].clone();
    let fate = async || whatsapp.bench.get("/lab/whatsapp/messages").await.body[0]["state"].clone();
    while fate().await == "waiting" {
        tokio::task::yield_now().await;
    }
    assert_eq!(fate().await, "given_up");
    let all = broken.received.lock().unwrap().clone();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|(_, body)| *body == all[0].1), "it is the same each time");
    let worker = Worker::start(json!({})).await;
    let done = whatsapp.order(&worker, json!({ "again": id })).await;
    assert_eq!(done["deliveries"][0]["state"], "taken");
}

#[tokio::test]
async fn a_request_of_somebody_else_is_to_be_refused() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    for signature in ["", "sha256=00", "sha1=00"] {
        whatsapp.order(&worker, json!({ "text": "a", "signature": signature })).await;
    }
    let violations = whatsapp.bench.violations().await;
    assert_eq!(violations.len(), 3, "{violations:?}");
    let strict = Worker::answering(401, "text/plain", json!(null), 0).await;
    whatsapp.order(&strict, json!({ "text": "a", "signature": "" })).await;
    assert_eq!(whatsapp.bench.violations().await.len(), 3);
    assert_eq!(strict.received.lock().unwrap().len(), 1, "and it is sent once");
}

#[tokio::test]
async fn several_entries_have_several_messages_and_statuses() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    let texts = |texts: [&str; 3]| texts.map(|text| json!({ "text": text }));
    let status = json!({ "id": "wamid.1", "status": "sent", "timestamp": "1796000000" });
    let order = json!({
        "entries": [texts(["a", "b", "c"]), texts(["d", "e", "f"])], "statuses": [status],
    });
    let done = whatsapp.order(&worker, order).await;
    assert_eq!(done["messages"].as_array().unwrap().len(), 6);
    let values = received(&worker);
    assert_eq!(worker.received.lock().unwrap().len(), 1);
    let count = |value: &Value, name: &str| value[name].as_array().map_or(0, Vec::len);
    let counts: Vec<(usize, usize, usize)> = values
        .iter()
        .map(|it| (count(it, "contacts"), count(it, "messages"), count(it, "statuses")))
        .collect();
    assert_eq!(counts, [(1, 3, 0), (1, 3, 0), (0, 0, 1)]);
}

#[tokio::test]
async fn other_fields_and_numbers_are_delivered() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    let update = json!({ "field": "account_update", "value": { "event": "VERIFIED_ACCOUNT" } });
    whatsapp.order(&worker, update).await;
    let metadata = json!({ "metadata": { "phone_number_id": "1" } });
    whatsapp.order(&worker, json!({ "text": "a", "value": metadata })).await;
    whatsapp.order(&worker, json!({ "as": "sora", "new_user_id": "JP.2" })).await;
    whatsapp.order(&worker, json!({ "raw_body": "{" })).await;
    let values = received(&worker);
    assert_eq!(values[0], json!({ "event": "VERIFIED_ACCOUNT" }));
    assert_eq!(values[1]["metadata"]["phone_number_id"], "1");
    assert_eq!(values[2]["messages"][0]["system"]["type"], "user_changed_user_id");
    let ids = &values[3]["user_id_update"][0]["user_id"];
    assert_eq!(*ids, json!({ "previous": "JP.71800000000000000503", "current": "JP.2" }));
    assert_eq!(values.len(), 4);
}

#[tokio::test]
async fn a_button_and_a_row_come_back_as_messages() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    whatsapp.order(&worker, json!({ "text": "a" })).await;
    let button = json!({ "type": "reply", "reply": { "id": "again:1", "title": "Again" } });
    let interactive = json!({
        "type": "button", "body": { "text": "b" }, "action": { "buttons": [button] },
    });
    let id = whatsapp.sent(json!({ "type": "interactive", "interactive": interactive })).await;
    let press = |button: &str| json!({ "press": { "message": id, "id": button } });
    whatsapp.order(&worker, press("again:1")).await;
    let values = received(&worker);
    let is_it = |value: &&Value| value["messages"][0]["type"] == "interactive";
    let message = &values.iter().find(is_it).unwrap()["messages"][0];
    let reply = json!({ "id": "again:1", "title": "Again" });
    assert_eq!(message["interactive"], json!({ "type": "button_reply", "button_reply": reply }));
    assert_eq!(message["context"], json!({ "from": "15550783881", "id": id }));
    let order = json!({ "press": { "message": id, "id": "x" }, "worker": worker.url });
    let got = whatsapp.bench.send("POST", "/lab/whatsapp/messages", &[], order.to_string()).await;
    assert_eq!(got.unwrap().status, 400);
}
