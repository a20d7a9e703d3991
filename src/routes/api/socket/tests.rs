//! A socket is opened for who has a key and the conversation, from where it may be, and refused in words.

use super::super::tests::{key, post, refusal, reply, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_app::conversation::{self, Live};
use miyabi_core::config::Config;
use miyabi_core::key::ApiKey;
use miyabi_testing::{Arrival, Fake};

const OWN: &str = "/api/conversations/c1/socket";
const AGENTS: &str = "/agents/conversation/c1";

fn world() -> (Fake, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let mio = key(&world, "mio", "chat");
    let body = "{\"message\":\"hi\",\"conversation\":\"c1\"}";
    let asked = post(&mio, "/api/chat", body).header("accept", "text/event-stream");
    assert_eq!(reply(&world, &asked).status, 200);
    (world, mio)
}

fn socket(key: &ApiKey, path: &str) -> Arrival {
    with(key, "GET", path).header("upgrade", "WebSocket")
}

fn from_a_page(key: &ApiKey, path: &str, origin: &str) -> Arrival {
    let protocols = format!("{PROTOCOL}, miyabi.key.{}", key.reveal());
    Arrival::new("GET", path)
        .header("upgrade", "websocket")
        .header("origin", origin)
        .header("sec-websocket-protocol", &protocols)
}

/// Returns the conversation that takes a socket, and whose it is.
fn taken(reply: Reply) -> (String, Listener) {
    let Some(SocketReply::Conversation(taken)) = reply.socket else { panic!("{reply:?}") };
    (taken.conversation, serde_json::from_str(&taken.request).unwrap())
}

/// Returns the code of a refusal on a socket.
fn closed(reply: Reply) -> (Option<String>, u16) {
    let Some(SocketReply::Refused { frame, code, reason, .. }) = reply.socket else {
        panic!("{reply:?}")
    };
    assert!((1..=123).contains(&reason.len()), "{reason}");
    (frame, code)
}

#[test]
fn a_socket_is_its_owners_and_the_key_itself_goes_nowhere() {
    let (world, mio) = world();
    for (arrival, has_protocol) in [
        (socket(&mio, OWN), false),
        (from_a_page(&mio, OWN, "https://miyabi.example"), true),
        (socket(&mio, AGENTS), false),
    ] {
        let (name, listener) = taken(reply(&world, &arrival));
        assert_eq!((name.as_str(), listener.has_protocol), ("web:c1:mio", has_protocol));
        assert_eq!((listener.owner.as_str(), listener.key), ("mio", mio.hash()));
    }
}

#[test]
fn a_socket_speaks_the_language_that_its_browser_prefers() {
    let (world, mio) = world();
    for (header, name) in
        [("ja,en-US;q=0.9,en;q=0.8", "ja"), ("en-US,en;q=0.9,ja;q=0.8", "en"), ("", "en")]
    {
        let arrival = socket(&mio, OWN).header("accept-language", header);
        let (_, listener) = taken(reply(&world, &arrival));
        assert_eq!(listener.language(), Language::of_locale(name), "{header}");
    }
}

#[test]
fn pages_of_listed_origins_and_of_its_own_may_open_one_and_others_may_not() {
    let (world, mio) = world();
    let origins = vec!["https://chat.example".to_owned()];
    let config = Config { origins, ..configured() };
    let page = |path, origin| reply_by(&world, &config, &from_a_page(&mio, path, origin));
    for origin in ["https://chat.example", "https://miyabi.example"] {
        assert!(page(OWN, origin).socket.is_some(), "{origin}");
    }
    for origin in
        ["https://evil.example", "null", "http://miyabi.example", "https://chat.example:1"]
    {
        for path in [OWN, AGENTS] {
            let refused = page(path, origin);
            assert_eq!((refused.status, refused.socket.is_none()), (403, true), "{origin}");
            assert!(refused.body.contains("cross_origin"), "{origin}");
        }
    }
}

#[test]
fn who_may_not_is_refused_as_on_every_route_and_a_page_is_told_on_the_socket() {
    let (world, mio) = world();
    let rin = key(&world, "rin", "chat");
    let reader = key(&world, "rin", "chat:read");
    let usage = key(&world, "mio", "usage");
    let unknown = "/api/conversations/c2/socket";
    for (key, path, expected) in [
        (&rin, OWN, (404, "not_found")),
        (&mio, unknown, (404, "not_found")),
        (&mio, "/api/conversations/a%20b/socket", (404, "not_found")),
        (&usage, OWN, (403, "insufficient_scope")),
        (&mio, "/api/conversations/c1/socket?token=miyabi_x", (400, "key_in_url")),
    ] {
        let (status, code) = expected;
        let told = refusal(&world, &socket(key, path));
        assert_eq!(told, (status, code.to_owned()), "{path}");
        let page = from_a_page(key, path, "https://miyabi.example");
        let (frame, close) = closed(reply(&world, &page));
        assert_eq!(close, 4_000 + status, "{path}");
        assert!(frame.unwrap().contains(code), "{path}");
    }
    // The same as for one that there is not.
    let words = |arrival: &Arrival| closed(reply(&world, arrival)).0;
    let page = |key, path| from_a_page(key, path, "https://miyabi.example");
    assert_eq!(words(&page(&rin, OWN)), words(&page(&mio, unknown)));
    let plain = Arrival::new("GET", OWN).header("upgrade", "websocket");
    assert_eq!(refusal(&world, &plain), (401, "missing_credentials".to_owned()));
    assert_eq!(
        closed(reply(&world, &Arrival::new("GET", AGENTS).header("upgrade", "websocket"))),
        (None, 4_401)
    );
    assert_eq!(refusal(&world, &with(&mio, "GET", OWN)), (426, "no_upgrade".to_owned()));
    // A client of agents comes before there is anything; who only reads does not.
    let (name, _) = taken(reply(&world, &socket(&rin, AGENTS)));
    assert_eq!(name, "web:c1:rin");
    assert_eq!(closed(reply(&world, &socket(&reader, AGENTS))), (None, 4_404));
    assert_eq!(world.conversations.borrow().len(), 1);
}

#[test]
fn a_deleted_conversation_says_that_it_is() {
    let (world, mio) = world();
    let deleted = with(&mio, "DELETE", "/api/conversations/c1");
    assert_eq!(reply(&world, &deleted).status, 204);
    let told = refusal(&world, &socket(&mio, OWN));
    assert_eq!(told, (410, "conversation_deleted".to_owned()));
    assert_eq!(closed(reply(&world, &socket(&mio, AGENTS))), (None, 4_410));
}

#[test]
fn agents_read_the_messages_of_their_owner_alone() {
    let (world, mio) = world();
    let path = "/agents/conversation/c1/get-messages";
    let read = reply(&world, &with(&mio, "GET", path));
    assert!(read.body.contains("\"text\":\"hi\""), "{}", read.body);
    let rin = key(&world, "rin", "chat:read");
    assert_eq!(reply(&world, &with(&rin, "GET", path)).body, "[]");
}
