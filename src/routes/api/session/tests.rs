//! Who has signed in to the page is the owner of the key, for pages of this origin alone, until it is taken back.

use serde_json::{Value, json};

mod access;
mod codes;

use super::super::tests::{header, key, key_until, nobody, post, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_app::conversation::{self, Live};
use miyabi_core::config::{Config, Visitors};
use miyabi_core::http::SocketReply;
use miyabi_core::ids::Secret;
use miyabi_core::key::{ApiKey, Scopes};
use miyabi_testing::{Arrival, Fake};

const OWN: &str = "https://miyabi.example";
const LISTED: &str = "https://chat.example";
const SESSION: &str = "/api/session";

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

fn closed() -> Config {
    Config { origins: vec![LISTED.to_owned()], ..configured() }
}

fn open() -> Config {
    let mut config = closed();
    let secret = Secret::new("a secret of more than thirty-two bytes".to_owned());
    config.settings.as_mut().unwrap().visitors = Some(Visitors { secret, limit: 10 });
    config
}

fn send(world: &Fake, arrival: &Arrival) -> Reply {
    reply_by(world, &open(), arrival)
}

/// Returns a request by the cookie of this key.
fn by(key: &ApiKey, method: &str, path: &str) -> Arrival {
    let arrival = Arrival::new(method, path).header("origin", OWN);
    arrival.header("cookie", &format!("a=b; {KEY_COOKIE}={}", key.reveal()))
}

fn ask(arrival: Arrival) -> Arrival {
    let body = json!({ "message": "Hello", "conversation": "c1" }).to_string();
    arrival
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(body)
}

fn sign_in(body: &Value) -> Arrival {
    Arrival::new("POST", SESSION)
        .header("origin", OWN)
        .header("content-type", "application/json")
        .body(body.to_string())
}

fn told(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

fn refused(reply: &Reply) -> (u16, String) {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    (reply.status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn is_removal(reply: &Reply) -> bool {
    let set = header(reply, "set-cookie").unwrap_or_default();
    set.starts_with("__Host-miyabi-session=; Path=/; Max-Age=0; Secure; HttpOnly")
}

#[test]
fn who_sends_nothing_is_nobody_is_told_what_there_is_and_is_made_no_visitor() {
    let world = world();
    let get = Arrival::new("GET", SESSION);
    let expected = json!({
        "who": "nobody",
        "owner": null,
        "name": null,
        "scopes": [],
        "signIn": ["code", "key"],
        "isAnonymous": false,
        "isSharing": true,
        "isMemory": true,
        "isFiles": false,
        "suggestions": ["What can you do?"],
        "models": [],
        "version": env!("CARGO_PKG_VERSION"),
    });
    let nobody = reply_by(&world, &closed(), &get);
    assert_eq!((told(&nobody), header(&nobody, "set-cookie")), (expected.clone(), None));
    let nobody = send(&world, &get);
    let models = json!(["@cf/meta/llama-3.3-70b-instruct-fp8-fast"]);
    let mut open = expected;
    open["isAnonymous"] = true.into();
    open["models"] = models.clone();
    assert_eq!((told(&nobody), header(&nobody, "set-cookie")), (open.clone(), None));
    assert_eq!(world.round_trips.borrow().len(), 0);

    let visited = send(&world, &Arrival::new("GET", "/api/conversations"));
    let cookie = header(&visited, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let visitor = send(&world, &get.clone().header("cookie", &cookie));
    open["who"] = "visitor".into();
    open["owner"] = told(&visitor)["owner"].clone();
    assert!(open["owner"].as_str().is_some_and(|mark| mark.len() == 32), "{open}");
    open["scopes"] = json!(["chat", "usage:read"]);
    assert_eq!((told(&visitor), header(&visitor, "set-cookie")), (open, None));
    let forged = send(&world, &get.clone().header("cookie", &format!("{cookie}0")));
    assert_eq!(told(&forged)["who"], "nobody");
    assert!(header(&forged, "set-cookie").unwrap().starts_with("__Host-miyabi=; "));

    let mio = key(&world, "mio", "chat,memory:read");
    for arrival in [with(&mio, "GET", SESSION), by(&mio, "GET", SESSION)] {
        let person = told(&reply_by(&world, &closed(), &arrival));
        assert_eq!((&person["who"], &person["name"]), (&json!("person"), &json!("test")));
        assert_eq!(
            (&person["scopes"], &person["models"]),
            (&json!(["chat", "memory:read"]), &models)
        );
    }
}

#[test]
fn a_key_becomes_a_cookie_that_is_its_owner_on_every_route_and_beside_a_visitors() {
    let world = world();
    let mio = key(&world, "mio", "chat,keys,usage,memory");
    let signed = send(&world, &sign_in(&json!({ "key": format!(" {}\n", mio.reveal()) })));
    assert_eq!(told(&signed)["who"], "person");
    assert!(!signed.body.contains(mio.reveal()), "{signed:?}");
    let set = header(&signed, "set-cookie").unwrap();
    let expected = format!(
        "{KEY_COOKIE}={}; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Strict",
        mio.reveal()
    );
    assert_eq!(set, expected);
    let asked = send(&world, &ask(by(&mio, "POST", "/api/chat")));
    assert_eq!((asked.status, header(&asked, "set-cookie")), (200, None), "{asked:?}");
    for path in ["/api/conversations/c1", "/api/keys", "/api/usage", "/api/memory"] {
        assert_eq!(send(&world, &by(&mio, "GET", path)).status, 200, "{path}");
    }
    // Whoever was a visitor before is the person now, and a key in the header is before both.
    let visited = send(&world, &Arrival::new("GET", "/api/conversations"));
    let visitor = header(&visited, "set-cookie").unwrap().split(';').next().unwrap();
    let both = format!("{visitor}; {KEY_COOKIE}={}", mio.reveal());
    let read = Arrival::new("GET", "/api/conversations/c1").header("cookie", &both);
    assert_eq!(send(&world, &read).status, 200);
    let rin = key(&world, "rin", "chat");
    let keyed = with(&rin, "GET", "/api/conversations/c1").header("cookie", &both);
    assert_eq!(refused(&send(&world, &keyed)), is(404, "not_found"));
    let broken = by(&mio, "GET", "/api/conversations/c1").header("authorization", "Bearer x");
    assert_eq!(refused(&send(&world, &broken)), is(401, "invalid_token"));
    let reader = key(&world, "mio", "chat:read");
    let denied = send(&world, &ask(by(&reader, "POST", "/api/chat")));
    assert_eq!(refused(&denied), is(403, "insufficient_scope"));
}

#[test]
fn what_is_no_key_signs_nobody_in() {
    let world = world();
    let reader = Scopes::parse("chat:read").unwrap();
    let over = key_until(
        &world,
        Principal { owner: "mio".to_owned(), scopes: reader, expires_at: Some(1), ..nobody() },
    );
    let unknown = ApiKey::of([9; 20]);
    for wrong in ["", "miyabi_", "x", over.reveal(), unknown.reveal()] {
        let reply = send(&world, &sign_in(&json!({ "key": wrong })));
        assert_eq!(refused(&reply), is(401, "invalid_token"), "{wrong}");
        assert_eq!(header(&reply, "set-cookie"), None);
    }
    for body in [json!({}), json!({ "key": 1 }), json!({ "key": "x", "more": 1 }), json!([])] {
        assert_eq!(refused(&send(&world, &sign_in(&body))), is(400, "invalid_body"), "{body}");
    }
}

#[test]
fn a_cookie_whose_key_counts_no_more_is_refused_in_words_and_taken_away() {
    let world = world();
    let mio = key(&world, "mio", "chat,keys");
    let id: String = world.db.query_row("SELECT id FROM api_keys", [], |row| row.get(0)).unwrap();
    let revoked = send(&world, &by(&mio, "DELETE", &format!("/api/keys/{id}")));
    assert_eq!(revoked.status, 204);
    let cut = ApiKey::of([9; 20]);
    for arrival in [
        by(&mio, "GET", "/api/conversations"),
        ask(by(&mio, "POST", "/api/chat")),
        by(&cut, "GET", "/api/usage"),
        by(&cut, "GET", "/api/usage").header("cookie", "__Host-miyabi-session="),
        by(&cut, "GET", "/api/usage").header("cookie", "__Host-miyabi-session=miyabi_x"),
    ] {
        let reply = send(&world, &arrival);
        assert_eq!((refused(&reply), is_removal(&reply)), (is(401, "invalid_session"), true));
        assert!(!reply.body.contains("miyabi_"), "{reply:?}");
    }
    // Who asks who they are is told, and signs in again.
    let nobody = send(&world, &by(&mio, "GET", SESSION));
    assert_eq!((&told(&nobody)["who"], is_removal(&nobody)), (&json!("nobody"), true));
}

#[test]
fn signing_out_takes_the_cookie_away_whether_or_not_there_is_one() {
    let world = world();
    let mio = key(&world, "mio", "chat");
    let bare = Arrival::new("DELETE", SESSION).header("origin", OWN);
    for arrival in [by(&mio, "DELETE", SESSION), by(&mio, "DELETE", SESSION), bare] {
        let reply = send(&world, &arrival);
        assert_eq!((reply.status, reply.body.as_ref(), is_removal(&reply)), (204, "", true));
    }
    // A visitor has none, and goes with their own cookie; so does the one that somebody was before.
    let visited = send(&world, &Arrival::new("GET", "/api/conversations"));
    let visitor = header(&visited, "set-cookie").unwrap().split(';').next().unwrap();
    let out = Arrival::new("DELETE", SESSION).header("origin", OWN).header("cookie", visitor);
    for arrival in [out, by(&mio, "DELETE", SESSION)] {
        let reply = send(&world, &arrival);
        let set = reply.headers.iter().filter(|(name, _)| *name == "set-cookie");
        let set: Vec<_> = set.map(|(_, value)| value.as_str()).collect();
        assert_eq!(set.len(), 2, "{set:?}");
        for (value, name) in set.into_iter().zip(["__Host-miyabi-session=;", "__Host-miyabi=;"]) {
            assert!(value.starts_with(name) && value.contains("Max-Age=0"), "{value}");
        }
    }
    // A key that was pasted is a key elsewhere too.
    assert_eq!(send(&world, &with(&mio, "GET", "/api/conversations")).status, 200);
}

#[test]
fn no_page_of_another_origin_signs_in_or_out_or_uses_the_cookie() {
    let world = world();
    let mio = key(&world, "mio", "chat");
    assert_eq!(
        send(
            &world,
            &post(&mio, "/api/chat", "{\"message\":\"hi\"}").header("accept", "text/event-stream")
        )
        .status,
        200
    );
    let body = json!({ "key": mio.reveal() });
    let before = world.round_trips.borrow().len();
    for (name, value, expected) in [
        ("origin", LISTED, is(401, "missing_credentials")),
        ("origin", "null", is(403, "cross_origin")),
        ("origin", "http://miyabi.example", is(403, "cross_origin")),
        ("origin", "https://miyabi.example:8443", is(403, "cross_origin")),
        ("origin", "https://evil.example", is(403, "cross_origin")),
        ("sec-fetch-site", "same-site", is(403, "cross_origin")),
        ("sec-fetch-site", "cross-site", is(403, "cross_origin")),
    ] {
        for arrival in [
            sign_in(&body),
            by(&mio, "DELETE", SESSION),
            by(&mio, "GET", SESSION),
            by(&mio, "GET", "/api/conversations"),
            by(&mio, "DELETE", "/api/conversations/c1"),
            ask(by(&mio, "POST", "/api/chat")),
        ] {
            let arrival = arrival.without("origin").header(name, value);
            let reply = send(&world, &arrival);
            assert_eq!(refused(&reply), expected, "{name}: {value} {reply:?}");
            assert_eq!(header(&reply, "set-cookie"), None);
            assert!(!arrival.is_read());
        }
    }
    assert_eq!(world.round_trips.borrow().len(), before, "no look at the database");
    // The same from where they may.
    for (name, value) in [("origin", OWN), ("sec-fetch-site", "same-origin"), ("x-other", "x")] {
        let arrival = by(&mio, "GET", "/api/conversations").without("origin").header(name, value);
        assert_eq!(send(&world, &arrival).status, 200, "{name}");
    }
}

#[test]
fn a_socket_is_opened_by_the_cookie_from_this_origin_and_the_other_wire_takes_none() {
    let world = world();
    let mio = key(&world, "mio", "chat");
    assert_eq!(send(&world, &ask(by(&mio, "POST", "/api/chat"))).status, 200);
    let socket = |key: &ApiKey, path: &str, origin: &str| {
        let arrival = by(key, "GET", path).header("origin", origin);
        send(&world, &arrival.header("upgrade", "websocket"))
    };
    let path = "/api/conversations/c1/socket";
    let Some(SocketReply::Conversation(taken)) = socket(&mio, path, OWN).socket else { panic!() };
    assert_eq!(taken.conversation, "web:c1:mio");
    assert!(taken.request.contains(&mio.hash()) && !taken.request.contains(mio.reveal()));
    let code = |reply: Reply| match reply.socket {
        Some(SocketReply::Refused { code, .. }) => code,
        socket => panic!("{socket:?}"),
    };
    assert_eq!(code(socket(&ApiKey::of([9; 20]), path, OWN)), 4_401);
    assert_eq!(code(socket(&key(&world, "rin", "chat"), path, OWN)), 4_404);
    // One that is listed has a key, or nothing.
    assert_eq!(code(socket(&mio, path, LISTED)), 4_401);
    assert_eq!(refused(&socket(&mio, path, "https://evil.example")), is(403, "cross_origin"));
    assert_eq!(code(socket(&mio, "/agents/conversation/c1", OWN)), 4_401);
}

#[test]
fn programs_have_no_cookie() {
    let world = world();
    let mio = key(&world, "mio", "chat");
    assert_eq!(send(&world, &ask(by(&mio, "POST", "/api/chat"))).status, 200);
    let visited = send(&world, &Arrival::new("GET", "/api/conversations"));
    let visitor = header(&visited, "set-cookie").unwrap().split(';').next().unwrap();
    let rpc = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for (method, path) in [("GET", "/agents/conversation/c1/get-messages"), ("POST", "/mcp")] {
        for arrival in [
            by(&mio, method, path),
            Arrival::new(method, path).header("origin", OWN).header("cookie", visitor),
        ] {
            let arrival = arrival.header("content-type", "application/json").body(rpc);
            assert_eq!(refused(&send(&world, &arrival)), is(401, "missing_credentials"), "{path}");
        }
    }
}

#[test]
fn no_log_line_has_the_cookie() {
    let world = world();
    let mio = key(&world, "mio", "chat");
    for arrival in [
        sign_in(&json!({ "key": mio.reveal() })),
        by(&mio, "GET", SESSION),
        by(&mio, "GET", "/api/conversations"),
    ] {
        world.store_faults.borrow_mut().push("api_keys::principal");
        let reply = send(&world, &arrival);
        assert_eq!(refused(&reply), is(503, "unavailable"));
        assert!(!format!("{reply:?}").contains(mio.reveal()));
    }
    assert!(!format!("{:?}", world.events.borrow()).contains(mio.reveal()));
}
