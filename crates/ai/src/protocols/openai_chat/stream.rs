//! Streams of Chat Completions.

use serde::Deserialize;

use super::error::ErrorDetail;
use super::response::{ChatUsage, Message, finish};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{self, Lenient};

/// An event's data, but for the last one, which is [`DONE`].
#[derive(Default, Deserialize)]
struct Chunk {
    error: Option<ErrorDetail>,
    /// Empty in the event with the usage.
    choices: Lenient<Vec<ChunkChoice>>,
    usage: Lenient<ChatUsage>,
}

/// What an event adds to a choice. Workers AI's chat models write it too.
#[derive(Debug, Default, Deserialize)]
pub(in crate::protocols) struct ChunkChoice {
    delta: Lenient<Message>,
    /// In place of `delta`.
    message: Lenient<Message>,
    finish_reason: Lenient<String>,
}

/// Data of the last event.
pub(in crate::protocols) const DONE: &str = "[DONE]";

/// Takes the data of one event.
///
/// # Source
/// `OpenAI` API reference/Chat/Streaming, read 2026-11-21.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    if data == DONE {
        return reply.set_done();
    }
    let Some(json) = reply.read(data) else { return };
    let chunk: Chunk = wire::read(&json).unwrap_or_default();
    let flat = || chunk.choices.0.is_none().then(|| ErrorDetail::flat(&json)).flatten();
    if let Some(error) = chunk.error.filter(ErrorDetail::is_error).or_else(flat) {
        return error.end_stream(reply);
    }
    if let Some(usage) = chunk.usage.0 {
        reply.take_usage(usage.into());
    }
    if let Some(choice) = chunk.choices.0.into_iter().flatten().next() {
        choice.add_to(reply);
    }
}

impl ChunkChoice {
    /// Adds what the event says.
    pub(in crate::protocols) fn add_to(self, reply: &mut StreamedReply) {
        if let Some(mut delta) = self.delta.0.or(self.message.0) {
            reply.push_text(&delta.text());
            reply.push_thought(0, &delta.thought().unwrap_or_default());
            reply.push_call_parts(delta.tool_calls);
            if let Some(call) = delta.function_call.0 {
                reply.push_call_parts(Lenient(Some(vec![Lenient(Some(call))])));
            }
        }
        if let Some(reason) = self.finish_reason.0 {
            reply.set_finish(finish(&reason));
        }
    }
}
