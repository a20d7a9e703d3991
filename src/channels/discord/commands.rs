//! Which slash commands are there? Registered by `cargo xtask register`.
//!
//! # Source
//! Discord Docs/Application Commands, read 2026-11-20.

use serde_json::{Value, json};

/// Longest question, in code points: Discord's own limit for a string option.
pub const MAX_QUESTION_CHARS: usize = 6000;

/// Returns all commands, as Discord's bulk overwrite takes them.
///
/// # Shape
/// `[{"name": "ask", "type": 1, …}]`; in servers, the bot's direct messages and group chats, for
/// server and user installs.
pub fn definitions() -> Value {
    json!([{
        "name": "ask",
        "type": 1,
        "description": "Ask Miyabi a question",
        "description_localizations": { "ja": "雅に質問する" },
        "options": [{
            "name": "question",
            "type": 3,
            "description": "What would you like to know?",
            "description_localizations": { "ja": "知りたいことは?" },
            "name_localizations": { "ja": "質問" },
            "required": true,
            "min_length": 1,
            "max_length": MAX_QUESTION_CHARS,
        }],
        "integration_types": [0, 1],
        "contexts": [0, 1, 2],
    }])
}
