//! Tests what the Web API refuses, in its words.

use serde_json::{Value, json};

use super::Slack;

#[tokio::test]
async fn only_the_right_token_is_taken_and_every_reply_is_a_200() {
    let slack = Slack::start().await;
    let call = async |headers: &[(&str, &str)]| {
        let got = slack.bench.send("POST", "/slack/api/auth.test", headers, "").await.unwrap();
        (got.status, got.body["error"].clone())
    };
    assert_eq!(call(&[]).await, (200, json!("not_authed")));
    assert_eq!(call(&[("authorization", "Bearer xoxb-x")]).await, (200, json!("invalid_auth")));
    assert_eq!(slack.done("auth.test", json!({})).await["user_id"], slack.world("/bot/id"));
    assert_eq!(slack.refused("chat.scheduleMessage", json!({})).await, "unknown_method");
    assert_eq!(slack.bench.violations().await.len(), 3);
}

#[tokio::test]
async fn each_answer_to_the_token_says_what_the_app_may_do() {
    let slack = Slack::start().await;
    let scopes = async || {
        let got = slack.call("users.info", &json!({ "user": "U0" })).await;
        got.headers["x-oauth-scopes"].clone()
    };
    assert!(scopes().await.contains(",chat:write,chat:write.public,"));
    slack.configure(json!({ "write_public": false })).await;
    assert!(!scopes().await.contains("chat:write.public"));
    let got = slack.bench.send("POST", "/slack/api/auth.test", &[], "").await.unwrap();
    assert_eq!(got.headers.get("x-oauth-scopes"), None, "nobody is told who has no token");
}

#[tokio::test]
async fn arguments_are_those_of_the_reference() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    for (arguments, expected) in [
        (json!({ "channel": channel, "text": "a", "thread": "1" }), "`thread` is unknown"),
        (json!({ "text": "a" }), "missing required field: channel"),
        (json!({ "channel": channel, "text": 5 }), "must be a string [json-pointer:/text]"),
        (json!({ "channel": channel, "blocks": "[]" }), "must be an array [json-pointer:/blocks]"),
        (json!({ "channel": channel, "text": "a", "username": "x" }), "not emulated"),
        (json!({ "channel": channel, "text": "a".repeat(40_001) }), "40,000"),
    ] {
        let got = slack.call("chat.postMessage", &arguments).await.body;
        let details = got["response_metadata"]["messages"].to_string();
        assert_eq!(got["error"], "invalid_arguments", "{arguments}");
        assert!(details.contains(expected), "{details}");
    }
    assert_eq!(slack.bench.violations().await.len(), 6);
    assert_eq!(slack.seen("general").await["messages"], json!([]));
}

#[tokio::test]
async fn what_reads_ignores_json_and_takes_forms_and_queries() {
    let slack = Slack::start().await;
    let body = json!({ "user": slack.user("mio") }).to_string();
    let got = slack.send("/slack/api/users.info", "application/json", body).await;
    assert_eq!(got.body["error"], "invalid_arguments");
    let path = format!("/slack/api/users.info?user={}&include_locale=true", slack.user("mio"));
    let got = slack.send(&path, "application/x-www-form-urlencoded", "").await;
    assert_eq!(got.body["user"]["locale"], "ja-JP");
    let form = format!("channel={}&text=a%26b", slack.channel("general"));
    let kind = "application/x-www-form-urlencoded";
    let got = slack.send("/slack/api/chat.postMessage", kind, form).await;
    assert_eq!(got.body["message"]["text"], "a&b");
    let got = slack.send("/slack/api/chat.postMessage", "application/json", "{").await;
    assert_eq!(got.body["error"], "invalid_json");
    let got = slack.send("/slack/api/chat.postMessage", "text/plain", "a").await;
    assert_eq!(got.body["error"], "invalid_post_type");
}

