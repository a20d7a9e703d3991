//! Frames of a socket: what a client says on one, and what it is told, in one of two wires.
//!
//! | from the client | what it wants |
//! | --- | --- |
//! | `{"type":"send","id":"…","text":"…"}` | a question; `id` is the client's, and makes a repeat the same turn |
//! | `{"type":"stop","turn":"…"}` | no more of a turn |
//! | `{"type":"resume","turn":"…","index":24}` | the chunks of a turn behind the one of this number |
//! | `{"type":"ping"}` | a sign of life |
//!
//! | to the client | what it says |
//! | --- | --- |
//! | `{"type":"hello","conversation":"…","state":"idle","turn":"…","index":30}` | the newest turn, and its newest chunk |
//! | `{"type":"ack","id":"…","turn":"…"}` | the question is a job |
//! | `{"type":"question","turn":"…","message":{…}}` | a turn begins, here or elsewhere: its question, as a message of AI SDK |
//! | `{"type":"event","turn":"…","index":24,"chunk":{…}}` | a chunk, see [`super::numbered`] and [`super::ui_messages`] |
//! | `{"type":"resumed","turn":"…","state":"running","index":24}` | all that there is so far was sent |
//! | `{"type":"error","code":"…","message":"…","id":"…"}` | why something is not done; `id` if it was a question |
//! | `{"type":"pong"}` | a sign of life |
//!
//! The other wire is that of [`super::agents`].

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::agents;
use super::parse::{self, Submission, SubmissionError, is_id};

/// Subprotocol that a client may name, and that is then chosen.
pub const PROTOCOL: &str = "miyabi.v1";

/// Beginning of the subprotocol in which a browser sends its key: it can set no header.
pub const KEY_PROTOCOL: &str = "miyabi.key.";

/// What the runtime answers by itself, without waking the object.
pub const PING: &str = r#"{"type":"ping"}"#;

/// The answer to [`PING`].
pub const PONG: &str = r#"{"type":"pong"}"#;

/// Longest frame, in bytes: that of a body over HTTP, since a client of AI SDK sends its whole history.
pub const MAX_FRAME_BYTES: usize = 1024 * 1024;

/// Why a socket is closed.
///
/// # Source
/// RFC 6455 7.4. The clients of cloudflare/agents take 1008 and all from 4000 on for final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// A frame that is none, or too many of them: coming back changes nothing.
    BadFrame,
    /// A frame is too long: the same.
    TooLong,
    /// Something of ours failed: come back.
    Failed,
    /// There is no room now: come back later.
    TryLater,
    /// The request was not as it has to be: a key in the URL.
    BadRequest,
    /// No key, or none any more.
    NoKey,
    /// The key may not do this.
    Forbidden,
    /// There is no such conversation.
    Unknown,
    /// The conversation was deleted.
    Deleted,
}

impl Close {
    /// Returns the reason for what would have been a reply of this status.
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::NoKey,
            403 => Self::Forbidden,
            404 => Self::Unknown,
            410 => Self::Deleted,
            400..500 if status != 429 => Self::BadRequest,
            _ => Self::TryLater,
        }
    }

    /// Returns the code on the wire.
    pub const fn code(self) -> u16 {
        match self {
            Self::BadFrame => 1008,
            Self::TooLong => 1009,
            Self::Failed => 1011,
            Self::TryLater => 1013,
            Self::BadRequest => 4400,
            Self::NoKey => 4401,
            Self::Forbidden => 4403,
            Self::Unknown => 4404,
            Self::Deleted => 4410,
        }
    }
}

/// In which form a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// That of this module.
    Own,
    /// That of [`super::agents`].
    Agents,
}

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// It asks.
    Ask(Asked),
    /// It wants no more of a turn, which it names by its id or by that of its question.
    Stop(String),
    /// It reads a turn from behind a chunk on.
    Resume {
        /// Turn's id.
        turn: String,
        /// Number of the last chunk that it has; 0 for none.
        after: u64,
    },
    /// It wants to know which turn runs, and to have this in the answer.
    Probe(Option<String>),
    /// It is answered with this at once; nothing for nothing.
    Reply(String),
    /// It has changed its history, which is not read here: it is told what there is.
    Messages,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Client's id of it.
    pub id: String,
    /// What it is, or why it is none.
    pub submission: Result<Submission, SubmissionError>,
    /// Whether the id is one that no other question has, whatever it says.
    pub is_keyed: bool,
}

/// A frame that is none. The text is for its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadFrame(pub &'static str);

/// Where a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Conversation's id.
    pub conversation: &'a str,
    /// `idle`, `queued` or `running`.
    pub state: &'a str,
    /// Newest turn, if there is one.
    pub turn: Option<&'a str>,
    /// Number of its newest chunk.
    pub index: u64,
}

