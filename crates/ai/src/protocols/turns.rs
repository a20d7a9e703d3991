//! Messages as turns of two sides that alternate, as Anthropic and Gemini want them.

use std::borrow::Cow;

use crate::{Message, Thought, ToolCall};

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
    /// What the model thought.
    Thought(&'a Thought),
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

/// Returns all that the program tells the model, as one text: servers take it at the front only.
pub(super) fn system_text(messages: &[Message]) -> Cow<'_, str> {
    let mut texts = messages.iter().filter_map(|message| match message {
        Message::System(text) => Some(text.as_str()),
        Message::User(_) | Message::Assistant { .. } | Message::Tool { .. } => None,
    });
    let first = Cow::Borrowed(texts.next().unwrap_or_default());
    texts.fold(first, |system, text| Cow::Owned(format!("{system}\n\n{text}")))
}

/// Returns the turns of the messages, without the program's own: see [`system_text`]. Blank text is left
/// out, since Anthropic refuses it.
pub(super) fn split(messages: &[Message]) -> Vec<Turn<'_>> {
    let mut turns = Vec::new();
    for message in messages {
        match message {
            Message::System(_) => {}
            Message::User(text) => add(&mut turns, Side::User, TurnPart::Text(text)),
            Message::Assistant { text, calls } => {
                for thought in calls.iter().flat_map(|call| &call.thoughts) {
                    add(&mut turns, Side::Model, TurnPart::Thought(thought));
                }
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
    turns
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

/// Longest name of a tool that vendors take, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Returns a name or an id in letters that every vendor takes: a model may have called whatever it
/// liked, and another vendor may have named the call.
pub(super) fn plain_name(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.chars()
        .take(MAX_NAME_CHARS)
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect()
}
