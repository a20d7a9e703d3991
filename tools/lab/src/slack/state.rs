//! The mutable state of the emulated Slack: configuration, messages, statuses, files, deliveries.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::config::Config;
use super::deliveries::Delivery;
use super::events::Event;
use super::message::{Author, Message, ms_of};
use super::route::Method;
use super::world::{BOT_TOKEN, Channel, Kind, SIGNING_SECRET};
use crate::clock;
use crate::deliveries::Deliveries;
use crate::pace::Pace;

/// What changes while the lab runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(super) messages: Vec<Message>,
    pub(super) ephemerals: Vec<Ephemeral>,
    pub(super) statuses: Vec<Status>,
    /// Suggestions by channel and thread.
    pub(super) prompts: BTreeMap<(String, String), Value>,
    /// The home of each person, by name.
    pub(super) homes: BTreeMap<&'static str, Value>,
    pub(super) files: Vec<Stored>,
    /// What opens windows, by its id, and the window that each person sees, by name.
    pub(super) triggers: BTreeMap<String, Trigger>,
    pub(super) windows: BTreeMap<&'static str, Value>,
    pub(super) paces: BTreeMap<(Method, String), Pace>,
    pub(super) deliveries: Deliveries<Delivery>,
    /// What has happened, until the Worker gets to know of it.
    pub(super) outbox: Vec<Event>,
    /// Interactions that can still be answered, by the key of their `response_url`.
    pub(super) hooks: BTreeMap<String, Hook>,
    /// The Worker's URL, as the latest order or `POST /lab/worker` has it.
    pub(super) worker: Option<String>,
    last_us: u64,
    last_number: u64,
}

/// What only one person sees.
#[derive(Debug, Clone)]
pub(super) struct Ephemeral {
    pub(super) ts: String,
    pub(super) channel: Channel,
    pub(super) to: &'static str,
    pub(super) text: String,
    pub(super) blocks: Vec<Value>,
    pub(super) thread: Option<String>,
    /// Whether Slack itself says it, of a command that failed.
    pub(super) is_slacks: bool,
}

/// What the bot is seen to be doing in a thread.
#[derive(Debug, Clone)]
pub(super) struct Status {
    pub(super) channel: Channel,
    pub(super) thread: String,
    pub(super) text: String,
    pub(super) loading: Value,
    pub(super) until_ms: u64,
}

/// A file.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// Size that Slack tells.
    pub(super) size: u64,
    pub(super) bytes: Bytes,
    pub(super) stage: Stage,
}

/// What opens a window: somebody's deed of a moment ago, once.
#[derive(Debug, Clone)]
pub(super) struct Trigger {
    pub(super) person: &'static str,
    pub(super) at_ms: u64,
    pub(super) is_used: bool,
}

/// How far the upload of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its address was given out, with a key.
    Promised(String),
    Uploaded,
    /// It is there for good.
    Complete,
}

/// An interaction that can be answered by its `response_url`.
#[derive(Debug, Clone)]
pub(super) struct Hook {
    pub(super) channel: Channel,
    pub(super) person: &'static str,
    /// The message that it replaces or deletes: its time, and whether only the person sees it.
    pub(super) of: Option<(String, bool)>,
    pub(super) thread: Option<String>,
    pub(super) until_ms: u64,
    pub(super) uses: u32,
}

impl State {
    /// A number that nothing else has got.
    pub(super) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A time that no other message has: ten digits, a point, six digits.
    pub(super) fn next_ts(&mut self) -> String {
        self.last_us = (clock::now_ms() * 1_000).max(self.last_us + 1);
        format!("{:010}.{:06}", self.last_us / 1_000_000, self.last_us % 1_000_000)
    }

