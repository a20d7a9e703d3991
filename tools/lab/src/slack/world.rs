//! The fixed data of the emulated Slack: one workspace, one app, two people, five channels, a direct message with each.
//!
//! The secrets are valid at the lab only.

use serde_json::{Map, Value, json};

/// Id of the workspace, and the name in its address.
pub(crate) const TEAM_ID: &str = "T07180LAB01";
pub(crate) const TEAM_DOMAIN: &str = "miyabi-lab";
/// Id of the app, of its bot's user, and of its bot.
pub(crate) const APP_ID: &str = "A07180LAB01";
pub(crate) const BOT_USER_ID: &str = "U07180MIYABI";
pub(crate) const BOT_ID: &str = "B07180LAB01";
/// Name by which people mention the bot.
pub(crate) const BOT_NAME: &str = "miyabi";
/// The bot's token, in the form that Slack gives out.
pub(crate) const BOT_TOKEN: &str = "xoxb-71800000001-lab-token-that-opens-nothing-else";
/// What the lab signs its requests with.
pub(crate) const SIGNING_SECRET: &str = "1ab51ac0de0000000000000000517e77";
/// What Slack sent before it signed; deprecated, and no secret to rely on.
pub(crate) const VERIFICATION_TOKEN: &str = "lab-deprecated-verification-token";

/// With it the bot posts in public channels that it is not in.
pub(crate) const WRITE_PUBLIC: &str = "chat:write.public";
/// What the app was granted; the methods want some of them.
pub(crate) const SCOPES: [&str; 16] = [
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    WRITE_PUBLIC,
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "mpim:history",
    "mpim:read",
    "users:read",
];

/// A person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    /// What the lab calls them.
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) real_name: &'static str,
    pub(crate) locale: &'static str,
    tz: &'static (&'static str, &'static str, i64),
    /// Id of the direct message with the bot.
    dm: &'static str,
}

/// Mio reads Japanese, Alex English.
pub(crate) const PEOPLE: [Person; 2] = [
    Person {
        name: "mio",
        id: "U07180MIO01",
        real_name: "みお",
        locale: "ja-JP",
        tz: &("Asia/Tokyo", "Japan Standard Time", 32_400),
        dm: "D07180MIO01",
    },
    Person {
        name: "alex",
        id: "U07180ALEX1",
        real_name: "Alex",
        locale: "en-US",
        tz: &("Europe/Berlin", "Central European Time", 3_600),
        dm: "D07180ALEX1",
    },
];

/// The kind of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Public,
    Private,
    /// The direct message with the person of its name.
    Direct,
}

/// A channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Channel {
    /// Its name; a direct message has none, and is that of its person.
    name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) kind: Kind,
    /// Whether the bot is in it, unless it was removed.
    pub(crate) has_bot: bool,
    is_archived: bool,
}

/// The channels that are no direct messages; everybody is in all of them.
pub(crate) const CHANNELS: [Channel; 5] = [
    Channel {
        name: "general",
        id: "C07180GENER",
        kind: Kind::Public,
        has_bot: true,
        is_archived: false,
    },
    Channel {
        name: "random",
        id: "C07180RANDO",
        kind: Kind::Public,
        has_bot: false,
        is_archived: false,
    },
    Channel {
        name: "private",
        id: "C07180PRIVA",
        kind: Kind::Private,
        has_bot: true,
        is_archived: false,
    },
    Channel {
        name: "secret",
        id: "C07180SECRE",
        kind: Kind::Private,
        has_bot: false,
        is_archived: false,
    },
    Channel {
        name: "archived",
        id: "C07180ARCHI",
        kind: Kind::Public,
        has_bot: true,
        is_archived: true,
    },
];

impl Channel {
    /// The direct message with a person.
    pub(crate) fn of(person: Person) -> Self {
        let kind = Kind::Direct;
        Self { name: person.name, id: person.dm, kind, has_bot: true, is_archived: false }
    }

    /// What the lab calls it: its name, or `dm:PERSON`.
    pub(crate) fn label(self) -> String {
        match self.kind {
            Kind::Direct => format!("dm:{}", self.name),
            Kind::Public | Kind::Private => self.name.to_owned(),
        }
    }

