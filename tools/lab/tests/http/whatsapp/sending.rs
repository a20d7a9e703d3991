//! Tests what the business sends: whom it reaches, when, what they see, and what becomes of it.

use serde_json::{Value, json};

use super::{WhatsApp, statuses};
use crate::bench::Worker;

#[tokio::test]
async fn a_text_is_seen_with_its_marks_and_charged() {
    let whatsapp = WhatsApp::start().await;
    whatsapp.write(json!({ "text": "why?" })).await;
    let text = json!({ "body": "*Yes* `a`\n> so", "preview_url": false });
    let got = whatsapp.post(&json!({ "text": text, "biz_opaque_callback_data": "1.ab" })).await;
    assert_eq!(got.body["contacts"], json!([{ "input": "819012345678", "wa_id": "819012345678" }]));
    let id = got.body["messages"][0]["id"].as_str().unwrap();
    assert!(id.starts_with("wamid.") && id.ends_with('A') || id.contains('/'), "{id}");
    let seen = whatsapp.seen("mio").await;
    let message = &seen["messages"][1];
    assert_eq!((&message["plain"], &message["data"]), (&json!("Yes a\nso"), &json!("1.ab")));
    assert_eq!(message["lines"][0]["runs"][0], json!({ "text": "Yes", "marks": ["bold"] }));
    assert_eq!(message["lines"][1]["kind"], "quote");
    let money = whatsapp.bench.get("/lab/whatsapp/money").await.body;
    assert_eq!(money, json!({ "messages": 1, "categories": { "service": 1 } }));
    assert_eq!(whatsapp.bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn who_shows_no_number_and_a_group_are_written_to_by_their_ids() {
    let whatsapp = WhatsApp::start().await;
    whatsapp.write(json!({ "text": "a", "as": "sora" })).await;
    whatsapp.write(json!({ "text": "a", "as": "alex", "in": "friends" })).await;
    let text = json!({ "body": "b" });
    let by_id = json!({ "to": null, "recipient": "JP.71800000000000000503", "text": text });
    whatsapp.sent(by_id).await;
    let group = whatsapp.world("/groups/friends/id");
    whatsapp.sent(json!({ "to": group, "recipient_type": "group", "text": text })).await;
    for chat in ["sora", "friends"] {
        assert_eq!(whatsapp.seen(chat).await["messages"][1]["text"], "b");
    }
    let money = whatsapp.bench.get("/lab/whatsapp/money").await.body;
    assert_eq!(money["messages"], 3, "one for Sora, two for the group");
    // A group takes no buttons.
    let button = json!({ "type": "reply", "reply": { "id": "a", "title": "A" } });
    let interactive = json!({
        "type": "button", "body": { "text": "a" }, "action": { "buttons": [button] },
    });
    let buttons = json!({
        "to": group, "recipient_type": "group", "type": "interactive", "interactive": interactive,
    });
    assert_eq!(whatsapp.refused(buttons).await, (400, 131_051));
}

#[tokio::test]
async fn outside_of_the_window_only_a_template_reaches_anybody() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    let order = json!({ "text": "a", "age_s": 24 * 3_600 + 1 });
    whatsapp.order(&worker, order).await;
    let late = whatsapp.sent(json!({ "text": { "body": "late" } })).await;
    let all = statuses(&worker, 1).await;
    assert_eq!((&all[0]["id"], &all[0]["status"]), (&json!(late), &json!("failed")));
    assert_eq!(all[0]["errors"][0]["code"], 131_047);
    let components =
        json!([{ "type": "body", "parameters": [{ "type": "text", "text": "pizza" }] }]);
    let template = json!({
        "name": "miyabi_reminder", "language": { "code": "ja" }, "components": components,
    });
    whatsapp.sent(json!({ "type": "template", "template": template })).await;
    let seen = whatsapp.seen("mio").await;
    let texts: Vec<&Value> =
        seen["messages"].as_array().unwrap().iter().map(|it| &it["text"]).collect();
    assert_eq!(texts, ["a", "リマインダーです: pizza"]);
    assert_eq!(seen["failed"][0]["failure"], 131_047);
    let money = whatsapp.bench.get("/lab/whatsapp/money").await.body;
    assert_eq!(money["categories"], json!({ "utility": 1 }));
}

#[tokio::test]
async fn templates_are_checked() {
    let whatsapp = WhatsApp::start().await;
    let template = |name: &str, language: &str, texts: &[&str]| {
        let parameters: Vec<Value> =
            texts.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        let body = json!([{ "type": "body", "parameters": parameters }]);
        let template =
            json!({ "name": name, "language": { "code": language }, "components": body });
        json!({ "type": "template", "template": template })
    };
    let reminder = |texts: &[&str]| template("miyabi_reminder", "en_US", texts);
    whatsapp.sent(reminder(&["pizza"])).await;
    for (fields, code) in [
        (reminder(&[]), 132_000),
        (reminder(&["a", "b"]), 132_000),
        (reminder(&["a\nb"]), 132_018),
        (reminder(&["a\tb"]), 132_018),
        (reminder(&["a     b"]), 132_018),
        (reminder(&[&"a".repeat(1_024)]), 132_005),
    ] {
        assert_eq!(whatsapp.refused(fields.clone()).await, (400, code), "{fields}");
    }
    let other = template("miyabi_reminder", "fr", &["a"]);
    assert_eq!(whatsapp.refused(other).await, (404, 132_001));
    whatsapp.configure(json!({ "paused_templates": ["miyabi_reminder/en_US"] })).await;
    assert_eq!(whatsapp.refused(reminder(&["a"])).await, (400, 132_015));
}

#[tokio::test]
async fn what_becomes_of_a_message_is_told_with_its_data() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    whatsapp.order(&worker, json!({ "text": "a" })).await;
    let id =
        whatsapp.sent(json!({ "text": { "body": "b" }, "biz_opaque_callback_data": "1.ab" })).await;
    let all = statuses(&worker, 3).await;
    let names: Vec<&Value> = all.iter().map(|status| &status["status"]).collect();
    assert_eq!(names, ["sent", "delivered", "read"]);
    for status in &all {
        assert_eq!(
            (&status["id"], &status["biz_opaque_callback_data"]),
            (&json!(id), &json!("1.ab"))
        );
        assert_eq!(status["recipient_id"], "819012345678");
    }
    // Twice, the last first, and the first of them before the reply.
    let switches = json!({ "copies": 2, "are_reversed": true, "are_early": true });
    whatsapp.configure(json!({ "statuses": switches })).await;
    whatsapp.sent(json!({ "text": { "body": "c" } })).await;
    assert!(statuses(&worker, 4).await.len() >= 4, "one was there before the reply");
    let all = statuses(&worker, 9).await;
    assert_eq!(all.len(), 9);
    assert_eq!(all[3]["status"], "read");
    whatsapp.configure(json!({ "unreachable": ["mio"] })).await;
    whatsapp.sent(json!({ "text": { "body": "d" } })).await;
    let all = statuses(&worker, 11).await;
    assert_eq!(
        (&all[9]["status"], &all[9]["errors"][0]["code"]),
        (&json!("failed"), &json!(131_026))
    );
}

