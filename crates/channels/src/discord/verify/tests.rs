//! Only what Discord signed, a moment ago, passes.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;

use super::*;
use crate::discord::parse;
use crate::discord::webhook_url::parse_webhook_url;
use miyabi_core::config::{Config, Environment};
use miyabi_core::ids::Millis;
use miyabi_testing::{Arrival, Fake, Gullible, run};

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Vector>,
}

/// One published case; see `README.md`.
#[derive(Deserialize)]
struct Vector {
    name: String,
    expect: Option<bool>,
    public_key: String,
    timestamp: Option<String>,
    body: String,
    signature: Option<String>,
}

/// A clock and a key, as little as `verify` needs.
struct Door {
    now_seconds: u64,
    key: [u8; 32],
}

impl Clock for Door {
    fn now(&self) -> Millis {
        Millis(self.now_seconds * 1000)
    }

    async fn sleep(&self, _: core::time::Duration) {
        panic!("nothing here sleeps")
    }

    fn local_time(&self, _: &str) -> Option<String> {
        None
    }
}

impl Signatures for Door {
    async fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.key)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

struct OnlyKey<'a>(&'a str);

impl Environment for OnlyKey<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (name == "DISCORD_PUBLIC_KEY").then(|| self.0.to_owned())
    }

    fn has_binding(&self, _: &str) -> bool {
        false
    }
}

impl Vector {
    fn arrival(&self) -> Arrival {
        let mut arrival = Arrival::new("POST", "/discord/interactions").body(&self.body);
        if let Some(signature) = &self.signature {
            arrival = arrival.header("x-signature-ed25519", signature);
        }
        if let Some(timestamp) = &self.timestamp {
            arrival = arrival.header("x-signature-timestamp", timestamp);
        }
        arrival
    }

    /// Verifies the case with its own public key, as the configuration reads it.
    fn verify(&self, now_seconds: u64) -> Result<Verified, Rejection> {
        let key = Config::read(&OnlyKey(&self.public_key), parse_webhook_url).public_key;
        let key = key.ok_or(Rejection::Unconfigured)?;
        run(verify(&Door { now_seconds, key }, &self.arrival())).unwrap()
    }
}

const NOW: u64 = 1_700_000_000;

fn vectors() -> Vec<Vector> {
    let vectors: Vectors = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert_eq!(vectors.cases.len(), 27);
    vectors.cases
}

fn vector(name: &str) -> Vector {
    vectors().into_iter().find(|case| case.name == name).unwrap()
}

/// Verifies at the fake's time, and returns whether the body was read.
fn check(arrival: &Arrival, expected: Result<(), Rejection>, is_read: bool) {
    let verified = run(verify(&Fake::new(), arrival)).unwrap();
    assert_eq!(verified.map(drop), expected);
    assert_eq!(arrival.is_read(), is_read);
}

#[test]
fn answers_the_published_vectors_as_they_expect_or_as_we_chose() {
    // Where the vectors leave it open, or a signature alone cannot tell.
    let chosen = BTreeMap::from([
        ("signature_uppercase_hex", Ok(())),
        ("body_empty_signed", Ok(())),
        ("stale_but_valid", Err(Rejection::Unsigned)),
        ("boundary_shift_accepted_by_construction", Err(Rejection::Unsigned)),
        // Not a door that is closed, but one that was never built: 503, and the operator is told.
        ("public_key_bad_length", Err(Rejection::Unconfigured)),
    ]);
    for case in vectors() {
        let expected = match (chosen.get(case.name.as_str()), case.expect) {
            (Some(chosen), _) => *chosen,
            (None, Some(true)) => Ok(()),
            (None, Some(false)) => Err(Rejection::Unsigned),
            (None, None) => panic!("{}: say what we chose", case.name),
        };
        assert_eq!(case.verify(NOW).map(drop), expected, "{}", case.name);
    }
}

#[test]
fn passes_the_bytes_on_as_they_came() {
    for name in ["valid_ping", "valid_command_utf8", "valid_trailing_newline"] {
        let case = vector(name);
        assert_eq!(case.verify(NOW).unwrap().body(), case.body.as_bytes(), "{name}");
    }
}

