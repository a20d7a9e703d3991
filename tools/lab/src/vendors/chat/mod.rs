//! Emulates `POST …/chat/completions`: `OpenAI`'s API, and the vendors that have the same.

mod check;
pub(super) mod errors;
mod render;

use serde_json::Value;

use super::table::Vendor;
use crate::ai::{Ai, Cue, End, Failure, Outcome, decide};
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
            return errors::invalid_request(vendor, &errors::InvalidRequest::new(message))
                .violation(why);
        }
    };
    let (wrong, violations) = check::check(vendor, request);
    if let Some(wrong) = wrong {
        let what = wrong.message.clone();
        return errors::invalid_request(vendor, &wrong).violation(what);
    }
    if !super::is_model(request["model"].as_str().unwrap_or_default()) {
        return errors::failure(vendor, Failure::NoModel, None).violation("no such model");
    }
    let mut reply = match decide(ai, vendor.name, request, cue).await {
        Outcome::Raw(reply) => reply,
        Outcome::Fails(failure, after_s) => errors::failure(vendor, failure, after_s),
        Outcome::Unreachable(_) => errors::failure(vendor, Failure::Busy, None),
        Outcome::Answers(output, _) if is_failed_call(vendor, request, &output.text) => {
            errors::tool_use_failed(&output.text)
        }
        Outcome::Answers(output, _) if vendor.name == "deepseek" && output.end == End::Refused => {
            errors::failure(vendor, Failure::Policy, None)
        }
        Outcome::Answers(output, pace) => render::answer(vendor, request, &output, &pace),
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
