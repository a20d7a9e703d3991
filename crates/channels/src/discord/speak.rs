//! A question that is asked elsewhere and posted in a channel of a server, in the name of who asks.
//!
//! Discord has not said what the asker may do there, as it does with an interaction. So it is asked, each time
//! anew: roles change, and a question that somebody may not post must not be posted.

use core::time::Duration;

use futures::future::{join, try_join};
use serde_json::Value;

use super::call::{accepted, bot_request, send_once};
use super::parse::asker::asker_of_member;
pub use super::permissions::Mute;
use super::permissions::{Standing, is_thread, number, text};
use super::place::Place;
use super::{MAX_CONTENT_CHARS, Ports, names};
use crate::breaker;
use miyabi_core::config::Discord;
use miyabi_core::http::Method;
use miyabi_core::question::Asker;
use miyabi_core::text::LengthUnit;
use miyabi_core::transport::{Capabilities, Progress, RateLimitBudget, SendError};

/// What Discord does with a question of elsewhere: there is no "thinking…", nothing can be shown to the asker
/// alone, and who asked reads the conversation.
pub const CAPABILITIES: Capabilities = Capabilities {
    progress: Progress::Conversation,
    posts_question: true,
    ..Capabilities::sending_only(MAX_CONTENT_CHARS, LengthUnit::CodePoints)
};

/// Longest wait for one response: somebody waits for the reply.
const PATIENCE: Duration = Duration::from_secs(4);

/// Type of a private thread.
const PRIVATE_THREAD: u64 = 12;

/// Who may speak in a channel, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// The person, as the server knows them.
    pub asker: Asker,
    /// Server's id.
    pub server: String,
    /// The channel, as a question carries it.
    pub place: Place,
}

/// Why a question is not posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPosted {
    /// No webhook posts there: a direct or group message, or a channel that has no messages.
    NoPlace,
    /// The person may not speak there; also where they, or the application, do not see the channel.
    Denied(Mute),
    /// Discord does not say.
    Unavailable(SendError),
}

/// Says whether a question can be posted at all: it is as long as one of `/ask` may be, and shows something.
pub fn is_postable(question: &str) -> bool {
    question.chars().count() <= super::commands::MAX_QUESTION_CHARS
        && !names::shows_nothing(question)
}

/// Says whether something can be the id of a person or channel in Discord, by its form.
pub fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Asks Discord whether a person may speak in a channel now.
///
/// # Errors
/// See [`NotPosted`]. A limit is not waited for, and a breaker that is open is not tried.
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Channel, Get Guild, Get Guild Member, Get Thread Member, read 2026-11-29.
pub async fn permit(
    host: &impl Ports,
    discord: &Discord,
    channel_id: &str,
    person: &str,
) -> Result<Permit, NotPosted> {
    if breaker::is_open(host, super::PLATFORM).await {
        let limited = SendError::RateLimited { operation: "get_channel" };
        return Err(NotPosted::Unavailable(limited));
    }
    let get = async |operation, path: String| get(host, discord, operation, &path).await;
    let get_channel = async |id: &str| get("get_channel", format!("/channels/{id}")).await;
    let channel_text = get_channel(channel_id).await?;
    let channel = json(&channel_text);
    let is_thread = is_thread(&channel);
    if !is_thread && !matches!(number(&channel, "type"), 0 | 2 | 5 | 13) {
        return Err(NotPosted::NoPlace);
    }
    let (server, parent) = (text(&channel, "guild_id"), text(&channel, "parent_id"));
    let member_path = format!("/guilds/{server}/members/{person}");
    let of_server =
        join(get("get_guild", format!("/guilds/{server}")), get("get_member", member_path));
    let of_thread = try_join(
        async { if is_thread { get_channel(parent).await } else { Ok(String::new()) } },
        async {
            if number(&channel, "type") != PRIVATE_THREAD {
                return Ok(String::new());
            }
            let path = format!("/channels/{channel_id}/thread-members/{person}");
            get("get_thread_member", path).await
        },
    );
    let ((guild, member), of_thread) = join(of_server, of_thread).await;
    let (guild, member, (home, _)) = (json(&guild?), member?, of_thread?);
    let home = is_thread.then(|| json(&home));
    let standing = Standing {
        server: &guild,
        member: &json(&member),
        person,
        channel: &channel,
        home: home.as_ref().unwrap_or(&channel),
        now: host.now(),
    };
    let rights = standing.judge().map_err(NotPosted::Denied)?;
    let asker = asker_of_member(&member, server).filter(|asker| asker.id == person);
    let place = Place::Channel {
        id: Some(channel_id.to_owned()),
        parent: is_thread.then(|| parent.to_owned()),
        rights,
    };
    let asker = asker.ok_or(NotPosted::Denied(Mute::Hidden))?;
    Ok(Permit { asker, server: server.to_owned(), place })
}

/// Reads something with the bot's token. What Discord does not show, or does not have, is hidden.
async fn get(
    host: &impl Ports,
    discord: &Discord,
    operation: &'static str,
    path: &str,
) -> Result<String, NotPosted> {
    let mut request = bot_request(discord, Method::Get, path);
    request.timeout = PATIENCE;
    let mut budget = RateLimitBudget::new(Duration::ZERO);
    let sent = send_once(host, "", operation, &request, &mut budget).await;
    let seen = sent.and_then(|response| accepted(operation, &response).map(|()| response.body));
    seen.map_err(|error| {
        if error.may_pass() {
            NotPosted::Unavailable(error)
        } else {
            NotPosted::Denied(Mute::Hidden)
        }
    })
}

/// What is no JSON has no fields, which grants nothing.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
