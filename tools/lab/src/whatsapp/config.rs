//! The part of `/lab/config` that is about WhatsApp, under `whatsapp`.

use serde::{Deserialize, Serialize};

use super::world::{self, TEMPLATES};

/// The switches; by default everything is as with a healthy number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Whether the limits of the number and of each pair are enforced.
    pub(super) rate_limits: bool,
    /// How long after a person's latest message they can be written to without a template.
    pub(super) window_ms: u64,
    /// How long the address of a medium works.
    pub(super) media_url_ms: u64,
    /// How long it is shown that the business types.
    pub(super) typing_ms: u64,
    pub(super) statuses: Statuses,
    /// Scopes that the token was not granted.
    pub(super) missing_scopes: Vec<String>,
    /// When the token ends, in seconds; 0: never.
    pub(super) token_expires_at: u64,
    /// `NAME/LANGUAGE` of templates that Meta has paused.
    pub(super) paused_templates: Vec<String>,
    /// Names of people whom no message reaches.
    pub(super) unreachable: Vec<String>,
    /// Whether a bill is due, so that nothing is delivered.
    pub(super) is_payment_due: bool,
    /// `GREEN`, `YELLOW` or `RED`.
    pub(super) quality: String,
    /// How long the Worker may take to answer.
    pub(super) timeout_ms: u64,
    /// Times until a request that was not taken is sent again; the last one is used for the rest.
    pub(super) retry_ms: Vec<u64>,
    /// How often a request is sent at most.
    pub(super) attempts: usize,
}

/// How the business gets to know what becomes of its messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Statuses {
    pub(super) are_on: bool,
    /// Time before each of them.
    pub(super) delay_ms: u64,
    /// How often each of them is sent.
    pub(super) copies: u32,
    /// Whether the last comes first.
    pub(super) are_reversed: bool,
    /// Whether the first is taken before the call that sends the message is answered.
    pub(super) are_early: bool,
    /// Whether people show that they have read something.
    pub(super) are_read: bool,
}

impl Default for Statuses {
    fn default() -> Self {
        Self {
            are_on: true,
            delay_ms: 20,
            copies: 1,
            are_reversed: false,
            are_early: false,
            are_read: true,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rate_limits: false,
            window_ms: 24 * 3_600_000,
            media_url_ms: 5 * 60_000,
            typing_ms: 25_000,
            statuses: Statuses::default(),
            missing_scopes: Vec::new(),
            token_expires_at: 0,
            paused_templates: Vec::new(),
            unreachable: Vec::new(),
            is_payment_due: false,
            quality: "GREEN".to_owned(),
            timeout_ms: 5_000,
            // Meta's grow over seven days.
            retry_ms: vec![200, 1_000, 2_000, 5_000],
            attempts: 60,
        }
    }
}

impl Config {
    /// The scopes that the token was granted.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &'static str> {
        world::SCOPES.into_iter().filter(|scope| !self.missing_scopes.iter().any(|it| it == scope))
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence about a name that nobody and nothing has.
    pub(crate) fn check(&self) -> Result<(), String> {
        let is_unknown = |it: &&String| !world::SCOPES.contains(&it.as_str());
        if let Some(scope) = self.missing_scopes.iter().find(is_unknown) {
            return Err(format!("whatsapp: the token has no scope `{scope}`"));
        }
        let is_unknown = |it: &&String| TEMPLATES.iter().all(|known| known.label() != **it);
        if let Some(template) = self.paused_templates.iter().find(is_unknown) {
            return Err(format!("whatsapp: no template `{template}`"));
        }
        match self.unreachable.iter().find(|name| world::person(name).is_none()) {
            Some(name) => Err(format!("whatsapp: nobody named `{name}`")),
            None => Ok(()),
        }
    }
}
