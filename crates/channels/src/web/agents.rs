//! The wire of cloudflare/agents, as its `AIChatAgent` speaks it with `AgentClient` and `useAgentChat`.
//!
//! | from the client | to the client |
//! | --- | --- |
//! | `cf_agent_use_chat_request` | `cf_agent_use_chat_response`, one for each chunk and one that is done |
//! | `cf_agent_chat_request_cancel` | |
//! | `cf_agent_stream_resume_request` | `cf_agent_stream_resuming`, `cf_agent_stream_resume_none` |
//! | `cf_agent_stream_resume_ack` | `cf_agent_use_chat_response` from the beginning |
//! | `cf_agent_chat_clear`, `cf_agent_chat_messages` | `cf_agent_chat_messages`: the history is the conversation's own |
//! | `rpc`, `cf_agent_state` | an error: there are no methods and no state |
//!
//! Others are left alone, as the reference leaves them. Whoever did not ask on this socket knows a stream by
//! the turn's id.
//!
//! # Source
//! npm `agents` 0.32.0 and `@cloudflare/ai-chat` 0.12.2, read 2026-11-29.

use serde_json::{Value, json};

use super::parse::{self, Ask, Submission, SubmissionError, is_id};
use super::socket::{Asked, BadFrame, Chunks, Frame, Standing, Written};

/// The name under which its clients know a conversation: `/agents/conversation/{id}`.
pub const AGENT: &str = "conversation";

/// Type of the frames with chunks.
const RESPONSE: &str = "cf_agent_use_chat_response";

/// Reads a frame.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Frame, BadFrame> {
    let bad = BadFrame("a frame is JSON with `type`, and an id of at most 64 plain characters");
    let frame: Value = serde_json::from_str(text).map_err(|_quotes_text| bad)?;
    let text = |pointer: &str| frame.pointer(pointer).and_then(Value::as_str);
    let id = || text("/id").filter(|id| is_id(id)).map(str::to_owned).ok_or(bad);
    Ok(match text("/type").ok_or(bad)? {
        "cf_agent_use_chat_request" => {
            let body = text("/init/body").unwrap_or_default();
            // What is no JSON is no question.
            let body = serde_json::from_str(body).unwrap_or(Value::Null);
            Frame::Ask(Asked { id: id()?, submission: submission(&body), is_keyed: true })
        }
        "cf_agent_chat_request_cancel" => Frame::Stop(id()?),
        "cf_agent_stream_resume_ack" => Frame::Resume { turn: id()?, after: 0 },
        "cf_agent_stream_resume_request" => {
            Frame::Probe(text("/probeId").filter(|id| is_id(id)).map(str::to_owned))
        }
        "cf_agent_chat_clear" | "cf_agent_chat_messages" => Frame::Messages,
        "rpc" => Frame::Reply(refusal("rpc", text("/id"), "a conversation has no methods")),
        "cf_agent_state" => {
            let words = "a conversation has no state that a client may set";
            Frame::Reply(refusal("cf_agent_state_error", None, words))
        }
        _ => Frame::Reply(String::new()),
    })
}

fn submission(body: &Value) -> Result<Submission, SubmissionError> {
    let of = |name: &str| body.get(name).cloned().unwrap_or_default();
    let mut submission = parse::parse(&json!({
        "messages": of("messages"),
        "trigger": of("trigger"),
        "post": of("post"),
    }))?;
    // It does not say which message an edit replaces: that of the same id, if there is one.
    if let Ask::New(text) = &mut submission.ask
        && !submission.message.is_empty()
    {
        let (text, replaces) = (core::mem::take(text), submission.message.clone());
        submission.ask = Ask::Edit { text, replaces };
    }
    Ok(submission)
}

fn refusal(r#type: &str, id: Option<&str>, words: &str) -> String {
    let (success, error) = (id.map(|_| false), Some(words.into()));
    Written { r#type, id, success, error, ..Written::default() }.text()
}

/// Returns the frames with which a socket begins.
pub(super) fn hello(standing: &Standing<'_>) -> Vec<String> {
    let (name, agent) = (Some(standing.conversation), Some(AGENT));
    let identity = Written { r#type: "cf_agent_identity", name, agent, ..Written::default() };
    let running = standing.turn.filter(|_| standing.state != "idle");
    let resuming = running.map(|turn| resuming(Some(turn), None));
    [identity.text()].into_iter().chain(resuming).collect()
}

/// Returns the answer to who asks which turn runs.
pub fn resuming(turn: Option<&str>, probe: Option<&str>) -> String {
    let (r#type, reason) = match turn {
        Some(_) => ("cf_agent_stream_resuming", None),
        None => ("cf_agent_stream_resume_none", Some("idle")),
    };
    Written { r#type, id: turn, reason, probe_id: probe, ..Written::default() }.text()
}

/// Returns the frame with all messages.
pub fn messages(messages: &[Value]) -> String {
    let messages = Some(messages);
    Written { r#type: "cf_agent_chat_messages", messages, ..Written::default() }.text()
}

/// Returns frames with chunks, and with the end if there is one.
pub(super) fn chunks(chunks: &Chunks<'_>) -> Vec<String> {
    let id = chunks.request.unwrap_or(chunks.turn);
    let replay = chunks.is_replay.then_some(true);
    let (mut frames, mut is_done) = (Vec::new(), false);
    for (number, chunk) in chunks.chunks {
        if let Some(words) = chunk.get("errorText").and_then(Value::as_str) {
            is_done = true;
            frames.push(failure(id, words));
            continue;
        }
        let body = chunk.to_string();
        frames.push(Written { seq: Some(*number), replay, ..response(id, &body, false) }.text());
    }
    if chunks.has_ended && !is_done {
        frames.push(response(id, "", true).text());
    } else if chunks.is_replay && !is_done {
        let end = Written { replay, replay_complete: replay, ..response(id, "", false) };
        frames.push(end.text());
    }
    frames
}

/// Returns the frame that ends a stream with a failure.
pub(super) fn failure(id: &str, words: &str) -> String {
    Written { error: Some(true.into()), ..response(id, words, true) }.text()
}

fn response<'a>(id: &'a str, body: &'a str, is_done: bool) -> Written<'a> {
    let (id, body, done) = (Some(id), Some(body), Some(is_done));
    Written { r#type: RESPONSE, id, body, done, ..Written::default() }
}
