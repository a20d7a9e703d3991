//! Streams of Workers AI.

use serde::Deserialize;
use serde_json::Value;

use super::error;
use super::response::{ResponsesReply, RunUsage};
use crate::protocols::openai_chat::{ChunkChoice, DONE, finish};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{self, CallPart, Lenient};

/// An event's data, but for the last one, which is [`DONE`].
///
/// One type for all models, since a stream mixes shapes: that of a chat model ends with a native event
/// which has the neurons.
///
/// # Source
/// Field reports on each model, gathered 2026-11-20.
#[derive(Default, Deserialize)]
struct Chunk {
    usage: Lenient<RunUsage>,
    /// Of Chat Completions.
    choices: Lenient<Vec<ChunkChoice>>,
    /// Its type tells the shape. Native: the next text, or a number that is the next text. Responses: the
    /// whole reply, so far in the first event and in full in the last.
    #[serde(default)]
    response: Value,
    /// Of the native shape, as are the next.
    tool_calls: Lenient<Vec<Lenient<CallPart>>>,
    finish_reason: Lenient<String>,
}

/// Takes the data of one event.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    if data == DONE {
        return reply.set_done();
    }
    let Some(json) = reply.read(data) else { return };
    if let Some(failure) = error::read_error(&json) {
        return reply.fail(failure);
    }
    let chunk: Chunk = wire::read(&json).unwrap_or_default();
    if let Some(usage) = chunk.usage.0 {
        reply.take_usage(usage.into());
    }
    match &chunk.response {
        Value::String(text) => reply.push_text(text),
        Value::Number(number) => reply.push_text(&number.to_string()),
        response @ Value::Object(_) => {
            let whole = wire::read::<ResponsesReply>(response);
            if let Some(whole) = whole.filter(|whole| !whole.is_in_progress()) {
                reply.replace(whole.into_reply());
            }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => {}
    }
    reply.push_call_parts(chunk.tool_calls);
    if let Some(reason) = chunk.finish_reason.0 {
        reply.set_finish(finish(&reason));
    }
    if let Some(choice) = chunk.choices.0.into_iter().flatten().next() {
        choice.add_to(reply);
    }
}
