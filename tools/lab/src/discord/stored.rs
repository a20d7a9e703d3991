//! Reads, edits and removes stored messages, those of webhooks and of interactions alike.

use crate::clock;
use crate::discord::checks::{self, Purpose};
use crate::discord::draft::Draft;
use crate::discord::errors;
use crate::discord::message::LOADING;
use crate::discord::route::Verb;
use crate::discord::service::Discord;
use crate::discord::state::State;
use crate::http::{Inbound, Reply};

/// Reads, edits or removes the message at a place in the list.
///
/// # Errors
/// 10008 when nothing is there, or what is wrong with the edit.
pub(super) fn act_on(
    discord: &Discord,
    state: &mut State,
    index: usize,
    verb: Verb,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    match verb {
        Verb::Get => {
            let message = state.messages.get(index).ok_or_else(errors::unknown_message)?;
            Ok(Reply::json(200, message.to_json()))
        }
        Verb::Delete => {
            state.messages.remove(index);
            Ok(Reply::empty(204))
        }
        Verb::Edit => {
            let draft = checks::read(state, &discord.schemas.update, inbound, Purpose::Edit)?;
            edit(state, index, draft)
        }
    }
}

/// Applies a draft to a stored message, and clears its "thinking" flag.
///
/// # Errors
/// 10008 when nothing is there, 50006 when nothing would be left to show.
pub(crate) fn edit(state: &mut State, index: usize, mut draft: Draft) -> Result<Reply, Reply> {
    let message = state.messages.get_mut(index).ok_or_else(errors::unknown_message)?;
    let (notes, violations) =
        (std::mem::take(&mut draft.notes), std::mem::take(&mut draft.violations));
    let mut edited = message.clone();
    edited.take(draft);
    edited.edited_ms = Some(clock::now_ms());
    edited.flags &= !LOADING;
    if edited.is_empty() {
        return Err(errors::empty_message());
    }
    *message = edited;
    let mut reply = Reply::json(200, message.to_json());
    reply.notes = notes;
    reply.violations = violations;
    Ok(reply)
}
