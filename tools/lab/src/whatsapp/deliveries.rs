//! What was sent to the Worker, and what became of it.

use serde_json::{Value, json};

use crate::attempt::{Attempt, Fate};

/// All requests to the Worker since the last reset.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    /// Counts resets, so that what waits across one is not sent after it.
    epoch: u64,
    all: Vec<Delivery>,
}

/// A request to the Worker.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// An id of the lab's own; WhatsApp's requests have none.
    pub(super) id: String,
    /// Body, as it is sent.
    pub(super) body: String,
    /// The Worker's URL.
    pub(super) worker: String,
    /// Replaces the signature; empty: no header.
    pub(super) signature: Option<String>,
    /// How often it is sent at once.
    pub(super) copies: u32,
    pub(super) attempts: Vec<Attempt>,
    pub(super) fate: Fate,
}

impl Delivery {
    /// One that was not sent yet.
    pub(super) fn new(id: String, body: String, worker: String) -> Self {
        let (signature, copies, attempts, fate) = (None, 1, Vec::new(), Fate::Waiting);
        Self { id, body, worker, signature, copies, attempts, fate }
    }

    /// Whether a Worker has to take it for WhatsApp's.
    pub(super) fn is_genuine(&self) -> bool {
        self.signature.is_none()
    }

    /// As the inspection API shows it.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "state": self.fate.name(),
            "body": serde_json::from_str(&self.body).unwrap_or_else(|_odd| json!(self.body)),
            "attempts": self.attempts.iter().map(Attempt::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Deliveries {
    /// The same without requests.
    pub(super) fn emptied(&self) -> Self {
        Self { epoch: self.epoch + 1, all: Vec::new() }
    }

    /// Counts resets.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Adds a request; one that is delivered again keeps what became of it before.
    pub(super) fn add(&mut self, delivery: Delivery) {
        match self.all.iter_mut().find(|known| known.id == delivery.id) {
            Some(known) => {
                let attempts = std::mem::take(&mut known.attempts);
                *known = Delivery { attempts, fate: Fate::Waiting, ..delivery };
            }
            None => self.all.push(delivery),
        }
    }

    /// A request.
    pub(super) fn get(&self, id: &str) -> Option<&Delivery> {
        self.all.iter().find(|delivery| delivery.id == id)
    }

    /// A request, unless a reset has removed it.
    pub(super) fn get_mut(&mut self, id: &str, epoch: u64) -> Option<&mut Delivery> {
        let is_there = epoch == self.epoch;
        self.all.iter_mut().find(|delivery| is_there && delivery.id == id)
    }

    /// All requests since the last reset.
    pub(super) fn all(&self) -> &[Delivery] {
        &self.all
    }
}
