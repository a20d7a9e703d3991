//! A reply that arrives as a stream of events.

use serde::de::DeserializeOwned;

use super::leaks;
use super::reply::{Finish, ModelReply};
use super::wire::{Arguments, CallPart, Lenient, arguments_or_none};
use crate::prompt::estimate_tokens;
use crate::sse::SseReader;
use crate::{Failure, ToolCall, Usage};
use miyabi_core::fault::Class;

/// Bytes to a reply: the events of a stream, each taken by the function of a protocol.
pub(super) struct StreamReader {
    sse: SseReader,
    reply: StreamedReply,
    take_event: fn(&str, &mut StreamedReply),
    /// Length of the text from which on the next preview is worth its work.
    next_preview_bytes: usize,
}

impl StreamReader {
    /// Returns the reader before the first byte.
    pub(super) fn new(take_event: fn(&str, &mut StreamedReply)) -> Self {
        let (sse, reply) = (SseReader::default(), StreamedReply::default());
        Self { sse, reply, take_event, next_preview_bytes: 0 }
    }

    /// Takes the next chunk of bytes, cut anywhere.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Self { sse, reply, take_event, .. } = self;
        sse.push(chunk, &mut |data| take_data(*take_event, data, reply));
    }

    /// Returns the text so far, as far as people may see it, if it is longer than last time. The
    /// longer it is, the more has to be new: cleaning takes as long as the text is.
    pub(super) fn new_preview(&mut self) -> Option<String> {
        let length = self.reply.reply.text.len();
        if length <= self.next_preview_bytes {
            return None;
        }
        self.next_preview_bytes = length + length / 16;
        leaks::presentable(&self.reply.reply.text)
    }

    /// Returns the reply; `None` if the bytes were no event stream.
    ///
    /// # Errors
    /// See [`StreamedReply::end`].
    pub(super) fn end(mut self) -> Option<Result<ModelReply, Failure>> {
        let Self { sse, reply, take_event, .. } = &mut self;
        sse.end(&mut |data| take_data(*take_event, data, reply));
        self.sse.is_event_stream().then(|| self.reply.end())
    }
}

/// Gives an event to the protocol. One without data is a proxy's heartbeat.
fn take_data(take_event: fn(&str, &mut StreamedReply), data: &str, reply: &mut StreamedReply) {
    let data = data.trim();
    if !data.is_empty() {
        take_event(data, reply);
    }
}

/// What the events of a stream have brought so far.
#[derive(Debug, Default)]
pub(super) struct StreamedReply {
    reply: ModelReply,
    /// Calls by index, in the order of their indexes.
    calls: Vec<(u64, ToolCall)>,
    is_done: bool,
    failure: Option<Failure>,
}

impl StreamedReply {
    /// Reads an event's JSON. An event that cannot be read is one that broke off.
    pub(super) fn read<T: DeserializeOwned>(&mut self, data: &str) -> Option<T> {
        let event = serde_json::from_str(data).ok();
        if event.is_none() {
            self.fail(Failure::new(Class::Truncated, 0));
        }
        event
    }

    /// Adds text.
    pub(super) fn push_text(&mut self, text: &str) {
        self.reply.text.push_str(text);
    }

    /// Takes a text in place of all text that came before.
    pub(super) fn replace_text(&mut self, text: String) {
        self.reply.text = text;
    }

    /// Adds a whole call.
    pub(super) fn push_call(&mut self, call: ToolCall) {
        self.reply.calls.push(call);
    }

    /// Takes a reason for the end.
    pub(super) fn set_finish(&mut self, finish: Finish) {
        self.reply.finish = finish;
    }

    /// Takes the mark that ends a stream.
    pub(super) fn set_done(&mut self) {
        self.is_done = true;
    }

    /// Takes a whole reply in place of all that came before.
    pub(super) fn replace(&mut self, reply: ModelReply) {
        self.reply = reply;
    }

    /// Takes a failure; the first counts.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Takes usage that is a running total: the largest counts, and a known number of neurons stays.
    pub(super) fn take_usage(&mut self, now: Usage) {
        let before = self.reply.usage;
        self.reply.usage = Usage {
            prompt_tokens: now.prompt_tokens.max(before.prompt_tokens),
            completion_tokens: now.completion_tokens.max(before.completion_tokens),
            cached_tokens: now.cached_tokens.max(before.cached_tokens),
            neurons_milli: now.neurons_milli.or(before.neurons_milli),
        };
    }

    /// Adds parts of calls; a part without a name, an id or arguments adds nothing.
    pub(super) fn push_call_parts(&mut self, parts: Lenient<Vec<Lenient<CallPart>>>) {
        for (position, part) in (0_u64..).zip(parts.0.into_iter().flatten()) {
            let Some(part) = part.0 else { continue };
            let index = part.index.0.unwrap_or(position);
            let (id, name, arguments) = part.into_parts();
            // Ollama gave every call the index 0, each with a name and an id of its own.
            let last = self.calls.last().map_or(0, |(last, _)| *last);
            let is_other = |call: &ToolCall| !call.id.is_empty() && call.id != id;
            let is_new = !id.is_empty()
                && !name.is_empty()
                && self.call(index).is_some_and(|call| is_other(call));
            let Some(call) = self.call(if is_new { last + 1 } else { index }) else { continue };
            if !id.is_empty() {
                call.id = id;
            }
            if !name.is_empty() {
                call.name = name;
            }
            match arguments {
                None => {}
                Some(Arguments::Text(part)) => call.arguments.push_str(&part),
                Some(Arguments::Json(whole)) => call.arguments = whole.to_string(),
            }
        }
    }

    /// Returns the call with this index, which is new if none has it.
    pub(super) fn call(&mut self, index: u64) -> Option<&mut ToolCall> {
        let place = self.calls.binary_search_by_key(&index, |(known, _)| *known);
        let place = place.unwrap_or_else(|place| {
            self.calls.insert(place, (index, ToolCall::default()));
            place
        });
        self.calls.get_mut(place).map(|(_, call)| call)
    }

    /// Returns the reply.
    ///
    /// A stream is whole only with its end mark or a finish reason; without any it was cut off on
    /// the way.
    ///
    /// # Errors
    /// [`Class::Truncated`], or the error that was in the stream; both with the usage so far, and with
    /// no fewer tokens than what arrived has: Anthropic counts them only at the end.
    fn end(mut self) -> Result<ModelReply, Failure> {
        if !self.is_done && self.reply.finish == Finish::Unstated {
            self.fail(Failure::new(Class::Truncated, 0));
        }
        if let Some(failure) = self.failure {
            let mut usage = self.reply.usage;
            let arrived = estimate_tokens(&self.reply.text);
            usage.completion_tokens = usage.completion_tokens.max(arrived.into());
            return Err(Failure { usage, ..failure });
        }
        for (_, mut call) in self.calls {
            if !call.name.is_empty() {
                call.arguments = arguments_or_none(&call.arguments);
                self.reply.calls.push(call);
            }
        }
        Ok(self.reply)
    }
}