/// Some chunks of a turn.
#[derive(Debug, Clone, Copy)]
pub struct Chunks<'a> {
    /// Turn's id.
    pub turn: &'a str,
    /// Client's id of the question, if it was asked on this socket.
    pub request: Option<&'a str>,
    /// Chunks with their numbers.
    pub chunks: &'a [(u64, Value)],
    /// Whether nothing follows.
    pub has_ended: bool,
    /// Whether they were asked for, and may have been sent before.
    pub is_replay: bool,
}

/// A frame of either wire, as it is written. One type for all of them: each that is written by itself would
/// be as much code again.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written<'a> {
    pub(super) r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'a str>,
    /// Id; `null` where there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) turn: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chunk: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) messages: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) done: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) success: Option<bool>,
    /// Of a stream `true`, else words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replay: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replay_complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) probe_id: Option<&'a str>,
}

impl Written<'_> {
    /// Returns the frame's text.
    pub(super) fn text(&self) -> String {
        // No field is a map whose keys are no texts.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Wire {
    /// Reads a frame.
    ///
    /// # Errors
    /// What is wrong with it; its socket is to be closed.
    pub fn read(self, text: &str) -> Result<Frame, BadFrame> {
        if self == Self::Agents {
            return agents::read(text);
        }
        let bad = BadFrame(
            "a frame is JSON with `type`: send {id, text}, stop {turn}, resume {turn, index} or ping",
        );
        let frame: Value = serde_json::from_str(text).map_err(|_quotes_text| bad)?;
        let text = |name: &str| frame.get(name).and_then(Value::as_str);
        let id = |name: &str| {
            let words = "an id is 1 to 64 letters, digits, `-`, `_` and `.`";
            text(name).filter(|id| is_id(id)).map(str::to_owned).ok_or(BadFrame(words))
        };
        match text("type").ok_or(bad)? {
            "send" => {
                let (id, text) = (id("id")?, text("text").ok_or(bad)?);
                let submission = parse::parse(&json!({
                    "id": id,
                    "message": text,
                    "post": frame.get("post"),
                }));
                Ok(Frame::Ask(Asked { id, submission, is_keyed: false }))
            }
            "stop" => Ok(Frame::Stop(id("turn")?)),
            "resume" => {
                let after = frame.get("index").and_then(Value::as_u64).ok_or(bad)?;
                Ok(Frame::Resume { turn: id("turn")?, after })
            }
            // With a blank in it, which the runtime does not know.
            "ping" => Ok(Frame::Reply(PONG.to_owned())),
            _ => Err(bad),
        }
    }

    /// Returns the frames with which a socket begins.
    pub fn hello(self, standing: &Standing<'_>) -> Vec<String> {
        if self == Self::Agents {
            return agents::hello(standing);
        }
        let &Standing { conversation, state, turn, index } = standing;
        let hello = Written {
            r#type: "hello",
            conversation: Some(conversation),
            state: Some(state),
            turn: Some(turn.into()),
            index: Some(index),
            ..Written::default()
        };
        vec![hello.text()]
    }

    /// Returns the frame which says that a question is a turn, if the wire has one.
    pub fn ack(self, id: &str, turn: &str) -> Option<String> {
        let ack = Written { id: Some(id), ..self.about("ack", turn)? };
        Some(ack.text())
    }

    /// Returns the frame which shows the question of a turn, if the wire has one.
    pub fn question(self, turn: &str, message: &Value) -> Option<String> {
        let question = Written { message: Some(message), ..self.about("question", turn)? };
        Some(question.text())
    }

    /// Returns frames with chunks.
    pub fn chunks(self, chunks: &Chunks<'_>) -> Vec<String> {
        if self == Self::Agents {
            return agents::chunks(chunks);
        }
        let frame = |(index, chunk): &(u64, Value)| {
            let (turn, index, chunk) = (Some(chunks.turn.into()), Some(*index), Some(chunk));
            Written { r#type: "event", turn, index, chunk, ..Written::default() }.text()
        };
        chunks.chunks.iter().map(frame).collect()
    }

    /// Returns the frame after the chunks that were asked for, if the wire has one.
    pub fn resumed(self, turn: &str, state: &str, index: u64) -> Option<String> {
        let (state, index) = (Some(state), Some(index));
        Some(Written { state, index, ..self.about("resumed", turn)? }.text())
    }

    /// Returns the frame that says why something is not done, if the wire has one. `id` is the client's id of
    /// the question, if it was one.
    pub fn problem(self, id: Option<&str>, code: &str, message: &str) -> Option<String> {
        if self == Self::Agents {
            return id.map(|id| agents::failure(id, message));
        }
        let message = Value::from(message);
        let (r#type, code, message) = ("error", Some(code), Some(&message));
        Some(Written { r#type, id, code, message, ..Written::default() }.text())
    }

    /// Begins a frame about a turn, which the other wire does not have.
    fn about<'a>(self, r#type: &'a str, turn: &str) -> Option<Written<'a>> {
        let frame = Written { r#type, turn: Some(turn.into()), ..Written::default() };
        (self == Self::Own).then_some(frame)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
