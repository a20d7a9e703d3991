//! Updates that wait to be sent: one at a time for each chat, again until the Worker takes them.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::attempt::{Attempt, Fate};

/// All updates, and those of each chat that wait.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// Counts resets, so that what waits across one is not sent after it.
    epoch: u64,
    last_update: u64,
    all: Vec<Update>,
    /// By chat: numbers of its updates that wait, oldest first, while somebody sends them.
    waiting: BTreeMap<i64, VecDeque<u64>>,
}

/// An update, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) id: u64,
    /// Body, as it is sent.
    pub(super) body: String,
    /// Where to, and what the secret's header has.
    pub(super) target: Target,
    /// How often it is sent at once.
    pub(super) copies: u32,
    pub(super) attempts: Vec<Attempt>,
    pub(super) state: Fate,
}

/// Where an update goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: String,
    /// Value of the header; without it there is no header.
    pub(super) secret: Option<String>,
    /// Whether that is the right one.
    pub(super) is_genuine: bool,
}

impl Update {
    /// As the inspection API shows it.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "update_id": self.id, "state": self.state.name(),
            "update": serde_json::from_str(&self.body).unwrap_or_else(|_odd| json!(self.body)),
            "attempts": self.attempts.iter().map(Attempt::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Queues {
    /// The same without updates.
    pub(super) fn emptied(&self) -> Self {
        Self { epoch: self.epoch + 1, last_update: self.last_update, ..Self::default() }
    }

    /// Number of the next update.
    pub(super) fn next_id(&mut self) -> u64 {
        // Telegram's begin at a random number.
        self.last_update = if self.last_update == 0 { 700_000_001 } else { self.last_update + 1 };
        self.last_update
    }

    /// Adds an update; returns whether somebody has to begin to send those of the chat.
    pub(super) fn add(&mut self, chat: i64, update: Update) -> bool {
        let id = update.id;
        // One that is delivered again keeps what became of it before.
        match self.all.iter_mut().find(|known| known.id == id) {
            Some(known) => {
                known.state = Fate::Waiting;
                known.target = update.target;
                known.copies = update.copies;
            }
            None => self.all.push(update),
        }
        let begins = !self.waiting.contains_key(&chat);
        self.waiting.entry(chat).or_default().push_back(id);
        begins
    }

    /// Counts resets.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The next update of a chat; without one, whoever has sent them since `epoch` ends.
    pub(super) fn next(&mut self, chat: i64, epoch: u64) -> Option<Update> {
        if epoch != self.epoch {
            return None;
        }
        let next = self.waiting.get(&chat).and_then(VecDeque::front).copied();
        let next = next.and_then(|id| self.get(id).cloned());
        if next.is_none() {
            self.waiting.remove(&chat);
        }
        next
    }

    /// Keeps what came of sending an update; returns whether it is over with it.
    pub(super) fn tried(
        &mut self,
        chat: i64,
        (epoch, id): (u64, u64),
        tried: Vec<Attempt>,
        most: usize,
    ) -> bool {
        if epoch != self.epoch {
            return true;
        }
        let Some(update) = self.all.iter_mut().find(|update| update.id == id) else { return true };
        let is_taken = tried.iter().any(Attempt::is_success);
        update.attempts.extend(tried);
        // Only what is genuine is worth another attempt.
        let is_last = update.attempts.len() >= most || !update.target.is_genuine;
        update.state = match (is_taken, is_last) {
            (true, _) => Fate::Taken,
            (false, true) => Fate::GivenUp,
            (false, false) => Fate::Waiting,
        };
        let is_over = update.state != Fate::Waiting;
        if is_over && let Some(waiting) = self.waiting.get_mut(&chat) {
            waiting.pop_front();
        }
        is_over
    }

    /// An update.
    pub(super) fn get(&self, id: u64) -> Option<&Update> {
        self.all.iter().find(|update| update.id == id)
    }

    /// All updates since the last reset.
    pub(super) fn all(&self) -> &[Update] {
        &self.all
    }

    /// Number of updates that wait.
    pub(super) fn pending(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }
}
