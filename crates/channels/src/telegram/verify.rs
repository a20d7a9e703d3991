//! Checks that Telegram sent a request: by the secret token that was named when the webhook was set.
//!
//! [`Verified`] can only be built here, and `parse` takes nothing else: no update is parsed before it is known
//! whose it is.

use miyabi_core::http::Incoming;
use miyabi_core::ids::Secret;
use miyabi_core::rejection::Rejection;
use subtle::ConstantTimeEq as _;

/// Header that has the secret token.
pub const HEADER: &str = "x-telegram-bot-api-secret-token";

/// Longest body of an update that is read, in bytes. A rich message has up to 32,768 characters, each of which
/// takes up to 12 bytes where JSON escapes it, and may be the reply to another one.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Body of a request that Telegram sent.
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

/// Checks who sent a request, in a time that tells nothing of the secret but its length, and reads its body.
///
/// # Errors
/// - [`Rejection::Unsigned`] when the secret token is missing or wrong; the body is not read then.
/// - [`Rejection::TooLarge`] above two mebibytes, declared or sent.
/// - [`Rejection::Incomplete`] when the sender went away.
///
/// # Source
/// Telegram Bot API/setWebhook, read 2026-11-30.
pub async fn verify(secret: &Secret, request: &impl Incoming) -> Result<Verified, Rejection> {
    let shown = request.header(HEADER).ok_or(Rejection::Unsigned)?;
    if !bool::from(shown.as_bytes().ct_eq(secret.reveal().as_bytes())) {
        return Err(Rejection::Unsigned);
    }
    if request.declared_bytes().is_some_and(|bytes| bytes > MAX_BYTES) {
        return Err(Rejection::TooLarge);
    }
    Ok(Verified { body: request.body(MAX_BYTES).await? })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::{Arrival, run};

    const SECRET: &str = "a-secret_token-1";

    fn arrival(token: &str) -> Arrival {
        Arrival::new("POST", "/telegram/webhook").header(HEADER, token).body("{}")
    }

    fn check(arrival: &Arrival) -> Result<Vec<u8>, Rejection> {
        let secret = Secret::new(SECRET.to_owned());
        run(verify(&secret, arrival)).unwrap().map(|verified| verified.body().to_vec())
    }

    #[test]
    fn the_secret_token_opens() {
        assert_eq!(check(&arrival(SECRET)), Ok(b"{}".to_vec()));
    }

    #[test]
    fn any_other_is_refused_before_the_body_is_read() {
        for token in
            ["", "a-secret_token-", "a-secret_token-12", "A-secret_token-1", "a-secret_token-1 "]
        {
            let arrival = arrival(token);
            assert_eq!(check(&arrival), Err(Rejection::Unsigned), "{token}");
            assert!(!arrival.is_read());
        }
        let none = arrival("").without(HEADER);
        assert_eq!(check(&none), Err(Rejection::Unsigned));
        assert!(!none.is_read());
    }

    #[test]
    fn what_is_too_large_or_breaks_off_says_so() {
        let declared = arrival(SECRET).header("content-length", "4194304");
        assert_eq!(check(&declared), Err(Rejection::TooLarge));
        assert!(!declared.is_read());
        let sent = arrival(SECRET).body("x".repeat(MAX_BYTES + 1));
        assert_eq!(check(&sent), Err(Rejection::TooLarge));
        assert_eq!(check(&arrival(SECRET).breaking_off()), Err(Rejection::Incomplete));
    }
}
