//! Tests windows: who can open one, what stands in it, and what is answered when it is sent.

use serde_json::{Value, json};

use super::Slack;
use crate::bench::Worker;

fn view() -> Value {
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let element = json!({
        "type": "plain_text_input", "action_id": "a", "multiline": true, "max_length": 3_000,
    });
    json!({
        "type": "modal", "callback_id": "form", "private_metadata": "{}", "title": plain("Ask"),
        "submit": plain("Send"),
        "blocks": [{ "type": "input", "block_id": "b", "label": plain("What?"), "element": element }],
    })
}

impl Slack {
    /// A person uses a shortcut; returns what a window can be opened by.
    async fn trigger(&self, worker: &Worker) -> String {
        let message = self.write(json!({ "text": "hi", "in": "general" })).await;
        let shortcut = json!({ "callback_id": "x", "message": message });
        let done = self.order(worker, json!({ "shortcut": shortcut, "in": "general" })).await;
        done["deliveries"][0]["body"]["trigger_id"].as_str().unwrap().to_owned()
    }

    async fn window(&self) -> Value {
        self.seen("dm:mio").await["windows"][0].clone()
    }
}

#[tokio::test]
async fn a_window_opens_once_for_what_somebody_has_just_done_and_closes_when_it_is_taken() {
    let slack = Slack::start().await;
    let refusal = json!({ "response_action": "errors", "errors": { "b": "Not now." } });
    let (worker, refuses) = (Worker::start(Value::Null).await, Worker::start(refusal).await);
    let open = json!({ "trigger_id": slack.trigger(&worker).await, "view": view() });
    assert!(slack.done("views.open", open.clone()).await["view"]["id"].is_string());
    assert_eq!(slack.refused("views.open", open).await, "exchanged_trigger_id");
    let unknown = json!({ "trigger_id": "1.2.3", "view": view() });
    assert_eq!(slack.refused("views.open", unknown).await, "invalid_trigger_id");
    assert_eq!(slack.window().await["title"]["text"], "Ask");

    let sent = slack.order(&refuses, json!({ "submit": { "text": "why?" } })).await;
    let body = &sent["deliveries"][0]["body"];
    assert_eq!(
        (&body["type"], &body["view"]["state"]["values"]["b"]["a"]["value"]),
        (&json!("view_submission"), &json!("why?"))
    );
    assert_eq!(body["channel"], Value::Null, "a window is nowhere");
    assert_eq!(slack.window().await["errors"]["b"], "Not now.");
    slack.order(&worker, json!({ "submit": { "text": "why?" } })).await;
    assert_eq!(slack.window().await, Value::Null);
}

#[tokio::test]
async fn a_window_has_fields_and_limits() {
    let slack = Slack::start().await;
    let worker = Worker::start(Value::Null).await;
    let trigger = slack.trigger(&worker).await;
    for (at, value) in [
        ("/type", json!("home")),
        ("/title/text", json!("a".repeat(25))),
        ("/submit", json!(null)),
        ("/private_metadata", json!("a".repeat(3_001))),
        ("/blocks/0/type", json!("section")),
        ("/blocks/0/element/max_length", json!(3_001)),
        ("/blocks/0/element/type", json!("checkboxes")),
        ("/blocks/0/label/type", json!("mrkdwn")),
        ("/blocks", json!([])),
    ] {
        let mut wrong = view();
        *wrong.pointer_mut(at).unwrap() = value;
        let open = json!({ "trigger_id": trigger, "view": wrong });
        assert_eq!(slack.refused("views.open", open).await, "invalid_arguments", "{at}");
    }
    slack.done("views.open", json!({ "trigger_id": trigger, "view": view() })).await;
}
