//! Where a call sends something: the channel, the thread, the person, the message.

use super::errors;
use super::message::Message;
use super::params::Params;
use super::state::State;
use super::world::{self, Channel, Kind, Person, WRITE_PUBLIC};
use crate::http::Reply;

/// The channel that an argument names, if the bot gets to know of it.
///
/// # Errors
/// `channel_not_found`.
pub(super) fn channel(state: &State, params: &Params, argument: &str) -> Result<Channel, Reply> {
    let id = params.text(argument).unwrap_or_default();
    // A name or a person's id may do for some methods; nobody should rely on it.
    let channel = world::channel_of_id(id).ok_or_else(|| errors::mistake("channel_not_found"))?;
    if state.is_visible(channel) { Ok(channel) } else { Err(errors::refuse("channel_not_found")) }
}

/// Whether the bot may write in a channel.
///
/// # Errors
/// `is_archived`, `not_in_channel`.
pub(super) fn writable(state: &State, channel: Channel) -> Result<Channel, Reply> {
    if state.is_archived(channel) {
        return Err(errors::refuse("is_archived"));
    }
    let is_public =
        channel.kind == Kind::Public && state.config.scopes().any(|scope| scope == WRITE_PUBLIC);
    if is_public { Ok(channel) } else { member(state, channel) }
}

/// Whether the bot is in a channel.
///
/// # Errors
/// `not_in_channel`.
pub(super) fn member(state: &State, channel: Channel) -> Result<Channel, Reply> {
    if state.is_member(channel) { Ok(channel) } else { Err(errors::refuse("not_in_channel")) }
}

/// The root of the thread that `thread_ts` names; `error` says that there is none.
///
/// # Errors
/// That error; it is a mistake if the message is a reply, since only the root names a thread.
pub(super) fn thread(
    state: &State,
    channel: Channel,
    params: &Params,
    error: &str,
) -> Result<Option<String>, Reply> {
    let Some(ts) = params.text("thread_ts") else { return Ok(None) };
    if !is_ts(ts) {
        return Err(errors::detailed(error, &[format!("{ts} is no time of a message")]));
    }
    match state.message(channel, ts) {
        None => Err(errors::refuse(error)),
        Some(Message { thread: Some(_), .. }) => {
            let what = "lab: `thread_ts` is of a reply, and has to be of the root".to_owned();
            Err(errors::detailed(error, &[what]))
        }
        Some(root) => Ok(Some(root.ts.clone())),
    }
}

/// Whether a text is a time of a message: ten digits, a point, six digits.
pub(super) fn is_ts(text: &str) -> bool {
    let digits = |part: &str, count: usize| {
        part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.split_once('.').is_some_and(|(seconds, rest)| digits(seconds, 10) && digits(rest, 6))
}

/// The person that an argument names.
///
/// # Errors
/// `user_not_found`.
pub(super) fn person(params: &Params, argument: &str) -> Result<Person, Reply> {
    let id = params.text(argument).unwrap_or_default();
    world::person_of_id(id).ok_or_else(|| errors::mistake("user_not_found"))
}

/// Where the message of `ts` is among all; `foreign` says that it is not the bot's own.
///
/// # Errors
/// `message_not_found`, or that error.
pub(super) fn own(
    state: &State,
    channel: Channel,
    params: &Params,
    foreign: &str,
) -> Result<usize, Reply> {
    let ts = params.text("ts").unwrap_or_default();
    let is_it = |it: &Message| {
        it.channel == channel && it.ts == ts && it.kind == super::message::Kind::Said
    };
    let at = state.messages.iter().position(is_it);
    let at = at.ok_or_else(|| errors::refuse("message_not_found"))?;
    match state.messages.get(at) {
        Some(message) if message.is_own() => Ok(at),
        _ => Err(errors::mistake(foreign)),
    }
}
