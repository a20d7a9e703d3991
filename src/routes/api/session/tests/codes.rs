//! A code from Discord signs its person in once, and signing out ends what it was spent for.

use super::*;
use miyabi_core::ports::Limit;
use miyabi_testing::run;

fn code(world: &Fake, owner: &str) -> String {
    run(sign_in::offer(world, owner, "")).unwrap().unwrap().shown()
}

fn by_code(code: &str) -> Arrival {
    sign_in(&json!({ "code": code })).header("cf-connecting-ip", "192.0.2.7")
}

/// Returns what a browser sends back of a reply's cookie.
fn cookie(reply: &Reply) -> String {
    let set = header(reply, "set-cookie").unwrap_or_default();
    set.split(';').next().unwrap_or_default().to_owned()
}

fn signed_in(world: &Fake, owner: &str) -> String {
    let reply = send(world, &by_code(&code(world, owner)));
    assert_eq!(reply.status, 200, "{reply:?}");
    cookie(&reply)
}

fn with_cookie(cookie: &str, method: &str, path: &str) -> Arrival {
    Arrival::new(method, path).header("origin", OWN).header("cookie", cookie)
}

#[test]
fn a_code_is_a_cookie_of_its_person_that_may_do_what_the_page_shows() {
    let world = world();
    let code = code(&world, "mio");
    let signed = send(&world, &by_code(&code.to_lowercase().replace('-', " ")));
    let body = told(&signed);
    assert_eq!((&body["who"], &body["name"]), (&json!("person"), &json!("web page")));
    assert_eq!(body["scopes"], json!(["chat", "memory", "files", "usage", "keys:read"]));
    let mine = cookie(&signed);
    let secret = mine.strip_prefix("__Host-miyabi-session=").unwrap();
    assert!(ApiKey::parse(secret).is_some() && !signed.body.contains(secret), "{signed:?}");
    assert_eq!(send(&world, &ask(with_cookie(&mine, "POST", "/api/chat"))).status, 200);
    for path in ["/api/conversations/c1", "/api/keys", "/api/usage", "/api/memory"] {
        assert_eq!(send(&world, &with_cookie(&mine, "GET", path)).status, 200, "{path}");
    }
    // It is the person's, and their keys find what was asked.
    let own = key(&world, "mio", "chat,keys");
    assert_eq!(send(&world, &with(&own, "GET", "/api/conversations/c1")).status, 200);
    let create = with_cookie(&mine, "POST", "/api/keys").header("content-type", "application/json");
    let create = create.body(r#"{"name":"a","scopes":["chat"]}"#);
    assert_eq!(refused(&send(&world, &create)), is(403, "insufficient_scope"));
    // Taken back as any key, it is over.
    let id: String =
        world.db.query_row("SELECT id FROM api_keys WHERE is_page", [], |row| row.get(0)).unwrap();
    assert_eq!(send(&world, &with(&own, "DELETE", &format!("/api/keys/{id}"))).status, 204);
    let over = send(&world, &with_cookie(&mine, "GET", "/api/usage"));
    assert_eq!((refused(&over), is_removal(&over)), (is(401, "invalid_session"), true));
}

#[test]
fn a_code_that_is_wrong_spent_replaced_or_over_is_one_and_the_same_answer() {
    let world = world();
    let replaced = code(&world, "mio");
    let spent = code(&world, "mio");
    assert_eq!(send(&world, &by_code(&spent)).status, 200);
    let over = code(&world, "rin");
    world.db.execute_batch("UPDATE sign_in_codes SET expires_at = unixepoch()").unwrap();
    let words = |code: &str| {
        let reply = send(&world, &by_code(code));
        assert_eq!(refused(&reply), is(401, "invalid_code"), "{code}");
        assert_eq!(header(&reply, "set-cookie"), None);
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        body["detail"].clone()
    };
    let expected = words("ZZZZ-ZZZZ");
    for code in [&spent, &replaced, &over, "", "x", "UUUU-UUUU", "ABCD-EFGH-J"] {
        assert_eq!(words(code), expected, "{code}");
    }
    assert!(!format!("{:?}", world.events.borrow()).contains(&spent));
    for body in [json!({ "code": 1 }), json!({ "code": "x", "key": "y" }), json!({ "x": "y" })] {
        assert_eq!(refused(&send(&world, &sign_in(&body))), is(400, "invalid_body"), "{body}");
    }
}

#[test]
fn an_address_tries_only_so_many_codes_and_its_visitors_are_not_counted_for_it() {
    let world = world();
    let good = code(&world, "mio");
    let counted = |address: &str| {
        world.exhausted.borrow_mut().push((Limit::Visitor, address.to_owned()));
    };
    counted("192.0.2.7");
    assert_eq!(refused(&send(&world, &by_code("ZZZZ-ZZZZ"))), is(401, "invalid_code"));
    counted("code:192.0.2.7");
    let refusal = send(&world, &by_code(&good));
    assert_eq!(refused(&refusal), is(429, "too_many_codes"));
    assert_eq!(header(&refusal, "retry-after"), Some("60"));
    // The code is not spent, and the same network of IPv6 is one address.
    counted("code:2001:db8:1:2");
    let from = |address: &str| by_code(&good).header("cf-connecting-ip", address);
    assert_eq!(send(&world, &from("2001:db8:1:2:3:4:5:6")).status, 429);
    assert_eq!(send(&world, &from("192.0.2.8")).status, 200);
    let key = key(&world, "mio", "chat");
    assert_eq!(send(&world, &sign_in(&json!({ "key": key.reveal() }))).status, 200);
}

#[test]
fn signing_out_ends_this_browser_or_all_and_no_key_that_was_pasted() {
    let world = world();
    let [first, second, third] = [0; 3].map(|_| signed_in(&world, "mio"));
    let others = signed_in(&world, "rin");
    let own = key(&world, "mio", "chat");
    let status = |cookie: &str| send(&world, &with_cookie(cookie, "GET", "/api/usage")).status;
    let out = |arrival: &Arrival| {
        let reply = send(&world, arrival);
        assert_eq!((reply.status, is_removal(&reply)), (204, true), "{reply:?}");
    };
    let everywhere = "/api/session?everywhere=true";
    for path in [SESSION, "/api/session?everywhere=false", everywhere] {
        // The second time the cookie opens nothing any more, and ends nobody else's.
        out(&with_cookie(&first, "DELETE", path));
        assert_eq!((status(&first), status(&second)), (401, 200), "{path}");
    }
    out(&by(&own, "DELETE", SESSION));
    assert_eq!(status(&second), 200);
    let wrong = send(&world, &with_cookie(&second, "DELETE", "/api/session?everywhere=yes"));
    assert_eq!(refused(&wrong), is(400, "invalid_query"));
    out(&with_cookie(&second, "DELETE", everywhere));
    assert_eq!((status(&second), status(&third), status(&others)), (401, 401, 200));
    let kept = send(&world, &with(&own, "GET", "/api/conversations"));
    assert_eq!(kept.status, 200);
    world.store_faults.borrow_mut().push("api_keys::sign_out");
    let failed = send(&world, &with_cookie(&others, "DELETE", SESSION));
    assert_eq!((refused(&failed), header(&failed, "set-cookie")), (is(503, "unavailable"), None));
}
