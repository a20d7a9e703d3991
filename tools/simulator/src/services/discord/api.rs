//! Discord's replies to requests that arrive, and what the requests change.

use std::rc::Rc;

use miyabi_core::http::{Method, Response};
use serde_json::{Value, json};

use super::request::{Call, Target};
use super::{Interaction, Message, Original, Private, State, TOKEN_MS, Webhook};
use crate::base::actor::Role;
use crate::base::hooks::{Press, Wish};
use crate::base::ids;
use crate::base::marks::{Mark, SECRET};
use crate::base::record::Invariant;
use crate::base::shared::Shared;

/// Returns an error as Discord writes it.
pub(super) fn error(status: u16, code: u32, message: &str) -> Response {
    response(status, &json!({ "message": message, "code": code }))
}

fn response(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string() }
}

fn nothing() -> Response {
    Response { status: 204, headers: Vec::new(), body: String::new() }
}

/// Has Discord do what a request says.
pub(super) fn serve(
    shared: &Shared,
    discord: &mut State,
    call: &Call,
    post: Option<usize>,
) -> Response {
    check(shared, call, post.is_some_and(|post| is_of_reminder(shared, post)));
    let now_ms = shared.executor.now();
    match &call.target {
        Target::Webhook { webhook, token } => match discord.webhook(*webhook, token) {
            Ok(hook) => {
                let channel = hook.channel.to_string();
                response(200, &json!({ "id": webhook.to_string(), "channel_id": channel }))
            }
            Err(refusal) => refusal,
        },
        Target::Execute { webhook, token, thread } => {
            let is_refused = discord.refuses(call);
            let hook = (*webhook, token.as_str(), *thread);
            discord.execute(hook, call, is_refused, (now_ms, post))
        }
        Target::Message { webhook, token, message } => {
            if let Err(refusal) = discord.webhook(*webhook, token) {
                return refusal;
            }
            let is_it = |known: &Message| known.id == *message && known.webhook == Some(*webhook);
            let Some(index) = discord.messages.iter().position(is_it) else {
                return error(404, 10_008, "Unknown Message");
            };
            if call.method == Method::Delete {
                discord.messages.remove(index);
                return nothing();
            }
            discord
                .messages
                .get(index)
                .map_or_else(nothing, |known| response(200, &known.to_json(true)))
        }
        Target::Original { token } | Target::FollowUp { token } => {
            let id = discord.new_id(now_ms);
            let is_follow_up = matches!(call.target, Target::FollowUp { .. });
            let Some(reply) = discord.replies.values_mut().find(|reply| reply.token == *token)
            else {
                return error(404, 10_015, "Unknown Webhook");
            };
            if let Some(refusal) = reply.refusal(now_ms) {
                return refusal;
            }
            if is_follow_up {
                reply.follow_up(call, id, post)
            } else {
                let changed = reply.change_original(call, id, post);
                if changed.status == 200 {
                    decide_later(shared, &call.body);
                }
                changed
            }
        }
        Target::Messages { channel, after, limit } => discord.list(*channel, *after, *limit),
        Target::Webhooks { channel } => discord.webhooks_of(*channel, call.method, now_ms),
        Target::Unknown => error(404, 0, "404: Not Found"),
    }
}

/// Has the asker decide what stands in place of the reply with buttons, if something does: at some time, at times
/// twice or not at all; and now and then somebody else by a client of their own.
fn decide_later(shared: &Shared, body: &Value) {
    let custom_id = body.pointer("/components/0/components/0/custom_id").and_then(Value::as_str);
    let Some(id) = custom_id.and_then(|id| id.strip_prefix("1.approve.")) else { return };
    let mut parts = id.split('-');
    let index = parts.next().and_then(ids::number);
    let mut number = || parts.next()?.parse().ok();
    let (Some(index), Some(generation), Some(ordinal)) = (index, number(), number()) else {
        return;
    };
    let (rng, now_ms) = (&shared.rng, shared.executor.now());
    let press_at = |at_ms, approves, is_stranger| {
        let Some(hooks) = shared.hooks().map(|hooks| Rc::downgrade(&hooks)) else { return };
        let press = Press { approves, is_stranger, generation, ordinal };
        shared.executor.at(at_ms, move || {
            if let Some(hooks) = hooks.upgrade() {
                hooks.wish(index, Wish::Decide(press));
            }
        });
    };
    if rng.chance(200) {
        press_at(now_ms + rng.within(200..=20_000), true, true);
    }
    if rng.chance(850) {
        let at_ms = now_ms + rng.within(500..=if rng.chance(700) { 30_000 } else { 600_000 });
        let approves = rng.chance(750);
        press_at(at_ms, approves, false);
        if rng.chance(300) {
            press_at(at_ms + rng.within(1..=90_000), rng.chance(500), false);
        }
    }
}