    /// Its name as commands and interactions tell it.
    pub(crate) fn told_name(self) -> &'static str {
        match self.kind {
            Kind::Direct => "directmessage",
            Kind::Private => "privategroup",
            Kind::Public => self.name,
        }
    }

    /// `channel_type` of its events.
    pub(crate) fn event_type(self) -> &'static str {
        match self.kind {
            Kind::Direct => "im",
            Kind::Private => "group",
            Kind::Public => "channel",
        }
    }

    /// Whether it is a direct message.
    pub(crate) fn is_direct(self) -> bool {
        self.kind == Kind::Direct
    }

    /// Whether nobody can write in it any more.
    pub(crate) fn is_archived(self) -> bool {
        self.is_archived
    }

    /// Whether a person can read it.
    pub(crate) fn is_open_to(self, person: Person) -> bool {
        !self.is_direct() || self.name == person.name
    }

    /// As `conversations.info` returns it.
    pub(crate) fn to_json(self, is_member: bool) -> Value {
        if self.is_direct() {
            let user = person(self.name).map(|person| person.id);
            return json!({
                "id": self.id, "created": 1_796_000_000, "is_archived": false, "is_im": true,
                "is_org_shared": false, "context_team_id": TEAM_ID, "updated": 1_796_000_000_000_u64,
                "user": user, "is_user_deleted": false, "is_open": true, "priority": 0,
            });
        }
        let is_private = self.kind == Kind::Private;
        let [creator, ..] = PEOPLE;
        json!({
            "id": self.id, "name": self.name, "name_normalized": self.name, "is_channel": true,
            "is_group": false, "is_im": false, "is_mpim": false, "is_private": is_private,
            "created": 1_796_000_000, "creator": creator.id, "is_archived": self.is_archived,
            "is_general": self.name == "general", "unlinked": 0, "is_shared": false,
            "is_ext_shared": false, "is_org_shared": false, "is_member": is_member,
            "context_team_id": TEAM_ID, "updated": 1_796_000_000_000_u64,
            "topic": { "value": "", "creator": "", "last_set": 0 },
            "purpose": { "value": "", "creator": "", "last_set": 0 }, "previous_names": [],
        })
    }
}

impl Person {
    /// As `users.info` returns them.
    pub(crate) fn to_json(self, with_locale: bool) -> Value {
        let (tz, tz_label, tz_offset) = *self.tz;
        let mut user = json!({
            "id": self.id, "team_id": TEAM_ID, "name": self.name, "deleted": false,
            "real_name": self.real_name, "tz": tz, "tz_label": tz_label, "tz_offset": tz_offset,
            "profile": {
                "real_name": self.real_name, "display_name": self.real_name, "title": "",
                "real_name_normalized": self.real_name, "display_name_normalized": self.real_name,
                "team": TEAM_ID,
            },
            "is_admin": false, "is_owner": false, "is_primary_owner": false, "is_restricted": false,
            "is_ultra_restricted": false, "is_bot": false, "is_app_user": false,
            "updated": 1_796_000_000,
        });
        if with_locale {
            user["locale"] = json!(self.locale);
        }
        user
    }
}

/// The bot, as `users.info` returns it.
pub(crate) fn bot() -> Value {
    json!({
        "id": BOT_USER_ID, "team_id": TEAM_ID, "name": BOT_NAME, "deleted": false,
        "real_name": "Miyabi", "is_bot": true, "is_app_user": false,
        "profile": { "real_name": "Miyabi", "display_name": "", "bot_id": BOT_ID, "api_app_id": APP_ID },
    })
}

/// Person by name.
pub(crate) fn person(name: &str) -> Option<Person> {
    PEOPLE.into_iter().find(|person| person.name == name)
}

/// Person by id.
pub(crate) fn person_of_id(id: &str) -> Option<Person> {
    PEOPLE.into_iter().find(|person| person.id == id)
}

/// Channel by the lab's name.
pub(crate) fn channel(label: &str) -> Option<Channel> {
    channels().find(|channel| channel.label() == label)
}

/// Channel by its id.
pub(crate) fn channel_of_id(id: &str) -> Option<Channel> {
    channels().find(|channel| channel.id == id)
}

/// All channels.
pub(crate) fn channels() -> impl Iterator<Item = Channel> {
    CHANNELS.into_iter().chain(PEOPLE.into_iter().map(Channel::of))
}

/// Slack's part of `GET /lab/world`, secrets included.
pub(crate) fn describe(base: &str) -> Value {
    let users = PEOPLE.into_iter().map(|person| (person.name.to_owned(), person.to_json(true)));
    let channels = channels().map(|it| (it.label(), it.to_json(it.has_bot)));
    json!({ "slack": {
        "base": format!("{base}/slack/api"), "bot_token": BOT_TOKEN, "signing_secret": SIGNING_SECRET,
        "team": { "id": TEAM_ID, "domain": TEAM_DOMAIN }, "app_id": APP_ID, "bot": bot(),
        "users": users.collect::<Map<_, _>>(), "channels": channels.collect::<Map<_, _>>(),
    } })
}
