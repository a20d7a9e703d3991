//! What does this interaction ask for? Verified bytes in, [`Inbound`] out.
//!
//! Read tolerantly: unknown fields are ignored, and only what an answer cannot do without is
//! required. Discord's own examples lack fields that its real payloads have, and the reverse.

use serde_json::Value;

use super::created;
use super::names::shows_nothing;
use super::verify::Verified;
use crate::channels::usage::Inquiry;
use crate::channels::{Asker, Language, Place, Question, Rejection, Rights};
use crate::ids::{JobId, Secret};
use crate::json;

/// An interaction that we know what to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// Discord checks the endpoint.
    Ping,
    /// `/ask question:`
    Ask(Box<Question>),
    /// `/usage`
    Usage(Inquiry),
    /// `/ask` without a question in it.
    AskNothing(Language),
    /// Completions for an option that we do not complete.
    Autocomplete,
    /// A command, component or modal that we do not know.
    Unknown(Language),
}

/// Parses an interaction.
///
/// # Errors
/// [`Rejection::Malformed`] when it is not a JSON object, has no known `type`, or an `/ask` lacks
/// `id` or `token`.
///
/// # Source
/// Discord Docs/Receiving and Responding to Interactions, read 2026-11-20.
pub fn parse(verified: &Verified) -> Result<Inbound, Rejection> {
    let text = str::from_utf8(verified.body()).map_err(|_binary| Rejection::Malformed)?;
    let interaction = json::parse(text).ok_or(Rejection::Malformed)?;
    let kind = interaction.get("type").and_then(Value::as_u64).ok_or(Rejection::Malformed)?;
    match kind {
        1 => Ok(Inbound::Ping),
        2 => parse_command(&interaction),
        3 | 5 => Ok(Inbound::Unknown(language(&interaction))),
        4 => Ok(Inbound::Autocomplete),
        _ => Err(Rejection::Malformed),
    }
}

fn parse_command(interaction: &Value) -> Result<Inbound, Rejection> {
    let id = text(interaction, "/id").and_then(JobId::parse).ok_or(Rejection::Malformed)?;
    let token = text(interaction, "/token").filter(|token| is_token(token));
    let token = Secret::new(token.ok_or(Rejection::Malformed)?.to_owned());
    let language = language(interaction);
    let is_chat_input = matches!(at(interaction, "/data/type"), None | Some(Value::Null))
        || at(interaction, "/data/type").and_then(Value::as_u64) == Some(1);
    match text(interaction, "/data/name").filter(|_| is_chat_input) {
        Some("ask") => {}
        Some("usage") => return Ok(Inbound::Usage(inquiry(interaction))),
        _ => return Ok(Inbound::Unknown(language)),
    }
    let Some(question) = question_text(interaction) else {
        return Ok(Inbound::AskNothing(language));
    };
    Ok(Inbound::Ask(Box::new(Question {
        asked: created(id.as_str()).unwrap_or_default(),
        id,
        token,
        text: question,
        asker: asker(interaction),
        place: place(interaction),
        server: guild(interaction),
        is_fresh: option(interaction, "fresh").and_then(Value::as_bool).unwrap_or(false),
        language,
    })))
}

/// What a server's members ask for is for those to know who manage it.
///
/// # Source
/// Discord Docs/Permissions, read 2026-11-21: who owns a server has every permission.
fn inquiry(interaction: &Value) -> Inquiry {
    const ADMINISTRATOR: u64 = 1 << 3;
    const MANAGE_GUILD: u64 = 1 << 5;
    let granted = text(interaction, "/member/permissions").and_then(|bits| bits.parse().ok());
    let manages = granted.is_some_and(|bits: u64| bits & (ADMINISTRATOR | MANAGE_GUILD) != 0);
    Inquiry {
        asker: asker(interaction).id,
        server: guild(interaction).filter(|_| manages),
        language: language(interaction),
    }
}

/// Tokens go into URLs: nothing but what a path segment takes unescaped.
fn is_token(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=+:".contains(&byte);
    !token.is_empty() && token.bytes().all(is_plain) && token.bytes().any(|byte| byte != b'.')
}

/// Returns the value of a command's option.
fn option<'a>(interaction: &'a Value, name: &str) -> Option<&'a Value> {
    let options = at(interaction, "/data/options")?.as_array()?;
    let is_it = |option: &&Value| option.get("name").and_then(Value::as_str) == Some(name);
    options.iter().find(is_it)?.get("value")
}

fn question_text(interaction: &Value) -> Option<String> {
    let value = match option(interaction, "question")? {
        Value::String(value) => value.clone(),
        number @ Value::Number(_) => json::to_text(number),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!shows_nothing(&value)).then_some(value)
}

/// `member` in a server, `user` in a direct message.
fn user(interaction: &Value) -> &Value {
    let member = at(interaction, "/member/user").filter(|user| user.is_object());
    member.or_else(|| interaction.get("user")).unwrap_or(&Value::Null)
}

