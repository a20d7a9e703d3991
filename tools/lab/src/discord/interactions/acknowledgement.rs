//! Reads the Worker's answer to an interaction as Discord does, and applies it.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::discord::checks::{self, Purpose};
use crate::discord::draft::Draft;
use crate::discord::interaction::Interaction;
use crate::discord::message::{EPHEMERAL, LOADING};
use crate::discord::service::Discord;
use crate::discord::state::State;
use crate::discord::{follow_ups, openapi};
use crate::http::Reply;

/// An answer to a slash command.
const CHAT_INPUT_COMMAND: u8 = 20;
/// Kinds of interactions.
const PING: u64 = 1;
const COMMAND: u64 = 2;
const COMPONENT: u64 = 3;
const FORM: u64 = 5;
const COMPLETION: u64 = 4;
/// Most components of a form: what the documentation says, where the schema has more.
const FORM_COMPONENTS: usize = 5;
/// Longest value of a choice.
const COMPLETION_CHARS: usize = 100;

/// How an interaction was delivered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    /// Whether the signature was correct.
    pub(crate) is_signed: bool,
    /// Whether neither the time nor the body was replaced.
    pub(crate) is_ordinary: bool,
}

/// Applies an acknowledgement; the returned reply carries only violations and notes.
///
/// Without an answer the token expires, as at Discord after three seconds.
pub(crate) fn read(
    discord: &Discord,
    state: &mut State,
    id: &str,
    answer: Option<&Answer>,
    sent: Sent,
) -> Reply {
    let mut found = Reply::default();
    let Some(answer) = answer else {
        if let Some(interaction) = state.interactions.iter_mut().find(|known| known.id == id) {
            interaction.is_expired |= !interaction.is_acknowledged();
        }
        return found;
    };
    if !sent.is_signed {
        if answer.status != 401 {
            let what = format!("a wrong signature was answered {}, not 401", answer.status);
            found.violations.push(what);
        }
        return found;
    }
    if answer.status != 200 {
        if sent.is_ordinary {
            let what = format!("an interaction was answered with status {}", answer.status);
            found.violations.push(what);
        }
        return found;
    }
    if !answer.header("content-type").unwrap_or_default().starts_with("application/json") {
        found.violations.push("an acknowledgement is not `application/json`".into());
    }
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(ack) => apply(discord, state, id, &ack, &mut found),
        Err(_) => found.violations.push("an acknowledgement is not JSON".into()),
    }
    found
}

fn apply(discord: &Discord, state: &mut State, id: &str, ack: &Value, found: &mut Reply) {
    let Some(known) = state.interactions.iter().find(|known| known.id == id) else { return };
    let interaction = known.clone();
    let kind = ack["type"].as_u64();
    let draft = match (interaction.kind, kind) {
        (PING, Some(1)) => None,
        (PING, _) => {
            found.violations.push("a ping was not answered with type 1".into());
            return;
        }
        (COMPLETION, Some(8)) => return check_completions(discord, ack, found),
        (COMPLETION, _) => {
            found.violations.push("a question for completions was not answered with type 8".into());
            return;
        }
        (COMMAND | COMPONENT, Some(9)) => {
            let form = form(discord, ack, found);
            if let Some(known) = state.interactions.iter_mut().find(|known| known.id == id) {
                known.form = known.form.take().or(form);
            }
            return;
        }
        (COMPONENT | FORM, Some(7)) => {
            return update(discord, state, &interaction, ack, found);
        }
        (_, Some(5)) => Some(deferred(ack, found)),
        (_, Some(4)) => immediate(discord, state, ack, found),
        _ => {
            let what = format!("acknowledgement type {} is not 4 or 5", ack["type"]);
            found.violations.push(what);
            return;
        }
    };
    if interaction.is_acknowledged() || interaction.form.is_some() {
        found.notes.push("delivered again: the first acknowledgement stands".into());
        return;
    }
    let Some(draft) = draft else { return };
    let message = follow_ups::write(state, &interaction, draft, CHAT_INPUT_COMMAND);
    if let Some(known) = state.interactions.iter_mut().find(|known| known.id == id) {
        known.original = Some(message.id.clone());
    }
    state.messages.push(message);
}

