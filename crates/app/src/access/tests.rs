//! Nobody is known by an assertion but whom the team has named, for this application, now.

use serde_json::{Value, json};

use super::*;
use miyabi_core::http::{HttpError, Response};
use miyabi_testing::access::{self, AUDIENCE, KEY_ID, claims, header, signed, team};
use miyabi_testing::{Fake, run};

const NOW_S: u64 = 1_800_000_000;

fn world() -> Fake {
    let world = Fake::new();
    world.now.set(NOW_S * 1000);
    world
}

fn ask(world: &Fake, assertion: &str) -> Result<Known, Doubt> {
    run(whose(world, &team(), assertion)).unwrap()
}

/// Claims of Mio, with one of them another one.
fn but(name: &str, value: &Value) -> Value {
    let mut claims = claims("mio", "mio@example.com", NOW_S);
    claims[name] = value.clone();
    claims
}

fn headed(name: &str, value: &Value) -> Value {
    let mut header = header();
    header[name] = value.clone();
    header
}

#[test]
fn whoever_access_names_is_the_same_person_whatever_their_address_is() {
    let world = world();
    let mio = ask(&world, &access::assertion("mio", "mio@example.com", NOW_S)).unwrap();
    assert_eq!(mio.name, "mio@example.com");
    assert!(is_owner(&mio.owner) && mio.owner.len() == "access:".len() + 40, "{}", mio.owner);
    let renamed = ask(&world, &access::assertion("mio", "new@example.com", NOW_S)).unwrap();
    assert_eq!(renamed.owner, mio.owner);
    let rin = ask(&world, &access::assertion("rin", "mio@example.com", NOW_S)).unwrap();
    assert_ne!(rin.owner, mio.owner);
    let other = AccessTeam { issuer: "https://other.cloudflareaccess.com".to_owned(), ..team() };
    assert_ne!(owner(&other, "mio"), mio.owner, "a subject is one of its team");
}

#[test]
fn one_audience_is_one_whether_or_not_it_is_in_a_list() {
    let world = world();
    for audience in [json!(AUDIENCE), json!([AUDIENCE])] {
        assert!(ask(&world, &signed(&header(), &but("aud", &audience))).is_ok(), "{audience}");
    }
    for audience in [
        json!("other"),
        json!(["other"]),
        json!([AUDIENCE, "other"]),
        json!(["other", AUDIENCE]),
        json!([AUDIENCE, AUDIENCE]),
        json!([]),
        json!({ AUDIENCE: true }),
        json!(null),
        json!([[AUDIENCE]]),
    ] {
        let refused = ask(&world, &signed(&header(), &but("aud", &audience)));
        assert_eq!(refused, Err(Doubt::Elsewhere), "{audience}");
    }
    let issuer = team().issuer;
    for other in [
        "https://other.cloudflareaccess.com".to_owned(),
        format!("{issuer}/"),
        format!("{issuer}.evil.example"),
        issuer.to_uppercase(),
    ] {
        let refused = ask(&world, &signed(&header(), &but("iss", &json!(other))));
        assert_eq!(refused, Err(Doubt::Elsewhere), "{other}");
    }
}

#[test]
fn what_is_over_or_not_valid_yet_counts_not() {
    let world = world();
    for (name, value, expected) in [
        ("exp", NOW_S - 59, true),
        ("exp", NOW_S - 60, false),
        ("exp", 0, false),
        ("nbf", NOW_S + 60, true),
        ("nbf", NOW_S + 61, false),
        ("exp", u64::MAX, true),
    ] {
        let told = ask(&world, &signed(&header(), &but(name, &json!(value))));
        assert_eq!(told.is_ok(), expected, "{name} {value}");
        assert!(expected || told == Err(Doubt::Time), "{name} {value}");
    }
    for wrong in [json!("9999999999"), json!(null), json!(-1), json!(1.5)] {
        let told = ask(&world, &signed(&header(), &but("exp", &wrong)));
        assert_eq!(told, Err(Doubt::Form), "{wrong}");
    }
}

#[test]
fn no_algorithm_but_rs256_counts_whatever_the_header_says() {
    let world = world();
    let good = claims("mio", "mio@example.com", NOW_S);
    let certs = access::certs();
    let modulus = certs["keys"][1]["n"].as_str().unwrap();
    for algorithm in ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256", ""] {
        let header = headed("alg", &json!(algorithm));
        let text = access::unsigned(&header, &good);
        // Signed as RS256 in truth; not at all; and with what everybody knows of the key as a secret.
        let shared = hmac(modulus.as_bytes(), text.as_bytes());
        for token in
            [signed(&header, &good), format!("{text}."), access::with_signature(&text, &shared)]
        {
            assert_eq!(ask(&world, &token), Err(Doubt::Form), "{algorithm}");
        }
        // The same with a header that says RS256.
        let text = access::unsigned(&access::header(), &good);
        let token = access::with_signature(&text, &hmac(modulus.as_bytes(), text.as_bytes()));
        assert_eq!(ask(&world, &token), Err(Doubt::Signature));
        assert_eq!(ask(&world, &format!("{text}.")), Err(Doubt::Signature));
    }
    // No key, and no address of one, that it brings along.
    let other = json!({ "kty": "RSA", "n": modulus, "e": "AQAB", "kid": "mine" });
    for (name, value) in [("jwk", other), ("jku", json!("https://evil.example/keys"))] {
        let mut header = headed("kid", &json!("mine"));
        header[name] = value;
        assert_eq!(ask(&world, &signed(&header, &good)), Err(Doubt::Signature), "{name}");
    }
    let critical = headed("crit", &json!(["exp"]));
    assert_eq!(ask(&world, &signed(&critical, &good)), Err(Doubt::Form));
}