/// Returns whether a post may be about a reminder: its job sends it, or who looks after jobs.
fn is_of_reminder(shared: &Shared, post: usize) -> bool {
    let record = shared.record.borrow();
    record.posts.get(post).is_some_and(|post| match &post.sender.role {
        Role::Generation { instance } => instance.starts_with(ids::REMINDER),
        Role::Consumer { .. } | Role::Cron => true,
        Role::Request => false,
    })
}

/// Looks at what the program may never send.
fn check(shared: &Shared, call: &Call, is_reminder: bool) {
    let Some(content) = call.body.get("content").and_then(Value::as_str) else { return };
    let count = content.chars().count();
    let allowed = call.body.get("allowed_mentions");
    let pinged = allowed.and_then(|it| it.pointer("/users/0")).and_then(Value::as_str);
    // A reminder pings whom it names, and nobody else; a sentence in its place names nobody.
    let is_reminder = pinged.is_some_and(|id| {
        let only = json!({ "parse": [], "users": [id] });
        let names = content.starts_with(&format!("<@{id}>")) || !content.contains("<@");
        is_reminder && allowed == Some(&only) && names
    });
    let pings = !is_reminder && allowed != Some(&json!({ "parse": [] }));
    if pings || count > 2_000 || (count == 0 && call.file.is_empty()) {
        let what = format!("{} has {count} letters, pings: {pings}", call.shown());
        shared.violate(Invariant::Sane, what);
    }
    // What is said of an image comes with it.
    let last = content.lines().last().unwrap_or_default();
    let has_image =
        call.body.get("attachments").is_some_and(|it| it.to_string().contains("image.jpg"));
    // A longer answer has it in its first message.
    let is_short = count < 1_000;
    if shared.plan.is_fault_free && is_short && last.contains("🎨 ") && !has_image {
        shared.violate(Invariant::FaultFree, format!("{} lacks its image", call.shown()));
    }
    if content.contains(SECRET) || call.file.contains(SECRET) {
        shared.violate(Invariant::Silent, format!("{} shows a secret", call.shown()));
    }
    let flags = call.body.get("flags").and_then(Value::as_u64).unwrap_or_default();
    let is_private = flags & 64 != 0;
    if matches!(call.target, Target::FollowUp { .. }) && !is_private {
        shared.violate(Invariant::Silent, format!("{} is public", call.shown()));
    }
}

impl State {
    /// Returns whether a rule of the server refuses the message in public.
    fn refuses(&self, call: &Call) -> bool {
        let mut answers = call.marks.iter().filter(|mark| matches!(mark, Mark::Answer { .. }));
        answers.any(|mark| self.refused.contains(&mark.ask()))
    }

    fn webhook(&self, number: u64, token: &str) -> Result<&Webhook, Response> {
        match self.webhooks.get(&number) {
            Some(hook) if hook.token == token && !hook.is_gone => Ok(hook),
            Some(hook) if hook.token != token => Err(error(401, 50_027, "Invalid Webhook Token")),
            _ => Err(error(404, 10_015, "Unknown Webhook")),
        }
    }

    fn execute(
        &mut self,
        (number, token, thread): (u64, &str, Option<u64>),
        call: &Call,
        is_refused: bool,
        (now_ms, post): (u64, Option<usize>),
    ) -> Response {
        let (serves, is_own) = match self.webhook(number, token) {
            Ok(hook) => (hook.channel, hook.is_own),
            Err(refusal) => return refusal,
        };
        let buttons_of = buttons_of(&call.body);
        if buttons_of.is_some() && !is_own {
            return error(400, 50_035, "Invalid Form Body");
        }
        let channel = thread.unwrap_or(serves);
        let Some(place) = self.channels.get(&channel) else {
            return error(404, 10_003, "Unknown Channel");
        };
        if channel != serves && place.parent != Some(serves) {
            return error(400, 10_003, "Unknown Channel");
        }
        if place.is_forum {
            return error(400, 220_001, "Webhooks posted to forum channels must have a thread");
        }
        if place.is_locked {
            return error(400, 50_083, "Thread is archived");
        }
        if is_refused {
            return error(400, 200_000, "Message was blocked by automatic moderation");
        }
        let author = text(&call.body, "username");
        if author.contains("refused") {
            let why =
                json!({ "username": { "_errors": [{ "code": "USERNAME_INVALID_CONTAINS" }] } });
            let body = json!({ "code": 50_035, "message": "Invalid Form Body", "errors": why });
            return response(400, &body);
        }
        let message = Message {
            id: self.new_id(now_ms),
            channel,
            webhook: Some(number),
            author,
            content: text(&call.body, "content").trim().to_owned(),
            file: call.file.clone(),
            post,
            buttons_of,
        };
        self.messages.push(message.clone());
        response(200, &message.to_json(true))
    }

