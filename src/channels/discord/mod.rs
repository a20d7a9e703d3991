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

/// Longest `content` of a message, in code points.
///
/// # Source
/// Discord Docs/Create Message and Execute Webhook, read 2026-11-20. "Our API uses Python 3, so
/// the API calculates length based on the number of codepoints": discord-api-docs issue 1315.
pub const MAX_CONTENT_CHARS: usize = 2000;

/// Most follow-ups that Discord takes for a user-installed application.
///
/// # Source
/// Discord Docs/Receiving and Responding to Interactions, read 2026-11-20.
pub const MAX_FOLLOW_UPS: usize = 5;

/// Flag of a message that only the asker sees.
pub const EPHEMERAL: u32 = 64;
