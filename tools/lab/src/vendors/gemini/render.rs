//! Writes answers as responses and events of Gemini's API.
//!
//! # Source
//! Gemini API Docs/Generating content, Thought signatures. Events end with CRLF, twice.

use serde_json::{Value, json};

use super::{Asked, errors};
use crate::ai::{End, Output, Usage};
use crate::http::Reply;
use crate::stream::{Pace, Pieces};

/// The signature that Gemini 3 requires back with its calls.
pub(super) const SIGNATURE: &str = "bGFiLXRob3VnaHQtc2lnbmF0dXJl";

/// Answers whole or in events, as the path asks.
pub(super) fn answer(asked: &Asked<'_>, request: &Value, output: &Output, pace: &Pace) -> Reply {
    if output.end == End::Refused {
        return blocked(asked);
    }
    let calls: Vec<Value> = output.calls.iter().enumerate().map(part).collect();
    let thought = || (!output.reasoning.is_empty()).then(|| thought(&output.reasoning));
    let usage = if output.without_usage { Value::Null } else { usage(request, output) };
    if !asked.is_stream {
        let words = (!output.text.is_empty()).then(|| json!({ "text": output.text }));
        let parts: Vec<Value> = thought().into_iter().chain(words).chain(calls).collect();
        return Reply::json(200, chunk(asked, &parts, Some(reason(output)), &usage));
    }
    let mut lists: Vec<Vec<Value>> = thought().into_iter().map(|part| vec![part]).collect();
    lists.extend(pace.cut(&output.text).iter().map(|text| vec![json!({ "text": text })]));
    if !calls.is_empty() {
        lists.push(calls);
    }
    // The last chunk has the reason, and often no text.
    lists.push(vec![json!({ "text": "" })]);
    let last = lists.len() - 1;
    let events = lists.iter().enumerate().map(|(index, parts)| {
        let reason = (index == last).then(|| reason(output));
        event(&chunk(asked, parts, reason, &usage))
    });
    Reply::events(Pieces::new(events.collect(), pace, || event(&errors::event())))
}

/// The answer to a refused prompt, which has no candidate.
pub(super) fn blocked(asked: &Asked<'_>) -> Reply {
    let body = json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" },
        "usageMetadata": { "promptTokenCount": 8, "totalTokenCount": 8 },
        "modelVersion": asked.model });
    if asked.is_stream {
        return Reply::events(Pieces::new(vec![event(&body)], &Pace::default(), String::new));
    }
    Reply::json(200, body)
}

fn reason(output: &Output) -> &'static str {
    match output.end {
        End::Length => "MAX_TOKENS",
        End::Done | End::Refused => "STOP",
    }
}

fn thought(text: &str) -> Value {
    json!({ "text": text, "thought": true })
}

/// A tool call. Its arguments must be an object here, so any other value becomes a field of one.
fn part((index, call): (usize, &crate::ai::Call)) -> Value {
    let args = if call.arguments.is_object() {
        call.arguments.clone()
    } else {
        json!({ "broken": call.arguments })
    };
    let mut part = json!({ "functionCall": { "name": call.name, "args": args } });
    if index == 0 {
        part["thoughtSignature"] = json!(SIGNATURE);
    }
    part
}

fn usage(request: &Value, output: &Output) -> Value {
    let usage = Usage::of(&super::inputs(request), output);
    let mut value = json!({ "promptTokenCount": usage.prompt,
        "candidatesTokenCount": usage.completion, "totalTokenCount": usage.total() });
    if usage.cached > 0 {
        value["cachedContentTokenCount"] = json!(usage.cached);
    }
    value
}

fn chunk(asked: &Asked<'_>, parts: &[Value], reason: Option<&str>, usage: &Value) -> Value {
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" }, "index": 0 });
    if let Some(reason) = reason {
        candidate["finishReason"] = json!(reason);
    }
    let mut chunk = json!({ "candidates": [candidate], "modelVersion": asked.model,
        "responseId": "lab" });
    if !usage.is_null() {
        chunk["usageMetadata"] = usage.clone();
    }
    chunk
}

fn event(data: &Value) -> String {
    format!("data: {data}\r\n\r\n")
}
