//! Signing in to the page, in real workerd: who has signed in is themselves by a cookie, on routes and sockets,
//! until they sign out.

use serde_json::json;

use crate::api::{Reply, bearer_for, json_of, send};
use crate::asking::UNSPEAKABLE;
use crate::live::Tab;
use crate::world::{self, World, text};

const SESSION: &str = "/api/session";

/// Sends what a page of the Worker's own origin sends.
fn page(world: &World, method: &str, path: &str, cookie: &str, body: &str) -> Reply {
    let origin = world.stack().url();
    let mut headers = vec![("origin", origin.as_str())];
    headers.extend((!cookie.is_empty()).then_some(("cookie", cookie)));
    headers.extend((!body.is_empty()).then_some(("content-type", "application/json")));
    send(world, method, path, &headers, body.as_bytes())
}

/// Returns what a browser sends back of a reply's cookie.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie");
    assert!(set.starts_with("__Host-miyabi-session=miyabi_"), "{}", reply.text);
    assert!(set.ends_with("; Secure; HttpOnly; SameSite=Strict"), "{}", reply.text);
    set.split(';').next().unwrap().to_owned()
}

fn is_taken_away(reply: &Reply) -> bool {
    let set = reply.header("set-cookie");
    set.starts_with("__Host-miyabi-session=;") && set.contains("Max-Age=0")
}

#[test]
fn who_signs_in_with_a_key_asks_reads_and_listens_by_the_cookie_until_they_sign_out() {
    let suggestions = r#"["What is new in Kyoto?"]"#;
    let world = world::own(&[("MIYABI_MEMORY", "on"), ("MIYABI_SUGGESTIONS", suggestions)]);
    let nobody = page(&world, "GET", SESSION, "", "");
    assert_eq!((nobody.status, text(&nobody.body, "who")), (200, "nobody"), "{}", nobody.text);
    assert_eq!(nobody.body["suggestions"], json!(["What is new in Kyoto?"]));
    let bearer = bearer_for(&world, "session-mio", "chat,keys:read");
    let key = bearer.trim_start_matches("Bearer ");
    let body = json!({ "key": key }).to_string();
    let signed = page(&world, "POST", SESSION, "", &body);
    let mine = cookie(&signed);
    assert_eq!(mine, format!("__Host-miyabi-session={key}"));
    assert_eq!(
        (text(&signed.body, "who"), text(&signed.body, "name")),
        ("person", "from the operator")
    );

    let question = json!({ "message": "Say hi", "conversation": "c1" }).to_string();
    let asked = page(&world, "POST", "/api/chat", &mine, &question);
    assert_eq!(asked.status, 200, "{}", asked.text);
    let read = page(&world, "GET", "/api/conversations/c1", &mine, "");
    assert_eq!(world::list(read.body["messages"].clone()).len(), 2, "{}", read.text);
    // It is the key's own.
    let keyed = send(&world, "GET", "/api/conversations/c1", &[("authorization", &bearer)], b"");
    assert_eq!(keyed.status, 200, "{}", keyed.text);
    let path = "/api/conversations/c1/socket";
    let own = world.stack().url();
    let mut tab = Tab::open(&world, path, &[("origin", &own), ("cookie", &mine)]).ok().unwrap();
    assert_eq!(tab.next().unwrap()["type"], "hello");
    let foreign = Tab::open(&world, path, &[("origin", "https://evil.example"), ("cookie", &mine)]);
    assert_eq!(foreign.err(), Some(403));
    let foreign = [("origin", "https://evil.example"), ("cookie", mine.as_str())];
    for (method, path) in [("GET", "/api/conversations/c1"), ("DELETE", SESSION)] {
        let refused = send(&world, method, path, &foreign, b"");
        assert_eq!(refused.problem(), (403, "cross_origin"), "{method} {path}");
    }
    let refused = send(&world, "POST", SESSION, &[foreign[0], json_of("")[1]], body.as_bytes());
    assert_eq!(refused.problem(), (403, "cross_origin"));
    let mcp = page(&world, "POST", "/mcp", &mine, "{}");
    assert_eq!(mcp.problem(), (401, "missing_credentials"));

    let out = page(&world, "DELETE", SESSION, &mine, "");
    assert_eq!((out.status, is_taken_away(&out)), (204, true), "{}", out.text);
    let over = page(&world, "GET", "/api/conversations/c1", "__Host-miyabi-session=x", "");
    assert_eq!((over.problem(), is_taken_away(&over)), ((401, "invalid_session"), true));
}

