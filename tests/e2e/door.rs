//! Requests are accepted by signature, method, size, and kind of interaction.

use serde_json::{Value, json};

use crate::world::{self, World, text};

const INTERACTIONS: &str = "/discord/interactions";

struct Reply {
    status: u16,
    allow: String,
    policy: String,
    body: Value,
}

fn send(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let config = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build();
    let mut request = ureq::http::Request::builder().method(method);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request =
        request.uri(format!("{}{path}", world.stack().url())).body(body.to_vec()).unwrap();
    let mut response = ureq::Agent::from(config).run(request).unwrap();
    let header = |name| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (allow, policy) = (header("allow"), header("content-security-policy"));
    let body = response.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&body).unwrap_or_default();
    Reply { status: response.status().as_u16(), allow, policy, body }
}

/// Nothing came of an interaction: no row, no reply, no call.
fn assert_no_trace(world: &World, receipt: &Value) {
    let (id, token) = (text(receipt, "id"), text(receipt, "token"));
    assert_eq!(world.row(id), None);
    let calls = world.calls();
    let others = calls.iter().filter(|call| call["operation"] != "interaction");
    assert!(others.clone().all(|call| !text(call, "path").contains(token)), "{receipt}");
    assert!(others.clone().all(|call| !call["body"].to_string().contains("forged")), "{receipt}");
}

#[test]
fn a_forged_or_stale_signature_is_refused_and_leaves_no_trace() {
    let world = world::shared();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let orders = [
        ("wrong", json!({ "signature": "0".repeat(128) })),
        ("short", json!({ "signature": "abcd" })),
        ("no hex", json!({ "signature": "+f".repeat(64) })),
        ("stale", json!({ "timestamp": (now - 301).to_string() })),
        ("ahead", json!({ "timestamp": (now + 400).to_string() })),
        ("no number", json!({ "timestamp": "yesterday" })),
    ];
    for (what, mut order) in orders {
        order["ask"] = json!("forged question");
        let receipt = world.deliver(&order);
        assert_eq!(receipt["status"], 401, "{what}: {receipt}");
        assert_eq!(receipt["violations"], json!([]), "{what}: {receipt}");
        assert_no_trace(&world, &receipt);
    }
}

