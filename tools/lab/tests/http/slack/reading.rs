//! Tests what reads: people, channels, history, threads.

use serde_json::{Value, json};

use super::Slack;

fn texts(page: &Value) -> Vec<&str> {
    let messages = page["messages"].as_array().unwrap().iter();
    messages.map(|message| message["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn people_and_channels_are_described() {
    let slack = Slack::start().await;
    let user = slack.done("users.info", json!({ "user": slack.user("mio") })).await;
    assert_eq!(
        (&user["user"]["real_name"], &user["user"]["locale"]),
        (&json!("みお"), &Value::Null)
    );
    let user = slack
        .done("users.info", json!({ "user": slack.user("alex"), "include_locale": true }))
        .await;
    assert_eq!(user["user"]["locale"], "en-US");
    let bot = slack.done("users.info", json!({ "user": slack.world("/bot/id") })).await;
    assert_eq!(bot["user"]["is_bot"], true);
    assert_eq!(slack.refused("users.info", json!({ "user": "U0" })).await, "user_not_found");
    for (name, is_member, is_private) in
        [("general", true, false), ("random", false, false), ("private", true, true)]
    {
        let found =
            slack.done("conversations.info", json!({ "channel": slack.channel(name) })).await;
        let channel = &found["channel"];
        assert_eq!(
            (&channel["is_member"], &channel["is_private"]),
            (&json!(is_member), &json!(is_private)),
            "{name}"
        );
    }
    let found =
        slack.done("conversations.info", json!({ "channel": slack.channel("dm:mio") })).await;
    assert_eq!(found["channel"]["user"], slack.user("mio"));
    let hidden = json!({ "channel": slack.channel("secret") });
    assert_eq!(slack.refused("conversations.info", hidden).await, "channel_not_found");
}

#[tokio::test]
async fn history_is_newest_first_without_replies_and_comes_in_pages() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    let mut times = Vec::new();
    for text in ["a", "b", "c"] {
        times.push(slack.say("general", text).await);
    }
    let reply = json!({
        "channel": channel, "thread_ts": times[0], "text": "reply",
        "metadata": { "event_type": "x", "event_payload": { "job": "1" } },
    });
    slack.done("chat.postMessage", reply).await;
    let read = async |more: Value| {
        let mut arguments = json!({ "channel": channel });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        slack.done("conversations.history", arguments).await
    };
    let all = read(json!({})).await;
    assert_eq!(texts(&all), ["c", "b", "a"]);
    assert_eq!(all["messages"][2]["reply_count"], 1);
    assert_eq!(texts(&read(json!({ "oldest": times[0] })).await), ["c", "b"]);
    assert_eq!(texts(&read(json!({ "oldest": times[1], "inclusive": true })).await), ["c", "b"]);
    assert_eq!(texts(&read(json!({ "latest": times[1] })).await), ["a"]);
    let page = read(json!({ "limit": 2 })).await;
    assert_eq!((texts(&page), &page["has_more"]), (vec!["c", "b"], &json!(true)));
    let cursor = &page["response_metadata"]["next_cursor"];
    let page = read(json!({ "limit": 2, "cursor": cursor })).await;
    assert_eq!((texts(&page), &page["has_more"]), (vec!["a"], &json!(false)));
    let wrong = json!({ "channel": channel, "oldest": "yesterday" });
    assert_eq!(slack.refused("conversations.history", wrong).await, "invalid_ts_oldest");
    let other = json!({ "channel": slack.channel("random") });
    assert_eq!(slack.refused("conversations.history", other).await, "not_in_channel");
}

#[tokio::test]
async fn a_thread_has_its_root_on_each_page_and_metadata_on_request() {
    let slack = Slack::start().await;
    let channel = slack.channel("general");
    let root = slack.write(json!({ "text": "root", "in": "general" })).await;
    let mut times = Vec::new();
    for text in ["a", "b"] {
        let arguments = json!({
            "channel": channel, "thread_ts": root, "text": text,
            "metadata": { "event_type": "x", "event_payload": { "job": text } },
        });
        times.push(slack.done("chat.postMessage", arguments).await["ts"].clone());
    }
    let read = async |more: Value| {
        let mut arguments = json!({ "channel": channel, "ts": root });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        slack.done("conversations.replies", arguments).await
    };
    let all = read(json!({})).await;
    assert_eq!(texts(&all), ["root", "a", "b"]);
    assert_eq!(all["messages"][1]["metadata"], Value::Null);
    assert_eq!(all["messages"][1]["parent_user_id"], slack.user("mio"));
    let all = read(json!({ "include_all_metadata": true, "oldest": times[0] })).await;
    assert_eq!(texts(&all), ["root", "b"]);
    assert_eq!(all["messages"][1]["metadata"]["event_payload"]["job"], "b");
    let other = json!({ "channel": slack.channel("random"), "ts": root });
    assert_eq!(slack.refused("conversations.replies", other).await, "not_in_channel");
    let noted = slack.bench.calls("slack_replies").await.last().unwrap()["notes"].clone();
    let expected = "the reference of conversations.replies does not name `not_in_channel`";
    assert_eq!(noted, json!([expected]));
    let none = json!({ "channel": channel, "ts": "1700000000.000001" });
    assert_eq!(slack.refused("conversations.replies", none).await, "thread_not_found");
}
