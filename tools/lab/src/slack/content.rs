//! What a message consists of: text, blocks, or Markdown; and its metadata.

use serde_json::{Value, json};

pub(super) use super::blocks::count;
use super::blocks::{self, MAX_MARKDOWN, Place, Problem};
use super::errors;
use super::params::Params;
use super::state::State;
use crate::http::Reply;

/// Longest text of a message, which Slack would cut.
const MAX_TEXT: usize = 40_000;
/// Longest text of `chat.update`.
const MAX_UPDATED: usize = 4_000;

/// A text, and blocks that have ids.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) blocks: Vec<Value>,
}

/// What differs between the methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Post,
    Whisper,
    Update,
    Stream,
}

impl Verb {
    /// The error that a method has for Markdown that is too long.
    fn too_long(self) -> &'static str {
        match self {
            Self::Post | Self::Stream => "msg_blocks_too_long",
            Self::Whisper | Self::Update => "msg_too_long",
        }
    }
}

/// What a call wants to say.
///
/// # Errors
/// The refusal.
pub(super) fn read(state: &mut State, params: &Params, verb: Verb) -> Result<Content, Reply> {
    refuse_others(params)?;
    let (text, markdown) = (params.text("text"), params.text("markdown_text"));
    let mut list = params.list("blocks").to_vec();
    if markdown.is_some() && (text.is_some() || !params.value("blocks").is_null()) {
        return Err(errors::mistake("markdown_text_conflict"));
    }
    let length = text.map_or(0, count);
    if verb == Verb::Update && length > MAX_UPDATED {
        return Err(errors::mistake("msg_too_long"));
    }
    if length > MAX_TEXT {
        return Err(errors::stricter(
            "`text` has more than 40,000 characters, and Slack would cut it",
        ));
    }
    if let Some(markdown) = markdown {
        list = vec![json!({ "type": "markdown", "text": markdown })];
    }
    if list.is_empty() && text.is_none() {
        return Err(errors::mistake("no_text"));
    }
    check(&list, Place::Message, verb.too_long())?;
    name(state, &mut list);
    let text = text.or(markdown).unwrap_or_default().to_owned();
    Ok(Content { text, blocks: list })
}

/// Checks blocks.
///
/// # Errors
/// The refusal.
pub(super) fn check(list: &[Value], place: Place, too_long: &str) -> Result<(), Reply> {
    blocks::check(list, place).map_err(|problem| match problem {
        Problem::Wrong(found) => errors::detailed("invalid_blocks", &found),
        Problem::TooLong => errors::mistake(too_long),
    })
}

/// Gives the blocks without an id one, as Slack does.
pub(super) fn name(state: &mut State, list: &mut [Value]) {
    for block in list.iter_mut().filter(|block| block["block_id"].is_null()) {
        block["block_id"] = json!(format!("b{:04}", state.next_number()));
    }
}

/// `markdown_text` of a stream.
///
/// # Errors
/// `msg_blocks_too_long`, with what the message has already and the text of chunks.
pub(super) fn streamed(params: &Params, before: &str) -> Result<String, Reply> {
    let more = params.text("markdown_text").unwrap_or_default();
    let chunks = params.list("chunks").iter().filter_map(|chunk| chunk["text"].as_str());
    if count(before) + count(more) + chunks.map(count).sum::<usize>() > MAX_MARKDOWN {
        return Err(errors::mistake(Verb::Stream.too_long()));
    }
    Ok(more.to_owned())
}

/// Arguments that the lab does not have, or that want a scope which the app does not have.
fn refuse_others(params: &Params) -> Result<(), Reply> {
    if params.is_on("as_user") {
        return Err(errors::mistake("as_user_not_supported"));
    }
    for name in
        ["attachments", "unfurled_attachments", "file_ids", "username", "icon_emoji", "icon_url"]
    {
        if !params.value(name).is_null() {
            return Err(errors::stricter(&format!("`{name}` is not emulated")));
        }
    }
    if params.is_on("reply_broadcast") {
        return Err(errors::stricter("`reply_broadcast` is not emulated"));
    }
    Ok(())
}

/// `metadata` of a call.
///
/// # Errors
/// `invalid_metadata_format`.
pub(super) fn metadata(params: &Params) -> Result<Option<Value>, Reply> {
    let value = params.value("metadata");
    let Some(fields) = value.as_object() else { return Ok(None) };
    let is_text = value["event_type"].as_str().is_some_and(|text| !text.is_empty());
    let payload = value["event_payload"].as_object();
    let is_plain = payload.is_some_and(|fields| fields.values().all(|value| !value.is_null()));
    if fields.len() == 2 && is_text && is_plain {
        return Ok(Some(value.clone()));
    }
    let what = "metadata has `event_type`, a text, and `event_payload`, an object without nulls";
    Err(errors::detailed("invalid_metadata_format", &[what.to_owned()]))
}