    fn list(&self, channel: u64, after: u64, limit: usize) -> Response {
        let Some(place) = self.channels.get(&channel) else {
            return error(404, 10_003, "Unknown Channel");
        };
        // A thread is read with the rights of its channel.
        let root = place.parent.and_then(|parent| self.channels.get(&parent)).unwrap_or(place);
        if !root.is_readable || !place.is_readable {
            return if place.looks_empty {
                response(200, &json!([]))
            } else {
                error(403, 50_001, "Missing Access")
            };
        }
        let newer =
            self.messages.iter().filter(|known| known.channel == channel && known.id > after);
        let mut page: Vec<Value> =
            newer.take(limit.min(100)).map(|known| known.to_json(place.shows_content)).collect();
        page.reverse();
        response(200, &page.into())
    }

    fn webhooks_of(&mut self, channel: u64, method: Method, now_ms: u64) -> Response {
        match self.channels.get(&channel) {
            None => return error(404, 10_003, "Unknown Channel"),
            Some(place) if place.parent.is_some() => {
                return error(400, 50_024, "Cannot execute action on this channel type");
            }
            Some(place) if !place.is_managed => return error(403, 50_013, "Missing Permissions"),
            Some(_) => {}
        }
        if method == Method::Post {
            let number = self.new_id(now_ms);
            let hook = Webhook {
                channel,
                token: format!("{SECRET}-made-{}", self.webhooks.len()),
                is_own: true,
                is_gone: false,
                told_gone_ms: None,
                forgotten_ms: None,
            };
            let body = hook.to_json(number);
            self.webhooks.insert(number, hook);
            return response(200, &body);
        }
        let here =
            self.webhooks.iter().filter(|(_, hook)| hook.channel == channel && !hook.is_gone);
        let list: Vec<Value> = here.map(|(number, hook)| hook.to_json(*number)).collect();
        response(200, &list.into())
    }
}

impl Webhook {
    fn to_json(&self, number: u64) -> Value {
        let application = if self.is_own { super::APPLICATION } else { "1" };
        json!({
            "id": number.to_string(), "token": self.token,
            "channel_id": self.channel.to_string(), "application_id": application,
        })
    }
}

impl Message {
    fn to_json(&self, shows_content: bool) -> Value {
        json!({
            "id": self.id.to_string(),
            "channel_id": self.channel.to_string(),
            "webhook_id": self.webhook.map(|webhook| webhook.to_string()),
            "author": { "username": self.author },
            "content": if shows_content { self.content.as_str() } else { "" },
        })
    }
}

impl Interaction {
    /// Returns why the token does not count, if it does not.
    fn refusal(&self, now_ms: u64) -> Option<Response> {
        if self.known_from_ms.is_none_or(|known_from_ms| now_ms < known_from_ms) {
            return Some(error(404, 10_015, "Unknown Webhook"));
        }
        let is_over = now_ms > self.asked_ms + TOKEN_MS;
        is_over.then(|| error(401, 50_027, "Invalid Webhook Token"))
    }

    fn change_original(&mut self, call: &Call, id: u64, post: Option<usize>) -> Response {
        if matches!(self.original, Original::Removed | Original::Dismissed | Original::Nothing) {
            return error(404, 10_008, "Unknown Message");
        }
        match call.method {
            Method::Patch => {
                let mut shown = private(call, post);
                // What does not name the files of the message leaves them as they are.
                if let (Original::Text(before), None) =
                    (&self.original, call.body.get("attachments"))
                {
                    before.file.clone_into(&mut shown.file);
                }
                self.original = Original::Text(shown);
                response(200, &json!({ "id": id.to_string() }))
            }
            Method::Delete => {
                self.original = Original::Removed;
                nothing()
            }
            Method::Get => response(200, &json!({ "id": id.to_string() })),
            Method::Post => error(405, 0, "405: Method Not Allowed"),
        }
    }

    fn follow_up(&mut self, call: &Call, id: u64, post: Option<usize>) -> Response {
        if self.most_follow_ups.is_some_and(|most| self.follow_ups.len() >= most) {
            return error(400, 40_094, "Maximum number of follow-up messages");
        }
        if self.original == Original::Thinking {
            // Right after a deferred reply a follow-up takes its place.
            self.original = Original::Text(private(call, post));
        } else {
            self.follow_ups.push(private(call, post));
        }
        response(200, &json!({ "id": id.to_string() }))
    }
}

fn private(call: &Call, post: Option<usize>) -> Private {
    Private { content: text(&call.body, "content"), file: call.file.clone(), post }
}

/// Returns the job that the first button of a message names.
fn buttons_of(body: &Value) -> Option<String> {
    let custom_id = body.pointer("/components/0/components/0/custom_id")?.as_str()?;
    custom_id.rsplit_once('.').map(|(_, job)| job.to_owned())
}

fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}
