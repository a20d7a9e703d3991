//! The mutable state of the emulated Discord: configuration, webhooks, messages, interactions.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::blocked::Blocked;
use super::config::Config;
use super::interaction::Interaction;
use super::limits::Buckets;
use super::message::Message;
use super::route::Hook;
use super::world::{self, BOT_TOKEN, GENERAL, WEBHOOK_ID, WEBHOOK_NAME, WEBHOOK_TOKEN};
use crate::clock;

/// What changes while the lab runs.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: Config,
    /// When the configured block ends by itself.
    blocked_until_ms: Option<u64>,
    pub(super) webhooks: Vec<Webhook>,
    /// Webhooks that have answered 404, with the latest call at that time.
    pub(super) gone: BTreeMap<Hook, u64>,
    pub(super) buckets: Buckets,
    pub(super) messages: Vec<Message>,
    /// Files that were sent, until the next reset.
    pub(super) uploads: Vec<Upload>,
    pub(super) interactions: Vec<Interaction>,
    /// Registered commands by scope: `global` or a guild's id.
    pub(super) commands: BTreeMap<String, Vec<Value>>,
    last_snowflake: u64,
}

/// A file that was sent.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    /// Path below the host of files.
    pub(super) path: String,
    pub(super) kind: Option<String>,
    pub(super) bytes: Bytes,
}

/// A webhook of a channel.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) hook: Hook,
    pub(super) name: String,
    pub(super) channel_id: String,
    /// The application that made the webhook with its bot token; a person's webhook has none.
    pub(super) application_id: Option<&'static str>,
}

impl Default for State {
    fn default() -> Self {
        let hook = Hook { id: WEBHOOK_ID.to_owned(), token: WEBHOOK_TOKEN.to_owned() };
        let webhook = Webhook {
            hook,
            name: WEBHOOK_NAME.to_owned(),
            channel_id: GENERAL.id.to_owned(),
            application_id: None,
        };
        Self {
            config: Config::default(),
            blocked_until_ms: None,
            webhooks: vec![webhook],
            gone: BTreeMap::new(),
            buckets: Buckets::new(),
            messages: Vec::new(),
            uploads: Vec::new(),
            interactions: Vec::new(),
            commands: BTreeMap::new(),
            last_snowflake: 0,
        }
    }
}

impl State {
    /// A new id, larger than every earlier one, that contains the current time.
    pub(super) fn snowflake(&mut self) -> String {
        self.last_snowflake = clock::snowflake_at(clock::now_ms()).max(self.last_snowflake + 1);
        self.last_snowflake.to_string()
    }

    /// Returns to the initial state; ids never repeat.
    pub(crate) fn reset(&mut self) {
        *self = Self { last_snowflake: self.last_snowflake, ..Self::default() };
    }

    /// Replaces the configuration. The duration of a block counts from the change that sets it.
    pub(crate) fn configure(&mut self, config: Config, sets_block: bool) {
        if sets_block {
            self.blocked_until_ms = config.blocked.as_ref().and_then(Blocked::end_ms);
        }
        self.config = config;
    }

    /// Removes a block whose time has passed.
    pub(super) fn expire_block(&mut self) {
        if self.blocked_until_ms.is_some_and(|until_ms| clock::now_ms() >= until_ms) {
            self.config.blocked = None;
            self.blocked_until_ms = None;
        }
    }

    /// Adds a webhook that an application made, or a person.
    pub(super) fn add_webhook(
        &mut self,
        channel_id: &str,
        name: &str,
        application_id: Option<&'static str>,
    ) -> Webhook {
        let id = self.snowflake();
        let token = format!("lab-webhook-token-{id}");
        let webhook = Webhook {
            hook: Hook { id, token },
            name: name.to_owned(),
            channel_id: channel_id.to_owned(),
            application_id,
        };
        self.webhooks.push(webhook.clone());
        webhook
    }

    /// What the page shows of Discord, by keys that name the item.
    pub(crate) fn page_view(&self) -> Vec<(String, Value)> {
        let commands = self.commands.values().flatten().cloned().collect();
        let mut view = vec![("commands".to_owned(), commands)];
        view.extend(self.messages.iter().map(|message| {
            let channel = world::channel(&message.channel_id).map_or("", |channel| channel.name);
            let mut value = message.to_reader();
            value["channel"] = json!(channel);
            (format!("message/{}", message.id), value)
        }));
        let interactions = self.interactions.iter();
        view.extend(
            interactions.map(|known| (format!("interaction/{}", known.id), known.to_page())),
        );
        view
    }

    /// The interaction that a call is certainly about: its token is in the path, or its id in the body.
    pub(crate) fn interaction_of(&self, path: &str, body: &Value) -> Option<&str> {
        let is_it = |known: &&Interaction| path.contains(&known.token) || body["id"] == known.id;
        self.interactions.iter().find(is_it).map(|known| known.id.as_str())
    }

    /// Ids of all delivered interactions.
    pub(crate) fn interaction_ids(&self) -> impl Iterator<Item = &str> {
        self.interactions.iter().map(|known| known.id.as_str())
    }

    /// Every secret of the server: tokens of webhooks, of interactions and of the bot.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let webhooks = self.webhooks.iter().map(|webhook| webhook.hook.token.as_str());
        let interactions = self.interactions.iter().map(|known| known.token.as_str());
        webhooks.chain(interactions).chain([BOT_TOKEN])
    }
}