/// HMAC-SHA256, as whoever takes the public key for a secret would make it.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    let hashed = Sha256::digest(key);
    block.iter_mut().zip(hashed.as_slice()).for_each(|(place, byte)| *place = *byte);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[test]
fn what_was_changed_or_cut_or_is_long_counts_not() {
    let world = world();
    let good = access::assertion("mio", "mio@example.com", NOW_S);
    let parts: Vec<&str> = good.split('.').collect();
    let other = access::unsigned(&header(), &claims("rin", "", NOW_S));
    let forged = format!("{other}.{}", parts[2]);
    assert_eq!(ask(&world, &forged), Err(Doubt::Signature));
    for token in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        parts[..2].join("."),
        format!("{good}.x"),
        format!("{good}="),
        format!(" {good}"),
        format!("x{good}"),
        good.replace(parts[1], "e30"),
        "x".repeat(9_000),
        format!("{good}{}", "A".repeat(8_192)),
    ] {
        assert!(ask(&world, &token).is_err(), "{token}");
    }
    for kid in [json!(null), json!(1), json!(["a"])] {
        let token = signed(&headed("kid", &kid), &claims("mio", "", NOW_S));
        assert_eq!(ask(&world, &token), Err(Doubt::Form), "{kid}");
    }
}

#[test]
fn a_service_token_is_nobody() {
    let world = world();
    let mut program = but("sub", &json!(""));
    program["common_name"] = json!("e367826f93b8d71185e03fe518aff3b4.access");
    assert_eq!(ask(&world, &signed(&header(), &program)), Err(Doubt::Nobody));
}

#[test]
fn keys_are_read_once_an_hour_and_for_an_unknown_id_once_a_minute() {
    let world = world();
    let count = |expected: usize, token: &str, told: Result<(), Doubt>| {
        let served = 3;
        let body = access::certs().to_string();
        let reply = || Ok(Response { status: 200, headers: Vec::new(), body: body.clone() });
        world.certs.borrow_mut().extend((0..served).map(|_| reply()));
        assert_eq!(ask(&world, token).map(drop), told);
        assert_eq!(served - world.certs.borrow().len(), expected);
        world.certs.borrow_mut().clear();
    };
    let good = access::assertion("mio", "", NOW_S);
    let unknown = signed(&headed("kid", &json!("made up")), &claims("mio", "", NOW_S));
    count(1, &good, Ok(()));
    count(0, &good, Ok(()));
    count(0, &unknown, Err(Doubt::Signature));
    world.now.set((NOW_S + 61) * 1000);
    count(1, &unknown, Err(Doubt::Signature));
    count(0, &unknown, Err(Doubt::Signature));
    count(0, &good, Ok(()));
    let (_, seconds) = world.saved.borrow().values().next().cloned().unwrap();
    assert_eq!(seconds, 3_600);
    // What is wrong at first sight asks nobody.
    world.saved.borrow_mut().clear();
    count(0, &signed(&header(), &but("aud", &json!("other"))), Err(Doubt::Elsewhere));
}

#[test]
fn keys_that_cannot_be_read_are_no_verdict() {
    let good = access::assertion("mio", "", NOW_S);
    let of = |status: u16, body: &str| {
        Ok(Response { status, headers: Vec::new(), body: body.to_owned() })
    };
    for reply in [
        of(500, "{}"),
        of(200, "<html>"),
        of(200, "{}"),
        of(200, "{\"keys\":1}"),
        Err(HttpError::Timeout),
    ] {
        let world = world();
        world.certs.borrow_mut().push_back(reply.clone());
        assert_eq!(ask(&world, &good), Err(Doubt::Unavailable), "{reply:?}");
        assert!(world.saved.borrow().is_empty());
        assert!(ask(&world, &good).is_ok());
    }
    // A key of this id that is for something else is none.
    let world = world();
    let mut certs = access::certs();
    certs["keys"][1]["use"] = json!("enc");
    world.certs.borrow_mut().push_back(of(200, &certs.to_string()));
    assert_eq!(ask(&world, &good), Err(Doubt::Signature));
    assert_eq!(certs["keys"][1]["kid"], KEY_ID);
}
