//! Builds interactions, signs them, delivers them to the Worker and reads the acknowledgement.

mod acknowledgement;
mod forms;
pub(super) mod payload;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::cdn;
use super::components;
use super::interaction::Interaction;
use super::message::Message;
use super::permissions;
use super::service::Discord;
use super::state::State;
use super::world::{self, Channel, Kind, Person};
use crate::client::Answer;
use crate::clock;
use crate::http::Inbound;
use crate::merge::merge;

/// Path of the Worker's endpoint.
const ENDPOINT: &str = "/discord/interactions";

/// What `POST /lab/interactions` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delivery {
    /// Base URL of the Worker; by default the one of `POST /lab/worker`.
    worker: Option<String>,
    /// Question of `/ask`.
    ask: Option<String>,
    /// File in the option `file` of `/ask`.
    file: Option<cdn::Sent>,
    /// A command in the menu of a message.
    on: Option<OnMessage>,
    /// A button that is pressed, or a menu in which something is chosen.
    press: Option<Press>,
    /// A form that is sent.
    form: Option<Form>,
    /// Text in the option `model` or another one of `/ask` that completions are wanted for.
    complete: Option<Complete>,
    /// Merged over the built interaction (RFC 7396: `null` removes a field).
    #[serde(default)]
    interaction: Value,
    #[serde(rename = "as", default = "mio")]
    person: String,
    #[serde(rename = "in", default = "general")]
    channel: String,
    /// Who has installed the app: by default the server, in a group the asker.
    install: Option<Install>,
    /// Replaces the current time.
    timestamp: Option<String>,
    /// Replaces the built interaction.
    raw_body: Option<String>,
    /// Replaces the correct signature.
    signature: Option<String>,
    /// With `token`, an earlier interaction to deliver again.
    id: Option<String>,
    token: Option<String>,
}

/// A command in the menu of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnMessage {
    command: String,
    /// Id of a message that the person sees in the channel.
    message: String,
}

/// A button that is pressed, or a menu in which something is chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Press {
    /// Id of a message that the person sees in the channel.
    message: String,
    /// What the button or menu carries.
    custom_id: String,
    /// What is chosen in a menu.
    values: Option<Vec<String>>,
}

/// A form that is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// Id of the interaction that was answered with it.
    of: String,
    /// What is written into its fields, by their `custom_id`.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// What somebody has typed so far into an option with completions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Complete {
    command: String,
    option: String,
    value: String,
}

/// Who has installed the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Install {
    /// The server; in the conversation with the bot, the bot itself.
    Server,
    /// The asker alone.
    User,
}

fn mio() -> String {
    "mio".to_owned()
}

fn general() -> String {
    "general".to_owned()
}

