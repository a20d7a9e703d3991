//! Blocks: Cloudflare, in front of Discord, rejects calls with "You are being blocked".
//!
//! All Workers share one egress address, so the abuse of one tenant blocks all of them. The body is a
//! fixed page without `Retry-After` (discord-api-docs #5810, #7040, #7146).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::route::Route;
use crate::clock;
use crate::faults::Fault;

/// Cloudflare's page for a blocked client.
const PAGE: &str = "<!doctype html>\n<html><head><title>Access denied | discord.com used Cloudflare to \
                    restrict access</title></head><body><h1>Error 1015</h1><p>You are being rate \
                    limited.</p></body></html>\n";
/// The message of the JSON form.
const MESSAGE: &str = "You are being blocked from accessing our API temporarily due to exceeding our rate \
                       limits frequently. Please read our docs at \
                       https://discord.com/developers/docs/topics/rate-limits to prevent this moving forward.";

/// Which calls are rejected, with what answer and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Blocked {
    /// Id of the only webhook that is blocked (the application's id means all interactions); without
    /// it every call is.
    webhook: Option<String>,
    /// 403 or 429.
    status: u16,
    /// Whether the body is the JSON form instead of the page.
    json: bool,
    /// The code in the JSON form: 0, or 40333 (discord-api-docs #6473).
    code: u32,
    /// How long the block lasts; without it, until it is removed.
    for_ms: Option<u64>,
}

impl Default for Blocked {
    fn default() -> Self {
        Self { webhook: None, status: 429, json: false, code: 0, for_ms: None }
    }
}

impl Blocked {
    /// # Errors
    /// A sentence about a status that no block has.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.status {
            403 | 429 => Ok(()),
            other => Err(format!("blocked: status {other} is not 403 or 429")),
        }
    }

    /// When a block that begins now ends, if it ends by itself.
    pub(super) fn end_ms(&self) -> Option<u64> {
        self.for_ms.map(|ms| clock::now_ms().saturating_add(ms))
    }

    fn matches(&self, route: &Route) -> bool {
        match (&self.webhook, route) {
            (Some(id), Route::Hook(hook, _)) => hook.id == *id,
            (Some(_), Route::Bot(_)) => false,
            (None, Route::Hook(..) | Route::Bot(_)) => true,
        }
    }
}

/// The rejection of a call that a block covers.
pub(super) fn find<C: Default>(blocked: Option<&Blocked>, route: &Route) -> Option<Fault<C>> {
    let blocked = blocked.filter(|blocked| blocked.matches(route))?;
    let message = if blocked.code == 0 { MESSAGE } else { "internal network error" };
    let body = json!({ "code": blocked.code, "message": message });
    let body = if blocked.json { body } else { json!(PAGE) };
    Some(Fault::reply(blocked.status, body, false).by("blocked"))
}
