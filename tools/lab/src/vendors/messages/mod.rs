//! Emulates `POST /v1/messages`: Anthropic's API.

mod check;
pub(super) mod errors;
mod render;

use serde_json::{Value, json};

use crate::ai::{Ai, Cue, Failure, Outcome, decide};
use crate::http::{Inbound, Reply};

/// Answers a call whose key is right.
pub(super) async fn answer(ai: &Ai, inbound: &Inbound, cue: Option<&Cue>) -> Reply {
    let request = match super::body(inbound) {
        Ok(request) => request,
        Err(why) => {
            let message = "The request body is not valid JSON";
            return errors::invalid_request(message).violation(why);
        }
    };
    if inbound.header("anthropic-version") != Some("2023-06-01") {
        let message = "anthropic-version: header is required";
        return errors::invalid_request(message).violation(message);
    }
    if let Err(message) = check::check(request) {
        return errors::invalid_request(&message).violation(message);
    }
    if !super::is_model(request["model"].as_str().unwrap_or_default()) {
        return errors::failure(Failure::NoModel, None).violation("no such model");
    }
    match decide(ai, "anthropic", &inputs(request), cue).await {
        Outcome::Raw(reply) => reply,
        Outcome::Fails(failure, after_s) => errors::failure(failure, after_s),
        Outcome::Unreachable(_) => errors::failure(Failure::Busy, None),
        Outcome::Answers(output, pace) => render::answer(request, &output, &pace),
    }
}

/// The conversation in the format of Workers AI.
fn inputs(request: &Value) -> Value {
    let mut messages = Vec::new();
    for message in request["messages"].as_array().into_iter().flatten() {
        let Some(blocks) = message["content"].as_array() else {
            messages.push(message.clone());
            continue;
        };
        let text = |blocks: &[Value]| {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        };
        let results = blocks.iter().filter(|block| block["type"] == "tool_result");
        let results: Vec<Value> = results
            .map(|block| {
                let content = &block["content"];
                let content = content.as_array().map_or_else(
                    || content.as_str().unwrap_or_default().to_owned(),
                    |blocks| text(blocks),
                );
                json!({ "role": "tool", "content": content })
            })
            .collect();
        if results.is_empty() {
            messages.push(json!({ "role": message["role"], "content": text(blocks) }));
        } else {
            // Text beside the results is a note to the model, not the question.
            messages.extend(results);
        }
    }
    let tools = request["tools"].as_array().into_iter().flatten().map(|tool| {
        json!({ "name": tool["name"], "description": tool["description"],
            "parameters": tool["input_schema"] })
    });
    let mut inputs = json!({ "messages": messages, "tools": tools.collect::<Vec<_>>(),
        "max_tokens": request["max_tokens"] });
    if request["tool_choice"]["type"] == "none" {
        inputs["tool_choice"] = json!("none");
    }
    inputs
}
