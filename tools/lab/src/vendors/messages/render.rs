//! Writes answers as messages and events of Anthropic's API.
//!
//! # Source
//! Claude Docs/Streaming messages; Claude Docs/Prompt caching (`input_tokens` leaves out what was cached).

use serde_json::{Value, json};

use super::errors;
use crate::ai::{Call, End, Output, Usage};
use crate::http::Reply;
use crate::stream::{Pace, Pieces};

/// Answers whole or in events, as the request asks.
pub(super) fn answer(request: &Value, output: &Output, pace: &Pace) -> Reply {
    let usage = Usage::of(&super::inputs(request), output);
    let reply = if request["stream"] == true {
        Reply::events(events(request, output, usage, pace))
    } else {
        Reply::json(200, whole(request, output, usage))
    };
    reply.header("request-id", "req_lab")
}

fn reason(output: &Output) -> &'static str {
    match output.end {
        End::Length => "max_tokens",
        End::Refused => "refusal",
        End::Done if output.calls.is_empty() => "end_turn",
        End::Done => "tool_use",
    }
}

fn head(request: &Value) -> Value {
    let round = request["messages"].as_array().map_or(0, Vec::len);
    json!({ "id": format!("msg_lab{round}"), "type": "message", "role": "assistant",
        "model": request["model"], "content": [], "stop_reason": null, "stop_sequence": null })
}

fn read(usage: Usage, written: u32) -> Value {
    json!({ "input_tokens": usage.prompt - usage.cached, "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached, "output_tokens": written })
}

/// A tool call. Its arguments must be an object here, so any other value becomes a field of one.
fn block(request: &Value, index: usize, call: &Call) -> Value {
    let round = request["messages"].as_array().map_or(0, Vec::len);
    let input = if call.arguments.is_object() {
        call.arguments.clone()
    } else {
        json!({ "broken": call.arguments })
    };
    json!({ "type": "tool_use", "id": format!("toolu_lab{round}n{index}"), "name": call.name,
        "input": input })
}

fn whole(request: &Value, output: &Output, usage: Usage) -> Value {
    let mut message = head(request);
    let text = (!output.text.is_empty()).then(|| json!({ "type": "text", "text": output.text }));
    let calls = output.calls.iter().enumerate();
    let calls = calls.map(|(index, call)| block(request, index, call));
    message["content"] = text.into_iter().chain(calls).collect();
    message["stop_reason"] = json!(reason(output));
    if !output.without_usage {
        message["usage"] = read(usage, usage.completion);
    }
    message
}

fn events(request: &Value, output: &Output, usage: Usage, pace: &Pace) -> Pieces {
    let mut message = head(request);
    message["usage"] = read(usage, 1);
    let mut events = vec![json!({ "type": "message_start", "message": message })];
    events.push(json!({ "type": "ping" }));
    let mut index = 0;
    let mut add = |block: Value, deltas: Vec<Value>| {
        events
            .push(json!({ "type": "content_block_start", "index": index, "content_block": block }));
        events.extend(
            deltas.into_iter().map(
                |delta| json!({ "type": "content_block_delta", "index": index, "delta": delta }),
            ),
        );
        events.push(json!({ "type": "content_block_stop", "index": index }));
        index += 1;
    };
    if !output.text.is_empty() {
        let deltas = pace.cut(&output.text).into_iter();
        let deltas = deltas.map(|text| json!({ "type": "text_delta", "text": text }));
        add(json!({ "type": "text", "text": "" }), deltas.collect());
    }
    for (index, call) in output.calls.iter().enumerate() {
        let mut block = block(request, index, call);
        let input = block["input"].to_string();
        block["input"] = json!({});
        let deltas = pace.cut(&input).into_iter();
        let deltas = deltas.map(|part| json!({ "type": "input_json_delta", "partial_json": part }));
        add(block, deltas.collect());
    }
    events.push(json!({ "type": "message_delta",
        "delta": { "stop_reason": reason(output), "stop_sequence": null },
        "usage": { "output_tokens": usage.completion } }));
    events.push(json!({ "type": "message_stop" }));
    Pieces::new(events.iter().map(event).collect(), pace, || event(&errors::event()))
}

fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}
