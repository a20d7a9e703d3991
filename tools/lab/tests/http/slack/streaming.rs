//! Tests messages that grow.

use serde_json::{Value, json};

use super::Slack;

impl Slack {
    /// Starts a stream under a message; returns its time.
    async fn stream(&self, channel: &str, thread: &str, more: Value) -> Result<String, String> {
        let mut arguments = json!({ "channel": self.channel(channel), "thread_ts": thread });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let got = self.call("chat.startStream", &arguments).await.body;
        match got["ts"].as_str() {
            Some(ts) => Ok(ts.to_owned()),
            None => Err(got["error"].as_str().unwrap().to_owned()),
        }
    }

    fn reader(&self) -> Value {
        json!({
            "recipient_user_id": self.user("mio"), "recipient_team_id": self.world("/team/id"),
        })
    }
}

#[tokio::test]
async fn a_message_grows_until_it_is_stopped() {
    let slack = Slack::start().await;
    let root = slack.write(json!({ "text": "why?" })).await;
    let ts = slack.stream("dm:mio", &root, json!({ "markdown_text": "One" })).await.unwrap();
    let at = |more: Value| {
        let mut arguments = json!({ "channel": slack.channel("dm:mio"), "ts": ts });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    slack.done("chat.appendStream", at(json!({ "markdown_text": " two" }))).await;
    let seen = slack.seen("dm:mio").await["messages"][1].clone();
    assert_eq!((&seen["text"], &seen["streaming"]), (&json!("One two"), &json!("in_progress")));
    let update = at(json!({ "text": "x" }));
    assert_eq!(slack.refused("chat.update", update).await, "streaming_state_conflict");

    let stop = json!({
        "markdown_text": " three", "blocks": [{ "type": "divider" }],
        "metadata": { "event_type": "a", "event_payload": {} },
    });
    slack.done("chat.stopStream", at(stop)).await;
    let seen = slack.seen("dm:mio").await["messages"][1].clone();
    assert_eq!((&seen["text"], &seen["streaming"]), (&json!("One two three"), &json!("completed")));
    assert_eq!(seen["blocks"][1]["type"], "divider");
    assert_eq!(seen["metadata"]["event_type"], "a");

    let error = "message_not_in_streaming_state";
    let more = at(json!({ "markdown_text": "x" }));
    assert_eq!(slack.refused("chat.appendStream", more).await, error);
    assert_eq!(slack.refused("chat.stopStream", at(json!({}))).await, error);
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    slack.done("chat.update", at(json!({ "text": "whole" }))).await;
}

#[tokio::test]
async fn in_a_channel_a_stream_names_its_reader() {
    let slack = Slack::start().await;
    let root = slack.write(json!({ "text": "why?", "in": "general" })).await;
    let stream = |more: Value| slack.stream("general", &root, more);
    assert_eq!(stream(json!({})).await, Err("missing_recipient_user_id".to_owned()));
    let user = json!({ "recipient_user_id": slack.user("mio") });
    assert_eq!(stream(user).await, Err("missing_recipient_team_id".to_owned()));
    let mut other = slack.reader();
    other["recipient_team_id"] = json!("T0");
    assert_eq!(stream(other).await, Err("team_not_found".to_owned()));
    let mut nobody = slack.reader();
    nobody["recipient_user_id"] = json!("U0");
    assert_eq!(stream(nobody).await, Err("user_not_found".to_owned()));
    assert_eq!(slack.bench.violations().await.len(), 4);
    assert!(stream(slack.reader()).await.is_ok());
}

#[tokio::test]
async fn only_own_texts_of_a_bounded_length_are_streamed() {
    let slack = Slack::start().await;
    let root = slack.write(json!({ "text": "why?" })).await;
    let channel = slack.channel("dm:mio");
    let append =
        |ts: &str, text: &str| json!({ "channel": channel, "ts": ts, "markdown_text": text });
    let theirs = append(&root, "a");
    assert_eq!(slack.refused("chat.appendStream", theirs).await, "message_not_owned_by_app");
    let posted = slack.say("dm:mio", "a").await;
    let error = slack.refused("chat.appendStream", append(&posted, "a")).await;
    assert_eq!(error, "message_not_in_streaming_state");
    let long = json!({ "markdown_text": "a".repeat(12_001) });
    let error = slack.stream("dm:mio", &root, long).await.unwrap_err();
    assert_eq!(error, "msg_blocks_too_long");
    let ts = slack.stream("dm:mio", &root, json!({})).await.unwrap();
    slack.done("chat.appendStream", append(&ts, &"a".repeat(12_000))).await;
    let error = slack.refused("chat.appendStream", append(&ts, "a")).await;
    assert_eq!(error, "msg_blocks_too_long");
    assert_eq!(slack.refused("chat.appendStream", append(&ts, "")).await, "no_text");
    let arguments = json!({ "channel": channel });
    assert_eq!(slack.refused("chat.startStream", arguments).await, "invalid_arguments");
}

#[tokio::test]
async fn a_message_grows_by_tasks_and_text_in_chunks_and_not_in_both_ways() {
    let slack = Slack::start().await;
    let root = slack.write(json!({ "text": "why?" })).await;
    let task = |status: &str| json!({ "type": "task_update", "id": "1", "title": "Look", "status": status });
    let text = |words: &str| json!({ "type": "markdown_text", "text": words });
    let begin = json!({ "chunks": [task("in_progress")] });
    let ts = slack.stream("dm:mio", &root, begin).await.unwrap();
    let at = |more: Value| {
        let mut arguments = json!({ "channel": slack.channel("dm:mio"), "ts": ts });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let more = json!({ "chunks": [text("So"), task("complete"), text(" it is.")] });
    slack.done("chat.appendStream", at(more)).await;
    let seen = slack.seen("dm:mio").await["messages"][1].clone();
    assert_eq!(seen["blocks"][0]["status"], "complete");
    assert_eq!(
        (&seen["blocks"][1]["text"], &seen["text"]),
        (&json!("So it is."), &json!("So it is."))
    );
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    for (wrong, error) in [
        (json!({ "markdown_text": "a" }), "streaming_mode_mismatch"),
        (
            json!({ "markdown_text": "a", "chunks": [text("b")] }),
            "cannot_provide_both_markdown_text_and_chunks",
        ),
        (json!({ "chunks": [task("over")] }), "invalid_chunks"),
        (json!({ "chunks": [{ "type": "task_update", "id": "1" }] }), "invalid_chunks"),
        (json!({ "chunks": [{ "type": "plan_update", "title": "a" }] }), "invalid_chunks"),
        (json!({ "chunks": [text(&"a".repeat(12_001))] }), "msg_blocks_too_long"),
    ] {
        assert_eq!(slack.refused("chat.appendStream", at(wrong)).await, error);
    }
    slack.done("chat.stopStream", at(json!({}))).await;
}
