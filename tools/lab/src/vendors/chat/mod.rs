//! `POST …/chat/completions`: `OpenAI`'s API, and those who speak it.

mod check;
pub(super) mod errors;
mod render;

use serde_json::Value;

use super::table::Vendor;
use crate::ai::{Cue, End, Failing, Played, play};
use crate::http::{Inbound, Reply};
use crate::state::Lab;

/// Answers a call whose key is right.
pub(super) async fn answer(
    lab: &Lab,
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
        return errors::failing(vendor, Failing::NoModel, None).violation("no such model");
    }
    let mut reply = match play(lab, vendor.name, request, cue).await {
        Played::Raw(reply) => reply,
        Played::Fails(failing, after_s) => errors::failing(vendor, failing, after_s),
        Played::Gone(_) => errors::failing(vendor, Failing::Busy, None),
        Played::Says(output, _) if is_failed_call(vendor, request, &output.text) => {
            errors::tool_use_failed(&output.text)
        }
        Played::Says(output, _) if vendor.name == "deepseek" && output.end == End::Refused => {
            errors::failing(vendor, Failing::Policy, None)
        }
        Played::Says(output, pace) => render::answer(vendor, request, &output, &pace),
    };
    reply.violations.extend(violations);
    reply
}

/// Groq looks into the words for a call, and fails where a call has leaked.
///
/// # Source
/// agno-agi/agno#4090, huggingface/smolagents#1119.
fn is_failed_call(vendor: &Vendor, request: &Value, text: &str) -> bool {
    vendor.name == "groq" && request["tools"].is_array() && text.starts_with("<function=")
}
