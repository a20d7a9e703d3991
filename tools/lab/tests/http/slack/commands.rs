//! Tests slash commands, buttons and shortcuts.

use serde_json::{Value, json};

use super::{Slack, received};
use crate::bench::Worker;

impl Slack {
    /// Path of a `response_url`.
    fn hook(&self, body: &Value) -> String {
        let url = body["response_url"].as_str().unwrap();
        url.strip_prefix(&self.bench.url).unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_command_is_a_form_and_its_answer_is_shown_to_whom_it_is_for() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({ "response_type": "ephemeral", "text": "Only you." })).await;
    let order = json!({ "command": "/miyabi", "text": "help me", "in": "random", "as": "alex" });
    let done = slack.order(&worker, order).await;
    let fields = &received(&worker)[0];
    assert_eq!((&fields["command"], &fields["text"]), (&json!("/miyabi"), &json!("help me")));
    assert_eq!(
        (&fields["user_id"], &fields["channel_name"]),
        (&json!(slack.user("alex")), &json!("random"))
    );
    assert_eq!(*fields, done["deliveries"][0]["body"]);
    let seen = slack.seen("random").await;
    assert_eq!(
        (&seen["ephemerals"][0]["to"], &seen["ephemerals"][0]["text"]),
        (&json!("alex"), &json!("Only you."))
    );
    assert_eq!(seen["messages"], json!([]));

    let loud = Worker::start(json!({ "response_type": "in_channel" })).await;
    slack.order(&loud, json!({ "command": "/ask", "text": "why?", "in": "general" })).await;
    let seen = slack.seen("general").await;
    let typed = &seen["messages"][0];
    assert_eq!((&typed["kind"], &typed["text"]), (&json!("command"), &json!("/ask why?")));
    assert_eq!(seen["messages"].as_array().unwrap().len(), 1);
    // It is no message to the API.
    let history = json!({ "channel": slack.channel("general") });
    assert_eq!(slack.done("conversations.history", history).await["messages"], json!([]));
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_command_that_fails_says_so_and_a_wrong_answer_is_a_mistake() {
    let slack = Slack::start().await;
    let broken = Worker::answering(500, "text/plain", json!(null), 0).await;
    let done = slack.order(&broken, json!({ "command": "/ask", "text": "why?" })).await;
    assert_eq!(done["deliveries"][0]["attempts"].as_array().unwrap().len(), 1);
    let seen = slack.seen("dm:mio").await;
    assert_eq!(seen["ephemerals"][0]["by"], "slack");
    assert_eq!(seen["ephemerals"][0]["text"], "/ask failed with the error \"dispatch_failed\"");
    for wrong in [
        json!({ "response_type": "public", "text": "a" }),
        json!({ "text": "a", "content": "b" }),
        json!({ "blocks": [{ "type": "section" }] }),
    ] {
        let before = slack.bench.violations().await.len();
        let worker = Worker::start(wrong.clone()).await;
        slack.order(&worker, json!({ "command": "/ask" })).await;
        assert_eq!(slack.bench.violations().await.len(), before + 1, "{wrong}");
    }
    assert_eq!(slack.seen("dm:mio").await["ephemerals"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_button_of_a_message_is_pressed() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    let button = |id: &str| json!({ "type": "button", "action_id": id, "value": "job", "text": { "type": "plain_text", "text": id } });
    let blocks = json!([{ "type": "actions", "block_id": "x", "elements": [button("again"), button("why")] }]);
    let arguments = json!({ "channel": slack.channel("general"), "text": "a", "blocks": blocks });
    let message = slack.done("chat.postMessage", arguments.clone()).await;
    let press = json!({ "message": message["ts"], "action_id": "why" });
    slack.order(&worker, json!({ "press": press, "in": "general", "as": "alex" })).await;
    let payload = received(&worker)[0].clone();
    assert_eq!((&payload["type"], &payload["enterprise"]), (&json!("block_actions"), &Value::Null));
    let action = &payload["actions"][0];
    assert_eq!(
        (&action["action_id"], &action["block_id"], &action["value"]),
        (&json!("why"), &json!("x"), &json!("job"))
    );
    assert_eq!(payload["container"]["message_ts"], message["ts"]);
    assert_eq!(payload["message"]["blocks"][0]["block_id"], "x");
    assert_eq!(payload["user"]["id"], slack.user("alex"));
    assert_eq!(payload["channel"]["id"], slack.channel("general"));
    let none = json!({ "message": message["ts"], "action_id": "delete" });
    let body = json!({ "press": none, "in": "general", "worker": worker.url }).to_string();
    let got = slack.bench.send("POST", "/lab/slack/events", &[], body).await.unwrap();
    assert_eq!(got.status, 400);

    // One that only its reader sees, which its `response_url` takes away.
    let mut whisper = arguments;
    whisper["user"] = json!(slack.user("mio"));
    let whisper = slack.done("chat.postEphemeral", whisper).await;
    let press = json!({ "message": whisper["message_ts"], "action_id": "again" });
    slack.order(&worker, json!({ "press": press, "in": "general" })).await;
    let all = received(&worker);
    let payload = all.iter().find(|it| it["container"]["is_ephemeral"] == true).unwrap();
    let path = slack.hook(payload);
    slack.bench.call("POST", &path, &json!({ "delete_original": true })).await;
    assert_eq!(slack.seen("general").await["ephemerals"], json!([]));
}

#[tokio::test]
async fn buttons_of_homes_and_shortcuts_of_messages_are_interactions_too() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    let button = json!({ "type": "button", "action_id": "a", "text": { "type": "plain_text", "text": "A" } });
    let view = json!({ "type": "home", "blocks": [{ "type": "actions", "elements": [button] }] });
    slack.done("views.publish", json!({ "user_id": slack.user("mio"), "view": view })).await;
    slack.order(&worker, json!({ "press": { "action_id": "a" } })).await;
    let payload = &received(&worker)[0];
    assert_eq!((&payload["container"]["type"], payload.get("channel")), (&json!("view"), None));
    let done =
        slack.order(&worker, json!({ "text": "hard words", "in": "general", "as": "alex" })).await;
    let shortcut = json!({ "callback_id": "ask_about", "message": done["messages"][0] });
    slack.order(&worker, json!({ "shortcut": shortcut, "in": "general" })).await;
    let payload = received(&worker)[2].clone();
    assert_eq!(
        (&payload["type"], &payload["callback_id"]),
        (&json!("message_action"), &json!("ask_about"))
    );
    assert_eq!(
        (&payload["message"]["text"], &payload["message_ts"]),
        (&json!("hard words"), &done["messages"][0])
    );
}

#[tokio::test]
async fn a_response_url_works_five_times() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!(null)).await;
    slack.order(&worker, json!({ "command": "/ask", "text": "why?", "in": "general" })).await;
    let path = slack.hook(&received(&worker)[0]);
    for _ in 0..5 {
        let got = slack.bench.call("POST", &path, &json!({ "text": "late" })).await;
        assert_eq!((got.status, got.body), (200, json!("ok")));
    }
    let got = slack.bench.call("POST", &path, &json!({ "text": "late" })).await;
    assert_eq!((got.status, &got.body["error"]), (404, &json!("used_url")));
    assert_eq!(slack.seen("general").await["ephemerals"].as_array().unwrap().len(), 5);
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
}
