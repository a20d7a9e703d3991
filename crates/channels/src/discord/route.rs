//! Which webhook serves the place of a question, if any does.

use serde::{Deserialize, Serialize};

use super::webhooks::{self, Hook, Known};
use super::{Ports, post};
use miyabi_core::config::Discord;
use miyabi_core::fault::Fault;
use miyabi_core::question::Place;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Way of shared messages; `None` if the answer can only reach the asker alone.
    pub way: Option<Way>,
    /// What is known of the place's webhooks now, if it had to be read.
    pub known: Option<Known>,
}

/// Decides by which webhook messages go. `known` is what was just read of the place's webhooks.
///
/// A webhook posts in one channel: anywhere else its posts would show a question in front of people
/// who were not there. So the configured one serves its own channel, and any other channel one of
/// the application's own.
///
/// # Errors
/// Only what may pass: 5xx, limits, no response, the database. What Discord refuses is no way.
///
/// # Repeats
/// See [`webhooks::obtain`].
pub async fn decide(
    host: &impl Ports,
    discord: &Discord,
    place: &Place,
    known: Option<Known>,
) -> Result<Decision, Fault> {
    let nowhere = || Ok(Decision { way: None, known: None });
    let Place::Channel { id, parent, rights } = place else {
        return nowhere();
    };
    if !rights.speaks {
        return nowhere();
    }
    let by = |hook: &Hook, is_own, thread| Some(Way { webhook: hook.id.clone(), is_own, thread });
    let configured = Hook::configured(discord);
    let Some(id) = id else {
        // The platform did not tell: we trust the configuration.
        return Ok(Decision { way: by(&configured, false, None), known: None });
    };
    let home = parent.as_ref().unwrap_or(id);
    let thread = parent.is_some().then(|| id.clone());
    let known = match known {
        Some(known) => known,
        None => webhooks::known(host, discord, home).await?,
    };
    let Known { own, is_configured_gone } = known;
    let own = match own {
        Some(own) if serves(host, &own, home).await? => Some(own),
        Some(_) => own_hook(host, discord, place).await?,
        None => {
            if !is_configured_gone && serves(host, &configured, home).await? {
                let known = Some(Known { own: None, is_configured_gone });
                return Ok(Decision { way: by(&configured, false, thread), known });
            }
            own_hook(host, discord, place).await?
        }
    };
    let way = own.as_ref().and_then(|own| by(own, true, thread));
    Ok(Decision { way, known: Some(Known { own, is_configured_gone }) })
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
        Ok(None)
        | Err(
            SendError::Refused { status: 400 | 404 | 405, code: 0, .. }
            | SendError::ServerError { status: 501, code: 0, .. },
        ) => Ok(true),
        Err(SendError::Refused { code: 10_015 | 50_027, .. }) => {
            webhooks::forget(host, &hook.id).await?;
            Ok(false)
        }
        Err(SendError::Refused { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
