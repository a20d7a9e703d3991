//! A chat as turns of two sides, as Anthropic and Gemini want it.

use serde_json::Value;

use super::{Offer, Request};
use crate::ai::{Message, ToolCall};

/// A part of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// Text, not blank.
    Text(&'a str),
    /// A call by the model.
    Call(&'a ToolCall),
    /// What a tool answered.
    Result {
        /// Id of the call.
        id: &'a str,
        /// Tool's name, as the model called it.
        name: &'a str,
        /// Result, or a sentence that begins with `error:`.
        content: &'a str,
    },
}

/// All that one side says until the other does.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    /// Whether it is the model's.
    pub(super) is_model: bool,
    /// What it says, not empty.
    pub(super) parts: Vec<Part<'a>>,
}

/// Returns what the program tells the model first, and the turns after it, which alternate.
///
/// What the program tells later stands where it was told, as the other side's: neither vendor has a
/// place for it, and both want the chat to end with the other side. Blank text is left out, since
/// Anthropic refuses it.
pub(super) fn split(messages: &[Message]) -> (&str, Vec<Turn<'_>>) {
    let mut system = "";
    let mut turns: Vec<Turn<'_>> = Vec::new();
    let mut add = |is_model, part| match turns.last_mut() {
        _ if matches!(part, Part::Text(text) if text.trim().is_empty()) => {}
        Some(turn) if turn.is_model == is_model => turn.parts.push(part),
        _ => turns.push(Turn { is_model, parts: vec![part] }),
    };
    for (index, message) in messages.iter().enumerate() {
        match message {
            Message::System(text) if index == 0 => system = text,
            Message::System(text) | Message::User(text) => add(false, Part::Text(text)),
            Message::Assistant { text, calls } => {
                add(true, Part::Text(text));
                for call in calls {
                    add(true, Part::Call(call));
                }
            }
            Message::Tool { call_id, name, content } => {
                add(false, Part::Result { id: call_id, name, content });
            }
        }
    }
    (system, turns)
}

/// Returns whether the request has to declare the tools: also where none may be called any more, if
/// the chat shows calls, since Anthropic refuses calls of undeclared tools.
pub(super) fn declares_tools(request: &Request<'_>) -> bool {
    let shows_call = |message: &Message| matches!(message, Message::Tool { .. });
    request.offer == Offer::Tools || request.messages.iter().any(shows_call)
}

/// Returns a name or an id in letters that every vendor takes. A model may have called what it liked,
/// and another vendor may have named the call.
pub(super) fn plain(text: &str) -> Value {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let plain: String = text.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    plain.into()
}
