//! The bot's permissions by channel, and the bitset that interactions carry.

use serde::{Deserialize, Serialize};

use crate::discord::errors;
use crate::discord::world::{Channel, Kind};
use crate::http::Reply;

/// All permissions in a server.
const ALL: u64 = 2_251_799_813_685_247;
const VIEW_CHANNEL: u64 = 1 << 10;
const READ_MESSAGE_HISTORY: u64 = 1 << 16;
const MANAGE_WEBHOOKS: u64 = 1 << 29;
/// Embed links, attach files, mention everyone: what Discord reports outside of servers.
const PRIVATE: u64 = 1 << 14 | 1 << 15 | 1 << 17;
/// External emojis, which Discord adds in the conversation with the bot.
const EXTERNAL_EMOJIS: u64 = 1 << 18;

/// The bot's permissions in the server's channels; a thread has its parent's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Permissions {
    general: Rights,
    random: Rights,
    forum: Rights,
}

/// The permissions that the lab knows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rights {
    pub(crate) manage_webhooks: bool,
    pub(crate) read_history: bool,
    pub(crate) view_channel: bool,
}

impl Default for Rights {
    fn default() -> Self {
        Self { manage_webhooks: true, read_history: true, view_channel: true }
    }
}

impl Permissions {
    fn in_server(&self, channel: Channel) -> Rights {
        match channel.owner().name {
            "random" => self.random,
            "forum" => self.forum,
            _ => self.general,
        }
    }
}

/// The bot's permissions in a channel that it sees.
///
/// # Errors
/// 50001 for a channel that it does not see, such as a group it is no member of.
pub(super) fn check_access(permissions: &Permissions, channel: Channel) -> Result<Rights, Reply> {
    let rights = match channel.kind {
        Kind::Direct => Rights { manage_webhooks: false, ..Rights::default() },
        Kind::Group => Rights { view_channel: false, ..Rights::default() },
        Kind::Text | Kind::Forum | Kind::Thread => permissions.in_server(channel),
    };
    if rights.view_channel { Ok(rights) } else { Err(errors::missing_access()) }
}

/// `app_permissions` of an interaction.
///
/// An app that only the asker has installed is not a member of the server, and has the permissions of
/// private channels there.
pub(crate) fn bits(permissions: &Permissions, channel: Channel, is_user_install: bool) -> String {
    let bits = match channel.kind {
        Kind::Group => PRIVATE,
        Kind::Direct => PRIVATE | EXTERNAL_EMOJIS,
        Kind::Text | Kind::Forum | Kind::Thread if is_user_install => PRIVATE,
        Kind::Text | Kind::Forum | Kind::Thread => {
            let rights = permissions.in_server(channel);
            [
                (rights.view_channel, VIEW_CHANNEL),
                (rights.read_history, READ_MESSAGE_HISTORY),
                (rights.manage_webhooks, MANAGE_WEBHOOKS),
            ]
            .into_iter()
            .fold(ALL, |bits, (has, bit)| if has { bits } else { bits & !bit })
        }
    };
    bits.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Permissions, bits};
    use crate::discord::world::channel;

    #[test]
    fn the_bitset_agrees_with_the_switches() {
        let mut permissions = Permissions::default();
        permissions.general.manage_webhooks = false;
        permissions.forum.view_channel = false;
        permissions.forum.read_history = false;
        for (name, is_user_install, expected) in [
            ("general", false, super::ALL - (1 << 29)),
            ("thread", false, super::ALL - (1 << 29)),
            ("random", false, super::ALL),
            ("post", false, super::ALL - (1 << 10) - (1 << 16)),
            ("random", true, 180_224),
            ("dm", false, 442_368),
            ("group", true, 180_224),
        ] {
            let got = bits(&permissions, channel(name).unwrap(), is_user_install);
            assert_eq!(got, expected.to_string(), "{name}");
        }
    }
}
