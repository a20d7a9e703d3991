//! Who has come through Cloudflare Access is themselves, for pages of this origin, and whoever it does not name is
//! nobody else.

use super::*;
use miyabi_core::http::Response;
use miyabi_testing::access::{assertion, claims, header as signed_header, signed, team};

const ASSERTION: &str = "cf-access-jwt-assertion";
const NOW_S: u64 = 1_800_000_000;

fn guarded() -> Config {
    let mut config = open();
    config.settings.as_mut().unwrap().access_team = Some(team());
    config
}

fn at_access() -> Fake {
    let world = world();
    world.now.set(NOW_S * 1000);
    world
}

fn through(assertion: &str, method: &str, path: &str) -> Arrival {
    Arrival::new(method, path).header("origin", OWN).header(ASSERTION, assertion)
}

fn reach(world: &Fake, arrival: &Arrival) -> Reply {
    reply_by(world, &guarded(), arrival)
}

#[test]
fn who_has_come_through_access_is_themselves_on_every_route_of_a_page() {
    let world = at_access();
    let mio = assertion("mio", "mio@example.com", NOW_S);
    let session = told(&reach(&world, &through(&mio, "GET", SESSION)));
    assert_eq!((&session["who"], &session["name"]), (&json!("person"), &json!("mio@example.com")));
    assert_eq!(session["signIn"], json!(["access"]));
    assert_eq!(session["scopes"], json!(["chat", "memory", "files", "usage"]));
    assert!(session["owner"].as_str().is_some_and(|mark| mark.len() == 32), "{session}");
    assert_eq!(reach(&world, &ask(through(&mio, "POST", "/api/chat"))).status, 200);
    let read = "/api/conversations/c1";
    for path in [read, "/api/conversations", "/api/memory", "/api/usage"] {
        assert_eq!(reach(&world, &through(&mio, "GET", path)).status, 200, "{path}");
    }
    let keys = reach(&world, &through(&mio, "POST", "/api/keys"));
    assert_eq!(refused(&keys), is(403, "insufficient_scope"), "they make no keys");
    let rin = assertion("rin", "mio@example.com", NOW_S);
    assert_eq!(refused(&reach(&world, &through(&rin, "GET", read))), is(404, "not_found"));
    // Whoever was a visitor or has a key's cookie is whom Access names; a key in the header is its owner's.
    let other = key(&world, "eve", "chat");
    let cookies = format!("{KEY_COOKIE}={}", other.reveal());
    let both = through(&mio, "GET", read).header("cookie", &cookies);
    assert_eq!(reach(&world, &both).status, 200);
    let keyed = with(&other, "GET", read).header(ASSERTION, &mio);
    assert_eq!(refused(&reach(&world, &keyed)), is(404, "not_found"));
    // Where no team is set, nobody reads it.
    let unread = send(&world, &through(&mio, "GET", SESSION));
    assert_eq!(told(&unread)["who"], "nobody");
}

#[test]
fn whom_access_does_not_name_is_nobody_else_whatever_else_they_send() {
    let world = at_access();
    let mio = key(&world, "mio", "chat");
    let mut other = claims("mio", "mio@example.com", NOW_S);
    other["aud"] = json!(["another application"]);
    let mut program = claims("", "", NOW_S);
    program["common_name"] = json!("a.access");
    let visited = send(&world, &Arrival::new("GET", "/api/conversations"));
    let visitor = header(&visited, "set-cookie").unwrap().split(';').next().unwrap();
    let cookies = format!("{visitor}; {KEY_COOKIE}={}", mio.reveal());
    for bad in [
        "x".to_owned(),
        signed(&signed_header(), &other),
        signed(&signed_header(), &program),
        assertion("mio", "mio@example.com", NOW_S - 100_000),
    ] {
        for arrival in [
            through(&bad, "GET", SESSION),
            through(&bad, "GET", "/api/conversations"),
            ask(through(&bad, "POST", "/api/chat")),
        ] {
            for arrival in [arrival.clone().header("cookie", &cookies), arrival] {
                let reply = reach(&world, &arrival);
                assert_eq!(refused(&reply), is(401, "invalid_assertion"), "{bad}");
                assert_eq!(header(&reply, "set-cookie"), None);
                assert!(bad == "x" || !reply.body.contains(&bad), "{reply:?}");
            }
        }
    }
    assert!(!format!("{:?}", world.events.borrow()).contains("mio@example.com"));
    let gone = Response { status: 500, headers: Vec::new(), body: String::new() };
    world.certs.borrow_mut().push_back(Ok(gone));
    world.saved.borrow_mut().clear();
    let good = assertion("mio", "mio@example.com", NOW_S);
    let unavailable = reach(&world, &through(&good, "GET", SESSION).header("cookie", &cookies));
    assert_eq!(refused(&unavailable), is(503, "unavailable"));
}

#[test]
fn no_page_of_another_origin_and_no_program_is_whom_access_names() {
    let world = at_access();
    let mio = assertion("mio", "mio@example.com", NOW_S);
    assert_eq!(reach(&world, &ask(through(&mio, "POST", "/api/chat"))).status, 200);
    for (name, value, expected) in [
        ("origin", LISTED, is(401, "missing_credentials")),
        ("origin", "https://evil.example", is(403, "cross_origin")),
        ("origin", "null", is(403, "cross_origin")),
        ("sec-fetch-site", "cross-site", is(403, "cross_origin")),
    ] {
        for (method, path) in
            [("GET", "/api/conversations/c1"), ("DELETE", "/api/conversations/c1")]
        {
            let arrival = through(&mio, method, path).without("origin").header(name, value);
            assert_eq!(refused(&reach(&world, &arrival)), expected, "{name} {value}");
        }
    }
    for (method, path) in [("POST", "/mcp"), ("GET", "/agents/conversation/c1/get-messages")] {
        let reply = reach(&world, &through(&mio, method, path));
        assert_eq!(refused(&reply), is(401, "missing_credentials"), "{path}");
    }
}
