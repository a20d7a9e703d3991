//! The mutable state of the emulated WhatsApp: configuration, messages, files, settings, deliveries.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::config::Config;
use super::deliveries::Delivery;
use super::message::{Author, Message};
use super::world::{ACCESS_TOKEN, APP_SECRET, Chat, NUMBER, Person, VERIFY_TOKEN};
use crate::clock;
use crate::deliveries::Deliveries;
use crate::pace::Pace;

/// What changes while the lab runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(super) messages: Vec<Message>,
    pub(super) files: Vec<Stored>,
    /// Addresses of files that were given out: the file, and until when they work.
    pub(super) links: BTreeMap<String, (String, u64)>,
    /// Until when the business is seen to type, by chat.
    pub(super) typing: BTreeMap<&'static str, u64>,
    /// When somebody last wrote, by chat.
    pub(super) heard_ms: BTreeMap<&'static str, u64>,
    /// Numbers and ids that were changed, by person.
    pub(super) numbers: BTreeMap<&'static str, String>,
    pub(super) user_ids: BTreeMap<&'static str, String>,
    /// What is charged: category, and number of messages.
    pub(super) charges: BTreeMap<&'static str, u64>,
    /// Whether the app gets to know of the account.
    pub(super) is_subscribed: bool,
    /// Where to, as the app has it: address and fields.
    pub(super) webhook: Option<(String, Vec<String>)>,
    /// `commands` and `prompts` that people are offered.
    pub(super) automation: Value,
    pub(super) paces: BTreeMap<String, Pace>,
    pub(super) deliveries: Deliveries<Delivery>,
    /// The Worker's URL, as the latest order has it.
    pub(super) worker: Option<String>,
    last_number: u64,
}

/// A file.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) kind: String,
    /// Size that WhatsApp tells.
    pub(super) size: u64,
    pub(super) bytes: Bytes,
}

impl State {
    /// A number that nothing else has got.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// The number and the id of a new message, in WhatsApp's form: base64 of the other's number and of random bytes,
    /// with `/`, `+` and `=` in it.
    pub(super) fn next_id(&mut self, chat: Chat) -> (u64, String) {
        let number = self.next_number();
        let other = match chat {
            Chat::With(person) => self.number(person),
            Chat::Group => None,
        };
        let other = other.unwrap_or_else(|| NUMBER.to_owned());
        let mut bytes = vec![0x1c, 0x18, u8::try_from(other.len()).unwrap_or_default()];
        bytes.extend(other.bytes());
        bytes.extend([0x15, 0x02, 0x00, 0x12, 0x18, 0x14]);
        bytes.extend(format!("3ALAB{number:015X}").bytes());
        bytes.extend([0xff, 0xbe, 0x00]);
        (number, format!("wamid.{}", STANDARD.encode(bytes)))
    }

    /// Returns to the initial state; numbers keep counting, and the Worker stays known.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            last_number: self.last_number,
            deliveries: self.deliveries.emptied(),
            worker: self.worker.take(),
            ..Self::default()
        };
    }

    /// A person's number of now.
    pub(super) fn number(&self, person: Person) -> Option<String> {
        let of_now = self.numbers.get(person.name).cloned();
        of_now.or_else(|| person.number.map(str::to_owned))
    }

    /// A person's id of now.
    pub(super) fn user_id(&self, person: Person) -> Option<String> {
        let of_now = self.user_ids.get(person.name).cloned();
        of_now.or_else(|| person.user_id.map(str::to_owned))
    }

    /// A message.
    pub(super) fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// A message, to change it.
    pub(super) fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// A file.
    pub(super) fn file(&self, id: &str) -> Option<&Stored> {
        self.files.iter().find(|file| file.id == id)
    }

    /// Stores a message. Nobody is seen to type any more when the business has written.
    pub(super) fn put(&mut self, message: Message) {
        if message.author == Author::Business {
            self.typing.remove(message.chat.label());
        }
        self.messages.push(message);
    }

    /// Until when a chat can be written to without a template; 0 if nobody has written there.
    pub(super) fn window_until_ms(&self, chat: Chat) -> u64 {
        self.heard_ms.get(chat.label()).map_or(0, |at| at.saturating_add(self.config.window_ms))
    }

    /// Whether a chat can be written to without a template.
    pub(super) fn is_open(&self, chat: Chat) -> bool {
        self.window_until_ms(chat) > clock::now_ms()
    }

    /// What readers see of a chat.
    pub(super) fn seen(&self, chat: Chat) -> Value {
        let all = || self.messages.iter().filter(move |it| it.chat == chat);
        let is_typing = self.typing.get(chat.label()).is_some_and(|until| *until > clock::now_ms());
        json!({
            "messages": all().filter(|it| it.failure.is_none()).map(Message::to_reader).collect::<Vec<_>>(),
            "failed": all().filter(|it| it.failure.is_some()).map(Message::to_reader).collect::<Vec<_>>(),
            "is_typing": is_typing, "window_until_ms": self.window_until_ms(chat),
            "commands": self.automation["commands"],
        })
    }

    /// What is charged.
    pub(super) fn money(&self) -> Value {
        json!({ "messages": self.charges.values().sum::<u64>(), "categories": self.charges })
    }

    /// What the page shows of WhatsApp, by keys that name the item.
    pub(crate) fn page_view(&self) -> Vec<(String, Value)> {
        let messages = self.messages.iter().filter(|it| it.failure.is_none()).map(|it| {
            (format!("whatsapp/message/{}/{}", it.chat.label(), it.number), it.to_reader())
        });
        let typing = self.typing.iter().map(|(chat, until_ms)| {
            (format!("whatsapp/typing/{chat}"), json!({ "until_ms": until_ms }))
        });
        let others = [
            ("whatsapp/money".to_owned(), self.money()),
            ("whatsapp/automation".to_owned(), self.automation.clone()),
        ];
        messages.chain(typing).chain(others).collect()
    }

    /// The secrets of the lab's WhatsApp.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = self.links.keys().map(String::as_str);
        [ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN].into_iter().chain(keys)
    }
}
