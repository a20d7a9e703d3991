//! Tests commands in the menu of a message, forms and completions.

use serde_json::{Value, json};

use crate::bench::{Bench, Worker};

fn form() -> Value {
    let input = json!({ "type": 4, "custom_id": "question", "style": 2, "required": false, "max_length": 10 });
    let label = json!({ "type": 18, "label": "What?", "component": input });
    json!({ "type": 9, "data": { "custom_id": "ask:1", "title": "Ask", "components": [label] } })
}

async fn said(bench: &Bench) -> String {
    let said = json!({ "as": "alex", "content": "hello", "files": ["a.png"], "embeds": [{ "title": "T" }] });
    let said = bench.post("/lab/channels/general/messages", &said).await.body;
    assert_eq!((&said["author"], &said["person"]), (&json!("Alex"), &json!("alex")));
    said["id"].as_str().unwrap().to_owned()
}

/// Why an order was not carried out.
async fn refused(bench: &Bench, mut order: Value) -> String {
    order["worker"] = json!("http://127.0.0.1:9");
    let got = bench.send("POST", "/lab/interactions", &[], order.to_string()).await.unwrap();
    assert_eq!(got.status, 400, "{}", got.body);
    got.body["error"].as_str().unwrap().to_owned()
}

fn last(worker: &Worker) -> Value {
    let received = worker.received.lock().unwrap();
    serde_json::from_slice(&received.last().unwrap().1).unwrap()
}

#[tokio::test]
async fn a_command_of_a_message_brings_the_message_along() {
    let bench = Bench::start().await;
    let worker = Worker::start(form()).await;
    let id = said(&bench).await;
    let order = json!({ "on": { "command": "Ask Miyabi", "message": id } });
    let done = bench.deliver(&worker, order).await;
    assert_eq!(done["violations"], json!([]), "{done}");
    let sent = last(&worker);
    let data = &sent["data"];
    assert_eq!(
        (&data["name"], &data["type"], &data["target_id"]),
        (&json!("Ask Miyabi"), &json!(3), &json!(id))
    );
    let message = &data["resolved"]["messages"][&id];
    assert_eq!(
        (&message["content"], &message["author"]["global_name"]),
        (&json!("hello"), &json!("Alex"))
    );
    assert_eq!(message["attachments"][0]["filename"], "a.png");
    assert!(message.get("webhook_id").is_none() && data.get("options").is_none());
    let order = json!({ "in": "random", "on": { "command": "Ask Miyabi", "message": id } });
    let refused = refused(&bench, order).await;
    assert!(refused.contains("sees no message"), "{refused}");
}

#[tokio::test]
async fn a_form_is_sent_with_what_its_fields_take_and_by_who_opened_it() {
    let bench = Bench::start().await;
    let worker = Worker::start(form()).await;
    let id = said(&bench).await;
    let opened = bench.deliver(&worker, json!({ "on": { "command": "x", "message": id } })).await;
    let of = &opened["id"];
    let worker = Worker::start(json!({ "type": 5, "data": { "flags": 64 } })).await;
    let sent = |values: Value| json!({ "form": { "of": of, "values": values } });
    for (order, why) in [
        (sent(json!({ "question": "much too long" })), "wrong length"),
        (sent(json!({ "other": "x" })), "no field"),
        (json!({ "form": { "of": "1" } }), "opened no form"),
        (json!({ "as": "alex", "form": { "of": of } }), "opened no form"),
    ] {
        let refused = refused(&bench, order).await;
        assert!(refused.contains(why), "{refused}");
    }
    let done = bench.deliver(&worker, sent(json!({ "question": "why?" }))).await;
    assert_eq!(done["violations"], json!([]), "{done}");
    let sent = last(&worker);
    assert_eq!((&sent["type"], &sent["data"]["custom_id"]), (&json!(5), &json!("ask:1")));
    let input = &sent["data"]["components"][0]["component"];
    assert_eq!((&input["custom_id"], &input["value"]), (&json!("question"), &json!("why?")));
    assert_ne!(&sent["id"], of);
}

#[tokio::test]
async fn a_form_that_discord_would_refuse_is_a_violation() {
    let bench = Bench::start().await;
    let id = said(&bench).await;
    let mut wrong = form();
    wrong["data"]["title"] = json!("x".repeat(46));
    let worker = Worker::start(wrong).await;
    let done = bench.deliver(&worker, json!({ "on": { "command": "x", "message": id } })).await;
    assert!(done["violations"].to_string().contains("title"), "{done}");
    let worker = Worker::start(form()).await;
    let opened = bench.deliver(&worker, json!({ "on": { "command": "x", "message": id } })).await;
    let done = bench.deliver(&worker, json!({ "form": { "of": opened["id"] } })).await;
    assert!(done["violations"].to_string().contains("not 4 or 5"), "no form after a form: {done}");
}

#[tokio::test]
async fn completions_are_choices_of_no_more_than_a_hundred_letters() {
    let bench = Bench::start().await;
    let order = json!({ "complete": { "command": "ask", "option": "model", "value": "ll" } });
    let choices = |value: String| json!({ "type": 8, "data": { "choices": [{ "name": "one", "value": value }] } });
    let worker = Worker::start(choices("llama".to_owned())).await;
    let done = bench.deliver(&worker, order.clone()).await;
    assert_eq!(done["violations"], json!([]), "{done}");
    let sent = last(&worker);
    let option = json!({ "name": "model", "type": 3, "value": "ll", "focused": true });
    assert_eq!((&sent["type"], &sent["data"]["options"]), (&json!(4), &json!([option])));
    let worker = Worker::start(choices("l".repeat(101))).await;
    let done = bench.deliver(&worker, order.clone()).await;
    assert!(done["violations"].to_string().contains("wrong length"), "{done}");
    let worker = Worker::start(json!({ "type": 4, "data": { "content": "no" } })).await;
    let done = bench.deliver(&worker, order).await;
    assert!(done["violations"].to_string().contains("type 8"), "{done}");
}
