//! Discord as far as a native test needs it: channels with webhooks, one deferred reply. The strict
//! emulator is the lab; this one exists to crash and fail at every point.

mod body;
mod server;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::body::read_body;
use miyabi_core::http::{HttpError, Method, Request, Response};

pub(crate) const BASE: &str = "https://discord.test/api/v10";
pub(crate) const WEBHOOK: &str = "1200000000000000001";
pub(crate) const CHANNEL: &str = "1200000000000000002";
/// The webhook's channel, as Discord's transport describes it.
pub(crate) const PLACE: &str = r#"{"channel":{"id":"1200000000000000002","parent":null,"rights":{"speaks":true,"attaches":true,"reads":true,"manages_webhooks":true}}}"#;
const APPLICATION: &str = "775799577604522054";

/// A message of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub author: String,
    pub content: String,
}

/// A webhook that the program did not get by its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    pub id: String,
    pub token: String,
    pub channel: String,
    /// The application that made it, if one did.
    pub application: Option<String>,
}

/// By which webhook, and in which channel or thread, a message was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub message: String,
    pub webhook: String,
    pub channel: String,
}

/// What happens to the next request whose method and URL contain these words.
pub struct Answer {
    pub to: (&'static str, &'static str),
    /// Whether the effect happens although the response is replaced.
    pub takes_effect: bool,
    pub response: Result<Response, HttpError>,
}

pub struct Discord {
    /// What webhooks posted, oldest first.
    pub channel: Vec<Message>,
    /// Where each of these messages is; one without an origin is in every channel, by the configured
    /// webhook.
    pub origins: Vec<Origin>,
    /// Attached texts, by the message's id, or `@original` for the reply.
    pub files: Vec<(String, String)>,
    /// Messages with buttons.
    pub buttons: Vec<String>,
    /// What the asker sees of the reply: "thinking…" at first, `None` once it is removed.
    pub reply: Option<String>,
    /// Private follow-ups.
    pub follow_ups: Vec<String>,
    /// How many follow-ups Discord takes.
    pub max_follow_ups: usize,
    /// Every request, as method and URL.
    pub requests: Vec<Request>,
    /// Replaced responses, each used once.
    pub answers: Vec<Answer>,
    /// Whether the bot may read the channel.
    pub is_readable: bool,
    /// Whether the bot's list of the channel shows what messages say.
    pub shows_content: bool,
    /// How many calls for the reply come before Discord knows of it.
    pub early_calls: u32,
    /// The channel that the configured webhook serves.
    pub webhook_channel: String,
    /// All other webhooks.
    pub hooks: Vec<Hook>,
    /// Ids of webhooks that somebody deleted.
    pub gone: Vec<String>,
    /// Whether the bot may list and make webhooks.
    pub manages_webhooks: bool,
    /// What the bot sees of the server, by path.
    pub seen: BTreeMap<String, Value>,
    pub next_id: u64,
}

/// Returns a JSON response.
pub fn response(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string() }
}

impl Discord {
    pub fn new() -> Self {
        Self {
            channel: Vec::new(),
            origins: Vec::new(),
            files: Vec::new(),
            buttons: Vec::new(),
            reply: Some("thinking…".to_owned()),
            follow_ups: Vec::new(),
            max_follow_ups: usize::MAX,
            requests: Vec::new(),
            answers: Vec::new(),
            is_readable: true,
            shows_content: true,
            early_calls: 0,
            webhook_channel: CHANNEL.to_owned(),
            hooks: Vec::new(),
            gone: Vec::new(),
            manages_webhooks: true,
            seen: server::seen(),
            next_id: 1_300_000_000_000_000_001,
        }
    }

    /// Orders a response for the next request of this kind, without its effect.
    pub fn refuse(&mut self, method: &'static str, url: &'static str, refusal: Response) {
        let to = (method, url);
        self.answers.push(Answer { to, takes_effect: false, response: Ok(refusal) });
    }

    /// Orders silence for the next request of this kind, after its effect.
    pub fn fall_silent(&mut self, method: &'static str, url: &'static str) {
        let response = Err(HttpError::Timeout);
        self.answers.push(Answer { to: (method, url), takes_effect: true, response });
    }

    pub fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
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

