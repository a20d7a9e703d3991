//! Tests the other vendors of models.

mod refusals;

use serde_json::{Value, json};

use crate::bench::{Bench, Got};

/// Chat vendors, with a model of each.
const CHAT: [(&str, &str); 6] = [
    ("openai", "gpt-5-mini"),
    ("groq", "openai/gpt-oss-120b"),
    ("deepseek", "deepseek-v4-flash"),
    ("huggingface", "org/model:provider"),
    ("ollama", "llama3.2"),
    ("vllm", "org/model"),
];
const GEMINI: &str = "/models/gemini-2.5-flash-lite:generateContent";
const GEMINI_STREAM: &str = "/models/gemini-2.5-flash-lite:streamGenerateContent?alt=sse";

/// A vendor's part of `GET /lab/world`.
fn vendor<'a>(bench: &'a Bench, name: &str) -> (&'a str, &'a str) {
    let vendor = &bench.world["vendors"][name];
    let base = vendor["base"].as_str().unwrap();
    (base.strip_prefix(&bench.url).unwrap(), vendor["key"].as_str().unwrap_or("any"))
}

async fn send(bench: &Bench, name: &str, path: &str, body: &Value) -> Got {
    let (base, key) = vendor(bench, name);
    send_to(bench, &format!("{base}{path}"), key, body).await
}

async fn send_to(bench: &Bench, path: &str, key: &str, body: &Value) -> Got {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
        ("x-api-key", key),
        ("x-goog-api-key", key),
        ("anthropic-version", "2023-06-01"),
    ];
    bench.send("POST", path, &headers, body.to_string()).await.unwrap()
}

async fn chat(bench: &Bench, name: &str, body: &Value) -> Got {
    send(bench, name, "/chat/completions", body).await
}

fn chat_body(model: &str, question: &str) -> Value {
    let limit = if model.starts_with("gpt-5") { "max_completion_tokens" } else { "max_tokens" };
    json!({ "model": model, "messages": [{ "role": "user", "content": question }], limit: 100 })
}

fn message_body(question: &str) -> Value {
    json!({ "model": "claude-haiku-4-5", "max_tokens": 100,
        "messages": [{ "role": "user", "content": question }] })
}

fn gemini_body(question: &str) -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": question }] }],
        "generationConfig": { "maxOutputTokens": 100 } })
}

fn schema() -> Value {
    json!({ "type": "object", "required": ["time_zone"],
        "properties": { "time_zone": { "type": "string", "description": "zone" } } })
}

/// Data of all events.
fn events(got: &Got) -> Vec<Value> {
    let text = got.body.as_str().unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    lines.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data))).collect()
}

