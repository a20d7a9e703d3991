//! Where a call sends something: the chat, its topic, and the message that is replied to.

use super::errors;
use super::params::Params;
use super::state::State;
use super::world::{self, Chat, Kind, TOPICS};
use crate::http::Reply;

/// The chat of `chat_id`, if the bot may write there.
///
/// # Errors
/// The refusal: unknown, blocked, removed, upgraded.
pub(super) fn chat(state: &State, params: &Params) -> Result<Chat, Reply> {
    let id = params.number("chat_id").or_else(|| params.text("chat_id")?.parse().ok());
    let chat = id.and_then(world::chat_of_id);
    let chat = chat.ok_or_else(|| errors::mistake("chat not found"))?;
    let is_named = |names: &[String]| names.iter().any(|name| name == chat.name);
    if is_named(&state.config.blocked) {
        return Err(errors::refuse(403, "Forbidden: bot was blocked by the user"));
    }
    if is_named(&state.config.removed) {
        let group = if chat.kind == Kind::Group { "group" } else { "supergroup" };
        return Err(errors::refuse(
            403,
            &format!("Forbidden: bot was kicked from the {group} chat"),
        ));
    }
    if state.config.upgraded && chat.kind == Kind::Group {
        let supergroup = world::chat("supergroup").map_or(0, |chat| chat.id);
        return Err(errors::migrated(supergroup));
    }
    Ok(chat)
}

/// The topic of `message_thread_id`.
///
/// # Errors
/// The refusal, if the chat has no such topic. `General` is none: who writes there gives no id.
pub(super) fn topic(chat: Chat, params: &Params) -> Result<Option<i64>, Reply> {
    let Some(id) = params.number("message_thread_id") else { return Ok(None) };
    let is_there = chat.kind == Kind::Forum && TOPICS.iter().any(|(_, known)| *known == id);
    if is_there { Ok(Some(id)) } else { Err(errors::mistake("message thread not found")) }
}

/// The message of `reply_parameters`, and the topic that it is in.
///
/// # Errors
/// The refusal, if it is gone and the reply does not go without it.
pub(super) fn replied(state: &State, chat: Chat, params: &Params) -> Result<Option<i64>, Reply> {
    let reply = params.value("reply_parameters");
    if reply.is_null() {
        return Ok(None);
    }
    if let Some(field) = ["chat_id", "quote", "checklist_task_id", "poll_option_id"]
        .into_iter()
        .find(|field| reply.get(field).is_some())
    {
        return Err(errors::stricter(&format!("`reply_parameters.{field}` is not emulated")));
    }
    let id = reply["message_id"].as_i64().unwrap_or_default();
    if state.message(chat, id).is_some() {
        return Ok(Some(id));
    }
    if reply["allow_sending_without_reply"] == true {
        return Ok(None);
    }
    Err(errors::bad("message to be replied not found"))
}
