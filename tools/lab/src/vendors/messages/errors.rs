//! Anthropic's errors.
//!
//! # Source
//! Claude Docs/API errors; Claude Docs/Rate limits (`retry-after`). The balance that is used up is a 400
//! whose sentence says so (kerlig.com/help/claude/troubleshooting).

use serde_json::{Value, json};

use crate::ai::Failure;
use crate::http::{Inbound, Reply};

fn error(status: u16, kind: &str, message: &str) -> Reply {
    let body = json!({ "type": "error", "error": { "type": kind, "message": message },
        "request_id": "req_lab" });
    Reply::json(status, body).header("request-id", "req_lab")
}

/// Our own mistake.
pub(super) fn wrong(message: &str) -> Reply {
    error(400, "invalid_request_error", message)
}

/// A key that is missing, or another's.
pub(in super::super) fn key(inbound: &Inbound) -> Reply {
    let message = match inbound.header("x-api-key") {
        None => "x-api-key header is required",
        Some(_) => "invalid x-api-key",
    };
    error(401, "authentication_error", message)
}

/// The event that tells of a failure in the middle of a stream.
pub(super) fn event() -> Value {
    json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } })
}

/// A failure; `after_s` is what it asks to wait.
pub(in super::super) fn failing(failing: Failure, after_s: Option<u64>) -> Reply {
    let reply = match failing {
        Failure::Busy => error(529, "overloaded_error", "Overloaded"),
        Failure::RateLimit => error(
            429,
            "rate_limit_error",
            "This request would exceed your organization's rate limit of 50 requests per minute.",
        ),
        Failure::Quota => wrong(
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing \
             to upgrade or purchase credits.",
        ),
        Failure::TooLong => wrong("prompt is too long: 208310 tokens > 200000 maximum"),
        Failure::Policy => wrong("Output blocked by content filtering policy"),
        Failure::BadKey => error(401, "authentication_error", "invalid x-api-key"),
        Failure::BadRequest => wrong("lab: Extra inputs are not permitted"),
        Failure::NoModel => error(404, "not_found_error", "model: the lab has none of this name"),
        Failure::Error => error(500, "api_error", "Internal server error"),
    };
    let wait = after_s.or((failing == Failure::RateLimit).then_some(2));
    match wait {
        Some(seconds) => reply.header("retry-after", &seconds.to_string()),
        None => reply,
    }
}
