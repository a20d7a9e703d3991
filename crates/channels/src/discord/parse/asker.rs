//! Who uses an interaction: name, id and picture.

use super::super::names::{clean, is_handle};
use super::is_snowflake;
use super::wire::{Field, Interaction, User};
use miyabi_core::question::Asker;

/// Returns who uses an interaction.
pub(super) fn asker(interaction: &Interaction<'_>) -> Asker {
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

/// Returns the asker that a member of a server is, by Discord's JSON of the member.
pub(in super::super) fn asker_of_member(member: &str, server: &str) -> Option<Asker> {
    let text = format!(r#"{{"guild_id":"{server}","member":{member}}}"#);
    let root: Field<'_, Interaction<'_>> = serde_json::from_str(&text).ok()?;
    root.object().map(asker)
}

/// Returns the name that Discord gave to one account only. An account that still has a discriminator
/// shares its name with others.
fn handle<'u>(user: &'u User<'_>) -> Option<&'u str> {
    let discriminator = user.discriminator.text().unwrap_or_default();
    let is_unique = discriminator.bytes().all(|digit| digit == b'0');
    user.username.text().filter(|name| is_unique && is_handle(name))
}

pub(super) fn user_id<'u>(user: &'u User<'_>) -> Option<&'u str> {
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

fn is_hash(hash: &str) -> bool {
    !hash.is_empty()
        && hash.len() <= 64
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
