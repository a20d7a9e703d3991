//! What `POST /lab/config` switches, and how a change of it takes effect.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::blocked::Blocked;
use crate::chaos::{Chaos, Dice};
use crate::discord::permissions::Permissions;
use crate::interactions::merge;
use crate::state::State;
use crate::stream::Pace;

/// The switches; everything is as a healthy server has it by default.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Config {
    /// Whether the webhook bucket (5 requests in 2 s) is enforced.
    pub(crate) rate_limits: bool,
    /// How long the Worker may take to acknowledge an interaction.
    pub(crate) ack_deadline_ms: u64,
    /// Whether the threads are archived and locked.
    pub(crate) thread_locked: bool,
    /// Whether the threads are archived; a webhook's post ends it.
    pub(crate) thread_archived: bool,
    /// Whether the bot has the Message Content intent.
    pub(crate) message_content: bool,
    /// What the bot may do, by channel.
    pub(crate) permissions: Permissions,
    /// Words that `AutoMod` keeps out of webhooks' messages, in any case.
    pub(crate) automod: Vec<String>,
    /// Calls that are turned away before Discord sees them.
    pub(crate) blocked: Option<Blocked>,
    /// How models' streams arrive.
    pub(crate) stream: Pace,
    /// Whether the AI Gateway wants its own token, too.
    pub(crate) gateway_auth: bool,
    /// Random faults.
    pub(crate) chaos: Option<Chaos>,
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
            automod: Vec::new(),
            blocked: None,
            stream: Pace::default(),
            gateway_auth: false,
            chaos: None,
        }
    }
}

impl Config {
    /// Whether a text contains a word that `AutoMod` keeps out.
    pub(crate) fn is_moderated(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.automod.iter().any(|word| text.contains(&word.to_lowercase()))
    }
}

/// Changes the fields that are given; permissions one by one, everything else as a whole.
///
/// # Errors
/// A sentence about a field that does not exist or has no such value; nothing is changed then.
pub(crate) fn change(state: &mut State, mut patch: Map<String, Value>) -> Result<(), String> {
    let is_given = |name: &str| patch.contains_key(name);
    let (blocks, is_chaotic) = (is_given("blocked"), is_given("chaos"));
    let mut value = serde_json::json!(state.config);
    if let Some(permissions) = patch.remove("permissions") {
        merge(&mut value["permissions"], &permissions);
    }
    value.as_object_mut().into_iter().for_each(|fields| fields.extend(patch.clone()));
    let config: Config = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if let Some(chaos) = &config.chaos {
        chaos.check()?;
        if is_chaotic {
            state.dice = Dice::new(chaos.seed);
        }
    }
    if let (true, Some(blocked)) = (blocks, &config.blocked) {
        state.blocked_until_ms = blocked.check()?;
    }
    state.config = config;
    Ok(())
}
