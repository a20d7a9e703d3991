//! Parses interactions: verified bytes in, [`Inbound`] out.
//!
//! Unknown fields are ignored, and only what an answer cannot do without is required: Discord's own
//! examples lack fields that its real payloads have, and the reverse.

use super::commands::MODERATE;
use super::created;
use super::names::{clean, is_handle, shows_nothing};
use super::place::{Place, Rights};
use super::verify::Verified;
use miyabi_core::config::Installation;
use miyabi_core::i18n::Language;
use miyabi_core::i18n::keys::{self, Wish};
use miyabi_core::i18n::memory::Wish as MemoryWish;
use miyabi_core::i18n::usage::Inquiry;
use miyabi_core::i18n::{attribution, commands};
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::question::{Asker, Question};
use miyabi_core::rejection::Rejection;

use self::wire::{CommandOption, Field, InnerOption, Interaction, User};

mod memory;
mod wire;

/// Permission that includes every other one.
const ADMINISTRATOR: u64 = 1 << 3;

/// An interaction of a kind that the program serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// Discord checks the endpoint.
    Ping,
    /// `/ask question:`, and who installed the application where it is asked.
    Ask(Box<Question>, Installation),
    /// `/usage`
    Usage(Inquiry),
    /// `/key`, and who installed the application where it is used.
    Key(keys::Inquiry, Installation),
    /// `/memory`, with the command as a question, so that a reply with a file finds its way.
    Memory(Box<Question>, MemoryWish),
    /// A moderator wants to know whose question a message belongs to.
    WhoAsked(attribution::Inquiry),
    /// `/ask` without a question in it.
    AskNothing(Language),
    /// Completions for an option that has none.
    Autocomplete,
    /// A command, component or modal that the program does not know.
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
    let root: Field<'_, Interaction<'_>> =
        serde_json::from_str(text).map_err(|_error| Rejection::Malformed)?;
    let interaction = root.object().ok_or(Rejection::Malformed)?;
    match interaction.kind.whole() {
        Some(1) => Ok(Inbound::Ping),
        Some(2) => parse_command(interaction),
        Some(3 | 5) => Ok(Inbound::Unknown(interaction.language())),
        Some(4) => Ok(Inbound::Autocomplete),
        _ => Err(Rejection::Malformed),
    }
}

impl Interaction<'_> {
    /// Returns the member's user in a server, and the user in a direct message.
    fn asker(&self) -> Option<&User<'_>> {
        let member = self.member.object();
        member.and_then(|member| member.user.object()).or_else(|| self.user.object())
    }

    fn server(&self) -> Option<&str> {
        let guild = || self.guild.object()?.id.text();
        self.guild_id.text().or_else(guild).filter(|id| is_snowflake(id))
    }

    /// Returns the value of a command's option.
    fn option(&self, name: &str) -> Option<&Field<'_>> {
        let mut options = self.data.object()?.options.items().iter().filter_map(Field::object);
        let option: &CommandOption<'_> = options.find(|option| option.name.text() == Some(name))?;
        Some(&option.value)
    }

    fn language(&self) -> Language {
        let locale = self.locale.text().or_else(|| self.guild_locale.text());
        Language::of_locale(locale.unwrap_or_default())
    }

    /// Returns what the asker may do in this channel, as a decimal bit set.
    fn asker_permissions(&self) -> Option<&str> {
        self.member.object()?.permissions.text()
    }

    /// Returns who installed the application here. Where Discord does not say, a server has.
    ///
    /// # Source
    /// Discord Docs/Interaction Object, Authorizing Integration Owners Object, read 2026-11-22.
    fn installation(&self) -> Installation {
        let owners = self.authorizing_integration_owners.object();
        if self.server().is_some() && owners.is_none_or(|owners| owners.has_server) {
            Installation::Server
        } else {
            Installation::Person
        }
    }

    /// Returns the command's kind and name: 1 is a slash command, and 3 one in the menu of a message.
    fn command(&self) -> Option<(u64, &str)> {
        let data = self.data.object()?;
        let kind = if matches!(data.kind, Field::Absent) { Some(1) } else { data.kind.whole() };
        Some((kind?, data.name.text()?))
    }
}

