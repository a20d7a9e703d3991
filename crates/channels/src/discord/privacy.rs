//! The panel of what is kept of a person, and its buttons.
//!
//! # Source
//! Discord Docs/Component Reference, Button, read 2026-11-29.

use serde_json::{Value, json};

use super::custom_id::{Action, CustomId};
use miyabi_core::http::Reply;
use miyabi_core::i18n::privacy::{self as words, Inquiry, Kept, Wish};
use miyabi_core::i18n::{Language, Sentence};
use miyabi_core::transport::Transport;

/// What the buttons are for.
pub const SHOW: &str = "show";
/// See [`SHOW`].
pub const QUOTE: &str = "quote";
/// See [`SHOW`].
pub const POST: &str = "post";
/// See [`SHOW`].
pub const DELETE: &str = "delete";
/// See [`SHOW`].
pub const ERASE: &str = "erase";

/// Styles of a button: plain, and one that does what cannot be undone.
const PLAIN: u32 = 2;
const DANGER: u32 = 4;

/// Returns the reply to a wish: a message that nobody else sees, or another content for it after a press.
pub fn reply(inquiry: &Inquiry, kept: &Kept, is_press: bool, transport: &impl Transport) -> Reply {
    let language = inquiry.language;
    let (text, buttons) = if inquiry.wish == Wish::AskToErase {
        let buttons = [
            button(ERASE, words::CONFIRM, DANGER, language),
            button(SHOW, words::BACK, PLAIN, language),
        ];
        (words::sure(language).to_owned(), buttons)
    } else {
        let (id, label) = if kept.is_quoted { (POST, words::POST) } else { (QUOTE, words::QUOTE) };
        let buttons =
            [button(id, label, PLAIN, language), button(DELETE, words::DELETE, DANGER, language)];
        (words::list(kept, language, transport), buttons)
    };
    let data = json!({
        "content": transport.truncate(&text, ""),
        "flags": super::EPHEMERAL,
        "allowed_mentions": { "parse": [] },
        "components": [{ "type": 1, "components": buttons }],
    });
    Reply::json(200, &json!({ "type": if is_press { 7 } else { 4 }, "data": data }))
}

fn button(id: &str, label: Sentence, style: u32, language: Language) -> Value {
    json!({
        "type": 2,
        "style": style,
        "custom_id": CustomId { action: Action::Privacy, id }.to_text(),
        "label": label.in_language(language),
    })
}
