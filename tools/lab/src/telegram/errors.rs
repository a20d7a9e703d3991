//! Telegram's replies: `{"ok": true, "result"}`, and refusals in its words.
//!
//! The words are those that users of the Bot API report and that the source of `TDLib` has; where the lab is stricter
//! than Telegram, the description begins with `lab:`.

use serde_json::{Value, json};

use crate::http::Reply;

/// A result.
pub(super) fn ok(result: impl Into<Value>) -> Reply {
    Reply::json(200, json!({ "ok": true, "result": result.into() }))
}

/// A refusal with a code of its own.
pub(super) fn refuse(code: u16, description: &str) -> Reply {
    Reply::json(code, json!({ "ok": false, "error_code": code, "description": description }))
}

/// 400, which a correct client may get.
pub(super) fn bad(what: &str) -> Reply {
    refuse(400, &format!("Bad Request: {what}"))
}

/// 400 because of a mistake in the request.
pub(super) fn mistake(what: impl AsRef<str>) -> Reply {
    let what = what.as_ref();
    bad(what).violation(format!("telegram: {what}"))
}

/// 400 because of what Telegram would ignore or repair without saying so.
pub(super) fn stricter(what: &str) -> Reply {
    mistake(format!("lab: {what}"))
}

/// 401: no bot has this token.
pub(super) fn unauthorized() -> Reply {
    refuse(401, "Unauthorized").violation("telegram: wrong token")
}

/// 404: no such method.
pub(super) fn no_such_method(name: &str) -> Reply {
    refuse(404, "Not Found").violation(format!("telegram: no method `{name}` is emulated"))
}

/// 400: the group was upgraded; the parameters say to what.
pub(super) fn migrated(to: i64) -> Reply {
    Reply::json(
        400,
        json!({
            "ok": false, "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": { "migrate_to_chat_id": to },
        }),
    )
}

/// The body of 429.
pub(super) fn wait(seconds: u64) -> Value {
    json!({
        "ok": false, "error_code": 429,
        "description": format!("Too Many Requests: retry after {seconds}"),
        "parameters": { "retry_after": seconds },
    })
}
