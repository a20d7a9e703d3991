//! Slack's replies: HTTP 200 with `{"ok": true}`, or with `{"ok": false, "error"}`.
//!
//! The names of the errors are those of the method reference; `tests` looks that each method has them. Where the lab is
//! stricter than Slack, the detail begins with `lab:`.

use serde_json::{Value, json};

use crate::http::{Content, Reply};
use crate::pace::HEADER;

/// A result: its fields beside `ok`.
pub(super) fn ok(mut fields: Value) -> Reply {
    fields["ok"] = json!(true);
    Reply::json(200, fields)
}

/// A refusal that a correct client may get.
pub(super) fn refuse(error: &str) -> Reply {
    Reply::json(200, json!({ "ok": false, "error": error }))
}

/// A refusal because of a mistake in the request.
pub(super) fn mistake(error: &str) -> Reply {
    refuse(error).violation(format!("slack: {error}"))
}

/// The same with what is wrong, which Slack tells for some errors.
pub(super) fn detailed(error: &str, details: &[String]) -> Reply {
    let messages: Vec<String> = details.iter().map(|what| format!("[ERROR] {what}")).collect();
    let body = json!({
        "ok": false, "error": error, "response_metadata": { "messages": messages },
    });
    Reply::json(200, body).violation(format!("slack: {error}: {}", details.join("; ")))
}

/// `missing_scope`: an operator has not granted what a method needs.
pub(super) fn scope(needed: &[String], provided: &str) -> Reply {
    let needed = needed.join(",");
    let body = json!({
        "ok": false, "error": "missing_scope", "needed": needed, "provided": provided,
    });
    Reply::json(200, body)
}

/// `invalid_arguments`, with one reason.
pub(super) fn arguments(what: impl Into<String>) -> Reply {
    detailed("invalid_arguments", &[what.into()])
}

/// What Slack would ignore or repair without saying so.
pub(super) fn stricter(what: &str) -> Reply {
    arguments(format!("lab: {what}"))
}

/// 429.
pub(super) fn wait(seconds: u64) -> Reply {
    let body = json!({ "ok": false, "error": "ratelimited" });
    Reply::json(429, body).header(HEADER, &seconds.to_string())
}

/// The error of a reply.
pub(super) fn error_of(reply: &Reply) -> Option<&str> {
    match &reply.body {
        Content::Json(body) => body["error"].as_str(),
        Content::Empty | Content::Text(_) | Content::Bytes(_) | Content::Pieces(_) => None,
    }
}
