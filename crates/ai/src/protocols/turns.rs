//! Messages as turns of two sides that alternate, as Anthropic and Gemini want them.

use crate::{Message, ToolCall};

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The asker and the program.
    User,
    /// The model.
    Model,
}

/// What one side says before the other does.
pub(super) struct Turn<'a> {
    /// Who speaks.
    pub(super) side: Side,
    /// Parts, never empty.
    pub(super) parts: Vec<TurnPart<'a>>,
}

/// A part of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum TurnPart<'a> {
    /// Text, not blank.
    Text(&'a str),
    /// A call by the model.
    Call {
        /// Call.
        call: &'a ToolCall,
        /// Whether it is the first call of its message.
        is_first: bool,
    },
    /// Result of a tool.
    Result {
        /// Id of the call.
        id: &'a str,
        /// Tool's name, as the model called it.
        name: &'a str,
        /// Result, or a sentence that begins with `error:`.
        content: &'a str,
    },
}

/// Returns the first message if it is the program's, empty otherwise, and the turns after it.
///
/// A later message of the program stands where it was told, as the other side's: neither vendor has a
/// place for it, and both want the messages to end with the other side. Blank text is left out, since
/// Anthropic refuses it.
pub(super) fn split(messages: &[Message]) -> (&str, Vec<Turn<'_>>) {
    let mut system = "";
    let mut turns = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        match message {
            Message::System(text) if index == 0 => system = text,
            Message::System(text) | Message::User(text) => {
                add(&mut turns, Side::User, TurnPart::Text(text));
            }
            Message::Assistant { text, calls } => {
                add(&mut turns, Side::Model, TurnPart::Text(text));
                for (number, call) in calls.iter().enumerate() {
                    add(&mut turns, Side::Model, TurnPart::Call { call, is_first: number == 0 });
                }
            }
            Message::Tool { call_id, name, content } => {
                add(&mut turns, Side::User, TurnPart::Result { id: call_id, name, content });
            }
        }
    }
    (system, turns)
}

fn add<'a>(turns: &mut Vec<Turn<'a>>, side: Side, part: TurnPart<'a>) {
    if matches!(part, TurnPart::Text(text) if text.trim().is_empty()) {
        return;
    }
    match turns.last_mut() {
        Some(turn) if turn.side == side => turn.parts.push(part),
        _ => turns.push(Turn { side, parts: vec![part] }),
    }
}

/// Returns a name or an id in letters that every vendor takes: a model may have called whatever it
/// liked, and another vendor may have named the call.
pub(super) fn plain_name(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect()
}
