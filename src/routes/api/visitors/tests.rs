//! A visitor has what is theirs, nothing of anybody else's, and no other page's help.

use serde_json::{Value, json};

use super::super::tests::{header, key, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_app::conversation::{self, Live};
use miyabi_app::facts;
use miyabi_core::config::Config;
use miyabi_core::http::Reply;
use miyabi_core::ids::Secret;
use miyabi_core::ports::Limit;
use miyabi_testing::{Arrival, Fake};

const NOW_MS: u64 = 1_700_000_000_000;
const DAY_MS: u64 = 86_400_000;
const OWN: &str = "https://miyabi.example";
const LISTED: &str = "https://chat.example";
const ADDRESS_OF_ALL: &str = "192.0.2.7";

fn secret() -> Secret {
    Secret::new("a secret of more than thirty-two bytes".to_owned())
}

fn open() -> Config {
    let mut config = configured();
    config.origins = vec![LISTED.to_owned()];
    let visitors = Visitors { secret: secret(), limit: 10 };
    config.settings.as_mut().unwrap().visitors = Some(visitors);
    config
}

fn world() -> Fake {
    let world = Fake::new();
    world.now.set(NOW_MS);
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

fn arrival(method: &str, path: &str) -> Arrival {
    Arrival::new(method, path).header(ADDRESS, ADDRESS_OF_ALL)
}

fn ask(conversation: &str) -> Arrival {
    let body = json!({ "message": "Remember that I like tea", "conversation": conversation });
    arrival("POST", "/api/chat")
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(body.to_string())
}

fn send(world: &Fake, arrival: &Arrival) -> Reply {
    reply_by(world, &open(), arrival)
}

/// Returns what a browser sends back of a reply's cookie.
fn cookie(reply: &Reply) -> Option<String> {
    header(reply, "set-cookie").map(|set| set.split(';').next().unwrap().to_owned())
}

fn refused(reply: &Reply) -> (u16, String) {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    assert_eq!(header(reply, "content-type"), Some("application/problem+json"), "{reply:?}");
    (reply.status, body["code"].as_str().unwrap().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn a_visitor_asks_and_finds_their_conversation_again_and_nobody_else_does() {
    let world = world();
    let asked = send(&world, &ask("c1"));
    assert_eq!(asked.status, 200, "{asked:?}");
    let set = header(&asked, "set-cookie").unwrap();
    for part in ["__Host-miyabi=v1.", "; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.to_ascii_lowercase().contains("domain"), "{set}");
    let mine = cookie(&asked).unwrap();
    let read =
        |path: &str, cookie: &str| send(&world, &arrival("GET", path).header("cookie", cookie));
    let found = read("/api/conversations/c1", &mine);
    assert_eq!((found.status, cookie(&found)), (200, None));
    let other = cookie(&send(&world, &ask("c2"))).unwrap();
    assert_ne!(mine, other);
    let person = key(&world, "mio", "chat");
    for (method, path) in [
        ("GET", "/api/conversations/c1"),
        ("GET", "/api/conversations/c1/export"),
        ("DELETE", "/api/conversations/c1"),
        ("DELETE", "/api/conversations/c1/share"),
    ] {
        let theirs = send(&world, &arrival(method, path).header("cookie", &other));
        assert_eq!(refused(&theirs), is(404, "not_found"), "{method} {path}");
        let keyed = send(&world, &with(&person, method, path));
        assert_eq!(refused(&keyed), is(404, "not_found"), "{method} {path}");
    }
    // A key counts, and the cookie beside it does not.
    let both = with(&person, "GET", "/api/conversations/c1").header("cookie", &mine);
    assert_eq!(refused(&send(&world, &both)), is(404, "not_found"));
    assert_eq!(read("/api/conversations/c1", &mine).status, 200);
    let used = read("/api/usage", &mine);
    assert_eq!(used.status, 200, "{used:?}");
}

#[test]
fn a_visitor_may_do_no_more_than_ask_and_has_no_facts() {
    let world = world();
    let mine = cookie(&send(&world, &ask("c1"))).unwrap();
    for (method, path) in [
        ("GET", "/api/memory"),
        ("DELETE", "/api/memory"),
        ("GET", "/api/keys"),
        ("DELETE", "/api/keys/k1"),
    ] {
        let reply = send(&world, &arrival(method, path).header("cookie", &mine));
        assert_eq!(refused(&reply), is(403, "insufficient_scope"), "{method} {path}");
        let nobody = send(&world, &arrival(method, path));
        assert_eq!(refused(&nobody), is(401, "missing_credentials"), "{method} {path}");
        assert_eq!(cookie(&nobody), None);
    }
    let session = Session::begin([1; 20], 1);
    assert_eq!(facts::object(&session.owner()), None);
}

#[test]
fn a_cookie_that_is_over_or_forged_is_refused_in_words_and_taken_away() {
    let world = world();
    let asked = send(&world, &ask("c1"));
    let mine = cookie(&asked).unwrap();
    let (name, value) = mine.split_once('=').unwrap();
    let forged = Secret::new("another secret of more than 32 bytes".to_owned());
    let forged = Session::begin([1; 20], NOW_MS / 1000).cookie(&forged);
    let before = world.round_trips.borrow().len();
    for cookie in [
        format!("{name}="),
        format!("{name}=x"),
        format!("{name}={value}0"),
        format!("{name}={}", value.replace("v1.", "v2.")),
        forged.split(';').next().unwrap().to_owned(),
    ] {
        for arrival in [arrival("GET", "/api/conversations/c1"), ask("c1")] {
            let reply = send(&world, &arrival.header("cookie", &cookie));
            assert_eq!(refused(&reply), is(401, "invalid_session"), "{cookie}");
            let set = header(&reply, "set-cookie").unwrap();
            assert!(set.starts_with("__Host-miyabi=; Path=/; Max-Age=0"), "{set}");
            assert!(!reply.body.contains(value), "{}", reply.body);
        }
    }
    // Nothing was looked up for it.
    assert_eq!(world.round_trips.borrow().len(), before);
    world.now.set(NOW_MS + 30 * DAY_MS);
    let over = send(&world, &arrival("GET", "/api/conversations/c1").header("cookie", &mine));
    assert_eq!(refused(&over), is(401, "invalid_session"));
}

#[test]
fn a_cookie_is_renewed_once_a_day_and_stays_the_same_visitors() {
    let world = world();
    let mine = cookie(&send(&world, &ask("c1"))).unwrap();
    let read = |cookie: &str| {
        send(&world, &arrival("GET", "/api/conversations/c1").header("cookie", cookie))
    };
    world.now.set(NOW_MS + DAY_MS);
    let renewed = cookie(&read(&mine)).unwrap();
    assert_ne!(renewed, mine);
    world.now.set(NOW_MS + 30 * DAY_MS);
    assert_eq!((read(&renewed).status, read(&mine).status), (200, 401));
}

#[test]
fn no_page_of_another_origin_makes_or_uses_a_visitor() {
    let world = world();
    let mine = cookie(&send(&world, &ask("c1"))).unwrap();
    let from = |arrival: Arrival, name: &str, value: &str| {
        let arrival = arrival.header("cookie", &mine);
        if name.is_empty() { arrival } else { arrival.header(name, value) }
    };
    for (name, value, is_ours) in [
        ("", "", true),
        ("origin", OWN, true),
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "none", true),
        ("origin", "null", false),
        ("origin", "http://miyabi.example", false),
        ("origin", "https://miyabi.example:8443", false),
        ("origin", "https://miyabi.example.evil.example", false),
        ("origin", "https://evil.example", false),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "cross-site", false),
    ] {
        for arrival in [
            arrival("GET", "/api/conversations/c1"),
            arrival("DELETE", "/api/conversations/c9"),
            ask("c1"),
        ] {
            let reply = send(&world, &from(arrival.clone(), name, value));
            assert_eq!(reply.status == 403, !is_ours, "{name}: {value}");
            if !is_ours {
                assert_eq!(refused(&reply), is(403, "cross_origin"), "{name}: {value}");
                let new = send(&world, &arrival.header(name, value));
                assert_eq!((refused(&new), cookie(&new)), (is(403, "cross_origin"), None));
            }
        }
    }
    // A page that has a key sends no cookie by itself, and is let in as before.
    let person = key(&world, "mio", "chat");
    let keyed = with(&person, "GET", "/api/conversations").header("origin", "https://evil.example");
    assert_eq!(send(&world, &keyed).status, 200);
}

#[test]
fn a_page_of_a_listed_origin_needs_a_key_since_its_browser_keeps_no_cookie() {
    let world = world();
    let mine = cookie(&send(&world, &ask("c1"))).unwrap();
    let before = world.round_trips.borrow().len();
    for arrival in [arrival("GET", "/api/conversations"), ask("c2")] {
        let listed = arrival.header("origin", LISTED);
        for arrival in [listed.clone(), listed.header("cookie", &mine)] {
            let reply = send(&world, &arrival);
            assert_eq!((refused(&reply), cookie(&reply)), (is(401, "missing_credentials"), None));
            // The page can read why.
            assert_eq!(header(&reply, "access-control-allow-origin"), Some(LISTED));
        }
    }
    assert_eq!(world.round_trips.borrow().len(), before);
    let person = key(&world, "mio", "chat");
    let keyed = with(&person, "GET", "/api/conversations").header("origin", LISTED);
    assert_eq!(send(&world, &keyed).status, 200);
}

#[test]
fn an_address_makes_only_so_many_visitors_and_who_has_a_cookie_is_not_counted() {
    let world = world();
    let mine = cookie(&send(&world, &ask("c1"))).unwrap();
    world.exhausted.borrow_mut().push((Limit::Visitor, ADDRESS_OF_ALL.to_owned()));
    let refusal = send(&world, &ask("c1"));
    assert_eq!((refused(&refusal), cookie(&refusal)), (is(429, "too_many_visitors"), None));
    assert_eq!(header(&refusal, "retry-after"), Some("60"));
    assert_eq!(header(&refusal, "ratelimit"), Some("\"visitors\";r=0;t=60"));
    assert_eq!(header(&refusal, "ratelimit-policy"), Some("\"visitors\";q=10;w=60"));
    assert!(!refusal.body.contains(ADDRESS_OF_ALL));
    assert_eq!(send(&world, &ask("c1").header("cookie", &mine)).status, 200);
    let elsewhere = send(&world, &ask("c1").header(ADDRESS, "192.0.2.8"));
    assert_eq!(elsewhere.status, 200);
    for (address, counted) in [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:db8::6", "2001:db8:0:0"),
        ("", ""),
    ] {
        let arrival = Arrival::new("GET", "/").header(ADDRESS, address);
        assert_eq!(network(&arrival), counted);
    }
    // A person's limits are a visitor's too.
    let visitor = Session::read(mine.split_once('=').unwrap().1, &secret(), NOW_MS / 1000).unwrap();
    world.exhausted.borrow_mut().push((Limit::Asker, visitor.owner()));
    let limited = send(&world, &ask("c1").header("cookie", &mine));
    assert_eq!(refused(&limited), is(429, "too_many_requests"));
}

#[test]
fn where_visitors_are_not_let_in_a_cookie_opens_nothing_and_none_is_set() {
    let world = world();
    let mine = cookie(&send(&world, &ask("c1"))).unwrap();
    for arrival in [ask("c1"), ask("c1").header("cookie", &mine)] {
        let reply = reply_by(&world, &configured(), &arrival);
        assert_eq!((refused(&reply), cookie(&reply)), (is(401, "missing_credentials"), None));
    }
    let shared = send(&world, &arrival("GET", "/share/x"));
    assert_eq!((shared.status, cookie(&shared)), (404, None));
}