/// Delivers an interaction and returns how it was acknowledged.
///
/// # Errors
/// A sentence about the order, which was not carried out.
pub(super) async fn deliver(
    discord: &Discord,
    order: Delivery,
    worker: Option<String>,
) -> Result<Value, String> {
    let worker = order.worker.clone().or(worker).ok_or("`worker` is missing: the Worker's URL")?;
    let interaction = prepare(&mut discord.state(), &order)?;
    let timestamp = order.timestamp.clone().unwrap_or_else(|| (clock::now_ms() / 1000).to_string());
    let right = world::sign(&timestamp, interaction.body.as_bytes());
    let signature = order.signature.clone().unwrap_or_else(|| right.clone());
    let url = format!("{}{ENDPOINT}", worker.trim_end_matches('/'));
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "Discord-Interactions/1.0 (+https://discord.com)"),
        ("x-signature-ed25519", signature.as_str()),
        ("x-signature-timestamp", timestamp.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let seq = discord
        .record
        .open("interaction", &Inbound::delivered(ENDPOINT, &interaction.body, &headers));
    let deadline_ms = discord.state().config.ack_deadline_ms;
    let started = Instant::now();
    let exchange = discord.client.post(&url, &headers, interaction.body.clone());
    let outcome = tokio::time::timeout(Duration::from_millis(deadline_ms), exchange).await;
    let ack_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let sent = acknowledgement::Sent {
        is_signed: signature == right,
        is_ordinary: order.timestamp.is_none() && order.raw_body.is_none(),
    };
    let (answer, failure) = match outcome {
        Ok(Ok(answer)) => (Some(answer), None),
        Ok(Err(failure)) => (None, Some(failure)),
        Err(_) => (None, Some(format!("no acknowledgement within {deadline_ms} ms"))),
    };
    let mut found = {
        let mut state = discord.state();
        acknowledgement::read(discord, &mut state, &interaction.id, answer.as_ref(), sent)
    };
    found.violations.extend(failure.clone());
    let status = answer.as_ref().map(|answer| answer.status);
    let ack = answer.as_ref().map_or(Value::Null, shown);
    discord.record.close_own(seq, &found, status, ack.clone());
    Ok(json!({
        "id": interaction.id, "token": interaction.token, "status": status,
        "headers": answer.map(|answer| answer.headers.into_iter().collect::<BTreeMap<_, _>>()),
        "ack": ack, "ack_ms": ack_ms, "error": failure, "violations": found.violations,
    }))
}

/// The interaction to send: an earlier one, or a new one, which is stored.
fn prepare(state: &mut State, order: &Delivery) -> Result<Interaction, String> {
    if let (Some(id), Some(token)) = (&order.id, &order.token) {
        let known =
            state.interactions.iter().find(|known| known.id == *id && known.token == *token);
        return known.cloned().ok_or_else(|| format!("no interaction `{id}` with that token"));
    }
    let person =
        world::person(&order.person).ok_or_else(|| format!("nobody named `{}`", order.person))?;
    let channel =
        world::channel(&order.channel).ok_or_else(|| format!("no channel `{}`", order.channel))?;
    if channel.kind == Kind::Forum {
        return Err("a forum takes no commands itself; its post is `post`".to_owned());
    }
    let by_default = if channel.kind == Kind::Group { Install::User } else { Install::Server };
    let install = order.install.unwrap_or(by_default);
    let permissions =
        permissions::bits(&state.config.permissions, channel, install == Install::User);
    let id = state.snowflake();
    let token = payload::token(&id);
    let mut built = if order.interaction["type"] == 1 {
        payload::ping(person)
    } else {
        payload::command(person, channel, order.ask.as_deref(), install, &permissions)
    };
    fill(state, &mut built, order, (person, channel))?;
    merge(&mut built, &json!({ "id": id, "token": token }));
    merge(&mut built, &order.interaction);
    attach(state, &mut built, order)?;
    let text = |key: &str, made: String| built[key].as_str().map_or(made, str::to_owned);
    let owners = built["authorizing_integration_owners"].as_object();
    let interaction = Interaction {
        id: text("id", id),
        token: text("token", token),
        created_ms: clock::now_ms(),
        command: command_of(state, &built, order),
        kind: built["type"].as_u64().unwrap_or_default(),
        form: None,
        is_user_install: owners.is_some_and(|o| o.contains_key("1") && !o.contains_key("0")),
        body: order.raw_body.clone().unwrap_or_else(|| built.to_string()),
        channel,
        person,
        is_expired: false,
        original: None,
        follow_ups: 0,
    };
    state.interactions.push(interaction.clone());
    Ok(interaction)
}

/// Adds the file of an order to its command.
fn attach(state: &mut State, built: &mut Value, order: &Delivery) -> Result<(), String> {
    let Some(sent) = order.file.clone() else { return Ok(()) };
    let options = built["data"]["options"].as_array_mut().ok_or("a file comes with a question")?;
    let file = cdn::send(state, cdn::EPHEMERAL, sent)?;
    options.push(json!({ "name": "file", "type": 11, "value": file["id"] }));
    let id = file["id"].as_str().unwrap_or_default();
    merge(&mut built["data"], &json!({ "resolved": { "attachments": { id: file } } }));
    Ok(())
}

