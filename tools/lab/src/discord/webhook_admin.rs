//! Webhooks of a channel: list, create, show, and remove as a person does.

use serde_json::{Value, json};

use crate::discord::{body, errors, messages, openapi, permissions, username, webhooks};
use crate::http::{Inbound, Reply};
use crate::route::Hook;
use crate::state::{Lab, State, Webhook};
use crate::world::{self, APPLICATION_ID, Channel, GUILD_ID, Kind, OTHER_APPLICATION_ID, PEOPLE};

/// Webhooks of all makers together, per channel.
const PER_CHANNEL: usize = 15;

/// `GET /webhooks/{id}/{token}`: without the creator, as for anyone who only has the token.
pub(crate) fn show(state: &State, hook: &Hook) -> Result<Reply, Reply> {
    let webhook = webhooks::find(state, hook)?;
    let mut shown = to_json(&webhook);
    shown["token"] = json!(webhook.hook.token);
    Ok(Reply::json(200, shown))
}

/// `GET /channels/{id}/webhooks`.
pub(crate) fn list(lab: &Lab, state: &State, channel: &str) -> Result<Reply, Reply> {
    let channel = enter(state, channel)?;
    let own = state.webhooks.iter().filter(|webhook| webhook.channel_id == channel.id);
    Ok(Reply::json(200, own.map(|webhook| to_listing(lab, webhook)).collect()))
}

/// `POST /channels/{id}/webhooks`: the new webhook belongs to the application.
pub(crate) fn create(
    lab: &Lab,
    state: &mut State,
    channel: &str,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let channel = enter(state, channel)?;
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
    if count(state, channel) >= PER_CHANNEL {
        return Err(errors::error(400, 30007, "Maximum number of webhooks reached (15)"));
    }
    let name = body["name"].as_str().unwrap_or_default();
    let webhook = state.add_webhook(channel.id, name, Some(APPLICATION_ID));
    Ok(Reply::json(200, to_listing(lab, &webhook)))
}

/// The channel whose webhooks the bot may manage.
fn enter(state: &State, id: &str) -> Result<Channel, Reply> {
    let channel = world::CHANNELS.into_iter().find(|known| known.id == id);
    let channel = channel.ok_or_else(|| errors::unknown_channel(404))?;
    let rights = permissions::enter(&state.config, channel)?;
    if !matches!(channel.kind, Kind::Text | Kind::Forum) {
        return Err(errors::wrong_channel_type());
    }
    if !rights.manage_webhooks {
        return Err(errors::missing_permissions());
    }
    Ok(channel)
}

fn count(state: &State, channel: Channel) -> usize {
    state.webhooks.iter().filter(|webhook| webhook.channel_id == channel.id).count()
}

/// A webhook without its secret.
fn to_json(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.hook.id, "type": 1, "name": webhook.name, "avatar": null,
        "channel_id": webhook.channel_id, "guild_id": GUILD_ID,
        "application_id": webhook.application_id,
    })
}

/// A webhook as the bot sees it: with its maker, and with its secret unless another application has it.
fn to_listing(lab: &Lab, webhook: &Webhook) -> Value {
    let mut value = to_json(webhook);
    value["user"] = match webhook.application_id {
        Some(APPLICATION_ID) => messages::bot_user(),
        Some(other) => messages::user(other, "other-app", None),
        None => {
            let [person, ..] = PEOPLE;
            messages::user(person.id, person.username, person.avatar)
        }
    };
    if webhook.application_id != Some(OTHER_APPLICATION_ID) {
        let Hook { id, token } = &webhook.hook;
        value["token"] = json!(token);
        value["url"] = json!(format!("{}/api/webhooks/{id}/{token}", lab.base));
    }
    value
}

/// `GET /lab/channels/{name}/webhooks`: all of them, secrets included.
pub(crate) fn inspect(lab: &Lab, channel: Channel) -> Reply {
    let state = lab.state();
    let own = state.webhooks.iter().filter(|webhook| webhook.channel_id == channel.id);
    Reply::json(200, own.map(|webhook| described(lab, webhook)).collect())
}

fn described(lab: &Lab, webhook: &Webhook) -> Value {
    let Hook { id, token } = &webhook.hook;
    json!({
        "id": id, "token": token, "name": webhook.name, "by": maker(webhook.application_id),
        "url": format!("{}/api/webhooks/{id}/{token}", lab.base),
    })
}

fn maker(application_id: Option<&str>) -> &'static str {
    match application_id {
        None => "person",
        Some(APPLICATION_ID) => "application",
        Some(_) => "other",
    }
}

/// `POST /lab/channels/{name}/webhooks`: somebody makes webhooks, as many as fit.
///
/// # Errors
/// A sentence about the request.
pub(crate) fn add(lab: &Lab, channel: Channel, order: &Value) -> Result<Reply, String> {
    if !matches!(channel.kind, Kind::Text | Kind::Forum) {
        return Err(format!("`{}` cannot have webhooks", channel.name));
    }
    let application_id = match order["by"].as_str().unwrap_or("person") {
        "person" => None,
        "application" => Some(APPLICATION_ID),
        "other" => Some(OTHER_APPLICATION_ID),
        other => return Err(format!("by: `{other}` is not `person`, `application` or `other`")),
    };
    let name = order["name"].as_str().unwrap_or("Somebody's");
    let wanted = usize::try_from(order["count"].as_u64().unwrap_or(1)).unwrap_or(PER_CHANNEL);
    let state = &mut *lab.state();
    let room = PER_CHANNEL.saturating_sub(count(state, channel));
    let made = (0..wanted.min(room)).map(|_| state.add_webhook(channel.id, name, application_id));
    Ok(Reply::json(200, made.map(|webhook| described(lab, &webhook)).collect()))
}

/// `DELETE /lab/webhooks/{id}`: a person removes it; every later call answers 10015.
///
/// # Errors
/// A sentence, when there is none.
pub(crate) fn remove(lab: &Lab, id: &str) -> Result<Reply, String> {
    let mut state = lab.state();
    let before = state.webhooks.len();
    state.webhooks.retain(|webhook| webhook.hook.id != id);
    if state.webhooks.len() == before {
        return Err(format!("no webhook `{id}`"));
    }
    Ok(Reply::json(200, json!({})))
}
