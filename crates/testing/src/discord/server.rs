//! The server of the configured webhook's channel, as the bot sees it: everybody may see and write.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{CHANNEL, Discord, refusal, response};
use miyabi_core::http::{Request, Response};

/// The server, and the person who asks in [`crate::question`].
const SERVER: &str = "1200000000000000009";
const PERSON: &str = "80351110224678912";

/// View Channel, Send Messages, Embed Links, Attach Files, Send Messages in Threads.
const EVERYBODY: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 31 | 1 << 38;

pub(super) fn seen() -> BTreeMap<String, Value> {
    let everybody = json!({ "id": SERVER, "permissions": EVERYBODY.to_string() });
    let member = json!({
        "user": { "id": PERSON, "username": "mio_art", "global_name": "Mio", "discriminator": "0" },
        "nick": "みお", "roles": [], "communication_disabled_until": null, "pending": false,
    });
    let channel =
        json!({ "id": CHANNEL, "type": 0, "guild_id": SERVER, "permission_overwrites": [] });
    BTreeMap::from([
        (
            format!("/guilds/{SERVER}"),
            json!({ "id": SERVER, "owner_id": "1", "roles": [everybody] }),
        ),
        (format!("/guilds/{SERVER}/members/{PERSON}"), member),
        (format!("/channels/{CHANNEL}"), channel),
    ])
}

impl Discord {
    /// Shows the bot something of a server.
    pub(super) fn show(&self, request: &Request, path: &str) -> Response {
        if !request.headers.contains(&("authorization", "Bot bot-token".to_owned())) {
            return refusal(401, "401: Unauthorized", 0);
        }
        match self.seen.get(path) {
            Some(seen) => response(200, seen),
            None if path.contains("members/") => refusal(404, "Unknown Member", 10007),
            None if path.starts_with("/guilds") => refusal(403, "Missing Access", 50001),
            None => refusal(404, "Unknown Channel", 10003),
        }
    }
}
