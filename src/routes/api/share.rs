//! Links to conversations: `POST` and `DELETE /api/conversations/{id}/share`, `GET /share/{token}`.
//!
//! Who has the link is nobody in particular: there is no key, no cookie, and no word about whose conversation
//! it is, by which key it was held, or what is remembered of anybody. A link that is over, taken back or made
//! up is one and the same 404.

mod page;

use serde::Deserialize;
use serde_json::{Value, json};

use miyabi_app::conversation::PageTurn;
use miyabi_app::keys::Principal;
use miyabi_app::shares::{self, Share, Shared};
use miyabi_core::event::Event;
use miyabi_core::http::Reply;
use miyabi_core::i18n::memory::without_notes;
use miyabi_core::ports::{Host, Sql};
use miyabi_core::problem::Problem;
use miyabi_core::share::{DEFAULT_S, MAX_S, PATH, ShareToken};
use miyabi_core::time::{from_iso, to_iso};

use super::{Api, chat as chats};

/// Body of `POST /api/conversations/{id}/share`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    expires_at: Option<String>,
}

/// What a link shows.
struct Snapshot<'a> {
    share: &'a Share,
    /// Turns, oldest first.
    turns: &'a [PageTurn],
    /// Whether nothing older is left out.
    is_whole: bool,
}

/// Makes a link to what was said in a conversation until now.
///
/// # Errors
/// 400, 403, 404, 409, or a failure of a store.
///
/// # Repeats
/// Makes another link to what was said until then, and ends the one before.
pub(super) async fn share<H: Host>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    if !api.settings.is_sharing {
        let detail = "the operator does not allow that conversations are shared";
        return Err(Problem::new(403, "sharing_off", detail));
    }
    let Wanted { expires_at } = api.json()?;
    let expires_at = end(expires_at.as_deref(), api.host.now().0 / 1000)?;
    let place = chats::existing(api, principal).await?.ok_or_else(chats::no_conversation)?;
    let token = match shares::share(api.host, &place, expires_at).await? {
        Shared::Link(token) => token,
        Shared::Deleted => return Err(chats::no_conversation()),
        Shared::Empty => {
            let detail = "there is no answer in this conversation that could be shown";
            return Err(Problem::new(409, "nothing_to_share", detail));
        }
    };
    let token = token.reveal();
    let url = [api.origin, PATH, token].concat();
    let link = json!({
        "token": token,
        "url": url,
        "expiresAt": to_iso(expires_at),
    });
    Ok(Reply::json(201, &link))
}

/// Takes the link to a conversation back.
///
/// # Errors
/// 404 for a conversation that the principal does not have; or a failure of the database.
///
/// # Repeats
/// Gone is gone.
pub(super) async fn unshare<H: Sql>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let place = chats::existing(api, principal).await?.ok_or_else(chats::no_conversation)?;
    shares::revoke(api.host, &place.owner, &place.id).await?;
    Ok(Reply::empty(204))
}

/// Shows what is behind a link, as JSON to who asks for that and as a page to anybody else.
///
/// # Errors
/// 404, or a failure of a store.
///
/// # Repeats
/// Reads only.
pub(super) async fn show<H: Host>(api: &Api<'_, H>) -> Result<Reply, Problem> {
    let is_json = api.accept.contains("application/json") && !api.accept.contains("text/html");
    let found = match ShareToken::parse(api.parameter(0)).filter(|_| api.settings.is_sharing) {
        Some(token) => shares::find(api.host, &token).await?.map(|share| (token, share)),
        None => None,
    };
    let shown = if let Some((token, share)) = found {
        let object = chats::place(&share.owner, &share.conversation).name;
        let mut page = shares::read(api.host, &object, &share).await?;
        page.turns.reverse();
        let is_whole = page.cursor.is_none();
        let snapshot = Snapshot { share: &share, turns: &page.turns, is_whole };
        // Its turns may have been forgotten: then there is nothing any more.
        match snapshot.turns {
            [] => None,
            _ if is_json => Some(Reply::json(200, &conversation(&snapshot, &token))),
            _ => Some(page::shown(&snapshot, api.language)),
        }
    } else {
        None
    };
    let reply = match shown {
        Some(reply) => reply,
        None if is_json => {
            let detail = "there is no such link, or not any more";
            return Err(headers(Problem::new(404, "not_found", detail), Problem::header));
        }
        None => {
            api.host.log(&Event::RequestRejected { status: 404, reason: "not_found" });
            page::nothing(api.language)
        }
    };
    Ok(headers(reply, Reply::header))
}

/// Adds what every reply to a link says: that no search engine lists it, that no other site learns of it, and
/// what it depends on.
fn headers<T>(reply: T, header: fn(T, &'static str, String) -> T) -> T {
    let fixed = [
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
        ("vary", "accept, accept-language"),
    ];
    fixed.into_iter().fold(reply, |reply, (name, value)| header(reply, name, value.to_owned()))
}

/// Returns what is shared in the form of a conversation that is read.
///
/// Ids count from 1: those of the conversation are made of what only its owner knows.
fn conversation(snapshot: &Snapshot<'_>, token: &ShareToken) -> Value {
    let Snapshot { share, turns, is_whole } = snapshot;
    let mut messages: Vec<Value> = Vec::new();
    let mut push = |role: &str, text: &str, metadata: Value| {
        messages.push(json!({
            "id": (messages.len() + 1).to_string(),
            "parentId": messages.last().map(|before| before["id"].clone()),
            "role": role,
            "parts": [{ "type": "text", "text": text }],
            "metadata": metadata,
        }));
    };
    for turn in *turns {
        push("user", &turn.question, json!({ "at": chats::at(turn.asked_ms.0) }));
        if let Some(answer) = text_of(turn) {
            let at = turn.ended_ms.map(|ended| chats::at(ended.0));
            push("assistant", answer, json!({ "state": turn.state, "at": at }));
        }
    }
    json!({
        "id": token.reveal(),
        "title": share.title,
        "updatedAt": chats::at(share.shared_ms.0),
        "expiresAt": to_iso(share.expires_at),
        "messages": messages,
        "running": null,
        "cursor": null,
        "isWhole": is_whole,
    })
}

/// Returns the answer of a turn without what the program says below it of the person's facts.
fn text_of(turn: &PageTurn) -> Option<&str> {
    turn.answer.as_deref().map(without_notes).filter(|answer| !answer.is_empty())
}

/// Returns when a link ends, in Unix seconds.
fn end(wanted: Option<&str>, now_s: u64) -> Result<u64, Problem> {
    let Some(wanted) = wanted else { return Ok(now_s + DEFAULT_S) };
    let wanted = from_iso(wanted).ok_or_else(|| {
        Problem::wrong("#/expiresAt", "is no instant such as 2027-01-31T00:00:00Z")
    })?;
    // Before 1970 is over too.
    let wanted = u64::try_from(wanted).unwrap_or(0);
    if wanted <= now_s {
        return Err(Problem::new(409, "over_already", "#/expiresAt: this instant has passed"));
    }
    if wanted > now_s + MAX_S {
        let detail = format!("#/expiresAt: is more than {} days away", MAX_S / 86_400);
        return Err(Problem::new(409, "too_far_away", detail));
    }
    Ok(wanted)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
