//! `chat.startStream`, `chat.appendStream`, `chat.stopStream`: a message that grows.

use serde_json::{Value, json};

use super::blocks::Place;
use super::message::{Author, Message, Stream};
use super::params::Params;
use super::posting::{put, replace};
use super::state::State;
use super::world::{Channel, TEAM_ID};
use super::{content, errors, target};
use crate::http::Reply;

/// `chat.startStream`.
pub(super) fn start(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    target::writable(state, channel)?;
    let thread = target::thread(state, channel, params, "invalid_arguments")?;
    if !channel.is_direct() {
        for (argument, error) in [
            ("recipient_user_id", "missing_recipient_user_id"),
            ("recipient_team_id", "missing_recipient_team_id"),
        ] {
            if params.text(argument).is_none() {
                return Err(errors::mistake(error));
            }
        }
    }
    if params.text("recipient_user_id").is_some() {
        target::person(params, "recipient_user_id")?;
    }
    if params.text("recipient_team_id").is_some_and(|team| team != TEAM_ID) {
        return Err(errors::mistake("team_not_found"));
    }
    let text = content::streamed(params, "")?;
    let mut message = Message::new(state.next_ts(), channel, Author::Bot, text);
    message.blocks = shown(&message.text);
    message.thread = thread;
    message.stream = Some(Stream::Growing);
    Ok(put(state, message))
}

/// What readers see of the text so far.
fn shown(text: &str) -> Vec<Value> {
    let block = || json!({ "type": "markdown", "text": text, "block_id": "stream" });
    if text.is_empty() { Vec::new() } else { vec![block()] }
}

/// The growing message of `ts`.
fn growing(state: &State, params: &Params) -> Result<(Channel, Message), Reply> {
    let channel = target::channel(state, params, "channel")?;
    let at = target::own(state, channel, params, "message_not_owned_by_app")?;
    match state.messages.get(at) {
        Some(message) if message.stream == Some(Stream::Growing) => Ok((channel, message.clone())),
        _ => Err(errors::refuse("message_not_in_streaming_state")),
    }
}

/// `chat.appendStream`.
pub(super) fn append(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let (channel, mut message) = growing(state, params)?;
    let more = content::streamed(params, &message.text)?;
    if more.is_empty() {
        return Err(errors::mistake("no_text"));
    }
    message.text.push_str(&more);
    message.blocks = shown(&message.text);
    let ts = message.ts.clone();
    let is_it = |it: &&mut Message| it.channel == channel && it.ts == ts;
    if let Some(stored) = state.messages.iter_mut().find(is_it) {
        *stored = message;
    }
    Ok(errors::ok(json!({ "channel": channel.id, "ts": ts })))
}

/// `chat.stopStream`.
pub(super) fn stop(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let (_, before) = growing(state, params)?;
    let more = content::streamed(params, &before.text)?;
    let mut blocks = params.list("blocks").to_vec();
    content::check(&blocks, Place::Message, "msg_blocks_too_long")?;
    content::name(state, &mut blocks);
    let metadata = content::metadata(params)?;
    let text = format!("{}{more}", before.text);
    let blocks = shown(&text).into_iter().chain(blocks).collect();
    let stream = Some(Stream::Complete);
    let after = Message { text, blocks, metadata, stream, ..before.clone() };
    let event_ts = state.next_ts();
    Ok(replace(state, &before, after, &event_ts))
}
