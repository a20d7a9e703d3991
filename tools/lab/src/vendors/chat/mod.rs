//! Emulates `POST …/chat/completions`: `OpenAI`'s API, and the vendors that have the same.

mod check;
pub(super) mod errors;
mod render;

use serde_json::Value;

use super::table::Vendor;
use crate::ai::{Ai, Cue, End, Failure, Played, play};
use crate::http::{Inbound, Reply};

/// Answers a call whose key is right.
pub(super) async fn answer(
    ai: &Ai,
    vendor: &'static Vendor,
    inbound: &Inbound,
    cue: Option<&Cue>,
) -> Reply {
    let request = match super::body(inbound) {
        Ok(request) => request,
        Err(why) => {
            let message = "We could not parse the JSON body of your request.";
            return errors::wrong(vendor, &errors::Wrong::new(message)).violation(why);
        }
    };
    let (wrong, violations) = check::check(vendor, request);
    if let Some(wrong) = wrong {
        let what = wrong.message.clone();
        return errors::wrong(vendor, &wrong).violation(what);
    }
    if !super::is_model(request["model"].as_str().unwrap_or_default()) {
        return errors::failing(vendor, Failure::NoModel, None).violation("no such model");
    }
    let mut reply = match play(ai, vendor.name, request, cue).await {
        Played::Raw(reply) => reply,
        Played::Fails(failing, after_s) => errors::failing(vendor, failing, after_s),
        Played::Unreachable(_) => errors::failing(vendor, Failure::Busy, None),
        Played::Says(output, _) if is_failed_call(vendor, request, &output.text) => {
            errors::tool_use_failed(&output.text)
        }
        Played::Says(output, _) if vendor.name == "deepseek" && output.end == End::Refused => {
            errors::failing(vendor, Failure::Policy, None)
        }
        Played::Says(output, pace) => render::answer(vendor, request, &output, &pace),
    };
    reply.violations.extend(violations);
    reply
}

/// Whether Groq fails because the text contains a tool call.
///
/// # Source
/// agno-agi/agno#4090, huggingface/smolagents#1119.
fn is_failed_call(vendor: &Vendor, request: &Value, text: &str) -> bool {
    vendor.name == "groq" && request["tools"].is_array() && text.starts_with("<function=")
}
