//! Discord as far as a native test needs it: one channel with a webhook, one deferred reply. The
//! strict emulator is the lab; this one exists to crash and fail at every point.

use serde_json::{Value, json};

use crate::http::{HttpError, Method, Request, Response};

pub(super) const BASE: &str = "https://discord.test/api/v10";
pub(super) const WEBHOOK: &str = "1200000000000000001";
pub(super) const CHANNEL: &str = "1200000000000000002";

/// A message of the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) author: String,
    pub(crate) content: String,
}

/// What happens to the next request whose method and URL contain these words.
pub(crate) struct Answer {
    pub(crate) to: (&'static str, &'static str),
    /// Whether the effect happens although the response is replaced.
    pub(crate) takes_effect: bool,
    pub(crate) response: Result<Response, HttpError>,
}

pub(crate) struct Discord {
    /// The channel, oldest first.
    pub(crate) channel: Vec<Message>,
    /// What the asker sees of the reply: "thinking…" at first, `None` once it is removed.
    pub(crate) reply: Option<String>,
    /// Private follow-ups.
    pub(crate) follow_ups: Vec<String>,
    /// Every request, as method and URL.
    pub(crate) requests: Vec<Request>,
    /// Replaced responses, each used once.
    pub(crate) answers: Vec<Answer>,
    /// Whether the bot may read the channel.
    pub(crate) is_readable: bool,
    /// Whether the bot's list of the channel shows what messages say.
    pub(crate) shows_content: bool,
    /// How many calls for the reply come before Discord knows of it.
    pub(crate) early_calls: u32,
    /// The channel that the webhook serves.
    pub(crate) webhook_channel: String,
    pub(crate) next_id: u64,
}

/// Returns a JSON response.
pub(crate) fn response(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string() }
}

impl Discord {
    pub(super) fn new() -> Self {
        Self {
            channel: Vec::new(),
            reply: Some("thinking…".to_owned()),
            follow_ups: Vec::new(),
            requests: Vec::new(),
            answers: Vec::new(),
            is_readable: true,
            shows_content: true,
            early_calls: 0,
            webhook_channel: CHANNEL.to_owned(),
            next_id: 1_300_000_000_000_000_001,
        }
    }

    /// Orders a response for the next request of this kind, without its effect.
    pub(crate) fn refuse(&mut self, method: &'static str, url: &'static str, refusal: Response) {
        let to = (method, url);
        self.answers.push(Answer { to, takes_effect: false, response: Ok(refusal) });
    }

    /// Orders silence for the next request of this kind, after its effect.
    pub(crate) fn fall_silent(&mut self, method: &'static str, url: &'static str) {
        let response = Err(HttpError::Timeout);
        self.answers.push(Answer { to: (method, url), takes_effect: true, response });
    }

    pub(super) fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
        self.requests.push(request.clone());
        let is_meant = |answer: &Answer| {
            answer.to.0 == request.method.name() && request.url.contains(answer.to.1)
        };
        let ordered = self.answers.iter().position(is_meant);
        let ordered = ordered.map(|index| self.answers.remove(index));
        match ordered {
            Some(answer) => {
                if answer.takes_effect {
                    self.serve(request);
                }
                answer.response
            }
            None => Ok(self.serve(request)),
        }
    }

    fn serve(&mut self, request: &Request) -> Response {
        let body: Value =
            request.body.as_ref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        if let Some(content) = body.get("content").and_then(Value::as_str) {
            assert_eq!(body["allowed_mentions"], json!({ "parse": [] }), "{}", request.url);
            assert!((1..=2000).contains(&content.chars().count()), "{content}");
        }
        let path = request.url.strip_prefix(BASE).unwrap_or(&request.url);
        let webhook = format!("/webhooks/{WEBHOOK}/hook-token");
        match (request.method, path) {
            (Method::Get, path) if path == webhook => {
                response(200, &json!({ "id": WEBHOOK, "channel_id": self.webhook_channel }))
            }
            (Method::Post, path) if path.starts_with(&webhook) => self.execute(&body),
            (Method::Get, path) if path.starts_with(&webhook) => self.read_own(path),
            (Method::Get, path) if path.starts_with("/channels/") => self.list(path),
            (_, path) if path.ends_with("/@original") && self.early_calls > 0 => {
                self.early_calls -= 1;
                response(404, &json!({ "message": "Unknown Webhook", "code": 10015 }))
            }
            (Method::Patch, path) if path.ends_with("/@original") => self.edit(&body),
            (Method::Delete, path) if path.ends_with("/@original") => match self.reply.take() {
                Some(_) => Response { status: 204, headers: Vec::new(), body: String::new() },
                None => unknown_message(),
            },
            (Method::Post, path) if path.ends_with("/interaction-token") => {
                self.follow_ups.push(text(&body, "content"));
                response(200, &json!({ "id": self.id() }))
            }
            _ => response(404, &json!({ "message": "404: Not Found", "code": 0 })),
        }
    }

    fn execute(&mut self, body: &Value) -> Response {
        let message = Message {
            id: self.id(),
            author: text(body, "username"),
            content: text(body, "content").trim().to_owned(),
        };
        self.channel.push(message.clone());
        response(200, &json!({ "id": message.id, "channel_id": CHANNEL, "webhook_id": WEBHOOK }))
    }

    fn list(&self, path: &str) -> Response {
        if !self.is_readable {
            return response(403, &json!({ "message": "Missing Access", "code": 50001 }));
        }
        let after = path.split(['=', '&']).nth(1).unwrap();
        let newer = self.channel.iter().filter(|message| message.id.as_str() > after);
        let mut page: Vec<Value> =
            newer.take(100).map(|message| to_json(message, self.shows_content)).collect();
        page.reverse();
        response(200, &page.into())
    }

    /// A webhook reads its own posts, whatever the bot may read.
    fn read_own(&self, path: &str) -> Response {
        match self.channel.iter().find(|message| path.ends_with(&message.id)) {
            Some(message) => response(200, &to_json(message, true)),
            None => unknown_message(),
        }
    }

    fn edit(&mut self, body: &Value) -> Response {
        if self.reply.is_none() {
            return unknown_message();
        }
        self.reply = Some(text(body, "content"));
        response(200, &json!({ "id": "1300000000000000000" }))
    }

    fn id(&mut self) -> String {
        self.next_id += 1;
        self.next_id.to_string()
    }
}

fn to_json(message: &Message, shows_content: bool) -> Value {
    json!({
        "id": message.id,
        "webhook_id": WEBHOOK,
        "content": if shows_content { &message.content } else { "" },
        "author": { "username": message.author },
    })
}

fn unknown_message() -> Response {
    response(404, &json!({ "message": "Unknown Message", "code": 10008 }))
}

fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}
