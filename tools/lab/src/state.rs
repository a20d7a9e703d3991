//! Everything the lab remembers, under one lock.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::chaos::Dice;
use crate::client::Client;
use crate::clock;
use crate::config::Config;
use crate::discord::limits::Bucket;
use crate::discord::messages::Message;
use crate::discord::openapi::Schemas;
use crate::faults::Rule;
use crate::interactions::Interaction;
use crate::jobs::Job;
use crate::record::Record;
use crate::route::Hook;
use crate::world::{GENERAL, WEBHOOK_ID, WEBHOOK_NAME, WEBHOOK_TOKEN};
use crate::{Model, Options};

/// The running lab: what never changes, and the state.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) base: String,
    pub(crate) model: Option<Model>,
    pub(crate) schemas: &'static Schemas,
    pub(crate) client: Client,
    /// Tells those who wait for it that a call has finished.
    pub(crate) finished: Notify,
    /// Counts changes of the state, for those who show it.
    pub(crate) changes: watch::Sender<u64>,
    state: Mutex<State>,
}

impl Lab {
    /// A lab with an empty state.
    ///
    /// # Errors
    /// The copied `OpenAPI` document does not compile.
    pub(crate) fn new(options: Options, base: &str) -> Result<Self, String> {
        Ok(Self {
            base: base.to_owned(),
            model: options.model,
            schemas: Schemas::shared()?,
            client: Client::default(),
            finished: Notify::new(),
            changes: watch::Sender::new(0),
            state: Mutex::new(State::default()),
        })
    }

    /// Takes the lock; never held across an `.await`.
    pub(crate) fn state(&self) -> Guard<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Guard { changes: &self.changes, is_changed: false, state }
    }
}

/// The lock; who held it to write has changed the state, and those who show it are told.
#[derive(Debug)]
pub(crate) struct Guard<'a> {
    changes: &'a watch::Sender<u64>,
    is_changed: bool,
    state: MutexGuard<'a, State>,
}

impl Deref for Guard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.is_changed = true;
        &mut self.state
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.is_changed {
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}

/// What changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) record: Record,
    pub(crate) faults: Vec<Rule>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) messages: Vec<Message>,
    pub(crate) interactions: Vec<Interaction>,
    /// Registered commands by scope: `global` or a guild's id.
    pub(crate) commands: BTreeMap<String, Vec<Value>>,
    /// Replies of the model that are used before it is asked.
    pub(crate) script: VecDeque<Value>,
    /// Webhooks that have answered 404, with the latest call of that time.
    pub(crate) gone: BTreeMap<Hook, u64>,
    pub(crate) buckets: BTreeMap<String, Bucket>,
    /// Decide about chaos.
    pub(crate) dice: Dice,
    /// When the configured block ends by itself.
    pub(crate) blocked_until_ms: Option<u64>,
    /// What the development server tells about jobs, by their id.
    pub(crate) jobs: BTreeMap<String, Job>,
    /// What it tells about the Worker: its address, and whether it runs.
    pub(crate) worker: Value,
    /// Counts resets.
    pub(crate) epoch: u64,
    /// Number of the latest fault rule.
    pub(crate) last_rule: u64,
    last_snowflake: u64,
}

/// A webhook of a channel.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) hook: Hook,
    pub(crate) name: String,
    pub(crate) channel_id: String,
    /// The application that made the webhook with its bot token; a person's has none.
    pub(crate) application_id: Option<&'static str>,
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
            record: Record::default(),
            faults: Vec::new(),
            webhooks: vec![webhook],
            messages: Vec::new(),
            interactions: Vec::new(),
            commands: BTreeMap::new(),
            script: VecDeque::new(),
            gone: BTreeMap::new(),
            buckets: BTreeMap::new(),
            dice: Dice::default(),
            blocked_until_ms: None,
            jobs: BTreeMap::new(),
            worker: Value::Null,
            epoch: 0,
            last_rule: 0,
            last_snowflake: 0,
        }
    }
}

impl State {
    /// A new id, larger than every earlier one, that embeds the current time.
    pub(crate) fn snowflake(&mut self) -> String {
        self.last_snowflake = clock::snowflake_at(clock::now_ms()).max(self.last_snowflake + 1);
        self.last_snowflake.to_string()
    }

    /// Starts again: only the counts go on, and what is known of the Worker.
    pub(crate) fn reset(&mut self) {
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        *self = Self {
            record,
            worker: self.worker.take(),
            epoch: self.epoch + 1,
            last_rule: self.last_rule,
            last_snowflake: self.last_snowflake,
            ..Self::default()
        };
    }

    /// Adds a webhook that an application made, or a person.
    pub(crate) fn add_webhook(
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
}
