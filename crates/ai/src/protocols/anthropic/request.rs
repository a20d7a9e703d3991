//! Requests of Anthropic's Messages.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Thought;
use crate::protocols::http::Call;
use crate::protocols::turns::{self, Side, Turn, TurnPart, plain_name};
use crate::protocols::{ModelRequest, Offer, ids};
use crate::tools::Tool;
use miyabi_core::config::models::Model;

/// The body of a request.
#[derive(Serialize)]
struct MessagesRequest<'a> {
    model: &'a str,
    max_tokens: u32,
    messages: Vec<MessageTurn<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    system: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<DeclaredTool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct MessageTurn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a str },
    Thinking { thinking: &'a str, signature: &'a str },
    RedactedThinking { data: &'a str },
    ToolUse { id: String, name: String, input: Map<String, Value> },
    ToolResult { tool_use_id: String, content: &'a str, is_error: bool },
}

#[derive(Serialize)]
struct DeclaredTool {
    name: &'static str,
    description: &'static str,
    /// JSON schema.
    input_schema: Value,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ToolChoice {
    None,
}

/// Returns what is sent for a model request.
///
/// The results of all calls of a turn are in the one turn after it. Where no tool may be called any
/// more, the tools stay, with `tool_choice` none: see [`ModelRequest`].
///
/// # Shape
/// `{"max_tokens":1024,"messages":[{"content":[{"text":"…","type":"text"}],"role":"user"},…],
/// "model":"…","system":"…","tools":[{"description":"…","input_schema":{…},"name":"…"}]}`
///
/// # Source
/// Anthropic API/Messages and Tool use, read 2026-11-21.
pub(in crate::protocols) fn encode(model: &Model, request: &ModelRequest<'_>) -> Call {
    let system = turns::system_text(request.messages);
    let turns = turns::split(request.messages);
    let declares = request.declares_tools();
    let body = MessagesRequest {
        model: &model.name,
        max_tokens: request.max_tokens,
        messages: turns.into_iter().map(turn).collect(),
        system,
        tools: if declares {
            request.tools.iter().copied().map(declare).collect()
        } else {
            Vec::new()
        },
        tool_choice: (declares && request.offer == Offer::Nothing).then_some(ToolChoice::None),
        stream: request.streams.then_some(true),
    };
    Call {
        path: "/messages".to_owned(),
        key_header: "x-api-key",
        key_scheme: "",
        headers: &[("anthropic-version", "2023-06-01")],
        body: json!(body),
    }
}

fn turn(turn: Turn<'_>) -> MessageTurn<'_> {
    let role = match turn.side {
        Side::User => "user",
        Side::Model => "assistant",
    };
    MessageTurn { role, content: turn.parts.into_iter().filter_map(block).collect() }
}

/// Returns the block of a part; `None` for a thought of another vendor's model, which has no signature.
fn block(part: TurnPart<'_>) -> Option<Block<'_>> {
    Some(match part {
        TurnPart::Thought(Thought::Signed { text, signature }) if !signature.is_empty() => {
            Block::Thinking { thinking: text, signature }
        }
        TurnPart::Thought(Thought::Sealed { data }) => Block::RedactedThinking { data },
        TurnPart::Thought(_) => return None,
        TurnPart::Text(text) => Block::Text { text },
        TurnPart::Call { call, .. } => Block::ToolUse {
            id: plain_name(&ids::short(&call.id)),
            name: plain_name(&call.name),
            input: call.object().unwrap_or_default(),
        },
        TurnPart::Result { id, content, .. } => Block::ToolResult {
            tool_use_id: plain_name(&ids::short(id)),
            content,
            is_error: content.starts_with("error:"),
        },
    })
}

fn declare(tool: Tool) -> DeclaredTool {
    DeclaredTool { name: tool.name(), description: tool.description(), input_schema: tool.schema() }
}
