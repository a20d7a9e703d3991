//! The HTTP API in real workerd: who has a key is answered, and everything else is told in words.

use serde_json::{Value, json};
use ureq::http::{HeaderMap, Request};
use xtask::commands::key;
use xtask::d1::Place;

use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, text};

const ORIGIN: &str = "https://chat.example";

pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Returns status and code, after a look at what every problem has.
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!(self.header("x-request-id"), text(&self.body, "requestId"));
        assert_eq!(self.body["status"], self.status, "{}", self.text);
        (self.status, text(&self.body, "code"))
    }
}

pub(crate) fn send(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let config = ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .build();
    let mut request = Request::builder().method(method);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request =
        request.uri(format!("{}{path}", world.stack().url())).body(body.to_vec()).unwrap();
    let mut response = ureq::Agent::from(config).run(request).unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    let reply = Reply {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text,
        body,
    };
    // A file is kept by a browser, which asks each time.
    let is_file = path.starts_with("/api/files/") && method != "DELETE" && reply.status < 400;
    let keeps = if is_file { "private, no-cache" } else { "no-store" };
    assert_eq!(reply.header("cache-control"), keeps, "{method} {path}");
    let varies = reply.header("vary").split(", ").any(|name| name == "origin");
    assert!(varies, "{method} {path}");
    assert_ne!(reply.header("x-request-id"), "", "{method} {path}");
    reply
}

/// Makes a key as an operator does, while the Worker runs, and returns the header that sends it.
pub(crate) fn bearer_for(world: &World, user: &str, scopes: &str) -> String {
    let place = Place::Local(Some(world.stack().folder().join("state")));
    bearer(key::make(&place, user, scopes, "").unwrap().reveal())
}

fn bearer(secret: &str) -> String {
    // No log line may have it, in no test.
    UNSPEAKABLE.lock().unwrap().push(secret.to_owned());
    format!("Bearer {secret}")
}

pub(crate) fn json_of(key: &str) -> [(&str, &str); 2] {
    [("authorization", key), ("content-type", "application/json")]
}

#[test]
fn a_key_of_the_operator_makes_another_lists_both_and_takes_one_back() {
    let world = world::shared();
    let first = bearer_for(&world, "api-mio", "keys,usage,chat:read");
    let wanted = json!({ "name": "雅 laptop", "scopes": ["usage:read"] }).to_string();
    let made = send(&world, "POST", "/api/keys", &json_of(&first), wanted.as_bytes());
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.header("content-type"), "application/json");
    let second = bearer(text(&made.body, "secret"));
    let usage = send(&world, "GET", "/api/usage", &[("authorization", &second)], b"");
    assert_eq!((usage.status, &usage.body["today"]["questions"]), (200, &json!(0)));

    let listed = send(&world, "GET", "/api/keys", &[("authorization", &first)], b"");
    assert_eq!((listed.status, &listed.body["cursor"]), (200, &Value::Null));
    let names: Vec<_> = world::list(listed.body["keys"].clone());
    let mut names: Vec<_> = names.iter().map(|key| text(key, "name")).collect();
    // Both may be of the same second, and then neither is the older one.
    names.sort_unstable();
    assert_eq!(names, ["from the operator", "雅 laptop"]);
    assert!(!listed.text.contains("miyabi_"), "{}", listed.text);

    let path = format!("/api/keys/{}", text(&made.body, "id"));
    let refused = send(&world, "DELETE", &path, &[("authorization", &second)], b"");
    assert_eq!(refused.problem(), (403, "insufficient_scope"));
    let another = bearer_for(&world, "api-alex", "keys");
    let absent = send(&world, "DELETE", &path, &[("authorization", &another)], b"");
    assert_eq!(absent.problem(), (404, "not_found"));
    let gone = send(&world, "DELETE", &path, &[("authorization", &first)], b"");
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    let refused = send(&world, "GET", "/api/usage", &[("authorization", &second)], b"");
    assert_eq!(refused.problem(), (401, "invalid_token"));
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
}

