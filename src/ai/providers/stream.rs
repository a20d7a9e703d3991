//! A stream of server-sent events, read to its end by the platform, to one reading.
//!
//! Miyabi asks for no streams; some models and proxies send one all the same.

use serde_json::{Map, Value};

use super::decode::{
    End, Reading, arguments_text, read_error, read_responses, read_usage, text_of,
};
use crate::ai::{Failure, ToolCall};
use crate::fault::Class;
use crate::json;

/// Returns whether a text is a stream: its first line of content is an event's.
pub(super) fn is_stream(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| first.starts_with(field))
}

/// Reads a stream.
///
/// It is whole only with `[DONE]` or a finish reason; without either it was cut off on the way.
pub(super) fn read(text: &str) -> Result<Reading, Failure> {
    let mut gathered = Gathered::default();
    let mut data = String::new();
    for line in text.lines().chain([""]) {
        if let Some(more) = line.strip_prefix("data:") {
            data.push_str(more.strip_prefix(' ').unwrap_or(more));
            data.push('\n');
        } else if line.is_empty() && !data.is_empty() {
            gathered.take(data.trim())?;
            data.clear();
        }
    }
    gathered.into_reading()
}

#[derive(Default)]
struct Gathered {
    reading: Reading,
    /// In the order of their indexes.
    calls: Vec<(u64, ToolCall)>,
    is_done: bool,
}

impl Gathered {
    fn take(&mut self, data: &str) -> Result<(), Failure> {
        if data == "[DONE]" {
            self.is_done = true;
            return Ok(());
        }
        // An event that is no JSON is one that broke off.
        let Ok(Value::Object(event)) = serde_json::from_str(data) else {
            return Err(Failure::new(Class::Truncated, 0));
        };
        if let Some(error) = read_error(&event) {
            return Err(error);
        }
        self.take_usage(&event);
        if let Some(Value::Object(response)) = event.get("response") {
            self.take_final_response(response);
            return Ok(());
        }
        self.take_text(event.get("response"));
        self.take_calls(event.get("tool_calls"));
        self.take_end(event.get("finish_reason"));
        if let Some(choice) = event.get("choices").and_then(|choices| choices.get(0)) {
            let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(choice);
            self.take_text(delta.get("content"));
            self.take_calls(delta.get("tool_calls"));
            self.take_end(choice.get("finish_reason"));
        }
        Ok(())
    }

    /// Usage is a running total: the last one counts, and a known amount of neurons stays.
    fn take_usage(&mut self, event: &Map<String, Value>) {
        if let Some(usage) = event.get("usage").filter(|usage| usage.is_object()) {
            let before = self.reading.usage;
            let now = read_usage(usage);
            self.reading.usage.prompt_tokens = now.prompt_tokens.max(before.prompt_tokens);
            self.reading.usage.completion_tokens =
                now.completion_tokens.max(before.completion_tokens);
            self.reading.usage.neurons_milli = now.neurons_milli.or(before.neurons_milli);
        }
    }

    /// The last event of the Responses family holds the whole response.
    fn take_final_response(&mut self, response: &Map<String, Value>) {
        let is_over = response.get("status").and_then(Value::as_str) != Some("in_progress");
        if let Some(output) = response.get("output").and_then(Value::as_array)
            && is_over
        {
            self.reading = read_responses(response, output);
        }
    }

    fn take_text(&mut self, text: Option<&Value>) {
        self.reading.text.push_str(&text.map(text_of).unwrap_or_default());
    }

    fn take_end(&mut self, reason: Option<&Value>) {
        if let Some(reason) = reason.and_then(Value::as_str) {
            self.reading.end = End::of(reason);
        }
    }

    /// Adds pieces of calls; a piece without a name, id or arguments adds nothing.
    fn take_calls(&mut self, pieces: Option<&Value>) {
        for (position, piece) in
            (0_u64..).zip(pieces.and_then(Value::as_array).into_iter().flatten())
        {
            let index = piece.get("index").and_then(Value::as_u64).unwrap_or(position);
            let function = piece.get("function").unwrap_or(piece);
            let Some(call) = self.call(index) else { continue };
            if let Some(id) = piece.get("id").and_then(Value::as_str) {
                id.clone_into(&mut call.id);
            }
            if let Some(name) = function.get("name").and_then(Value::as_str) {
                name.clone_into(&mut call.name);
            }
            match function.get("arguments") {
                None | Some(Value::Null) => {}
                Some(Value::String(part)) => call.arguments.push_str(part),
                Some(whole) => call.arguments = json::to_text(whole),
            }
        }
    }

    fn call(&mut self, index: u64) -> Option<&mut ToolCall> {
        let place = self.calls.binary_search_by_key(&index, |(known, _)| *known);
        let place = place.unwrap_or_else(|place| {
            self.calls.insert(place, (index, blank_call()));
            place
        });
        self.calls.get_mut(place).map(|(_, call)| call)
    }

    fn into_reading(mut self) -> Result<Reading, Failure> {
        if !self.is_done && self.reading.end == End::Unsaid {
            return Err(Failure::new(Class::Truncated, 0));
        }
        for (_, mut call) in self.calls {
            if !call.name.is_empty() {
                call.arguments = arguments_text(Some(&call.arguments.as_str().into()));
                self.reading.calls.push(call);
            }
        }
        Ok(self.reading)
    }
}

fn blank_call() -> ToolCall {
    ToolCall { id: String::new(), name: String::new(), arguments: String::new() }
}
