//! Checks that Slack sent a request: by the signature over its time and its body.
//!
//! [`Verified`] can only be built here, and `parse` takes nothing else: nothing is parsed before it is known whose it
//! is.

use miyabi_core::http::Incoming;
use miyabi_core::ids::{Millis, Secret};
use miyabi_core::mac::mac;
use miyabi_core::ports::Clock;
use miyabi_core::rejection::Rejection;
use subtle::ConstantTimeEq as _;

/// Header that has the signature.
pub const SIGNATURE: &str = "x-slack-signature";

/// Header that has the time at which it was made, in Unix seconds.
pub const TIMESTAMP: &str = "x-slack-request-timestamp";

/// How far a time may be from ours: whoever reads along cannot send a request again later.
///
/// # Source
/// docs.slack.dev/authentication/verifying-requests-from-slack, May 2026: five minutes.
const WINDOW_S: u64 = 300;

/// Longest body that is read, in bytes. A message has up to 40,000 characters, and comes with blocks that say the same
/// once more.
const MAX_BYTES: usize = 1024 * 1024;

/// Body of a request that Slack sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    body: Vec<u8>,
    sent: Millis,
}

impl Verified {
    /// Returns the raw body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns when Slack sent it.
    pub fn sent(&self) -> Millis {
        self.sent
    }

    /// Returns a body as if it was verified, for tests that read a million of them.
    #[cfg(test)]
    pub(super) fn of_test(body: &[u8]) -> Self {
        Self { body: body.to_vec(), sent: Millis(1_700_000_000_000) }
    }
}

/// Checks who sent a request, in a time that tells nothing of the secret.
///
/// # Errors
/// - [`Rejection::Unsigned`] when the signature or its time is missing, malformed, wrong or stale; where headers alone
///   show that, the body is not read.
/// - [`Rejection::TooLarge`] above a mebibyte, declared or sent.
/// - [`Rejection::Incomplete`] when the sender went away.
///
/// # Source
/// docs.slack.dev/authentication/verifying-requests-from-slack, May 2026.
pub async fn verify(
    clock: &impl Clock,
    secret: &Secret,
    request: &impl Incoming,
) -> Result<Verified, Rejection> {
    let timestamp = request.header(TIMESTAMP).ok_or(Rejection::Unsigned)?;
    let signature = request.header(SIGNATURE).ok_or(Rejection::Unsigned)?;
    let signed = read_signature(&signature).ok_or(Rejection::Unsigned)?;
    let sent_s = read_time(&timestamp).ok_or(Rejection::Unsigned)?;
    if sent_s.abs_diff(clock.now().0 / 1000) > WINDOW_S {
        return Err(Rejection::Unsigned);
    }
    if request.declared_bytes().is_some_and(|bytes| bytes > MAX_BYTES) {
        return Err(Rejection::TooLarge);
    }
    let body = request.body(MAX_BYTES).await?;
    let parts: [&[u8]; 4] = [b"v0:", timestamp.as_bytes(), b":", &body];
    let expected = mac(secret.reveal().as_bytes(), &parts);
    if bool::from(expected.ct_eq(&signed)) {
        Ok(Verified { body, sent: Millis(sent_s * 1000) })
    } else {
        Err(Rejection::Unsigned)
    }
}

/// Reads `v0=` and the code in hexadecimal digits.
fn read_signature(text: &str) -> Option<[u8; 32]> {
    let mut code = [0; 32];
    hex::decode_to_slice(text.strip_prefix("v0=")?, &mut code).ok()?;
    Some(code)
}

/// Reads a time. It is signed as it is written, so it has to be written in one way.
fn read_time(timestamp: &str) -> Option<u64> {
    let is_number = !timestamp.starts_with('0') && timestamp.bytes().all(|it| it.is_ascii_digit());
    timestamp.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::{Arrival, Fake, run};

    /// The example of Slack's own documentation.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const TIME: &str = "1531420618";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const CODE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn arrival(time: &str, code: &str, body: &str) -> Arrival {
        let arrival = Arrival::new("POST", "/slack/commands");
        arrival.header(TIMESTAMP, time).header(SIGNATURE, code).body(body)
    }

    fn check_at(seconds: u64, arrival: &Arrival) -> Result<Vec<u8>, Rejection> {
        let world = Fake::new();
        world.now.set(seconds * 1000);
        let secret = Secret::new(SECRET.to_owned());
        run(verify(&world, &secret, arrival)).unwrap().map(|verified| verified.body().to_vec())
    }

    fn check(arrival: &Arrival) -> Result<Vec<u8>, Rejection> {
        check_at(1_531_420_618, arrival)
    }

    #[test]
    fn slacks_own_example_is_right() {
        assert_eq!(check(&arrival(TIME, CODE, BODY)), Ok(BODY.as_bytes().to_vec()));
    }

    #[test]
    fn a_time_out_of_the_window_is_refused_before_the_body_is_read() {
        for (now_s, is_right) in [
            (1_531_420_618 - 300, true),
            (1_531_420_618 + 300, true),
            (1_531_420_618 - 301, false),
            (1_531_420_618 + 301, false),
        ] {
            let arrival = arrival(TIME, CODE, BODY);
            assert_eq!(check_at(now_s, &arrival).is_ok(), is_right, "{now_s}");
            assert_eq!(arrival.is_read(), is_right);
        }
    }

    #[test]
    fn what_is_malformed_is_refused_before_the_body_is_read() {
        let short = CODE.get(..CODE.len() - 2).unwrap();
        let long = format!("{CODE}00");
        for (time, code) in [
            ("", CODE),
            ("x", CODE),
            ("+1531420618", CODE),
            ("01531420618", CODE),
            ("1531420618.0", CODE),
            (" 1531420618", CODE),
            ("99999999999999999999999", CODE),
            (TIME, ""),
            (TIME, "v0="),
            (TIME, "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            (TIME, short),
            (TIME, &long),
            (TIME, "v0=zz114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ] {
            let arrival = arrival(time, code, BODY);
            assert_eq!(check(&arrival), Err(Rejection::Unsigned), "{time} {code}");
            assert!(!arrival.is_read());
        }
        for missing in [TIMESTAMP, SIGNATURE] {
            let arrival = arrival(TIME, CODE, BODY).without(missing);
            assert_eq!(check(&arrival), Err(Rejection::Unsigned));
            assert!(!arrival.is_read());
        }
    }

    #[test]
    fn another_body_time_or_secret_is_refused() {
        let other = BODY.replace("roadrunner", "coyote");
        for (time, body) in [(TIME, other.as_str()), ("1531420619", BODY), (TIME, "")] {
            assert_eq!(check(&arrival(time, CODE, body)), Err(Rejection::Unsigned));
        }
        let world = Fake::new();
        world.now.set(1_531_420_618_000);
        let secret = Secret::new(SECRET.to_uppercase());
        let checked = run(verify(&world, &secret, &arrival(TIME, CODE, BODY))).unwrap();
        assert_eq!(checked, Err(Rejection::Unsigned));
    }

    #[test]
    fn what_is_too_large_or_breaks_off_says_so() {
        let declared = arrival(TIME, CODE, BODY).header("content-length", "4194304");
        assert_eq!(check(&declared), Err(Rejection::TooLarge));
        assert!(!declared.is_read());
        let sent = arrival(TIME, CODE, &"x".repeat(MAX_BYTES + 1));
        assert_eq!(check(&sent), Err(Rejection::TooLarge));
        assert_eq!(check(&arrival(TIME, CODE, BODY).breaking_off()), Err(Rejection::Incomplete));
    }
}
