//! The messages of interactions: `@original` and follow-ups, while the token is valid.

use crate::clock;
use crate::discord::checks::{self, Purpose};
use crate::discord::draft::Draft;
use crate::discord::interaction::Interaction;
use crate::discord::message::{Author, EPHEMERAL, LOADING, Message};
use crate::discord::route::{Hook, MessageAction, ORIGINAL};
use crate::discord::service::Discord;
use crate::discord::state::State;
use crate::discord::world::APPLICATION_ID;
use crate::discord::{errors, stored};
use crate::http::{Inbound, Reply};

/// How long an interaction's token is valid.
const LIFETIME_MS: u64 = 15 * 60 * 1000;
/// Follow-ups of an app that only the asker has installed.
const USER_INSTALL_FOLLOW_UPS: u32 = 5;

/// The interaction of a token.
///
/// # Errors
/// Discord's refusal of a token that is unknown, expired or not acknowledged, or in a closed thread.
fn find<'a>(state: &'a mut State, hook: &Hook) -> Result<&'a mut Interaction, Reply> {
    let is_closed = state.config.thread_locked || state.config.thread_archived;
    let interaction = state
        .interactions
        .iter_mut()
        .find(|known| known.token == hook.token)
        .ok_or_else(|| errors::unknown_webhook().violation("unknown interaction token"))?;
    if interaction.is_expired || clock::now_ms() > interaction.created_ms + LIFETIME_MS {
        return Err(errors::invalid_webhook_token());
    }
    if !interaction.is_acknowledged() {
        let mut reply = errors::unknown_webhook();
        reply.notes.push("the interaction has not been acknowledged yet".into());
        return Err(reply);
    }
    if interaction.is_in_thread() && is_closed {
        return Err(errors::archived_thread());
    }
    Ok(interaction)
}

/// `POST /webhooks/{application}/{token}`: `wait`, `username` and `avatar_url` do nothing here.
///
/// Right after a deferred acknowledgement it edits `@original` and keeps its visibility.
pub(crate) fn create(
    discord: &Discord,
    state: &mut State,
    hook: &Hook,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let interaction = find(state, hook)?.clone();
    let mut draft = checks::read(state, &discord.schemas.update, inbound, Purpose::Answer)?;
    if inbound.parameter("thread_id").is_some() {
        draft.notes.push("`thread_id` is ignored here".into());
    }
    if let Some(index) = thinking(state, &interaction) {
        draft.flags &= !EPHEMERAL;
        draft.notes.push("the first follow-up edited @original".into());
        return stored::edit(state, index, draft);
    }
    if interaction.is_user_install && interaction.follow_ups >= USER_INSTALL_FOLLOW_UPS {
        return Err(errors::too_many_follow_ups());
    }
    let (notes, violations) =
        (std::mem::take(&mut draft.notes), std::mem::take(&mut draft.violations));
    let message = write(state, &interaction, draft, 0);
    if message.is_empty() {
        return Err(errors::empty_message());
    }
    find(state, hook)?.follow_ups += 1;
    let mut reply = Reply::json(200, message.to_json());
    reply.notes = notes;
    reply.violations = violations;
    state.messages.push(message);
    Ok(reply)
}

/// A message of an interaction, visible to all or to the asker alone.
pub(crate) fn write(
    state: &mut State,
    interaction: &Interaction,
    draft: Draft,
    kind: u8,
) -> Message {
    let mut message = Message::new(state.snowflake(), interaction.channel.id, Author::bot(), draft);
    message.kind = kind;
    message.application_id = Some(APPLICATION_ID);
    message.interaction = Some(interaction.id.clone());
    if message.flags & EPHEMERAL != 0 {
        message.only_for = Some(interaction.person.id.to_owned());
    }
    message
}

fn thinking(state: &State, interaction: &Interaction) -> Option<usize> {
    let original = interaction.original.as_ref()?;
    let is_it = |known: &Message| known.id == *original && known.flags & LOADING != 0;
    state.messages.iter().position(is_it)
}

/// `GET`, `PATCH` and `DELETE …/messages/@original` and `…/messages/{message}`.
pub(super) fn act_on_message(
    discord: &Discord,
    state: &mut State,
    hook: &Hook,
    action: &MessageAction,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    let interaction = find(state, hook)?.clone();
    let id = if action.message == ORIGINAL {
        interaction.original.as_deref().ok_or_else(errors::unknown_message)?
    } else {
        action.message.as_str()
    };
    let is_it = |known: &Message| known.id == id && known.webhook_id == hook.id;
    let index = state.messages.iter().position(is_it).ok_or_else(errors::unknown_message)?;
    stored::act_on(discord, state, index, action.verb, inbound)
}
