//! Every request to the API goes the same way, and whatever is wrong is told in words.

use serde_json::Value;

use super::*;
use crate::testing::{configured, unconfigured};
use miyabi_app::keys::{self as stored, Created, NewKey};
use miyabi_core::key::{ApiKey, Scopes};
use miyabi_core::problem::CONTENT_TYPE;
use miyabi_testing::{Arrival, Fake, run};

mod description;
mod isolation;

/// Makes a key in the database.
pub(crate) fn key(world: &Fake, owner: &str, scopes: &str) -> ApiKey {
    let scopes = Scopes::parse(scopes).unwrap();
    key_until(world, Principal { owner: owner.to_owned(), scopes, ..nobody() })
}

pub(super) fn nobody() -> Principal {
    let scopes = Scopes::parse("chat").unwrap();
    Principal { owner: String::new(), scopes, workspace: String::new(), expires_at: None }
}

pub(super) fn key_until(world: &Fake, principal: Principal) -> ApiKey {
    let new = NewKey { principal, name: "test".to_owned() };
    match run(stored::create(world, new)).unwrap().unwrap() {
        Created::Key(key, _) => key,
        Created::TooMany => panic!("too many"),
    }
}

/// Returns a request with this key.
pub(crate) fn with(key: &ApiKey, method: &str, path: &str) -> Arrival {
    Arrival::new(method, path).header("authorization", &format!("Bearer {}", key.reveal()))
}

/// Returns a request with this key and this JSON.
pub(super) fn post(key: &ApiKey, path: &str, body: &str) -> Arrival {
    with(key, "POST", path).header("content-type", "application/json").body(body)
}

pub(super) fn reply(world: &Fake, arrival: &Arrival) -> Reply {
    reply_by(world, &configured(), arrival)
}

pub(super) fn reply_by(world: &Fake, config: &Config, arrival: &Arrival) -> Reply {
    run(serve(world, config, arrival)).expect("the reply waited")
}

pub(super) fn header<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    let mut found = reply.headers.iter().filter(|(known, _)| *known == name);
    let value = found.next().map(|(_, value)| value.as_str());
    // Each cookie has a header of its own: this is the first.
    assert!(name == "set-cookie" || found.next().is_none(), "{reply:?}");
    value
}

/// Returns status and code of a refusal, after a look at all that every refusal has.
pub(super) fn refusal(world: &Fake, arrival: &Arrival) -> (u16, String) {
    let reply = reply(world, arrival);
    problem(&reply)
}

