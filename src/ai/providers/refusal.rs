//! What does an error mean that comes over HTTP, or inside a stream?
//!
//! Vendors agree on little: the status decides unless the text says more. Nothing of the text is
//! kept, since it may quote the question.

use core::time::Duration;

use serde_json::Value;

use super::decode;
use crate::ai::Failure;
use crate::fault::Class;
use crate::http::Response;
use crate::json;
use crate::text::{contains, split_once};

/// Words of an error, in lower case, and what it is then; the first that is there counts.
///
/// # Source
/// Error pages and error bodies of `OpenAI`, Anthropic, Gemini, Groq, `DeepSeek`, Hugging Face, Ollama,
/// vLLM and Cloudflare's AI Gateway, read 2026-11-21.
const CLUES: [(&str, Class); 37] = [
    // OpenAI, Azure behind a router, Anthropic, DeepSeek, AI Gateway's guardrails.
    ("content_filter", Class::Policy),
    ("content_policy", Class::Policy),
    ("content filter", Class::Policy),
    ("content management", Class::Policy),
    ("content exists risk", Class::Policy),
    ("usage polic", Class::Policy),
    ("security configurations", Class::Policy),
    // OpenAI, Groq; vLLM and Ollama; Anthropic; Gemini; a limit per minute that is below the request.
    ("context_length", Class::TooLong),
    ("context length", Class::TooLong),
    ("context window", Class::TooLong),
    ("context limit", Class::TooLong),
    ("prompt is too long", Class::TooLong),
    ("maximum number of tokens", Class::TooLong),
    ("too large", Class::TooLong),
    // OpenAI; Gemini and Groq; Anthropic; DeepSeek; Hugging Face.
    ("insufficient_quota", Class::Quota),
    ("billing_", Class::Quota),
    ("perday", Class::Quota),
    ("per day", Class::Quota),
    ("credit balance", Class::Quota),
    ("insufficient balance", Class::Quota),
    ("included credits", Class::Quota),
    // Gemini's 400; OpenAI, Groq, Hugging Face; DeepSeek; Ollama; vLLM without its flags.
    ("api key not valid", Class::Config),
    ("api_key_invalid", Class::Config),
    ("location is not supported", Class::Config),
    ("model_not", Class::Config),
    ("model not exist", Class::Config),
    ("decommissioned", Class::Config),
    ("not support tools", Class::Config),
    ("tool-choice", Class::Config),
    // Anthropic, Gemini, OpenAI; Groq; Hugging Face.
    ("overloaded", Class::Busy),
    ("capacity", Class::Busy),
    ("currently loading", Class::Busy),
    // Inside a stream there is no status.
    ("rate_limit", Class::RateLimit),
    ("resource_exhausted", Class::RateLimit),
    ("authentication_error", Class::Config),
    ("invalid_api_key", Class::Config),
    ("invalid_request", Class::BadRequest),
];

/// Reads a response that is no success. Groq's refusal of what a model generated is a response all the
/// same: the text is in it.
///
/// # Errors
/// The failure, nearly always.
pub(super) fn read(response: &Response, parsed: Option<Value>) -> Result<Value, Failure> {
    let status = u32::from(response.status);
    let mut failure = classify(status, &response.body);
    if let Some(body) = parsed {
        if has_generation(&body) {
            return Ok(body);
        }
        // The AI Gateway has codes of its own, which say more than its status.
        if let Value::Object(fields) = &body
            && let Some(inner) = decode::read_error(fields)
            && inner.code > 999
        {
            failure = inner;
        }
    }
    let header = response.header("retry-after").and_then(seconds);
    let named = split_once(&response.body, "\"retryDelay\"");
    let named = named.and_then(|(_, rest)| seconds(rest.trim_start_matches([':', ' ', '"'])));
    failure.after = header.or(named).map(Duration::from_secs);
    Err(failure)
}

/// Returns the text that a model generated and Groq did not take for a tool call.
pub(super) fn generation(error: &Value) -> Option<&str> {
    error.get("failed_generation")?.as_str()
}

fn has_generation(body: &Value) -> bool {
    body.get("error").and_then(generation).is_some()
}

/// Returns what kind of failure it is, by the words of the error and its status, 0 if it has none.
pub(super) fn classify(status: u32, text: &str) -> Failure {
    let lower = text.to_ascii_lowercase();
    let clue = CLUES.iter().find(|(clue, _)| contains(&lower, clue)).map(|(_, class)| *class);
    let class = match (status, clue) {
        (402, _) => Class::Quota,
        // Groq: more tokens than a minute has.
        (413, _) => Class::TooLong,
        // That the request is invalid says less than these.
        (401 | 403..=405 | 410, None | Some(Class::BadRequest)) => Class::Config,
        (429, None | Some(Class::BadRequest)) => Class::RateLimit,
        (_, Some(class)) => class,
        (498 | 503 | 529, None) => Class::Busy,
        (408 | 409 | 425 | 499, None) => Class::Transient,
        (400..=499, None) => Class::BadRequest,
        (_, None) => Class::Transient,
    };
    Failure::new(class, status)
}

/// Returns the whole seconds that a text begins with, rounded up.
fn seconds(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    Some(json::parse(number)?.as_u64()?.saturating_add(u64::from(rest.starts_with('.'))))
}
