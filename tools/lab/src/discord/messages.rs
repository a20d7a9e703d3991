//! Lists the messages of a channel as the bot reads them.

use crate::discord::message::Message;
use crate::discord::state::State;
use crate::discord::{errors, permissions, world};
use crate::http::{Inbound, Reply};

/// `GET /channels/{id}/messages`: what the bot may read, newest first.
pub(crate) fn list(state: &State, channel: &str, inbound: &Inbound) -> Result<Reply, Reply> {
    let channel = world::CHANNELS
        .into_iter()
        .find(|known| known.id == channel)
        .ok_or_else(|| errors::unknown_channel(404))?;
    let rights = permissions::check_access(&state.config.permissions, channel)?;
    let limit = number(inbound, "limit")?.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        let message = "int value should be less than or equal to 100.";
        return Err(errors::form(&[errors::Issue::at("limit", "NUMBER_TYPE_MAX", message)]));
    }
    let after = number(inbound, "after")?.unwrap_or(0);
    let before = number(inbound, "before")?.unwrap_or(u64::MAX);
    let in_range = |message: &&Message| {
        let id = message.id.parse::<u64>().unwrap_or(0);
        message.channel_id == channel.id && message.only_for.is_none() && id > after && id < before
    };
    // Without the permission, Discord answers an empty list and does not refuse.
    let readable = state.messages.iter().filter(|_| rights.read_history);
    let mut found: Vec<&Message> = readable.filter(in_range).collect();
    let limit = usize::try_from(limit).unwrap_or(50);
    if after > 0 {
        // With `after`, Discord takes the oldest that follow; without it, the newest of all.
        found.truncate(limit);
        found.reverse();
    } else {
        found.reverse();
        found.truncate(limit);
    }
    Ok(Reply::json(
        200,
        found.into_iter().map(|message| message.to_history(&state.config, channel)).collect(),
    ))
}

fn number(inbound: &Inbound, name: &str) -> Result<Option<u64>, Reply> {
    let Some(text) = inbound.parameter(name) else { return Ok(None) };
    let number = text.parse().ok().ok_or_else(|| {
        let message = format!("Value \"{text}\" is not snowflake.");
        errors::form(&[errors::Issue::at(name, "NUMBER_TYPE_COERCE", message)])
    })?;
    Ok(Some(number))
}