#[tokio::test]
async fn each_mistake_in_a_message_is_refused() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    let root = slack.say("general", "root").await;
    let reply = json!({ "channel": channel, "text": "reply", "thread_ts": root });
    let reply = slack.done("chat.postMessage", reply).await["ts"].clone();
    let markdown = |length: usize| json!([{ "type": "markdown", "text": "あ".repeat(length) }]);
    let section = json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "" } }]);
    let cases: [(Value, &str); 10] = [
        (json!({}), "no_text"),
        (json!({ "text": "" }), "no_text"),
        (json!({ "markdown_text": "a", "text": "b" }), "markdown_text_conflict"),
        (json!({ "markdown_text": "a", "blocks": markdown(1) }), "markdown_text_conflict"),
        (json!({ "markdown_text": "a".repeat(12_001) }), "msg_blocks_too_long"),
        (json!({ "blocks": markdown(12_001) }), "msg_blocks_too_long"),
        (json!({ "blocks": section }), "invalid_blocks"),
        (json!({ "text": "a", "thread_ts": reply }), "cannot_reply_to_message"),
        (json!({ "text": "a", "metadata": { "event_type": "a" } }), "invalid_metadata_format"),
        (json!({ "text": "a", "as_user": true }), "as_user_not_supported"),
    ];
    for (case, expected) in cases {
        let mut arguments = case;
        arguments["channel"] = json!(channel);
        assert_eq!(slack.refused("chat.postMessage", arguments.clone()).await, expected);
    }
    assert_eq!(slack.bench.violations().await.len(), 10);
    // A thread whose root is gone is nobody's mistake.
    let gone = json!({ "channel": channel, "text": "a", "thread_ts": "1700000000.000001" });
    assert_eq!(slack.refused("chat.postMessage", gone).await, "cannot_reply_to_message");
    assert_eq!(slack.bench.violations().await.len(), 10);
    // Just within the limit.
    slack.done("chat.postMessage", json!({ "channel": channel, "blocks": markdown(12_000) })).await;
}

#[tokio::test]
async fn a_channel_has_to_be_known_joined_and_open() {
    let slack = Slack::start().await;
    let post = async |channel: &str| {
        let id = slack.channel(channel);
        let got = slack.call("chat.postMessage", &json!({ "channel": id, "text": "a" })).await;
        got.body["error"].as_str().unwrap_or("ok").to_owned()
    };
    for (channel, expected) in [
        ("general", "ok"),
        ("private", "ok"),
        ("dm:alex", "ok"),
        // The app has `chat:write.public`.
        ("random", "ok"),
        ("secret", "channel_not_found"),
        ("archived", "is_archived"),
    ] {
        assert_eq!(post(channel).await, expected, "{channel}");
    }
    slack
        .configure(
            json!({ "write_public": false, "removed": ["private"], "archived": ["general"] }),
        )
        .await;
    for (channel, expected) in
        [("random", "not_in_channel"), ("private", "channel_not_found"), ("general", "is_archived")]
    {
        assert_eq!(post(channel).await, expected, "{channel}");
    }
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    let unknown = json!({ "channel": "C0", "text": "a" });
    assert_eq!(slack.refused("chat.postMessage", unknown).await, "channel_not_found");
    assert_eq!(slack.bench.violations().await.len(), 1);
}

#[tokio::test]
async fn a_method_needs_a_scope() {
    let slack = Slack::start().await;
    let scopes = |got: &crate::bench::Got| got.headers["x-oauth-scopes"].clone();
    slack.configure(json!({ "missing_scopes": ["users:read", "channels:read"] })).await;
    let got = slack.call("users.info", &json!({ "user": slack.user("mio") })).await;
    assert_eq!(
        (&got.body["error"], &got.body["needed"]),
        (&json!("missing_scope"), &json!("users:read"))
    );
    assert!(!scopes(&got).contains("users:read"));
    // One of several is enough.
    let channel = json!({ "channel": slack.channel("general") });
    slack.done("conversations.info", channel).await;
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
}
