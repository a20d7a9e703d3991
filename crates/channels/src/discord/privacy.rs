//! The panel of what is kept of a person, and its buttons.

use serde_json::{Value, json};

use super::components::{self, Style};
use super::custom_id::{Action, CustomId};
use super::reply;
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

/// Returns the reply to a wish: a message that nobody else sees, or another content for it after a press.
pub fn reply(inquiry: &Inquiry, kept: &Kept, is_press: bool, transport: &impl Transport) -> Reply {
    let language = inquiry.language;
    let (text, buttons) = if inquiry.wish == Wish::AskToErase {
        let buttons = [
            button(ERASE, words::CONFIRM, Style::Danger, language),
            button(SHOW, words::BACK, Style::Plain, language),
        ];
        (words::sure(language).to_owned(), buttons)
    } else {
        let (id, label) = if kept.is_quoted { (POST, words::POST) } else { (QUOTE, words::QUOTE) };
        let buttons = [
            button(id, label, Style::Plain, language),
            button(DELETE, words::DELETE, Style::Danger, language),
        ];
        (words::list(kept, language, transport, true), buttons)
    };
    reply::panel(&text, json!([components::row(&buttons)]), is_press, transport)
}

fn button(id: &str, label: Sentence, style: Style, language: Language) -> Value {
    let custom_id = CustomId { action: Action::Privacy, id };
    components::button(custom_id, label.in_language(language), style)
}
