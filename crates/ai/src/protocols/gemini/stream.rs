//! Streams of Gemini's `streamGenerateContent`.

use super::response::GeneratedContent;
use crate::protocols::reply::Finish;
use crate::protocols::streamed::StreamedReply;
use crate::protocols::wire;

/// Takes the data of one event, which is a reply with the next part of the text.
///
/// There is no mark at the end: a stream is whole if it has a finish reason.
///
/// # Source
/// Gemini API/`models.streamGenerateContent`, read 2026-11-21.
pub(in crate::protocols) fn take_event(data: &str, reply: &mut StreamedReply) {
    let Some(json) = reply.read(data) else { return };
    let Some(content) = wire::read::<GeneratedContent>(&json) else { return reply.break_off() };
    if let Some(error) = content.error {
        return reply.fail(error.into_failure(0));
    }
    let part = content.into_reply();
    reply.take_usage(part.usage);
    reply.push_text(&part.text);
    for call in part.calls {
        reply.push_call(call);
    }
    if part.finish != Finish::Unstated {
        reply.set_finish(part.finish);
    }
}
