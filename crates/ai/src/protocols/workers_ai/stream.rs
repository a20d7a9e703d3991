//! Streams of Workers AI.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

use super::error::ReportedErrors;
use super::response::{ResponsesReply, RunUsage};
use crate::protocols::openai_chat::{ChunkChoice, DONE, FinishReason};
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire::{CallPart, Lenient};

/// An event's data, but for the last one, which is [`DONE`].
///
/// One type for all models, since a stream mixes shapes: that of a chat model ends with a native event
/// which has the neurons.
///
/// # Source
/// Field reports on each model, gathered 2026-11-20.
#[derive(Deserialize)]
struct Chunk {
    #[serde(flatten)]
    errors: ReportedErrors,
    #[serde(default)]
    usage: Lenient<RunUsage>,
    /// Of Chat Completions.
    #[serde(default)]
    choices: Lenient<Vec<ChunkChoice>>,
    #[serde(default)]
    response: Option<ResponseField>,
    /// Of the native shape, as are the next.
    #[serde(default)]
    tool_calls: Lenient<Vec<Lenient<CallPart>>>,
    #[serde(default)]
    finish_reason: Lenient<FinishReason>,
}

/// The field `response`, whose type tells the shape.
#[derive(Deserialize)]
#[serde(untagged)]
enum ResponseField {
    /// Native: the next text.
    Text(String),
    /// Native: the next text, if it is a number.
    Number(Number),
    /// Responses: the whole reply, so far in the first event and in full in the last.
    Whole(ResponsesReply),
    Other(IgnoredAny),
}

/// Takes the data of one event.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    if data == DONE {
        return reply.set_done();
    }
    let Some(chunk) = reply.read::<Chunk>(data) else { return };
    if let Some(failure) = chunk.errors.failure() {
        return reply.fail(failure);
    }
    if let Some(usage) = chunk.usage.0 {
        reply.take_usage(usage.into());
    }
    match chunk.response {
        Some(ResponseField::Text(text)) => reply.push_text(&text),
        Some(ResponseField::Number(number)) => reply.push_text(&number.to_string()),
        Some(ResponseField::Whole(whole)) if !whole.is_in_progress() => {
            reply.replace(whole.into_reply());
        }
        Some(ResponseField::Whole(_) | ResponseField::Other(_)) | None => {}
    }
    reply.push_call_parts(chunk.tool_calls);
    if let Some(reason) = chunk.finish_reason.0 {
        reply.set_finish(reason.into());
    }
    if let Some(choice) = chunk.choices.0.into_iter().flatten().next() {
        choice.add_to(reply);
    }
}
