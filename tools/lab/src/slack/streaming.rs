//! `chat.startStream`, `chat.appendStream`, `chat.stopStream`: a message that grows, by text or by chunks.

use serde_json::json;

use super::blocks::Place;
use super::message::{Author, Message, Stream};
use super::params::Params;
use super::posting::{put, replace};
use super::state::State;
use super::world::{Channel, TEAM_ID};
use super::{content, errors, target};
use crate::http::Reply;

/// Longest title of a task.
const MAX_TITLE: usize = 256;

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
    let mut message = Message::new(state.next_ts(), channel, Author::Bot, String::new());
    message.thread = thread;
    message.stream = Some(Stream::Growing { by_chunks: !params.value("chunks").is_null() });
    grow(&mut message, params)?;
    Ok(put(state, message))
}

/// Adds to a message what a call brings; whether that was anything.
///
/// # Errors
/// The refusal.
fn grow(message: &mut Message, params: &Params) -> Result<bool, Reply> {
    let text = content::streamed(params, &message.text)?;
    let by_chunks = !params.value("chunks").is_null();
    if by_chunks && params.text("markdown_text").is_some() {
        return Err(errors::mistake("cannot_provide_both_markdown_text_and_chunks"));
    }
    let brings = by_chunks || !text.is_empty();
    if brings && message.stream != Some(Stream::Growing { by_chunks }) {
        return Err(errors::mistake("streaming_mode_mismatch"));
    }
    say(message, &text);
    for (at, chunk) in params.list("chunks").iter().enumerate() {
        let wrong = |what: &str| {
            errors::detailed("invalid_chunks", &[format!("{what} [json-pointer:/chunks/{at}]")])
        };
        let known: &[&str] = match chunk["type"].as_str() {
            Some("markdown_text") => &["type", "text"],
            Some("task_update") => &["type", "id", "title", "status"],
            _ => return Err(wrong("lab: must be markdown_text or task_update")),
        };
        let fields = chunk.as_object().into_iter().flatten();
        if !fields.clone().map(|(name, _)| name.as_str()).all(|name| known.contains(&name)) {
            return Err(wrong(&format!("lab: must have no fields but {}", known.join(", "))));
        }
        let text = |name: &str| chunk[name].as_str().filter(|text| !text.is_empty());
        if let Some(text) = text("text") {
            say(message, text);
            continue;
        }
        let (Some(id), Some(title), Some(status)) = (text("id"), text("title"), text("status"))
        else {
            return Err(wrong("missing required field"));
        };
        if !["pending", "in_progress", "complete", "error"].contains(&status)
            || content::count(title) > MAX_TITLE
        {
            return Err(wrong("must have a status, and a title of at most 256 characters"));
        }
        let card = json!({
            "type": "task_card", "block_id": format!("task-{id}"), "task_id": id, "title": title,
            "status": status,
        });
        match message.blocks.iter_mut().find(|block| block["task_id"] == id) {
            Some(block) => *block = card,
            None => message.blocks.push(card),
        }
    }
    Ok(brings)
}

/// Adds text to what readers see, below what came before.
fn say(message: &mut Message, more: &str) {
    if more.is_empty() {
        return;
    }
    message.text.push_str(more);
    let id = format!("stream-{}", message.blocks.len());
    match message.blocks.last_mut() {
        Some(last) if last["type"] == "markdown" => {
            last["text"] = json!(format!("{}{more}", last["text"].as_str().unwrap_or_default()));
        }
        _ => message.blocks.push(json!({ "type": "markdown", "text": more, "block_id": id })),
    }
}

/// The growing message of `ts`.
fn growing(state: &State, params: &Params) -> Result<(Channel, Message), Reply> {
    let channel = target::channel(state, params, "channel")?;
    let at = target::own(state, channel, params, "message_not_owned_by_app")?;
    match state.messages.get(at) {
        Some(message) if message.is_growing() => Ok((channel, message.clone())),
        _ => Err(errors::refuse("message_not_in_streaming_state")),
    }
}

/// `chat.appendStream`.
pub(super) fn append(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let (channel, mut message) = growing(state, params)?;
    if !grow(&mut message, params)? {
        return Err(errors::mistake("no_text"));
    }
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
    let mut after = before.clone();
    grow(&mut after, params)?;
    let mut blocks = params.list("blocks").to_vec();
    content::check(&blocks, Place::Message, "msg_blocks_too_long")?;
    content::name(state, &mut blocks);
    after.metadata = content::metadata(params)?;
    after.blocks.extend(blocks);
    after.stream = Some(Stream::Complete);
    let event_ts = state.next_ts();
    Ok(replace(state, &before, after, &event_ts))
}