/// Makes a built `/ask` the command of a message, the form or the question for completions of an order.
fn fill(
    state: &State,
    built: &mut Value,
    order: &Delivery,
    (person, channel): (Person, Channel),
) -> Result<(), String> {
    let seen = |message: &str| {
        let about = state.messages.iter().find(|known| known.id == *message);
        let is_seen = |known: &&Message| {
            let is_there = known.channel_id == channel.id;
            is_there && known.only_for.as_deref().is_none_or(|only| only == person.id)
        };
        let about = about.filter(is_seen);
        about.ok_or_else(|| format!("{} sees no message `{message}`", order.person))
    };
    if let Some(OnMessage { command, message }) = &order.on {
        built["data"] = forms::on_message(&built["data"], command, seen(message)?);
    }
    if let Some(Press { message, custom_id, values }) = &order.press {
        let under = seen(message)?;
        built["type"] = json!(3);
        built["message"] = under.to_json();
        built["data"] = components::used(&under.components, custom_id, values.as_deref())?;
    }
    if let Some(form) = &order.form {
        let opened = state.interactions.iter().find(|known| known.id == form.of);
        let opened = opened.filter(|known| known.person.id == person.id);
        let used = opened.and_then(Interaction::message);
        let opened = opened.and_then(|known| known.form.as_ref());
        let opened = opened.ok_or_else(|| format!("`{}` has opened no form", form.of))?;
        built["type"] = json!(5);
        if let Some(message) = used {
            built["message"] = seen(&message)?.to_json();
        }
        built["data"] = forms::sent(opened, &form.values)?;
    }
    if let Some(Complete { command, option, value }) = &order.complete {
        built["type"] = json!(4);
        built["data"]["name"] = json!(command);
        built["data"]["options"] =
            json!([{ "name": option, "type": 3, "value": value, "focused": true }]);
    }
    Ok(())
}

/// The command that an interaction belongs to.
fn command_of(state: &State, built: &Value, order: &Delivery) -> Option<String> {
    if let Some(form) = &order.form {
        let opened = state.interactions.iter().find(|known| known.id == form.of);
        return opened.and_then(|known| known.command.clone());
    }
    if let Some(press) = &order.press {
        let under = state.messages.iter().find(|known| known.id == press.message)?;
        return components::label(&under.components, &press.custom_id);
    }
    let name = built["data"]["name"].as_str().filter(|_| built["type"] == 2);
    name.map(str::to_owned)
}

fn shown(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body)
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(&answer.body)))
}

/// What `POST /lab/interactions/{id}` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    /// Whether the token expires.
    expire: bool,
    dismiss: Option<Dismiss>,
}

/// What a reader dismisses.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Dismiss {
    /// `true`: `@original`.
    Original(bool),
    /// The message of that id.
    Message(String),
}

/// Lets the token expire, or removes a message as its reader can; returns the interaction.
///
/// # Errors
/// A sentence about the request.
pub(super) fn change(state: &mut State, id: &str, change: &Change) -> Result<Value, String> {
    let interaction = state
        .interactions
        .iter_mut()
        .find(|known| known.id == id)
        .ok_or_else(|| format!("no interaction `{id}`"))?;
    interaction.is_expired |= change.expire;
    let dismissed = match &change.dismiss {
        None | Some(Dismiss::Original(false)) => None,
        Some(Dismiss::Original(true)) => interaction.original.as_deref(),
        Some(Dismiss::Message(id)) => Some(id.as_str()),
    };
    let messages = &mut state.messages;
    messages.retain(|message| {
        message.interaction.as_deref() != Some(id) || Some(message.id.as_str()) != dismissed
    });
    Ok(interaction.to_record())
}
