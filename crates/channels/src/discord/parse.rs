//! What does this interaction ask for? Verified bytes in, [`Inbound`] out.
//!
//! Read tolerantly: unknown fields are ignored, and only what an answer cannot do without is
//! required. Discord's own examples lack fields that its real payloads have, and the reverse.

use super::created;
use super::names::shows_nothing;
use super::verify::Verified;
use miyabi_core::i18n::Language;
use miyabi_core::i18n::usage::Inquiry;
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::json;
use miyabi_core::json::Json;
use miyabi_core::question::{Asker, Place, Question, Rights};
use miyabi_core::rejection::Rejection;

/// Who has this permission has every one.
const ADMINISTRATOR: u64 = 1 << 3;

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
    let document = json::document(text).ok_or(Rejection::Malformed)?;
    let root = document.root();
    let kind = root.get("type").and_then(Json::as_u64).ok_or(Rejection::Malformed)?;
    match kind {
        1 => Ok(Inbound::Ping),
        2 => parse_command(Interaction::new(root)),
        3 | 5 => Ok(Inbound::Unknown(Interaction::new(root).language())),
        4 => Ok(Inbound::Autocomplete),
        _ => Err(Rejection::Malformed),
    }
}

/// What is looked at more than once.
#[derive(Clone, Copy)]
struct Interaction<'d> {
    root: Json<'d>,
    data: Json<'d>,
    member: Json<'d>,
    channel: Json<'d>,
    /// `member`'s in a server, `user` in a direct message.
    user: Json<'d>,
    guild: Option<&'d str>,
}

impl<'d> Interaction<'d> {
    fn new(root: Json<'d>) -> Self {
        let field = |name| root.get(name).unwrap_or(Json::NULL);
        let member = field("member");
        let guild = text(root, "guild_id").or_else(|| text(field("guild"), "id"));
        Self {
            root,
            data: field("data"),
            member,
            channel: field("channel"),
            user: member
                .get("user")
                .filter(|user| user.is_object())
                .unwrap_or_else(|| field("user")),
            guild: guild.filter(|id| is_snowflake(id)),
        }
    }

    /// Returns the value of a command's option.
    fn option(self, name: &str) -> Option<Json<'d>> {
        let is_it = |option: &Json<'_>| text(*option, "name") == Some(name);
        self.data.get("options")?.items().find(is_it)?.get("value")
    }

    fn language(self) -> Language {
        let locale = text(self.root, "locale").or_else(|| text(self.root, "guild_locale"));
        Language::of_locale(locale.unwrap_or_default())
    }
}

fn parse_command(interaction: Interaction<'_>) -> Result<Inbound, Rejection> {
    let id = text(interaction.root, "id").and_then(JobId::parse).ok_or(Rejection::Malformed)?;
    let token = text(interaction.root, "token").filter(|token| is_token(token));
    let token = Secret::new(token.ok_or(Rejection::Malformed)?.to_owned());
    let language = interaction.language();
    let kind = interaction.data.get("type");
    let is_chat_input = kind.is_none_or(|kind| kind.is_null() || kind.as_u64() == Some(1));
    match text(interaction.data, "name").filter(|_| is_chat_input) {
        Some("ask") => {}
        Some("usage") => return Ok(Inbound::Usage(inquiry(interaction))),
        _ => return Ok(Inbound::Unknown(language)),
    }
    let question = interaction.option("question").and_then(Json::to_words);
    let Some(question) = question.filter(|question| !shows_nothing(question)) else {
        return Ok(Inbound::AskNothing(language));
    };
    Ok(Inbound::Ask(Box::new(Question {
        asked: created(id.as_str()).unwrap_or_default(),
        id,
        token,
        text: question,
        asker: asker(interaction),
        place: place(interaction),
        server: interaction.guild.map(ToOwned::to_owned),
        is_fresh: interaction.option("fresh").and_then(Json::as_bool).unwrap_or(false),
        language,
    })))
}

/// What a server's members ask for is for those to know who manage it.
///
/// # Source
/// Discord Docs/Permissions, read 2026-11-21: who owns a server has every permission.
fn inquiry(interaction: Interaction<'_>) -> Inquiry {
    const MANAGE_GUILD: u64 = 1 << 5;
    let granted = text(interaction.member, "permissions").and_then(|bits| bits.parse().ok());
    let manages = granted.is_some_and(|bits: u64| bits & (ADMINISTRATOR | MANAGE_GUILD) != 0);
    Inquiry {
        asker: asker(interaction).id,
        server: interaction.guild.filter(|_| manages).map(ToOwned::to_owned),
        language: interaction.language(),
    }
}

