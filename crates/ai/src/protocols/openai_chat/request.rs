//! Requests of Chat Completions.

use serde_json::Value;

use super::messages;
use super::profile::{self, LastRound, Profile, TokenLimit};
use crate::Message;
use crate::protocols::http::Call;
use crate::protocols::images;
use crate::protocols::wire::{declarations, object};
use crate::protocols::{ModelRequest, Offer};
use miyabi_core::config::models::Model;

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
    let Chat { messages, tools, tool_choice } = chat(profile, request);
    let limit = match profile.token_limit {
        TokenLimit::MaxTokens => "max_tokens",
        TokenLimit::MaxCompletionTokens => "max_completion_tokens",
    };
    let usage = || object([("include_usage", true.into())]);
    let body = object([
        ("model", model.name.as_str().into()),
        ("messages", messages),
        (limit, request.max_tokens.into()),
        ("tools", tools.into()),
        ("tool_choice", tool_choice.into()),
        ("stream", request.streams.then_some(true).into()),
        ("stream_options", request.streams.then(usage).into()),
    ]);
    Call {
        path: "/chat/completions".to_owned(),
        key_header: "authorization",
        key_scheme: "Bearer ",
        headers: &[],
        body,
    }
}

/// Messages and tools of a request, in the shape that a model takes.
pub(in crate::protocols) struct Chat {
    /// List of messages.
    pub(in crate::protocols) messages: Value,
    /// Declarations of the tools, if there are any.
    pub(in crate::protocols) tools: Option<Vec<Value>>,
    /// `none` if no tool may be called although they are declared.
    pub(in crate::protocols) tool_choice: Option<&'static str>,
}

/// Returns messages and tools as a model takes them.
///
/// Where no tool may be called, there are none, which is the only way to stop a llama that calls; but
/// tools that the chat shows calls of are declared, unless the calls are told as text.
pub(in crate::protocols) fn chat(profile: Profile, request: &ModelRequest<'_>) -> Chat {
    let messages = request.messages;
    let shows_calls = messages.iter().any(|message| matches!(message, Message::Tool { .. }));
    let calls_none = request.offer == Offer::Nothing;
    if calls_none && (profile.last_round == LastRound::Flattened || !shows_calls) {
        let messages = images::show(messages::flattened(messages), request.images, images::chat);
        return Chat { messages, tools: None, tool_choice: None };
    }
    Chat {
        messages: images::show(
            messages::with_calls(messages, profile),
            request.images,
            images::chat,
        ),
        tools: Some(declared(request)),
        tool_choice: calls_none.then_some("none"),
    }
}

/// Declares tools in the form `{"type":"function","function":{…}}`: the schemas of Workers AI's
/// native models take it beside their flat form, and every other model takes nothing else.
fn declared(request: &ModelRequest<'_>) -> Vec<Value> {
    let function = |function| object([("type", "function".into()), ("function", function)]);
    let declared = declarations(request, "parameters", "parameters");
    declared.into_iter().map(function).collect()
}
