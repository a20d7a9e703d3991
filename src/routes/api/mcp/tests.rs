//! Messages of clients of MCP, over conversations on real `SQLite`.

use serde_json::json;

use super::super::tests::{header, key, post, refusal, reply, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_app::conversation::{self, Live};
use miyabi_core::config::Config;
use miyabi_core::key::ApiKey;
use miyabi_testing::{Arrival, Fake};

fn world(scopes: &str) -> (Fake, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let key = key(&world, "mio", scopes);
    (world, key)
}

fn message(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string()
}

fn asks(world: &Fake, key: &ApiKey, method: &str, params: &Value) -> Value {
    let reply = reply(world, &post(key, "/mcp", &message(method, params)));
    assert_eq!(reply.status, 200, "{reply:?}");
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((&body["jsonrpc"], &body["id"]), (&json!("2.0"), &json!(7)));
    body
}

fn calls(world: &Fake, key: &ApiKey, tool: &str, arguments: &Value) -> Value {
    asks(world, key, "tools/call", &json!({ "name": tool, "arguments": arguments }))["result"]
        .clone()
}

fn names(listed: &Value) -> Vec<&str> {
    let tools = listed["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn a_client_of_either_generation_finds_the_tools_that_its_key_grants() {
    let (world, mio) = world("chat,memory:read");
    for (proposed, agreed) in [
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2019-01-01", "2025-11-25"),
        ("2030-01-01", "2025-11-25"),
    ] {
        let began = asks(&world, &mio, "initialize", &json!({ "protocolVersion": proposed }));
        assert_eq!(began["result"]["protocolVersion"], agreed);
        assert_eq!(began["result"]["capabilities"], json!({ "tools": {} }));
    }
    let found = asks(&world, &mio, "server/discover", &json!({}));
    let known: Vec<&str> = [STATELESS].into_iter().chain(OLDER).collect();
    assert_eq!(found["result"]["supportedVersions"], json!(known));
    assert_eq!(names(&asks(&world, &mio, "tools/list", &json!({}))), ["ask", "recall"]);
    let reader = key(&world, "mio", "chat:read");
    assert_eq!(names(&asks(&world, &reader, "tools/list", &json!({}))), [""; 0]);
    let params = json!({ "name": "ask", "arguments": { "question": "hi" } });
    assert_eq!(asks(&world, &reader, "tools/call", &params)["error"]["code"], -32_602);
    assert_eq!(world.started.borrow().len(), 0);
}

#[test]
fn who_has_no_key_and_a_page_of_another_origin_are_refused() {
    let (world, mio) = world("chat");
    let body = message("tools/list", &json!({}));
    let nobody = Arrival::new("POST", "/mcp").header("content-type", "application/json");
    let refused = reply(&world, &nobody.body(&body));
    assert_eq!((refused.status, header(&refused, "www-authenticate")), (401, Some("Bearer")));
    let memory = key(&world, "mio", "memory");
    assert_eq!(refusal(&world, &post(&memory, "/mcp", &body)).0, 403);
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        ("https://chat.example", 200),
        ("https://miyabi.example", 200),
    ] {
        let config = Config { origins: vec!["https://chat.example".to_owned()], ..configured() };
        let arrival = post(&mio, "/mcp", &body).header("origin", origin);
        assert_eq!(reply_by(&world, &config, &arrival).status, status, "{origin}");
    }
    for method in ["GET", "DELETE", "PUT"] {
        let refused = reply(&world, &with(&mio, method, "/mcp"));
        assert_eq!((refused.status, header(&refused, "allow")), (405, Some("POST, OPTIONS")));
    }
}

#[test]
fn what_is_no_message_is_refused_and_notifications_are_taken() {
    let (world, mio) = world("chat");
    for body in [
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        r#"{"id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
        "{",
    ] {
        assert_eq!(refusal(&world, &post(&mio, "/mcp", body)).0, 400, "{body}");
    }
    for body in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
        let taken = reply(&world, &post(&mio, "/mcp", body));
        assert_eq!((taken.status, taken.body.as_ref()), (202, ""), "{body}");
    }
}