fn problem(reply: &Reply) -> (u16, String) {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    assert_eq!(header(reply, "content-type"), Some(CONTENT_TYPE), "{reply:?}");
    assert_eq!(header(reply, "cache-control"), Some("no-store"), "{reply:?}");
    assert_eq!(header(reply, "x-request-id"), body["requestId"].as_str(), "{reply:?}");
    assert_eq!(body["status"], reply.status, "{reply:?}");
    for field in ["type", "title", "detail"] {
        assert!(body[field].as_str().is_some_and(|words| !words.is_empty()), "{reply:?}");
    }
    (reply.status, body["code"].as_str().unwrap().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn a_path_or_method_that_there_is_not_is_a_problem() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys");
    for path in ["/api", "/api/", "/api/key", "/api/keys/", "/api/keys/a/b", "/api/é"] {
        for method in ["GET", "POST", "OPTIONS", "BREW"] {
            let expected = is(404, "not_found");
            assert_eq!(refusal(&world, &with(&key, method, path)), expected, "{method} {path}");
        }
    }
    for (path, allow) in [
        ("/api/keys", "GET, HEAD, POST, OPTIONS"),
        ("/api/keys/a", "DELETE, OPTIONS"),
        ("/api/usage", "GET, HEAD, OPTIONS"),
    ] {
        for method in ["PUT", "PATCH", "TRACE", "get"] {
            let reply = reply(&world, &Arrival::new(method, path));
            assert_eq!(problem(&reply), is(405, "method_not_allowed"), "{method} {path}");
            assert_eq!(header(&reply, "allow"), Some(allow));
        }
    }
}

#[test]
fn without_a_good_key_there_is_nothing_to_see() {
    let world = Fake::new();
    let good = key(&world, "mio", "keys,usage");
    let unknown = ApiKey::of([9; 20]);
    let before = world.round_trips.borrow().len();
    let refused = |value: Option<&str>, code: &str, challenge: &str| {
        for (method, path) in [
            ("GET", "/api/keys"),
            ("POST", "/api/keys"),
            ("DELETE", "/api/keys/a"),
            ("GET", "/api/usage"),
        ] {
            let arrival = Arrival::new(method, path).header("content-type", "application/json");
            let arrival = arrival.body("{}");
            let arrival = value.map_or(arrival.clone(), |v| arrival.header("authorization", v));
            let reply = reply(&world, &arrival);
            assert_eq!(problem(&reply), is(401, code), "{value:?}");
            assert_eq!(header(&reply, "www-authenticate"), Some(challenge), "{value:?}");
            assert!(!arrival.is_read(), "{value:?}");
        }
    };
    refused(None, "missing_credentials", "Bearer");
    refused(Some("Basic bWlvOm1pbw=="), "missing_credentials", "Bearer");
    refused(Some(good.reveal()), "missing_credentials", "Bearer");
    let invalid = "Bearer error=\"invalid_token\"";
    refused(Some("Bearer"), "invalid_token", invalid);
    refused(Some("Bearer miyabi_"), "invalid_token", invalid);
    let mistyped = good.reveal().replacen('0', "1", 1);
    refused(Some(&format!("Bearer {mistyped}")), "invalid_token", invalid);
    refused(Some(&format!("Bearer {0}, Bearer {0}", good.reveal())), "invalid_token", invalid);
    assert_eq!(world.round_trips.borrow().len(), before, "no look at the database");
    refused(Some(&format!("Bearer {}", unknown.reveal())), "invalid_token", invalid);
    assert!(world.round_trips.borrow().len() > before);
    let arrival = Arrival::new("GET", "/api/keys");
    let arrival = arrival.header("authorization", &format!("bearer  {}", good.reveal()));
    assert_eq!(reply(&world, &arrival).status, 200, "schemes have no case");
}

#[test]
fn a_key_does_what_its_scopes_say_and_is_told_which_one_it_lacks() {
    let world = Fake::new();
    let others = key(&world, "mio", "chat,memory,knowledge,files,admin");
    let reads = key(&world, "mio", "keys:read,usage:read");
    for (method, path, scope) in [
        ("GET", "/api/keys", "keys:read"),
        ("POST", "/api/keys", "keys"),
        ("DELETE", "/api/keys/a", "keys"),
        ("GET", "/api/usage", "usage:read"),
    ] {
        let arrival = with(&others, method, path).header("content-type", "application/json");
        let arrival = arrival.body("{}");
        let replied = reply(&world, &arrival);
        assert_eq!(problem(&replied), is(403, "insufficient_scope"), "{method} {path}");
        assert!(!arrival.is_read());
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        assert_eq!(header(&replied, "www-authenticate"), Some(challenge.as_str()));
        assert!(replied.body.contains(&format!("with the scope {scope}\"")), "{replied:?}");
        let expected = if scope.ends_with(":read") { 200 } else { 403 };
        assert_eq!(reply(&world, &with(&reads, method, path)).status, expected, "{method} {path}");
    }
}

#[test]
fn a_key_in_the_url_is_refused_whatever_else_is_right() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys");
    let encoded = key.reveal().replace('_', "%5F");
    for query in [
        format!("x={}", key.reveal()),
        key.reveal().to_owned(),
        format!("a=b&x={encoded}"),
        "api_key=x".to_owned(),
        "API_KEY=".to_owned(),
        "access_token=x".to_owned(),
    ] {
        for path in ["/api/keys", "/api/nothing"] {
            let arrival = with(&key, "GET", &format!("{path}?{query}"));
            assert_eq!(refusal(&world, &arrival), is(400, "key_in_url"), "{path} {query}");
        }
    }
    assert_eq!(reply(&world, &with(&key, "GET", "/api/keys?utm_source=x&q=miyabi")).status, 200);
}

