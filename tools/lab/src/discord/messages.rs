//! Lists the messages of a channel as the bot reads them, and adds those of people.

use serde::Deserialize;
use serde_json::Value;

use crate::discord::attachments::Attachment;
use crate::discord::cdn;
use crate::discord::draft::Draft;
use crate::discord::message::{Author, Message};
use crate::discord::state::State;
use crate::discord::world::Channel;
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

/// What a person says in a channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    #[serde(rename = "as", default = "mio")]
    person: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    embeds: Vec<Value>,
    /// Files that come with it; by their names alone, or with what is in them.
    #[serde(default)]
    files: Vec<SaidFile>,
}

/// A file of what a person says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum SaidFile {
    Name(String),
    Sent(cdn::Sent),
}

fn mio() -> String {
    "mio".to_owned()
}

/// `POST /lab/channels/{name}/messages`: a person says something.
///
/// # Errors
/// A sentence about the request.
pub(super) fn say(state: &mut State, channel: Channel, order: Said) -> Result<Value, String> {
    let person =
        world::person(&order.person).ok_or_else(|| format!("nobody named `{}`", order.person))?;
    let mut files = Vec::new();
    for file in order.files {
        let sent = match file {
            SaidFile::Name(name) => cdn::Sent::named(name),
            SaidFile::Sent(sent) => sent,
        };
        let told = cdn::send(state, cdn::OF_MESSAGES, sent)?;
        files.push(Attachment::told(told));
    }
    let content = Some(order.content).filter(|content| content.chars().count() <= 4000);
    let content = content.ok_or("`content` has more than 4000 characters")?;
    let embeds = Some(order.embeds);
    let draft = Draft { content: Some(content), embeds, files, ..Draft::default() };
    let message = Message::new(state.snowflake(), channel.id, Author::of(person), draft);
    if message.is_empty() {
        return Err("a message needs `content`, `embeds` or `files`".to_owned());
    }
    let seen = message.to_reader();
    state.messages.push(message);
    Ok(seen)
}