#[test]
fn a_request_without_signature_headers_is_refused() {
    let world = world::shared();
    let (zeros, now) = ("0".repeat(128), "1800000000");
    let signature = ("x-signature-ed25519", zeros.as_str());
    let timestamp = ("x-signature-timestamp", now);
    for headers in [&[][..], &[signature], &[timestamp], &[signature, timestamp]] {
        let reply = send(&world, "POST", INTERACTIONS, headers, br#"{"type":1}"#);
        assert_eq!(reply.status, 401, "{headers:?}");
        assert_eq!(reply.body, json!({ "error": "invalid request signature" }));
    }
}

#[test]
fn a_ping_is_answered_with_a_pong() {
    let world = world::shared();
    let receipt = world.deliver(&json!({ "interaction": { "type": 1 } }));
    assert_eq!(receipt["status"], 200, "{receipt}");
    assert_eq!(receipt["ack"], json!({ "type": 1 }));
    assert_eq!(receipt["violations"], json!([]), "{receipt}");
}

#[test]
fn signed_garbage_is_refused_with_400() {
    let world = world::shared();
    for garbage in
        ["", "hello", "[]", "null", "{}", r#"{"type":99}"#, r#"{"type":2}"#, "{\"type\":2"]
    {
        let receipt = world.deliver(&json!({ "raw_body": garbage }));
        assert_eq!(receipt["status"], 400, "{garbage}: {receipt}");
        assert_eq!(receipt["ack"], json!({ "error": "malformed request" }), "{garbage}");
    }
}

#[test]
fn a_body_over_128_kibibytes_is_refused_with_413() {
    let world = world::shared();
    let body = vec![b' '; (128 << 10) + 1];
    assert_eq!(send(&world, "POST", INTERACTIONS, &[], &body).status, 413);
    // A signature does not help.
    let receipt = world.deliver(&json!({ "raw_body": " ".repeat((128 << 10) + 1) }));
    assert_eq!(receipt["status"], 413, "{receipt}");
}

#[test]
fn other_paths_and_methods_are_refused_and_say_what_is_allowed() {
    let world = world::shared();
    for path in
        ["/nothing", "/discord", "/discord/interactions/", "/discord/interactions/x", "/healthy"]
    {
        let reply = send(&world, "POST", path, &[], b"");
        assert_eq!((reply.status, reply.body), (404, json!({ "error": "not found" })), "{path}");
    }
    for method in ["GET", "PUT", "DELETE"] {
        let reply = send(&world, method, INTERACTIONS, &[], b"");
        assert_eq!((reply.status, reply.allow.as_str()), (405, "POST"), "{method}");
    }
    let reply = send(&world, "POST", "/health", &[], b"");
    assert_eq!((reply.status, reply.allow.as_str()), (405, "GET, HEAD"));
}

#[test]
fn the_chat_page_is_at_the_root_under_its_policy() {
    let world = world::shared();
    let page = world.stack().get("/").unwrap();
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<title>Miyabi</title>"), "{}", page.body);
    assert!(!page.body.contains("<script>") && !page.body.contains("<style"), "{}", page.body);
    let policy = send(&world, "HEAD", "/", &[], b"").policy;
    assert!(
        policy.contains("default-src 'none'") && policy.contains("trusted-types 'none'"),
        "{policy}"
    );
}

#[test]
fn health_names_the_version_and_says_that_nothing_is_missing() {
    let world = world::shared();
    let reply = send(&world, "GET", "/health?probe=1", &[], b"");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["status"], "ok");
    assert_eq!(reply.body["configured"], true, "{}", reply.body);
    assert_eq!(reply.body["problems"], json!([]));
    assert!(text(&reply.body, "version").split('.').count() == 3, "{}", reply.body);
    assert_eq!(send(&world, "HEAD", "/health", &[], b"").status, 200);
}

#[test]
fn commands_components_and_modals_that_are_unknown_get_a_private_sentence() {
    let world = world::shared();
    let kinds = [
        json!({ "data": { "name": "draw" } }),
        json!({ "data": { "name": "ask", "type": 3 } }),
        json!({ "type": 3, "data": { "custom_id": "again", "component_type": 2 } }),
        json!({ "type": 5, "data": { "custom_id": "form", "components": [] } }),
    ];
    for (who, words) in [("mio", "対応していません"), ("alex", "do not know")] {
        for interaction in &kinds {
            let order = json!({ "as": who, "ask": "hi", "interaction": interaction });
            let receipt = world.deliver(&order);
            assert_eq!(receipt["ack"]["type"], 4, "{receipt}");
            assert_eq!(receipt["ack"]["data"]["flags"], 64, "{receipt}");
            assert!(text(&receipt["ack"]["data"], "content").contains(words), "{receipt}");
            assert_eq!(receipt["violations"], json!([]), "{receipt}");
            assert_eq!(world.row(text(&receipt, "id")), None);
        }
    }
}

#[test]
fn a_completion_is_answered_with_no_choices() {
    let world = world::shared();
    let receipt = world.deliver(&json!({ "ask": "h", "interaction": { "type": 4 } }));
    assert_eq!(receipt["ack"], json!({ "type": 8, "data": { "choices": [] } }), "{receipt}");
}

#[test]
fn ask_without_a_question_is_answered_with_how_to_ask() {
    let world = world::shared();
    for order in [
        json!({}),
        json!({ "ask": "" }),
        json!({ "ask": " \n\u{3000}" }),
        json!({ "ask": "\u{200b}" }),
    ] {
        let receipt = world.deliver(&order);
        assert_eq!(receipt["ack"]["type"], 4, "{receipt}");
        assert!(text(&receipt["ack"]["data"], "content").contains("/ask"), "{receipt}");
        assert_eq!(receipt["violations"], json!([]), "{receipt}");
        assert_eq!(world.row(text(&receipt, "id")), None);
    }
}
