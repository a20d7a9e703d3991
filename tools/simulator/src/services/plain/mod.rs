//! A platform that can only send: messages of at most 4,096 UTF-16 units, which nobody can edit, find again
//! or attach a file to, in a chat where the question stands already.
//!
//! This file is what the platform remembers; `faults` decides how a message fares, and `transport` is the
//! program's way to it.

mod faults;
mod transport;

use core::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

pub use self::transport::Transport;
use crate::base::shared::Shared;

/// Name of the platform, in a question.
pub const PLATFORM: &str = "plain";
/// Longest message, in UTF-16 units.
pub const LIMIT_UTF16: usize = 4_096;

/// The platform of one seed.
#[derive(Debug)]
pub struct Plain {
    shared: Rc<Shared>,
    state: RefCell<State>,
}

/// What the platform remembers.
#[derive(Debug, Default)]
pub struct State {
    /// All messages of all chats, in the order in which they appeared.
    pub messages: Vec<Message>,
    /// Who asked, by the number of the question.
    pub askers: BTreeMap<usize, Asker>,
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
    /// Number among the posts of the record; `None` for what was said in reply to the question's delivery.
    pub post: Option<usize>,
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
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared), state: RefCell::default() }
    }

    /// Returns what the platform remembers.
    pub fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Takes note of who asks a question.
    pub fn open(&self, ask: usize, asker: Asker) {
        self.state.borrow_mut().askers.insert(ask, asker);
    }

    /// Shows a sentence with which the program replies to the delivery of a question.
    pub fn reply(&self, ask: usize, content: &str) {
        let mut state = self.state.borrow_mut();
        let Some(chat) = state.askers.get(&ask).map(|asker| asker.chat.clone()) else { return };
        state.messages.push(Message { chat, ask, content: content.to_owned(), post: None });
    }
}

impl State {
    /// Returns what was sent for a question, in order.
    pub fn sent_for(&self, ask: usize) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.ask == ask)
    }
}
