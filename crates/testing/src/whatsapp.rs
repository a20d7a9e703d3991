//! WhatsApp as far as a native test needs it: messages are noted, and numbered. The strict emulator is the lab.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::discord::response;
pub use super::messenger::{Call, Fate};
use miyabi_core::config;
use miyabi_core::http::{Body, HttpError, Method, Request, Response};
use miyabi_core::ids::Secret;

pub(crate) const BASE: &str = "https://graph.test/";

/// Id of the business phone number.
pub const NUMBER: &str = "106540352242922";

/// What Meta signs its requests with.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The settings of the number.
pub fn whatsapp() -> config::WhatsApp {
    config::WhatsApp {
        access_token: Secret::new("EAAtoken".to_owned()),
        app_secret: Secret::new(APP_SECRET.to_owned()),
        verify_token: Secret::new("a-verify_token-of-ours".to_owned()),
        phone_number_id: NUMBER.to_owned(),
        api_base: format!("{BASE}v23.0"),
        asks: true,
        template: None,
    }
}

#[derive(Default)]
pub struct WhatsApp {
    /// Calls that took effect, oldest first, by the last part of their path.
    pub calls: Vec<Call>,
    /// What happens to the next calls that change something.
    pub fates: VecDeque<Fate>,
    /// Bytes of files by id.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl WhatsApp {
    /// Returns the messages that were sent, oldest first.
    pub fn messages(&self) -> Vec<&Value> {
        let sent = self.calls.iter().filter(|call| call.method == "messages");
        sent.map(|call| &call.body).filter(|body| body.get("type").is_some()).collect()
    }

    /// Returns the words of the messages that were sent, oldest first.
    pub fn texts<'w>(&'w self) -> Vec<&'w str> {
        const PLACES: [&str; 5] = [
            "/text/body",
            "/interactive/body/text",
            "/document/caption",
            "/image/caption",
            "/template/components/0/parameters/0/text",
        ];
        let words = |body: &'w Value| PLACES.iter().find_map(|path| body.pointer(path)?.as_str());
        self.messages().into_iter().filter_map(words).collect()
    }

    /// Returns how often it was shown that somebody types.
    pub fn typed(&self) -> usize {
        self.calls.iter().filter(|call| call.body["status"] == json!("read")).count()
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
        let token = request.headers.iter().find(|(name, _)| *name == "authorization");
        assert_eq!(token.map(|(_, value)| value.as_str()), Some("Bearer EAAtoken"));
        let path = request.url.strip_prefix(BASE).expect("this API");
        if let Some(id) = path.strip_prefix("files/") {
            return Ok(self.files.get(id).map_or(
                Response { status: 404, headers: Vec::new(), body: String::new() },
                |bytes| Response {
                    status: 200,
                    headers: Vec::new(),
                    body: String::from_utf8_lossy(bytes).into_owned(),
                },
            ));
        }
        let path = path.strip_prefix("v23.0/").expect("this version");
        if request.method == Method::Get {
            let id = path.split('?').next().unwrap_or_default();
            return Ok(match self.files.get(id) {
                Some(bytes) => response(
                    200,
                    &json!({ "url": format!("{BASE}files/{id}"), "file_size": bytes.len(), "id": id }),
                ),
                None => response(400, &json!({ "error": { "message": "no", "code": 100 } })),
            });
        }
        let method = path.rsplit('/').next().unwrap_or_default().to_owned();
        let body = match &request.body {
            Some(Body::Text(text)) => {
                serde_json::from_str(text).unwrap_or_else(|_form| json!(text))
            }
            Some(Body::Bytes(bytes)) => json!(String::from_utf8_lossy(bytes)),
            None => Value::Null,
        };
        let fate = if body["status"] == json!("read") { None } else { self.fates.pop_front() };
        if fate.as_ref().is_some_and(|fate| !fate.takes_effect) {
            return fate.map_or(Err(HttpError::Lost), |fate| fate.response);
        }
        let is_typing = body["status"] == json!("read");
        self.calls.push(Call { method: method.clone(), body });
        let number = self.calls.len();
        let reply = match method.as_str() {
            _ if is_typing => json!({ "success": true }),
            "media" => json!({ "id": format!("media-{number}") }),
            _ => json!({
                "messaging_product": "whatsapp",
                "messages": [{ "id": format!("wamid.{number}") }],
            }),
        };
        fate.map_or_else(|| Ok(response(200, &reply)), |fate| fate.response)
    }
}
