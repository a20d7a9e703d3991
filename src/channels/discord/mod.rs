//! Discord: interactions in, webhook posts and edits out.
//!
//! 1. [`verify`]: bytes → verified bytes, or 401.
//! 2. [`parse`]: verified bytes → [`parse::Inbound`], or 400.
//! 3. [`reply`]: the reply to the interaction itself.
//! 4. [`post`]: messages, edits and deletions over HTTP; [`route`] decides where they go.

pub mod commands;
pub mod names;
pub mod parse;
pub mod post;
pub mod reply;
pub mod route;
pub mod verify;

use crate::ids::Millis;

/// Longest `content` of a message, in code points.
///
/// # Source
/// Discord Docs/Create Message and Execute Webhook, read 2026-11-20. "Our API uses Python 3, so
/// the API calculates length based on the number of codepoints": discord-api-docs issue 1315.
pub const MAX_CONTENT_CHARS: usize = 2000;

/// Flag of a message that only the asker sees.
pub const EPHEMERAL: u32 = 64;

/// Returns when a snowflake was made, `None` if the text is none.
///
/// # Source
/// Discord Docs/Reference, Snowflakes, read 2026-11-20.
pub fn created(snowflake: &str) -> Option<Millis> {
    const DISCORD_EPOCH_MS: u64 = 1_420_070_400_000;
    let snowflake: u64 = snowflake.parse().ok()?;
    Some(Millis((snowflake >> 22) + DISCORD_EPOCH_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snowflake_holds_its_time() {
        // The example of Discord's reference.
        assert_eq!(created("175928847299117063"), Some(Millis(1_462_015_105_796)));
        assert_eq!(created("x"), None);
    }
}
