//! `chat.postMessage`, `chat.postEphemeral`, `chat.update`, `chat.delete`.

use serde_json::json;

use super::content::{self, Content, Verb};
use super::events;
use super::message::{Author, Kind, Message};
use super::params::Params;
use super::state::{Ephemeral, State};
use super::{errors, target};
use crate::http::Reply;

/// Error of a `thread_ts` that nothing can be said under.
const NO_THREAD: &str = "cannot_reply_to_message";

/// `chat.postMessage`.
pub(super) fn post(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    target::writable(state, channel)?;
    let thread = target::thread(state, channel, params, NO_THREAD)?;
    let Content { text, blocks } = content::read(state, params, Verb::Post)?;
    let metadata = content::metadata(params)?;
    let mut message = Message::new(state.next_ts(), channel, Author::Bot, text);
    message.blocks = blocks;
    message.thread = thread;
    message.metadata = metadata;
    Ok(put(state, message))
}

/// Stores a message of the bot, and returns it.
pub(super) fn put(state: &mut State, message: Message) -> Reply {
    let shown = state.to_json(&message);
    state.outbox.push(events::said(&message, shown.clone()));
    let reply =
        errors::ok(json!({ "channel": message.channel.id, "ts": message.ts, "message": shown }));
    state.put(message);
    reply
}

/// `chat.postEphemeral`: only one person sees it, until they reload.
pub(super) fn whisper(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    if state.is_archived(channel) {
        return Err(errors::refuse("is_archived"));
    }
    target::member(state, channel)?;
    let person = target::person(params, "user")
        .map_err(|_unknown| errors::mistake("user_not_in_channel"))?;
    if !channel.is_open_to(person) {
        return Err(errors::mistake("user_not_in_channel"));
    }
    let thread = target::thread(state, channel, params, NO_THREAD)?;
    let Content { text, blocks } = content::read(state, params, Verb::Whisper)?;
    let ts = state.next_ts();
    let reply = errors::ok(json!({ "message_ts": ts }));
    let to = person.name;
    state.ephemerals.push(Ephemeral { ts, channel, to, text, blocks, thread, is_slacks: false });
    Ok(reply)
}

/// `chat.update`.
pub(super) fn update(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    let at = target::own(state, channel, params, "cant_update_message")?;
    let Content { text, blocks } = content::read(state, params, Verb::Update)?;
    let metadata = content::metadata(params)?;
    let Some(message) = state.messages.get(at).cloned() else {
        return Err(errors::refuse("message_not_found"));
    };
    if message.is_growing() {
        return Err(errors::refuse("streaming_state_conflict"));
    }
    let edited = state.next_ts();
    let metadata = metadata.or_else(|| message.metadata.clone());
    let after = Message { text, blocks, metadata, edited: Some(edited.clone()), ..message.clone() };
    Ok(replace(state, &message, after, &edited))
}

/// Replaces a message of the bot, and returns it.
pub(super) fn replace(
    state: &mut State,
    before: &Message,
    after: Message,
    event_ts: &str,
) -> Reply {
    let (old, new) = (state.to_json(before), state.to_json(&after));
    let event = events::changed(after.channel, event_ts, (old, new.clone()));
    state.outbox.push(event);
    let reply = errors::ok(json!({
        "channel": after.channel.id, "ts": after.ts, "text": after.text, "message": new,
    }));
    let is_it = |it: &&mut Message| it.channel == after.channel && it.ts == after.ts;
    if let Some(stored) = state.messages.iter_mut().find(is_it) {
        *stored = after;
    }
    reply
}

/// `chat.delete`.
pub(super) fn delete(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let channel = target::channel(state, params, "channel")?;
    let at = target::own(state, channel, params, "cant_delete_message")?;
    let Some(message) = state.messages.get(at).cloned() else {
        return Err(errors::refuse("message_not_found"));
    };
    let reply = errors::ok(json!({ "channel": channel.id, "ts": message.ts }));
    remove(state, &message);
    Ok(reply)
}

/// Takes a message away; of a root with replies something stays.
pub(super) fn remove(state: &mut State, message: &Message) {
    let ts = state.next_ts();
    let before = state.to_json(message);
    let channel = message.channel;
    let has_replies = !state.replies(message).is_empty();
    let is_it = |it: &Message| it.channel == channel && it.ts == message.ts;
    let event = if has_replies {
        let after = Message { kind: Kind::Tombstone, ..message.clone() };
        let shown = state.to_json(&after);
        if let Some(stored) = state.messages.iter_mut().find(|it| is_it(it)) {
            *stored = after;
        }
        events::changed(channel, &ts, (before, shown))
    } else {
        state.messages.retain(|it| !is_it(it));
        events::deleted(channel, &ts, &before)
    };
    state.outbox.push(event);
}
