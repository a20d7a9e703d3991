//! Posts messages of webhooks, and reads, edits and removes them.

use crate::discord::checks::{self, Purpose};
use crate::discord::draft::Draft;
use crate::discord::message::{Author, Message};
use crate::discord::route::{Hook, MessageAction, Verb};
use crate::discord::service::Discord;
use crate::discord::state::{State, Webhook};
use crate::discord::world::{self, Kind};
use crate::discord::{body, components, errors, stored};
use crate::http::{Inbound, Reply};
use crate::record::Exchange;

/// The webhook at an address.
pub(crate) fn find(state: &State, hook: &Hook) -> Result<Webhook, Reply> {
    let known = state.webhooks.iter().find(|webhook| webhook.hook.id == hook.id);
    match known {
        Some(webhook) if webhook.hook.token == hook.token => Ok(webhook.clone()),
        Some(_) => Err(errors::invalid_webhook_token().violation("50027 wrong webhook token")),
        None => Err(errors::unknown_webhook()),
    }
}

/// Remembers a webhook that answers 404 (10015), and adds a violation to the next call to it.
///
/// It sees the reply that is sent, so a fault can stand for a deleted webhook.
pub(crate) fn remember_gone(state: &mut State, hook: &Hook, reply: &mut Reply, call: Exchange) {
    if state.gone.get(hook).is_some_and(|told| call.seq > *told) {
        reply.violations.push("called again after it had answered 404 (10015)".into());
    } else if call.was_sent && reply.status == 404 && reply.code() == Some(10015) {
        let told = call.last_seq;
        state.gone.entry(hook.clone()).or_insert(told);
    }
}

/// The channel that a call is about: the webhook's, or a thread of it.
///
/// # Errors
/// 10003 for a thread of another channel.
fn place(webhook: &Webhook, inbound: &Inbound) -> Result<String, Reply> {
    let Some(thread_id) = inbound.parameter("thread_id") else {
        return Ok(webhook.channel_id.clone());
    };
    let is_own = world::channel(&thread_id)
        .is_some_and(|thread| thread.parent == Some(webhook.channel_id.as_str()));
    if !is_own {
        let what = "thread_id is not a thread of the webhook's channel";
        return Err(errors::unknown_channel(400).violation(what));
    }
    Ok(thread_id)
}

/// Refuses a post that a forum does not take, or that only a forum takes.
fn check_forum(webhook: &Webhook, inbound: &Inbound) -> Result<(), Reply> {
    let names_thread = has_field(inbound, "thread_name");
    let has_thread = inbound.parameter("thread_id").is_some();
    let is_forum = world::channel(&webhook.channel_id).is_some_and(|c| c.kind == Kind::Forum);
    match (is_forum, names_thread, has_thread) {
        (false, false, _) if !has_field(inbound, "applied_tags") => Ok(()),
        (false, _, _) => {
            let message = "Webhooks can only create threads in forum channels";
            Err(errors::error(400, 220_003, message).violation("220003 not a forum"))
        }
        (true, false, false) => {
            let message = "Webhooks posted to forum channels must have a thread_name or thread_id";
            Err(errors::error(400, 220_001, message).violation("220001 no thread in a forum"))
        }
        (true, true, true) => {
            let message =
                "Webhooks posted to forum channels cannot have both a thread_name and thread_id";
            Err(errors::error(400, 220_002, message).violation("220002 two threads in a forum"))
        }
        (true, true, false) => {
            let message = "the lab does not emulate new posts in a forum";
            Err(errors::error(501, 0, message).violation(message))
        }
        (true, false, true) => Ok(()),
    }
}

/// Refuses a change in an archived thread.
fn check_open(state: &State, channel_id: &str) -> Result<(), Reply> {
    let is_thread = world::channel(channel_id).is_some_and(|c| c.kind == Kind::Thread);
    let is_closed = state.config.thread_locked || state.config.thread_archived;
    if is_thread && is_closed { Err(errors::archived_thread()) } else { Ok(()) }
}

/// Refuses a text that `AutoMod` rejects.
fn check_words(state: &State, content: Option<&str>) -> Result<(), Reply> {
    let is_moderated = content.is_some_and(|content| state.config.is_moderated(content));
    if is_moderated { Err(errors::moderated()) } else { Ok(()) }
}

/// `POST /webhooks/{id}/{token}`.
pub(crate) fn execute(
    discord: &Discord,
    state: &mut State,
    hook: &Hook,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let webhook = find(state, hook)?;
    let mut draft = checks::read(state, &discord.schemas.execute, inbound, Purpose::Post)?;
    check_forum(&webhook, inbound)?;
    let channel_id = place(&webhook, inbound)?;
    // A post reopens an archived thread, but not a locked one.
    if state.config.thread_locked {
        check_open(state, &channel_id)?;
    }
    check_words(state, draft.content.as_deref())?;
    drop_components(&webhook, &mut draft, inbound);
    let (notes, violations) =
        (std::mem::take(&mut draft.notes), std::mem::take(&mut draft.violations));
    let author = Author {
        id: webhook.hook.id.clone(),
        name: draft.username.take().unwrap_or_else(|| webhook.name.clone()),
        avatar_url: draft.avatar_url.take(),
    };
    let mut message = Message::new(state.snowflake(), &channel_id, author, draft);
    message.application_id = webhook.application_id;
    if message.is_empty() {
        return Err(errors::empty_message());
    }
    if channel_id != webhook.channel_id {
        state.config.thread_archived = false;
    }
    let is_waited_for = inbound.parameter("wait").is_some_and(|wait| is_true(&wait));
    let mut reply =
        if is_waited_for { Reply::json(200, message.to_json()) } else { Reply::empty(204) };
    reply.notes = notes;
    reply.violations = violations;
    state.messages.push(message);
    Ok(reply)
}

fn has_field(inbound: &Inbound, name: &str) -> bool {
    body::message(inbound).is_ok_and(|(json, _)| json.get(name).is_some_and(|v| !v.is_null()))
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

/// Removes components without `with_components`, unless an application owns the webhook. Only such a one may
/// send what people can use.
fn drop_components(webhook: &Webhook, draft: &mut Draft, inbound: &Inbound) {
    let is_owned = webhook.application_id.is_some();
    if !is_owned && draft.components.as_deref().is_some_and(components::has_interactive) {
        let what = "interactive components by a webhook that no application owns";
        draft.violations.push(what.into());
    }
    let asked = inbound.parameter("with_components").is_some_and(|value| is_true(&value));
    let has_some = draft.components.as_ref().is_some_and(|list| !list.is_empty());
    if !is_owned && !asked && has_some {
        draft.components = None;
        draft.notes.push("components are ignored without `with_components=true`".into());
    }
}

/// `GET`, `PATCH` and `DELETE /webhooks/{id}/{token}/messages/{message}`.
pub(super) fn act_on_message(
    discord: &Discord,
    state: &mut State,
    hook: &Hook,
    action: &MessageAction,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let webhook = find(state, hook)?;
    let channel_id = place(&webhook, inbound)?;
    let is_it = |known: &Message| {
        known.id == action.message && known.webhook_id == hook.id && known.channel_id == channel_id
    };
    let index = state.messages.iter().position(is_it).ok_or_else(errors::unknown_message)?;
    if action.verb != Verb::Get {
        check_open(state, &channel_id)?;
    }
    if action.verb == Verb::Edit {
        let body = body::message(inbound).map(|(json, _)| json);
        check_words(state, body.ok().as_ref().and_then(|json| json["content"].as_str()))?;
    }
    stored::act_on(discord, state, index, action.verb, inbound)
}
