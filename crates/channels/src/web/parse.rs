//! A submission to the chat, in its own form or in that of AI SDK.
//!
//! The history that a client of AI SDK sends along is not read: the conversation has its own. Of its messages
//! the last one of the user counts, and of that its text.

use serde::Deserialize;
use serde_json::Value;

use miyabi_core::json;
use miyabi_core::text::is_hex;
use sha2::{Digest as _, Sha256};

/// Longest id that a client may choose.
const MAX_ID_BYTES: usize = 64;

/// Most messages that a client may send along.
const MAX_MESSAGES: usize = 1_000;

/// Most files of one question: as many as are read for it.
const MAX_FILES: usize = 4;

/// Length of a file's id.
const FILE_ID_CHARS: usize = 32;

/// Where a file is, before its id.
pub const FILES: &str = "/api/files/";

/// Longest question, in bytes.
pub const MAX_TEXT_BYTES: usize = 32 * 1024;

/// What a client has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Client's id of the conversation; `None` for a new one.
    pub conversation: Option<String>,
    /// What is asked.
    pub ask: Ask,
    /// Client's id of this submission or of its message; blank if it has none.
    pub message: String,
    /// Id of the message that a new question follows; `None` for the newest.
    pub after: Option<String>,
    /// Whether the client is AI SDK's, which reads nothing but a stream.
    pub is_ui_messages: bool,
    /// Whether the question is to be posted where others read the conversation too.
    pub is_posted: bool,
    /// Ids of the files that come with it, in order.
    pub files: Vec<String>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A new question.
    New(String),
    /// A question in place of an earlier one, by the id of its message.
    Edit {
        /// Question.
        text: String,
        /// Id of the message that it replaces.
        replaces: String,
    },
    /// Another answer.
    Again {
        /// Id of the question's message or of the answer's.
        message: String,
        /// Question, for a conversation that never got it; blank if it cannot be asked.
        text: String,
    },
}

/// What is wrong with a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// It is in neither form.
    #[error("the body has neither `message`, a text, nor `messages`, a list")]
    Shape,
    /// There is no question.
    #[error("the question is blank")]
    Blank,
    /// The question is too long.
    #[error("the question is longer than 32 KiB of UTF-8")]
    TooLong,
    /// Too many messages.
    #[error("`messages` has more than 1000 entries; send the last one alone")]
    TooMany,
    /// An id.
    #[error("`{0}` is not an id: 1 to 64 letters, digits, `-`, `_` and `.`")]
    Id(&'static str),
    /// A file that is nowhere, or comes whole.
    #[error("a file has another address than those of POST /api/files; send it there first")]
    File,
    /// Too many files.
    #[error("a question takes 4 files")]
    TooManyFiles,
    /// The message of a regeneration.
    #[error("there is no message to answer again")]
    Nothing,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    message: Option<Value>,
    messages: Option<Vec<Value>>,
    conversation: Option<String>,
    id: Option<String>,
    message_id: Option<String>,
    trigger: Option<Trigger>,
    parent_id: Option<String>,
    post: Option<bool>,
    #[serde(default)]
    files: Vec<String>,
}

/// What the client does. One that is not known might mean the opposite of a new question, so it is refused.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Trigger {
    SubmitMessage,
    RegenerateMessage,
}

#[derive(Deserialize)]
struct UiMessage {
    #[serde(default)]
    id: String,
    role: String,
    #[serde(default)]
    parts: Vec<UiPart>,
    content: Option<Value>,
}

#[derive(Deserialize)]
struct UiPart {
    r#type: String,
    text: Option<String>,
    url: Option<String>,
}

/// Reads a submission.
///
/// # Errors
/// See [`SubmissionError`].
///
/// # Example
/// `{"message":"hi"}`; `{"id":"c1","messages":[{"id":"m1","role":"user","parts":[{"type":"text","text":"hi"}]}],
/// "trigger":"submit-message"}`
pub fn parse(body: &Value) -> Result<Submission, SubmissionError> {
    let body: Body = json::read(body).ok_or(SubmissionError::Shape)?;
    match (body.messages.as_deref(), &body.message) {
        (Some(messages), None) => parse_ui(&body, messages),
        (None, Some(Value::String(text))) => Ok(Submission {
            conversation: id("conversation", body.conversation)?,
            ask: Ask::New(question(text)?),
            message: id("id", body.id)?.unwrap_or_default(),
            after: id("parentId", body.parent_id)?,
            is_ui_messages: false,
            is_posted: body.post == Some(true),
            files: files(body.files.iter().map(String::as_str))?,
        }),
        _ => Err(SubmissionError::Shape),
    }
}

