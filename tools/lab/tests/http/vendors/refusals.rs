//! Tests what each vendor refuses in a request.

use serde_json::{Value, json};

use super::{GEMINI, chat, chat_body, gemini_body, message_body, schema, send, vendor};
use crate::bench::Bench;

#[tokio::test]
async fn chat_requests_are_refused_for_what_the_vendors_refuse() {
    let bench = Bench::start().await;
    let base = chat_body("gpt-5-mini", "hi");
    let with = |field: &str, value: Value| {
        let mut body = base.clone();
        body[field] = value;
        body
    };
    let call =
        json!({ "id": "c", "type": "function", "function": { "name": "t", "arguments": "{}" } });
    let user = json!({ "role": "user", "content": "hi" });
    let calls = json!({ "role": "assistant", "content": null, "tool_calls": [call] });
    let flat = json!([{ "name": "t", "description": "d", "parameters": schema() }]);
    let loose = json!([{ "type": "function", "function": { "name": "t", "parameters": {} } }]);
    for (body, words) in [
        (with("max_tokens", json!(9)), "max_completion_tokens"),
        (with("temperature", json!(0.6)), "does not support 0.6"),
        (with("surprise", json!(1)), "Unknown parameter: 'surprise'"),
        (with("stream_options", json!({ "include_usage": true })), "only allowed when 'stream'"),
        (with("tools", json!([])), "empty array"),
        (with("tools", flat), "tools[0].type"),
        (with("tools", loose), "Invalid schema for function"),
        (with("tool_choice", json!("none")), "only allowed when 'tools'"),
        (with("messages", json!([])), "minimum length 1"),
        (with("messages", json!([{ "role": "user", "content": null }])), "expected a string"),
        (with("messages", json!([{ "role": "bot", "content": "x" }])), "Supported values"),
        (with("messages", json!([user, calls])), "did not have response messages: c"),
        (
            with(
                "messages",
                json!([user, { "role": "tool", "tool_call_id": "c", "content": "x" }]),
            ),
            "must be a response to a preceeding message",
        ),
        (
            with("messages", json!([{ "role": "user", "content": "x", "id": 1 }])),
            "Unknown parameter",
        ),
    ] {
        let got = chat(&bench, "openai", &body).await;
        assert_eq!(
            (got.status, &got.body["error"]["type"]),
            (400, &json!("invalid_request_error"))
        );
        let message = got.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{words}: {message}");
    }
    let missing = chat(&bench, "openai", &chat_body("no-such-model", "hi")).await;
    assert_eq!((missing.status, &missing.body["error"]["code"]), (404, &json!("model_not_found")));
    let mut named = chat_body("llama", "hi");
    named["messages"][0]["name"] = json!("mio");
    assert_eq!(chat(&bench, "groq", &named).await.status, 400);
    let mut odd = chat_body("llama", "hi");
    odd["surprise"] = json!(1);
    assert_eq!(chat(&bench, "vllm", &odd).await.status, 200);
    assert!(bench.violations().await.last().unwrap().contains("vllm ignores `surprise`"));
}

#[tokio::test]
async fn messages_are_refused_for_what_anthropic_refuses() {
    let bench = Bench::start().await;
    let base = message_body("hi");
    let with = |field: &str, value: Value| {
        let mut body = base.clone();
        body[field] = value;
        body
    };
    let user = json!({ "role": "user", "content": "hi" });
    let call = json!({ "type": "tool_use", "id": "a", "name": "t", "input": {} });
    let calls = json!({ "role": "assistant", "content": [call] });
    for (body, words) in [
        (with("max_tokens", Value::Null), "max_tokens: Field required"),
        (with("stream_options", json!({})), "Extra inputs are not permitted"),
        (with("temperature", json!(1.5)), "temperature"),
        (with("messages", json!([{ "role": "system", "content": "x" }])), "top-level `system`"),
        (with("messages", json!([{ "role": "assistant", "content": "x" }])), "first message"),
        (with("messages", json!([user, user])), "roles must alternate"),
        (with("messages", json!([{ "role": "user", "content": "" }])), "non-empty content"),
        (with("messages", json!([user, calls, user])), "must define tools"),
        (with("tool_choice", json!({ "type": "none" })), "while providing tools"),
        (with("tools", json!([{ "name": "t", "input_schema": {} }])), "input_schema.type"),
    ] {
        let got = send(&bench, "anthropic", "/messages", &body).await;
        assert_eq!(
            (got.status, &got.body["error"]["type"]),
            (400, &json!("invalid_request_error"))
        );
        let message = got.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{words}: {message}");
    }
    let mut open = with("messages", json!([user, calls, user]));
    open["tools"] = json!([{ "name": "t", "input_schema": schema() }]);
    let got = send(&bench, "anthropic", "/messages", &open).await;
    assert!(
        got.body["error"]["message"].as_str().unwrap().contains("without `tool_result` blocks")
    );
    let (base, key) = vendor(&bench, "anthropic");
    let headers = [("content-type", "application/json"), ("x-api-key", key)];
    let got = bench.send("POST", &format!("{base}/messages"), &headers, "{}").await.unwrap();
    assert_eq!(got.body["error"]["message"], "anthropic-version: header is required");
}

#[tokio::test]
async fn contents_are_refused_for_what_gemini_refuses() {
    let bench = Bench::start().await;
    let base = gemini_body("hi");
    let with = |field: &str, value: Value| {
        let mut body = base.clone();
        body[field] = value;
        body
    };
    let tool = |parameters: Value| json!([{ "functionDeclarations": [{ "name": "t", "parameters": parameters }] }]);
    let part = |role: &str, part: Value| json!({ "role": role, "parts": [part] });
    let user = part("user", json!({ "text": "hi" }));
    let call = part("model", json!({ "functionCall": { "name": "t", "args": {} } }));
    let text = part("user", json!({ "functionResponse": { "name": "t", "response": "x" } }));
    let answer = part("user", json!({ "functionResponse": { "name": "t", "response": {} } }));
    let mut closed = schema();
    closed["additionalProperties"] = json!(false);
    for (body, words) in [
        (with("messages", json!([])), "Unknown name \"messages\""),
        (with("contents", json!([])), "contents is not specified"),
        (with("contents", json!([part("assistant", json!({ "text": "x" }))])), "valid role"),
        (with("contents", json!([{ "role": "user", "parts": [] }])), "must not be empty"),
        (with("contents", json!([call, answer])), "function call turn comes immediately after"),
        (with("contents", json!([user, answer])), "function response turn comes immediately"),
        (with("contents", json!([user, call, user])), "number of function response parts"),
        (with("contents", json!([user, call, text])), "protobuf.Struct"),
        (with("tools", tool(closed)), "Unknown name \"additionalProperties\""),
        (
            with("tools", tool(json!({ "type": "object", "properties": {} }))),
            "non-empty for OBJECT",
        ),
        (with("toolConfig", json!({ "functionCallingConfig": { "mode": "none" } })), "mode"),
    ] {
        let got = send(&bench, "gemini", GEMINI, &body).await;
        assert_eq!((got.status, &got.body["error"]["status"]), (400, &json!("INVALID_ARGUMENT")));
        let message = got.body["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{words}: {message}");
    }
}
