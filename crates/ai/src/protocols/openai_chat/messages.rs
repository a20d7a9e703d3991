//! The messages of Chat Completions, in a shape that every server takes.
//!
//! - There is one `system` message and it is the first: the templates of Qwen, Gemma and Mistral refuse
//!   any other.
//! - Sides alternate, and the results of calls follow them at once.
//! - What only some servers refuse is in the [`Profile`].

use std::borrow::Cow;

use serde_json::Value;

use super::profile::{Ids, Profile, Thoughts, Words};
use crate::protocols::ids;
use crate::protocols::turns::{plain_name, system_text};
use crate::protocols::wire::object;
use crate::{Message, Thought, ToolCall};

/// A message.
///
/// `content` is always a string: the native models of Workers AI and `DeepSeek` refuse null and arrays.
enum ChatMessage<'a> {
    System {
        content: Cow<'a, str>,
    },
    User {
        content: Cow<'a, str>,
    },
    Assistant {
        content: Cow<'a, str>,
        reasoning_content: Option<String>,
        tool_calls: Option<Vec<Value>>,
    },
    Tool {
        tool_call_id: Cow<'a, str>,
        name: String,
        content: &'a str,
    },
}

impl From<ChatMessage<'_>> for Value {
    fn from(message: ChatMessage<'_>) -> Self {
        match message {
            ChatMessage::System { content } => {
                object([("role", "system".into()), ("content", content.into())])
            }
            ChatMessage::User { content } => {
                object([("role", "user".into()), ("content", content.into())])
            }
            ChatMessage::Assistant { content, reasoning_content, tool_calls } => object([
                ("role", "assistant".into()),
                ("content", content.into()),
                ("reasoning_content", reasoning_content.into()),
                ("tool_calls", tool_calls.into()),
            ]),
            ChatMessage::Tool { tool_call_id, name, content } => object([
                ("role", "tool".into()),
                ("tool_call_id", tool_call_id.into()),
                ("name", name.into()),
                ("content", content.into()),
            ]),
        }
    }
}

/// Returns the messages with calls and their results.
pub(super) fn with_calls(messages: &[Message], profile: Profile) -> Value {
    let system = system_text(messages);
    let first = (!system.is_empty()).then_some(ChatMessage::System { content: system });
    let id = match profile.ids {
        Ids::Own => ids::short,
        Ids::Nine => ids::nine,
    };
    let mut written: Vec<ChatMessage<'_>> = first.into_iter().collect();
    for message in messages {
        match message {
            Message::System(_) => {}
            Message::User(text) => say(&mut written, Speaker::Asker, text.into()),
            Message::Assistant { text, calls } if calls.is_empty() => {
                say(&mut written, Speaker::Model, text.into());
            }
            Message::Assistant { text, calls } => {
                let is_silent = profile.words == Words::Without;
                let past = |call: &ToolCall| past_call(call, &id(&call.id));
                written.push(ChatMessage::Assistant {
                    content: if is_silent { "".into() } else { text.into() },
                    reasoning_content: reasoning(calls, profile),
                    tool_calls: Some(calls.iter().map(past).collect()),
                });
            }
            Message::Tool { call_id, name, content } => written.push(ChatMessage::Tool {
                tool_call_id: id(call_id),
                name: plain_name(name),
                content,
            }),
        }
    }
    written.into()
}

fn reasoning(calls: &[ToolCall], profile: Profile) -> Option<String> {
    if profile.thoughts == Thoughts::Dropped || calls.is_empty() {
        return None;
    }
    let plain = |thought: &Thought| match thought {
        Thought::Plain { text } => Some(text.clone()),
        Thought::Signed { .. } | Thought::Sealed { .. } => None,
    };
    Some(calls.iter().flat_map(|call| &call.thoughts).filter_map(plain).collect())
}

/// A call without readable arguments goes back with none: chat templates parse them.
fn past_call(call: &ToolCall, id: &str) -> Value {
    let function =
        object([("name", plain_name(&call.name).into()), ("arguments", arguments(call).into())]);
    object([("id", id.into()), ("type", "function".into()), ("function", function)])
}

fn arguments(call: &ToolCall) -> String {
    Value::Object(call.object().unwrap_or_default()).to_string()
}

/// Returns the messages without calls: what the tools returned is told as text of the other side.
pub(super) fn flattened(messages: &[Message]) -> Value {
    let system = system_text(messages);
    let mut written = Vec::new();
    if !system.is_empty() {
        written.push(ChatMessage::System { content: system });
    }
    let calls: Vec<&ToolCall> = messages.iter().flat_map(calls_of).collect();
    for message in messages {
        match message {
            Message::System(_) => {}
            Message::User(text) => say(&mut written, Speaker::Asker, text.into()),
            Message::Assistant { text, .. } => say(&mut written, Speaker::Model, text.into()),
            Message::Tool { call_id, name, content } => {
                let call = calls.iter().find(|call| call.id == *call_id);
                let arguments = call.map(|call| arguments(call)).unwrap_or_default();
                let told = format!("[What the tool {name} returned for {arguments}]\n{content}");
                say(&mut written, Speaker::Asker, told.into());
            }
        }
    }
    written.into()
}

fn calls_of(message: &Message) -> &[ToolCall] {
    match message {
        Message::Assistant { calls, .. } => calls,
        Message::System(_) | Message::User(_) | Message::Tool { .. } => &[],
    }
}

#[derive(Clone, Copy)]
enum Speaker {
    Asker,
    Model,
}

/// Adds text; what one side says twice in a row is one message, and blank text is none.
fn say<'a>(written: &mut Vec<ChatMessage<'a>>, speaker: Speaker, text: Cow<'a, str>) {
    if text.trim().is_empty() {
        return;
    }
    match (written.last_mut(), speaker) {
        (Some(ChatMessage::User { content }), Speaker::Asker)
        | (Some(ChatMessage::Assistant { content, .. }), Speaker::Model) => {
            let content = content.to_mut();
            content.push_str("\n\n");
            content.push_str(&text);
        }
        (_, Speaker::Asker) => written.push(ChatMessage::User { content: text }),
        (_, Speaker::Model) => written.push(ChatMessage::Assistant {
            content: text,
            reasoning_content: None,
            tool_calls: None,
        }),
    }
}
