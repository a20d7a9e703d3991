//! Tests what people do, and which events the Worker gets.

use serde_json::{Value, json};

use super::{Slack, received};
use crate::bench::Worker;
use crate::page::Events;

/// Types of the inner events of an order, sorted.
fn types(done: &Value) -> Vec<&str> {
    let deliveries = done["deliveries"].as_array().unwrap().iter();
    let mut types: Vec<&str> = deliveries
        .map(|it| {
            let event = &it["body"]["event"];
            event["subtype"].as_str().or(event["type"].as_str()).unwrap()
        })
        .collect();
    types.sort_unstable();
    types
}

/// The inner event of a type in an order.
fn event<'a>(done: &'a Value, kind: &str) -> &'a Value {
    let mut events = done["deliveries"].as_array().unwrap().iter().map(|it| &it["body"]["event"]);
    events.find(|it| it["type"] == kind).unwrap()
}

#[tokio::test]
async fn a_direct_message_is_one_event_with_who_where_and_for_whom() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    let done = slack.order(&worker, json!({ "text": "なぜ? <b> & https://a.example" })).await;
    let delivery = &done["deliveries"][0];
    assert_eq!((&delivery["kind"], &delivery["state"]), (&json!("event"), &json!("taken")));
    let [envelope] = &received(&worker)[..] else { panic!("one event") };
    assert_eq!(*envelope, delivery["body"]);
    assert_eq!(envelope["type"], "event_callback");
    assert_eq!(envelope["authorizations"][0]["user_id"], slack.world("/bot/id"));
    let event = &envelope["event"];
    assert_eq!(event["text"], "なぜ? &lt;b&gt; &amp; <https://a.example>");
    assert_eq!((&event["channel_type"], &event["ts"]), (&json!("im"), &done["messages"][0]));
    assert_eq!(
        (&event["user"], &event["channel"]),
        (&json!(slack.user("mio")), &json!(slack.channel("dm:mio")))
    );
    assert!(event.get("thread_ts").is_none() && event.get("bot_id").is_none());
    // A mention there is no event of its own.
    let done = slack.order(&worker, json!({ "text": "and?", "mention": true })).await;
    assert_eq!(types(&done), ["message"]);
}

#[tokio::test]
async fn a_mention_in_a_channel_is_two_events_of_one_message() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    let order = json!({ "text": "why?", "mention": true, "in": "general", "as": "alex" });
    let done = slack.order(&worker, order).await;
    assert_eq!(types(&done), ["app_mention", "message"]);
    let (said, mentioned) = (event(&done, "message"), event(&done, "app_mention"));
    for field in ["ts", "text", "client_msg_id", "user", "channel", "event_ts"] {
        assert_eq!(said[field], mentioned[field], "{field}");
    }
    assert_eq!(said["text"], format!("<@{}> why?", slack.world("/bot/id")));
    assert_eq!((&said["channel_type"], mentioned.get("channel_type")), (&json!("channel"), None));
    let ids: Vec<Value> = received(&worker).iter().map(|it| it["event_id"].clone()).collect();
    assert_ne!(ids[0], ids[1]);
    // Without a mention it is one, and in a thread it says whose.
    let root = &done["messages"][0];
    let order = json!({ "text": "really?", "in": "general", "thread": root });
    let done = slack.order(&worker, order).await;
    assert_eq!(types(&done), ["message"]);
    let reply = event(&done, "message");
    assert_eq!((&reply["thread_ts"], &reply["parent_user_id"]), (root, &json!(slack.user("alex"))));
}

