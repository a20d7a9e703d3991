//! Tests the assistant's pane and the home of the app.

use serde_json::{Value, json};

use super::Slack;

#[tokio::test]
async fn a_status_is_shown_until_the_bot_writes() {
    let slack = Slack::start().await;
    let root = slack.write(json!({ "text": "why?" })).await;
    let channel = slack.channel("dm:mio");
    let status = json!({
        "channel_id": channel, "thread_ts": root, "status": "thinks…", "loading_messages": ["a", "b"],
    });
    slack.done("assistant.threads.setStatus", status.clone()).await;
    let seen = slack.seen("dm:mio").await;
    assert_eq!(seen["statuses"][0]["status"], "thinks…");
    let reply = json!({ "channel": channel, "thread_ts": root, "text": "So." });
    slack.done("chat.postMessage", reply.clone()).await;
    assert_eq!(slack.seen("dm:mio").await["statuses"], json!([]));

    slack.done("assistant.threads.setStatus", status.clone()).await;
    let mut empty = status.clone();
    empty["status"] = json!("");
    slack.done("assistant.threads.setStatus", empty).await;
    assert_eq!(slack.seen("dm:mio").await["statuses"], json!([]));

    slack.configure(json!({ "status_ms": 0 })).await;
    slack.done("assistant.threads.setStatus", status.clone()).await;
    assert_eq!(slack.seen("dm:mio").await["statuses"], json!([]));
    assert_eq!(slack.bench.violations().await, Vec::<String>::new());

    let mut many = status.clone();
    many["loading_messages"] = json!(vec!["a"; 11]);
    assert_eq!(slack.refused("assistant.threads.setStatus", many).await, "invalid_arguments");
    let mut reply_ts = status;
    reply_ts["thread_ts"] = slack.seen("dm:mio").await["messages"][1]["ts"].clone();
    assert_eq!(slack.refused("assistant.threads.setStatus", reply_ts).await, "invalid_thread_ts");
}

#[tokio::test]
async fn suggestions_are_at_most_four_with_a_title_each() {
    let slack = Slack::start().await;
    let prompts =
        |prompts: Value| json!({ "channel_id": slack.channel("dm:mio"), "prompts": prompts });
    let prompt = json!({ "title": "Time", "message": "What time is it?" });
    let method = "assistant.threads.setSuggestedPrompts";
    slack.done(method, prompts(json!([prompt]))).await;
    assert_eq!(slack.seen("dm:mio").await["prompts"][0]["prompts"][0]["title"], "Time");
    for wrong in [json!([]), json!([{ "title": "a" }]), json!(vec![prompt.clone(); 5])] {
        assert_eq!(slack.refused(method, prompts(wrong)).await, "invalid_arguments");
    }
    let mut in_thread = prompts(json!([prompt]));
    in_thread["thread_ts"] = json!("1.2");
    assert_eq!(slack.refused(method, in_thread).await, "invalid_arguments", "an agent has none");
}

#[tokio::test]
async fn a_home_has_blocks_without_markdown() {
    let slack = Slack::start().await;
    let publish = |view: Value| json!({ "user_id": slack.user("alex"), "view": view });
    let header = json!({ "type": "header", "text": { "type": "plain_text", "text": "Hello" } });
    let done =
        slack.done("views.publish", publish(json!({ "type": "home", "blocks": [header] }))).await;
    assert!(done["view"]["id"].is_string());
    let home = slack.bench.get("/lab/slack/homes/alex").await.body;
    assert_eq!(home["blocks"][0]["text"]["text"], "Hello");
    assert_eq!(slack.bench.get("/lab/slack/homes/mio").await.body, Value::Null);
    for wrong in [
        json!({ "type": "modal", "blocks": [] }),
        json!({ "type": "home", "blocks": [{ "type": "markdown", "text": "a" }] }),
        json!({ "type": "home", "blocks": [], "title": "a" }),
    ] {
        assert_eq!(slack.refused("views.publish", publish(wrong)).await, "invalid_arguments");
    }
    let mut stale = publish(json!({ "type": "home", "blocks": [] }));
    stale["hash"] = json!("0.lab");
    assert_eq!(slack.refused("views.publish", stale).await, "hash_conflict");
}
