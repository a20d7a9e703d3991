//! The part of `/lab/config` that is about Telegram, under `telegram`.

use serde::{Deserialize, Serialize};

use super::world;

/// The switches; by default everything is as in a healthy chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Config {
    /// Whether the pace of each chat is enforced.
    pub(super) rate_limits: bool,
    /// Names of the people who have blocked the bot.
    pub(super) blocked: Vec<String>,
    /// Names of the groups that the bot was removed from.
    pub(super) removed: Vec<String>,
    /// Whether `group` was upgraded to `supergroup`.
    pub(super) upgraded: bool,
    /// Whether the bot only sees what is meant for it in groups.
    pub(super) privacy: bool,
    /// Whether `BotFather` was told to let people name the bot in any chat.
    pub(super) inline: bool,
    /// Whether `BotFather` was told to tell the bot what they choose.
    pub(super) inline_feedback: bool,
    /// How long a draft is shown.
    pub(super) draft_ms: u64,
    /// How long the Worker may take to answer an update.
    pub(super) webhook_timeout_ms: u64,
    /// Time until an update that was not taken is sent again.
    pub(super) retry_ms: u64,
    /// How often an update is sent at most.
    pub(super) attempts: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rate_limits: false,
            blocked: Vec::new(),
            removed: Vec::new(),
            upgraded: false,
            privacy: true,
            inline: true,
            inline_feedback: true,
            draft_ms: 30_000,
            webhook_timeout_ms: 60_000,
            retry_ms: 1_000,
            attempts: 5,
        }
    }
}

impl Config {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence about a name that nobody has.
    pub(crate) fn check(&self) -> Result<(), String> {
        let names = self.blocked.iter().chain(&self.removed);
        match names.clone().find(|name| world::chat(name).is_none()) {
            Some(name) => Err(format!("telegram: no chat `{name}`")),
            None => Ok(()),
        }
    }
}