fn parse_command(interaction: &Interaction<'_>) -> Result<Inbound, Rejection> {
    let id = interaction.id.text().and_then(JobId::parse).ok_or(Rejection::Malformed)?;
    let token = interaction.token.text().filter(|token| is_token(token));
    let token = Secret::new(token.ok_or(Rejection::Malformed)?.to_owned());
    let language = interaction.language();
    let wish = match interaction.command() {
        Some((1, "ask")) => None,
        Some((1, "usage")) => return Ok(Inbound::Usage(inquiry(interaction))),
        Some((1, "key")) => {
            let inquiry =
                key_inquiry(interaction).map(|it| Inbound::Key(it, interaction.installation()));
            return Ok(inquiry.unwrap_or(Inbound::Unknown(language)));
        }
        Some((1, "memory")) => match memory::wish(interaction) {
            Some(wish) => Some(wish),
            None => return Ok(Inbound::Unknown(language)),
        },
        Some((3, name)) if name == commands::WHO_ASKED.english => {
            return Ok(Inbound::WhoAsked(who_asked(interaction)));
        }
        _ => return Ok(Inbound::Unknown(language)),
    };
    let question = interaction.option("question").and_then(Field::words);
    let text = match (question.filter(|question| !shows_nothing(question)), &wish) {
        (_, Some(_)) => "/memory".to_owned(),
        (Some(question), None) => question,
        (None, None) => return Ok(Inbound::AskNothing(language)),
    };
    let question = Question {
        asked: created(id.as_str()).unwrap_or_default(),
        id,
        token,
        text,
        asker: asker(interaction),
        place: place(interaction).to_text(),
        conversation: conversation(interaction),
        server: interaction.server().map(ToOwned::to_owned),
        platform: super::PLATFORM.to_owned(),
        is_fresh: matches!(interaction.option("fresh"), Some(Field::Bool(true))),
        language,
    };
    Ok(match wish {
        Some(wish) => Inbound::Memory(Box::new(question), wish),
        None => Inbound::Ask(Box::new(question), interaction.installation()),
    })
}

/// Only members who manage a server are told what its members ask for.
fn inquiry(interaction: &Interaction<'_>) -> Inquiry {
    Inquiry {
        asker: asker(interaction).id,
        server: interaction.server().filter(|_| manages(interaction)).map(ToOwned::to_owned),
        language: interaction.language(),
    }
}

/// Says whether who sends an interaction manages the server.
///
/// # Source
/// Discord Docs/Permissions, read 2026-11-21: the owner of a server has every permission.
fn manages(interaction: &Interaction<'_>) -> bool {
    const MANAGE_GUILD: u64 = 1 << 5;
    let granted = interaction.asker_permissions();
    interaction.server().is_some() && is_told(granted) && has(granted, MANAGE_GUILD)
}

/// Returns what somebody wants of their keys; `None` for a subcommand that there is not.
fn key_inquiry(interaction: &Interaction<'_>) -> Option<keys::Inquiry> {
    let mut options = interaction.data.object()?.options.items().iter().filter_map(Field::object);
    let subcommand: &CommandOption<'_> = options.next()?;
    let text = |name: &str| {
        let mut inner = subcommand.options.items().iter().filter_map(Field::object);
        let option: &InnerOption<'_> = inner.find(|option| option.name.text() == Some(name))?;
        option.value.words()
    };
    let text = |name: &str| text(name).unwrap_or_default();
    let wish = match subcommand.name.text()? {
        "create" => Wish::Create { name: text("name"), scopes: text("scopes") },
        "list" => Wish::List,
        "revoke" => Wish::Revoke { id: text("id") },
        _ => return None,
    };
    Some(keys::Inquiry {
        owner: asker(interaction).id,
        server: interaction.server().map(ToOwned::to_owned),
        is_manager: manages(interaction),
        wish,
        language: interaction.language(),
    })
}

