//! Requests of Workers AI: the inputs and the options of a run.

use serde_json::Value;

use crate::protocols::ModelRequest;
use crate::protocols::openai_chat::{self, Chat};
use crate::protocols::wire::object;
use miyabi_core::config::models::Model;

/// Returns the inputs of a run. Messages and tools are those of Chat Completions, which every model
/// takes.
///
/// A stream tells its usage without being asked, and the native models refuse fields that they do not
/// know.
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":"…","role":"system"},…],"tools":[…]}`
///
/// # Source
/// The models' published input schemas, npm `@cloudflare/workers-types`, read 2026-11-20.
pub(super) fn inputs(model: &Model, request: &ModelRequest<'_>) -> Value {
    let profile = openai_chat::profile_of(model.vendor.name, &model.name);
    let Chat { messages, tools, .. } = openai_chat::chat(profile, request);
    object([
        ("messages", messages),
        // Never left out: the default is 256 tokens.
        ("max_tokens", request.max_tokens.into()),
        ("tools", tools.into()),
        ("stream", request.streams.then_some(true).into()),
    ])
}

/// Returns the options of a run.
///
/// # Source
/// workerd, `src/cloudflare/internal/ai-api.ts`, read 2026-11-20.
pub(super) fn options(model: &Model, rejects_if_busy: bool) -> Value {
    let gateway = model.gateway.as_ref();
    object([
        ("gateway", gateway.map(|gateway| object([("id", gateway.id.as_str().into())])).into()),
        ("rejectIfBusy", rejects_if_busy.then_some(true).into()),
    ])
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