#[test]
fn an_empty_body_that_is_signed_is_no_interaction() {
    let verified = vector("body_empty_signed").verify(NOW).unwrap();
    assert_eq!(parse::parse(&verified), Err(Rejection::Malformed));
}

#[test]
fn a_stale_request_is_refused_by_its_time_alone() {
    let case = vector("stale_but_valid");
    assert_eq!(case.verify(1_500_000_000).map(drop), Ok(()));
    assert_eq!(case.verify(NOW).map(drop), Err(Rejection::Unsigned));
}

#[test]
fn a_digit_that_moved_into_the_body_is_refused_even_at_the_time_it_names() {
    let case = vector("boundary_shift_accepted_by_construction");
    assert_eq!(case.verify(170_000_000).map(drop), Err(Rejection::Unsigned));
}

#[test]
fn a_clock_may_be_five_minutes_off_and_no_more() {
    let case = vector("valid_ping");
    for (now_seconds, expected) in [
        (NOW, Ok(())),
        (NOW + 300, Ok(())),
        (NOW - 300, Ok(())),
        (NOW + 301, Err(Rejection::Unsigned)),
        (NOW - 301, Err(Rejection::Unsigned)),
        (0, Err(Rejection::Unsigned)),
    ] {
        assert_eq!(case.verify(now_seconds).map(drop), expected, "{now_seconds}");
    }
}

#[test]
fn a_request_without_both_headers_is_refused_unread() {
    let world = Fake::new();
    for name in ["x-signature-ed25519", "x-signature-timestamp"] {
        let arrival = Arrival::signed(&world, "{}").without(name);
        check(&arrival, Err(Rejection::Unsigned), false);
    }
    check(&Arrival::new("POST", "/"), Err(Rejection::Unsigned), false);
}

#[test]
fn a_malformed_timestamp_is_refused_unread_though_it_is_signed() {
    let world = Fake::new();
    for timestamp in [
        "",
        "0",
        "+1700000000",
        "-1700000000",
        " 1700000000",
        "1700000000 ",
        "1700000000.0",
        "1.7e9",
        "0x6553f100",
        "1700000000\n",
        "١٧٠٠٠٠٠٠٠٠",
        "１７００００００００",
        "170000000",
        "0001700000000",
        "18446744073709551616",
    ] {
        let arrival = Arrival::signed(&world, "{}")
            .header("x-signature-ed25519", &world.sign(timestamp, b"{}"))
            .header("x-signature-timestamp", timestamp);
        check(&arrival, Err(Rejection::Unsigned), false);
    }
}

#[test]
fn a_stale_request_is_refused_unread() {
    let world = Fake::new();
    let arrival = Arrival::signed(&world, "{}").header("x-signature-timestamp", "1600000000");
    check(&arrival, Err(Rejection::Unsigned), false);
}

#[test]
fn a_declared_size_above_the_limit_is_refused_before_anything_else() {
    let size = (MAX_INBOUND_BYTES + 1).to_string();
    let arrival = Arrival::new("POST", "/").header("content-length", &size);
    check(&arrival, Err(Rejection::TooLarge), false);
}

#[test]
fn a_body_that_grows_above_the_limit_is_refused_whatever_was_declared() {
    let body = "x".repeat(MAX_INBOUND_BYTES + 1);
    for declared in [None, Some("2"), Some("many"), Some("99999999999999999999999")] {
        let mut arrival = Arrival::forged(&Fake::new(), &body);
        if let Some(declared) = declared {
            arrival = arrival.header("content-length", declared);
        }
        check(&arrival, Err(Rejection::TooLarge), true);
    }
}

#[test]
fn a_body_of_exactly_the_limit_passes() {
    let body = "x".repeat(MAX_INBOUND_BYTES);
    let size = MAX_INBOUND_BYTES.to_string();
    let arrival = Arrival::forged(&Fake::new(), &body).header("content-length", &size);
    let verified = run(verify(&Gullible(Fake::new()), &arrival)).unwrap();
    assert_eq!(verified.unwrap().body(), body.as_bytes());
}

#[test]
fn a_sender_that_goes_away_is_told_apart_from_a_wrong_signature() {
    let arrival = Arrival::signed(&Fake::new(), "{}").breaking_off();
    check(&arrival, Err(Rejection::Incomplete), true);
}
