//! Tests limits, and what goes wrong on request.

use serde_json::json;

use super::Slack;

#[tokio::test]
async fn messages_of_a_channel_have_a_pace_and_methods_a_limit() {
    let slack = Slack::start().await;
    slack.configure(json!({ "rate_limits": true })).await;
    let body = json!({ "channel": slack.channel("general"), "text": "a" });
    for _ in 0..3 {
        slack.done("chat.postMessage", body.clone()).await;
    }
    let got = slack.call("chat.postMessage", &body).await;
    assert_eq!((got.status, &got.body["error"]), (429, &json!("ratelimited")));
    assert!(got.headers["retry-after"].parse::<u64>().unwrap() > 0);
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());
    assert_eq!(slack.call("chat.postMessage", &body).await.status, 429);
    let expected = ["slack: called again before `Retry-After` had passed"];
    assert_eq!(slack.bench.violations().await, expected);
    // Another channel has a pace of its own.
    slack.say("private", "a").await;

    let root = slack.write(json!({ "text": "why?" })).await;
    let stream = json!({ "channel": slack.channel("dm:mio"), "thread_ts": root });
    for _ in 0..20 {
        slack.done("chat.startStream", stream.clone()).await;
    }
    assert_eq!(slack.call("chat.startStream", &stream).await.status, 429);
}

#[tokio::test]
async fn a_rule_with_a_status_alone_has_slacks_body() {
    let slack = Slack::start().await;
    let rule = |then| json!({ "match": { "operation": "slack_post_message" }, "then": then });
    let body = json!({ "channel": slack.channel("general"), "text": "a" });
    for (status, error, wait) in [
        (429, "ratelimited", true),
        (503, "service_unavailable", false),
        (500, "internal_error", false),
    ] {
        slack.bench.post("/lab/faults", &rule(json!({ "status": status }))).await;
        let got = slack.call("chat.postMessage", &body).await;
        assert_eq!((got.status, &got.body["error"]), (status, &json!(error)));
        assert_eq!(got.headers.contains_key("retry-after"), wait, "{status}");
    }
    assert_eq!(slack.seen("general").await["messages"], json!([]));
}

#[tokio::test]
async fn a_reply_that_is_lost_leaves_the_message() {
    let slack = Slack::start().await;
    let rule =
        json!({ "match": { "operation": "slack_post_message" }, "then": { "drop": "after" } });
    slack.bench.post("/lab/faults", &rule).await;
    let body = json!({ "channel": slack.channel("general"), "text": "a" }).to_string();
    let token = format!("Bearer {}", slack.world("/bot_token"));
    let headers = [("content-type", "application/json"), ("authorization", token.as_str())];
    let sent = slack.bench.send("POST", "/slack/api/chat.postMessage", &headers, body).await;
    assert!(sent.is_err());
    assert_eq!(slack.seen("general").await["messages"][0]["text"], "a");
}
