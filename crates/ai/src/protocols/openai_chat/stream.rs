//! Streams of Chat Completions.

use serde::Deserialize;

use super::error::ErrorDetail;
use super::response::{ChatUsage, FinishReason};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{CallPart, Content, Lenient};

/// An event's data, but for the last one, which is [`DONE`].
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    error: Option<ErrorDetail>,
    /// Empty in the event with the usage.
    #[serde(default)]
    choices: Lenient<Vec<ChunkChoice>>,
    #[serde(default)]
    usage: Lenient<ChatUsage>,
}

/// What an event adds to a choice. Workers AI's chat models write it too.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::protocols) struct ChunkChoice {
    #[serde(default, alias = "message")]
    delta: Lenient<Delta>,
    #[serde(default)]
    finish_reason: Lenient<FinishReason>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<Content>,
    /// What the model says instead of content when it declines.
    refusal: Option<Content>,
    tool_calls: Lenient<Vec<Lenient<CallPart>>>,
    /// The one call of the API's older form.
    function_call: Lenient<CallPart>,
    reasoning_content: Lenient<String>,
    reasoning: Lenient<String>,
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
    let Some(chunk) = reply.read::<Chunk>(data) else { return };
    let flat = || chunk.choices.0.is_none().then(|| ErrorDetail::flat(data)).flatten();
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
        if let Some(delta) = self.delta.0 {
            let content = delta.content.map(Content::into_text).filter(|text| !text.is_empty());
            let text = content.or_else(|| delta.refusal.map(Content::into_text));
            reply.push_text(&text.unwrap_or_default());
            let thought = delta.reasoning_content.0.or(delta.reasoning.0);
            reply.push_thought(0, &thought.unwrap_or_default());
            reply.push_call_parts(delta.tool_calls);
            if let Some(call) = delta.function_call.0 {
                reply.push_call_parts(Lenient(Some(vec![Lenient(Some(call))])));
            }
        }
        if let Some(reason) = self.finish_reason.0 {
            reply.set_finish(reason.into());
        }
    }
}
