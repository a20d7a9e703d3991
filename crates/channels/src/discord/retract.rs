//! The removal of a message that a webhook of ours posted.

use super::Ports;
use super::call::{accepted, request, send};
use super::place::Place;
use super::post::{Webhook, channel_messages};
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
        for hook in self.hooks(&place).await.map_err(unavailable)? {
            let webhook = hook.in_thread(place.thread());
            match delete_webhook_message(&self.host, webhook, message_id).await {
                // Another webhook posted it, or it is gone.
                Err(SendError::Refused { status: 404 | 401, .. }) => {}
                removed => return removed,
            }
        }
        // One may have posted it that is gone, has moved, or cannot be called without its token.
        let is_left = match &place {
            Place::Channel { id: Some(channel), rights, .. } if rights.reads => {
                let before = message_id.parse().unwrap_or(1_u64).saturating_sub(1).to_string();
                let page = channel_messages(&self.host, &self.settings, channel, &before).await?;
                page.iter().any(|message| message.id == message_id)
            }
            Place::Channel { .. } => true,
            Place::Direct => false,
        };
        let refused = SendError::Refused { operation: "delete_message", status: 403, code: 50_013 };
        if is_left { Err(refused) } else { Ok(()) }
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
