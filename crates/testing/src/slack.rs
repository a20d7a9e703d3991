//! Slack as far as a native test needs it: calls of its methods are noted, and messages numbered. The strict emulator
//! is the lab.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::discord::response;
pub use super::messenger::{Call, Fate};
use miyabi_core::config;
use miyabi_core::http::{Body, HttpError, Method, Request, Response};
use miyabi_core::ids::Secret;

pub(crate) const BASE: &str = "https://slack.test/";

/// What Slack signs its requests with.
pub const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

const TOKEN: &str = "xoxb-1-2-abc";

/// The settings of the bot.
pub fn slack() -> config::Slack {
    config::Slack {
        bot_token: Secret::new(TOKEN.to_owned()),
        signing_secret: Secret::new(SIGNING_SECRET.to_owned()),
        api_base: format!("{BASE}api"),
    }
}

#[derive(Default)]
pub struct Slack {
    /// Calls that took effect, oldest first.
    pub calls: Vec<Call>,
    /// What happens to the next calls that change something.
    pub fates: VecDeque<Fate>,
    /// Texts of files by address.
    pub files: BTreeMap<String, String>,
    /// Texts that were uploaded, by the id of the file.
    pub uploads: BTreeMap<String, String>,
    /// Messages by their time.
    pub messages: BTreeMap<String, Value>,
    /// What is told of each person, by id.
    pub profiles: BTreeMap<String, Value>,
    /// How many of the next calls that only read are one too many.
    pub limits: u32,
    /// How many of the next calls that only read fail.
    pub failures: u32,
    /// Names of files, by the id of the file.
    pub names: BTreeMap<String, Value>,
    /// Errors of methods by name.
    pub errors: BTreeMap<&'static str, &'static str>,
}

impl Slack {
    /// Returns the Markdown of the messages that are there, oldest first.
    pub fn texts(&self) -> Vec<&str> {
        self.messages.values().filter_map(|it| it["blocks"][0]["text"].as_str()).collect()
    }

    /// Returns the calls of a method.
    pub fn called(&self, method: &str) -> Vec<&Value> {
        self.calls.iter().filter(|call| call.method == method).map(|call| &call.body).collect()
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
        if request.url.starts_with(&format!("{BASE}respond/")) {
            let body = serde_json::from_str(request.text().unwrap_or_default()).expect("JSON");
            self.calls.push(Call { method: "respond".to_owned(), body });
            return Ok(response(200, &json!({ "ok": true })));
        }
        if let Some(name) = request.url.strip_prefix(&format!("{BASE}upload/")) {
            let Some(Body::Bytes(bytes)) = &request.body else { panic!("no bytes") };
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.uploads.insert(name.to_owned(), text);
            return Ok(Response { status: 200, headers: Vec::new(), body: "OK".to_owned() });
        }
        let token = request.headers.iter().find(|(name, _)| *name == "authorization");
        assert_eq!(token.map(|(_, value)| value.as_str()), Some("Bearer xoxb-1-2-abc"));
        if request.method == Method::Get && request.url.contains("/files/") {
            return Ok(self.files.get(&request.url).map_or(
                Response { status: 404, headers: Vec::new(), body: String::new() },
                |text| Response { status: 200, headers: Vec::new(), body: text.clone() },
            ));
        }
        let path = request.url.strip_prefix(BASE).and_then(|path| path.strip_prefix("api/"));
        let (method, query) =
            path.expect("a method").split_once('?').unwrap_or((path.expect("a method"), ""));
        let body: Value = request.text().map_or_else(
            || {
                query
                    .split('&')
                    .filter_map(|it| it.split_once('='))
                    .map(|(name, value)| (name.to_owned(), json!(value)))
                    .collect()
            },
            |text| serde_json::from_str(text).expect("JSON"),
        );
        if request.method == Method::Get && self.limits > 0 {
            self.limits -= 1;
            return Ok(response(429, &json!({ "ok": false, "error": "ratelimited" })));
        }
        if request.method == Method::Get && self.failures > 0 {
            self.failures -= 1;
            return Ok(Response { status: 503, headers: Vec::new(), body: String::new() });
        }
        let fate = if request.method == Method::Post { self.fates.pop_front() } else { None };
        if fate.as_ref().is_some_and(|fate| !fate.takes_effect) {
            return fate.map_or(Err(HttpError::Lost), |fate| fate.response);
        }
        self.calls.push(Call { method: method.to_owned(), body: body.clone() });
        let reply = match self.errors.get(method) {
            Some(error) => json!({ "ok": false, "error": error }),
            None => self.carry_out(method, &body),
        };
        fate.map_or_else(|| Ok(response(200, &reply)), |fate| fate.response)
    }