#[tokio::test]
async fn a_person_sees_that_it_was_read_and_that_somebody_types() {
    let whatsapp = WhatsApp::start().await;
    let id = whatsapp.write(json!({ "text": "a" })).await;
    let read = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": id,
        "typing_indicator": { "type": "text" },
    });
    let path = format!("{}/messages", whatsapp.world("/phone_number_id"));
    let got = whatsapp.call("POST", &path, &read).await;
    assert_eq!((got.status, got.body), (200, json!({ "success": true })));
    let seen = whatsapp.seen("mio").await;
    assert_eq!((&seen["is_typing"], &seen["messages"][0]["read"]), (&json!(true), &json!(true)));
    whatsapp.sent(json!({ "text": { "body": "b" } })).await;
    assert_eq!(whatsapp.seen("mio").await["is_typing"], false);
    let unknown =
        json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1" });
    let got = whatsapp.call("POST", &path, &unknown).await;
    assert_eq!(got.body["error"]["code"], 131_009);
}

#[tokio::test]
async fn a_pair_and_a_number_have_limits() {
    let whatsapp = WhatsApp::start().await;
    whatsapp.write(json!({ "text": "a" })).await;
    whatsapp.configure(json!({ "rate_limits": true })).await;
    for _ in 0..45 {
        whatsapp.sent(json!({ "text": { "body": "b" } })).await;
    }
    assert_eq!(whatsapp.refused(json!({ "text": { "body": "b" } })).await, (429, 131_056));
    assert_eq!(whatsapp.bench.violations().await, Vec::<String>::new());
}
