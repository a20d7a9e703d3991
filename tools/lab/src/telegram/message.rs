//! A message: how it is stored, returned by the API, and shown to readers.

use serde_json::{Value, json};

use super::entities::{Formatted, Span};
use super::utf16;
use super::world::{self, BOT_USERNAME, Chat, Kind, Person, TOPICS};
use crate::clock;

/// A message in a chat.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(super) id: i64,
    pub(super) chat: Chat,
    /// Topic of the forum.
    pub(super) topic: Option<i64>,
    pub(super) author: Author,
    pub(super) sent_ms: u64,
    pub(super) edited_ms: Option<u64>,
    /// Its text, or the caption of its medium.
    pub(super) words: Formatted,
    pub(super) medium: Option<Medium>,
    pub(super) reply_to: Option<i64>,
    pub(super) keyboard: Option<Value>,
    pub(super) link_preview: Option<Value>,
    /// The album that it is a part of.
    pub(super) album: Option<String>,
    /// The bot's reactions.
    pub(super) reactions: Vec<Value>,
    /// Id by which the bot changes it, if it offered it and somebody else sent it.
    pub(super) inline: Option<String>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Bot,
    Person(Person),
}

/// What a message carries beside its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Medium {
    pub(super) kind: MediumKind,
    /// As the API returns it.
    pub(super) value: Value,
    /// Name, size and, if it is one, text of the file.
    pub(super) seen: Value,
}

/// The kinds of media that the lab has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediumKind {
    Photo,
    Document,
    Voice,
}

impl MediumKind {
    /// The field of a message that holds it.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Voice => "voice",
        }
    }
}

impl Author {
    fn to_json(self) -> Value {
        match self {
            Self::Bot => world::bot(),
            Self::Person(person) => person.to_json(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bot => "Miyabi",
            Self::Person(person) => person.name,
        }
    }
}

impl Message {
    /// A message with a text; the caller stores it.
    pub(super) fn new(id: i64, chat: Chat, author: Author, words: Formatted) -> Self {
        Self {
            id,
            chat,
            topic: None,
            author,
            sent_ms: clock::now_ms(),
            edited_ms: None,
            words,
            medium: None,
            reply_to: None,
            keyboard: None,
            link_preview: None,
            album: None,
            reactions: Vec::new(),
            inline: None,
        }
    }

    /// Whether the bot wrote it.
    pub(super) fn is_own(&self) -> bool {
        self.author == Author::Bot
    }

    /// The message as the API returns it; `replied` is the one that it replies to, if that is still there.
    pub(super) fn to_json(&self, replied: Option<&Self>) -> Value {
        let mut value = json!({
            "message_id": self.id, "from": self.author.to_json(), "chat": self.chat.to_json(),
            "date": self.sent_ms / 1000,
        });
        let Some(fields) = value.as_object_mut() else { return value };
        let mut set = |name: &str, value: Option<Value>| {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        };
        let (text, entities) = match self.medium {
            Some(_) => ("caption", "caption_entities"),
            None => ("text", "entities"),
        };
        if let Some(medium) = &self.medium {
            set(medium.kind.field(), Some(medium.value.clone()));
        }
        set(text, Some(json!(self.words.text)).filter(|text| text != ""));
        set(entities, Some(json!(self.words.entities)).filter(|list| *list != json!([])));
        set("edit_date", self.edited_ms.map(|ms| json!(ms / 1000)));
        set("media_group_id", self.album.as_ref().map(|album| json!(album)));
        set("reply_markup", self.keyboard.clone());
        set("link_preview_options", self.link_preview.clone());
        set("reply_to_message", replied.map(|replied| replied.to_json(None)));
        match (self.topic, self.chat.kind, replied) {
            (Some(topic), _, _) => {
                set("message_thread_id", Some(json!(topic)));
                set("is_topic_message", Some(json!(true)));
                if replied.is_none() {
                    set("reply_to_message", Some(self.creation(topic)));
                }
            }
            // A chain of replies is a thread too, and no topic.
            (None, Kind::Supergroup, Some(first)) => {
                set("message_thread_id", Some(json!(first.id)));
            }
            (None, _, _) => {}
        }
        value
    }

    /// The message that created a topic, to which each message in it that replies to no other is a reply.
    fn creation(&self, topic: i64) -> Value {
        let name = TOPICS.into_iter().find(|(_, id)| *id == topic).map_or("", |(name, _)| name);
        let [creator, ..] = world::PEOPLE;
        json!({
            "message_id": topic, "from": creator.to_json(), "chat": self.chat.to_json(),
            "date": 1_796_000_000, "message_thread_id": topic, "is_topic_message": true,
            "forum_topic_created": { "name": name, "icon_color": 7_322_096 },
        })
    }

    /// The message as its readers see it.
    pub(super) fn to_reader(&self) -> Value {
        let topic = TOPICS.into_iter().find(|(_, id)| Some(*id) == self.topic);
        let mut seen = json!({
            "id": self.id, "author": self.author.name(), "is_bot": self.is_own(),
            "text": self.words.text, "entities": self.words.entities, "reply_to": self.reply_to,
            "topic": topic.map(|(name, _)| name), "edited": self.edited_ms.is_some(),
            "keyboard": self.keyboard.as_ref().map(|markup| &markup["inline_keyboard"]),
            "reactions": self.reactions, "album": self.album, "pings": self.pings(),
            "is_inline": self.inline.is_some(), "timestamp": clock::rfc3339(self.sent_ms),
        });
        if let Some(medium) = &self.medium {
            seen["medium"] = medium.seen.clone();
            seen["medium"]["kind"] = json!(medium.kind.field());
        }
        seen
    }

    /// Whom it notifies: mentions by name, and by the person.
    fn pings(&self) -> Vec<String> {
        let named =
            self.words.entities.iter().filter_map(|entity| match entity["type"].as_str()? {
                "mention" => self.part(entity).map(str::to_owned),
                "text_mention" => Some(entity["user"]["id"].to_string()),
                _ => None,
            });
        named.collect()
    }

    /// The text of an entity.
    fn part(&self, entity: &Value) -> Option<&str> {
        let Span { from, to } = Span::of(entity);
        utf16::part(&self.words.text, from, to - from)
    }

    /// Whether a person wrote it for the bot: a command, a mention, or a reply to one of its messages.
    ///
    /// # Source
    /// core.telegram.org/bots/features#privacy-mode
    pub(super) fn is_for_the_bot(&self, replied: Option<&Self>) -> bool {
        let name = format!("@{BOT_USERNAME}");
        let is_for = |entity: &Value| match (entity["type"].as_str(), self.part(entity)) {
            (Some("bot_command"), Some(command)) => match command.split_once('@') {
                Some((_, of)) => of.eq_ignore_ascii_case(BOT_USERNAME),
                None => true,
            },
            (Some("mention"), Some(mention)) => mention.eq_ignore_ascii_case(&name),
            (Some("text_mention"), _) => entity["user"]["id"] == world::BOT_ID,
            _ => false,
        };
        replied.is_some_and(Self::is_own) || self.words.entities.iter().any(is_for)
    }

    /// The data of a button, if the message has such a button.
    pub(super) fn has_button(&self, data: &str) -> bool {
        let rows = self.keyboard.as_ref().and_then(|markup| markup["inline_keyboard"].as_array());
        let mut buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        buttons.any(|button| button["callback_data"] == data)
    }
}
