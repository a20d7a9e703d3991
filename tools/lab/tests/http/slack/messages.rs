//! Tests messages: they are posted, changed, deleted, and shown to one person only.

use serde_json::{Value, json};

use super::Slack;

#[tokio::test]
async fn a_message_is_returned_with_a_time_that_no_other_has() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    let mut last = String::new();
    for _ in 0..20 {
        let ts = slack.say("general", "a").await;
        let (seconds, rest) = ts.split_once('.').unwrap();
        assert_eq!((seconds.len(), rest.len()), (10, 6), "{ts}");
        assert!(ts > last, "{ts} {last}");
        last = ts;
    }
    // The same twice is two messages.
    assert_eq!(slack.seen("general").await["messages"].as_array().unwrap().len(), 20);
    let button = json!({ "type": "button", "action_id": "again", "text": { "type": "plain_text", "text": "Again" }, "value": "j" });
    let arguments = json!({
        "channel": channel, "thread_ts": last, "text": "fallback", "unfurl_links": false,
        "blocks": [{ "type": "markdown", "text": "**a**" }, { "type": "actions", "elements": [button] }],
        "metadata": { "event_type": "miyabi_message", "event_payload": { "job": "j", "content": 1 } },
    });
    let done = slack.done("chat.postMessage", arguments).await;
    let message = &done["message"];
    assert_eq!(
        (&message["thread_ts"], &message["parent_user_id"]),
        (&json!(last), &json!(slack.world("/bot/id")))
    );
    assert!(message["bot_id"].is_string() && message["app_id"].is_string());
    assert!(message["blocks"][0]["block_id"].is_string());
    let seen = slack.seen("general").await["messages"][20].clone();
    assert_eq!((&seen["author"], &seen["is_bot"]), (&json!("Miyabi"), &json!(true)));
    assert_eq!(seen["metadata"]["event_payload"]["job"], "j");
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn markdown_text_is_a_block() {
    let slack = Slack::start().await;
    let arguments = json!({ "channel": slack.channel("dm:mio"), "markdown_text": "**a**" });
    let done = slack.done("chat.postMessage", arguments).await;
    assert_eq!(done["message"]["blocks"][0]["text"], "**a**");
}

#[tokio::test]
async fn only_own_messages_are_changed_and_deleted() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    let ts = slack.say("general", "a").await;
    let update = |ts: &str, text: &str| json!({ "channel": channel, "ts": ts, "text": text });
    let done = slack.done("chat.update", update(&ts, "b")).await;
    assert_eq!((&done["ts"], &done["text"]), (&json!(ts), &json!("b")));
    assert!(done["message"]["edited"]["ts"].is_string());
    assert_eq!(slack.refused("chat.update", update(&ts, &"a".repeat(4_001))).await, "msg_too_long");
    let blocks = json!([{ "type": "markdown", "text": "a".repeat(12_001) }]);
    let long = json!({ "channel": channel, "ts": ts, "blocks": blocks });
    assert_eq!(slack.refused("chat.update", long).await, "msg_too_long");

    let theirs = slack.write(json!({ "text": "mine", "in": "general" })).await;
    assert_eq!(slack.refused("chat.update", update(&theirs, "b")).await, "cant_update_message");
    let delete = |ts: &str| json!({ "channel": channel, "ts": ts });
    assert_eq!(slack.refused("chat.delete", delete(&theirs)).await, "cant_delete_message");
    let mistakes = slack.bench.violations().await.len();
    slack.done("chat.delete", delete(&ts)).await;
    assert_eq!(slack.refused("chat.delete", delete(&ts)).await, "message_not_found");
    assert_eq!(slack.refused("chat.update", update(&ts, "b")).await, "message_not_found");
    assert_eq!((mistakes, slack.bench.violations().await.len()), (4, 4));
}

#[tokio::test]
async fn of_a_deleted_root_with_replies_something_stays() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    let root = slack.say("general", "a").await;
    let reply = json!({ "channel": channel, "text": "b", "thread_ts": root });
    slack.done("chat.postMessage", reply).await;
    slack.done("chat.delete", json!({ "channel": channel, "ts": root })).await;
    let found =
        slack.done("conversations.replies", json!({ "channel": channel, "ts": root })).await;
    assert_eq!(found["messages"][0]["subtype"], "tombstone");
    assert_eq!(found["messages"][1]["text"], "b");
}

#[tokio::test]
async fn an_ephemeral_is_for_one_person_of_a_channel_that_the_bot_is_in() {
    let slack = Slack::start().await;
    let whisper = |channel: &str, user: &str| json!({ "channel": slack.channel(channel), "user": slack.user(user), "text": "psst" });
    slack.done("chat.postEphemeral", whisper("general", "alex")).await;
    let seen = slack.seen("general").await;
    assert_eq!(seen["ephemerals"][0]["to"], "alex");
    assert_eq!(seen["messages"], json!([]));
    let history =
        slack.done("conversations.history", json!({ "channel": slack.channel("general") })).await;
    assert_eq!(history["messages"], json!([]));
    assert_eq!(
        slack.refused("chat.postEphemeral", whisper("random", "alex")).await,
        "not_in_channel"
    );
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    let other = whisper("dm:mio", "alex");
    assert_eq!(slack.refused("chat.postEphemeral", other).await, "user_not_in_channel");
    let nobody: Value = json!({ "channel": slack.channel("general"), "user": "U0", "text": "a" });
    assert_eq!(slack.refused("chat.postEphemeral", nobody).await, "user_not_in_channel");
}
