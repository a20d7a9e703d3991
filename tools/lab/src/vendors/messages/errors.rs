//! The errors of Anthropic's API.
//!
//! # Source
//! Claude Docs/API errors; Claude Docs/Rate limits (`retry-after`). An exhausted balance is a 400
//! with a text of its own (kerlig.com/help/claude/troubleshooting).

use serde_json::{Value, json};

use crate::ai::Failure;
use crate::http::{Inbound, Reply};

fn error(status: u16, kind: &str, message: &str) -> Reply {
    let body = json!({ "type": "error", "error": { "type": kind, "message": message },
        "request_id": "req_lab" });
    Reply::json(status, body).header("request-id", "req_lab")
}

/// The reply to an invalid request.
pub(super) fn invalid_request(message: &str) -> Reply {
    error(400, "invalid_request_error", message)
}

/// The reply to a missing or a wrong key.
pub(in super::super) fn bad_key(inbound: &Inbound) -> Reply {
    let message = match inbound.header("x-api-key") {
        None => "x-api-key header is required",
        Some(_) => "invalid x-api-key",
    };
    error(401, "authentication_error", message)
}

/// The event that reports a failure in the middle of a stream.
pub(super) fn event() -> Value {
    json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } })
}

/// A failure; `after_s` is the wait that it asks for.
pub(in super::super) fn failure(failure: Failure, after_s: Option<u64>) -> Reply {
    let reply = match failure {
        Failure::Busy => error(529, "overloaded_error", "Overloaded"),
        Failure::RateLimit => error(
            429,
            "rate_limit_error",
            "This request would exceed your organization's rate limit of 50 requests per minute.",
        ),
        Failure::Quota => invalid_request(
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing \
             to upgrade or purchase credits.",
        ),
        Failure::TooLong => invalid_request("prompt is too long: 208310 tokens > 200000 maximum"),
        Failure::Policy => invalid_request("Output blocked by content filtering policy"),
        Failure::BadKey => error(401, "authentication_error", "invalid x-api-key"),
        Failure::BadRequest => invalid_request("lab: Extra inputs are not permitted"),
        Failure::NoModel => error(404, "not_found_error", "model: the lab has none of this name"),
        Failure::Error => error(500, "api_error", "Internal server error"),
    };
    let wait = after_s.or((failure == Failure::RateLimit).then_some(2));
    match wait {
        Some(seconds) => reply.header("retry-after", &seconds.to_string()),
        None => reply,
    }
}
