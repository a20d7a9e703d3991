//! Sockets: `GET /api/conversations/{id}/socket`, and `/agents/conversation/{id}` in the wire of
//! cloudflare/agents.
//!
//! Whether a person has the conversation is known before its object is named. What is wrong is a problem, as
//! on every route; but a browser shows its page nothing of a reply that is no socket, and the client of
//! cloudflare/agents asks again for ever, so these get a socket that says why and is closed.
//!
//! A page of this origin whose reader has signed in opens one by its cookie; the other wire takes none.

use miyabi_app::conversations;
use miyabi_channels::web::parse;
use miyabi_channels::web::socket::{Close, PROTOCOL, Wire};
use miyabi_core::http::{ConversationStream, Incoming, Reply, SocketReply};
use miyabi_core::i18n::Language;
use miyabi_core::key::{Access, Scope};
use miyabi_core::ports::{Clock, Sql};
use miyabi_core::problem::Problem;

use super::{chat, credentials, origin};
use crate::live::Listener;

/// Longest reason of a close, in bytes.
///
/// # Source
/// RFC 6455 5.5: a control frame has 125 bytes, two of which are the code.
const MAX_REASON_BYTES: usize = 123;

/// Opens a socket.
///
/// # Errors
/// 401, 403, 404, 410, 426, or a failure of the database.
///
/// # Repeats
/// Opens another one.
pub(super) async fn open(
    host: &(impl Sql + Clock),
    origins: &[String],
    request: &impl Incoming,
    wire: Wire,
    id: &str,
) -> Result<Reply, Problem> {
    if !origin::is_welcome(request, origins) {
        return Err(origin::cross_origin());
    }
    let sent = credentials::sent_for_socket(request, origins)?;
    let (principal, _) = credentials::whose(host, &sent).await?;
    credentials::demand(&principal, Scope::Chat, Access::Read)?;
    if !wants_socket(request) {
        return Err(no_upgrade());
    }
    if !parse::is_id(id) {
        return Err(chat::no_conversation());
    }
    let mut owner = principal.owner;
    if let Some(found) = conversations::find(host, &owner, id).await? {
        if found.owner != owner && chat::changes(id).is_ok() {
            return Err(chat::of_account());
        }
        owner = found.owner;
    } else {
        if conversations::is_deleted(host, &owner, id).await? {
            let detail = "you have deleted this conversation; begin a new one";
            return Err(Problem::new(410, "conversation_deleted", detail));
        }
        // A client of cloudflare/agents chooses an id, and comes before there is anything.
        let may_begin = wire == Wire::Agents
            && chat::changes(id).is_ok()
            && principal.scopes.grant(Scope::Chat, Access::Write);
        if !may_begin {
            return Err(chat::no_conversation());
        }
    }
    let place = chat::place(&owner, id);
    let language = request.header("accept-language").unwrap_or_default();
    let listener = Listener {
        wire: Some(wire),
        owner,
        conversation: place.id,
        language: Language::of_header(&language).name().to_owned(),
        key: sent.key.hash(),
        checked_ms: host.now().0,
        has_protocol: protocol(request).is_some(),
        ..Listener::default()
    };
    let request = serde_json::to_string(&listener).unwrap_or_default();
    let mut reply = Reply::empty(101);
    let taken = ConversationStream { conversation: place.name, request };
    reply.socket = Some(SocketReply::Conversation(taken));
    Ok(reply)
}

/// Returns what says a problem on a socket, for who could not read it otherwise.
pub(super) fn refusal(
    request: &impl Incoming,
    origins: &[String],
    problem: &Problem,
) -> Option<Reply> {
    let wire = match request.path() {
        path if path.starts_with("/agents/") => Wire::Agents,
        path if path.ends_with("/socket") => Wire::Own,
        _ => return None,
    };
    let reads_replies = wire == Wire::Own && request.header("origin").is_none();
    if reads_replies || !wants_socket(request) || !origin::is_welcome(request, origins) {
        return None;
    }
    let end = problem.detail.floor_char_boundary(MAX_REASON_BYTES);
    let mut reply = Reply::empty(101);
    reply.socket = Some(SocketReply::Refused {
        frame: wire.problem(None, problem.code, &problem.detail),
        code: Close::of_status(problem.status).code(),
        reason: problem.detail.get(..end).unwrap_or_default().to_owned(),
        protocol: protocol(request),
    });
    Some(reply)
}

/// The problem of a request that asks for no socket.
pub(super) fn no_upgrade() -> Problem {
    let detail = "this is a WebSocket: send `Upgrade: websocket`";
    Problem::new(426, "no_upgrade", detail).header("upgrade", "websocket")
}

/// Returns the subprotocol to choose, if it is offered. A key among those that are offered is never repeated.
fn protocol(request: &impl Incoming) -> Option<&'static str> {
    let offered = request.header("sec-websocket-protocol")?;
    offered.split(',').any(|protocol| protocol.trim() == PROTOCOL).then_some(PROTOCOL)
}

fn wants_socket(request: &impl Incoming) -> bool {
    let upgrade = request.header("upgrade").unwrap_or_default();
    request.method() == "GET" && upgrade.eq_ignore_ascii_case("websocket")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
