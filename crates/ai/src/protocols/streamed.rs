//! A reply that arrives as a stream of events.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use super::reply::{Finish, ModelReply, Opening};
use super::wire::{CallPart, Lenient, arguments_or_none, read_json};
use super::{leaks, surrogates};
use crate::prompt::estimate_tokens;
use crate::sse::SseReader;
use crate::tools::Tool;
use crate::{Completion, Failure, Thought, ToolCall, Usage};
use miyabi_core::fault::Class;

/// Bytes to a reply: the events of a stream, each taken by the function of a protocol.
pub(super) struct StreamReader {
    sse: SseReader,
    reply: StreamedReply,
    take_event: fn(&str, &mut StreamedReply),
    opening: Opening,
    /// Length of the text from which on the next preview is worth its work.
    next_preview_bytes: usize,
}

impl StreamReader {
    /// Returns the reader before the first byte.
    pub(super) fn new(take_event: fn(&str, &mut StreamedReply), opening: Opening) -> Self {
        let (sse, reply) = (SseReader::default(), StreamedReply::default());
        Self { sse, reply, take_event, opening, next_preview_bytes: 0 }
    }

    /// Takes the next chunk of bytes, cut anywhere.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Self { sse, reply, take_event, .. } = self;
        sse.push(chunk, &mut |data| take_data(*take_event, data, reply));
    }

    /// Returns the text so far, as far as people may see it, if it is longer than last time. The
    /// longer it is, the more has to be new: cleaning takes as long as the text is.
    pub(super) fn new_preview(&mut self) -> Option<String> {
        let text = &self.reply.reply.text;
        if text.len() <= self.next_preview_bytes {
            return None;
        }
        self.next_preview_bytes = text.len() + text.len() / 16;
        self.presentable()
    }

    /// Returns the text so far, as far as people may see it.
    fn presentable(&self) -> Option<String> {
        let text = &self.reply.reply.text;
        let text = surrogates::join(surrogates::without_open_half(text));
        // A server that sends thoughts apart has taken them out of the text.
        let begins_in_thought = self.opening == Opening::Thought && self.reply.thoughts.is_empty();
        let text = if begins_in_thought { leaks::reopened(&text) } else { text };
        leaks::presentable(&text, &Tool::ALL.map(Tool::name))
    }

    /// Returns what has arrived of a stream that is read no more, with what that took as far as it is known.
    pub(super) fn stop(self) -> Completion {
        let text = self.presentable().unwrap_or_default();
        Completion { text, usage: self.reply.usage(), is_cut: true, ..Completion::default() }
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

/// Data of an event that ends a stream.
const DONE: &str = "[DONE]";

/// Gives the data of an event to the protocol. One without data is a proxy's heartbeat. Proxies that put
/// one line break between events, instead of two, make one event of several: each of its documents is
/// an event then.
fn take_data(take_event: fn(&str, &mut StreamedReply), data: &str, reply: &mut StreamedReply) {
    let mended = surrogates::mend_json(data.trim());
    let mut rest = mended.as_ref();
    while !rest.is_empty() {
        let length = first_document(rest);
        let (event, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        take_event(event, reply);
        rest = after.trim_start();
    }
}

/// Returns the length of the document that a text begins with: that of all of it, if it is not several
/// documents, or if it cannot be read.
fn first_document(text: &str) -> usize {
    if !text.contains('\n') {
        return text.len();
    }
    if text.starts_with(DONE) {
        return DONE.len();
    }
    let mut documents = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match documents.next() {
        Some(Ok(_)) => documents.byte_offset(),
        // What is no JSON ends with its line.
        Some(Err(error)) if !error.is_eof() => text.find('\n').unwrap_or(text.len()),
        Some(Err(_)) | None => text.len(),
    }
}

/// What the events of a stream have brought so far.
#[derive(Debug, Default)]
pub(super) struct StreamedReply {
    reply: ModelReply,
    /// Calls by index, in the order of their indexes.
    calls: Vec<(u64, StreamedCall)>,
    /// Thoughts by index, likewise.
    thoughts: Vec<(u64, Thought)>,
    is_done: bool,
    failure: Option<Failure>,
}

/// A call as far as it has arrived.
#[derive(Debug, Default)]
struct StreamedCall {
    call: ToolCall,
    /// Arguments that came in one piece with the call's beginning, used if no pieces follow.
    whole: String,
}

impl StreamedReply {
    /// Reads an event's JSON, which is an object. One that cannot be read is one that broke off;
    /// anything else is a proxy's heartbeat.
    pub(super) fn read(&mut self, data: &str) -> Option<Value> {
        match read_json(data) {
            Ok(event) => event.is_object().then_some(event),
            Err(_unreadable) => {
                if data.trim_start_matches('\u{feff}').starts_with('{') {
                    self.break_off();
                }
                None
            }
        }
    }

    /// Takes that an event broke off.
    pub(super) fn break_off(&mut self) {
        self.fail(Failure::new(Class::Truncated, 0));
    }

    /// Adds text.
    pub(super) fn push_text(&mut self, text: &str) {
        self.reply.text.push_str(text);
    }

    /// Takes a text in place of all text that came before.
    pub(super) fn replace_text(&mut self, text: String) {
        self.reply.text = text;
    }

    /// Adds to the thought with this index, which is new and empty if none has it.
    pub(super) fn thought(&mut self, index: u64) -> Option<&mut Thought> {
        let empty = || Thought::Plain { text: String::new() };
        slot(&mut self.thoughts, index, empty)
    }

    /// Adds plain text to the thought with this index.
    pub(super) fn push_thought(&mut self, index: u64, more: &str) {
        if more.is_empty() {
            return;
        }
        if let Some(Thought::Plain { text } | Thought::Signed { text, .. }) = self.thought(index) {
            text.push_str(more);
        }
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
            match arguments.map(|arguments| arguments.0) {
                None => {}
                Some(Value::String(part)) => call.arguments.push_str(&part),
                Some(whole) => call.arguments = whole.to_string(),
            }
        }
    }

    /// Begins the call with this index. `whole` are its arguments if they come with its beginning;
    /// pieces that follow count instead.
    pub(super) fn begin_call(&mut self, index: u64, call: ToolCall, whole: String) {
        if let Some(place) = slot(&mut self.calls, index, StreamedCall::default) {
            *place = StreamedCall { call, whole };
        }
    }

    /// Returns the call with this index, which is new if none has it.
    pub(super) fn call(&mut self, index: u64) -> Option<&mut ToolCall> {
        slot(&mut self.calls, index, StreamedCall::default).map(|streamed| &mut streamed.call)
    }

    /// Returns what was reported so far, with no fewer tokens than what arrived has.
    fn usage(&self) -> Usage {
        let mut usage = self.reply.usage;
        let arrived = estimate_tokens(&self.reply.text);
        usage.completion_tokens = usage.completion_tokens.max(arrived.into());
        usage
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
            self.break_off();
        }
        if let Some(failure) = self.failure {
            return Err(Failure { usage: self.usage(), ..failure });
        }
        for (_, StreamedCall { mut call, whole }) in self.calls {
            if !call.name.is_empty() {
                let pieces = call.arguments.trim();
                call.arguments = arguments_or_none(if pieces.is_empty() { &whole } else { pieces });
                self.reply.calls.push(call);
            }
        }
        self.reply.thoughts.extend(self.thoughts.into_iter().map(|(_, thought)| thought));
        Ok(self.reply)
    }
}

/// Returns what has this index in a list that is in the order of its indexes; it is new if nothing has.
fn slot<T>(list: &mut Vec<(u64, T)>, index: u64, new: impl FnOnce() -> T) -> Option<&mut T> {
    let place = list.binary_search_by_key(&index, |(known, _)| *known);
    let place = place.unwrap_or_else(|place| {
        list.insert(place, (index, new()));
        place
    });
    list.get_mut(place).map(|(_, value)| value)
}
