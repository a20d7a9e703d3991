//! What was sent to the Worker, and what became of it.

use serde_json::{Value, json};

use super::world::{Channel, Person};
use crate::attempt::{Attempt, Fate};
use crate::deliveries::Delivered;

/// A request to the Worker.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// `event_id` of an event; others have one of the lab's own.
    pub(super) id: String,
    pub(super) kind: Kind,
    /// Body, as it is sent.
    pub(super) body: String,
    pub(super) target: Target,
    /// How often it is sent at once.
    pub(super) copies: u32,
    pub(super) attempts: Vec<Attempt>,
    pub(super) fate: Fate,
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Event,
    /// Whose answer is shown where it was typed.
    Command(Typed),
    Interaction,
    /// A form of the person of that name.
    Submission(&'static str),
}

/// A slash command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) channel: Channel,
    pub(super) person: Person,
    /// The whole line.
    pub(super) line: String,
}

/// Where a request goes, and how it is signed.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The Worker's URL.
    pub(super) worker: String,
    /// Replaces the signature; empty: no header.
    pub(super) signature: Option<String>,
    /// How old the signed time is.
    pub(super) age_s: u64,
}

impl Target {
    /// Whether a Worker has to take it for Slack's.
    pub(super) fn is_genuine(&self) -> bool {
        self.signature.is_none() && self.age_s <= 300
    }
}

impl Kind {
    /// Path of the Worker's endpoint.
    pub(super) fn path(&self) -> &'static str {
        match self {
            Self::Event => "/slack/events",
            Self::Command(_) => "/slack/commands",
            Self::Interaction | Self::Submission(_) => "/slack/interactivity",
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Command(_) => "command",
            Self::Interaction | Self::Submission(_) => "interaction",
        }
    }
}

impl Delivery {
    /// As the inspection API shows it.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "kind": self.kind.name(), "state": self.fate.name(), "body": self.shown(),
            "attempts": self.attempts.iter().map(Attempt::to_json).collect::<Vec<_>>(),
        })
    }

    /// Its body: JSON, the fields of a form, or the payload in it.
    fn shown(&self) -> Value {
        let form = || {
            let fields = form_urlencoded::parse(self.body.as_bytes());
            let mut fields: serde_json::Map<String, Value> =
                fields.map(|(name, value)| (name.into_owned(), json!(value))).collect();
            let payload = fields.remove("payload");
            let payload = payload.and_then(|text| serde_json::from_str(text.as_str()?).ok());
            payload.unwrap_or(Value::Object(fields))
        };
        match self.kind {
            Kind::Event => serde_json::from_str(&self.body).unwrap_or_else(|_odd| json!(self.body)),
            Kind::Command(_) | Kind::Interaction | Kind::Submission(_) => form(),
        }
    }
}

impl Delivered for Delivery {
    fn id(&self) -> &str {
        &self.id
    }

    fn renew(&mut self, again: Self) {
        self.fate = Fate::Waiting;
        (self.target, self.copies) = (again.target, again.copies);
    }
}
