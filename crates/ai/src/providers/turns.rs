//! A chat as turns of two sides, as Anthropic and Gemini want it.

use serde_json::Value;

use super::{Offer, Request};
use crate::tools::Tool;
use crate::{Message, ToolCall};
use miyabi_core::json::object;

/// A part of a turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chunk<'a> {
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

/// How a vendor writes turns.
pub(super) struct Form {
    /// The model's role; the other side is `user` everywhere.
    pub(super) model: &'static str,
    /// Key of a turn's parts.
    pub(super) parts: &'static str,
    /// Writes a part; the number counts the calls before it in its turn.
    pub(super) part: fn(Chunk<'_>, usize) -> Value,
}

/// Returns what the program tells the model first, and the turns after it, which alternate.
///
/// What the program tells later stands where it was told, as the other side's: neither vendor has a
/// place for it, and both want the chat to end with the other side. Blank text is left out, since
/// Anthropic refuses it.
pub(super) fn encode<'a>(messages: &'a [Message], form: &Form) -> (&'a str, Value) {
    let mut system = "";
    let mut turns = Turns { form, done: Vec::new(), role: "", parts: Vec::new() };
    for (index, message) in messages.iter().enumerate() {
        match message {
            Message::System(text) if index == 0 => system = text,
            Message::System(text) | Message::User(text) => turns.add("user", Chunk::Text(text), 0),
            Message::Assistant { text, calls } => {
                turns.add(form.model, Chunk::Text(text), 0);
                for (number, call) in calls.iter().enumerate() {
                    turns.add(form.model, Chunk::Call(call), number);
                }
            }
            Message::Tool { call_id, name, content } => {
                turns.add("user", Chunk::Result { id: call_id, name, content }, 0);
            }
        }
    }
    turns.end();
    (system, turns.done.into())
}

struct Turns<'a> {
    form: &'a Form,
    done: Vec<Value>,
    /// Of the turn that has not ended.
    role: &'static str,
    parts: Vec<Value>,
}

impl Turns<'_> {
    fn add(&mut self, role: &'static str, part: Chunk<'_>, number: usize) {
        if matches!(part, Chunk::Text(text) if text.trim().is_empty()) {
            return;
        }
        if self.role != role {
            self.end();
            self.role = role;
        }
        self.parts.push((self.form.part)(part, number));
    }

    fn end(&mut self) {
        let parts = core::mem::take(&mut self.parts);
        if !parts.is_empty() {
            let turn = [("role", self.role.into()), (self.form.parts, parts.into())];
            self.done.push(object(turn));
        }
    }
}

/// Returns a tool's declaration, with its schema under this key.
pub(super) fn declare(tool: Tool, schema: &str) -> Value {
    object([
        ("name", tool.name().into()),
        ("description", tool.description().into()),
        (schema, tool.schema()),
    ])
}

/// Returns the declarations of all tools.
pub(super) fn declare_all(schema: &str) -> Value {
    let mut tools = Vec::new();
    for tool in Tool::ALL {
        tools.push(declare(tool, schema));
    }
    tools.into()
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
    let mut plain = String::new();
    for letter in text.chars() {
        plain.push(if is_plain(letter) { letter } else { '_' });
    }
    plain.into()
}
