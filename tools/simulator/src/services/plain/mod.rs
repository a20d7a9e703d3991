//! The chats of messengers, where the question stands already.
//!
//! In a seed all of them are on one platform: on one that can only send messages of at most 4,096 UTF-16 units, which
//! nobody can edit, find again or attach a file to; or on Telegram, Slack or WhatsApp, to which the program's own
//! transports send their requests.
//!
//! This file is what the platform remembers; `faults` decides how a message fares, `transport` is the way to the
//! platform that can only send, and `apis` and `way` are the ways to the others.

mod apis;
mod faults;
mod places;
mod transport;
mod way;

use core::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use miyabi_core::config;
use miyabi_core::ids::Secret;
use serde_json::Value;

pub use self::apis::is_to_messenger;
pub use self::places::{Place, place};
pub use self::transport::Transport;
use crate::base::marks::{Mark, SECRET};
use crate::base::messenger::Messenger;
use crate::base::shared::Shared;

/// Name of the platform, in a question.
pub const PLATFORM: &str = "plain";
/// Longest message, in UTF-16 units.
pub const LIMIT_UTF16: usize = 4_096;

/// The platform of one seed.
#[derive(Debug)]
pub struct Plain {
    shared: Rc<Shared>,
    /// Whose chats they are.
    pub messenger: Messenger,
    state: RefCell<State>,
}

/// What the platform remembers.
#[derive(Debug, Default)]
pub struct State {
    /// All messages of all chats, in the order in which they appeared.
    pub messages: Vec<Message>,
    /// Who asked, by the number of the question.
    pub askers: BTreeMap<usize, Asker>,
    /// What the program has written down of what grows.
    growing: BTreeMap<String, String>,
    /// Files that were uploaded, by their numbers.
    files: Vec<String>,
    /// How many messages there were.
    count: usize,
}

/// A message in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Chat.
    pub chat: String,
    /// Question for which it was sent.
    pub ask: usize,
    /// Content.
    pub content: String,
    /// Number among the posts of the record; `None` for what was said in reply to the question's delivery, and for what
    /// still grows.
    pub post: Option<usize>,
    /// Platform's id, as the program knows it.
    pub id: String,
    /// Whether it is what there is of an answer that is still written.
    pub is_preview: bool,
    /// What else the platform keeps of it.
    pub kept: Value,
}

impl Message {
    /// Keeps something else of it.
    fn keep(&mut self, name: &str, value: Value) {
        if let Some(kept) = self.kept.as_object_mut() {
            kept.insert(name.to_owned(), value);
        }
    }
}

/// Who asked a question, as far as the platform is concerned.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Chat in which it was asked.
    pub chat: String,
    /// Whether the platform refuses the question's answers for good.
    pub is_refused: bool,
    /// From when on the asker lets the program send nothing.
    pub blocks_from_ms: Option<u64>,
}

impl Asker {
    /// Returns whether the program may send the asker nothing at a time.
    pub fn blocks(&self, now_ms: u64) -> bool {
        self.blocks_from_ms.is_some_and(|from_ms| from_ms <= now_ms)
    }
}

impl Plain {
    /// Returns the platform of a seed, on which nobody has asked anything yet.
    pub fn new(shared: &Rc<Shared>, messenger: Messenger) -> Self {
        Self { shared: Rc::clone(shared), messenger, state: RefCell::default() }
    }

    /// Returns the number's settings, on WhatsApp.
    pub fn number() -> config::WhatsApp {
        config::WhatsApp {
            access_token: secret("access"),
            app_secret: secret("app"),
            verify_token: secret("verify"),
            phone_number_id: places::NUMBER.to_owned(),
            api_base: apis::WHATSAPP.to_owned(),
            asks: true,
            template: None,
        }
    }

    /// Returns the app's settings, on Slack.
    pub fn app() -> config::Slack {
        config::Slack {
            bot_token: secret("bot"),
            signing_secret: secret("signing"),
            api_base: apis::SLACK.to_owned(),
        }
    }

    /// Returns the bot's settings, on Telegram.
    pub fn bot() -> config::Telegram {
        config::Telegram {
            bot_id: 1,
            bot_token: secret("bot"),
            secret_token: secret("updates"),
            api_base: apis::TELEGRAM.to_owned(),
            chats: Vec::new(),
        }
    }

    /// Returns what the platform remembers.
    pub fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Returns what the program has written down of a message that grows.
    pub fn recall(&self, key: &str) -> Option<String> {
        self.state.borrow().growing.get(key).cloned()
    }

    /// Writes down what the program wants to know of a message that grows.
    pub fn remember(&self, key: &str, value: &str) {
        self.state.borrow_mut().growing.insert(key.to_owned(), value.to_owned());
    }

    /// Takes note of who asks a question.
    pub fn open(&self, ask: usize, asker: Asker) {
        self.state.borrow_mut().askers.insert(ask, asker);
    }

    /// Shows a sentence with which the program replies to the delivery of a question.
    pub fn reply(&self, ask: usize, content: &str) {
        let mut state = self.state.borrow_mut();
        let Some(chat) = state.askers.get(&ask).map(|asker| asker.chat.clone()) else { return };
        state.push(Message {
            chat,
            ask,
            content: content.to_owned(),
            post: None,
            id: String::new(),
            is_preview: false,
            kept: Value::Null,
        });
    }

    /// Takes a message that arrives, and returns its number; `None` if its asker lets the program send nothing, or the
    /// platform refuses the answer.
    fn take(&self, message: Message, id: impl Fn(usize) -> String) -> Option<usize> {
        let now_ms = self.shared.executor.now();
        let mut state = self.state.borrow_mut();
        let asker = state.askers.get(&message.ask);
        let is_answer = Mark::all(&message.content).iter().any(|mark| mark.is_answer());
        if asker.is_none_or(|asker| asker.blocks(now_ms) || (asker.is_refused && is_answer)) {
            return None;
        }
        let post = message.post;
        let number = state.push(message);
        let id = id(number);
        if let Some(message) = state.messages.last_mut() {
            id.clone_into(&mut message.id);
        }
        self.landed(post, &id);
        Some(number)
    }

    /// Notes that what was sent is there.
    fn landed(&self, post: Option<usize>, id: &str) {
        let now_ms = self.shared.executor.now();
        let mut record = self.shared.record.borrow_mut();
        if let Some(post) = post.and_then(|post| record.posts.get_mut(post)) {
            post.landed_ms = Some(now_ms);
            post.message_id = Some(id.to_owned());
        }
    }
}

/// Returns whether a key of the cache is about a message that grows.
pub fn is_of_growing(key: &str) -> bool {
    key.contains(":growing:")
}

fn secret(name: &str) -> Secret {
    Secret::new(format!("{SECRET}-{name}"))
}

impl State {
    /// Returns what was sent for a question, in order.
    pub fn sent_for(&self, ask: usize) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.ask == ask && !message.is_preview)
    }

    /// Adds a message, and returns its number, from 1.
    fn push(&mut self, message: Message) -> usize {
        self.messages.push(message);
        self.count += 1;
        self.count
    }

    fn of_id(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }
}
