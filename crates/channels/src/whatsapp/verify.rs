//! Checks that Meta sent a request: by the signature over its body, and by a token where it tries an address.
//!
//! [`Verified`] can only be built here, and `parse` takes nothing else: nothing is parsed before it is known whose it
//! is. A request has no time, so whoever reads along could send it again: what it brings is done once all the same.

use std::borrow::Cow;

use miyabi_core::http::Incoming;
use miyabi_core::ids::Secret;
use miyabi_core::mac::mac;
use miyabi_core::rejection::Rejection;
use subtle::ConstantTimeEq as _;

/// Header that has the signature.
pub const SIGNATURE: &str = "x-hub-signature-256";

/// Longest body that is read, in bytes.
///
/// # Source
/// WhatsApp Cloud API, Webhooks, read 2026-11: deliveries have up to 3 MB.
const MAX_BYTES: usize = 3 * 1024 * 1024;

/// Longest challenge that is echoed.
const MAX_CHALLENGE: usize = 256;

/// Body of a request that Meta sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    body: Vec<u8>,
}

impl Verified {
    /// Returns the raw body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns a body as if it was verified, for tests that read a million of them.
    #[cfg(test)]
    pub(super) fn of_test(body: &[u8]) -> Self {
        Self { body: body.to_vec() }
    }
}

/// Checks who sent a request, in a time that tells nothing of the secret.
///
/// # Errors
/// - [`Rejection::Unsigned`] when the signature is missing, malformed or wrong; where the header alone shows that, the
///   body is not read.
/// - [`Rejection::TooLarge`] above three mebibytes, declared or sent.
/// - [`Rejection::Incomplete`] when the sender went away.
///
/// # Source
/// Meta, Webhooks, Validating Payloads, read 2026-11.
pub async fn verify(secret: &Secret, request: &impl Incoming) -> Result<Verified, Rejection> {
    let signature = request.header(SIGNATURE).ok_or(Rejection::Unsigned)?;
    let mut signed = [0; 32];
    let digits = signature.strip_prefix("sha256=").ok_or(Rejection::Unsigned)?;
    hex::decode_to_slice(digits, &mut signed).map_err(|_malformed| Rejection::Unsigned)?;
    if request.declared_bytes().is_some_and(|bytes| bytes > MAX_BYTES) {
        return Err(Rejection::TooLarge);
    }
    let body = request.body(MAX_BYTES).await?;
    let expected = mac(secret.reveal().as_bytes(), &[&body]);
    if bool::from(expected.ct_eq(&signed)) {
        Ok(Verified { body })
    } else {
        Err(Rejection::Unsigned)
    }
}

/// Returns the challenge of a request by which Meta tries an address, to be echoed.
///
/// # Errors
/// [`Rejection::WrongToken`] where the token is not ours, and where it is no such request.
///
/// # Source
/// WhatsApp Cloud API, Webhooks, Create a webhook endpoint, read 2026-11.
pub fn challenge(token: &Secret, query: &str) -> Result<String, Rejection> {
    let values = |name: &'static str| {
        form_urlencoded::parse(query.as_bytes()).find(move |(it, _)| it == name).map(|(_, it)| it)
    };
    let shown = values("hub.verify_token").unwrap_or(Cow::Borrowed(""));
    let is_ours = bool::from(shown.as_bytes().ct_eq(token.reveal().as_bytes()));
    let challenge = values("hub.challenge").filter(|it| is_plain(it));
    match challenge {
        Some(challenge) if is_ours && values("hub.mode").as_deref() == Some("subscribe") => {
            Ok(challenge.into_owned())
        }
        Some(_) | None => Err(Rejection::WrongToken),
    }
}

