//! Visitors without a key, in real workerd: each asks, finds their own again and sees nothing of another's.

use serde_json::json;

use crate::api::{Reply, bearer_for, send};
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, list, text};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const VARS: [(&str, &str); 2] = [("MIYABI_ANONYMOUS", "on"), ("MIYABI_SESSION_SECRET", SECRET)];

fn ask(world: &World, headers: &[(&str, &str)]) -> Reply {
    let headers = [&[("content-type", "application/json")], headers].concat();
    let body = json!({ "message": "Say hi", "conversation": "c1" }).to_string();
    send(world, "POST", "/api/chat", &headers, body.as_bytes())
}

/// Returns what a browser sends back of a reply's cookie.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie");
    assert!(set.starts_with("__Host-miyabi=v1."), "{set}");
    assert!(set.ends_with("; Secure; HttpOnly; SameSite=Strict"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    // No log line may have it.
    UNSPEAKABLE.lock().unwrap().push(cookie.clone());
    cookie
}

#[test]
fn visitors_ask_without_a_key_and_are_nobody_else() {
    let world = world::own(&VARS);
    let first = ask(&world, &[("origin", &world.stack().url())]);
    assert_eq!(first.status, 200, "{}", first.text);
    let mine = cookie(&first);
    let read =
        |cookie: &str| send(&world, "GET", "/api/conversations/c1", &[("cookie", cookie)], b"");
    let found = read(&mine);
    assert_eq!(list(found.body["messages"].clone()).len(), 2, "{}", found.text);
    assert_eq!(found.header("set-cookie"), "");
    assert_eq!(text(&found.body["messages"][1]["parts"][0], "text"), text(&first.body, "message"));

    let other = cookie(&send(&world, "GET", "/api/conversations", &[], b""));
    assert_ne!(mine, other);
    assert_eq!(read(&other).problem(), (404, "not_found"));
    let key = bearer_for(&world, "visitors-mio", "chat");
    let keyed = [("authorization", key.as_str()), ("cookie", mine.as_str())];
    let theirs = send(&world, "GET", "/api/conversations/c1", &keyed, b"");
    assert_eq!(theirs.problem(), (404, "not_found"));

    let forged = format!("{mine}0");
    let refused = read(&forged);
    assert_eq!(refused.problem(), (401, "invalid_session"));
    assert!(refused.header("set-cookie").contains("Max-Age=0"), "{:?}", refused.text);
    for origin in ["https://evil.example", "null"] {
        let refused = ask(&world, &[("cookie", &mine), ("origin", origin)]);
        assert_eq!(refused.problem(), (403, "cross_origin"), "{origin}");
        assert_eq!(refused.header("access-control-allow-origin"), "");
    }
    let memory = send(&world, "GET", "/api/memory", &[("cookie", &mine)], b"");
    assert_eq!(memory.problem(), (403, "insufficient_scope"));
    let gone = send(&world, "DELETE", "/api/conversations/c1", &[("cookie", &mine)], b"");
    assert_eq!(gone.status, 204, "{}", gone.text);
}

#[test]
fn without_a_secret_that_nobody_guesses_visitors_are_no_silent_no() {
    let world = world::own(&[("MIYABI_ANONYMOUS", "on"), ("MIYABI_SESSION_SECRET", "short")]);
    let refused = ask(&world, &[]);
    assert_eq!(refused.problem(), (503, "not_configured"));
    let health = xtask::http::get(&format!("{}/health", world.stack().url())).unwrap();
    let health = health.json().unwrap();
    assert_eq!(health["configured"], false, "{health}");
    let problems = health["problems"].to_string();
    assert!(problems.contains("MIYABI_SESSION_SECRET"), "{problems}");
    assert!(problems.contains("is shorter than 32 bytes"), "{problems}");
}
