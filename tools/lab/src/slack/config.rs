//! The part of `/lab/config` that is about Slack, under `slack`.

use serde::{Deserialize, Serialize};

use super::world::{self, WRITE_PUBLIC};

/// The switches; by default everything is as in a healthy workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Whether the limits of the methods are enforced, and the one message in a second of a channel.
    pub(super) rate_limits: bool,
    /// Names of the channels that the bot was removed from.
    pub(super) removed: Vec<String>,
    /// Names of the channels that were archived.
    pub(super) archived: Vec<String>,
    /// Whether the app has `chat:write.public`, with which it posts in public channels that it is not in.
    pub(super) write_public: bool,
    /// Other scopes that the app was not granted.
    pub(super) missing_scopes: Vec<String>,
    /// Whether the Worker gets to know of the app's own messages, as it does where Slack sends `message` events.
    pub(super) echo: bool,
    /// How long a status is shown.
    pub(super) status_ms: u64,
    /// How long the Worker may take to answer.
    pub(super) timeout_ms: u64,
    /// Times until an event that was not taken is sent again.
    pub(super) retry_ms: Vec<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rate_limits: false,
            removed: Vec::new(),
            archived: Vec::new(),
            write_public: true,
            missing_scopes: Vec::new(),
            echo: true,
            status_ms: 120_000,
            timeout_ms: 3_000,
            // Slack's are about 0 s, 60 s and 300 s.
            retry_ms: vec![0, 1_000, 5_000],
        }
    }
}

impl Config {
    /// The scopes that the app was granted.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &'static str> {
        let is_granted = |scope: &&str| {
            let is_missing = self.missing_scopes.iter().any(|it| it == scope);
            !is_missing && (self.write_public || *scope != WRITE_PUBLIC)
        };
        world::SCOPES.into_iter().filter(is_granted)
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence about a name that no channel or scope has.
    pub(crate) fn check(&self) -> Result<(), String> {
        let is_unknown = |it: &&String| !world::SCOPES.contains(&it.as_str());
        if let Some(scope) = self.missing_scopes.iter().find(is_unknown) {
            return Err(format!("slack: the app has no scope `{scope}`"));
        }
        let mut names = self.removed.iter().chain(&self.archived);
        match names.find(|name| world::channel(name).is_none()) {
            Some(name) => Err(format!("slack: no channel `{name}`")),
            None => Ok(()),
        }
    }
}
