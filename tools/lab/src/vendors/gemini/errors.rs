//! The errors of Gemini's API.
//!
//! # Source
//! Gemini API Docs/Troubleshooting; google-gemini/gemini-cli#8437 and langgenius/dify#19838 (the details
//! of 429), google-gemini/gemini-cli#17208 (the shape of 400).

use serde_json::{Value, json};

use crate::ai::Failure;
use crate::http::{Inbound, Reply};

fn error(code: u16, status: &str, message: &str, details: &Value) -> Reply {
    let mut error = json!({ "code": code, "message": message, "status": status });
    if !details.is_null() {
        error["details"] = details.clone();
    }
    Reply::json(code, json!({ "error": error }))
}

/// The reply to an invalid request.
pub(super) fn invalid_request(message: &str) -> Reply {
    error(400, "INVALID_ARGUMENT", message, &Value::Null)
}

/// The reply to a missing or a wrong key; for a wrong one it is a 400.
pub(in super::super) fn bad_key(inbound: &Inbound) -> Reply {
    if inbound.header("x-goog-api-key").is_some() {
        return failure(Failure::BadKey, None);
    }
    let message = "Method doesn't allow unregistered callers (callers without established identity). \
                   Please use API Key or other form of API consumer identity to call this API.";
    error(403, "PERMISSION_DENIED", message, &Value::Null)
}

/// The event that reports a failure in the middle of a stream.
pub(super) fn event() -> Value {
    json!({ "error": { "code": 503, "message": "The model is overloaded. Please try again later.",
        "status": "UNAVAILABLE" } })
}

/// A 429, for the quota of a minute or of the day.
fn exhausted(quota: &str, after_s: u64) -> Reply {
    let violation = json!({ "quotaMetric":
        "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": quota,
        "quotaDimensions": { "location": "global", "model": "lab" } });
    let details = json!([
        { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation] },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{after_s}s") },
    ]);
    let message = "You exceeded your current quota, please check your plan and billing details. For \
                   more information on this error, head to: \
                   https://ai.google.dev/gemini-api/docs/rate-limits.";
    error(429, "RESOURCE_EXHAUSTED", message, &details)
}

/// A failure; `after_s` is the wait that it asks for.
pub(in super::super) fn failure(failure: Failure, after_s: Option<u64>) -> Reply {
    let none = Value::Null;
    match failure {
        Failure::Busy => {
            let message = "The model is overloaded. Please try again later.";
            error(503, "UNAVAILABLE", message, &none)
        }
        Failure::RateLimit => {
            exhausted("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", after_s.unwrap_or(2))
        }
        Failure::Quota => {
            exhausted("GenerateRequestsPerDayPerProjectPerModel-FreeTier", after_s.unwrap_or(32))
        }
        Failure::TooLong => invalid_request(
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        ),
        Failure::Policy => invalid_request("The content was refused."),
        Failure::BadKey => {
            let info = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID", "domain": "googleapis.com",
                "metadata": { "service": "generativelanguage.googleapis.com" } }]);
            let message = "API key not valid. Please pass a valid API key.";
            error(400, "INVALID_ARGUMENT", message, &info)
        }
        Failure::BadRequest => invalid_request(
            "Invalid JSON payload received. Unknown name \"lab\": Cannot find field.",
        ),
        Failure::NoModel => error(
            404,
            "NOT_FOUND",
            "models/no-such-model is not found for API version v1beta, or is not supported for \
             generateContent. Call ListModels to see the list of available models and their supported \
             methods.",
            &none,
        ),
        Failure::Error => error(500, "INTERNAL", "An internal error has occurred.", &none),
    }
}
