//! Writes an output in one of the four reply formats of Workers AI's models.

use serde_json::{Value, json};

use super::output::{End, Output, Usage};
use super::{chunks, scripted};
use crate::http::Reply;
use crate::stream::Pace;

/// A reply format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{response, tool_calls: [{name, arguments: object}], usage}`.
    Native,
    /// As native, with calls that have an id and a type.
    Hybrid,
    /// Chat completions of `OpenAI`'s API.
    Chat,
    /// Responses of `OpenAI`'s API.
    Responses,
}

impl Shape {
    /// The format of a model, unless the question asks for another.
    fn of(model: &str, inputs: &Value) -> Self {
        const CHAT: [&str; 7] =
            ["qwen3", "/glm-", "/kimi-", "/gemma-4", "/nemotron-3", "/deepseek-v4", "/gpt-oss"];
        match scripted::trigger(inputs, "shape") {
            Some("native") => Self::Native,
            Some("hybrid") => Self::Hybrid,
            Some("chat") => Self::Chat,
            Some("responses") => Self::Responses,
            _ if CHAT.iter().any(|part| model.contains(part)) => Self::Chat,
            _ if model.contains("/llama-4") => Self::Hybrid,
            _ => Self::Native,
        }
    }
}

/// Answers in a model's format, as a stream if that is asked for and the format has one.
pub(crate) fn answer(model: &str, inputs: &Value, output: &Output, pace: &Pace) -> Reply {
    let shape = Shape::of(model, inputs);
    if inputs["stream"] != true || shape == Shape::Responses {
        return Reply::json(200, encode(shape, model, inputs, output));
    }
    let usage = usage(inputs, output);
    Reply::events(match shape {
        Shape::Chat => chunks::chat(model, output, Usage::of(inputs, output), &usage, pace),
        Shape::Native | Shape::Hybrid | Shape::Responses => {
            chunks::native(model, output, &usage, pace)
        }
    })
}

/// Writes an output in a format. Ids are made from the length of the conversation.
fn encode(shape: Shape, model: &str, inputs: &Value, output: &Output) -> Value {
    let round = inputs["messages"].as_array().map_or(0, Vec::len);
    let id = |index: usize| format!("chatcmpl-tool-{round}-{index}");
    let calls = &output.calls;
    let is_call = output.text.is_empty() && !calls.is_empty();
    let text = if is_call { Value::Null } else { json!(output.text) };
    let usage = usage(inputs, output);
    let with_ids = calls.iter().enumerate();
    match shape {
        Shape::Native => {
            let calls: Vec<Value> = calls
                .iter()
                .map(|call| json!({ "name": call.name, "arguments": call.arguments }))
                .collect();
            json!({ "response": text, "tool_calls": calls, "usage": usage })
        }
        Shape::Hybrid => {
            let calls: Vec<Value> = with_ids
                .map(|(index, call)| {
                    let function = json!({ "name": call.name, "arguments": call.arguments });
                    json!({ "id": id(index), "type": "function", "function": function })
                })
                .collect();
            json!({ "response": text.as_str().unwrap_or_default(), "tool_calls": calls, "usage": usage })
        }
        Shape::Chat => {
            let calls: Vec<Value> = with_ids
                .map(|(index, call)| {
                    let arguments = call.arguments_text();
                    let function = json!({ "name": call.name, "arguments": arguments });
                    json!({ "id": id(index), "type": "function", "function": function })
                })
                .collect();
            let finish = reason(output);
            let mut message = json!({ "role": "assistant", "content": text, "tool_calls": calls });
            if !output.reasoning.is_empty() {
                message["reasoning_content"] = json!(output.reasoning);
            }
            let choice = json!({ "index": 0, "message": message, "finish_reason": finish });
            json!({
                "id": format!("chatcmpl-lab-{round}"), "object": "chat.completion", "created": 0,
                "model": model, "choices": [choice], "usage": usage,
            })
        }
        Shape::Responses => responses(round, output, &usage),
    }
}

/// A reply of `OpenAI`'s responses API.
fn responses(round: usize, output: &Output, usage: &Value) -> Value {
    let calls = output.calls.iter().enumerate();
    let mut items: Vec<Value> = calls
        .map(|(index, call)| {
            json!({ "type": "function_call", "call_id": format!("chatcmpl-tool-{round}-{index}"),
                "name": call.name, "arguments": call.arguments_text() })
        })
        .collect();
    if items.is_empty() || !output.text.is_empty() {
        let part = json!({ "type": "output_text", "text": output.text });
        items.push(json!({ "type": "message", "role": "assistant", "content": [part] }));
    }
    let usage = json!({
        "input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"],
        "total_tokens": usage["total_tokens"],
    });
    json!({ "id": format!("resp-lab-{round}"), "object": "response", "status": "completed",
        "output": items, "usage": usage })
}

/// Why the model stops, as chat completions say it.
pub(super) fn reason(output: &Output) -> &'static str {
    match output.end {
        End::Length => "length",
        End::Refused => "content_filter",
        End::Done if output.calls.is_empty() => "stop",
        End::Done => "tool_calls",
    }
}

/// Tokens, and neurons at the default model's price.
fn usage(inputs: &Value, output: &Output) -> Value {
    if output.without_usage {
        return Value::Null;
    }
    let usage = Usage::of(inputs, output);
    let neurons = (f64::from(usage.prompt) * 26_668.0 + f64::from(usage.completion) * 204_805.0)
        / 1_000_000.0;
    let mut value = json!({
        "prompt_tokens": usage.prompt, "completion_tokens": usage.completion,
        "total_tokens": usage.total(), "neurons": neurons,
    });
    if usage.cached > 0 {
        value["prompt_tokens_details"] = json!({ "cached_tokens": usage.cached });
    }
    value
}
