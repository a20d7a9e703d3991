//! Lists, creates, shows and removes the webhooks of a channel.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::discord::route::Hook;
use crate::discord::service::Discord;
use crate::discord::state::{State, Webhook};
use crate::discord::world::{
    self, APPLICATION_ID, Channel, GUILD_ID, Kind, OTHER_APPLICATION_ID, PEOPLE,
};
use crate::discord::{body, errors, message, openapi, permissions, username, webhooks};
use crate::http::{Inbound, Reply};

/// Most webhooks of a channel.
const PER_CHANNEL: usize = 15;

/// `GET /webhooks/{id}/{token}`: without the creator, as for anyone who only has the token.
pub(crate) fn show(state: &State, hook: &Hook) -> Result<Reply, Reply> {
    let webhook = webhooks::find(state, hook)?;
    let mut shown = to_json(&webhook);
    shown["token"] = json!(webhook.hook.token);
    Ok(Reply::json(200, shown))
}

/// `GET /channels/{id}/webhooks`.
pub(crate) fn list(discord: &Discord, state: &State, channel: &str) -> Result<Reply, Reply> {
    let channel = manageable_channel(state, channel)?;
    let own = state.webhooks.iter().filter(|webhook| webhook.channel_id == channel.id);
    Ok(Reply::json(200, own.map(|webhook| to_listing(discord, webhook)).collect()))
}

/// `POST /channels/{id}/webhooks`: the new webhook belongs to the application.
pub(crate) fn create(
    discord: &Discord,
    state: &mut State,
    channel: &str,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let channel = manageable_channel(state, channel)?;
    let body = body::json(inbound)?;
    let mut issues = openapi::check(&discord.schemas.webhook, body);
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
    Ok(Reply::json(200, to_listing(discord, &webhook)))
}

/// The channel whose webhooks the bot may manage.
fn manageable_channel(state: &State, id: &str) -> Result<Channel, Reply> {
    let channel = world::CHANNELS.into_iter().find(|known| known.id == id);
    let channel = channel.ok_or_else(|| errors::unknown_channel(404))?;
    let rights = permissions::check_access(&state.config.permissions, channel)?;
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

/// A webhook as the bot sees it: with its maker, and with its token unless another application owns it.
fn to_listing(discord: &Discord, webhook: &Webhook) -> Value {
    let mut value = to_json(webhook);
    value["user"] = match webhook.application_id {
        Some(APPLICATION_ID) => message::bot_user(),
        Some(other) => message::user(other, "other-app", None),
        None => {
            let [person, ..] = PEOPLE;
            message::user(person.id, person.username, person.avatar)
        }
    };
    if webhook.application_id != Some(OTHER_APPLICATION_ID) {
        let Hook { id, token } = &webhook.hook;
        value["token"] = json!(token);
        value["url"] = json!(format!("{}/api/webhooks/{id}/{token}", discord.base));
    }
    value
}

/// All webhooks of a channel, secrets included.
pub(super) fn inspect(discord: &Discord, state: &State, channel: Channel) -> Value {
    let own = state.webhooks.iter().filter(|webhook| webhook.channel_id == channel.id);
    own.map(|webhook| described(discord, webhook)).collect()
}

fn described(discord: &Discord, webhook: &Webhook) -> Value {
    let Hook { id, token } = &webhook.hook;
    json!({
        "id": id, "token": token, "name": webhook.name, "by": maker(webhook.application_id),
        "url": format!("{}/api/webhooks/{id}/{token}", discord.base),
    })
}

fn maker(application_id: Option<&str>) -> &'static str {
    match application_id {
        None => "person",
        Some(APPLICATION_ID) => "application",
        Some(_) => "other",
    }
}

/// What `POST /lab/channels/{name}/webhooks` takes.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    by: Maker,
    name: String,
    count: usize,
}

impl Default for Order {
    fn default() -> Self {
        Self { by: Maker::Person, name: "Somebody's".to_owned(), count: 1 }
    }
}

/// Who makes a webhook.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Maker {
    Person,
    Application,
    /// Another application.
    Other,
}

impl Maker {
    fn application_id(self) -> Option<&'static str> {
        match self {
            Self::Person => None,
            Self::Application => Some(APPLICATION_ID),
            Self::Other => Some(OTHER_APPLICATION_ID),
        }
    }
}

/// Makes webhooks, as many as fit.
///
/// # Errors
/// A sentence about a channel that has none.
pub(super) fn add(
    discord: &Discord,
    state: &mut State,
    channel: Channel,
    order: &Order,
) -> Result<Value, String> {
    if !matches!(channel.kind, Kind::Text | Kind::Forum) {
        return Err(format!("`{}` cannot have webhooks", channel.name));
    }
    let room = PER_CHANNEL.saturating_sub(count(state, channel));
    let made = (0..order.count.min(room))
        .map(|_| state.add_webhook(channel.id, &order.name, order.by.application_id()));
    Ok(made.map(|webhook| described(discord, &webhook)).collect())
}

/// Removes a webhook.
///
/// # Errors
/// A sentence, when there is none.
pub(super) fn remove(state: &mut State, id: &str) -> Result<(), String> {
    let position = state.webhooks.iter().position(|webhook| webhook.hook.id == id);
    state.webhooks.remove(position.ok_or_else(|| format!("no webhook `{id}`"))?);
    Ok(())
}
