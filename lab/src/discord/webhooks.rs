//! Webhooks of a channel: execute, show, create, list, and their messages.

use serde_json::{Value, json};

use crate::discord::checks::{self, Draft, Purpose};
use crate::discord::messages::{Author, Message};
use crate::discord::{body, errors, openapi, stored, username};
use crate::http::{Inbound, Reply};
use crate::route::{Hook, Route, Touch};
use crate::state::{Lab, State, Webhook};
use crate::world::{self, GUILD_ID};

/// The webhook at an address.
fn find(state: &State, hook: &Hook) -> Result<Webhook, Reply> {
    let known = state.webhooks.iter().find(|webhook| webhook.hook.id == hook.id);
    match known {
        Some(webhook) if webhook.hook.token == hook.token => Ok(webhook.clone()),
        Some(_) => Err(errors::invalid_webhook_token().violation("50027 wrong webhook token")),
        None => Err(errors::unknown_webhook()),
    }
}

/// Remembers a webhook that answers "unknown", and blames the next call to it.
///
/// Runs on what is really sent, so a fault can play a deleted webhook.
pub(crate) fn remember_gone(state: &mut State, route: &Route, reply: &mut Reply) {
    let Route::Hook(hook, _) = route else { return };
    if hook.is_interaction() {
        return;
    }
    if state.gone.contains(hook) {
        reply.violations.push("called again after it had answered 404 (10015)".into());
    } else if reply.status == 404 && reply.code() == Some(10015) {
        state.gone.insert(hook.clone());
    }
}

/// Where a webhook may post or look: its channel, or a thread of it.
fn place(state: &State, webhook: &Webhook, inbound: &Inbound) -> Result<String, Reply> {
    let Some(thread_id) = inbound.parameter("thread_id") else {
        return Ok(webhook.channel_id.clone());
    };
    let is_own = world::channel(&thread_id)
        .is_some_and(|thread| thread.parent == Some(webhook.channel_id.as_str()));
    if !is_own {
        let what = "thread_id is not a thread of the webhook's channel";
        return Err(errors::unknown_channel(400).violation(what));
    }
    if state.config.thread_locked {
        return Err(errors::archived_thread());
    }
    Ok(thread_id)
}

/// `POST /webhooks/{id}/{token}`.
pub(crate) fn execute(
    lab: &Lab,
    state: &mut State,
    hook: &Hook,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let webhook = find(state, hook)?;
    let mut draft = checks::read(state, &lab.schemas.execute, inbound, Purpose::Post)?;
    let channel_id = place(state, &webhook, inbound)?;
    if has_field(inbound, "thread_name") || has_field(inbound, "applied_tags") {
        let message = "Webhooks can only create threads in forum channels";
        return Err(errors::error(400, 220_003, message).violation("220003 not a forum"));
    }
    drop_components(&webhook, &mut draft, inbound);
    let (notes, violations) =
        (std::mem::take(&mut draft.notes), std::mem::take(&mut draft.violations));
    let author = Author {
        id: webhook.hook.id.clone(),
        name: draft.username.take().unwrap_or_else(|| webhook.name.clone()),
        avatar_url: draft.avatar_url.take(),
    };
    let message = Message::new(state, &channel_id, author, draft);
    if message.is_empty() {
        return Err(errors::empty_message());
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

/// Without `with_components` Discord does as if there were none, unless the application owns the webhook.
fn drop_components(webhook: &Webhook, draft: &mut Draft, inbound: &Inbound) {
    let asked = inbound.parameter("with_components").is_some_and(|value| is_true(&value));
    let has_some = draft.components.as_ref().is_some_and(|list| !list.is_empty());
    if webhook.application_id.is_none() && !asked && has_some {
        draft.components = None;
        draft.notes.push("components are ignored without `with_components=true`".into());
    }
}

/// `GET`, `PATCH` and `DELETE /webhooks/{id}/{token}/messages/{message}`.
pub(crate) fn touch(
    lab: &Lab,
    state: &mut State,
    hook: &Hook,
    touch: &Touch,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let webhook = find(state, hook)?;
    let channel_id = place(state, &webhook, inbound)?;
    let is_it = |known: &Message| {
        known.id == touch.message && known.webhook_id == hook.id && known.channel_id == channel_id
    };
    let index = state.messages.iter().position(is_it).ok_or_else(errors::unknown_message)?;
    stored::touch(lab, state, index, touch.verb, inbound)
}

/// `GET /webhooks/{id}/{token}`: without the creator, as for anyone who only has the token.
pub(crate) fn show(state: &State, hook: &Hook) -> Result<Reply, Reply> {
    Ok(Reply::json(200, to_json(&find(state, hook)?)))
}

fn to_json(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.hook.id, "type": 1, "name": webhook.name, "avatar": null,
        "channel_id": webhook.channel_id, "guild_id": GUILD_ID, "token": webhook.hook.token,
        "application_id": webhook.application_id,
    })
}

fn with_url(lab: &Lab, webhook: &Webhook) -> Value {
    let mut value = to_json(webhook);
    value["url"] =
        json!(format!("{}/api/webhooks/{}/{}", lab.base, webhook.hook.id, webhook.hook.token));
    value
}

/// `GET /channels/{id}/webhooks`.
pub(crate) fn list(lab: &Lab, state: &State, channel: &str) -> Result<Reply, Reply> {
    let channel = text_channel(channel)?;
    let own = state.webhooks.iter().filter(|webhook| webhook.channel_id == channel);
    Ok(Reply::json(200, own.map(|webhook| with_url(lab, webhook)).collect()))
}

/// `POST /channels/{id}/webhooks`: the new webhook belongs to the application.
pub(crate) fn create(
    lab: &Lab,
    state: &mut State,
    channel: &str,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let channel = text_channel(channel)?;
    let body = body::json(inbound)?;
    let mut issues = openapi::check(&lab.schemas.webhook, body);
    if issues.is_empty() {
        let name = body["name"].as_str().unwrap_or_default();
        issues.extend(
            username::read(name)
                .err()
                .map(|issue| errors::Issue { path: vec!["name".into()], ..issue }),
        );
    }
    if !issues.is_empty() {
        return Err(errors::form(&issues));
    }
    if state.webhooks.iter().filter(|webhook| webhook.channel_id == channel).count() >= 15 {
        return Err(errors::error(400, 30007, "Maximum number of webhooks reached (15)"));
    }
    let webhook = state.add_webhook(&channel, body["name"].as_str().unwrap_or_default());
    Ok(Reply::json(200, with_url(lab, &webhook)))
}

fn text_channel(id: &str) -> Result<String, Reply> {
    let known = world::CHANNELS.into_iter().find(|known| known.id == id && known.kind == 0);
    known.map(|channel| channel.id.to_owned()).ok_or_else(|| errors::unknown_channel(404))
}
