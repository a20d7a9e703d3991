//! Requests of Chat Completions.

use serde::Serialize;
use serde_json::{Value, json};

use super::messages::{self, ChatMessage};
use super::profile::{self, LastRound, Profile, TokenLimit};
use crate::protocols::http::Call;
use crate::protocols::{ModelRequest, Offer};
use crate::{Message, tools};
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
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
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
/// A stream has to be asked for its usage.
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":"…","role":"system"},…],"model":"…","tools":[…]}`: the
/// keys of every object are sorted, so the same messages are the same bytes, as prompt caches want it.
///
/// # Source
/// `OpenAI` API reference/Chat, read 2026-11-21; other vendors as in [`profile`].
pub(in crate::protocols) fn encode(model: &Model, request: &ModelRequest<'_>) -> Call {
    let profile = profile::of(model.vendor.name, &model.name);
    let limit_as = |wanted| (profile.token_limit == wanted).then_some(request.max_tokens);
    let Chat { messages, tools, tool_choice } = chat(profile, request);
    let body = ChatRequest {
        model: &model.name,
        messages,
        max_tokens: limit_as(TokenLimit::MaxTokens),
        max_completion_tokens: limit_as(TokenLimit::MaxCompletionTokens),
        tools,
        tool_choice,
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

/// Messages and tools of a request, in the shape that a model takes.
pub(in crate::protocols) struct Chat<'a> {
    /// Messages.
    pub(in crate::protocols) messages: Vec<ChatMessage<'a>>,
    /// Declarations of the tools; may be empty.
    pub(in crate::protocols) tools: Vec<Tool>,
    /// `none` if no tool may be called although they are declared.
    pub(in crate::protocols) tool_choice: Option<&'static str>,
}

/// Returns messages and tools as a model takes them.
///
/// Where no tool may be called, there are none, which is the only way to stop a llama that calls; but
/// tools that the chat shows calls of are declared, unless the calls are told as text.
pub(in crate::protocols) fn chat<'a>(profile: Profile, request: &ModelRequest<'a>) -> Chat<'a> {
    let messages = request.messages;
    let shows_calls = messages.iter().any(|message| matches!(message, Message::Tool { .. }));
    let declared = || request.tools.iter().copied().map(declare).collect();
    match (request.offer, profile.last_round) {
        (Offer::Tools, _) => Chat {
            messages: messages::with_calls(messages, profile),
            tools: declared(),
            tool_choice: None,
        },
        (Offer::Nothing, LastRound::ChoiceNone) if shows_calls => Chat {
            messages: messages::with_calls(messages, profile),
            tools: declared(),
            tool_choice: Some("none"),
        },
        (Offer::Nothing, LastRound::ChoiceNone | LastRound::Flattened) => {
            Chat { messages: messages::flattened(messages), tools: Vec::new(), tool_choice: None }
        }
    }
}

fn declare(tool: tools::Tool) -> Tool {
    let function = DeclaredFunction {
        name: tool.name(),
        description: tool.description(),
        parameters: tool.schema(),
    };
    Tool { kind: "function", function }
}
