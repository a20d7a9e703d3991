//! An interaction that was delivered to the Worker: its token, its place, and what became of it.

use serde_json::{Value, json};

use super::world::{Channel, Kind, Person};

/// An interaction that was delivered at least once.
#[derive(Debug, Clone)]
pub(crate) struct Interaction {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) created_ms: u64,
    /// The body that was sent, for a second delivery.
    pub(crate) body: String,
    /// `type` in Discord's JSON: 1 is a ping, 2 a command, 3 a component, 4 a question for completions, 5 a form.
    pub(crate) kind: u64,
    /// The command that was used, or the label of the button; of a form the one that it belongs to, and of
    /// completions none.
    pub(crate) command: Option<String>,
    /// The form that the Worker has answered with.
    pub(crate) form: Option<Value>,
    pub(crate) channel: Channel,
    pub(crate) person: Person,
    /// Whether only the asker has installed the app.
    pub(crate) is_user_install: bool,
    pub(crate) is_expired: bool,
    /// Message id of `@original`, after the acknowledgement.
    pub(crate) original: Option<String>,
    pub(crate) follow_ups: u32,
}

impl Interaction {
    /// Whether the Worker has acknowledged it.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.original.is_some()
    }

    /// The message whose component was used, also by a form that it has opened.
    pub(crate) fn message(&self) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body["message"]["id"].as_str().map(str::to_owned)
    }

    /// Whether it came from a thread.
    pub(crate) fn is_in_thread(&self) -> bool {
        self.channel.kind == Kind::Thread
    }

    /// What the inspection API shows.
    pub(crate) fn to_record(&self) -> Value {
        json!({
            "id": self.id, "token": self.token, "channel": self.channel.name,
            "as": self.person.username, "acknowledged": self.is_acknowledged(),
            "expired": self.is_expired, "original": self.original, "follow_ups": self.follow_ups,
        })
    }

    /// What the page shows.
    pub(crate) fn to_page(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        json!({
            "id": self.id, "channel": self.channel.name, "as": self.person.username,
            "at_ms": self.created_ms, "command": self.command.as_deref(),
            "options": body["data"]["options"], "about": body["data"]["target_id"],
            "kind": self.kind,
            "acknowledged": self.is_acknowledged() || self.form.is_some(),
            "expired": self.is_expired,
        })
    }
}
