//! `GET /lab/events`: everything the page shows, and then each change of it, as server-sent events.
//!
//! Each event is `{"reset"?: true, "set": {KEY: VALUE}, "gone": [KEY]}`; a client that applies them in
//! order has the lab's current state. Secrets are replaced everywhere.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::config;
use crate::lab::Lab;
use crate::stream::{Broken, Stream};

/// Changes within this time become one event.
const BATCH: Duration = Duration::from_millis(20);
/// Time between comments that keep the connection open and show whether the client is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Replaces a secret.
const MASK: &str = "[secret]";

/// Starts a stream of events; it ends when the client disconnects.
pub(crate) fn follow(lab: &Arc<Lab>) -> Stream {
    let (sender, receiver) = mpsc::channel(8);
    tokio::spawn(run(Arc::clone(lab), sender));
    Stream::new(receiver)
}

async fn run(lab: Arc<Lab>, sender: mpsc::Sender<Result<Bytes, Broken>>) {
    let mut changes = lab.changes.subscribe();
    let mut sent = Sent::default();
    let mut line = Bytes::from_static(b"retry: 500\n\n");
    loop {
        if sender.send(Ok(line)).await.is_err() {
            return;
        }
        line = loop {
            changes.mark_unchanged();
            if let Some(event) = sent.next_event(&lab) {
                break Bytes::from(format!("data: {event}\n\n"));
            }
            match tokio::time::timeout(KEEP_ALIVE, changes.changed()).await {
                Ok(Ok(())) => tokio::time::sleep(BATCH).await,
                Ok(Err(_)) => return,
                Err(_) => break Bytes::from_static(b": alive\n\n"),
            }
        };
    }
}

/// What one client has received.
#[derive(Debug, Default)]
struct Sent {
    epoch: Option<u64>,
    /// Hash of each value, by its key.
    values: BTreeMap<String, u64>,
    /// Calls up to this number are finished and sent.
    calls: u64,
    /// Hash of each later call that was sent.
    running: BTreeMap<u64, u64>,
}

impl Sent {
    /// The next event, if anything has changed.
    fn next_event(&mut self, lab: &Lab) -> Option<String> {
        let epoch = lab.outside.lock().epoch;
        let is_new = self.epoch != Some(epoch);
        if is_new {
            *self = Self { epoch: Some(epoch), ..Self::default() };
        }
        let secrets = lab.secrets();
        let mut set = Vec::new();
        let mut present = BTreeSet::new();
        for (key, value) in view(lab) {
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
        set.extend(self.changed_calls(lab, &secrets));
        if set.is_empty() && gone.is_empty() {
            return None;
        }
        Some(format!(
            "{{\"reset\":{is_new},\"set\":{{{}}},\"gone\":{}}}",
            set.join(","),
            json!(gone)
        ))
    }

    /// Calls that are new or still run. There may be thousands of others, which are not looked at.
    fn changed_calls(&mut self, lab: &Lab, secrets: &[String]) -> Vec<String> {
        let mut set = Vec::new();
        let mut all_finished = true;
        let (calls, discord) = (lab.record.calls(), lab.discord.state());
        for call in calls.list(self.calls, None) {
            all_finished &= call.finished;
            if all_finished {
                self.calls = call.seq;
            }
            let mut value = json!(call);
            value["job"] = json!(discord.interaction_of(&call.path, &call.body));
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

/// Everything but the calls, by keys that name the item.
fn view(lab: &Lab) -> Vec<(String, Value)> {
    let mut world = lab.describe();
    for secret in ["bot_token", "webhook_token", "webhook_url", "vendors", "gateway"] {
        world[secret].take();
    }
    for secret in ["bot_token", "secret_token"] {
        world["telegram"][secret].take();
    }
    for secret in ["bot_token", "signing_secret"] {
        world["slack"][secret].take();
    }
    for secret in ["access_token", "app_secret", "verify_token"] {
        world["whatsapp"][secret].take();
    }
    let mut view = vec![
        ("world".to_owned(), world),
        ("config".to_owned(), config::show(lab)),
        ("faults".to_owned(), json!(lab.faults.lock().rules.list())),
    ];
    view.extend(lab.discord.state().page_view());
    view.extend(lab.telegram.state().page_view());
    view.extend(lab.slack.state().page_view());
    view.extend(lab.whatsapp.state().page_view());
    let outside = lab.outside.lock();
    view.push(("worker".to_owned(), outside.worker.clone()));
    view.extend(outside.jobs.iter().map(|(id, job)| (format!("job/{id}"), json!(job))));
    view
}

/// The same value with every secret replaced.
pub(crate) fn masked(lab: &Lab, value: &Value) -> Value {
    let text = mask(value.to_string(), &lab.secrets());
    // The mask needs no escape, so the text stays JSON; if it did not, the result would be null.
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
