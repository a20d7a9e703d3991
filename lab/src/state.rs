//! Everything the lab remembers, under one lock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;

use crate::chaos::Dice;
use crate::client::Client;
use crate::clock;
use crate::config::Config;
use crate::discord::limits::Bucket;
use crate::discord::messages::Message;
use crate::discord::openapi::Schemas;
use crate::faults::Rule;
use crate::interactions::Interaction;
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
            state: Mutex::new(State::default()),
        })
    }

    /// Takes the lock; never held across an `.await`.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Starts again: only the count of calls and of ids goes on.
    pub(crate) fn reset(&mut self) {
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        *self = Self { record, last_snowflake: self.last_snowflake, ..Self::default() };
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
