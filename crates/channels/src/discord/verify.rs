//! Checks that Discord sent a request: an Ed25519 signature over timestamp ‖ raw body, and a timestamp
//! that is near the clock.
//!
//! [`Verified`] can only be built here, and `parse` takes nothing else: no request is parsed before
//! its signature is checked.

use miyabi_core::http::{Incoming, MAX_INBOUND_BYTES};
use miyabi_core::ports::{Clock, Signatures};
use miyabi_core::rejection::Rejection;

/// Furthest that a timestamp may be from the clock, in seconds, in both directions.
///
/// Discord documents no window; a replay within it is harmless, since the interaction's id is the
/// job's id.
pub const MAX_SKEW_SECONDS: u64 = 5 * 60;

/// Body of a request that Discord signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    body: Vec<u8>,
}

impl Verified {
    /// Returns the raw body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// Reads the body and checks its signature.
///
/// The cheapest checks come first, so that a forged request costs little.
///
/// # Errors
/// - [`Rejection::TooLarge`] above [`MAX_INBOUND_BYTES`], declared or sent.
/// - [`Rejection::Unsigned`] when a header is missing or malformed, the timestamp is more than
///   [`MAX_SKEW_SECONDS`] off, or the signature is wrong.
/// - [`Rejection::Incomplete`] when the sender went away.
///
/// # Source
/// Discord Docs/Interactions Overview, Security and Authorization, read 2026-11-20.
pub async fn verify(
    host: &(impl Clock + Signatures),
    request: &impl Incoming,
) -> Result<Verified, Rejection> {
    if request.declared_bytes().is_some_and(|bytes| bytes > MAX_INBOUND_BYTES) {
        return Err(Rejection::TooLarge);
    }
    let signature = request.header("x-signature-ed25519").ok_or(Rejection::Unsigned)?;
    let signature = parse_signature(&signature).ok_or(Rejection::Unsigned)?;
    let timestamp = request.header("x-signature-timestamp").ok_or(Rejection::Unsigned)?;
    let seconds = parse_timestamp(&timestamp).ok_or(Rejection::Unsigned)?;
    if seconds.abs_diff(host.now().0 / 1000) > MAX_SKEW_SECONDS {
        return Err(Rejection::Unsigned);
    }
    let body = request.body(MAX_INBOUND_BYTES).await?;
    let message = [timestamp.as_bytes(), &body].concat();
    if host.is_signed(&message, &signature).await {
        Ok(Verified { body })
    } else {
        Err(Rejection::Unsigned)
    }
}

/// Exactly 128 hex digits, without signs or spaces.
fn parse_signature(text: &str) -> Option<[u8; 64]> {
    let mut signature = [0; 64];
    hex::decode_to_slice(text, &mut signature).ok().map(|()| signature)
}

/// Unix seconds, 10 to 12 digits and nothing else.
///
/// Were fewer digits accepted, a digit could move from the timestamp to the body without changing the
/// signed bytes.
fn parse_timestamp(text: &str) -> Option<u64> {
    let is_shaped = (10..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_shaped.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
