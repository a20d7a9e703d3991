//! Tests Workers AI and Open-Meteo.

use serde_json::{Value, json};

use crate::bench::{Bench, Worker};

const MODEL: &str = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";

fn inputs(question: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": question }], "max_tokens": 100 })
}

async fn run(bench: &Bench, model: &str, inputs: &Value) -> crate::bench::Got {
    let call = json!({ "model": model, "inputs": inputs, "options": { "rejectIfBusy": true } });
    bench.call("POST", "/ai/run", &call).await
}

#[tokio::test]
async fn answers_in_the_native_shape_and_records_the_call() {
    let bench = Bench::start().await;
    let got = run(&bench, MODEL, &inputs("hello")).await;
    assert_eq!(got.status, 200);
    assert!(got.body["response"].as_str().unwrap().contains("scripted model"));
    assert!(got.body["usage"]["neurons"].as_f64().unwrap() > 0.0);
    let call = &bench.calls("ai_run").await[0];
    assert_eq!(call["body"]["inputs"], inputs("hello"));
    assert_eq!(call["body"]["options"]["rejectIfBusy"], true);
    assert_eq!(call["response"], got.body);
}

#[tokio::test]
async fn refuses_like_the_service() {
    let bench = Bench::start().await;
    let mut null = inputs("x");
    null["messages"][0]["content"] = Value::Null;
    for (model, inputs, code) in [("gpt-4o", inputs("x"), "5007"), (MODEL, null, "5006")] {
        let got = run(&bench, model, &inputs).await;
        assert_eq!((got.status, &got.body["name"]), (400, &json!("InferenceUpstreamError")));
        assert!(got.body["message"].as_str().unwrap().starts_with(code));
    }
    let unbounded = json!({ "messages": [{ "role": "user", "content": "x" }] });
    assert_eq!(run(&bench, MODEL, &unbounded).await.status, 200);
    assert!(bench.violations().await[2].contains("max_tokens"));
}

#[tokio::test]
async fn plays_a_script_first() {
    let bench = Bench::start().await;
    let replies = json!({ "replies": [
        { "response": "one" },
        { "error": { "message": "3040: Capacity temporarily exceeded, please try again." } },
        { "error": { "name": "Error", "message": "odd", "status": 503 } },
    ] });
    assert_eq!(bench.post("/lab/ai/script", &replies).await.body, json!({ "queued": 3 }));
    assert_eq!(run(&bench, MODEL, &inputs("x")).await.body, json!({ "response": "one" }));
    let busy = run(&bench, MODEL, &inputs("x")).await;
    assert_eq!((busy.status, &busy.body["name"]), (429, &json!("InferenceUpstreamError")));
    let odd = run(&bench, MODEL, &inputs("x")).await;
    assert_eq!((odd.status, &odd.body["name"]), (503, &json!("Error")));
    assert!(run(&bench, MODEL, &inputs("x")).await.body["response"].is_string());
}

#[tokio::test]
async fn a_fault_without_a_body_is_the_services_error() {
    let bench = Bench::start().await;
    let rule = |then: Value| json!({ "match": { "operation": "ai_run" }, "then": then });
    bench.post("/lab/faults", &rule(json!({ "status": 429 }))).await;
    let busy = run(&bench, MODEL, &inputs("x")).await;
    assert!(busy.body["message"].as_str().unwrap().starts_with("3040: "));
    bench.post("/lab/faults", &rule(json!({ "status": 500, "body": "3046: timeout" }))).await;
    let slow = run(&bench, MODEL, &inputs("x")).await;
    assert_eq!((slow.status, &slow.body["message"]), (500, &json!("3046: timeout")));
}

#[tokio::test]
async fn forwards_to_a_model_server() {
    let completion = json!({ "choices": [{ "message": { "content": "hi" } }] });
    let server = Worker::start(completion.clone()).await;
    let model = lab::Model { url: server.url.clone(), name: "tiny".to_owned() };
    let bench = Bench::with(lab::Options { port: 0, model: Some(model) }).await;
    let mut inputs = inputs("hello");
    inputs["tools"] = json!([{ "name": "t", "description": "d",
        "parameters": { "type": "object", "properties": {} } }]);
    assert_eq!(run(&bench, MODEL, &inputs).await.body, completion);
    let sent: Value = serde_json::from_slice(&server.received.lock().unwrap()[0].1).unwrap();
    assert_eq!((&sent["model"], &sent["max_tokens"]), (&json!("tiny"), &json!(100)));
    assert_eq!(sent["tools"][0]["function"]["name"], "t");
    let progress = bench.get("/lab/model").await.body;
    assert_eq!((&progress["has_ended"], &progress["pieces"]), (&json!(true), &json!(0)));
    let gone = lab::Model { url: "http://127.0.0.1:1".to_owned(), name: "tiny".to_owned() };
    let bench = Bench::with(lab::Options { port: 0, model: Some(gone) }).await;
    let got = run(&bench, MODEL, &inputs).await;
    assert!(got.body["message"].as_str().unwrap().starts_with("3040"));
}

