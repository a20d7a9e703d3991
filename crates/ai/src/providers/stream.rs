//! A stream of server-sent events to one reading, piece by piece as it arrives.
//!
//! Pieces may end anywhere, also inside a letter. An event belongs to the family that it looks like,
//! as in `decode.rs`.

use serde_json::{Map, Value};

use super::decode::{End, Reading, arguments_text, generated, read_error, read_responses, text_of};
use super::{leak, refusal};
use crate::prompt::estimate_tokens;
use crate::{Failure, ToolCall};
use miyabi_core::fault::Class;
use miyabi_core::json;

/// Returns whether a text is a stream: its first line of content is an event's.
pub(super) fn is_stream(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| first.starts_with(field))
}

/// Reads a stream that is there as a whole.
pub(super) fn read(text: &str) -> Result<Reading, Failure> {
    let mut reader = Reader::default();
    reader.push(text.as_bytes());
    reader.finish()
}

/// Reads a stream.
#[derive(Default)]
pub(super) struct Reader {
    /// Bytes of a line that has not ended.
    line: Vec<u8>,
    /// Data of an event that has not ended.
    data: String,
    reading: Reading,
    /// In the order of their indexes.
    calls: Vec<(u64, ToolCall)>,
    has_begun: bool,
    is_done: bool,
    failure: Option<Failure>,
    /// Length of the text that is worth showing next.
    next_shown: usize,
}

impl Reader {
    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let mut parts = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            self.line.extend_from_slice(part);
            if parts.peek().is_some() {
                let line = core::mem::take(&mut self.line);
                self.take_line(String::from_utf8_lossy(&line).trim_end_matches('\r'));
            }
        }
    }

    /// Returns whether there was an event: whether this is a stream at all.
    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Returns the text so far, as far as people may see it, if it is longer than last time. The
    /// longer it is, the more has to be new: cleaning takes as long as the text is.
    pub(super) fn grown(&mut self) -> Option<String> {
        let length = self.reading.text.len();
        if length <= self.next_shown {
            return None;
        }
        self.next_shown = length + length / 16;
        leak::shown(&self.reading.text)
    }

    /// Returns what the stream said.
    ///
    /// It is whole only with `[DONE]`, Anthropic's `message_stop` or a finish reason; without any it was
    /// cut off on the way.
    ///
    /// # Errors
    /// [`Class::Truncated`], or the error that was in the stream; both with the usage so far, and with no
    /// fewer tokens than what arrived has: Anthropic counts them only at the end.
    pub(super) fn finish(mut self) -> Result<Reading, Failure> {
        self.push(b"\n\n");
        if !self.is_done && self.reading.end == End::Unsaid {
            self.fail(Failure::new(Class::Truncated, 0));
        }
        if let Some(failure) = self.failure {
            let mut usage = self.reading.usage;
            let arrived = estimate_tokens(&self.reading.text);
            usage.completion_tokens = usage.completion_tokens.max(arrived.into());
            return Err(Failure { usage, ..failure });
        }
        for (_, mut call) in self.calls {
            if !call.name.is_empty() {
                call.arguments = arguments_text(Some(&call.arguments.as_str().into()));
                self.reading.calls.push(call);
            }
        }
        Ok(self.reading)
    }

    fn take_line(&mut self, line: &str) {
        if let Some(more) = line.strip_prefix("data:") {
            self.data.push_str(more.strip_prefix(' ').unwrap_or(more));
            self.data.push('\n');
        } else if line.is_empty() && !self.data.is_empty() {
            self.has_begun = true;
            let data = core::mem::take(&mut self.data);
            self.take_data(data.trim());
        }
    }

    fn take_data(&mut self, data: &str) {
        if data.is_empty() {
            // A proxy's heartbeat.
        } else if data == "[DONE]" {
            self.is_done = true;
        } else if let Some(Value::Object(event)) = json::parse(data) {
            self.take_event(&event);
        } else {
            // An event that is no JSON is one that broke off.
            self.fail(Failure::new(Class::Truncated, 0));
        }
    }

    /// The first failure counts.
    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    fn take_event(&mut self, event: &Map<String, Value>) {
        if let Some(text) = event.get("error").and_then(refusal::generation) {
            self.is_done = true;
            match generated(text) {
                Ok(reading) => self.reading.text = reading.text,
                Err(failure) => self.fail(failure),
            }
            return;
        }
        if let Some(failure) = read_error(event) {
            return self.fail(failure);
        }
        let message = event.get("message").and_then(|message| message.get("usage"));
        if let Some(usage) = event.get("usage").or(message).filter(|usage| usage.is_object()) {
            self.reading.take_usage(usage);
        }
        if let Some(Value::Object(response)) = event.get("response") {
            return self.take_final_response(response);
        }
        self.reading.take_candidate(event);
        self.take_text(event.get("response"));
        self.take_calls(event.get("tool_calls"));
        self.take_end(event.get("finish_reason"));
        if let Some(choice) = event.get("choices").and_then(|choices| choices.get(0)) {
            let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(choice);
            self.take_text(delta.get("content"));
            self.take_calls(delta.get("tool_calls"));
            self.take_end(choice.get("finish_reason"));
        }
        self.take_block(event);
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

    /// Takes an event of Anthropic: a block that begins, a piece of one, or the end.
    fn take_block(&mut self, event: &Map<String, Value>) {
        let index = event.get("index").and_then(Value::as_u64).unwrap_or_default();
        if let Some(block) = event.get("content_block") {
            self.take_text(block.get("text"));
            if let (Some(name), Some(call)) = (block.get("name"), self.call(index)) {
                name.as_str().unwrap_or_default().clone_into(&mut call.name);
                let id = block.get("id").and_then(Value::as_str);
                id.unwrap_or_default().clone_into(&mut call.id);
            }
        }
        if let Some(delta) = event.get("delta") {
            self.take_text(delta.get("text"));
            self.take_end(delta.get("stop_reason"));
            if let Some(part) = delta.get("partial_json").and_then(Value::as_str)
                && let Some(call) = self.call(index)
            {
                call.arguments.push_str(part);
            }
        }
        self.is_done |= event.get("type").and_then(Value::as_str) == Some("message_stop");
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
            let id = piece.get("id").and_then(Value::as_str).unwrap_or_default();
            let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
            // Ollama gave every call the index 0, each with a name and an id of its own.
            let last = self.calls.last().map_or(0, |(last, _)| *last);
            let is_other = |call: &ToolCall| !call.id.is_empty() && call.id != id;
            let is_new = !id.is_empty()
                && !name.is_empty()
                && self.call(index).is_some_and(|call| is_other(call));
            let Some(call) = self.call(if is_new { last + 1 } else { index }) else { continue };
            if !id.is_empty() {
                id.clone_into(&mut call.id);
            }
            if !name.is_empty() {
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
            self.calls.insert(place, (index, ToolCall::default()));
            place
        });
        self.calls.get_mut(place).map(|(_, call)| call)
    }
}