/// Only members who manage messages are told who asked. Discord offers them the command, and a server can
/// offer it to others, so what they may do is looked at again.
///
/// # Source
/// Discord Docs/Application Commands, Message Commands and Permissions, read 2026-11-20.
fn who_asked(interaction: &Interaction<'_>) -> attribution::Inquiry {
    let granted = interaction.asker_permissions();
    let moderates = is_told(granted) && has(granted, MODERATE);
    let message = interaction.data.object().and_then(|data| data.target_id.text());
    attribution::Inquiry {
        message: message.filter(|id| is_snowflake(id)).unwrap_or_default().to_owned(),
        moderator: interaction.asker().and_then(user_id).unwrap_or_default().to_owned(),
        server: interaction.server().filter(|_| moderates).map(ToOwned::to_owned),
        language: interaction.language(),
    }
}

/// Tokens go into URLs: nothing but what a path segment takes unescaped.
fn is_token(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=+:".contains(&byte);
    !token.is_empty() && token.bytes().all(is_plain) && token.bytes().any(|byte| byte != b'.')
}

fn asker(interaction: &Interaction<'_>) -> Asker {
    let (member, user) = (interaction.member.object(), interaction.asker());
    let names = [
        member.and_then(|member| member.nick.text()),
        user.and_then(|user| user.global_name.text()),
        user.and_then(|user| user.username.text()),
    ];
    let name = names.into_iter().flatten().map(clean).find(|name| !name.is_empty());
    let id = user.and_then(user_id).unwrap_or_default();
    let handle = user.and_then(handle).unwrap_or_default();
    Asker {
        id: id.to_owned(),
        name: name.unwrap_or_default(),
        handle: handle.to_owned(),
        avatar_url: avatar_url(interaction),
    }
}

/// Returns the name that Discord gave to one account only. An account that still has a discriminator
/// shares its name with others.
fn handle<'u>(user: &'u User<'_>) -> Option<&'u str> {
    let discriminator = user.discriminator.text().unwrap_or_default();
    let is_unique = discriminator.bytes().all(|digit| digit == b'0');
    user.username.text().filter(|name| is_unique && is_handle(name))
}

fn user_id<'u>(user: &'u User<'_>) -> Option<&'u str> {
    user.id.text().filter(|id| is_snowflake(id))
}

/// Returns the member's picture of this server, else the user's, else the default one.
///
/// # Source
/// Discord Docs/Reference, Image Formatting, read 2026-11-20.
fn avatar_url(interaction: &Interaction<'_>) -> String {
    const CDN: &str = "https://cdn.discordapp.com";
    let user = interaction.asker();
    let of_member = interaction.member.object().and_then(|member| picture(&member.avatar));
    let of_user = user.and_then(|user| picture(&user.avatar));
    match (user.and_then(user_id), interaction.server(), of_member, of_user) {
        (Some(id), Some(server), Some(hash), _) => {
            format!("{CDN}/guilds/{server}/users/{id}/avatars/{hash}.png")
        }
        (Some(id), _, _, Some(hash)) => format!("{CDN}/avatars/{id}/{hash}.png"),
        _ => format!("{CDN}/embed/avatars/{}.png", user.map_or(0, default_avatar_index)),
    }
}

/// Returns a picture's hash.
fn picture<'f>(avatar: &'f Field<'_>) -> Option<&'f str> {
    avatar.text().filter(|hash| is_hash(hash))
}