#[test]
fn a_body_is_json_of_a_size_and_depth() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys");
    let body = |body: &str| post(&key, "/api/keys", body);
    for content_type in ["", "text/plain", "application/x-www-form-urlencoded"] {
        let arrival = body("{}").header("content-type", content_type);
        assert_eq!(refusal(&world, &arrival), is(415, "unsupported_media_type"));
        assert!(!arrival.is_read());
    }
    let too_long = (body::MAX_BYTES + 1).to_string();
    let declared = body("{}").header("content-length", &too_long);
    assert_eq!(refusal(&world, &declared), is(413, "body_too_large"));
    assert!(!declared.is_read(), "what is declared is refused before it comes");
    let grown = body(&" ".repeat(body::MAX_BYTES + 1));
    assert_eq!(refusal(&world, &grown), is(413, "body_too_large"));
    assert_eq!(refusal(&world, &body("{}").breaking_off()), is(400, "body_incomplete"));
    let deep = ["{\"name\":", &"[".repeat(10_000)].concat();
    assert_eq!(refusal(&world, &body(&deep)), is(400, "too_deep"));
    for json in ["", "{", "nonsense", r#"{"name":"a","scopes":[]} x"#] {
        assert_eq!(refusal(&world, &body(json)), is(400, "malformed_json"), "{json}");
    }
    for json in ["[]", "null", "1", "{}", r#"{"name":1}"#] {
        assert_eq!(refusal(&world, &body(json)), is(400, "invalid_body"), "{json}");
    }
}

#[test]
fn a_request_id_is_the_senders_if_it_is_one_and_else_a_new_one() {
    let world = Fake::new();
    let id_of = |sent: &str| {
        let arrival = Arrival::new("GET", "/api/keys").header("x-request-id", sent);
        header(&reply(&world, &arrival), "x-request-id").unwrap().to_owned()
    };
    for good in ["a", "0000-1111", "trace:1/2=+~._", &"x".repeat(128)] {
        assert_eq!(id_of(good), good);
    }
    let key = ApiKey::of([1; 20]);
    let mut made = Vec::new();
    for bad in ["", "a b", "é", "a\"b", "a,b", &"x".repeat(129), key.reveal()] {
        let id = id_of(bad);
        assert!(id.len() == 32 && id != bad, "{id}");
        made.push(id);
    }
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 7, "each is another");
}

#[test]
fn a_listed_origin_may_read_replies_also_problems_and_another_may_not() {
    let world = Fake::new();
    let listed = "https://chat.example";
    let config = Config { origins: vec![listed.to_owned()], ..configured() };
    for (method, path, status) in [("GET", "/api/keys", 401), ("GET", "/api/x", 404)] {
        for (origin, expected) in [(listed, Some(listed)), ("https://evil.example", None)] {
            let arrival = Arrival::new(method, path).header("origin", origin);
            let reply = reply_by(&world, &config, &arrival);
            assert_eq!(reply.status, status);
            assert_eq!(header(&reply, "access-control-allow-origin"), expected, "{path}");
            assert_eq!(header(&reply, "vary"), Some("origin"));
        }
    }
    let preflight = Arrival::new("OPTIONS", "/api/keys")
        .header("origin", listed)
        .header("access-control-request-method", "POST");
    let reply = reply_by(&world, &config, &preflight);
    assert_eq!((reply.status, reply.body.as_ref()), (204, ""));
    let methods = Some("GET, HEAD, POST, OPTIONS");
    assert_eq!(header(&reply, "access-control-allow-methods"), methods);
    assert_eq!(world.round_trips.borrow().len(), 0);
}

