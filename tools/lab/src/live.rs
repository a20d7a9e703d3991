//! `GET /lab/events`: everything the page shows, and then each change of it, as server-sent events.
//!
//! Each event is `{"reset"?: true, "set": {KEY: VALUE}, "gone": [KEY]}`; who applies them in order
//! has what the lab has. Secrets are replaced, wherever they stand.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::discord::messages::Message;
use crate::state::{Lab, State};
use crate::stream::{Broken, Stream};
use crate::vendors::table;
use crate::world::{self, BOT_TOKEN};

/// Changes within this time become one event.
const TOGETHER: Duration = Duration::from_millis(20);
/// A line that keeps the connection, and finds out whether anybody is there.
const ALIVE: Duration = Duration::from_secs(10);
/// Takes the place of a secret.
const MASK: &str = "[secret]";

/// Starts to tell; it ends when nobody listens any more.
pub(crate) fn follow(lab: &Arc<Lab>) -> Stream {
    let (sender, receiver) = mpsc::channel(8);
    tokio::spawn(tell(Arc::clone(lab), sender));
    Stream::new(receiver)
}

async fn tell(lab: Arc<Lab>, sender: mpsc::Sender<Result<Bytes, Broken>>) {
    let mut changes = lab.changes.subscribe();
    let mut told = Told::default();
    let mut line = Bytes::from_static(b"retry: 500\n\n");
    loop {
        if sender.send(Ok(line)).await.is_err() {
            return;
        }
        line = loop {
            changes.mark_unchanged();
            if let Some(event) = told.tell(&lab.base, &lab.state()) {
                break Bytes::from(format!("data: {event}\n\n"));
            }
            match tokio::time::timeout(ALIVE, changes.changed()).await {
                Ok(Ok(())) => tokio::time::sleep(TOGETHER).await,
                Ok(Err(_)) => return,
                Err(_) => break Bytes::from_static(b": alive\n\n"),
            }
        };
    }
}

/// What one listener knows already.
#[derive(Debug, Default)]
struct Told {
    epoch: Option<u64>,
    /// Hash of each value, by its key.
    values: BTreeMap<String, u64>,
    /// Calls up to this one are finished and told.
    calls: u64,
    /// Hash of each later call that was told.
    running: BTreeMap<u64, u64>,
}

impl Told {
    /// The next event, if there is anything new.
    fn tell(&mut self, base: &str, state: &State) -> Option<String> {
        let is_new = self.epoch != Some(state.epoch);
        if is_new {
            *self = Self { epoch: Some(state.epoch), ..Self::default() };
        }
        let secrets = secrets(state);
        let mut set = Vec::new();
        let mut present = BTreeSet::new();
        for (key, value) in view(base, state) {
            let text = mask(value.to_string(), &secrets);
            let hash = hash(&text);
            if self.values.insert(key.clone(), hash) != Some(hash) {
                set.push(format!("{}:{text}", json!(key)));
            }
            present.insert(key);
        }
        let gone: Vec<String> =
            self.values.keys().filter(|key| !present.contains(*key)).cloned().collect();
        self.values.retain(|key, _| present.contains(key));
        set.extend(self.calls(state, &secrets));
        if set.is_empty() && gone.is_empty() {
            return None;
        }
        Some(format!(
            "{{\"reset\":{is_new},\"set\":{{{}}},\"gone\":{}}}",
            set.join(","),
            json!(gone)
        ))
    }

    /// Calls that are new or not finished; there may be thousands, so the rest is not looked at.
    fn calls(&mut self, state: &State, secrets: &[String]) -> Vec<String> {
        let mut set = Vec::new();
        let mut all_finished = true;
        for call in state.record.list(self.calls, None) {
            all_finished &= call.finished;
            if all_finished {
                self.calls = call.seq;
            }
            let mut value = json!(call);
            value["job"] = json!(job_of(state, &call.path, &call.body));
            let text = mask(value.to_string(), secrets);
            let hash = hash(&text);
            if self.running.insert(call.seq, hash) != Some(hash) {
                set.push(format!("\"call/{}\":{text}", call.seq));
            }
        }
        self.running.retain(|seq, _| *seq > self.calls);
        set
    }
}

/// Everything but the calls, by keys that say what it is.
fn view(base: &str, state: &State) -> Vec<(String, Value)> {
    let mut world = world::describe(base);
    for secret in ["bot_token", "webhook_token", "webhook_url", "vendors", "gateway"] {
        world[secret].take();
    }
    let mut view = vec![
        ("world".to_owned(), world),
        ("worker".to_owned(), state.worker.clone()),
        ("config".to_owned(), json!(state.config)),
        ("faults".to_owned(), json!(state.faults)),
        ("commands".to_owned(), state.commands.values().flatten().cloned().collect()),
    ];
    view.extend(state.messages.iter().map(|message| {
        let place = world::channel(&message.channel_id).map_or("", |channel| channel.name);
        let mut value = Message::to_reader(message);
        value["channel"] = json!(place);
        (format!("message/{}", message.id), value)
    }));
    view.extend(
        state
            .interactions
            .iter()
            .map(|known| (format!("interaction/{}", known.id), known.to_page())),
    );
    view.extend(state.jobs.iter().map(|(id, job)| (format!("job/{id}"), json!(job))));
    view
}

/// The interaction that a call is surely about: its token is in the path, or its id in the body.
fn job_of<'a>(state: &'a State, path: &str, body: &Value) -> Option<&'a str> {
    let is_it = |token: &str, id: &str| path.contains(token) || body["id"] == id;
    let known = state.interactions.iter().find(|known| is_it(&known.token, &known.id));
    known.map(|known| known.id.as_str())
}

fn secrets(state: &State) -> Vec<String> {
    let webhooks = state.webhooks.iter().map(|webhook| webhook.hook.token.clone());
    let interactions = state.interactions.iter().map(|known| known.token.clone());
    let fixed = [BOT_TOKEN, table::GATEWAY_TOKEN].into_iter().chain(table::keys());
    let fixed = fixed.map(str::to_owned);
    webhooks.chain(interactions).chain(fixed).filter(|secret| !secret.is_empty()).collect()
}

/// The same value with every secret replaced.
pub(crate) fn masked(state: &State, value: &Value) -> Value {
    let text = mask(value.to_string(), &secrets(state));
    // What stands for a secret needs no escape, so it is JSON still; if it were not, nothing is shown.
    serde_json::from_str(&text).unwrap_or_default()
}

fn mask(mut text: String, secrets: &[String]) -> String {
    for secret in secrets {
        if text.contains(secret.as_str()) {
            text = text.replace(secret.as_str(), MASK);
        }
    }
    text
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