    /// Returns to the initial state; numbers keep counting, and the Worker stays known.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            last_us: self.last_us,
            last_number: self.last_number,
            deliveries: self.deliveries.emptied(),
            worker: self.worker.take(),
            ..Self::default()
        };
    }

    /// Whether the bot is in a channel.
    pub(super) fn is_member(&self, channel: Channel) -> bool {
        channel.has_bot && !self.config.removed.contains(&channel.label())
    }

    /// Whether the bot gets to know that there is a channel.
    pub(super) fn is_visible(&self, channel: Channel) -> bool {
        channel.kind == Kind::Public || self.is_member(channel)
    }

    /// Whether nobody can write in a channel any more.
    pub(super) fn is_archived(&self, channel: Channel) -> bool {
        channel.is_archived() || self.config.archived.contains(&channel.label())
    }

    /// A message of a channel.
    pub(super) fn message(&self, channel: Channel, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|it| it.channel == channel && it.ts == ts && it.is_said())
    }

    /// The replies to a root, oldest first.
    pub(super) fn replies(&self, root: &Message) -> Vec<&Message> {
        let is_reply =
            |it: &&Message| it.channel == root.channel && it.thread.as_ref() == Some(&root.ts);
        self.messages.iter().filter(is_reply).collect()
    }

    /// A message as the API returns it.
    pub(super) fn to_json(&self, message: &Message) -> Value {
        let root = message.thread.as_ref().and_then(|ts| self.message(message.channel, ts));
        message.to_json(root, &self.replies(message))
    }

    /// Stores a message. What the bot was seen to be doing in its thread is over when the bot writes.
    pub(super) fn put(&mut self, message: Message) {
        if message.author == Author::Bot {
            let (channel, thread) = (message.channel, message.root().to_owned());
            self.statuses.retain(|it| it.channel != channel || it.thread != thread);
        }
        self.messages.push(message);
    }

    /// What readers see of a channel.
    pub(super) fn seen(&self, channel: Channel) -> Value {
        let now_ms = clock::now_ms();
        let messages = self.messages.iter().filter(|it| it.channel == channel);
        let statuses =
            self.statuses.iter().filter(|it| it.channel == channel && it.until_ms > now_ms);
        let ephemerals = self.ephemerals.iter().filter(|it| it.channel == channel);
        let prompts = self.prompts.iter().filter(|((id, _), _)| id == channel.id);
        let window =
            self.windows.iter().filter(|(name, _)| channel.label() == format!("dm:{name}"));
        json!({
            "windows": window.map(|(_, view)| view).collect::<Vec<_>>(),
            "messages": messages.map(Message::to_reader).collect::<Vec<_>>(),
            "statuses": statuses.map(Status::to_reader).collect::<Vec<_>>(),
            "ephemerals": ephemerals.map(Ephemeral::to_reader).collect::<Vec<_>>(),
            "prompts": prompts.map(|(_, prompts)| prompts).collect::<Vec<_>>(),
        })
    }

    /// What the page shows of Slack, by keys that name the item.
    pub(crate) fn page_view(&self) -> Vec<(String, Value)> {
        let with = |mut value: Value, channel: Channel| {
            value["channel"] = json!(channel.label());
            value
        };
        let key = |kind: &str, channel: Channel, id: &str| {
            format!("slack/{kind}/{}/{id}", channel.label())
        };
        let messages = self
            .messages
            .iter()
            .map(|it| (key("message", it.channel, &it.ts), with(it.to_reader(), it.channel)));
        let statuses = self.statuses.iter().map(|it| {
            let mut value = with(it.to_reader(), it.channel);
            value["until_ms"] = json!(it.until_ms);
            (key("status", it.channel, &it.thread), value)
        });
        let ephemerals = self
            .ephemerals
            .iter()
            .map(|it| (key("ephemeral", it.channel, &it.ts), with(it.to_reader(), it.channel)));
        let prompts = self.prompts.iter().map(|((channel, thread), value)| {
            (format!("slack/prompts/{channel}/{thread}"), value.clone())
        });
        let homes =
            self.homes.iter().map(|(name, view)| (format!("slack/home/{name}"), view.clone()));
        let windows =
            self.windows.iter().map(|(name, view)| (format!("slack/window/{name}"), view.clone()));
        let alone = ephemerals.chain(prompts).chain(homes).chain(windows);
        messages.chain(statuses).chain(alone).collect()
    }

    /// The secrets of the lab's Slack.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = self.hooks.keys().map(String::as_str);
        [BOT_TOKEN, SIGNING_SECRET].into_iter().chain(keys)
    }
}

impl Status {
    fn to_reader(&self) -> Value {
        json!({ "thread_ts": self.thread, "status": self.text, "loading_messages": self.loading })
    }
}

impl Ephemeral {
    fn to_reader(&self) -> Value {
        json!({
            "ts": self.ts, "to": self.to, "text": self.text, "blocks": self.blocks,
            "thread_ts": self.thread, "timestamp": clock::rfc3339(ms_of(&self.ts)), "by": if self.is_slacks { "slack" } else { "Miyabi" },
        })
    }
}
