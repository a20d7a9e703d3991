//! What the Worker answers to a command, and what it sends to a `response_url`.

use serde_json::Value;

use super::blocks::Place;
use super::content;
use super::deliveries::Typed;
use super::message::{Author, Kind, Message};
use super::posting::{put, remove};
use super::state::{Ephemeral, Hook, State};
use super::world;
use crate::attempt::Attempt;
use crate::clock;
use crate::http::{Content, Inbound, Payload, Reply};

/// How often a `response_url` can be used.
const USES: u32 = 5;

/// What is wrong with an answer, in sentences.
pub(super) fn check(answer: &Value) -> Vec<String> {
    let Some(fields) = answer.as_object() else {
        let is_text = answer.is_null() || answer.is_string();
        return if is_text {
            Vec::new()
        } else {
            vec!["slack: the answer is no object".to_owned()]
        };
    };
    let mut found = Vec::new();
    for (name, value) in fields {
        let is_right = match name.as_str() {
            "response_type" => value == "ephemeral" || value == "in_channel",
            "text" | "thread_ts" => value.is_string(),
            "blocks" => value.is_array(),
            "replace_original" | "delete_original" | "unfurl_links" | "unfurl_media" => {
                value.is_boolean()
            }
            _ => false,
        };
        if !is_right {
            found.push(format!("slack: an answer has no such `{name}`: {value}"));
        }
    }
    let blocks = answer["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    if let Err(reply) = content::check(blocks, Place::Message, "msg_blocks_too_long") {
        found.extend(reply.violations);
    }
    found
}

/// Text and blocks of an answer; `None` if it says nothing, or nothing that Slack would take.
fn words(state: &mut State, answer: &Value) -> Option<(String, Vec<Value>)> {
    if !check(answer).is_empty() {
        return None;
    }
    let text = answer["text"].as_str().or_else(|| answer.as_str()).unwrap_or_default();
    let mut blocks = answer["blocks"].as_array().cloned().unwrap_or_default();
    content::name(state, &mut blocks);
    (!text.is_empty() || !blocks.is_empty()).then(|| (text.to_owned(), blocks))
}

/// Shows the answer to a command where it was typed.
pub(super) fn show(state: &mut State, typed: &Typed, attempt: &Attempt) {
    let Typed { channel, person, line } = typed;
    let command = line.split(' ').next().unwrap_or_default();
    if !attempt.is_success() {
        let error = if attempt.is_timeout() { "operation_timeout" } else { "dispatch_failed" };
        let text = format!("{command} failed with the error \"{error}\"");
        whisper(state, (*channel, person.name, None), (text, Vec::new()), true);
        return;
    }
    let is_public = attempt.body["response_type"] == "in_channel";
    let said = words(state, &attempt.body);
    if is_public {
        let ts = state.next_ts();
        let mut typed = Message::new(ts, *channel, Author::Person(*person), line.clone());
        typed.kind = Kind::Command;
        state.messages.push(typed);
    }
    if let Some(said) = said {
        if is_public {
            speak(state, *channel, None, said);
        } else {
            whisper(state, (*channel, person.name, None), said, false);
        }
    }
}

/// Where only one person sees something: the channel, their name, the thread.
type Ear = (world::Channel, &'static str, Option<String>);

fn whisper(state: &mut State, ear: Ear, (text, blocks): (String, Vec<Value>), is_slacks: bool) {
    let (channel, to, thread) = ear;
    let ts = state.next_ts();
    state.ephemerals.push(Ephemeral { ts, channel, to, text, blocks, thread, is_slacks });
}

fn speak(
    state: &mut State,
    channel: world::Channel,
    thread: Option<String>,
    (text, blocks): (String, Vec<Value>),
) {
    let mut message = Message::new(state.next_ts(), channel, Author::Bot, text);
    message.blocks = blocks;
    message.thread = thread;
    drop(put(state, message));
}

/// `POST` to a `response_url`: five times within half an hour.
pub(super) fn respond(state: &mut State, key: &str, inbound: &Inbound) -> Reply {
    let refuse = |status: u16, error: &str| {
        Reply::json(status, serde_json::json!({ "ok": false, "error": error }))
    };
    let Payload::Json(answer) = &inbound.body else {
        return refuse(400, "invalid_payload").violation("slack: a `response_url` takes JSON");
    };
    let found = check(answer);
    if !found.is_empty() {
        return Reply { violations: found, ..refuse(400, "invalid_payload") };
    }
    let Some(hook) = state.hooks.get_mut(key) else { return refuse(404, "no_such_url") };
    if hook.uses >= USES || hook.until_ms < clock::now_ms() {
        return refuse(404, "used_url");
    }
    hook.uses += 1;
    let hook = hook.clone();
    let said = words(state, answer);
    if answer["delete_original"] == true {
        take_away(state, &hook);
    } else if answer["replace_original"] == true {
        let Some((text, blocks)) = said else { return refuse(400, "no_text") };
        replace(state, &hook, text, blocks);
    } else {
        let Some(said) = said else { return refuse(400, "no_text") };
        let thread = answer["thread_ts"].as_str().map(str::to_owned).or(hook.thread);
        if answer["response_type"] == "in_channel" {
            speak(state, hook.channel, thread, said);
        } else {
            whisper(state, (hook.channel, hook.person, thread), said, false);
        }
    }
    Reply { status: 200, body: Content::Text("ok".to_owned()), ..Reply::default() }
}

fn take_away(state: &mut State, hook: &Hook) {
    match &hook.of {
        Some((ts, true)) => state.ephemerals.retain(|it| it.ts != *ts),
        Some((ts, false)) => {
            if let Some(message) = state.message(hook.channel, ts).cloned() {
                remove(state, &message);
            }
        }
        None => {}
    }
}

fn replace(state: &mut State, hook: &Hook, text: String, blocks: Vec<Value>) {
    match &hook.of {
        Some((ts, true)) => {
            if let Some(shown) = state.ephemerals.iter_mut().find(|it| it.ts == *ts) {
                (shown.text, shown.blocks) = (text, blocks);
            }
        }
        Some((ts, false)) => {
            let is_it = |it: &&mut Message| it.channel == hook.channel && it.ts == *ts;
            if let Some(message) = state.messages.iter_mut().find(is_it) {
                (message.text, message.blocks) = (text, blocks);
            }
        }
        None => whisper(state, (hook.channel, hook.person, None), (text, blocks), false),
    }
}