#[tokio::test]
async fn where_the_bot_is_not_it_hears_nothing() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    for channel in ["random", "secret"] {
        let order = json!({ "text": "why?", "mention": true, "in": channel });
        let done = slack.order(&worker, order).await;
        assert_eq!((types(&done).len(), done["messages"].as_array().unwrap().len()), (0, 1));
    }
    slack.configure(json!({ "removed": ["general"] })).await;
    let done = slack.order(&worker, json!({ "text": "why?", "in": "general" })).await;
    assert_eq!(types(&done).len(), 0);
    let archived = json!({ "text": "a", "in": "archived", "worker": worker.url }).to_string();
    let got = slack.bench.send("POST", "/lab/slack/events", &[], archived).await.unwrap();
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn changes_and_deletions_are_messages_with_subtypes() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    let done = slack.order(&worker, json!({ "text": "why", "in": "general" })).await;
    let ts = &done["messages"][0];
    let edit = json!({ "edit": ts, "text": "why?", "mention": true, "in": "general" });
    let done = slack.order(&worker, edit).await;
    assert_eq!(types(&done), ["app_mention", "message_changed"]);
    let changed = event(&done, "message");
    assert_eq!((&changed["message"]["ts"], &changed["hidden"]), (ts, &json!(true)));
    assert_eq!(changed["previous_message"]["text"], "why");
    assert!(event(&done, "app_mention")["edited"]["ts"].is_string());
    let done = slack.order(&worker, json!({ "delete": ts, "in": "general" })).await;
    let deleted = event(&done, "message");
    assert_eq!((&deleted["subtype"], &deleted["deleted_ts"]), (&json!("message_deleted"), ts));
    assert_eq!(slack.seen("general").await["messages"], json!([]));
}

#[tokio::test]
async fn the_bots_own_posts_and_changes_come_back() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    slack.order(&worker, json!({ "text": "why?" })).await;
    let wait = async |count: usize| {
        while received(&worker).len() < count {
            tokio::task::yield_now().await;
        }
        received(&worker)[count - 1]["event"].clone()
    };
    let ts = slack.say("dm:mio", "So.").await;
    let own = wait(2).await;
    assert!(own["bot_id"].is_string() && own["app_id"].is_string(), "{own}");
    assert_eq!((&own["ts"], &own["user"]), (&json!(ts), &json!(slack.world("/bot/id"))));
    let update = json!({ "channel": slack.channel("dm:mio"), "ts": ts, "text": "So!" });
    slack.done("chat.update", update).await;
    assert_eq!(wait(3).await["subtype"], "message_changed");
    slack.configure(json!({ "echo": false })).await;
    slack.say("dm:mio", "Quiet.").await;
    slack.order(&worker, json!({ "text": "again" })).await;
    assert_eq!(wait(4).await["text"], "again");
}

#[tokio::test]
async fn homes_and_panes_are_opened_and_any_event_can_be_sent() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    for (open, tab) in [("home", "home"), ("messages", "messages")] {
        let done = slack.order(&worker, json!({ "open": open })).await;
        assert_eq!(event(&done, "app_home_opened")["tab"], tab);
    }
    let done = slack.order(&worker, json!({ "open": "assistant", "as": "alex" })).await;
    let thread = &event(&done, "assistant_thread_started")["assistant_thread"];
    assert_eq!(
        (&thread["thread_ts"], &thread["user_id"]),
        (&done["messages"][0], &json!(slack.user("alex")))
    );
    let order = json!({ "text": "why?", "as": "alex", "thread": thread["thread_ts"] });
    let done = slack.order(&worker, order).await;
    assert_eq!(event(&done, "message")["parent_user_id"], slack.world("/bot/id"));

    let done = slack.order(&worker, json!({ "event": { "type": "team_join" } })).await;
    assert_eq!(types(&done), ["team_join"]);
    let order = json!({ "text": "a", "event": { "bot_id": "B1", "user": null }, "envelope": { "team_id": "T1" } });
    let done = slack.order(&worker, order).await;
    let body = &done["deliveries"][0]["body"];
    assert_eq!((&body["team_id"], &body["event"]["bot_id"]), (&json!("T1"), &json!("B1")));
    assert!(body["event"].get("user").is_none());
    let done = slack.order(&worker, json!({ "raw_body": "{" })).await;
    assert_eq!(done["deliveries"][0]["body"], "{");
}

#[tokio::test]
async fn nothing_secret_reaches_the_page() {
    let slack = Slack::start().await;
    let worker = Worker::start(json!({})).await;
    slack.order(&worker, json!({ "command": "/ask", "text": "why?" })).await;
    slack.say("general", "a").await;
    let shown = Events::open(&slack.bench).await.next().await.to_string();
    for field in ["/bot_token", "/signing_secret"] {
        assert!(!shown.contains(&slack.world(field)), "{field}");
    }
    assert!(shown.contains("slack/message/general/"), "{shown}");
    assert!(!shown.contains("lab-hook-"), "{shown}");
}
