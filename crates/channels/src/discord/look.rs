//! What Discord says about the application and its webhook, for the operator's deep check.
//!
//! An operator waits for the answer, so limits are returned and not waited for.

use serde_json::Value;

use super::call::{accepted, bot_request, request};
use miyabi_core::config::Discord;
use miyabi_core::http::Method;
use miyabi_core::json;
use miyabi_core::ports::Http;
use miyabi_core::transport::SendError;

/// What can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The configured webhook.
    Webhook,
    /// The application whose bot has the token.
    Application,
    /// The commands that are registered everywhere.
    Commands,
}

/// Returns what Discord answers.
///
/// # Errors
/// See [`SendError`]; a limit is [`SendError::Refused`] with 429.
///
/// # Repeats
/// Reads only.
///
/// # Source
/// Discord Docs/Get Webhook with Token, Get Current Application, Get Global Application Commands,
/// read 2026-11-21.
pub async fn look(host: &impl Http, discord: &Discord, sight: Sight) -> Result<Value, SendError> {
    let bot = |path: &str| bot_request(discord, Method::Get, path);
    let (operation, request) = match sight {
        Sight::Webhook => {
            ("get_webhook", request(Method::Get, discord.webhook_url.reveal().to_owned()))
        }
        Sight::Application => ("get_application", bot("/applications/@me")),
        Sight::Commands => {
            let id = &discord.application_id;
            let path = format!("/applications/{id}/commands?with_localizations=true");
            ("get_commands", bot(&path))
        }
    };
    let response =
        host.send(&request).await.map_err(|source| SendError::NoResponse { operation, source })?;
    accepted(operation, &response)?;
    Ok(json::parse(&response.body).unwrap_or_default())
}
