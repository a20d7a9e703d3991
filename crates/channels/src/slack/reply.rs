//! The reply to a request of Slack's: nothing, or what whoever typed a command reads.

use serde::Serialize;
use serde_json::json;

use super::methods::Content;
use miyabi_core::http::Reply;

/// Returns the reply that does nothing but acknowledge.
pub fn done() -> Reply {
    Reply::empty(200)
}

/// Returns the reply by which Slack knows that this address wants its events.
///
/// # Source
/// `docs.slack.dev/reference/events/url_verification`, May 2026.
pub fn challenged(challenge: &str) -> Reply {
    Reply::json(200, &json!({ "challenge": challenge }))
}

/// What becomes of a command.
#[derive(Serialize)]
struct Command {
    response_type: &'static str,
    #[serde(flatten)]
    content: Option<Content>,
}

/// Returns the reply to a command that shows it to everybody in its place: its answer comes later.
pub fn shown() -> Reply {
    Reply::json(200, &Command { response_type: "in_channel", content: None })
}

/// Returns the reply to a command that whoever typed it alone reads. `words` are Markdown.
pub fn told(words: &str) -> Reply {
    let content = Some(Content::told(words));
    Reply::json(200, &Command { response_type: "ephemeral", content })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn replies_are_what_slack_reads() {
        assert_eq!((done().status, done().body.as_ref()), (200, ""));
        assert_eq!(challenged("a\"b").body, r#"{"challenge":"a\"b"}"#);
        assert_eq!(shown().body, r#"{"response_type":"in_channel"}"#);
        assert_eq!(
            told("**Hi** <!here>").body,
            "{\"response_type\":\"ephemeral\",\"text\":\"**Hi** &lt;\u{2060}!here&gt;\",\"blocks\":[{\"type\":\"markdown\",\"text\":\"**Hi** <\u{2060}!here>\"}]}"
        );
    }
}