/// Tokens go into URLs: nothing but what a path segment takes unescaped.
fn is_token(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=+:".contains(&byte);
    !token.is_empty() && token.bytes().all(is_plain) && token.bytes().any(|byte| byte != b'.')
}

fn asker(interaction: Interaction<'_>) -> Asker {
    let user = interaction.user;
    let names =
        [text(interaction.member, "nick"), text(user, "global_name"), text(user, "username")];
    let name = names.into_iter().flatten().find(|name| !shows_nothing(name)).unwrap_or_default();
    let id = text(user, "id").filter(|id| is_snowflake(id)).unwrap_or_default();
    Asker { id: id.to_owned(), name: name.to_owned(), avatar_url: avatar_url(interaction) }
}

/// Server avatar, then user avatar, then the default one by the documented index rule.
///
/// # Source
/// Discord Docs/Reference, Image Formatting, read 2026-11-20.
fn avatar_url(interaction: Interaction<'_>) -> String {
    const CDN: &str = "https://cdn.discordapp.com";
    let user = interaction.user;
    let user_id = text(user, "id").filter(|id| is_snowflake(id));
    let member_avatar = text(interaction.member, "avatar").filter(|hash| is_hash(hash));
    let user_avatar = text(user, "avatar").filter(|hash| is_hash(hash));
    match (user_id, interaction.guild, member_avatar, user_avatar) {
        (Some(user_id), Some(guild), Some(hash), _) => {
            [CDN, "/guilds/", guild, "/users/", user_id, "/avatars/", hash, ".png"].concat()
        }
        (Some(user_id), _, _, Some(hash)) => {
            [CDN, "/avatars/", user_id, "/", hash, ".png"].concat()
        }
        _ => format!("{CDN}/embed/avatars/{}.png", default_avatar_index(user, user_id)),
    }
}

fn default_avatar_index(user: Json<'_>, user_id: Option<&str>) -> u64 {
    let discriminator: u64 =
        text(user, "discriminator").and_then(|text| text.parse().ok()).unwrap_or(0);
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
fn place(interaction: Interaction<'_>) -> Place {
    let Interaction { root, channel, .. } = interaction;
    let is_guild = interaction.guild.is_some()
        || interaction.member.is_object()
        || root.get("context").and_then(Json::as_u64) == Some(0);
    if !is_guild {
        return Place::Direct;
    }
    let is_thread = matches!(channel.get("type").and_then(Json::as_u64), Some(10..=12));
    let id = text(channel, "id").or_else(|| text(root, "channel_id"));
    let parent = is_thread.then(|| text(channel, "parent_id")).flatten();
    let snowflake = |id: &str| is_snowflake(id).then(|| id.to_owned());
    Place::Channel {
        id: id.and_then(snowflake),
        parent: parent.and_then(snowflake),
        rights: rights(interaction, is_thread),
    }
}

/// `app_permissions` are the application's in this channel, and `member.permissions` the asker's. Who
/// brought the application along without installing it in the server (no owner under "0") brought no
/// rights.
///
/// # Source
/// Discord Docs/Permissions, and Interaction Object, read 2026-11-20.
fn rights(interaction: Interaction<'_>, is_thread: bool) -> Rights {
    const READ: u64 = 1 << 10 | 1 << 16;
    const MANAGE_WEBHOOKS: u64 = 1 << 29;
    const SEND: u64 = 1 << 11;
    const SEND_IN_THREADS: u64 = 1 << 38;
    let owners = interaction.root.get("authorizing_integration_owners");
    if owners.is_some_and(|owners| owners.is_object() && owners.get("0").is_none()) {
        return Rights::NONE;
    }
    let send = if is_thread { SEND_IN_THREADS } else { SEND };
    let application = text(interaction.root, "app_permissions");
    let asker = text(interaction.member, "permissions");
    Rights {
        speaks: has(asker, send),
        reads: has(application, READ),
        manages_webhooks: has(application, MANAGE_WEBHOOKS),
    }
}

/// Whether these permissions are granted; an administrator has all, and so has who is not told of.
fn has(granted: Option<&str>, permissions: u64) -> bool {
    let granted: Option<u64> = granted.and_then(|bits| bits.parse().ok());
    granted
        .is_none_or(|granted| granted & permissions == permissions || granted & ADMINISTRATOR != 0)
}

fn text<'d>(json: Json<'d>, name: &str) -> Option<&'d str> {
    json.get(name).and_then(Json::as_str)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
