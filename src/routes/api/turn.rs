//! How a turn was answered: `GET /api/conversations/{id}/turns/{turn}`.
//!
//! It is what *Why* tells below an answer in Discord, and told to whoever asked alone: a conversation has its
//! owner's turns, and the record is read as theirs once more.

use miyabi_app::keys::Principal;
use miyabi_app::{chat, trace};
use miyabi_core::http::Reply;
use miyabi_core::ports::Host;
use miyabi_core::problem::Problem;

use super::{Api, chat as chats};

/// Tells how a turn was answered, as far as that is kept.
///
/// # Errors
/// 404, or a failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn read<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let place = chats::existing(api, principal).await?.ok_or_else(chats::no_conversation)?;
    let turn = chat::look(api.host, &place, Some(api.parameter(1))).await?;
    let turn = turn.ok_or_else(chats::no_turn)?;
    let mut told = trace::of_turn(api.host, &principal.owner, &turn.id).await?;
    let ended = turn.ended_ms.map(|ended| chats::at(ended.0));
    for (name, value) in [
        ("turn", Some(turn.id)),
        ("state", Some(turn.state)),
        ("startedAt", Some(chats::at(turn.asked_ms.0))),
        ("endedAt", ended),
    ] {
        told.insert(name.to_owned(), value.into());
    }
    Ok(Reply::json(200, &told))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