/// Type 7, another content for the message whose component was used, also by the form that it has opened.
fn update(
    discord: &Discord,
    state: &mut State,
    interaction: &Interaction,
    ack: &Value,
    found: &mut Reply,
) {
    let Some(message) = interaction.message() else {
        found.violations.push("there is no message that type 7 could change".into());
        return;
    };
    let as_message = json!({ "type": 4, "data": ack["data"] });
    let Some(draft) = immediate(discord, state, &as_message, found) else { return };
    let known = state.interactions.iter_mut().find(|known| known.id == interaction.id);
    if let Some(known) = known.filter(|known| !known.is_acknowledged()) {
        known.original = Some(message.clone());
        if let Some(shown) = state.messages.iter_mut().find(|shown| shown.id == message) {
            shown.take(draft);
        }
    }
}

/// Type 8: at most 25 choices, each with a value of 100 code points at most.
fn check_completions(discord: &Discord, ack: &Value, found: &mut Reply) {
    let issues = openapi::check(&discord.schemas.completions, ack);
    found.violations.extend(crate::discord::errors::form(&issues).violations);
    let choices = ack["data"]["choices"].as_array();
    for choice in choices.into_iter().flatten() {
        let value = choice["value"].as_str().unwrap_or_default();
        if !(1..=COMPLETION_CHARS).contains(&value.chars().count()) {
            found.violations.push(format!("a choice has a value of a wrong length: `{value}`"));
        }
    }
}

/// Type 9; an invalid form is not opened.
fn form(discord: &Discord, ack: &Value, found: &mut Reply) -> Option<Value> {
    let issues = openapi::check(&discord.schemas.form, ack);
    found.violations.extend(crate::discord::errors::form(&issues).violations);
    let data = &ack["data"];
    if data["components"].as_array().is_some_and(|list| list.len() > FORM_COMPONENTS) {
        found.violations.push(format!("a form has more than {FORM_COMPONENTS} components"));
    }
    issues.is_empty().then(|| data.clone())
}

/// Type 5, "thinking…": it may set the ephemeral flag and nothing else.
fn deferred(ack: &Value, found: &mut Reply) -> Draft {
    let data = ack["data"].as_object();
    for key in data.into_iter().flat_map(serde_json::Map::keys) {
        if key != "flags" {
            found.violations.push(format!("a deferred acknowledgement cannot carry `{key}`"));
        }
    }
    let flags = ack["data"]["flags"].as_u64().unwrap_or(0);
    if flags & !EPHEMERAL != 0 {
        found.violations.push(format!("a deferred acknowledgement cannot carry flags {flags}"));
    }
    Draft { flags: (flags & EPHEMERAL) | LOADING, ..Draft::default() }
}

/// Type 4, an immediate message; an invalid one is not shown.
fn immediate(
    discord: &Discord,
    state: &mut State,
    ack: &Value,
    found: &mut Reply,
) -> Option<Draft> {
    let mut issues = openapi::check(&discord.schemas.callback, ack);
    issues.extend(checks::beyond_the_schema(&ack["data"]));
    if !issues.is_empty() {
        found.violations.extend(crate::discord::errors::form(&issues).violations);
        return None;
    }
    let mut draft = Draft::default();
    checks::fill(state, &mut draft, &ack["data"], &[], Purpose::Answer);
    let has_words = draft.content.as_ref().is_some_and(|content| !content.is_empty());
    let has_parts = [&draft.embeds, &draft.components]
        .into_iter()
        .any(|list| list.as_ref().is_some_and(|list| !list.is_empty()));
    found.violations.append(&mut draft.violations);
    if !has_words && !has_parts {
        found.violations.push("50006 empty message".into());
        return None;
    }
    Some(draft)
}
