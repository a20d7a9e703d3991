//! Telegram as far as a native test needs it: calls of the Bot API are noted, and messages numbered. The strict
//! emulator is the lab.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::discord::response;
pub use super::messenger::{Call, Fate};
use miyabi_core::config;
use miyabi_core::http::{Body, HttpError, Request, Response};
use miyabi_core::ids::Secret;

pub(crate) const BASE: &str = "https://telegram.test";

/// The bot's id and token.
pub const BOT: i64 = 110_201_543;
const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

/// What Telegram sends with each update.
pub const SECRET: &str = "a-secret_token-1";

/// The settings of the bot.
pub fn telegram() -> config::Telegram {
    config::Telegram {
        bot_id: BOT,
        bot_token: Secret::new(TOKEN.to_owned()),
        secret_token: Secret::new(SECRET.to_owned()),
        api_base: BASE.to_owned(),
        chats: Vec::new(),
    }
}

#[derive(Default)]
pub struct Telegram {
    /// Calls that took effect, oldest first.
    pub calls: Vec<Call>,
    /// What happens to the next calls of messages.
    pub fates: VecDeque<Fate>,
    /// Files by id.
    pub files: BTreeMap<String, Vec<u8>>,
    messages: i64,
}

impl Telegram {
    /// Returns the texts of the messages that were sent to a chat, oldest first.
    pub fn texts(&self, chat: i64) -> Vec<&str> {
        let sent = self.calls.iter().filter(|call| call.method == "sendMessage");
        let here = sent.filter(|call| call.body["chat_id"] == chat);
        here.filter_map(|call| call.body["text"].as_str()).collect()
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
        if let Some(path) = request.url.strip_prefix(&format!("{BASE}/file/bot{TOKEN}/documents/"))
        {
            // The fake world's files are texts.
            let body = String::from_utf8(self.files[path].clone()).unwrap();
            return Ok(Response { status: 200, headers: Vec::new(), body });
        }
        let path = request.url.strip_prefix(&format!("{BASE}/bot{TOKEN}/"));
        let method = path.expect("another token").to_owned();
        let body = match &request.body {
            Some(Body::Text(text)) => {
                serde_json::from_str(text).unwrap_or_else(|_form| json!(text))
            }
            Some(Body::Bytes(bytes)) => json!(String::from_utf8_lossy(bytes)),
            None => Value::Null,
        };
        let sends = matches!(method.as_str(), "deleteMessage" | "editMessageText")
            || method.starts_with("send")
                && !matches!(method.as_str(), "sendChatAction" | "sendMessageDraft");
        let fate = if sends { self.fates.pop_front() } else { None };
        if fate.as_ref().is_some_and(|fate| !fate.takes_effect) {
            return fate.map_or(Err(HttpError::Lost), |fate| fate.response);
        }
        self.calls.push(Call { method: method.clone(), body });
        let file =
            self.calls.last().and_then(|call| call.body["file_id"].as_str()).unwrap_or_default();
        if method == "getFile" && !self.files.contains_key(file) {
            let body = json!({ "ok": false, "error_code": 400, "description": "Bad Request: invalid file_id" });
            return Ok(response(400, &body));
        }
        let result = match method.as_str() {
            "getFile" => json!({ "file_id": file, "file_path": format!("documents/{file}") }),
            "getMe" => {
                json!({ "id": BOT, "is_bot": true, "first_name": "Miyabi", "username": "MiyabiBot" })
            }
            // An edit has the message that it changes.
            "editMessageText" => {
                json!({ "message_id": self.calls.last().map(|call| call.body["message_id"].clone()) })
            }
            _ if sends => {
                self.messages += 1;
                json!({ "message_id": self.messages })
            }
            _ => json!(true),
        };
        fate.map_or(Ok(response(200, &json!({ "ok": true, "result": result }))), |fate| {
            fate.response
        })
    }
}
