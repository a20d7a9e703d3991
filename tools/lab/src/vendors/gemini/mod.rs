//! Emulates `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: Gemini's API.

mod check;
pub(super) mod errors;
mod render;

use serde_json::{Value, json};

use crate::ai::{Ai, Cue, Failure, Outcome, decide};
use crate::http::{Inbound, Reply};

/// What the path of a call says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) model: &'a str,
    pub(super) is_stream: bool,
}

/// Answers a call whose key is right.
pub(super) async fn answer(
    ai: &Ai,
    asked: &Asked<'_>,
    inbound: &Inbound,
    cue: Option<&Cue>,
) -> Reply {
    let request = match super::body(inbound) {
        Ok(request) => request,
        Err(why) => {
            return errors::invalid_request("Invalid JSON payload received.").violation(why);
        }
    };
    if !super::is_model(asked.model) {
        return errors::failure(Failure::NoModel, None).violation("no such model");
    }
    if let Err(message) = check::check(asked.model, request) {
        return errors::invalid_request(&message).violation(message);
    }
    let is_events = inbound.parameter("alt").as_deref() == Some("sse");
    let reply = match decide(ai, "gemini", &inputs(request), cue).await {
        Outcome::Raw(reply) => reply,
        Outcome::Fails(Failure::Policy, _) => render::blocked(asked),
        Outcome::Fails(failure, after_s) => errors::failure(failure, after_s),
        Outcome::Unreachable(_) => errors::failure(Failure::Busy, None),
        Outcome::Answers(output, pace) => render::answer(asked, request, &output, &pace),
    };
    if asked.is_stream && !is_events {
        return reply.violation("without `alt=sse` the answer is one long list");
    }
    reply
}

/// Either spelling of a field's name.
fn either<'a>(value: &'a Value, camel: &str, snake: &str) -> &'a Value {
    if value[camel].is_null() { &value[snake] } else { &value[camel] }
}

/// The conversation in the format of Workers AI.
fn inputs(request: &Value) -> Value {
    let mut messages = Vec::new();
    for content in request["contents"].as_array().into_iter().flatten() {
        let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let results: Vec<Value> = parts
            .iter()
            .map(|part| &part["functionResponse"])
            .filter(|response| !response.is_null())
            .map(|response| {
                // A response with a single text is that text.
                let response = &response["response"];
                let fields = response.as_object().into_iter().flatten();
                let texts: Vec<&str> = fields.filter_map(|(_, value)| value.as_str()).collect();
                let text = match texts.as_slice() {
                    [text] => (*text).to_owned(),
                    _ => response.to_string(),
                };
                json!({ "role": "tool", "content": text })
            })
            .collect();
        if results.is_empty() {
            let role = if content["role"] == "model" { "assistant" } else { "user" };
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            let text = texts.collect::<Vec<_>>().join("\n");
            messages.push(json!({ "role": role, "content": text }));
        } else {
            // Text beside the results is a note to the model, not the question.
            messages.extend(results);
        }
    }
    let tools = request["tools"].as_array().into_iter().flatten();
    let tools = tools.flat_map(|tool| {
        either(tool, "functionDeclarations", "function_declarations")
            .as_array()
            .into_iter()
            .flatten()
    });
    let config = either(request, "generationConfig", "generation_config");
    let limit = either(config, "maxOutputTokens", "max_output_tokens");
    let mut inputs = json!({ "messages": messages, "tools": tools.cloned().collect::<Vec<_>>(),
        "max_tokens": limit });
    let choice = either(request, "toolConfig", "tool_config");
    let choice = either(choice, "functionCallingConfig", "function_calling_config");
    if choice["mode"] == "NONE" {
        inputs["tool_choice"] = json!("none");
    }
    inputs
}
