//! Edits and removes the deferred reply to an interaction, and posts follow-ups below it, one function per
//! call to Discord.
//!
//! Every body carries `allowed_mentions: {"parse": []}`: model text never pings anyone.

use core::time::Duration;

use super::Ports;
use super::call::{accepted, error_code, request, send, send_once};
use super::post::{Content, message_id, with_body};
use super::wire::MessageBody;
use miyabi_core::config::Discord;
use miyabi_core::http::{Method, Response};
use miyabi_core::ids::Secret;
use miyabi_core::transport::{RateLimitBudget, SendError};

/// The reply to one interaction, reached by its token, for 15 minutes.
#[derive(Debug, Clone, Copy)]
pub struct Interaction<'a> {
    /// Settings.
    pub discord: &'a Discord,
    /// Interaction's token.
    pub token: &'a Secret,
}

/// What became of an edit or removal of the deferred reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// There is no such reply: the asker dismissed it, or Discord has not yet seen our
    /// acknowledgement.
    Missing,
    /// The token does not count: its 15 minutes are over, or Discord has not yet seen our
    /// acknowledgement.
    Expired,
}

/// Replaces the deferred reply by a message.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// The second edit changes nothing.
///
/// # Source
/// Discord Docs/Edit Original Interaction Response, read 2026-11-20.
pub async fn edit_reply(
    host: &impl Ports,
    interaction: Interaction<'_>,
    message: Content<'_>,
) -> Result<Outcome, SendError> {
    let request = request(Method::Patch, reply_url(interaction));
    let body = MessageBody { components: message.components, ..MessageBody::text(message.content) };
    let request = with_body(request, body, message);
    let response = send(host, "edit_original", request).await?;
    outcome("edit_original", &response)
}

/// Longest wait for the response to an edit that is tried once: somebody waits for it.
const ONCE_TIMEOUT: Duration = Duration::from_secs(4);

/// As [`edit_reply`], but a limit is not waited for: for a text that another one will replace, or must
/// not be replaced by.
///
/// # Errors
/// [`SendError::RateLimited`] when Discord wants us to wait, and else as [`edit_reply`].
///
/// # Repeats
/// The second edit changes nothing.
pub async fn edit_reply_once(
    host: &impl Ports,
    operation: &'static str,
    interaction: Interaction<'_>,
    content: &str,
) -> Result<Outcome, SendError> {
    // Buttons that may stand there go.
    let components = serde_json::json!([]);
    let body = MessageBody { components: Some(&components), ..MessageBody::text(content) };
    let mut request = request(Method::Patch, reply_url(interaction)).json(&body);
    request.timeout = ONCE_TIMEOUT;
    let mut budget = RateLimitBudget::new(Duration::ZERO);
    let response = send_once(host, "", operation, &request, &mut budget).await?;
    outcome(operation, &response)
}

/// Removes the deferred reply.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// The second removal finds nothing.
///
/// # Source
/// Discord Docs/Delete Original Interaction Response, read 2026-11-20.
pub async fn delete_reply(
    host: &impl Ports,
    interaction: Interaction<'_>,
) -> Result<Outcome, SendError> {
    let request = request(Method::Delete, reply_url(interaction));
    let response = send(host, "delete_original", request).await?;
    outcome("delete_original", &response)
}

/// Posts a private follow-up to the interaction and returns its id.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// Posts again.
///
/// # Source
/// Discord Docs/Create Followup Message, read 2026-11-20.
pub async fn follow_up(
    host: &impl Ports,
    budget: &mut RateLimitBudget,
    interaction: Interaction<'_>,
    message: Content<'_>,
) -> Result<String, SendError> {
    let body = MessageBody {
        flags: super::EPHEMERAL | super::SUPPRESS_EMBEDS,
        ..MessageBody::text(message.content)
    };
    let request = request(Method::Post, interaction_url(interaction));
    let request = with_body(request, body, message);
    let response = send_once(host, "", "follow_up", &request, budget).await?;
    accepted("follow_up", &response).map(|()| message_id(&response))
}

fn interaction_url(interaction: Interaction<'_>) -> String {
    let Discord { api_base, application_id, .. } = interaction.discord;
    format!("{api_base}/webhooks/{application_id}/{}", interaction.token.reveal())
}

fn reply_url(interaction: Interaction<'_>) -> String {
    format!("{}/messages/@original", interaction_url(interaction))
}

/// 10015 and 50027 are about the token, 10008 is about the message, and a 404 without Discord's code about
/// neither.
fn outcome(operation: &'static str, response: &Response) -> Result<Outcome, SendError> {
    match (response.status, error_code(response)) {
        (404, Some(10_015)) | (401, Some(50_027)) => Ok(Outcome::Expired),
        (404, Some(10_008)) => Ok(Outcome::Missing),
        _ => accepted(operation, response).map(|()| Outcome::Done),
    }
}