#[test]
fn headers_that_say_otherwise_and_unknown_revisions_and_methods_are_errors() {
    let (world, mio) = world("chat");
    let envelope = json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
    let stateless = ("mcp-protocol-version", "2026-07-28");
    for (method, headers, status, code) in [
        ("ping", vec![("mcp-protocol-version", "2025-06-18")], 400, -32_020),
        ("ping", vec![stateless, ("mcp-method", "tools/list")], 400, -32_020),
        ("no/such", vec![stateless], 404, -32_601),
        ("no/such", vec![], 200, -32_601),
    ] {
        let arrival = post(&mio, "/mcp", &message(method, &envelope));
        let arrival =
            headers.iter().fold(arrival, |arrival, (name, value)| arrival.header(name, value));
        let reply = reply(&world, &arrival);
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, &body["error"]["code"]), (status, &json!(code)), "{headers:?}");
    }
    let newer = post(&mio, "/mcp", &message("ping", &json!({})));
    let refused = reply(&world, &newer.header("mcp-protocol-version", "2031-01-01"));
    let body: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!((refused.status, &body["error"]["code"]), (400, &json!(-32_022)));
    assert_eq!(body["error"]["data"]["supported"][0], "2026-07-28");
}

#[test]
fn a_question_is_a_turn_and_a_job_and_one_that_is_not_finished_is_read_later() {
    let (world, mio) = world("chat");
    let told = calls(&world, &mio, "ask", &json!({ "question": "hi", "conversation": "c1" }));
    assert_eq!((&told["isError"], world.started.borrow().len()), (&json!(false), 1), "{told}");
    assert_eq!(told["structuredContent"]["conversation"], "c1");
    assert!(told["content"][0]["text"].as_str().unwrap().contains("Call this tool again"));
    let again = calls(&world, &mio, "ask", &json!({ "conversation": "c1" }));
    assert_eq!(again["structuredContent"], told["structuredContent"]);
    let eve = key(&world, "eve", "chat");
    let foreign = calls(&world, &eve, "ask", &json!({ "conversation": "c1" }));
    assert_eq!(foreign["isError"], true);
    assert_eq!(foreign["structuredContent"], json!({ "code": "not_found" }));
    let keyed = |question: &str| {
        let arguments = json!({ "question": question, "conversation": "c2" });
        let params = json!({ "name": "ask", "arguments": arguments });
        let arrival = post(&mio, "/mcp", &message("tools/call", &params));
        reply(&world, &arrival.header("idempotency-key", "k1")).body
    };
    assert_eq!(keyed("x"), keyed("x"));
    assert!(keyed("y").contains("idempotency_key_reused"));
    assert_eq!(world.started.borrow().len(), 2);
}

#[test]
fn what_is_wrong_with_a_call_is_told_to_the_model() {
    let (world, mio) = world("chat,memory");
    for (tool, arguments, code) in [
        ("ask", json!({}), "invalid_body"),
        ("ask", json!({ "question": "" }), "invalid_body"),
        ("ask", json!({ "question": 5 }), "invalid_body"),
        ("ask", json!({ "question": "hi", "conversation": "a/b" }), "invalid_body"),
        ("ask", json!({ "question": "x".repeat(40_000) }), "message_too_long"),
        ("ask", json!({ "question": "hi", "conversation": "discord.1" }), "conversation_elsewhere"),
        ("ask", json!({ "conversation": "unknown" }), "not_found"),
        ("recall", json!({}), "invalid_body"),
        ("recall", json!({ "query": " " }), "invalid_body"),
    ] {
        let told = calls(&world, &mio, tool, &arguments);
        let found = (&told["isError"], &told["structuredContent"]["code"]);
        assert_eq!(found, (&json!(true), &json!(code)), "{arguments}: {told}");
    }
    assert_eq!(world.started.borrow().len(), 0);
}

#[test]
fn what_was_said_and_remembered_is_found_by_its_person_alone() {
    let (world, mio) = world("chat,memory");
    for question in ["Where is Kyoto?", "What do lemons cost?"] {
        calls(&world, &mio, "ask", &json!({ "question": question, "conversation": "c1" }));
    }
    let found = calls(&world, &mio, "recall", &json!({ "query": "Kyoto" }));
    let said = found["structuredContent"]["said"].as_array().unwrap();
    assert_eq!(said.len(), 1, "{found}");
    assert_eq!(
        (&said[0]["question"], &said[0]["conversation"]),
        (&json!("Where is Kyoto?"), &json!("c1"))
    );
    let eve = key(&world, "eve", "chat,memory");
    let found = calls(&world, &eve, "recall", &json!({ "query": "Kyoto" }));
    assert_eq!(found["structuredContent"], json!({ "facts": [], "said": [] }));
}