    fn carry_out(&mut self, method: &str, body: &Value) -> Value {
        let named = body["ts"].as_str().unwrap_or_default().to_owned();
        let is_there = self.messages.contains_key(&named);
        match method {
            "chat.postMessage" | "chat.startStream" => {
                let ts = format!("{}.000100", 1_800_000_000 + self.calls.len());
                let mut message = own(body, method == "chat.startStream");
                grow(&mut message, body);
                message["ts"] = json!(ts);
                self.messages.insert(ts.clone(), message);
                json!({ "ok": true, "ts": ts, "channel": body["channel"] })
            }
            "chat.appendStream" | "chat.update" | "chat.stopStream" | "chat.delete"
                if !is_there =>
            {
                json!({ "ok": false, "error": "message_not_found" })
            }
            "chat.appendStream" => {
                grow(self.messages.get_mut(&named).expect("is there"), body);
                json!({ "ok": true })
            }
            "chat.stopStream" => {
                let message = self.messages.get_mut(&named).expect("is there");
                if message["grows"] != json!(true) {
                    return json!({ "ok": false, "error": "message_not_in_streaming_state" });
                }
                message["grows"] = json!(false);
                json!({ "ok": true })
            }
            "chat.update" => {
                self.messages.insert(named, own(body, false));
                json!({ "ok": true })
            }
            "chat.delete" => {
                self.messages.remove(&named);
                json!({ "ok": true })
            }
            "files.getUploadURLExternal" => {
                let id = format!("F{}", self.calls.len());
                self.names.insert(id.clone(), body["filename"].clone());
                json!({ "ok": true, "upload_url": format!("{BASE}upload/{id}"), "file_id": id })
            }
            "files.completeUploadExternal" => {
                let ts = format!("{}.000100", 1_800_000_000 + self.calls.len());
                let id = body["files"][0]["id"].as_str().expect("an id");
                let file = json!({ "id": id, "name": self.names[id] });
                self.messages.insert(ts.clone(), json!({ "ts": ts, "files": [file] }));
                json!({ "ok": true, "files": [file] })
            }
            "files.delete" => {
                self.messages.retain(|_, it| it["files"][0]["id"] != body["file"]);
                json!({ "ok": true })
            }
            "users.info" => {
                let user = body["user"].as_str().unwrap_or_default();
                self.profiles.get(user).map_or_else(
                    || json!({ "ok": false, "error": "user_not_found" }),
                    |profile| json!({ "ok": true, "user": profile }),
                )
            }
            "conversations.replies" | "conversations.history" => {
                let messages: Vec<&Value> = self.messages.values().collect();
                json!({ "ok": true, "messages": messages, "has_more": false })
            }
            "conversations.info" => {
                json!({ "ok": true, "channel": { "id": body["channel"], "is_member": true } })
            }
            _ => json!({ "ok": true }),
        }
    }
}

/// Adds to a message what it grows by: text, and tasks by their ids.
fn grow(message: &mut Value, body: &Value) {
    for chunk in body["chunks"].as_array().into_iter().flatten() {
        if let Some(id) = chunk["id"].as_str() {
            message["tasks"][id] = json!([chunk["title"], chunk["status"]]);
        }
        let more = chunk["text"].as_str().unwrap_or_default();
        let text = message["markdown_text"].as_str().unwrap_or_default();
        message["markdown_text"] = json!(format!("{text}{more}"));
    }
}

/// Returns a message of the bot.
fn own(body: &Value, grows: bool) -> Value {
    let mut message = body.clone();
    message["grows"] = json!(grows);
    message["streaming_state"] = json!(grows.then_some("in_progress"));
    message["bot_id"] = json!("B1");
    message
}
