//! Writes an output as a stream of Workers AI: native chunks, or those of chat completions.

use serde_json::{Value, json};

use super::output::{Output, Usage};
use super::shapes;
use crate::stream::{Pace, Pieces};

/// One event.
fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// Sends chunks; a failure in the middle is an object with `errors`, and no `[DONE]` follows.
fn pieces(mut chunks: Vec<Value>, usage: &Value, pace: &Pace) -> Pieces {
    if !usage.is_null() {
        chunks.push(json!({ "response": "", "usage": usage }));
    }
    let mut events: Vec<String> = chunks.iter().map(event).collect();
    events.push("data: [DONE]\n\n".to_owned());
    Pieces::new(events, pace, || {
        event(&json!({ "errors": [{ "code": 3043, "message": "Internal server error" }] }))
    })
}

/// Native chunks. Llama 3 streams its tool calls as text.
pub(super) fn native(model: &str, output: &Output, usage: &Value, pace: &Pace) -> Pieces {
    let mut text = output.text.clone();
    let mut chunks = Vec::new();
    let says_calls = model.contains("/llama-3");
    if says_calls {
        let calls = output.calls.iter().map(|call| {
            json!({ "type": "function", "name": call.name, "parameters": call.arguments })
                .to_string()
        });
        text.extend(calls);
    }
    // `p` is padding that hides the length of the text.
    chunks.extend(pace.cut(&text).iter().map(|text| json!({ "response": text, "p": "abdefgh" })));
    if !says_calls && !output.calls.is_empty() {
        chunks
            .extend(deltas(output, pace).into_iter().map(|delta| json!({ "tool_calls": [delta] })));
        let last = json!({ "id": null, "type": null, "index": 0,
            "function": { "name": null, "arguments": "" } });
        chunks.push(json!({ "tool_calls": [last] }));
        chunks.push(json!({ "finish_reason": "tool_calls" }));
    }
    pieces(chunks, usage, pace)
}

/// Chunks of `OpenAI`'s API, and then the service's own last one.
pub(super) fn chat(
    model: &str,
    output: &Output,
    tokens: Usage,
    usage: &Value,
    pace: &Pace,
) -> Pieces {
    let chunk = |choices: Value| {
        json!({ "id": "chatcmpl-lab", "object": "chat.completion.chunk", "created": 0,
            "model": model, "choices": choices })
    };
    let delta =
        |delta: Value| chunk(json!([{ "index": 0, "delta": delta, "finish_reason": null }]));
    let mut chunks = vec![delta(json!({ "role": "assistant", "content": "" }))];
    for text in pace.cut(&output.reasoning) {
        chunks.push(delta(json!({ "reasoning_content": text })));
    }
    chunks.extend(pace.cut(&output.text).iter().map(|text| delta(json!({ "content": text }))));
    chunks.extend(
        deltas(output, pace).into_iter().map(|call| delta(json!({ "tool_calls": [call] }))),
    );
    chunks
        .push(chunk(json!([{ "index": 0, "delta": {}, "finish_reason": shapes::reason(output) }])));
    if !usage.is_null() {
        let mut last = chunk(json!([]));
        last["usage"] = json!({ "prompt_tokens": tokens.prompt,
            "completion_tokens": tokens.completion, "total_tokens": tokens.total() });
        chunks.push(last);
    }
    pieces(chunks, usage, pace)
}

/// Tool calls in pieces: the name first, then parts of the arguments.
fn deltas(output: &Output, pace: &Pace) -> Vec<Value> {
    let calls = output.calls.iter().enumerate();
    let deltas = calls.flat_map(|(index, call)| {
        let id = format!("chatcmpl-tool-stream-{index}");
        let first = json!({ "id": id, "type": "function", "index": index,
            "function": { "name": call.name, "arguments": "" } });
        let rest = pace
            .cut(&call.arguments_text())
            .into_iter()
            .map(move |text| json!({ "index": index, "function": { "arguments": text } }));
        std::iter::once(first).chain(rest)
    });
    deltas.collect()
}