#[test]
fn whatever_is_wrong_is_a_problem_in_words() {
    let world = world::shared();
    let key = bearer_for(&world, "api-wrong", "keys,usage:read");
    let auth = ("authorization", key.as_str());
    let post =
        |headers: &[(&str, &str)], body: &[u8]| send(&world, "POST", "/api/keys", headers, body);

    let nobody = send(&world, "GET", "/api/keys", &[], b"");
    assert_eq!(nobody.problem(), (401, "missing_credentials"));
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    let unknown = send(&world, "GET", "/api/nothing", &[auth], b"");
    assert_eq!(unknown.problem(), (404, "not_found"));
    let wrong = send(&world, "PUT", "/api/keys", &[auth], b"{}");
    assert_eq!(wrong.problem(), (405, "method_not_allowed"));
    assert_eq!(wrong.header("allow"), "GET, HEAD, POST, OPTIONS");
    let in_url = send(&world, "GET", "/api/keys?api_key=x", &[auth], b"");
    assert_eq!(in_url.problem(), (400, "key_in_url"));

    let plain = post(&[auth, ("content-type", "text/plain")], b"{}");
    assert_eq!(plain.problem(), (415, "unsupported_media_type"));
    let large = post(&json_of(&key), &vec![b' '; (1 << 20) + 1]);
    assert_eq!(large.problem(), (413, "body_too_large"));
    let deep = post(&json_of(&key), "[".repeat(10_000).as_bytes());
    assert_eq!(deep.problem(), (400, "too_deep"));
    assert_eq!(post(&json_of(&key), b"{").problem(), (400, "malformed_json"));
    let field = post(&json_of(&key), br#"{"name":"a","scopes":["keys"],"x":1}"#);
    assert_eq!(field.problem(), (400, "invalid_body"));
    let scope = post(&json_of(&key), br#"{"name":"a","scopes":["admin"]}"#);
    assert_eq!(scope.problem(), (403, "insufficient_scope"));
    assert_eq!(
        scope.header("www-authenticate"),
        "Bearer error=\"insufficient_scope\", scope=\"admin\""
    );

    let head = send(&world, "HEAD", "/api/keys", &[auth], b"");
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    let theirs = send(&world, "HEAD", "/api/keys", &[auth, ("x-request-id", "trace-7")], b"");
    assert_eq!((theirs.status, theirs.header("x-request-id")), (200, "trace-7"));
    let described = world.stack().get("/openapi.json").and_then(|reply| reply.json()).unwrap();
    assert_eq!(described["openapi"], "3.1.0");
}

#[test]
fn pages_of_listed_origins_may_read_and_a_database_without_keys_says_so() {
    let world = world::own(&[("MIYABI_ORIGINS", ORIGIN)]);
    for (origin, allowed) in [(ORIGIN, ORIGIN), ("https://evil.example", "")] {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,x-stainless-lang"),
        ];
        let preflight = send(&world, "OPTIONS", "/api/keys", &asked, b"");
        assert_eq!((preflight.status, preflight.text.as_str()), (204, ""));
        assert_eq!(preflight.header("allow"), "GET, HEAD, POST, OPTIONS");
        assert_eq!(preflight.header("access-control-allow-origin"), allowed);
        let headers = preflight.header("access-control-allow-headers");
        assert_eq!(headers.contains("x-stainless-lang"), !allowed.is_empty(), "{headers}");
        let refused = send(&world, "GET", "/api/keys", &[("origin", origin)], b"");
        assert_eq!(refused.problem(), (401, "missing_credentials"));
        assert_eq!(refused.header("access-control-allow-origin"), allowed);
    }
    let key = bearer_for(&world, "api-mio", "keys");
    world.stack().query("DROP TABLE api_keys", &[]).unwrap();
    let refused = send(&world, "GET", "/api/keys", &[("authorization", &key)], b"");
    assert_eq!(refused.problem(), (503, "unavailable"));
    assert_eq!(refused.header("retry-after"), "2");
    let id = refused.header("x-request-id");
    // The line may be written after the reply is here.
    let line = world::until("the line in the log", || {
        let log = world.stack().logs();
        log.lines().find(|line| line.contains("request_failed")).map(ToOwned::to_owned)
    });
    assert!(line.contains(id) && line.contains("api_keys::principal"), "{line}");
}

/// Sends `/key` and returns what is told to whoever sent it, and to nobody else.
fn key_command(world: &World, who: &str, subcommand: &Value) -> String {
    let data = json!({ "name": "key", "options": [subcommand] });
    world::told_alone(&world.deliver(&json!({ "as": who, "interaction": { "data": data } })))
}

#[test]
fn a_key_made_in_discord_opens_the_api_to_whoever_made_it_until_they_take_it_back() {
    let world = world::shared();
    let options = json!([
        { "name": "name", "type": 3, "value": "from Discord" },
        { "name": "scopes", "type": 3, "value": "keys,usage" },
    ]);
    let create = json!({ "name": "create", "type": 1, "options": options });
    let told = key_command(&world, "alex", &create);
    let secret = told.split('`').find(|word| word.starts_with("miyabi_")).unwrap();
    let key = bearer(secret);
    let listed = send(&world, "GET", "/api/keys", &[("authorization", &key)], b"");
    let names: Vec<_> = world::list(listed.body["keys"].clone());
    let [found] = names.as_slice() else { panic!("{}", listed.text) };
    assert_eq!(
        (text(found, "name"), &found["scopes"]),
        ("from Discord", &json!(["usage", "keys"]))
    );
    assert!(text(found, "lastUsedAt").ends_with('Z'), "{found}");

    let list = json!({ "name": "list", "type": 1 });
    assert!(key_command(&world, "alex", &list).contains("from Discord"));
    assert_eq!(key_command(&world, "mio", &list), "キーはまだありません。");
    let id = json!([{ "name": "id", "type": 3, "value": text(found, "id") }]);
    let revoke = json!({ "name": "revoke", "type": 1, "options": id });
    assert!(key_command(&world, "mio", &revoke).contains("そのキーはありません"));
    assert!(key_command(&world, "alex", &revoke).starts_with("It is taken back"));
    let refused = send(&world, "GET", "/api/keys", &[("authorization", &key)], b"");
    assert_eq!(refused.problem(), (401, "invalid_token"));
}
