//! Interactions as Discord sends them, signed with the bench's own key.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// Discord's epoch in Unix milliseconds: ids begin with the time since.
///
/// # Source
/// Discord Docs/Reference, Snowflakes, read 2026-11-20.
const EPOCH_MS: u64 = 1_420_070_400_000;
const SEED: [u8; 32] = [7; 32];
/// Channel of the question, and of the webhook in `tools/bench/job.mjs`.
const CHANNEL: &str = "1200000000000000002";
const QUESTION: &str = "What is the weather like in Kyoto today, and what should I wear?";
/// The model of `tools/bench/job.mjs` answers it with the help of a tool.
const LOOK_UP: &str = "What time is it in Tokyo, and are the shops still open there?";

/// What is sent, and so which answer is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/ask question:`
    Ask,
    /// The same with a question for which the model calls a tool.
    LookUp,
    /// `/ask` with a signature of something else.
    Forged,
    /// Discord's check of the endpoint.
    Ping,
}

impl Kind {
    /// The kinds of requests whose way to the reply differs.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Forged, Self::Ping];

    /// Returns its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ask => "accepted",
            Self::LookUp => "accepted, for a tool",
            Self::Forged => "forged",
            Self::Ping => "PING",
        }
    }

    /// Returns whether an answer is the right one.
    pub fn is_answered(self, head: &[u8], body: &[u8]) -> bool {
        let ok = head.starts_with(b"HTTP/1.1 200 ");
        match self {
            Self::Ask | Self::LookUp => {
                ok && contains(body, b"\"type\":5") && contains(body, b"\"flags\":64")
            }
            Self::Forged => head.starts_with(b"HTTP/1.1 401 "),
            Self::Ping => ok && contains(body, b"\"type\":1"),
        }
    }
}

/// A request's bytes, and the id of its interaction.
#[derive(Debug, Clone)]
pub struct Request {
    /// Interaction's id.
    pub id: String,
    /// Head and body.
    pub bytes: Vec<u8>,
}

/// Returns the public key as the Worker is given it.
pub fn public_key() -> String {
    hex::encode(SigningKey::from_bytes(&SEED).verifying_key().as_bytes())
}

/// Makes requests, each with an id of its own.
///
/// # Errors
/// When the clock is before 1970.
pub fn requests(kind: Kind, count: u64) -> Result<Vec<Request>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let begin = (u64::try_from(now.as_millis())?.saturating_sub(EPOCH_MS)) << 22;
    let key = SigningKey::from_bytes(&SEED);
    let timestamp = now.as_secs().to_string();
    Ok((0..count)
        .map(|number| {
            let id = (begin + number).to_string();
            let body = match kind {
                Kind::Ping => ping(&id),
                Kind::LookUp => ask(&id, LOOK_UP),
                Kind::Ask | Kind::Forged => ask(&id, QUESTION),
            }
            .to_string();
            let signed = if kind == Kind::Forged { "forged" } else { timestamp.as_str() };
            let signature = key.sign(format!("{signed}{body}").as_bytes()).to_bytes();
            let head = format!(
                "POST /discord/interactions HTTP/1.1\r\nhost: 127.0.0.1\r\n\
                 content-type: application/json\r\nuser-agent: Discord-Interactions/1.0 \
                 (+https://discord.com)\r\nx-signature-ed25519: {}\r\nx-signature-timestamp: \
                 {timestamp}\r\ncontent-length: {}\r\n\r\n",
                hex::encode(signature),
                body.len(),
            );
            Request { id, bytes: [head.as_bytes(), body.as_bytes()].concat() }
        })
        .collect())
}

fn ping(id: &str) -> Value {
    json!({
        "application_id": "1100000000000000001", "entitlements": [], "id": id, "token": token(id),
        "type": 1, "user": user(), "version": 1,
    })
}

/// As Discord sends it from a channel of a server, with the fields that nobody reads.
fn ask(id: &str, question: &str) -> Value {
    let all = "562949953421311";
    json!({
        "app_permissions": all,
        "application_id": "1100000000000000001",
        "attachment_size_limit": 10_485_760,
        "authorizing_integration_owners": { "0": "1200000000000000001" },
        "channel": {
            "flags": 0, "guild_id": "1200000000000000001", "id": CHANNEL, "name": "general",
            "last_message_id": "1200000000000000009", "nsfw": false, "parent_id": null,
            "permissions": all, "position": 0, "rate_limit_per_user": 0, "topic": null, "type": 0,
        },
        "channel_id": CHANNEL,
        "context": 0,
        "data": {
            "id": "1200000000000000003", "name": "ask", "type": 1,
            "options": [{ "name": "question", "type": 3, "value": question }],
        },
        "entitlement_sku_ids": [],
        "entitlements": [],
        "guild": { "features": [], "id": "1200000000000000001", "locale": "en-US" },
        "guild_id": "1200000000000000001",
        "guild_locale": "en-US",
        "id": id,
        "locale": "ja",
        "member": {
            "avatar": null, "banner": null, "communication_disabled_until": null, "deaf": false,
            "flags": 0, "joined_at": "2024-01-02T03:04:05.678000+00:00", "mute": false,
            "nick": "Mio", "pending": false, "permissions": all, "premium_since": null,
            "roles": ["1200000000000000005", "1200000000000000006"],
            "unusual_dm_activity_until": null, "user": user(),
        },
        "token": token(id),
        "type": 2,
        "version": 1,
    })
}

fn user() -> Value {
    json!({
        "avatar": "0123456789abcdef0123456789abcdef", "avatar_decoration_data": null, "clan": null,
        "collectibles": null, "discriminator": "0", "global_name": "Mio",
        "id": "1200000000000000004", "primary_guild": null, "public_flags": 0, "username": "mio",
    })
}

/// As long as Discord's.
fn token(id: &str) -> String {
    format!("aW50ZXJhY3Rpb246{id}{}", "x".repeat(170))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_an_id_and_declares_its_body() {
        let requests = requests(Kind::Ask, 2).unwrap();
        assert_ne!(requests[0].id, requests[1].id);
        let text = String::from_utf8(requests[0].bytes.clone()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
        assert_eq!(serde_json::from_str::<Value>(body).unwrap()["id"], requests[0].id.as_str());
    }

    #[test]
    fn only_the_right_answer_counts() {
        let deferred = br#"{"type":5,"data":{"flags":64}}"#;
        assert!(Kind::Ask.is_answered(b"HTTP/1.1 200 OK", deferred));
        assert!(!Kind::Ask.is_answered(b"HTTP/1.1 200 OK", br#"{"type":4}"#));
        assert!(Kind::Forged.is_answered(b"HTTP/1.1 401 Unauthorized", b""));
    }
}
