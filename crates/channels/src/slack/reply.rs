//! The reply to a request of Slack's: nothing, or what whoever typed a command reads.

use serde::Serialize;
use serde_json::json;

use super::call::is_at;
use super::form::FORM;
use super::methods::Content;
use core::time::Duration;
use miyabi_core::config::Slack;
use miyabi_core::http::{Method, Reply, Request};

/// Where what one person reads is sent.
const HOST: &str = "https://hooks.slack.com/";

/// Longest wait for a response.
const TIMEOUT: Duration = Duration::from_secs(10);

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

/// Returns the reply to a form that was not taken: it stays, with what is wrong at its field.
///
/// # Source
/// docs.slack.dev/surfaces/modals, May 2026.
pub fn refused(words: &str) -> Reply {
    Reply::json(200, &json!({ "response_action": "errors", "errors": { FORM: words } }))
}

/// Returns the request that tells whoever has opened a menu something, by the address that Slack gives for it; `None` if
/// it is not Slack's. `words` are Markdown.
///
/// # Source
/// docs.slack.dev/interactivity/handling-user-interaction, May 2026.
pub fn response(slack: &Slack, address: &str, words: &str) -> Option<Request> {
    let content = Some(Content::told(words));
    let body = Command { response_type: "ephemeral", content };
    let request = || Request::new(Method::Post, address.to_owned(), TIMEOUT).json(&body);
    is_at(address, HOST, slack).then(request)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_slack_is_sent_what_one_person_reads() {
        let slack = miyabi_testing::slack::slack();
        let sent = |address| response(&slack, address, "Hi").is_some();
        assert!(
            sent("https://hooks.slack.com/actions/T1/1/x") && sent("https://slack.test/respond/1")
        );
        for address in [
            "",
            "http://hooks.slack.com/x",
            "https://hooks.slack.com.evil.example/x",
            "https://evil.example/",
        ] {
            assert!(!sent(address), "{address}");
        }
    }

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
