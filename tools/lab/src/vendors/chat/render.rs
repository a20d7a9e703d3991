//! Writes answers as completions and chunks of `OpenAI`'s API.

use serde_json::{Value, json};

use super::super::table::Vendor;
use super::errors;
use crate::ai::{End, Output, Usage};
use crate::http::Reply;
use crate::stream::{Pace, Pieces};

/// Answers whole or in chunks, as the request asks.
pub(super) fn answer(vendor: &Vendor, request: &Value, output: &Output, pace: &Pace) -> Reply {
    let usage = usage(vendor, request, output);
    if request["stream"] == true {
        Reply::events(chunks(vendor, request, output, &usage, pace))
    } else {
        Reply::json(200, completion(vendor, request, output, &usage))
    }
}

fn reason(output: &Output) -> &'static str {
    match output.end {
        End::Length => "length",
        End::Refused => "content_filter",
        End::Done if output.calls.is_empty() => "stop",
        End::Done => "tool_calls",
    }
}

/// The field in which a vendor returns the reasoning of a model.
fn reasoning_field(vendor: &Vendor) -> Option<&'static str> {
    match vendor.name {
        // The reasoning is not returned.
        "openai" => None,
        "groq" | "ollama" => Some("reasoning"),
        _ => Some("reasoning_content"),
    }
}

fn usage(vendor: &Vendor, request: &Value, output: &Output) -> Value {
    if output.without_usage {
        return Value::Null;
    }
    let usage = Usage::of(request, output);
    let mut value = json!({ "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion, "total_tokens": usage.total() });
    match vendor.name {
        "deepseek" => {
            value["prompt_cache_hit_tokens"] = json!(usage.cached);
            value["prompt_cache_miss_tokens"] = json!(usage.prompt - usage.cached);
        }
        "openai" => {
            value["prompt_tokens_details"] = json!({ "cached_tokens": usage.cached });
            value["completion_tokens_details"] = json!({ "reasoning_tokens": 0 });
        }
        _ if usage.cached > 0 => {
            value["prompt_tokens_details"] = json!({ "cached_tokens": usage.cached });
        }
        _ => {}
    }
    value
}

/// Id of a tool call, made from the length of the conversation, so that it is unique within it.
fn id(request: &Value, index: usize) -> String {
    let round = request["messages"].as_array().map_or(0, Vec::len);
    format!("call_lab{round}n{index}")
}

fn head(request: &Value, object: &str) -> Value {
    let round = request["messages"].as_array().map_or(0, Vec::len);
    json!({ "id": format!("chatcmpl-lab-{round}"), "object": object, "created": 0,
        "model": request["model"] })
}

fn completion(vendor: &Vendor, request: &Value, output: &Output, usage: &Value) -> Value {
    let calls = output.calls.iter().enumerate().map(|(index, call)| {
        let function = json!({ "name": call.name, "arguments": call.arguments_text() });
        json!({ "id": id(request, index), "type": "function", "function": function })
    });
    let calls: Vec<Value> = calls.collect();
    let is_call = output.text.is_empty() && !calls.is_empty();
    let content = if is_call { Value::Null } else { json!(output.text) };
    let mut message = json!({ "role": "assistant", "content": content });
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    if vendor.name == "openai" {
        message["refusal"] = Value::Null;
        message["annotations"] = json!([]);
    }
    if let (Some(field), false) = (reasoning_field(vendor), output.reasoning.is_empty()) {
        message[field] = json!(output.reasoning);
    }
    let mut completion = head(request, "chat.completion");
    let choice = json!({ "index": 0, "message": message, "logprobs": null,
        "finish_reason": reason(output) });
    completion["choices"] = json!([choice]);
    if !usage.is_null() {
        completion["usage"] = usage.clone();
    }
    completion
}

fn chunks(vendor: &Vendor, request: &Value, output: &Output, usage: &Value, pace: &Pace) -> Pieces {
    let wants_usage = request["stream_options"]["include_usage"] == true && !usage.is_null();
    let chunk = |choices: Value| {
        let mut chunk = head(request, "chat.completion.chunk");
        chunk["choices"] = choices;
        if wants_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    };
    let choice = |delta: Value, reason: Value| {
        chunk(json!([{ "index": 0, "delta": delta, "finish_reason": reason }]))
    };
    let delta = |value: Value| choice(value, Value::Null);
    let mut chunks = vec![delta(json!({ "role": "assistant", "content": "" }))];
    if let Some(field) = reasoning_field(vendor) {
        chunks.extend(pace.cut(&output.reasoning).iter().map(|text| delta(json!({ field: text }))));
    }
    chunks.extend(pace.cut(&output.text).iter().map(|text| delta(json!({ "content": text }))));
    for (index, call) in output.calls.iter().enumerate() {
        let function = json!({ "name": call.name, "arguments": "" });
        let first = json!({ "index": index, "id": id(request, index), "type": "function",
            "function": function });
        chunks.push(delta(json!({ "tool_calls": [first] })));
        for text in pace.cut(&call.arguments_text()) {
            let more = json!({ "index": index, "function": { "arguments": text } });
            chunks.push(delta(json!({ "tool_calls": [more] })));
        }
    }
    let mut last = choice(json!({}), json!(reason(output)));
    if vendor.name == "groq" && !usage.is_null() {
        last["x_groq"] = json!({ "id": "req_lab", "usage": usage });
    }
    chunks.push(last);
    if wants_usage {
        let mut last = chunk(json!([]));
        last["usage"] = usage.clone();
        chunks.push(last);
    }
    let mut events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    events.push("data: [DONE]\n\n".to_owned());
    Pieces::new(events, pace, || format!("data: {}\n\n", errors::event()))
}