/// Sends `/link` and returns the code that is told to whoever sent it, and to nobody else.
pub(crate) fn link(world: &World, who: &str) -> String {
    let data = json!({ "name": "link" });
    let told =
        world::told_alone(&world.deliver(&json!({ "as": who, "interaction": { "data": data } })));
    assert!(told.contains(&format!("{}/ ", world.stack().url())), "{told}");
    let code = told.split('`').nth(1).unwrap().to_owned();
    // No log line may have it.
    UNSPEAKABLE.lock().unwrap().push(code.clone());
    code
}

#[test]
fn a_code_from_discord_signs_its_person_in_once_and_signing_out_ends_it() {
    let world = world::own(&[("MIYABI_MEMORY", "on")]);
    let sign_in =
        |code: &str| page(&world, "POST", SESSION, "", &json!({ "code": code }).to_string());
    let replaced = link(&world, "alex");
    let code = link(&world, "alex");
    assert_eq!(code.len(), "ABCD-EFGH".len(), "{code}");
    assert_eq!(sign_in(&replaced).problem(), (401, "invalid_code"));
    let signed = sign_in(&code.to_lowercase().replace('-', ""));
    assert_eq!(text(&signed.body, "who"), "person", "{}", signed.text);
    let mine = cookie(&signed);
    UNSPEAKABLE.lock().unwrap().push(mine.clone());
    assert_eq!(sign_in(&code).problem(), (401, "invalid_code"), "it is spent");

    let question = json!({ "message": "Say hi", "conversation": "c1" }).to_string();
    let asked = page(&world, "POST", "/api/chat", &mine, &question);
    assert_eq!(asked.status, 200, "{}", asked.text);
    let read = page(&world, "GET", "/api/conversations/c1", &mine, "");
    assert_eq!(world::list(read.body["messages"].clone()).len(), 2, "{}", read.text);
    let other = cookie(&sign_in(&link(&world, "mio")));
    let theirs = page(&world, "GET", "/api/conversations/c1", &other, "");
    assert_eq!(theirs.problem(), (404, "not_found"));
    let keys = page(&world, "GET", "/api/keys", &mine, "");
    let names = world::list(keys.body["keys"].clone());
    assert_eq!((names.len(), text(&names[0], "name")), (1, "web page"), "{}", keys.text);

    let second = cookie(&sign_in(&link(&world, "alex")));
    let out = page(&world, "DELETE", SESSION, &mine, "");
    assert_eq!((out.status, is_taken_away(&out)), (204, true), "{}", out.text);
    let over = page(&world, "GET", "/api/conversations/c1", &mine, "");
    assert_eq!((over.problem(), is_taken_away(&over)), ((401, "invalid_session"), true));
    let found = page(&world, "GET", "/api/conversations/c1", &second, "");
    assert_eq!(found.status, 200, "{}", found.text);
    let everywhere = page(&world, "DELETE", "/api/session?everywhere=true", &second, "");
    assert_eq!(everywhere.status, 204, "{}", everywhere.text);
    let over = page(&world, "GET", "/api/conversations/c1", &second, "");
    assert_eq!(over.problem(), (401, "invalid_session"));
    assert_eq!(page(&world, "GET", "/api/conversations", &other, "").status, 200);
}
