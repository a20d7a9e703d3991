//! The part of `/lab/config` that is about Discord.

use serde::{Deserialize, Serialize};

use super::blocked::Blocked;
use super::permissions::Permissions;

/// The switches; by default everything is as on a healthy server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Config {
    /// Whether the webhook bucket (5 requests in 2 s) is enforced.
    pub(super) rate_limits: bool,
    /// How long the Worker may take to acknowledge an interaction.
    pub(super) ack_deadline_ms: u64,
    /// Whether the threads are archived and locked.
    pub(super) thread_locked: bool,
    /// Whether the threads are archived; a webhook's post into one of them reopens them.
    pub(super) thread_archived: bool,
    /// Whether the bot has the Message Content intent.
    pub(super) message_content: bool,
    /// What the bot may do, by channel.
    pub(super) permissions: Permissions,
    /// Usernames of those who are timed out, for a thousand years.
    pub(super) timed_out: Vec<String>,
    /// Words that `AutoMod` rejects in webhooks' messages, in any case.
    pub(super) automod: Vec<String>,
    /// Whether contents are stored as Discord rewrites them.
    pub(super) rewrites: bool,
    /// Calls that Cloudflare rejects before they reach Discord.
    pub(super) blocked: Option<Blocked>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rate_limits: false,
            ack_deadline_ms: 3000,
            thread_locked: false,
            thread_archived: false,
            message_content: true,
            permissions: Permissions::default(),
            timed_out: Vec::new(),
            automod: Vec::new(),
            rewrites: true,
            blocked: None,
        }
    }
}

impl Config {
    /// Whether a text contains a word that `AutoMod` rejects.
    pub(super) fn is_moderated(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.automod.iter().any(|word| text.contains(&word.to_lowercase()))
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence about a value that Discord never has.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.blocked.as_ref().map_or(Ok(()), Blocked::check)
    }
}