/// Says whether a challenge is one that can be echoed: Meta's have digits alone, and nothing else is worth showing.
fn is_plain(challenge: &str) -> bool {
    let is_word = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
    (1..=MAX_CHALLENGE).contains(&challenge.len()) && challenge.bytes().all(is_word)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::{Arrival, run};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const BODY: &str = r#"{"object":"whatsapp_business_account","entry":[]}"#;

    fn signature(secret: &str, body: &str) -> String {
        let code = mac(secret.as_bytes(), &[body.as_bytes()]);
        format!("sha256={}", hex::encode(code))
    }

    fn arrival(signature: &str) -> Arrival {
        Arrival::new("POST", "/whatsapp/webhook").header(SIGNATURE, signature).body(BODY)
    }

    fn check(arrival: &Arrival) -> Result<Vec<u8>, Rejection> {
        let secret = Secret::new(SECRET.to_owned());
        run(verify(&secret, arrival)).unwrap().map(|verified| verified.body().to_vec())
    }

    /// GitHub signs in the same way, and publishes an example.
    ///
    /// # Source
    /// docs.github.com, Validating webhook deliveries, Testing the webhook payload validation, read 2026-11.
    #[test]
    fn a_published_example_is_right() {
        let arrival = Arrival::new("POST", "/whatsapp/webhook")
            .header(
                SIGNATURE,
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            )
            .body("Hello, World!");
        let secret = Secret::new("It's a Secret to Everybody".to_owned());
        assert!(run(verify(&secret, &arrival)).unwrap().is_ok());
    }

    #[test]
    fn what_is_signed_is_taken() {
        assert_eq!(check(&arrival(&signature(SECRET, BODY))), Ok(BODY.as_bytes().to_vec()));
    }

    #[test]
    fn what_is_malformed_is_refused_before_the_body_is_read() {
        let right = signature(SECRET, BODY);
        let (bare, long) = (right.replace("sha256=", ""), format!("{right}00"));
        let short = right.get(..right.len() - 2).unwrap();
        let sha1 = right.replace("sha256", "sha1");
        for wrong in ["", "sha256=", &bare, short, &long, &sha1, &format!("{right} ")] {
            let arrival = arrival(wrong);
            assert_eq!(check(&arrival), Err(Rejection::Unsigned), "{wrong}");
            assert!(!arrival.is_read());
        }
        assert_eq!(check(&arrival("").without(SIGNATURE)), Err(Rejection::Unsigned));
    }

    #[test]
    fn another_body_or_secret_is_refused() {
        let other = arrival(&signature(SECRET, BODY)).body(BODY.replace("[]", "[{}]"));
        assert_eq!(check(&other), Err(Rejection::Unsigned));
        let forged = arrival(&signature("another secret", BODY));
        assert_eq!(check(&forged), Err(Rejection::Unsigned));
    }

    #[test]
    fn what_is_too_large_or_breaks_off_says_so() {
        let right = signature(SECRET, BODY);
        let declared = arrival(&right).header("content-length", "4194304");
        assert_eq!(check(&declared), Err(Rejection::TooLarge));
        assert!(!declared.is_read());
        let sent = arrival(&right).body("x".repeat(MAX_BYTES + 1));
        assert_eq!(check(&sent), Err(Rejection::TooLarge));
        assert_eq!(check(&arrival(&right).breaking_off()), Err(Rejection::Incomplete));
    }

    #[test]
    fn a_challenge_is_echoed_to_who_knows_the_token() {
        let token = Secret::new("a-verify_token-of-ours".to_owned());
        let tried = |query: &str| challenge(&token, query);
        let right =
            "hub.mode=subscribe&hub.verify_token=a-verify_token-of-ours&hub.challenge=115820";
        assert_eq!(tried(right), Ok("115820".to_owned()));
        for wrong in [
            String::new(),
            right.replace("subscribe", "unsubscribe"),
            right.replace("ours", "theirs"),
            right.replace("&hub.challenge=115820", ""),
            right.replace("115820", ""),
            right.replace("115820", "%3Cscript%3E"),
            right.replace("115820", &"1".repeat(300)),
        ] {
            assert_eq!(tried(&wrong), Err(Rejection::WrongToken), "{wrong}");
        }
    }
}
