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

use serde::Deserialize;
use serde_json::{Value, json};

use super::parse::{self, Ask, is_id};
use super::socket::{Asked, BadFrame, Chunks, Frame, Standing};

/// The name under which its clients know a conversation: `/agents/conversation/{id}`.
pub const AGENT: &str = "conversation";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spoken {
    r#type: String,
    id: Option<String>,
    init: Option<Init>,
    probe_id: Option<String>,
}

#[derive(Deserialize)]
struct Init {
    #[serde(default)]
    body: String,
}

/// Reads a frame.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Frame, BadFrame> {
    let bad = BadFrame("a frame is JSON with `type`, and an id of at most 64 plain characters");
    let Spoken { r#type, id, init, probe_id } =
        serde_json::from_str(text).map_err(|_quotes_text| bad)?;
    let known_id = id.clone().filter(|id| is_id(id));
    Ok(match r#type.as_str() {
        "cf_agent_use_chat_request" => {
            let id = known_id.ok_or(bad)?;
            // What is no JSON is no question.
            let body: Value =
                init.and_then(|init| serde_json::from_str(&init.body).ok()).unwrap_or(Value::Null);
            let messages = json!({ "messages": body["messages"], "trigger": body["trigger"] });
            let submission = parse::parse(messages).map(|mut submission| {
                // It does not say which message an edit replaces: that of the same id, if there is one.
                if let Ask::New(text) = &submission.ask
                    && !submission.message.is_empty()
                {
                    let (text, replaces) = (text.clone(), submission.message.clone());
                    submission.ask = Ask::Edit { text, replaces };
                }
                submission
            });
            Frame::Ask(Asked { id, submission, is_keyed: true })
        }
        "cf_agent_chat_request_cancel" => Frame::Stop(known_id.ok_or(bad)?),
        "cf_agent_stream_resume_ack" => Frame::Resume { turn: known_id.ok_or(bad)?, after: 0 },
        "cf_agent_stream_resume_request" => Frame::Probe(probe_id.filter(|id| is_id(id))),
        "cf_agent_chat_clear" | "cf_agent_chat_messages" => Frame::Messages,
        "rpc" => {
            let error = "a conversation has no methods";
            let reply = json!({ "type": "rpc", "id": id, "success": false, "error": error });
            Frame::Reply(reply.to_string())
        }
        "cf_agent_state" => {
            let error = "a conversation has no state that a client may set";
            Frame::Reply(json!({ "type": "cf_agent_state_error", "error": error }).to_string())
        }
        _ => Frame::Reply(String::new()),
    })
}

/// Returns the frames with which a socket begins.
pub(super) fn hello(standing: &Standing<'_>) -> Vec<String> {
    let name = standing.conversation;
    let identity = json!({ "type": "cf_agent_identity", "name": name, "agent": AGENT });
    let running = standing.turn.filter(|_| standing.state != "idle");
    let resuming = running.map(|turn| resuming(Some(turn), None));
    [identity.to_string()].into_iter().chain(resuming).collect()
}

/// Returns the answer to who asks which turn runs.
pub fn resuming(turn: Option<&str>, probe: Option<&str>) -> String {
    let mut frame = match turn {
        Some(turn) => json!({ "type": "cf_agent_stream_resuming", "id": turn }),
        None => json!({ "type": "cf_agent_stream_resume_none", "reason": "idle" }),
    };
    if let (Some(probe), Some(fields)) = (probe, frame.as_object_mut()) {
        fields.insert("probeId".to_owned(), probe.into());
    }
    frame.to_string()
}

/// Returns the frame with all messages.
pub fn messages(messages: &[Value]) -> String {
    json!({ "type": "cf_agent_chat_messages", "messages": messages }).to_string()
}

/// Returns frames with chunks, and with the end if there is one.
pub(super) fn chunks(chunks: &Chunks<'_>) -> Vec<String> {
    let id = chunks.request.unwrap_or(chunks.turn);
    let (mut frames, mut is_done) = (Vec::new(), false);
    for (number, chunk) in chunks.chunks {
        if let Some(words) = chunk["errorText"].as_str() {
            is_done = true;
            frames.push(failure(id, words));
            continue;
        }
        let mut frame = response(id, &chunk.to_string(), false);
        frame["seq"] = (*number).into();
        if chunks.is_replay {
            frame["replay"] = true.into();
        }
        frames.push(frame.to_string());
    }
    if chunks.has_ended && !is_done {
        frames.push(response(id, "", true).to_string());
    } else if chunks.is_replay && !is_done {
        let mut frame = response(id, "", false);
        frame["replay"] = true.into();
        frame["replayComplete"] = true.into();
        frames.push(frame.to_string());
    }
    frames
}

/// Returns the frame that ends a stream with a failure.
pub(super) fn failure(id: &str, words: &str) -> String {
    let mut frame = response(id, words, true);
    frame["error"] = true.into();
    frame.to_string()
}

fn response(id: &str, body: &str, is_done: bool) -> Value {
    json!({ "type": "cf_agent_use_chat_response", "id": id, "body": body, "done": is_done })
}
