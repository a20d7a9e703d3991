//! The APIs of the messengers: reads a request of the program's, and writes what each messenger replies.

use std::borrow::Cow;

use miyabi_core::http::{Body, Method, Request, Response};
use serde_json::{Value, json};

use super::faults::Ruling;
use crate::base::form;
use crate::base::messenger::Messenger;

/// Where each API is.
pub(super) const TELEGRAM: &str = "https://telegram.sim";
pub(super) const SLACK: &str = "https://slack.sim/api";
pub(super) const WHATSAPP: &str = "https://graph.sim/v23.0";

/// A request, read.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Whose API it is about.
    pub(super) messenger: Messenger,
    /// Method's name; the last part of the path for WhatsApp.
    pub(super) method: String,
    /// JSON, arguments or fields of a form.
    pub(super) body: Value,
    /// Text of a file that comes along.
    pub(super) file: String,
}

/// Returns whether a request is to a messenger.
pub fn is_to_messenger(request: &Request) -> bool {
    [TELEGRAM, SLACK, WHATSAPP].iter().any(|base| request.url.starts_with(base))
}

impl Call {
    /// Reads a request to a messenger.
    pub(super) fn read(request: &Request) -> Self {
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let messenger = match path {
            _ if path.starts_with(TELEGRAM) => Messenger::Telegram,
            _ if path.starts_with(SLACK) => Messenger::Slack,
            _ => Messenger::WhatsApp,
        };
        let method = path.rsplit('/').next().unwrap_or_default().to_owned();
        let text = match &request.body {
            Some(Body::Text(text)) => Cow::from(text),
            Some(Body::Bytes(bytes)) => String::from_utf8_lossy(bytes),
            None => Cow::from(""),
        };
        let (body, file) = if request.method == Method::Get {
            (arguments(query), String::new())
        } else if form::is_form(&text) {
            (fields(&text), form::file(&text).unwrap_or_default())
        } else {
            (serde_json::from_str(&text).unwrap_or_default(), String::new())
        };
        Self { messenger, method, body, file }
    }

    /// Returns a text of the body by its pointer.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns a text or a number of the body by its pointer, as a text.
    pub(super) fn word(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Returns whether it says a part of an answer, or a sentence instead of one.
    pub(super) fn is_post(&self) -> bool {
        match self.messenger {
            Messenger::Telegram => {
                let posts = ["sendMessage", "sendDocument", "sendPhoto", "editMessageText"];
                posts.contains(&self.method.as_str())
            }
            Messenger::Slack => {
                matches!(self.method.as_str(), "chat.postMessage" | "chat.update")
            }
            Messenger::WhatsApp => self.method == "messages" && self.body.get("type").is_some(),
            Messenger::Plain => false,
        }
    }

    /// Returns what it says.
    pub(super) fn content(&self) -> String {
        let pointers: &[&str] = match self.messenger {
            Messenger::Telegram => &["/text", "/caption"],
            Messenger::Slack => &["/blocks/0/text", "/chunks/0/text"],
            Messenger::WhatsApp => {
                &["/text/body", "/interactive/body/text", "/document/caption", "/image/caption"]
            }
            Messenger::Plain => &[],
        };
        let words = pointers.iter().map(|pointer| self.text(pointer)).collect::<Vec<_>>();
        [words.concat(), self.file.clone()].join(" ").trim().to_owned()
    }

    /// Returns the job that it names, if it names one.
    pub(super) fn job(&self) -> &str {
        match self.messenger {
            Messenger::Slack => self.text("/metadata/event_payload/job"),
            Messenger::WhatsApp => {
                self.text("/biz_opaque_callback_data").split('.').next().unwrap_or_default()
            }
            Messenger::Telegram | Messenger::Plain => "",
        }
    }

    /// Returns the reply of a success.
    pub(super) fn done(&self, mut fields: Value) -> Response {
        let body = match self.messenger {
            Messenger::Telegram => json!({ "ok": true, "result": fields }),
            Messenger::Slack => {
                if let Some(fields) = fields.as_object_mut() {
                    fields.insert("ok".to_owned(), json!(true));
                }
                fields
            }
            Messenger::WhatsApp | Messenger::Plain => fields,
        };
        response(200, &body)
    }

    /// Returns the reply that what is named is not there.
    pub(super) fn missing(&self) -> Response {
        match self.messenger {
            Messenger::Telegram => telegram_error(400, "Bad Request: message not found"),
            Messenger::Slack => slack_error("message_not_found"),
            Messenger::WhatsApp | Messenger::Plain => meta_error(400, 100),
        }
    }

    /// Returns the reply of a chat that lets the program write nothing.
    pub(super) fn refused(&self) -> Response {
        match self.messenger {
            Messenger::Telegram => telegram_error(403, "Forbidden: bot was blocked by the user"),
            Messenger::Slack => slack_error("restricted_action"),
            Messenger::WhatsApp | Messenger::Plain => meta_error(400, 131_026),
        }
    }

    /// Returns what comes in place of the reply, where something does.
    pub(super) fn instead(&self, ruling: Ruling) -> Option<Response> {
        let page = |status| Response { status, headers: Vec::new(), body: "<html>".to_owned() };
        match ruling {
            Ruling::Limited { wait_ms } => {
                let mut limited = match self.messenger {
                    Messenger::Telegram => telegram_error(429, "Too Many Requests"),
                    Messenger::Slack => Response { status: 429, ..slack_error("ratelimited") },
                    Messenger::WhatsApp | Messenger::Plain => meta_error(400, 130_429),
                };
                limited.headers.extend(
                    wait_ms.map(|wait_ms| ("retry-after", wait_ms.div_ceil(1_000).to_string())),
                );
                Some(limited)
            }
            Ruling::Deferred => Some(page(409)),
            Ruling::Broken { .. } => Some(page(502)),
            Ruling::Serve | Ruling::Silence { .. } | Ruling::Late | Ruling::Lost { .. } => None,
        }
    }
}

fn arguments(query: &str) -> Value {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn fields(text: &str) -> Value {
    let names = ["chat_id", "caption", "reply_parameters", "type"];
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), json!(form::field(text, name)?))))
        .collect()
}

fn response(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string() }
}

fn telegram_error(status: u16, description: &str) -> Response {
    response(status, &json!({ "ok": false, "error_code": status, "description": description }))
}

fn slack_error(error: &str) -> Response {
    response(200, &json!({ "ok": false, "error": error }))
}

fn meta_error(status: u16, code: u32) -> Response {
    response(status, &json!({ "error": { "message": "no", "code": code } }))
}
