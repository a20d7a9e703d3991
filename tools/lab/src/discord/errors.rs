//! Discord's refusals: status, code and the shape of `errors`.
//!
//! Codes are those of "Discord Docs/Opcodes and Status Codes"; messages are Discord's where known.

use serde_json::{Value, json};

use crate::http::Reply;

/// One error in a request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    /// Keys and indices from the body's root; empty for the body itself.
    pub(crate) path: Vec<String>,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Issue {
    /// An issue at a path written with dots.
    pub(crate) fn at(path: &str, code: &'static str, message: impl Into<String>) -> Self {
        let path = path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        Self { path, code, message: message.into() }
    }

    /// A length outside of its range.
    pub(crate) fn bad_length(path: &str, least: u64, most: u64) -> Self {
        let message = format!("Must be between {least} and {most} in length.");
        Self::at(path, "BASE_TYPE_BAD_LENGTH", message)
    }
}

/// An error body with a code.
pub(crate) fn error(status: u16, code: u64, message: &str) -> Reply {
    Reply::json(status, json!({ "message": message, "code": code }))
}

/// 50035 with every issue at its path.
pub(crate) fn form(issues: &[Issue]) -> Reply {
    let mut errors = json!({});
    for issue in issues {
        let mut node = &mut errors;
        for key in &issue.path {
            node = &mut node[key.as_str()];
        }
        let entry = json!({ "code": issue.code, "message": issue.message });
        match node.get_mut("_errors").and_then(Value::as_array_mut) {
            Some(list) => list.push(entry),
            None => node["_errors"] = json!([entry]),
        }
    }
    let body = json!({ "message": "Invalid Form Body", "code": 50035, "errors": errors });
    let mut reply = Reply::json(400, body);
    for issue in issues {
        let place = if issue.path.is_empty() { "body".to_owned() } else { issue.path.join(".") };
        reply.violations.push(format!("50035 {place}: {} {}", issue.code, issue.message));
    }
    reply
}

/// 404: no such path.
pub(crate) fn not_found() -> Reply {
    error(404, 0, "404: Not Found")
}

/// 401: no bot token, or a wrong one.
pub(crate) fn unauthorized() -> Reply {
    error(401, 0, "401: Unauthorized")
}

/// 40333: Cloudflare's answer, in front of Discord, to a wrong user agent.
pub(crate) fn user_agent() -> Reply {
    error(403, 40333, "internal network error")
}

/// 50001: the bot is not in that channel, or not in that server.
pub(crate) fn missing_access() -> Reply {
    error(403, 50001, "Missing Access")
}

/// 50013: the bot has no permission.
pub(crate) fn missing_permissions() -> Reply {
    error(403, 50013, "Missing Permissions")
}

/// 50024: the channel's type does not allow that.
pub(crate) fn wrong_channel_type() -> Reply {
    error(400, 50024, "Cannot execute action on this channel type")
        .violation("50024 no webhooks in this type of channel")
}

/// 200000: `AutoMod` rejects the message.
pub(crate) fn moderated() -> Reply {
    error(400, 200_000, "Message was blocked by automatic moderation")
}

/// 40005: a file is too large.
pub(crate) fn too_large() -> Reply {
    error(413, 40005, "Request entity too large").violation("40005 a file is too large")
}

/// 10003: unknown channel.
pub(crate) fn unknown_channel(status: u16) -> Reply {
    error(status, 10003, "Unknown Channel")
}

/// 10004: no such server, or one that the bot is not in.
pub(crate) fn unknown_guild() -> Reply {
    error(404, 10004, "Unknown Guild")
}

/// 10007: no member of that server or thread.
pub(crate) fn unknown_member() -> Reply {
    error(404, 10007, "Unknown Member")
}

/// 10008: unknown message.
pub(crate) fn unknown_message() -> Reply {
    error(404, 10008, "Unknown Message")
}

/// 10015: unknown webhook.
pub(crate) fn unknown_webhook() -> Reply {
    error(404, 10015, "Unknown Webhook")
}

/// 50027: invalid webhook token.
pub(crate) fn invalid_webhook_token() -> Reply {
    error(401, 50027, "Invalid Webhook Token")
}

/// 50006: empty message.
pub(crate) fn empty_message() -> Reply {
    error(400, 50006, "Cannot send an empty message").violation("50006 empty message")
}

/// 50083: the thread is archived.
pub(crate) fn archived_thread() -> Reply {
    error(400, 50083, "Thread is archived")
}

/// 40094: too many follow-ups.
pub(crate) fn too_many_follow_ups() -> Reply {
    let message = "This interaction has reached the maximum number of follow-up messages";
    error(400, 40094, message).violation("40094 more than 5 follow-ups")
}

/// 50109: the body is not valid JSON.
pub(crate) fn invalid_json(why: &str) -> Reply {
    error(400, 50109, "The request body contains invalid JSON.").violation(format!("50109 {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Issue, form};

    #[test]
    fn nests_issues_by_their_path() {
        let reply = form(&[
            Issue::at("embeds.0.title", "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length."),
            Issue::at("", "CONTENT_TYPE_INVALID", "no"),
            Issue::at("", "OTHER", "no"),
        ]);
        let crate::http::Content::Json(body) = reply.body else { panic!("no body") };
        assert_eq!(body["code"], 50035);
        let title = &body["errors"]["embeds"]["0"]["title"]["_errors"][0];
        assert_eq!(title["code"], "BASE_TYPE_MAX_LENGTH");
        assert_eq!(title["message"], "Must be 256 or fewer in length.");
        assert_eq!(body["errors"]["_errors"][1], json!({ "code": "OTHER", "message": "no" }));
    }
}
