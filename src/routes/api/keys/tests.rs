//! A person makes, lists and takes back their keys, and no key makes a stronger one.

use serde_json::Value;

use super::super::tests::{key, key_until, nobody, post, refusal, reply, with};
use super::*;
use miyabi_testing::{Fake, run};

fn json(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

fn listed(world: &Fake, key: &ApiKey) -> Vec<Value> {
    let reply = reply(world, &with(key, "GET", "/api/keys"));
    let body = json(&reply);
    assert_eq!((reply.status, &body["cursor"]), (200, &Value::Null));
    body["keys"].as_array().unwrap().clone()
}

#[test]
fn a_key_makes_another_which_works_at_once_until_it_is_taken_back() {
    let world = Fake::new();
    let first = key(&world, "mio", "keys,usage,chat");
    let body = r#"{"name":"雅 laptop","scopes":["usage:read","keys:read"],"expiresAt":"2099-01-01T00:00:00+09:00"}"#;
    let made = reply(&world, &post(&first, "/api/keys", body));
    let made = (made.status, json(&made));
    let (id, secret) = (made.1["id"].as_str().unwrap(), made.1["secret"].as_str().unwrap());
    let expected = json!({
        "id": id, "name": "雅 laptop", "scopes": ["usage:read", "keys:read"],
        "lastUsedAt": null, "expiresAt": "2098-12-31T15:00:00Z", "secret": secret,
    });
    assert_eq!(made, (201, expected));
    let second = ApiKey::parse(secret).unwrap();
    assert_eq!(reply(&world, &with(&second, "GET", "/api/usage")).status, 200);
    let keys = listed(&world, &second);
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.get("secret").is_none()), "{keys:?}");
    let made_here = keys.iter().find(|key| key["id"] == id).unwrap();
    assert!(made_here["lastUsedAt"].as_str().is_some_and(|at| at.ends_with('Z')), "{made_here}");

    let path = format!("/api/keys/{id}");
    let gone = reply(&world, &with(&first, "DELETE", &path));
    assert_eq!((gone.status, gone.body.as_ref()), (204, ""));
    assert_eq!(refusal(&world, &with(&second, "GET", "/api/usage")).0, 401);
    assert_eq!(refusal(&world, &with(&first, "DELETE", &path)).0, 404);
    assert_eq!(listed(&world, &first).len(), 1);
}

#[test]
fn another_persons_keys_are_not_there() {
    let world = Fake::new();
    let (mio, alex) = (key(&world, "mio", "keys"), key(&world, "alex", "keys"));
    let [only] = listed(&world, &mio).try_into().unwrap();
    let path = format!("/api/keys/{}", only["id"].as_str().unwrap());
    assert_eq!(refusal(&world, &with(&alex, "DELETE", &path)), (404, "not_found".to_owned()));
    assert_eq!(refusal(&world, &with(&alex, "DELETE", "/api/keys/%00")).0, 404);
    assert_eq!(listed(&world, &mio), [only]);
}

