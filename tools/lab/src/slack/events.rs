//! The inner events about messages.

use serde_json::{Value, json};

use super::message::Message;
use super::world::Channel;
use crate::merge::without_nulls;

/// An event about a channel, of whoever does something there.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) channel: Channel,
    pub(super) body: Value,
}

/// `message`: somebody has written.
pub(super) fn said(message: &Message, shown: Value) -> Event {
    let mut body = shown;
    body["channel"] = json!(message.channel.id);
    body["channel_type"] = json!(message.channel.event_type());
    body["event_ts"] = json!(message.ts);
    if !message.files.is_empty() {
        body["subtype"] = json!("file_share");
    }
    Event { channel: message.channel, body }
}

/// `app_mention`, which has no `channel_type`.
pub(super) fn mentioned(message: &Message, whole: &Value, event_ts: &str) -> Event {
    let mut body =
        json!({ "type": "app_mention", "channel": message.channel.id, "event_ts": event_ts });
    for name in [
        "user",
        "ts",
        "client_msg_id",
        "text",
        "team",
        "blocks",
        "thread_ts",
        "parent_user_id",
        "files",
        "edited",
    ] {
        body[name] = whole[name].clone();
    }
    Event { channel: message.channel, body: without_nulls(body) }
}

/// `message` with the subtype `message_changed`: a text has changed, or a root was deleted.
pub(super) fn changed(channel: Channel, ts: &str, (before, after): (Value, Value)) -> Event {
    let body = json!({
        "type": "message", "subtype": "message_changed", "hidden": true, "ts": ts, "event_ts": ts,
        "channel": channel.id, "channel_type": channel.event_type(), "message": after,
        "previous_message": before,
    });
    Event { channel, body }
}

/// `message` with the subtype `message_deleted`.
pub(super) fn deleted(channel: Channel, ts: &str, before: &Value) -> Event {
    let body = json!({
        "type": "message", "subtype": "message_deleted", "hidden": true, "ts": ts, "event_ts": ts,
        "deleted_ts": before["ts"], "channel": channel.id, "channel_type": channel.event_type(),
        "previous_message": before,
    });
    Event { channel, body }
}
