//! Where do the question and the answer go? By a webhook if one serves the place of the question,
//! else as a reply to the interaction.

use core::cell::RefCell;

use serde_json::Value;

use super::webhooks::{self, Hook, Known};
use super::{Ports, post};
use miyabi_core::config::Discord;
use miyabi_core::fault::{DiscordError, Fault};
use miyabi_core::json::object;
use miyabi_core::ports::Stored;
use miyabi_core::question::Place;

/// Where messages go. The result of a step: a stored format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// By a webhook.
    Webhook {
        /// Channel whose own webhook it is; `None` for the configured one.
        channel: Option<String>,
        /// Thread of the webhook's channel.
        thread: Option<String>,
    },
    /// As an edit of the deferred reply, and follow-ups.
    Reply,
}

impl Stored for Route {
    fn to_json(&self) -> Value {
        match self {
            Self::Webhook { channel: None, thread: None } => "channel".into(),
            Self::Webhook { channel: None, thread: Some(thread) } => {
                object([("thread", thread.as_str().into())])
            }
            Self::Webhook { channel, thread } => object([
                ("channel", channel.as_deref().into()),
                ("thread", thread.as_deref().into()),
            ]),
            Self::Reply => "reply".into(),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        let field = |name: &str| value.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        match value.as_str() {
            Some("channel") => Some(Self::Webhook { channel: None, thread: None }),
            Some("reply") => Some(Self::Reply),
            Some(_) => None,
            None => {
                let (channel, thread) = (field("channel"), field("thread"));
                (channel.is_some() || thread.is_some()).then_some(Self::Webhook { channel, thread })
            }
        }
    }
}

/// Decides on the route. `known` is what was just read of the place's webhooks, and then the application's
/// own one, if that is the way.
///
/// A webhook posts in one channel: anywhere else its posts would show a question in front of people
/// who were not there. So the configured one serves its own channel, and any other channel one of
/// the application's own.
///
/// # Errors
/// Only what may pass: 5xx, limits, no response, the database. What Discord refuses is
/// [`Route::Reply`].
///
/// # Repeats
/// See [`webhooks::obtain`].
pub async fn decide(
    host: &impl Ports,
    discord: &Discord,
    place: &Place,
    known: &RefCell<Option<Known>>,
) -> Result<Route, Fault> {
    let Place::Channel { id, parent, rights } = place else {
        return Ok(Route::Reply);
    };
    if !rights.speaks {
        return Ok(Route::Reply);
    }
    let Some(id) = id else {
        // The platform did not tell: we trust the configuration.
        return Ok(Route::Webhook { channel: None, thread: None });
    };
    let home = parent.as_ref().unwrap_or(id);
    let thread = parent.is_some().then(|| id.clone());
    let was_known = known.take();
    let Known { own, is_configured_gone } = match was_known {
        Some(known) => known,
        None => webhooks::known(host, discord, home).await?,
    };
    let own = match own {
        Some(own) if serves(host, &own, home).await? => Some(own),
        Some(_) => own_hook(host, discord, place).await?,
        None => {
            let configured = Hook::configured(discord);
            if !is_configured_gone && serves(host, &configured, home).await? {
                return Ok(Route::Webhook { channel: None, thread });
            }
            own_hook(host, discord, place).await?
        }
    };
    if own.is_none() {
        return Ok(Route::Reply);
    }
    known.replace(Some(Known { own, is_configured_gone }));
    Ok(Route::Webhook { channel: Some(home.clone()), thread })
}

/// Returns the application's own webhook for a place, finding or making it; `None` where there can
/// be none.
///
/// # Errors
/// What may pass.
///
/// # Repeats
/// See [`webhooks::obtain`].
pub async fn own_hook(
    host: &impl Ports,
    discord: &Discord,
    place: &Place,
) -> Result<Option<Hook>, Fault> {
    let Place::Channel { id: Some(id), parent, rights } = place else {
        return Ok(None);
    };
    let home = parent.as_ref().unwrap_or(id);
    if rights.manages_webhooks {
        return webhooks::obtain(host, discord, home).await;
    }
    // One that is known serves without the right to make another.
    Ok(webhooks::known(host, discord, home).await?.own)
}

/// Returns the webhook by which messages in a place were most likely posted, without making one.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn known_hook(
    host: &impl Ports,
    discord: &Discord,
    place: &Place,
) -> Result<Hook, Fault> {
    let known = webhooks::known(host, discord, place.home().unwrap_or_default()).await?;
    Ok(known.own.unwrap_or_else(|| Hook::configured(discord)))
}

/// Whether a webhook posts in `home`: people may move one to another channel, or delete it. What is
/// found is remembered.
async fn serves(host: &impl Ports, hook: &Hook, home: &str) -> Result<bool, Fault> {
    match post::webhook_channel(host, hook.in_thread(None)).await {
        Ok(Some(channel)) => {
            if channel != home {
                webhooks::moved(host, &hook.id, &channel).await?;
            }
            Ok(channel == home)
        }
        // Without a word from Discord about the channel we trust the configuration. So we do with
        // an egress proxy that lets only some paths through and answers without Discord's code.
        Ok(None) | Err(DiscordError::Refused { status: 400 | 404 | 405 | 501, code: 0, .. }) => {
            Ok(true)
        }
        Err(DiscordError::Refused { code: 10_015 | 50_027, .. }) => {
            webhooks::forget(host, &hook.id).await?;
            Ok(false)
        }
        Err(DiscordError::Refused { status, .. }) if status < 500 => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