#[test]
fn a_key_makes_none_that_may_do_more_or_lasts_longer() {
    let world = Fake::new();
    let scopes = Scopes::parse("keys,memory:read").unwrap();
    let (owner, workspace) = ("mio".to_owned(), "w1".to_owned());
    let expires_at = Some(4_000_000_000);
    let own = Principal { owner, scopes, workspace, expires_at };
    let key = key_until(&world, own.clone());
    let create = |scopes: &str, end: &str| {
        let body = format!(r#"{{"name":"a","scopes":{scopes},"expiresAt":{end}}}"#);
        reply(&world, &post(&key, "/api/keys", &body))
    };
    for scopes in [r#"["memory"]"#, r#"["admin"]"#, r#"["keys","chat:read"]"#] {
        let refused = create(scopes, "null");
        assert_eq!((refused.status, &json(&refused)["code"]), (403, &json!("insufficient_scope")));
    }
    let refused = create(r#"["keys"]"#, r#""2096-10-02T07:06:41Z""#);
    assert_eq!((refused.status, &json(&refused)["code"]), (403, &json!("outlives")));
    let refused = create(r#"["keys"]"#, r#""2023-11-14T22:13:20Z""#);
    assert_eq!((refused.status, &json(&refused)["code"]), (409, &json!("over_already")));
    let made = create(r#"["memory:read"]"#, "null");
    assert_eq!(json(&made)["expiresAt"], "2096-10-02T07:06:40Z");
    let secret = ApiKey::parse(json(&made)["secret"].as_str().unwrap()).unwrap();
    let found = run(keys::principal(&world, &secret)).unwrap().unwrap().unwrap();
    assert_eq!(found, Principal { scopes: Scopes::parse("memory:read").unwrap(), ..own });
}

#[test]
fn what_is_wrong_with_a_body_is_pointed_at() {
    let world = Fake::new();
    let key = key_until(&world, Principal { owner: "mio".to_owned(), scopes: all(), ..nobody() });
    let long = format!(r#"{{"name":"{}","scopes":["chat"]}}"#, "雅".repeat(65));
    for (body, pointer) in [
        (r#"{"name":"","scopes":["chat"]}"#, "#/name"),
        (r#"{"name":"a\u0000","scopes":["chat"]}"#, "#/name"),
        (r#"{"name":"a\n","scopes":["chat"]}"#, "#/name"),
        (long.as_str(), "#/name"),
        (r#"{"name":"a","scopes":[]}"#, "#/scopes"),
        (r#"{"name":"a","scopes":["chat","fly"]}"#, "#/scopes/1"),
        (r#"{"name":"a","scopes":["chat","chat:write"]}"#, "#/scopes/1"),
        (r#"{"name":"a","scopes":[""]}"#, "#/scopes/0"),
        (r#"{"name":"a","scopes":["chat"],"expiresAt":"soon"}"#, "#/expiresAt"),
        (r#"{"name":"a","scopes":["chat"],"expiresAt":""}"#, "#/expiresAt"),
    ] {
        let refused = reply(&world, &post(&key, "/api/keys", body));
        let problem = json(&refused);
        assert_eq!((refused.status, &problem["code"]), (400, &json!("invalid_body")), "{body}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    for (body, words) in [
        (r#"{"name":"a","scopes":["chat"],"owner":"alex"}"#, "unknown field `owner`"),
        (r#"{"name":"a","scopes":["chat"],"expires_at":null}"#, "unknown field `expires_at`"),
        (r#"{"name":"a"}"#, "missing field `scopes`"),
        (r#"{"name":"a","scopes":"chat"}"#, "expected a sequence"),
        (r#"{"name":null,"scopes":["chat"]}"#, "expected a string"),
    ] {
        let problem = json(&reply(&world, &post(&key, "/api/keys", body)));
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
    assert_eq!(listed(&world, &key).len(), 1, "nothing was made");
}

fn all() -> Scopes {
    Scopes::parse("chat,memory,knowledge,files,usage,keys,admin").unwrap()
}

#[test]
fn too_many_keys_are_refused_until_one_is_taken_back() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys");
    let another = || post(&key, "/api/keys", r#"{"name":"a","scopes":["keys"]}"#);
    for _ in 1..MAX_KEYS {
        assert_eq!(reply(&world, &another()).status, 201);
    }
    assert_eq!(refusal(&world, &another()), (409, "too_many_keys".to_owned()));
    let keys = listed(&world, &key);
    let path = format!("/api/keys/{}", keys[5]["id"].as_str().unwrap());
    assert_eq!(reply(&world, &with(&key, "DELETE", &path)).status, 204);
    assert_eq!(reply(&world, &another()).status, 201);
}

#[test]
fn without_random_numbers_there_is_no_key_and_a_plain_word() {
    let world = Fake::new();
    let key = key(&world, "mio", "keys");
    world.random_fails.set(true);
    let arrival = post(&key, "/api/keys", r#"{"name":"a","scopes":["keys"]}"#);
    let refused = reply(&world, &arrival);
    assert_eq!((refused.status, &json(&refused)["code"]), (500, &json!("internal")));
}
