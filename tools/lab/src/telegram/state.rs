//! The mutable state of the emulated Telegram: configuration, messages, drafts, files, updates.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::config::Config;
use super::limits::Paces;
use super::message::Message;
use super::queue::Queues;
use super::world::{BOT_TOKEN, Chat, Person, SECRET_TOKEN};
use crate::clock;

/// How long a chat action is shown.
const ACTION_MS: u64 = 5_000;

/// What changes while the lab runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(super) messages: Vec<Message>,
    pub(super) drafts: Vec<Draft>,
    pub(super) actions: Vec<Action>,
    pub(super) queries: Vec<Query>,
    pub(super) typed: Vec<Typed>,
    pub(super) files: Vec<Stored>,
    pub(super) paces: Paces,
    pub(super) queues: Queues,
    pub(super) webhook: Webhook,
    /// Commands by scope and language.
    pub(super) commands: BTreeMap<String, Value>,
    /// Latest message by chat; those that do not count on their own share one.
    last_messages: BTreeMap<i64, i64>,
    last_number: u64,
}

/// A preview of what the bot is about to send.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) chat: Chat,
    pub(super) id: i64,
    /// As its reader sees it.
    pub(super) seen: Value,
    pub(super) until_ms: u64,
}

/// What the bot is seen to be doing.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) chat: Chat,
    pub(super) topic: Option<i64>,
    pub(super) what: String,
    pub(super) until_ms: u64,
}

impl Action {
    /// An action from now on.
    pub(super) fn new(chat: Chat, topic: Option<i64>, what: &str) -> Self {
        Self { chat, topic, what: what.to_owned(), until_ms: clock::now_ms() + ACTION_MS }
    }
}

/// A file that was sent.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) id: String,
    /// The same for every bot, and no name by which it downloads.
    pub(super) unique_id: String,
    /// Path of its download.
    pub(super) path: String,
    /// Size that Telegram tells.
    pub(super) size: u64,
    pub(super) bytes: Bytes,
    /// Whether `getFile` has made a link to it.
    pub(super) is_ready: bool,
}

/// A press of a button, which waits for `answerCallbackQuery`.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) person: &'static str,
    /// What the bot has answered.
    pub(super) answer: Option<Value>,
}

/// What somebody has typed behind the bot's name, which waits for `answerInlineQuery`.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) id: String,
    pub(super) person: Person,
    pub(super) words: String,
    /// What the bot offers.
    pub(super) results: Option<Vec<Value>>,
}

/// What `setWebhook` has set.
#[derive(Debug, Clone, Default)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) max_connections: i64,
    /// Kinds of updates that are sent; all but some, if it is empty.
    pub(super) allowed: Vec<String>,
    pub(super) last_error: Option<(u64, String)>,
}

impl State {
    /// A number that no other call has got.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Id of the next message of a chat. Those of groups that count alone repeat in other chats.
    pub(super) fn next_message(&mut self, chat: Chat) -> i64 {
        let counter = if chat.counts_alone() { chat.id } else { 0 };
        let last = self.last_messages.entry(counter).or_insert(10);
        *last += 1;
        *last
    }

    /// Returns to the initial state; numbers keep counting.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            last_messages: std::mem::take(&mut self.last_messages),
            last_number: self.last_number,
            queues: self.queues.emptied(),
            ..Self::default()
        };
    }

    /// A message of a chat.
    pub(super) fn message(&self, chat: Chat, id: i64) -> Option<&Message> {
        self.messages.iter().find(|message| message.chat == chat && message.id == id)
    }

    /// A message as the API returns it.
    pub(super) fn to_json(&self, message: &Message) -> Value {
        let replied = message.reply_to.and_then(|id| self.message(message.chat, id));
        message.to_json(replied)
    }

    /// Removes drafts and actions whose time has passed.
    pub(super) fn expire(&mut self) {
        let now_ms = clock::now_ms();
        self.drafts.retain(|draft| draft.until_ms > now_ms);
        self.actions.retain(|action| action.until_ms > now_ms);
    }

    /// What the readers of a chat see: messages, and what the bot is about to say or to do.
    pub(super) fn seen(&self, chat: Chat) -> Value {
        let now_ms = clock::now_ms();
        let messages = self.messages.iter().filter(|message| message.chat == chat);
        let drafts = self.drafts.iter().filter(|d| d.chat == chat && d.until_ms > now_ms);
        let actions = self.actions.iter().filter(|a| a.chat == chat && a.until_ms > now_ms);
        json!({
            "messages": messages.map(Message::to_reader).collect::<Vec<_>>(),
            "drafts": drafts.map(|draft| draft.seen.clone()).collect::<Vec<_>>(),
            "actions": actions.map(|action| json!({ "action": action.what, "topic": action.topic })).collect::<Vec<_>>(),
        })
    }

    /// What the page shows of Telegram, by keys that name the item.
    pub(crate) fn page_view(&self) -> Vec<(String, Value)> {
        let messages = self.messages.iter().map(|message| {
            let mut value = message.to_reader();
            value["chat"] = json!(message.chat.name);
            (format!("telegram/message/{}/{}", message.chat.name, message.id), value)
        });
        let drafts = self.drafts.iter().map(|draft| {
            let mut value = draft.seen.clone();
            value["chat"] = json!(draft.chat.name);
            value["until_ms"] = json!(draft.until_ms);
            (format!("telegram/draft/{}/{}", draft.chat.name, draft.id), value)
        });
        let actions = self.actions.iter().map(|action| {
            let value = json!({ "chat": action.chat.name, "topic": action.topic, "action": action.what, "until_ms": action.until_ms });
            (format!("telegram/action/{}/{}", action.chat.name, action.topic.unwrap_or_default()), value)
        });
        let answers = self.queries.iter().filter_map(|query| {
            let value = json!({ "to": query.person, "answer": query.answer.as_ref()? });
            Some((format!("telegram/query/{}", query.id), value))
        });
        let commands = self
            .commands
            .iter()
            .map(|(scope, list)| (format!("telegram/commands/{scope}"), list.clone()));
        messages.chain(drafts).chain(actions).chain(answers).chain(commands).collect()
    }

    /// The secrets of the lab's Telegram.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        [BOT_TOKEN, SECRET_TOKEN, self.webhook.secret.as_str()].into_iter()
    }
}
