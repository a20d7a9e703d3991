//! Where do the question and the answer go? By the webhook if it serves the place of the question,
//! else as a reply to the interaction.

use serde_json::{Value, json};

use super::post;
use crate::channels::Place;
use crate::config::Discord;
use crate::fault::DiscordError;
use crate::host::{Clock, Http, Stored};

/// Where messages go. The result of a step: a stored format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// By the webhook, in its own channel.
    Channel,
    /// By the webhook, in a thread of its channel.
    Thread(String),
    /// As an edit of the deferred reply, and follow-ups.
    Reply,
}

impl Stored for Route {
    fn to_json(&self) -> Value {
        match self {
            Self::Channel => "channel".into(),
            Self::Thread(id) => json!({ "thread": id }),
            Self::Reply => "reply".into(),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value.as_str() {
            Some("channel") => Some(Self::Channel),
            Some("reply") => Some(Self::Reply),
            Some(_) => None,
            None => Some(Self::Thread(value.get("thread")?.as_str()?.to_owned())),
        }
    }
}

/// Decides on the route. The configured webhook posts in one channel: anywhere else its posts would
/// show a question in front of people who were not there.
///
/// # Errors
/// Only what may pass: 5xx, limits, no response. A webhook that is gone is [`Route::Reply`].
///
/// # Repeats
/// Reads only.
pub async fn decide(
    host: &(impl Http + Clock),
    discord: &Discord,
    place: &Place,
) -> Result<Route, DiscordError> {
    let Place::Channel { id, parent } = place else {
        return Ok(Route::Reply);
    };
    let serves = match post::webhook_channel(host, discord).await {
        Ok(Some(channel)) => channel,
        // Without a word from Discord about the channel we trust the configuration. So we do with
        // an egress proxy that lets only some paths through and answers without Discord's code.
        Ok(None) | Err(DiscordError::Refused { status: 400 | 404 | 405 | 501, code: 0, .. }) => {
            return Ok(trusted_route(id.as_deref(), parent.as_deref()));
        }
        Err(DiscordError::Refused { status, .. }) if status < 500 => return Ok(Route::Reply),
        Err(error) => return Err(error),
    };
    Ok(match (id, parent) {
        (None, _) => Route::Channel,
        (Some(id), _) if *id == serves => Route::Channel,
        (Some(id), Some(parent)) if *parent == serves => Route::Thread(id.clone()),
        (Some(_), _) => Route::Reply,
    })
}

fn trusted_route(id: Option<&str>, parent: Option<&str>) -> Route {
    match (id, parent) {
        (Some(id), Some(_)) => Route::Thread(id.to_owned()),
        _ => Route::Channel,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
