//! A message: how it is stored, and shown to readers.

use serde_json::{Value, json};

use super::marks;
use super::world::{Chat, Person};
use crate::clock;

/// A message in a chat.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Its place in the order of the lab.
    pub(super) number: u64,
    /// Its id (`wamid.…`).
    pub(super) id: String,
    pub(super) chat: Chat,
    pub(super) author: Author,
    /// Type of the API.
    pub(super) kind: String,
    /// What is said, with WhatsApp's marks: a text, a caption, or a template's text.
    pub(super) text: String,
    pub(super) reply_to: Option<String>,
    /// Buttons: ids and titles.
    pub(super) buttons: Vec<(String, String)>,
    /// `button` and `sections` of a list.
    pub(super) list: Option<Value>,
    /// What readers see of a file.
    pub(super) medium: Option<Value>,
    /// Name and language of a template.
    pub(super) template: Option<String>,
    /// `biz_opaque_callback_data`.
    pub(super) data: Option<String>,
    /// Why nobody has got it.
    pub(super) failure: Option<(u32, &'static str)>,
    /// Whether the business has marked it as read.
    pub(super) is_read: bool,
    pub(super) is_edited: bool,
    pub(super) is_revoked: bool,
    /// Who has reacted, and with what.
    pub(super) reactions: Vec<(&'static str, String)>,
    pub(super) at_ms: u64,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    Business,
    Person(Person),
}

impl Author {
    fn name(self) -> &'static str {
        match self {
            Self::Business => "Miyabi",
            Self::Person(person) => person.name,
        }
    }
}

impl Message {
    /// A message without anything; the caller fills and stores it.
    pub(super) fn new((number, id): (u64, String), chat: Chat, author: Author, kind: &str) -> Self {
        Self {
            number,
            id,
            chat,
            author,
            kind: kind.to_owned(),
            text: String::new(),
            reply_to: None,
            buttons: Vec::new(),
            list: None,
            medium: None,
            template: None,
            data: None,
            failure: None,
            is_read: false,
            is_edited: false,
            is_revoked: false,
            reactions: Vec::new(),
            at_ms: clock::now_ms(),
        }
    }

    /// Whether the business wrote it.
    pub(super) fn is_own(&self) -> bool {
        self.author == Author::Business
    }

    /// The message as its readers see it.
    pub(super) fn to_reader(&self) -> Value {
        let button = |(id, title): &(String, String)| json!({ "id": id, "title": title });
        let reaction = |(who, emoji): &(&str, String)| json!({ "as": who, "emoji": emoji });
        let text = if self.is_revoked { "" } else { self.text.as_str() };
        json!({
            "id": self.id, "number": self.number, "author": self.author.name(),
            "is_bot": self.is_own(), "kind": self.kind, "text": text,
            "plain": marks::plain(text), "lines": marks::rendered(text), "reply_to": self.reply_to,
            "buttons": self.buttons.iter().map(button).collect::<Vec<_>>(), "list": self.list,
            "medium": self.medium, "template": self.template, "data": self.data,
            "failure": self.failure.map(|(code, _)| code), "read": self.is_read,
            "edited": self.is_edited, "revoked": self.is_revoked,
            "reactions": self.reactions.iter().map(reaction).collect::<Vec<_>>(),
            "timestamp": clock::rfc3339(self.at_ms),
        })
    }
}