#[test]
fn what_does_not_work_is_told_with_an_id_that_the_log_has_too() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys");
    world.store_faults.borrow_mut().push("api_keys::principal");
    let replied = reply(&world, &with(&key, "GET", "/api/keys"));
    assert_eq!(problem(&replied), is(503, "unavailable"));
    let ours = header(&replied, "x-request-id").map(ToOwned::to_owned);
    world.store_faults.borrow_mut().push("api_keys::list");
    let arrival = with(&key, "GET", "/api/keys").header("x-request-id", "theirs");
    assert_eq!(refusal(&world, &arrival), is(503, "unavailable"));
    let events = world.events.borrow();
    let requests = events.iter().map(|event| {
        if let Event::RequestFailed { request, .. } = event {
            request.clone()
        } else {
            panic!("{event:?}")
        }
    });
    let requests: Vec<_> = requests.collect();
    assert_eq!(requests, [ours, None]);
}

#[test]
fn what_is_not_set_up_says_so() {
    let world = Fake::new();
    let reply = reply_by(&world, &unconfigured(), &Arrival::new("GET", "/api/keys"));
    assert_eq!(problem(&reply), is(503, "not_configured"));
    let logged =
        world.events.borrow().iter().any(|event| matches!(event, Event::Misconfigured { .. }));
    assert!(logged);
}

#[test]
fn no_reply_but_the_first_and_no_log_line_shows_a_key() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys,usage");
    let secret = key.reveal();
    let arrivals = [
        with(&key, "GET", "/api/keys"),
        with(&key, "GET", &format!("/api/keys?key={secret}")),
        with(&key, "GET", &format!("/api/{secret}")),
        with(&key, "DELETE", &format!("/api/keys/{secret}")),
        with(&key, "GET", "/api/usage").header("x-request-id", secret),
        with(&key, "GET", "/api/usage").header("authorization", &format!("Bearer {secret}x")),
        post(&key, "/api/keys", &format!(r#"{{"name":"a","scopes":["{secret}"]}}"#)),
    ];
    for arrival in &arrivals {
        world.store_faults.borrow_mut().clear();
        let reply = reply(&world, arrival);
        assert!(!format!("{reply:?}").contains(secret), "{reply:?}");
        world.store_faults.borrow_mut().push("api_keys::principal");
        let reply = self::reply(&world, arrival);
        assert!(!format!("{reply:?}").contains(secret), "{reply:?}");
    }
    let events = world.events.borrow();
    assert!(events.len() > arrivals.len());
    let mut shown = events.iter().map(|event| format!("{event:?} {}", event.to_json()));
    assert_eq!(shown.find(|shown| shown.contains(secret)), None);
}

#[test]
fn usage_is_that_of_the_keys_owner() {
    let world = Fake::new();
    let sql =
        "INSERT INTO spending (kind, key, day, model, question_count, call_count, prompt_tokens,
          completion_tokens, cost_nano) VALUES
        ('asker', 'mio', unixepoch() / 86400, '', 1, 0, 0, 0, 0),
        ('asker', 'mio', unixepoch() / 86400, '@cf/m', 0, 2, 30, 4, 5000),
        ('asker', 'mio', unixepoch() / 86400 - 3, '@cf/m', 0, 1, 1, 1, 1),
        ('asker', 'alex', unixepoch() / 86400, '@cf/m', 0, 9, 9, 9, 999)";
    world.db.execute_batch(sql).unwrap();
    let mut config = configured();
    if let Ok(settings) = &mut config.settings {
        settings.budgets.asker = Some(6_000);
    }
    let key = key(&world, "mio", "usage:read");
    let reply = reply_by(&world, &config, &with(&key, "GET", "/api/usage"));
    let used: Value = serde_json::from_str(&reply.body).unwrap();
    let of = |used: &Value| {
        (used["questions"].clone(), used["calls"].clone(), used["costNanoUsd"].clone())
    };
    assert_eq!(of(&used["today"]), (1.into(), 2.into(), 5_000.into()), "{used}");
    assert_eq!(of(&used["last30Days"]), (1.into(), 3.into(), 5_001.into()), "{used}");
    assert_eq!(used["models"][0]["model"], "@cf/m");
    assert_eq!(used["models"][0]["tokens"], 36);
    assert_eq!(used["budget"]["leftNanoUsd"], 1_000);
    assert_eq!(used["budget"]["renewsAt"], "2023-11-15T00:00:00Z");
    let reply = self::reply(&world, &with(&key, "GET", "/api/usage"));
    let used: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(used["budget"], Value::Null);
}
