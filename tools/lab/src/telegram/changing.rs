//! What is done to messages that are there: `editMessageText`, `deleteMessage`, `setMessageReaction`, and
//! `answerCallbackQuery`.

use serde_json::{Value, json};

use super::message::Message;
use super::params::Params;
use super::state::State;
use super::world::Chat;
use super::{errors, markup, target, words};
use crate::clock;
use crate::http::Reply;

/// How long a bot may delete a message, in milliseconds.
const DELETABLE_MS: u64 = 48 * 3_600_000;
/// Longest notification of a callback query, in characters.
const MAX_NOTICE: usize = 200;

/// Where the message of a call is among all.
fn find(state: &State, chat: Chat, params: &Params, verb: &str) -> Result<usize, Reply> {
    let id = params.number("message_id");
    let is_it = |message: &Message| message.chat == chat && Some(message.id) == id;
    let at = state.messages.iter().position(is_it);
    at.ok_or_else(|| errors::bad(&format!("message to {verb} not found")))
}

/// `editMessageText`.
pub(super) fn edit(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    for field in ["rich_message", "business_connection_id"] {
        if !params.value(field).is_null() {
            return Err(errors::stricter(&format!("`{field}` is not emulated")));
        }
    }
    let words = words::some_text(params)?;
    let keyboard = markup::keyboard(params)?;
    let inline = params.text("inline_message_id");
    let at = if let Some(id) = inline {
        if !params.value("chat_id").is_null() || !params.value("message_id").is_null() {
            return Err(errors::stricter("`inline_message_id` beside a chat or a message"));
        }
        let is_it = |message: &Message| message.inline.as_deref() == Some(id);
        let at = state.messages.iter().position(is_it);
        at.ok_or_else(|| errors::bad("MESSAGE_ID_INVALID"))?
    } else {
        find(state, target::chat(state, params)?, params, "edit")?
    };
    let Some(message) = state.messages.get_mut(at) else {
        return Err(errors::bad("message to edit not found"));
    };
    if inline.is_none() && !message.is_own() {
        return Err(errors::mistake("message can't be edited"));
    }
    if message.medium.is_some() {
        return Err(errors::mistake("there is no text in the message to edit"));
    }
    if message.words == words && message.keyboard == keyboard {
        return Err(errors::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a \
             current content and reply markup of the message",
        ));
    }
    message.words = words;
    message.keyboard = keyboard;
    message.edited_ms = Some(clock::now_ms());
    let message = message.clone();
    Ok(errors::ok(if inline.is_some() { json!(true) } else { state.to_json(&message) }))
}

/// `deleteMessage`: in groups only the bot's own, since it is no administrator.
pub(super) fn delete(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let chat = target::chat(state, params)?;
    let at = find(state, chat, params, "delete")?;
    let may = state.messages.get(at).is_some_and(|message| {
        let is_recent = clock::now_ms().saturating_sub(message.sent_ms) < DELETABLE_MS;
        is_recent && (message.is_own() || !chat.is_group())
    });
    if !may {
        return Err(errors::mistake("message can't be deleted"));
    }
    state.messages.remove(at);
    Ok(errors::ok(true))
}

/// `setMessageReaction`.
pub(super) fn react(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let chat = target::chat(state, params)?;
    let at = find(state, chat, params, "react")?;
    let reactions = params.list("reaction");
    if reactions.len() > 1 {
        return Err(errors::mistake("REACTIONS_TOO_MANY"));
    }
    let is_known = |reaction: &Value| {
        reaction["type"] == "emoji"
            && EMOJI.contains(&reaction["emoji"].as_str().unwrap_or_default())
    };
    if !reactions.iter().all(is_known) {
        return Err(errors::mistake("REACTION_INVALID"));
    }
    if let Some(message) = state.messages.get_mut(at) {
        message.reactions = reactions.iter().map(|reaction| reaction["emoji"].clone()).collect();
    }
    Ok(errors::ok(true))
}

/// Those of the reactions that the lab knows.
const EMOJI: [&str; 16] =
    ["❤", "👍", "👎", "🔥", "👏", "😁", "🤔", "😱", "😢", "🎉", "🙏", "👌", "💯", "⚡", "👀", "✍"];

/// `answerCallbackQuery`.
pub(super) fn answer_query(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    if text.chars().count() > MAX_NOTICE {
        return Err(errors::mistake("MESSAGE_TOO_LONG"));
    }
    if !params.value("url").is_null() {
        return Err(errors::mistake("URL_INVALID"));
    }
    let Some(query) = state.queries.iter_mut().find(|query| query.id == id) else {
        let why = "query is too old and response timeout expired or query ID is invalid";
        return Err(errors::bad(why));
    };
    query.answer = Some(json!({ "text": text, "is_alert": params.value("show_alert") == true }));
    Ok(errors::ok(true))
}
