//! Reads a request to Discord: its target from the URL, its content and file from the body.

use std::borrow::Cow;

use miyabi_core::http::{Body, Method, Request};
use serde_json::Value;

use super::{APPLICATION, BASE};
use crate::base::form;
use crate::base::marks::Mark;

/// A request, read.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Method.
    pub(super) method: Method,
    /// What it is about.
    pub(super) target: Target,
    /// Marks in its content.
    pub(super) marks: Vec<Mark>,
    /// Body as JSON.
    pub(super) body: Value,
    /// Text of an attached file.
    pub(super) file: String,
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A webhook itself.
    Webhook {
        /// Number.
        webhook: u64,
        /// Token.
        token: String,
    },
    /// Posting by a webhook.
    Execute {
        /// Number.
        webhook: u64,
        /// Token.
        token: String,
        /// Thread.
        thread: Option<u64>,
    },
    /// A message that a webhook posted.
    Message {
        /// Webhook's number.
        webhook: u64,
        /// Webhook's token.
        token: String,
        /// Message.
        message: u64,
    },
    /// The reply to an interaction.
    Original {
        /// Interaction's token.
        token: String,
    },
    /// A private message after it.
    FollowUp {
        /// Interaction's token.
        token: String,
    },
    /// Messages of a channel.
    Messages {
        /// Channel.
        channel: u64,
        /// Messages after this one.
        after: u64,
        /// At most so many.
        limit: usize,
    },
    /// Webhooks of a channel.
    Webhooks {
        /// Channel.
        channel: u64,
    },
    /// Anything else.
    Unknown,
}

impl Call {
    /// Reads a request.
    pub(super) fn read(request: &Request) -> Self {
        let text = match &request.body {
            Some(Body::Text(text)) => Cow::from(text),
            Some(Body::Bytes(bytes)) => String::from_utf8_lossy(bytes),
            None => Cow::from(""),
        };
        let (body, file) = read_body(&text);
        let content = body.get("content").and_then(Value::as_str).unwrap_or_default();
        Self {
            method: request.method,
            target: read_target(request.method, &request.url),
            marks: Mark::all(content),
            body,
            file,
        }
    }

    /// Returns whether it shows a text to somebody.
    pub(super) const fn is_post(&self) -> bool {
        match self.target {
            Target::Execute { .. } | Target::FollowUp { .. } => true,
            Target::Original { .. } => matches!(self.method, Method::Patch),
            Target::Webhook { .. }
            | Target::Message { .. }
            | Target::Messages { .. }
            | Target::Webhooks { .. }
            | Target::Unknown => false,
        }
    }

    /// Returns the interaction's token, if it is about one's reply.
    pub(super) fn token(&self) -> Option<&str> {
        match &self.target {
            Target::Original { token } | Target::FollowUp { token } => Some(token),
            Target::Webhook { .. }
            | Target::Execute { .. }
            | Target::Message { .. }
            | Target::Messages { .. }
            | Target::Webhooks { .. }
            | Target::Unknown => None,
        }
    }

    /// Returns which of Discord's calls it is.
    pub(super) fn kind(&self) -> String {
        let what = match &self.target {
            Target::Webhook { .. } => "webhook",
            Target::Execute { .. } => "post",
            Target::Message { .. } => "message",
            Target::Original { .. } => "reply",
            Target::FollowUp { .. } => "follow-up",
            Target::Messages { .. } => "messages",
            Target::Webhooks { .. } => "webhooks",
            Target::Unknown => "unknown",
        };
        format!("{} {what}", self.method.name())
    }

    /// Returns it for a reader.
    pub(super) fn shown(&self) -> String {
        let marks: Vec<String> = self.marks.iter().map(|mark| mark.word()).collect();
        let what = match &self.target {
            Target::Webhook { webhook, .. } => format!("webhook {webhook}"),
            Target::Execute { webhook, thread: None, .. } => format!("post by {webhook}"),
            Target::Execute { webhook, thread: Some(thread), .. } => {
                format!("post by {webhook} in {thread}")
            }
            Target::Message { message, .. } => format!("message {message}"),
            Target::Original { .. } => "reply".to_owned(),
            Target::FollowUp { .. } => "follow-up".to_owned(),
            Target::Messages { channel, .. } => format!("messages of {channel}"),
            Target::Webhooks { channel } => format!("webhooks of {channel}"),
            Target::Unknown => "unknown".to_owned(),
        };
        let file = if self.file.is_empty() { "" } else { " with a file" };
        format!("{} {what}{file} {}", self.method.name(), marks.join(" ")).trim_end().to_owned()
    }
}