#[tokio::test]
async fn everybody_answers_and_says_what_it_used() {
    let bench = Bench::start().await;
    for (name, model) in CHAT {
        let got = chat(&bench, name, &chat_body(model, "hello")).await;
        assert_eq!(got.status, 200, "{name}: {}", got.body);
        let text = got.body["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(text.contains("scripted model"), "{name}");
        assert!(got.body["usage"]["prompt_tokens"].as_u64().unwrap() > 0, "{name}");
        assert_eq!(bench.calls(name).await.len(), 1);
    }
    let got = send(&bench, "anthropic", "/messages", &message_body("hello")).await;
    assert!(got.body["content"][0]["text"].as_str().unwrap().contains("scripted model"));
    assert_eq!(got.body["stop_reason"], "end_turn");
    let got = send(&bench, "gemini", GEMINI, &gemini_body("hello")).await;
    let candidate = &got.body["candidates"][0];
    assert!(candidate["content"]["parts"][0]["text"].as_str().unwrap().contains("scripted"));
    assert_eq!(candidate["finishReason"], "STOP");
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_round_of_tools_goes_through_each_language() {
    let bench = Bench::start().await;
    let function = json!({ "name": "current_time", "description": "d", "parameters": schema() });
    let mut body = chat_body("gpt-5-mini", "What time is it in Tokyo?");
    body["tools"] = json!([{ "type": "function", "function": function }]);
    let got = chat(&bench, "openai", &body).await;
    let message = got.body["choices"][0]["message"].clone();
    let call = &message["tool_calls"][0];
    assert_eq!(call["function"]["arguments"], r#"{"time_zone":"Asia/Tokyo"}"#);
    let result = json!({ "role": "tool", "tool_call_id": call["id"], "content": "12:34" });
    let calls =
        json!({ "role": "assistant", "content": null, "tool_calls": message["tool_calls"] });
    body["messages"].as_array_mut().unwrap().extend([calls, result]);
    let got = chat(&bench, "openai", &body).await;
    let text = got.body["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("The tool says: 12:34"), "{text}");

    let mut body = message_body("What time is it in Tokyo?");
    body["tools"] =
        json!([{ "name": "current_time", "description": "d", "input_schema": schema() }]);
    let got = send(&bench, "anthropic", "/messages", &body).await;
    assert_eq!(got.body["stop_reason"], "tool_use");
    let blocks = got.body["content"].clone();
    let results =
        json!([{ "type": "tool_result", "tool_use_id": blocks[0]["id"], "content": "12:34" }]);
    let turns = [
        json!({ "role": "assistant", "content": blocks }),
        json!({ "role": "user", "content": results }),
    ];
    body["messages"].as_array_mut().unwrap().extend(turns);
    let got = send(&bench, "anthropic", "/messages", &body).await;
    assert!(got.body["content"][0]["text"].as_str().unwrap().contains("12:34"));
    let tools = body["tools"].take();
    body.as_object_mut().unwrap().remove("tools");
    let got = send(&bench, "anthropic", "/messages", &body).await;
    assert!(got.body["error"]["message"].as_str().unwrap().contains("must define tools"));
    assert!(tools.is_array());

    let mut body = gemini_body("What time is it in Tokyo?");
    body["tools"] = json!([{ "functionDeclarations": [function] }]);
    let path = "/models/gemini-3-flash-preview:generateContent";
    let got = send(&bench, "gemini", path, &body).await;
    let content = got.body["candidates"][0]["content"].clone();
    assert_eq!(content["parts"][0]["functionCall"]["args"]["time_zone"], "Asia/Tokyo");
    let response = json!({ "name": "current_time", "response": { "result": "12:34" } });
    let turns = [content, json!({ "role": "user", "parts": [{ "functionResponse": response }] })];
    body["contents"].as_array_mut().unwrap().extend(turns);
    let got = send(&bench, "gemini", path, &body).await;
    let text = got.body["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap();
    assert!(text.contains("The tool says: 12:34"), "{text}");
    let unsigned = &mut body["contents"][1]["parts"][0];
    unsigned.as_object_mut().unwrap().remove("thoughtSignature");
    let got = send(&bench, "gemini", path, &body).await;
    assert!(got.body["error"]["message"].as_str().unwrap().contains("thought_signature"));
}

#[tokio::test]
async fn keys_are_checked_in_each_vendors_words() {
    let bench = Bench::start().await;
    for (name, path, status, words) in [
        ("openai", "/chat/completions", 401, "Incorrect API key"),
        ("groq", "/chat/completions", 401, "Invalid API Key"),
        ("deepseek", "/chat/completions", 401, "Authentication Fails"),
        ("huggingface", "/chat/completions", 401, "Invalid username"),
        ("vllm", "/chat/completions", 401, "Incorrect API key"),
        ("anthropic", "/messages", 401, "invalid x-api-key"),
        ("gemini", GEMINI, 400, "API key not valid"),
    ] {
        let (base, _) = vendor(&bench, name);
        let got = send_to(&bench, &format!("{base}{path}"), "wrong", &json!({})).await;
        assert_eq!(got.status, status, "{name}");
        assert!(got.body.to_string().contains(words), "{name}: {}", got.body);
    }
    let (ollama, _) = vendor(&bench, "ollama");
    let got = bench.get(&format!("{ollama}/models")).await;
    assert_eq!((got.status, &got.body["object"]), (200, &json!("list")));
    let (gemini, _) = vendor(&bench, "gemini");
    assert_eq!(bench.get(&format!("{gemini}/models")).await.status, 403);
}

#[tokio::test]
async fn streams_in_each_language_and_ends_as_each_does() {
    let bench = Bench::start().await;
    for (name, model) in CHAT {
        let mut body = chat_body(model, "hello");
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": true });
        let got = chat(&bench, name, &body).await;
        assert!(got.headers["content-type"].starts_with("text/event-stream"), "{name}");
        let events = events(&got);
        let text: String =
            events.iter().filter_map(|e| e["choices"][0]["delta"]["content"].as_str()).collect();
        assert!(text.contains("scripted model"), "{name}: {text}");
        let [.., usage, done] = events.as_slice() else { panic!("{name}: too short") };
        assert!(usage["usage"]["completion_tokens"].as_u64().unwrap() > 0, "{name}");
        assert_eq!(done, "[DONE]");
    }
    let mut body = message_body("hello");
    body["stream"] = json!(true);
    let got = send(&bench, "anthropic", "/messages", &body).await;
    let kinds: Vec<Value> = events(&got).iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds[0], "message_start");
    assert_eq!(kinds[kinds.len() - 2..], ["message_delta", "message_stop"]);
    let got = send(&bench, "gemini", GEMINI_STREAM, &gemini_body("hello")).await;
    let events = events(&got);
    assert!(events.len() > 3);
    assert_eq!(events.last().unwrap()["candidates"][0]["finishReason"], "STOP");
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_rule_says_what_the_model_does_in_whatever_language() {
    let bench = Bench::start().await;
    let rule = |operation: &str, model: Value| json!({ "match": { "operation": operation }, "then": { "model": model } });
    let say = |name| rule(name, json!({ "say": "Kyoto.", "cached": 3 }));
    bench.post("/lab/faults", &json!([say("deepseek"), say("anthropic"), say("ai_run")])).await;
    let got = chat(&bench, "deepseek", &chat_body("deepseek-v4-flash", "hello")).await;
    assert_eq!(got.body["choices"][0]["message"]["content"], "Kyoto.");
    assert_eq!(got.body["usage"]["prompt_cache_hit_tokens"], 3);
    let got = send(&bench, "anthropic", "/messages", &message_body("hello")).await;
    assert_eq!(got.body["content"][0]["text"], "Kyoto.");
    assert_eq!(got.body["usage"]["cache_read_input_tokens"], 3);
    for (name, fails, status, words) in [
        ("openai", "quota", 429, "insufficient_quota"),
        ("openai", "too_long", 400, "context_length_exceeded"),
        ("groq", "quota", 429, "tokens per day (TPD)"),
        ("groq", "too_long", 413, "Request too large"),
        ("deepseek", "quota", 402, "Insufficient Balance"),
        ("deepseek", "policy", 400, "Content Exists Risk"),
        ("huggingface", "quota", 402, "monthly included credits"),
        ("vllm", "busy", 503, "ServiceUnavailableError"),
    ] {
        bench.post("/lab/faults", &rule(name, json!({ "fails": fails }))).await;
        let got = chat(&bench, name, &chat_body("llama", "hello")).await;
        assert_eq!(got.status, status, "{name} {fails}");
        assert!(got.body.to_string().contains(words), "{name} {fails}: {}", got.body);
    }
    let busy = json!([
        rule("anthropic", json!({ "fails": "busy" })),
        rule("anthropic", json!({ "fails": "rate_limit", "after_s": 7 })),
        rule("gemini", json!({ "fails": "quota" })),
        rule("gemini", json!({ "fails": "policy" }))
    ]);
    bench.post("/lab/faults", &busy).await;
    let got = send(&bench, "anthropic", "/messages", &message_body("hello")).await;
    assert_eq!((got.status, &got.body["error"]["type"]), (529, &json!("overloaded_error")));
    let got = send(&bench, "anthropic", "/messages", &message_body("hello")).await;
    assert_eq!((got.status, got.headers["retry-after"].as_str()), (429, "7"));
    let got = send(&bench, "gemini", GEMINI, &gemini_body("hello")).await;
    assert!(got.body.to_string().contains("PerDay"));
    let got = send(&bench, "gemini", GEMINI, &gemini_body("hello")).await;
    assert_eq!(
        (got.status, &got.body["promptFeedback"]["blockReason"]),
        (200, &json!("PROHIBITED_CONTENT"))
    );
    bench
        .post(
            "/lab/faults",
            &json!({ "match": { "operation": "anthropic" },
        "then": { "status": 529 } }),
        )
        .await;
    let got = send(&bench, "anthropic", "/messages", &message_body("hello")).await;
    assert_eq!((got.status, &got.body["error"]["type"]), (529, &json!("overloaded_error")));
}

#[tokio::test]
async fn a_stream_ends_too_early_breaks_or_fails_on_demand() {
    let bench = Bench::start().await;
    let rule = |stream: Value| json!({ "match": { "operation": "openai" }, "then": { "model": { "stream": stream } } });
    let mut body = chat_body("gpt-5-mini", "日本語で");
    body["stream"] = json!(true);
    bench.post("/lab/faults", &rule(json!({ "ends_after": 3, "bytes": 5 }))).await;
    let got = chat(&bench, "openai", &body).await;
    assert_eq!(events(&got).len(), 3);
    bench.post("/lab/faults", &rule(json!({ "fails_after": 2 }))).await;
    let got = chat(&bench, "openai", &body).await;
    assert_eq!(events(&got).last().unwrap()["error"]["type"], "server_error");
    bench.post("/lab/faults", &rule(json!({ "breaks_after": 2 }))).await;
    let (base, key) = vendor(&bench, "openai");
    let bearer = format!("Bearer {key}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let path = format!("{base}/chat/completions");
    let broken = bench.send("POST", &path, &headers, body.to_string()).await;
    assert!(broken.is_err(), "{broken:?}");
    let calls = bench.calls("openai").await;
    assert!(calls.iter().all(|call| call["finished"] == true), "{calls:?}");
    assert!(calls[2]["response"].as_str().unwrap().starts_with("data: "));
}

#[tokio::test]
async fn the_gateway_passes_on_what_it_knows() {
    let bench = Bench::start().await;
    let gateway = &bench.world["gateway"];
    let (account, id) = (gateway["account"].as_str().unwrap(), gateway["id"].as_str().unwrap());
    let token = format!("Bearer {}", gateway["token"].as_str().unwrap());
    let (_, key) = vendor(&bench, "openai");
    let path = format!("/gateway/v1/{account}/{id}/openai/chat/completions");
    let body = chat_body("gpt-5-mini", "hello");
    assert_eq!(send_to(&bench, &path, key, &body).await.status, 200);
    let call = &bench.calls("openai").await[0];
    assert_eq!(call["notes"], json!(["through the AI Gateway lab-gateway"]));
    bench.post("/lab/config", &json!({ "gateway_auth": true })).await;
    let got = send_to(&bench, &path, key, &body).await;
    assert_eq!((got.status, &got.body["error"][0]["code"]), (401, &json!(2009)));
    let bearer = format!("Bearer {key}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
        ("cf-aig-authorization", token.as_str()),
    ];
    let got = bench.send("POST", &path, &headers, body.to_string()).await.unwrap();
    assert_eq!(got.status, 200);
    let path = format!("/gateway/v1/{account}/other/openai/chat/completions");
    assert_eq!(send_to(&bench, &path, key, &body).await.body["error"][0]["code"], 2001);
    let path = format!("/gateway/v1/{account}/{id}/huggingface/chat/completions");
    assert_eq!(send_to(&bench, &path, key, &body).await.status, 404);
}