fn asker(interaction: &Value) -> Asker {
    let user = user(interaction);
    let name =
        [text(interaction, "/member/nick"), text(user, "/global_name"), text(user, "/username")];
    let name = name.into_iter().flatten().find(|name| !shows_nothing(name)).unwrap_or_default();
    let id = text(user, "/id").filter(|id| is_snowflake(id)).unwrap_or_default();
    Asker { id: id.to_owned(), name: name.to_owned(), avatar_url: avatar_url(interaction, user) }
}

fn guild(interaction: &Value) -> Option<String> {
    let id = text(interaction, "/guild_id").or_else(|| text(interaction, "/guild/id"));
    id.filter(|id| is_snowflake(id)).map(ToOwned::to_owned)
}

/// Server avatar, then user avatar, then the default one by the documented index rule.
///
/// # Source
/// Discord Docs/Reference, Image Formatting, read 2026-11-20.
fn avatar_url(interaction: &Value, user: &Value) -> String {
    const CDN: &str = "https://cdn.discordapp.com";
    let guild = guild(interaction);
    let user_id = text(user, "/id").filter(|id| is_snowflake(id));
    let member_avatar = text(interaction, "/member/avatar").filter(|hash| is_hash(hash));
    let user_avatar = text(user, "/avatar").filter(|hash| is_hash(hash));
    match (user_id, guild, member_avatar, user_avatar) {
        (Some(user_id), Some(guild), Some(hash), _) => {
            format!("{CDN}/guilds/{guild}/users/{user_id}/avatars/{hash}.png")
        }
        (Some(user_id), _, _, Some(hash)) => format!("{CDN}/avatars/{user_id}/{hash}.png"),
        _ => format!("{CDN}/embed/avatars/{}.png", default_avatar_index(user, user_id)),
    }
}

fn default_avatar_index(user: &Value, user_id: Option<&str>) -> u64 {
    let discriminator: u64 =
        text(user, "/discriminator").and_then(|text| text.parse().ok()).unwrap_or(0);
    if discriminator == 0 {
        let id: u64 = user_id.and_then(|id| id.parse().ok()).unwrap_or(0);
        (id >> 22) % 6
    } else {
        discriminator % 5
    }
}

fn is_snowflake(id: &str) -> bool {
    !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hash(hash: &str) -> bool {
    !hash.is_empty()
        && hash.len() <= 64
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `channel.id` is the field of today, `channel_id` the one of yesterday; either may be missing.
fn place(interaction: &Value) -> Place {
    let is_guild = guild(interaction).is_some()
        || interaction.get("member").is_some_and(Value::is_object)
        || interaction.get("context").and_then(Value::as_u64) == Some(0);
    if !is_guild {
        return Place::Direct;
    }
    let id = text(interaction, "/channel/id").or_else(|| text(interaction, "/channel_id"));
    let kind = at(interaction, "/channel/type").and_then(Value::as_u64);
    let is_thread = matches!(kind, Some(10..=12));
    let parent = is_thread.then(|| text(interaction, "/channel/parent_id")).flatten();
    let snowflake = |id: &str| is_snowflake(id).then(|| id.to_owned());
    Place::Channel {
        id: id.and_then(snowflake),
        parent: parent.and_then(snowflake),
        rights: rights(interaction),
    }
}

/// `app_permissions` are the application's in this channel, and `member.permissions` the asker's. Who
/// brought the application along without installing it in the server (no owner under "0") brought no
/// rights.
///
/// # Source
/// Discord Docs/Permissions, and Interaction Object, read 2026-11-20.
fn rights(interaction: &Value) -> Rights {
    const READ: u64 = 1 << 10 | 1 << 16;
    const MANAGE_WEBHOOKS: u64 = 1 << 29;
    const SEND: u64 = 1 << 11;
    const SEND_IN_THREADS: u64 = 1 << 38;
    let owners = interaction.get("authorizing_integration_owners").and_then(Value::as_object);
    if owners.is_some_and(|owners| !owners.contains_key("0")) {
        return Rights::NONE;
    }
    let kind = at(interaction, "/channel/type").and_then(Value::as_u64);
    let send = if matches!(kind, Some(10..=12)) { SEND_IN_THREADS } else { SEND };
    let (application, asker) = ("/app_permissions", "/member/permissions");
    Rights {
        speaks: has(interaction, asker, send),
        reads: has(interaction, application, READ),
        manages_webhooks: has(interaction, application, MANAGE_WEBHOOKS),
    }
}

/// Whether a field with permissions has these; an administrator has all, and so has who is not told of.
fn has(interaction: &Value, pointer: &str, permissions: u64) -> bool {
    const ADMINISTRATOR: u64 = 1 << 3;
    let granted: Option<u64> = text(interaction, pointer).and_then(|bits| bits.parse().ok());
    granted
        .is_none_or(|granted| granted & permissions == permissions || granted & ADMINISTRATOR != 0)
}

fn language(interaction: &Value) -> Language {
    let locale = text(interaction, "/locale").or_else(|| text(interaction, "/guild_locale"));
    Language::of_locale(locale.unwrap_or_default())
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    at(value, pointer).and_then(Value::as_str)
}

/// `Value::pointer` without its escapes and array indices.
fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(value, |value, name| value.get(name))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
