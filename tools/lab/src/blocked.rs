//! "You are being blocked": Cloudflare turns calls away before Discord sees them.
//!
//! All Workers share one egress address, so one tenant's abuse does this to all of them; the body is a
//! fixed page without `Retry-After` (discord-api-docs #5810, #7040, #7146).

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock;
use crate::faults::Fault;
use crate::route::Route;
use crate::state::State;

/// Cloudflare's page.
const PAGE: &str = "<!doctype html>\n<html><head><title>Access denied | discord.com used Cloudflare to \
                    restrict access</title></head><body><h1>Error 1015</h1><p>You are being rate \
                    limited.</p></body></html>\n";
/// The other form of it.
const MESSAGE: &str = "You are being blocked from accessing our API temporarily due to exceeding our rate \
                       limits frequently. Please read our docs at \
                       https://discord.com/developers/docs/topics/rate-limits to prevent this moving forward.";

/// Which calls are turned away, how and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Blocked {
    /// Id of the only webhook that is meant (the application's: all interactions); without it, every call.
    webhook: Option<String>,
    /// 403 or 429.
    status: u16,
    /// Whether the body is the JSON form instead of the page.
    json: bool,
    /// How long from now on; without it, until it is switched off.
    for_ms: Option<u64>,
}

impl Default for Blocked {
    fn default() -> Self {
        Self { webhook: None, status: 429, json: false, for_ms: None }
    }
}

impl Blocked {
    /// When it ends, if it ends by itself.
    ///
    /// # Errors
    /// A sentence, for a status that no block has.
    pub(crate) fn check(&self) -> Result<Option<u64>, String> {
        match self.status {
            403 | 429 => Ok(self.for_ms.map(|ms| clock::now_ms().saturating_add(ms))),
            other => Err(format!("blocked: status {other} is not 403 or 429")),
        }
    }

    fn covers(&self, route: &Route) -> bool {
        match (&self.webhook, route) {
            (Some(id), Route::Hook(hook, _)) => hook.id == *id,
            (Some(_), _) => false,
            (None, route) => route.is_discord(),
        }
    }
}

/// The refusal of a call that is turned away.
pub(crate) fn refuse(state: &mut State, route: &Route) -> Option<Fault> {
    end(state);
    let blocked = state.config.blocked.as_ref().filter(|blocked| blocked.covers(route))?;
    let body = if blocked.json { json!({ "code": 0, "message": MESSAGE }) } else { json!(PAGE) };
    Some(Fault::reply(blocked.status, body, false).by("blocked"))
}

/// Switches a block off whose time has passed.
pub(crate) fn end(state: &mut State) {
    if state.blocked_until_ms.is_some_and(|until_ms| clock::now_ms() >= until_ms) {
        state.config.blocked = None;
        state.blocked_until_ms = None;
    }
}
