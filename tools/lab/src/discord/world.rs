//! The fixed data of the emulated Discord: one application, one server, seven channels, two people.
//!
//! The secrets are valid at the lab only.

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Map, Value, json};

/// Seed of the key Discord signs with: RFC 8032, section 7.1, TEST 1; a public test key.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

/// The application, and the bot user of the same id.
pub(crate) const APPLICATION_ID: &str = "1180000000000000101";
/// Another application; the bot does not see the tokens of its webhooks.
pub(crate) const OTHER_APPLICATION_ID: &str = "1180000000000000102";
/// The bot's token, as `Authorization: Bot` carries it.
pub(crate) const BOT_TOKEN: &str = "lab-bot-token-that-opens-nothing-else";
/// The server.
pub(crate) const GUILD_ID: &str = "1180000000000000201";
/// The webhook of `general`, made by a person, not by the application.
pub(crate) const WEBHOOK_ID: &str = "1180000000000000401";
/// Its token, 68 characters like Discord's.
pub(crate) const WEBHOOK_TOKEN: &str =
    "lab-webhook-token-that-opens-nothing-else-0123456789-0123456789-0123";
/// Its own name, used by posts without a name.
pub(crate) const WEBHOOK_NAME: &str = "Lab webhook";
/// The server's only custom emoji, `miyabi`; the sender may use no other.
pub(crate) const EMOJI_ID: &str = "1180000000000000701";
/// The command `/ask` in payloads that the lab builds.
pub(crate) const COMMAND_ID: &str = "1180000000000000601";

/// The kind of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// The conversation with the bot.
    Direct,
    /// A group of people; only an app that one of them has installed answers there.
    Group,
    /// Public, of a text channel or a forum.
    Thread,
    Forum,
}

impl Kind {
    /// `type` in Discord's JSON.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Direct => 1,
            Self::Group => 3,
            Self::Thread => 11,
            Self::Forum => 15,
        }
    }
}

/// A channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) parent: Option<&'static str>,
}

impl Channel {
    const fn new(id: &'static str, name: &'static str, kind: Kind) -> Self {
        Self { id, name, kind, parent: None }
    }

    const fn within(self, parent: &'static str) -> Self {
        Self { parent: Some(parent), ..self }
    }

    /// Whether it is outside of the server.
    pub(crate) fn is_private(self) -> bool {
        matches!(self.kind, Kind::Direct | Kind::Group)
    }

    /// The channel that has the webhooks and the permissions: the parent of a thread.
    pub(crate) fn owner(self) -> Self {
        self.parent.and_then(channel).unwrap_or(self)
    }
}

/// The channels, in the order of their ids.
pub(crate) const CHANNELS: [Channel; 7] = [
    Channel::new("1180000000000000301", "general", Kind::Text),
    Channel::new("1180000000000000302", "random", Kind::Text),
    Channel::new("1180000000000000303", "thread", Kind::Thread).within("1180000000000000301"),
    Channel::new("1180000000000000304", "dm", Kind::Direct),
    Channel::new("1180000000000000305", "forum", Kind::Forum),
    Channel::new("1180000000000000306", "post", Kind::Thread).within("1180000000000000305"),
    Channel::new("1180000000000000307", "group", Kind::Group),
];
/// The channel that has the webhook.
pub(crate) const GENERAL: Channel = CHANNELS[0];

/// A user of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) id: &'static str,
    pub(crate) username: &'static str,
    pub(crate) global_name: Option<&'static str>,
    pub(crate) nick: Option<&'static str>,
    pub(crate) avatar: Option<&'static str>,
    pub(crate) locale: &'static str,
}

/// Mio has a nickname and an avatar, Alex neither.
pub(crate) const PEOPLE: [Person; 2] = [
    Person {
        id: "1180000000000000501",
        username: "mio",
        global_name: Some("Mio"),
        nick: Some("みお"),
        avatar: Some("0123456789abcdef0123456789abcdef"),
        locale: "ja",
    },
    Person {
        id: "1180000000000000502",
        username: "alex",
        global_name: Some("Alex"),
        nick: None,
        avatar: None,
        locale: "en-US",
    },
];

/// Channel by name or id.
pub(crate) fn channel(name_or_id: &str) -> Option<Channel> {
    CHANNELS.into_iter().find(|channel| channel.name == name_or_id || channel.id == name_or_id)
}

/// Person by username or id.
pub(crate) fn person(name_or_id: &str) -> Option<Person> {
    PEOPLE.into_iter().find(|person| person.username == name_or_id || person.id == name_or_id)
}

/// Hexadecimal public key that the Worker is configured with.
pub(crate) fn public_key() -> String {
    hex::encode(SigningKey::from_bytes(&SEED).verifying_key().as_bytes())
}

/// Signs as Discord does: the timestamp's bytes, then the body's.
pub(crate) fn sign(timestamp: &str, body: &[u8]) -> String {
    let message = [timestamp.as_bytes(), body].concat();
    hex::encode(SigningKey::from_bytes(&SEED).sign(&message).to_bytes())
}

/// Discord's part of `GET /lab/world`, secrets included.
pub(crate) fn describe(base: &str) -> Value {
    let channels = CHANNELS.into_iter().map(|channel| {
        let mut value = json!({ "id": channel.id, "type": channel.kind.number() });
        if let Some(parent) = channel.parent {
            value["parent_id"] = json!(parent);
        }
        if channel.id == GENERAL.id {
            value["webhook_url"] = json!(webhook_url(base));
        }
        (channel.name.to_owned(), value)
    });
    let users = PEOPLE.into_iter().map(|person| {
        let value = json!({
            "id": person.id, "username": person.username, "global_name": person.global_name,
            "nick": person.nick, "avatar": person.avatar, "locale": person.locale,
        });
        (person.username.to_owned(), value)
    });
    json!({
        "discord_api_base": format!("{base}/api/v10"),
        "public_key": public_key(),
        "application_id": APPLICATION_ID,
        "bot_token": BOT_TOKEN,
        "guild_id": GUILD_ID,
        "webhook_id": WEBHOOK_ID,
        "webhook_token": WEBHOOK_TOKEN,
        "webhook_url": webhook_url(base),
        "channels": channels.collect::<Map<_, _>>(),
        "users": users.collect::<Map<_, _>>(),
    })
}

fn webhook_url(base: &str) -> String {
    format!("{base}/api/webhooks/{WEBHOOK_ID}/{WEBHOOK_TOKEN}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_key_is_the_published_test_key() {
        let published = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(super::public_key(), published);
        assert_eq!(super::WEBHOOK_TOKEN.len(), 68);
    }
}
