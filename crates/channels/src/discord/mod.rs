//! Discord: interactions in, webhook posts and edits out.
//!
//! 1. [`verify`]: bytes → verified bytes, or 401.
//! 2. [`parse`]: verified bytes → [`parse::Inbound`], or 400.
//! 3. [`reply`]: the reply to the interaction itself.
//! 4. [`transport`]: messages to people, by [`post`] and [`deferred`]; [`route`] and [`webhooks`] say by which webhook,
//!    [`crate::breaker`] when not to call.
//!
//! [`speak`] is for a question that was asked elsewhere, and is posted here.
//!
//! [`look`] is for the operator's deep check, and [`installs`] judges what it sees of the application.

mod buttons;
mod call;
pub mod commands;
mod components;
pub mod custom_id;
pub mod deferred;
pub mod installs;
mod kept;
pub(crate) mod links;
pub mod look;
pub mod names;
pub mod parse;
mod permissions;
pub mod place;
pub mod post;
pub mod privacy;
pub mod reply;
mod retract;
pub mod route;
mod search;
pub mod settings;
mod skeleton;
pub mod speak;
pub mod transport;
pub mod verify;
pub mod webhook_url;
pub mod webhooks;
mod wire;

use miyabi_core::ids::Millis;
use miyabi_core::ports::{Clock, Http, Log, Sql};

/// What calls to Discord need: limits that they meet are remembered for all (see [`crate::breaker`]).
pub trait Ports: Http + Clock + Sql + Log {}

impl<T: Http + Clock + Sql + Log> Ports for T {}

/// Name of the platform.
pub const PLATFORM: &str = "discord";

/// What stands behind the channel's id in the name of a conversation that nobody else reads along with.
pub const PRIVATE: &str = "-private";

/// Returns the name of the object of one person's conversation in a channel, thread, direct or group message.
pub fn conversation_name(channel: &str, asker: &str) -> String {
    format!("{PLATFORM}:{channel}:{asker}")
}

/// Returns the place of a conversation by its id in a person's list, `discord.CHANNEL` or
/// `discord.CHANNEL-private`; `None` for one of elsewhere.
pub fn channel_of(id: &str) -> Option<&str> {
    let channel = id.strip_prefix(PLATFORM)?.strip_prefix('.')?;
    let number = channel.strip_suffix(PRIVATE).unwrap_or(channel);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(channel)
}

/// Longest `content` of a message, in code points.
///
/// # Source
/// Discord Docs/Create Message and Execute Webhook, read 2026-11-20. "Our API uses Python 3, so
/// the API calculates length based on the number of codepoints": discord-api-docs issue 1315.
pub const MAX_CONTENT_CHARS: usize = 2000;

/// Flag of a message that only the asker sees.
pub const EPHEMERAL: u32 = 64;

/// Flag of a message whose links have no previews.
pub const SUPPRESS_EMBEDS: u32 = 4;

/// First millisecond of Discord's time.
///
/// # Source
/// Discord Docs/Reference, Snowflakes, read 2026-11-20.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// Returns when a snowflake was made, `None` if the text is none.
///
/// # Source
/// Discord Docs/Reference, Snowflakes, read 2026-11-20.
pub fn created(snowflake: &str) -> Option<Millis> {
    let snowflake: u64 = snowflake.parse().ok()?;
    Some(Millis((snowflake >> 22) + EPOCH_MS))
}

/// Returns the first snowflake of an instant.
pub fn snowflake_at(instant: Millis) -> u64 {
    instant.0.saturating_sub(EPOCH_MS) << 22
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_found_by_its_id() {
        assert_eq!(channel_of("discord.12"), Some("12"));
        assert_eq!(channel_of("discord.12-private"), Some("12-private"));
        for id in ["discord.", "discord.-private", "discord.x", "web.1", "discord.1-privat", "1"] {
            assert_eq!(channel_of(id), None, "{id}");
        }
    }

    #[test]
    fn a_snowflake_holds_its_time() {
        // The example of Discord's reference.
        assert_eq!(created("175928847299117063"), Some(Millis(1_462_015_105_796)));
        assert_eq!(created("x"), None);
        let first = snowflake_at(Millis(1_462_015_105_796));
        assert!(
            first <= 175_928_847_299_117_063
                && created(&first.to_string()) == created("175928847299117063")
        );
    }
}
