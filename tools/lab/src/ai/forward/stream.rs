//! A stream of a chat completion, put together again.

use serde_json::{Map, Value, json};

/// Takes the complete lines off the front of what has arrived, and returns how many of them brought a
/// piece of the answer.
pub(super) fn count_tokens(seen: &mut String) -> u64 {
    let Some(end) = seen.rfind('\n') else { return 0 };
    let rest = seen.split_off(end + 1);
    let lines = std::mem::replace(seen, rest);
    let pieces = events(&lines).filter(|event| {
        let delta = &event["choices"][0]["delta"];
        let has_text = |field: &str| delta[field].as_str().is_some_and(|text| !text.is_empty());
        has_text("content")
            || has_text("reasoning_content")
            || has_text("reasoning")
            || delta["tool_calls"].is_array()
    });
    pieces.map(|_event| 1).sum()
}

/// Puts a whole stream together; `None` if it brought no choice, or an error.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut message = Map::from_iter([("role".to_owned(), json!("assistant"))]);
    let mut calls: Vec<Value> = Vec::new();
    let mut whole = json!({ "object": "chat.completion" });
    let mut finish = None;
    for event in events(text) {
        if event.get("error").is_some() {
            return None;
        }
        for field in ["id", "model", "usage"] {
            if event[field] != Value::Null {
                whole[field] = event[field].clone();
            }
        }
        let choice = &event["choices"][0];
        if let Some(reason) = choice["finish_reason"].as_str() {
            finish = Some(reason.to_owned());
        }
        for field in ["content", "reasoning_content", "reasoning"] {
            if let Some(piece) = choice["delta"][field].as_str() {
                append(message.entry(field).or_insert_with(|| json!("")), piece);
            }
        }
        for piece in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            add_call(&mut calls, piece);
        }
    }
    if message.len() == 1 && calls.is_empty() && finish.is_none() {
        return None;
    }
    message.entry("content").or_insert(Value::Null);
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    whole["choices"] = json!([{ "index": 0, "message": message, "finish_reason": finish }]);
    Some(whole)
}

fn events(text: &str) -> impl Iterator<Item = Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data.trim()).ok())
}

fn append(text: &mut Value, piece: &str) {
    let mut whole = text.as_str().unwrap_or_default().to_owned();
    whole.push_str(piece);
    *text = whole.into();
}

/// Adds a piece of a tool call. One without an index, as some servers send it, is a whole call.
fn add_call(calls: &mut Vec<Value>, piece: &Value) {
    let index = piece["index"].as_u64();
    let known = calls.iter_mut().find(|call| index.is_some() && call["index"].as_u64() == index);
    let Some(call) = known else { return calls.push(piece.clone()) };
    for field in ["name", "arguments"] {
        if let Some(more) = piece["function"][field].as_str() {
            append(&mut call["function"][field], more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(events: &[Value]) -> String {
        let lines = events.iter().map(|event| format!("data: {event}\n\n"));
        lines.collect::<String>() + "data: [DONE]\n\n"
    }

    fn delta(delta: &Value) -> Value {
        json!({ "choices": [{ "delta": delta }] })
    }

    #[test]
    fn text_and_calls_are_put_together() {
        let call = |arguments: &str| {
            delta(
                &json!({ "tool_calls": [{ "index": 0, "function": { "arguments": arguments } }] }),
            )
        };
        let text = stream(&[
            delta(&json!({ "role": "assistant", "content": "" })),
            delta(&json!({ "content": "It " })),
            delta(&json!({ "content": "is" })),
            delta(&json!({ "tool_calls": [{
                "index": 0, "id": "a", "type": "function",
                "function": { "name": "current_time", "arguments": "" },
            }] })),
            call("{\"time_zone\":"),
            call("\"UTC\"}"),
            json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] }),
            json!({ "choices": [], "usage": { "prompt_tokens": 7 } }),
        ]);
        let whole = read(&text).unwrap();
        let message = &whole["choices"][0]["message"];
        assert_eq!(message["content"], "It is");
        assert_eq!(message["tool_calls"][0]["id"], "a");
        let function = json!({ "name": "current_time", "arguments": "{\"time_zone\":\"UTC\"}" });
        assert_eq!(message["tool_calls"][0]["function"], function);
        assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");
        assert_eq!(whole["usage"]["prompt_tokens"], 7);
    }

    #[test]
    fn an_error_in_a_stream_is_no_answer() {
        assert_eq!(read(&stream(&[json!({ "error": { "message": "out of memory" } })])), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn tokens_are_counted_as_their_lines_are_complete() {
        let text = stream(&[delta(&json!({ "content": "a" })), delta(&json!({ "content": "" }))]);
        let mut seen = String::new();
        let counts: Vec<u64> = text
            .chars()
            .map(|character| {
                seen.push(character);
                count_tokens(&mut seen)
            })
            .collect();
        assert_eq!((counts.iter().sum::<u64>(), seen.as_str()), (1, ""));
    }
}
