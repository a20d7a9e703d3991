//! `sendMessage`, `sendDocument`, `sendPhoto`, and what is shown before: `sendMessageDraft`, `sendChatAction`.

use serde_json::json;

use super::entities::Formatted;
use super::files;
use super::message::{Author, Medium, MediumKind, Message};
use super::params::Params;
use super::state::{Action, Draft, State};
use super::world::{Chat, Kind};
use super::{errors, markup, target, words};
use crate::clock;
use crate::http::Reply;

/// The chat actions.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// `sendMessage`.
pub(super) fn message(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let chat = target::chat(state, params)?;
    let words = words::some_text(params)?;
    put(state, chat, params, words, None)
}

/// `sendDocument` and `sendPhoto`.
pub(super) fn medium(state: &mut State, params: &Params, kind: MediumKind) -> Result<Reply, Reply> {
    let chat = target::chat(state, params)?;
    let words = words::caption(params)?;
    let medium = files::of_call(state, kind, params)?;
    put(state, chat, params, words, Some(medium))
}

fn put(
    state: &mut State,
    chat: Chat,
    params: &Params,
    words: Formatted,
    medium: Option<Medium>,
) -> Result<Reply, Reply> {
    let topic = target::topic(chat, params)?;
    let replied = target::replied(state, chat, params)?;
    let keyboard = markup::keyboard(params)?;
    let mut message = Message::new(state.next_message(chat), chat, Author::Bot, words);
    message.topic = topic;
    message.reply_to = replied;
    message.keyboard = keyboard;
    message.medium = medium;
    let preview = params.value("link_preview_options");
    message.link_preview = Some(preview.clone()).filter(|preview| !preview.is_null());
    // What was announced is there now.
    state.drafts.retain(|draft| draft.chat != chat);
    state.actions.retain(|action| action.chat != chat || action.topic != topic);
    let result = state.to_json(&message);
    state.messages.push(message);
    Ok(errors::ok(result))
}

/// `sendMessageDraft`: a preview in a private chat, until the message comes or the time is over.
pub(super) fn draft(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let chat = target::chat(state, params)?;
    if chat.kind != Kind::Private {
        return Err(errors::mistake("drafts can be sent only to private chats"));
    }
    let id = params.number("draft_id").unwrap_or_default();
    if id == 0 {
        return Err(errors::mistake("draft_id must be non-zero"));
    }
    target::topic(chat, params)?;
    let words = words::text(params)?;
    let is_thinking = words.text.is_empty();
    let seen = json!({
        "id": id, "text": if is_thinking { "Thinking…" } else { words.text.as_str() },
        "entities": words.entities, "is_thinking": is_thinking,
    });
    let until_ms = clock::now_ms() + state.config.draft_ms;
    state.drafts.retain(|draft| draft.chat != chat || draft.id != id);
    state.drafts.push(Draft { chat, id, seen, until_ms });
    Ok(errors::ok(true))
}

/// `sendChatAction`: shown for five seconds, or until the message comes.
pub(super) fn action(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let chat = target::chat(state, params)?;
    let topic = target::topic(chat, params)?;
    let what = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&what) {
        return Err(errors::mistake("wrong parameter action in request"));
    }
    state.actions.retain(|action| action.chat != chat || action.topic != topic);
    state.actions.push(Action::new(chat, topic, what));
    Ok(errors::ok(true))
}