/// Users with a discriminator (bots and older accounts) have one of 5 pictures, others one of 6.
fn default_avatar_index(user: &User<'_>) -> u64 {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    match number(user.discriminator.text()) {
        0 => (number(user_id(user)) >> 22) % 6,
        discriminator => discriminator % 5,
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

/// Discord documents both `channel.id` and the older `channel_id`; either may be missing.
fn place(interaction: &Interaction<'_>) -> Place {
    let is_guild = interaction.server().is_some()
        || interaction.member.object().is_some()
        || interaction.context.whole() == Some(0);
    if !is_guild {
        return Place::Direct;
    }
    let channel = interaction.channel.object();
    let is_thread = channel.is_some_and(|channel| matches!(channel.kind.whole(), Some(10..=12)));
    let parent = channel.filter(|_| is_thread).and_then(|channel| channel.parent_id.text());
    Place::Channel {
        id: channel_id(interaction).map(ToOwned::to_owned),
        parent: parent.filter(|id| is_snowflake(id)).map(ToOwned::to_owned),
        rights: rights(interaction, is_thread),
    }
}

fn channel_id<'i>(interaction: &'i Interaction<'_>) -> Option<&'i str> {
    let id = interaction.channel.object().and_then(|channel| channel.id.text());
    id.or_else(|| interaction.channel_id.text()).filter(|id| is_snowflake(id))
}

/// One person's conversation in one channel, thread, direct or group message: what somebody else asks
/// there, or the same person elsewhere, is no part of it. A server without an id has none: it could not be
/// told from a place where nobody else reads along.
fn conversation(interaction: &Interaction<'_>) -> Option<String> {
    let asker = interaction.asker().and_then(user_id)?;
    if place(interaction) != Place::Direct && interaction.server().is_none() {
        return None;
    }
    Some(super::conversation_name(channel_id(interaction)?, asker))
}

/// Returns what may be done in the channel: `app_permissions` are the application's, and
/// `member.permissions` the asker's.
///
/// A webhook may write what its channel denies to the asker, so the asker's permissions decide. Slow mode
/// does not hold webhooks up: who it applies to is answered privately.
///
/// An application that the asker brought along, without an installation in the server, has no rights
/// there: then there are owners, but none under "0".
///
/// # Source
/// Discord Docs/Permissions, Channel Object, and Interaction Object, read 2026-11-20.
fn rights(interaction: &Interaction<'_>, is_thread: bool) -> Rights {
    const EMBED_LINKS: u64 = 1 << 14;
    const ATTACH_FILES: u64 = 1 << 15;
    const READ: u64 = 1 << 10 | 1 << 16;
    const MANAGE_WEBHOOKS: u64 = 1 << 29;
    const SEND: u64 = 1 << 11;
    const SEND_IN_THREADS: u64 = 1 << 38;
    let owners = interaction.authorizing_integration_owners.object();
    if owners.is_some_and(|owners| !owners.has_server) {
        return Rights::NONE;
    }
    let send = if is_thread { SEND_IN_THREADS } else { SEND };
    let application = interaction.app_permissions.text();
    let asker = interaction.asker_permissions();
    Rights {
        speaks: has(asker, send) && !is_slowed(interaction),
        embeds: has(asker, EMBED_LINKS) && has(application, EMBED_LINKS),
        attaches: has(asker, ATTACH_FILES) && has(application, ATTACH_FILES),
        reads: has(application, READ),
        manages_webhooks: has(application, MANAGE_WEBHOOKS),
    }
}

/// Says whether the channel's slow mode applies to the asker.
fn is_slowed(interaction: &Interaction<'_>) -> bool {
    const EXEMPT: [u64; 3] = [
        1 << 4,  // Manage Channels
        1 << 13, // Manage Messages
        1 << 52, // Bypass Slowmode
    ];
    let channel = interaction.channel.object();
    let seconds = channel.and_then(|channel| channel.rate_limit_per_user.whole());
    let asker = interaction.asker_permissions();
    let is_exempt = is_told(asker) && EXEMPT.into_iter().any(|permission| has(asker, permission));
    seconds.is_some_and(|seconds| seconds > 0) && !is_exempt
}

/// Says whether these permissions are granted: to an administrator all are, and also where Discord does
/// not say.
fn has(granted: Option<&str>, permissions: u64) -> bool {
    bits(granted)
        .is_none_or(|granted| granted & permissions == permissions || granted & ADMINISTRATOR != 0)
}

/// Says whether Discord tells what is granted.
fn is_told(granted: Option<&str>) -> bool {
    bits(granted).is_some()
}

fn bits(granted: Option<&str>) -> Option<u64> {
    granted?.parse().ok()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
