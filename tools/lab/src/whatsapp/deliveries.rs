//! What was sent to the Worker, and what became of it.

use serde_json::{Value, json};

use crate::attempt::{Attempt, Fate};
use crate::deliveries::Delivered;

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

impl Delivered for Delivery {
    fn id(&self) -> &str {
        &self.id
    }

    fn renew(&mut self, again: Self) {
        let attempts = std::mem::take(&mut self.attempts);
        *self = Self { attempts, fate: Fate::Waiting, ..again };
    }
}
