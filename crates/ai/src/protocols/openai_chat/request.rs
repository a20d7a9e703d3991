//! Requests of Chat Completions.

use serde::Serialize;
use serde_json::{Value, json};

use super::profile::{self, TokenLimit};
use crate::protocols::http::Call;
use crate::protocols::turns::plain_name;
use crate::protocols::{ModelRequest, Offer};
use crate::{Message, ToolCall, tools};
use miyabi_core::config::models::Model;

/// The body of a request.
#[derive(Serialize)]
struct ChatRequest<'a> {
    model: &'a str,
    messages: Vec<ChatMessage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// A message.
///
/// `content` is always a string: the native models of Workers AI and `DeepSeek` refuse null and arrays.
#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(in crate::protocols) enum ChatMessage<'a> {
    System {
        content: &'a str,
    },
    User {
        content: &'a str,
    },
    Assistant {
        content: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<PastCall<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        name: String,
        content: &'a str,
    },
}

/// A call that the model made before.
#[derive(Serialize)]
pub(in crate::protocols) struct PastCall<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: CalledFunction,
}

#[derive(Serialize)]
struct CalledFunction {
    name: String,
    /// JSON text.
    arguments: String,
}

/// A declared tool, in the form `{"type":"function","function":{…}}`: the schemas of Workers AI's
/// native models take it beside their flat form, and every other model takes nothing else.
#[derive(Serialize)]
pub(in crate::protocols) struct Tool {
    #[serde(rename = "type")]
    kind: &'static str,
    function: DeclaredFunction,
}

#[derive(Serialize)]
struct DeclaredFunction {
    name: &'static str,
    description: &'static str,
    /// JSON schema.
    parameters: Value,
}

/// Returns what is sent for a model request.
///
/// Without tools there is no `tools` field at all, which is the only way to stop a llama that calls. A
/// stream has to be asked for its usage.
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":"…","role":"system"},…],"model":"…","tools":[…]}`: the
/// keys of every object are sorted, so the same messages are the same bytes, as prompt caches want it.
///
/// # Source
/// `OpenAI` API reference/Chat, read 2026-11-21; other vendors as in [`profile`].
pub(in crate::protocols) fn encode(model: &Model, request: &ModelRequest<'_>) -> Call {
    let limit = profile::of(model.vendor.name).token_limit;
    let limit_as = |wanted| (limit == wanted).then_some(request.max_tokens);
    let body = ChatRequest {
        model: &model.name,
        messages: messages(request.messages),
        max_tokens: limit_as(TokenLimit::MaxTokens),
        max_completion_tokens: limit_as(TokenLimit::MaxCompletionTokens),
        tools: tools(request.offer),
        stream: request.streams.then_some(true),
        stream_options: request.streams.then_some(StreamOptions { include_usage: true }),
    };
    Call {
        path: "/chat/completions".to_owned(),
        key_header: "authorization",
        key_scheme: "Bearer ",
        headers: &[],
        body: json!(body),
    }
}

/// Returns the messages as the protocol writes them.
pub(in crate::protocols) fn messages(messages: &[Message]) -> Vec<ChatMessage<'_>> {
    messages.iter().map(message).collect()
}

/// Returns the declarations of the tools that are offered.
pub(in crate::protocols) fn tools(offer: Offer) -> Vec<Tool> {
    match offer {
        Offer::Nothing => Vec::new(),
        Offer::Tools => tools::Tool::ALL.map(declare).into(),
    }
}

fn message(message: &Message) -> ChatMessage<'_> {
    match message {
        Message::System(content) => ChatMessage::System { content },
        Message::User(content) => ChatMessage::User { content },
        Message::Assistant { text, calls } => {
            ChatMessage::Assistant { content: text, tool_calls: calls.iter().map(call).collect() }
        }
        Message::Tool { call_id, name, content } => {
            ChatMessage::Tool { tool_call_id: call_id, name: plain_name(name), content }
        }
    }
}

/// A call without readable arguments goes back with none: chat templates parse them.
fn call(call: &ToolCall) -> PastCall<'_> {
    let arguments = Value::Object(call.object().unwrap_or_default()).to_string();
    let function = CalledFunction { name: plain_name(&call.name), arguments };
    PastCall { id: &call.id, kind: "function", function }
}

fn declare(tool: tools::Tool) -> Tool {
    let function = DeclaredFunction {
        name: tool.name(),
        description: tool.description(),
        parameters: tool.schema(),
    };
    Tool { kind: "function", function }
}