#[tokio::test]
async fn knows_some_cities_and_their_weather() {
    let bench = Bench::start().await;
    let got = bench
        .get("/open-meteo/geocoding/v1/search?name=%E6%9D%B1%E4%BA%AC&count=1&language=ja")
        .await;
    let place = &got.body["results"][0];
    assert_eq!((&place["name"], &place["timezone"]), (&json!("東京"), &json!("Asia/Tokyo")));
    let got = bench.get("/open-meteo/geocoding/v1/search?name=Atlantis").await;
    assert!(got.body.get("results").is_none());
    let path = "/open-meteo/v1/forecast?latitude=51.5&longitude=-0.1&timezone=auto\
                &current=temperature_2m,weather_code&daily=temperature_2m_max";
    let got = bench.get(path).await;
    assert_eq!(got.body["current"]["temperature_2m"], 9.1);
    assert_eq!(got.body["current_units"]["temperature_2m"], "°C");
    assert_eq!(got.body["daily"]["temperature_2m_max"], json!([12.1]));
    assert_eq!(got.body["timezone"], "Europe/London");
    let got = bench.get("/open-meteo/v1/forecast?latitude=1&longitude=1&current=nonsense").await;
    assert_eq!((got.status, &got.body["error"]), (400, &json!(true)));
}

#[tokio::test]
async fn streams_native_chunks_with_a_call_as_text_and_the_bill_in_the_last() {
    let bench = Bench::start().await;
    let mut inputs = inputs("What time is it in Tokyo?");
    inputs["stream"] = json!(true);
    let got = run(&bench, MODEL, &inputs).await;
    assert!(got.headers["content-type"].starts_with("text/event-stream"));
    let text = got.body.as_str().unwrap();
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    let said = |text: &str| -> String {
        let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let chunks = lines.filter_map(|data| serde_json::from_str::<Value>(data).ok());
        chunks.filter_map(|chunk| chunk["response"].as_str().map(str::to_owned)).collect()
    };
    assert!(said(text).contains("scripted model"));
    let last = text.lines().rfind(|line| line.contains("usage")).unwrap();
    assert!(last.contains("neurons"), "{last}");
    let properties = json!({ "time_zone": { "type": "string", "description": "zone" } });
    inputs["tools"] = json!([{ "name": "current_time", "description": "d",
        "parameters": { "type": "object", "properties": properties } }]);
    let got = run(&bench, MODEL, &inputs).await;
    let leaked = said(got.body.as_str().unwrap());
    let leaked: Value = serde_json::from_str(&leaked).unwrap();
    assert_eq!(leaked["parameters"]["time_zone"], "Asia/Tokyo");
    let got = run(&bench, "@cf/qwen/qwen3-30b-a3b-fp8", &inputs).await;
    let text = got.body.as_str().unwrap();
    assert!(text.contains("\"finish_reason\":\"tool_calls\""), "{text}");
    let last = text.lines().rfind(|line| line.contains("usage")).unwrap();
    assert!(last.contains("neurons"), "{last}");
}

#[tokio::test]
async fn who_does_not_wait_is_refused_and_who_waits_is_answered() {
    let bench = Bench::start().await;
    let rule = json!({ "match": { "operation": "ai_run" }, "times": 2,
        "then": { "model": { "queue_ms": 50, "say": "Late." } } });
    bench.post("/lab/faults", &rule).await;
    let busy = run(&bench, MODEL, &inputs("hi")).await;
    assert!(busy.body["message"].as_str().unwrap().starts_with("3040"));
    let patient = json!({ "model": MODEL, "inputs": inputs("hi"), "options": {} });
    let late = bench.call("POST", "/ai/run", &patient).await;
    assert_eq!(late.body["response"], "Late.");
}
