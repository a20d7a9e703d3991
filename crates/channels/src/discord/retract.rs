//! The removal of a message that a webhook of ours posted.

use super::Ports;
use super::call::{accepted, request, send};
use super::place::Place;
use super::post::Webhook;
use super::transport::{Discord, unavailable};
use miyabi_core::http::Method;
use miyabi_core::question::Question;
use miyabi_core::transport::SendError;

impl<H: Ports> Discord<H> {
    /// Removes a post, by whichever webhook of ours it was posted.
    ///
    /// # Errors
    /// See [`SendError`].
    ///
    /// # Repeats
    /// The second removal finds nothing and succeeds.
    pub(super) async fn remove_post(
        &self,
        question: &Question,
        message_id: &str,
    ) -> Result<(), SendError> {
        let place = Place::of(question);
        let hooks = self.hooks(&place).await.map_err(unavailable)?;
        let is_complete = hooks.len() > 1;
        for hook in hooks {
            let webhook = hook.in_thread(place.thread());
            match delete_webhook_message(&self.host, webhook, message_id).await {
                // Another webhook posted it, or it is gone.
                Err(SendError::Refused { status: 404 | 401, .. }) => {}
                removed => return removed,
            }
        }
        // Its own webhook may have posted it, and cannot be called without its token.
        if !is_complete && self.known(&place).await.map_err(unavailable)?.own.is_some() {
            return Err(SendError::Refused {
                operation: "delete_message",
                status: 403,
                code: 50_013,
            });
        }
        Ok(())
    }
}

/// Removes a message that the webhook posted.
///
/// # Errors
/// See [`SendError`].
///
/// # Repeats
/// The second removal is refused with 404.
///
/// # Source
/// Discord Docs/Delete Webhook Message, read 2026-11-28.
async fn delete_webhook_message(
    host: &impl Ports,
    webhook: Webhook<'_>,
    id: &str,
) -> Result<(), SendError> {
    let url = format!("{}/messages/{id}", webhook.url.reveal());
    let url = match webhook.thread {
        None => url,
        Some(thread) => format!("{url}?thread_id={thread}"),
    };
    let response = send(host, "delete_message", request(Method::Delete, url)).await?;
    accepted("delete_message", &response)
}
