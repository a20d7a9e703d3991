//! The fixed data of the emulated Telegram: one bot, two people, a private chat with each, three groups.
//!
//! The secrets are valid at the lab only.

use serde_json::{Map, Value, json};

/// Id of the bot, as its token begins.
pub(crate) const BOT_ID: i64 = 110_201_543;
/// Name by which people mention the bot.
pub(crate) const BOT_USERNAME: &str = "miyabi_lab_bot";
/// The bot's token, in the form that `BotFather` gives out.
pub(crate) const BOT_TOKEN: &str = "110201543:AAlab-token-that-opens-nothing-else";
/// What the webhook's header carries.
pub(crate) const SECRET_TOKEN: &str = "lab-telegram-secret_that-opens-nothing-else";

/// A person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    /// What the lab calls them.
    pub(crate) name: &'static str,
    pub(crate) id: i64,
    pub(crate) first_name: &'static str,
    /// Not everybody has one; who has none can be mentioned by `text_mention` only.
    pub(crate) username: Option<&'static str>,
    pub(crate) language: &'static str,
}

/// Mio has a username, Alex has none. Their ids have more than 32 bits.
pub(crate) const PEOPLE: [Person; 2] = [
    Person {
        name: "mio",
        id: 7_180_000_501,
        first_name: "みお",
        username: Some("mio_lab"),
        language: "ja",
    },
    Person { name: "alex", id: 7_180_000_502, first_name: "Alex", username: None, language: "en" },
];

/// The kind of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Private,
    /// A basic group.
    Group,
    Supergroup,
    /// A supergroup with topics.
    Forum,
}

/// A chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chat {
    /// What the lab calls it: a person's name, or the kind of group.
    pub(crate) name: &'static str,
    pub(crate) id: i64,
    pub(crate) kind: Kind,
}

/// The groups; a private chat has its person's id and name.
pub(crate) const GROUPS: [Chat; 3] = [
    Chat { name: "group", id: -7_180_301, kind: Kind::Group },
    Chat { name: "supergroup", id: -1_007_180_000_302, kind: Kind::Supergroup },
    Chat { name: "forum", id: -1_007_180_000_303, kind: Kind::Forum },
];

/// The topics of the forum, by the id of the message that created each. `General` has none.
pub(crate) const TOPICS: [(&str, i64); 2] = [("questions", 2), ("random", 3)];

impl Chat {
    /// The private chat of a person.
    pub(crate) fn of(person: Person) -> Self {
        Self { name: person.name, id: person.id, kind: Kind::Private }
    }

    /// Whether it is a group of any kind.
    pub(crate) fn is_group(self) -> bool {
        self.kind != Kind::Private
    }

    /// Whether it counts its messages on its own, so that their ids are those of others too.
    pub(crate) fn counts_alone(self) -> bool {
        matches!(self.kind, Kind::Supergroup | Kind::Forum)
    }

    /// As the API returns it.
    pub(crate) fn to_json(self) -> Value {
        let title = format!("Lab {}", self.name);
        match self.kind {
            Kind::Private => {
                let mut chat = json!({ "id": self.id, "type": "private" });
                if let Some(person) = person(self.name) {
                    chat["first_name"] = json!(person.first_name);
                    if let Some(username) = person.username {
                        chat["username"] = json!(username);
                    }
                }
                chat
            }
            Kind::Group => json!({ "id": self.id, "type": "group", "title": title }),
            Kind::Supergroup => json!({ "id": self.id, "type": "supergroup", "title": title }),
            Kind::Forum => {
                json!({ "id": self.id, "type": "supergroup", "title": title, "is_forum": true })
            }
        }
    }
}

impl Person {
    /// As the API returns them.
    pub(crate) fn to_json(self) -> Value {
        let mut user = json!({
            "id": self.id, "is_bot": false, "first_name": self.first_name,
            "language_code": self.language,
        });
        if let Some(username) = self.username {
            user["username"] = json!(username);
        }
        user
    }
}

/// The bot, as its messages name it.
pub(crate) fn bot() -> Value {
    json!({ "id": BOT_ID, "is_bot": true, "first_name": "Miyabi", "username": BOT_USERNAME })
}

/// Person by name.
pub(crate) fn person(name: &str) -> Option<Person> {
    PEOPLE.into_iter().find(|person| person.name == name)
}

/// Chat by the lab's name.
pub(crate) fn chat(name: &str) -> Option<Chat> {
    chats().find(|chat| chat.name == name)
}

/// Chat by its id.
pub(crate) fn chat_of_id(id: i64) -> Option<Chat> {
    chats().find(|chat| chat.id == id)
}

/// All chats.
pub(crate) fn chats() -> impl Iterator<Item = Chat> {
    PEOPLE.into_iter().map(Chat::of).chain(GROUPS)
}

/// Topic of the forum by name.
pub(crate) fn topic(name: &str) -> Option<i64> {
    TOPICS.into_iter().find(|(known, _)| *known == name).map(|(_, id)| id)
}

/// Telegram's part of `GET /lab/world`, secrets included.
pub(crate) fn describe(base: &str) -> Value {
    let users = PEOPLE.into_iter().map(|person| (person.name.to_owned(), person.to_json()));
    let chats = chats().map(|chat| {
        let mut value = chat.to_json();
        if chat.kind == Kind::Forum {
            let topics = TOPICS.into_iter().map(|(name, id)| (name.to_owned(), json!(id)));
            value["topics"] = topics.collect::<Map<_, _>>().into();
        }
        (chat.name.to_owned(), value)
    });
    json!({ "telegram": {
        "base": format!("{base}/telegram"), "bot_token": BOT_TOKEN, "secret_token": SECRET_TOKEN,
        "bot": bot(), "users": users.collect::<Map<_, _>>(), "chats": chats.collect::<Map<_, _>>(),
    } })
}