    /// Adds a webhook of the application, as somebody else might have made it earlier.
    pub fn add_hook(&mut self, channel: &str) -> Hook {
        let id = self.id();
        let hook = Hook {
            token: format!("own-token-{id}"),
            id,
            channel: channel.to_owned(),
            application: Some(APPLICATION.to_owned()),
        };
        self.hooks.push(hook.clone());
        hook
    }

    /// Deletes a webhook: every call to it is a 404 from now on.
    pub fn delete_hook(&mut self, id: &str) {
        self.hooks.retain(|hook| hook.id != id);
        self.gone.push(id.to_owned());
    }

    /// Returns the attached text of a message, or of the reply as `@original`.
    pub fn file(&self, message: &str) -> Option<&str> {
        self.files.iter().find(|(id, _)| id == message).map(|(_, file)| file.as_str())
    }

    fn serve(&mut self, request: &Request) -> Response {
        let (body, file) = read_body(request);
        if let Some(content) = body.get("content").and_then(Value::as_str) {
            // A reminder pings the person whom it begins with.
            let pinged = content.split_once("> ⏰").and_then(|(it, _)| it.strip_prefix("<@"));
            let pings = pinged
                .map_or_else(|| json!({ "parse": [] }), |id| json!({ "parse": [], "users": [id] }));
            assert_eq!(body["allowed_mentions"], pings, "{}", request.url);
            assert!((1..=2000).contains(&content.chars().count()), "{content}");
        }
        let path = request.url.strip_prefix(BASE).unwrap_or(&request.url);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method, segments.as_slice()) {
            (method, ["channels", channel, "webhooks"]) => self.webhooks(method, request, channel),
            (Method::Get, ["channels", channel, "messages"]) => self.list(channel, query),
            (_, ["webhooks", APPLICATION, ..]) => {
                self.interaction(request.method, path, &body, file)
            }
            (method, ["webhooks", id, token, rest @ ..]) => {
                let Some(hook) = self.hook(id, token) else {
                    return refusal(404, "Unknown Webhook", 10015);
                };
                match (method, rest) {
                    (Method::Get, []) => response(200, &hook_json(&hook)),
                    (Method::Post, []) => self.execute(&hook, query, &body, file),
                    (Method::Get, ["messages", id]) => self.read_own(id),
                    (Method::Delete, ["messages", id]) => self.remove_own(&hook, id),
                    _ => refusal(405, "405: Method Not Allowed", 0),
                }
            }
            (Method::Get, ["channels" | "guilds", ..]) => self.show(request, path),
            _ => refusal(404, "404: Not Found", 0),
        }
    }

    /// A webhook removes what it posted, and nothing else.
    fn remove_own(&mut self, hook: &Hook, id: &str) -> Response {
        let is_its = self.origins.iter().all(|one| one.message != id || one.webhook == hook.id);
        let before = self.channel.len();
        if is_its {
            self.channel.retain(|message| message.id != id);
        }
        if self.channel.len() == before {
            return unknown_message();
        }
        Response { status: 204, headers: Vec::new(), body: String::new() }
    }

    fn interaction(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
        file: Option<String>,
    ) -> Response {
        let is_original = path.ends_with("/@original");
        if is_original && self.early_calls > 0 {
            self.early_calls -= 1;
            return refusal(404, "Unknown Webhook", 10015);
        }
        match method {
            Method::Patch if is_original => self.edit(body, file),
            Method::Delete if is_original => match self.reply.take() {
                Some(_) => Response { status: 204, headers: Vec::new(), body: String::new() },
                None => unknown_message(),
            },
            Method::Post if path.ends_with("/interaction-token") => {
                if self.follow_ups.len() >= self.max_follow_ups {
                    return refusal(400, "Maximum number of follow-up messages reached", 40094);
                }
                let id = self.id();
                self.follow_ups.push(text(body, "content"));
                self.attach(&id, file);
                response(200, &json!({ "id": id }))
            }
            Method::Get | Method::Post | Method::Patch | Method::Delete => {
                refusal(404, "404: Not Found", 0)
            }
        }
    }

    /// The bot's list of a channel's webhooks, and a new one.
    fn webhooks(&mut self, method: Method, request: &Request, channel: &str) -> Response {
        let is_bot = request.headers.contains(&("authorization", "Bot bot-token".to_owned()));
        if !is_bot {
            return refusal(401, "401: Unauthorized", 0);
        }
        if !self.manages_webhooks {
            return refusal(403, "Missing Permissions", 50013);
        }
        if method == Method::Post {
            return response(200, &hook_json(&self.add_hook(channel)));
        }
        let all = [self.configured()].into_iter().chain(self.hooks.iter().cloned());
        let here = all.filter(|hook| hook.channel == channel && !self.gone.contains(&hook.id));
        response(200, &here.map(|hook| hook_json(&hook)).collect())
    }

    /// A person made it: Discord names no application, and shows the bot its token.
    fn configured(&self) -> Hook {
        Hook {
            id: WEBHOOK.to_owned(),
            token: "hook-token".to_owned(),
            channel: self.webhook_channel.clone(),
            application: None,
        }
    }

    fn hook(&self, id: &str, token: &str) -> Option<Hook> {
        let mut all = self.hooks.iter().cloned().chain([self.configured()]);
        let hook = all.find(|hook| hook.id == id && hook.token == token)?;
        (!self.gone.contains(&hook.id)).then_some(hook)
    }

    fn execute(
        &mut self,
        hook: &Hook,
        query: &str,
        body: &Value,
        file: Option<String>,
    ) -> Response {
        let message = Message {
            id: self.id(),
            author: text(body, "username"),
            content: text(body, "content").trim().to_owned(),
        };
        let channel = parameter(query, "thread_id").unwrap_or(&hook.channel).to_owned();
        let told = json!({ "id": message.id, "channel_id": channel, "webhook_id": hook.id });
        self.origins.push(Origin {
            message: message.id.clone(),
            webhook: hook.id.clone(),
            channel,
        });
        if !body["components"].is_null() {
            assert!(hook.application.is_some(), "only an application's webhook may send buttons");
            self.buttons.push(message.id.clone());
        }
        self.attach(&message.id, file);
        self.channel.push(message);
        response(200, &told)
    }

    fn attach(&mut self, message: &str, file: Option<String>) {
        self.files.retain(|(id, _)| id != message);
        self.files.extend(file.map(|file| (message.to_owned(), file)));
    }

    fn list(&self, channel: &str, query: &str) -> Response {
        if !self.is_readable {
            return refusal(403, "Missing Access", 50001);
        }
        let after = parameter(query, "after").unwrap();
        let is_here =
            |message: &&Message| self.origin(message).is_none_or(|o| o.channel == channel);
        let newer = self.channel.iter().filter(|message| message.id.as_str() > after);
        let mut page: Vec<Value> = newer
            .filter(is_here)
            .take(100)
            .map(|message| self.message_json(message, self.shows_content))
            .collect();
        page.reverse();
        response(200, &page.into())
    }

    fn origin(&self, message: &Message) -> Option<&Origin> {
        self.origins.iter().find(|origin| origin.message == message.id)
    }

    /// A webhook reads its own posts, whatever the bot may read.
    fn read_own(&self, id: &str) -> Response {
        match self.channel.iter().find(|message| message.id == id) {
            Some(message) => response(200, &self.message_json(message, true)),
            None => unknown_message(),
        }
    }

    fn edit(&mut self, body: &Value, file: Option<String>) -> Response {
        if self.reply.is_none() {
            return unknown_message();
        }
        self.reply = Some(text(body, "content"));
        if body.get("attachments").is_some() {
            self.attach("@original", file);
        }
        response(200, &json!({ "id": "1300000000000000000" }))
    }

    fn message_json(&self, message: &Message, shows_content: bool) -> Value {
        json!({
            "id": message.id,
            "webhook_id": self.origin(message).map_or(WEBHOOK, |origin| &origin.webhook),
            "content": if shows_content { &message.content } else { "" },
            "author": { "username": message.author },
        })
    }

    fn id(&mut self) -> String {
        self.next_id += 1;
        self.next_id.to_string()
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn hook_json(hook: &Hook) -> Value {
    let Hook { id, token, channel, application } = hook;
    json!({ "id": id, "type": 1, "token": token, "channel_id": channel, "application_id": application })
}

fn refusal(status: u16, message: &str, code: u32) -> Response {
    response(status, &json!({ "message": message, "code": code }))
}

fn unknown_message() -> Response {
    refusal(404, "Unknown Message", 10008)
}

fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}
