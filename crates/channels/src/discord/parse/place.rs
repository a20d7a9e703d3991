//! Where an interaction is used, and what may be done there.

use super::super::place::{Place, Rights};
use super::super::{PRIVATE, conversation_name};
use super::asker::user_id;
use super::is_snowflake;
use super::wire::Interaction;

/// Permission that includes every other one.
const ADMINISTRATOR: u64 = 1 << 3;

/// Discord documents both `channel.id` and the older `channel_id`; either may be missing.
pub(super) fn place(interaction: &Interaction<'_>) -> Place {
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

pub(super) fn channel_id<'i>(interaction: &'i Interaction<'_>) -> Option<&'i str> {
    let id = interaction.channel.object().and_then(|channel| channel.id.text());
    id.or_else(|| interaction.channel_id.text()).filter(|id| is_snowflake(id))
}

/// One person's conversation in one channel, thread, direct or group message: what somebody else asks
/// there, or the same person elsewhere, is no part of it. A server without an id has none: it could not be
/// told from a place where nobody else reads along.
///
/// What is answered to the asker alone in front of others is a conversation of its own, so that none of it
/// comes up in the other one.
pub(super) fn conversation(interaction: &Interaction<'_>, is_private: bool) -> Option<String> {
    let asker = interaction.asker().and_then(user_id)?;
    let is_direct = place(interaction) == Place::Direct;
    if !is_direct && interaction.server().is_none() {
        return None;
    }
    let channel = channel_id(interaction)?;
    if is_private && !is_direct {
        return Some(conversation_name(&[channel, PRIVATE].concat(), asker));
    }
    Some(conversation_name(channel, asker))
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
pub(super) fn has(granted: Option<&str>, permissions: u64) -> bool {
    bits(granted)
        .is_none_or(|granted| granted & permissions == permissions || granted & ADMINISTRATOR != 0)
}

/// Says whether Discord tells what is granted.
pub(super) fn is_told(granted: Option<&str>) -> bool {
    bits(granted).is_some()
}

fn bits(granted: Option<&str>) -> Option<u64> {
    granted?.parse().ok()
}