/// Returns a request for a reader.
pub(super) fn shown(request: &Request) -> String {
    Call::read(request).shown()
}

/// JSON, or a form with `payload_json` and a file.
fn read_body(text: &str) -> (Value, String) {
    if !form::is_form(text) {
        return (serde_json::from_str(text).unwrap_or_default(), String::new());
    }
    let body = form::field(text, "payload_json").and_then(|body| serde_json::from_str(&body).ok());
    (body.unwrap_or_default(), form::file(text).unwrap_or_default())
}

fn read_target(method: Method, url: &str) -> Target {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let Some(path) = path.strip_prefix(BASE) else { return Target::Unknown };
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let number = |name: &str| parameter(name).and_then(|value| value.parse().ok());
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let read = match *segments.as_slice() {
        ["webhooks", APPLICATION, token, "messages", "@original"] => {
            Some(Target::Original { token: token.to_owned() })
        }
        ["webhooks", APPLICATION, token] if method == Method::Post => {
            Some(Target::FollowUp { token: token.to_owned() })
        }
        ["webhooks", webhook, token] => webhook.parse().ok().map(|webhook| {
            let token = token.to_owned();
            if method == Method::Post {
                Target::Execute { webhook, token, thread: number("thread_id") }
            } else {
                Target::Webhook { webhook, token }
            }
        }),
        ["webhooks", webhook, token, "messages", message] => {
            webhook.parse().ok().zip(message.parse().ok()).map(|(webhook, message)| {
                Target::Message { webhook, token: token.to_owned(), message }
            })
        }
        ["channels", channel, "messages"] => channel.parse().ok().map(|channel| {
            let limit = parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(50);
            Target::Messages { channel, after: number("after").unwrap_or(0), limit }
        }),
        ["channels", channel, "webhooks"] => {
            channel.parse().ok().map(|channel| Target::Webhooks { channel })
        }
        _ => None,
    };
    read.unwrap_or(Target::Unknown)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use serde_json::json;

    use super::*;

    fn read(method: Method, path: &str) -> Target {
        read_target(method, &format!("{BASE}{path}"))
    }

    #[test]
    fn each_url_is_known() {
        let token = || "t".to_owned();
        assert_eq!(
            read(Method::Post, "/webhooks/7/t?wait=true&thread_id=8"),
            Target::Execute { webhook: 7, token: token(), thread: Some(8) }
        );
        assert_eq!(
            read(Method::Get, "/webhooks/7/t"),
            Target::Webhook { webhook: 7, token: token() }
        );
        let original = format!("/webhooks/{APPLICATION}/t/messages/@original");
        assert_eq!(read(Method::Patch, &original), Target::Original { token: token() });
        let follow_up = format!("/webhooks/{APPLICATION}/t");
        assert_eq!(read(Method::Post, &follow_up), Target::FollowUp { token: token() });
        assert_eq!(
            read(Method::Get, "/channels/5/messages?after=3&limit=100"),
            Target::Messages { channel: 5, after: 3, limit: 100 }
        );
        assert_eq!(read(Method::Get, "/users/@me"), Target::Unknown);
    }

    #[test]
    fn a_form_is_read_like_json() {
        let url = format!("{BASE}/webhooks/{APPLICATION}/t");
        let body = json!({ "content": "qaz1v1p1zaq" }).to_string();
        let request = Request::new(Method::Post, url, Duration::from_secs(1)).form(&[
            ("name=\"payload_json\"", "application/json", body.as_bytes()),
            ("name=\"files[0]\"; filename=\"answer.md\"", "text/markdown", b"all\r\nof it"),
            ("name=\"files[1]\"; filename=\"image.jpg\"", "image/jpeg", b"\xff\xd8\xff"),
        ]);
        let call = Call::read(&request);
        assert_eq!((call.marks.len(), call.file.as_str()), (1, "all\r\nof it"));
    }
}
