//! Which webhook serves the place of a question, if any does.

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::webhooks::{self, Configured, Hook, Known};
use super::{Ports, post};
use miyabi_core::config::Discord;
use miyabi_core::fault::Fault;
use miyabi_core::transport::SendError;

/// The way of shared messages: by a webhook, in a thread of its channel or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Webhook's id.
    pub webhook: String,
    /// Whether it is one of the application's own, and not the configured one.
    pub is_own: bool,
    /// Thread of the webhook's channel.
    pub thread: Option<String>,
}

/// What was found out about a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// Way of shared messages; `None` if the answer can only reach the asker alone.
    pub way: Option<Way>,
    /// The application's own webhook, if that is the way: it is not to be looked up again.
    pub own: Option<Hook>,
}

/// Decides by which webhook messages go. `known` is what was just read of the place's webhooks.
///
/// A webhook posts in one channel: anywhere else its posts would show a question in front of people
/// who were not there. So the configured one serves its own channel, and any other channel one of
/// the application's own. Where the configured one serves it is preferred: what took its place while
/// Discord was away is left.
///
/// # Errors
/// Only what may pass: 5xx, limits, no response, the database, a refusal that is not final. What Discord
/// refuses for good is no way.
///
/// # Repeats
/// See [`webhooks::obtain`].
pub async fn decide(
    host: &impl Ports,
    discord: &Discord,
    place: &Place,
    known: Option<Known>,
) -> Result<Decision, Fault> {
    let Place::Channel { id, parent, rights } = place else {
        return Ok(Decision::default());
    };
    if !rights.speaks {
        return Ok(Decision::default());
    }
    let by_configured = |thread| {
        let way = Way { webhook: discord.webhook_id.clone(), is_own: false, thread };
        Ok(Decision { way: Some(way), own: None })
    };
    let Some(id) = id else {
        // The platform did not tell: we trust the configuration.
        return by_configured(None);
    };
    let home = parent.as_ref().unwrap_or(id);
    let thread = parent.is_some().then(|| id.clone());
    let known = match known {
        Some(known) => known,
        None => webhooks::known(host, discord, home).await?,
    };
    if known.configured == Configured::Possible && serves(host, discord, home).await? {
        return by_configured(thread);
    }
    let own = own_hook(host, discord, place, known).await?;
    let way = own.as_ref().map(|own| Way { webhook: own.id.clone(), is_own: true, thread });
    Ok(Decision { way, own })
}

/// Returns the application's own webhook for a place, finding or making it; `None` where there can
/// be none. Its token is in a list that only who manages webhooks may read.
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
    known: Known,
) -> Result<Option<Hook>, Fault> {
    match (place, place.home()) {
        (Place::Channel { id: Some(_), rights, .. }, Some(home)) if rights.manages_webhooks => {
            webhooks::obtain(host, discord, home, known).await
        }
        _ => Ok(None),
    }
}

/// Whether the configured webhook posts in `home`: people may move it to another channel, or delete it.
/// What is found is remembered.
async fn serves(host: &impl Ports, discord: &Discord, home: &str) -> Result<bool, Fault> {
    let configured = Hook::configured(discord);
    match post::webhook_channel(host, configured.in_thread(None)).await {
        Ok(Some(channel)) => {
            if channel != home {
                webhooks::moved(host, &configured.id, &channel).await?;
            }
            Ok(channel == home)
        }
        // Without a word from Discord about the channel we trust the configuration. So we do with
        // an egress proxy that lets only some paths through and answers without Discord's code.
        Ok(None)
        | Err(
            SendError::Deferred { status: 400 | 404 | 405, code: 0, .. }
            | SendError::ServerError { status: 200..=299 | 501, code: 0, .. },
        ) => Ok(true),
        Err(SendError::Refused { code: 10_015 | 50_027, .. }) => {
            webhooks::forget(host, &configured.id).await?;
            Ok(false)
        }
        Err(SendError::Refused { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