fn parse_ui(body: &Body, messages: &[Value]) -> Result<Submission, SubmissionError> {
    if messages.len() > MAX_MESSAGES {
        return Err(SubmissionError::TooMany);
    }
    let conversation = id("id", body.id.clone())?;
    let named = id("messageId", body.message_id.clone())?;
    let after = id("parentId", body.parent_id.clone())?;
    let last = messages.iter().rev().find_map(|message| {
        let message: UiMessage = json::read(message)?;
        (message.role == "user").then_some(message)
    });
    let is_again = body.trigger == Some(Trigger::RegenerateMessage);
    let (ask, message, files) = if is_again {
        let asked = last.as_ref().map(|last| last.id.clone()).filter(|id| is_id(id));
        let message = named.or(asked.clone()).ok_or(SubmissionError::Nothing)?;
        let text = last.as_ref().and_then(|last| question(&text_of(last)).ok());
        let files = last.as_ref().map(files_of).transpose()?.unwrap_or_default();
        let asked = asked.unwrap_or_else(|| message.clone());
        (Ask::Again { message, text: text.unwrap_or_default() }, asked, files)
    } else {
        let last = last.ok_or(SubmissionError::Blank)?;
        let message = id("messages[].id", Some(last.id.clone()).filter(|id| !id.is_empty()))?;
        let text = question(&text_of(&last))?;
        let ask = match named {
            Some(replaces) => Ask::Edit { text, replaces },
            None => Ask::New(text),
        };
        (ask, message.unwrap_or_default(), files_of(&last)?)
    };
    Ok(Submission {
        conversation,
        ask,
        message,
        after,
        is_ui_messages: true,
        is_posted: body.post == Some(true),
        files,
    })
}

fn text_of(message: &UiMessage) -> String {
    let texts = message.parts.iter().filter(|part| part.r#type == "text");
    let texts: Vec<&str> = texts.filter_map(|part| part.text.as_deref()).collect();
    // The form of AI SDK 4 and of other clients.
    let content = message.content.as_ref().and_then(Value::as_str);
    if texts.is_empty() { content.unwrap_or_default().to_owned() } else { texts.join("\n") }
}

fn files_of(message: &UiMessage) -> Result<Vec<String>, SubmissionError> {
    let parts = message.parts.iter().filter(|part| part.r#type == "file");
    files(parts.map(|part| {
        let url = part.url.as_deref().unwrap_or_default();
        // With the origin before it, or without. What comes whole is a `data:` address, which has no such path.
        url.rsplit_once(FILES).map_or("", |(_, id)| id)
    }))
}

/// Returns the ids of files, each once.
fn files<'a>(ids: impl Iterator<Item = &'a str>) -> Result<Vec<String>, SubmissionError> {
    let mut files: Vec<String> = Vec::new();
    for (index, id) in ids.enumerate() {
        if !is_hex(id, FILE_ID_CHARS) {
            return Err(SubmissionError::File);
        }
        if index >= MAX_FILES {
            return Err(SubmissionError::TooManyFiles);
        }
        if !files.iter().any(|known| known == id) {
            files.push(id.to_owned());
        }
    }
    Ok(files)
}

fn question(text: &str) -> Result<String, SubmissionError> {
    if text.trim().is_empty() {
        return Err(SubmissionError::Blank);
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(SubmissionError::TooLong);
    }
    Ok(text.trim().to_owned())
}

fn id(name: &'static str, id: Option<String>) -> Result<Option<String>, SubmissionError> {
    match id {
        Some(id) if !is_id(&id) => Err(SubmissionError::Id(name)),
        id => Ok(id),
    }
}

/// Returns whether a text is an id that a client may choose.
pub fn is_id(id: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !id.is_empty() && id.len() <= MAX_ID_BYTES && id.bytes().all(is_word)
}

/// Returns the id of the turn of a submission: what makes it unique, so that the same submission twice is
/// one turn. Without an id of the client's, `or` has to be one that nobody else has.
///
/// AI SDK's edit has the id of the message that it replaces, so the id alone is not enough.
pub fn turn_id(owner: &str, conversation: &str, submission: &Submission, or: &str) -> String {
    let (trigger, text, place) = match &submission.ask {
        Ask::New(text) => ("new", text.as_str(), ""),
        Ask::Edit { text, replaces } => ("edit", text.as_str(), replaces.as_str()),
        Ask::Again { message, .. } => ("again", "", message.as_str()),
    };
    let mut parts = vec![owner, conversation, trigger, &submission.message, or, place, text];
    parts.extend(submission.files.iter().map(String::as_str));
    hash(&parts)
}

/// Returns the id of the turn of a submission that has a key of its own, whatever it says.
pub fn keyed_turn_id(owner: &str, conversation: &str, key: &str) -> String {
    hash(&[owner, conversation, "keyed", key])
}

/// Returns a mark by which a browser keeps apart what people have left on it; it tells them from each other and no more.
pub fn owner_mark(owner: &str) -> String {
    hash(&["owner", owner])
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // Each with its length before it: no two lists have one hash.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let hash = hex::encode(hash.finalize());
    hash.get(..32).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
