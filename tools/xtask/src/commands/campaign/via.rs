//! What differs between the platforms: how a question is asked there, and what is to be seen in the end.

mod discord;
mod slack;
mod telegram;
mod whatsapp;

use std::collections::BTreeMap;
use std::thread;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::verdict::{Asked, Scene};
use super::{PAUSE, TRIES};
use crate::http;
use crate::stack::Stack;
use crate::value::{list, text};

/// Where the questions are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Via {
    /// By a command on Discord
    #[default]
    Discord,
    /// By a message to the bot on Telegram
    Telegram,
    /// By a message to the bot on Slack
    Slack,
    /// By a message to the number on WhatsApp
    #[value(name = "whatsapp")]
    WhatsApp,
}

/// The two sides between which questions go.
#[derive(Debug)]
pub struct Ends {
    worker: String,
    lab: String,
    /// The lab's fixed data.
    world: Value,
}

/// A question that is about to be asked.
#[derive(Debug)]
pub struct Asking {
    /// Whose turn it is.
    pub number: usize,
    /// Text.
    pub text: String,
    /// See [`Asked::marks`].
    pub marks: [String; 2],
}

impl Via {
    /// Returns the platform's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::Slack => "slack",
            Self::WhatsApp => "whatsapp",
        }
    }

    /// Returns the settings that the campaign needs there.
    pub fn vars(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Discord => &[],
            // The lab knows only a few people there, and each asks many of the questions.
            Self::Telegram | Self::Slack | Self::WhatsApp => &[("MIYABI_JOBS_PER_ASKER", "100")],
        }
    }

    /// Returns what the lab is told about the platform.
    pub fn config(self) -> Value {
        match self {
            Self::Discord | Self::Telegram | Self::Slack => json!({}),
            Self::WhatsApp => whatsapp::config(),
        }
    }

    /// Asks, and returns the question if the platform took note that the Worker has it.
    ///
    /// # Errors
    /// When the lab does not answer.
    pub fn ask(self, ends: &Ends, asking: Asking) -> Result<Option<Asked>> {
        match self {
            Self::Discord => discord::ask(ends, asking),
            Self::Telegram => telegram::ask(ends, asking),
            Self::Slack => slack::ask(ends, asking),
            Self::WhatsApp => whatsapp::ask(ends, asking),
        }
    }

    /// Reads the database, and what people see there. `killed_ms` is when workerd was killed.
    ///
    /// # Errors
    /// When the lab does not answer or the database cannot be read.
    pub fn look(self, stack: &Stack, killed_ms: Option<u64>) -> Result<Scene> {
        let jobs = "SELECT id, status, generation, result, created_at, updated_at FROM jobs";
        let noted = |step: &str| {
            let posts = "SELECT job AS id, message_id FROM posts WHERE step = ? AND state = 'SENT'";
            stack.query(posts, &[step]).map(by_id)
        };
        let mut scene = Scene {
            rows: by_id(stack.query(jobs, &[])?),
            ledger: noted("answer:1")?,
            ..Scene::default()
        };
        match self {
            Self::Discord => discord::look(stack, &mut scene)?,
            Self::Telegram => telegram::look(stack, &mut scene, killed_ms)?,
            Self::Slack => slack::look(stack, &mut scene)?,
            Self::WhatsApp => whatsapp::look(stack, &mut scene)?,
        }
        if self != Self::Discord {
            scene.notices = noted("notice:1")?;
        }
        Ok(scene)
    }
}

impl Ends {
    /// Returns the Worker and the lab of a stack.
    ///
    /// # Errors
    /// When the lab does not answer.
    pub fn new(stack: &Stack) -> Result<Self> {
        let world = stack.lab().get("/lab/world")?;
        Ok(Self { worker: stack.url(), lab: stack.lab_url().to_owned(), world })
    }

    /// Returns the Worker's base URL.
    pub fn worker(&self) -> &str {
        &self.worker
    }

    /// Returns a part of the lab's fixed data.
    fn known(&self, path: &str) -> Result<&Value> {
        self.world.pointer(path).with_context(|| format!("the lab's world has no {path}"))
    }

    /// Has the lab carry out an order. Returns the id of the message that was written, if the platform has ended
    /// with a delivery about it that the Worker took; it may have been sent more than once.
    fn deliver(&self, via: &Deliveries, mut order: Value) -> Result<Option<Value>> {
        if let Some(order) = order.as_object_mut() {
            order.insert("worker".to_owned(), json!(self.worker));
        }
        let url = format!("{}{}", self.lab, via.path);
        let sent = http::post(&url, &order)?.json()?;
        let message = sent.pointer("/messages/0").context("nothing was written")?.clone();
        let mut deliveries = sent.get(via.list).cloned().map(list).unwrap_or_default();
        let ids: Vec<Value> = deliveries.iter().filter_map(|it| it.get(via.id).cloned()).collect();
        for _ in 0..TRIES {
            let state = |wanted: &str| deliveries.iter().any(|it| text(it, "state") == wanted);
            if !state("waiting") {
                return Ok(state("taken").then_some(message));
            }
            thread::sleep(PAUSE);
            deliveries = list(http::get(&url)?.json()?);
            deliveries.retain(|it| it.get(via.id).is_some_and(|id| ids.contains(id)));
        }
        Ok(None)
    }
}

/// Where the lab takes orders of a platform and lists what became of them.
struct Deliveries {
    path: &'static str,
    /// Field of the receipt that has the deliveries.
    list: &'static str,
    /// Field of a delivery that identifies it.
    id: &'static str,
}

/// Mio and Alex by turns.
fn who(number: usize) -> &'static str {
    if number.is_multiple_of(3) { "alex" } else { "mio" }
}

fn by_turns(places: &[&'static str], number: usize) -> &'static str {
    places.get(number % places.len().max(1)).copied().unwrap_or_default()
}

fn by_id(list: Vec<Value>) -> BTreeMap<String, Value> {
    let id = |value: &Value| value.get("id").and_then(Value::as_str).map(ToOwned::to_owned);
    list.into_iter().filter_map(|value| Some((id(&value)?, value))).collect()
}
