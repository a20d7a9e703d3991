//! The scripted model's rules, one by one.

use serde_json::{Value, json};

use super::super::shapes;
use super::{cue, decide, error, pace};
use crate::ai::Failure;
use crate::http::{Content, Reply};
use crate::stream::Pace;

fn run(model: &str, inputs: &Value) -> Reply {
    shapes::answer(model, inputs, &decide(inputs), &Pace::default())
}

fn reply(question: &str, tools: &[&str], results: &[&str]) -> Reply {
    let mut messages = vec![json!({ "role": "user", "content": question })];
    messages.extend(results.iter().map(|result| json!({ "role": "tool", "content": result })));
    let tool = |name: &&str| {
        let property = if *name == "weather" { "place" } else { "time_zone" };
        json!({ "name": name, "parameters": { "properties": { property: {} } } })
    };
    let tools: Vec<Value> = tools.iter().map(tool).collect();
    run("@cf/x/y", &json!({ "messages": messages, "tools": tools }))
}

fn body(question: &str, tools: &[&str], results: &[&str]) -> Value {
    match reply(question, tools, results).body {
        Content::Json(value) => value,
        other @ (Content::Empty | Content::Text(_) | Content::Bytes(_) | Content::Pieces(_)) => {
            panic!("{other:?}")
        }
    }
}

fn text(question: &str) -> String {
    body(question, &[], &[])["response"].as_str().unwrap().to_owned()
}

const BOTH: [&str; 2] = ["current_time", "weather"];

#[test]
fn calls_the_tool_that_the_words_ask_for() {
    for (question, calls) in [
        ("What time is it in Tokyo?", json!([["current_time", { "time_zone": "Asia/Tokyo" }]])),
        ("What time is it?", json!([["current_time", { "time_zone": "UTC" }]])),
        ("ニューヨークは今何時？", json!([["current_time", { "time_zone": "America/New_York" }]])),
        ("weather in London", json!([["weather", { "place": "London" }]])),
        ("weather in Atlantis?", json!([["weather", { "place": "Atlantis" }]])),
        ("竜宮城の天気は？", json!([["weather", { "place": "竜宮城" }]])),
        (
            "大阪の天気と時刻",
            json!([
                ["current_time", { "time_zone": "Asia/Tokyo" }], ["weather", { "place": "Osaka" }]
            ]),
        ),
        ("Who are you?", json!([])),
    ] {
        let body = body(question, &BOTH, &[]);
        let found = body["tool_calls"].as_array().unwrap().iter();
        let found: Value = found.map(|call| json!([call["name"], call["arguments"]])).collect();
        assert_eq!(found, calls, "{question}");
        assert_eq!(body["response"].is_null(), calls != json!([]), "{question}");
    }
}

#[test]
fn calls_the_calculator_with_what_is_to_be_calculated() {
    for (question, expression) in
        [("Please calculate 15% of 80?", "15% of 80"), ("8畳 in m2を計算して。", "8畳 in m2")]
    {
        let body = body(question, &["current_time", "calculate"], &[]);
        assert_eq!(body["tool_calls"][0]["name"], "calculate");
        assert_eq!(body["tool_calls"][0]["arguments"], json!({ "expression": expression }));
    }
}

#[test]
fn searches_for_what_is_to_be_searched_for() {
    for (question, query) in
        [("Please search for red leaves?", "red leaves"), ("京都の紅葉を検索して。", "京都の紅葉")]
    {
        let body = body(question, &["current_time", "web_search"], &[]);
        assert_eq!(body["tool_calls"][0]["name"], "web_search");
        assert_eq!(body["tool_calls"][0]["arguments"], json!({ "query": query }));
    }
}

#[test]
fn reminds_of_what_is_to_be_reminded_of() {
    for (question, time, words) in [
        ("Remind me in 5 minutes to drink tea.", "in 5 minutes", "drink tea"),
        ("5分後にお茶を飲むことをリマインドして", "5分後", "お茶を飲むこと"),
    ] {
        let body = body(question, &["weather", "remind_me"], &[]);
        assert_eq!(body["tool_calls"][0]["name"], "remind_me");
        assert_eq!(body["tool_calls"][0]["arguments"], json!({ "time": time, "words": words }));
    }
}

#[test]
fn calls_the_tool_that_the_question_orders_if_it_is_offered() {
    let question = r#"[call mcp_docs_search {"q":"red"}]"#;
    let ordered = body(question, &["current_time", "mcp_docs_search"], &[]);
    assert_eq!(ordered["tool_calls"][0]["name"], "mcp_docs_search");
    assert_eq!(ordered["tool_calls"][0]["arguments"], json!({ "q": "red" }));
    let not_offered = body(question, &["current_time"], &[]);
    assert_eq!(not_offered["tool_calls"], body("Hi", &["current_time"], &[])["tool_calls"]);
}

#[test]
fn reads_the_page_whose_address_is_in_the_question() {
    let body = body("What does https://a.example/b?c say?", &["current_time", "fetch_page"], &[]);
    assert_eq!(body["tool_calls"][0]["name"], "fetch_page");
    assert_eq!(body["tool_calls"][0]["arguments"], json!({ "url": "https://a.example/b?c" }));
}

#[test]
fn answers_with_the_results_and_in_the_questions_language() {
    let english = body("What time is it?", &BOTH, &["12:34 UTC", "sunny"]);
    assert_eq!(
        english["response"],
        "This is the lab's scripted model, not a real one. The tool says: 12:34 UTC / sunny"
    );
    let japanese = body("何時？", &BOTH, &["12:34"]);
    assert!(japanese["response"].as_str().unwrap().contains("台本"));
    assert!(text("hello").contains("scripted model"));
    assert!(text("こんにちは").contains("台本"));
}

#[test]
fn triggers_shape_the_text() {
    assert_eq!(text("[long 4321]").chars().count(), 4321);
    assert_eq!(text("[long 2500] を日本語で").chars().count(), 2500);
    assert!(text("[fence]").chars().count() > 4000);
    assert_eq!(text("[fence]").matches("\n```").count(), 2);
    assert_eq!(text("[empty]"), "");
    assert!(text("[everyone]").contains("@everyone @here <@123>"));
    assert!(text("[kaomoji]").contains(r"¯\_(ツ)_/¯"));
}

#[test]
fn triggers_misuse_tools() {
    let looped = body("[loop] time", &BOTH, &["again"]);
    assert_eq!(looped["tool_calls"][0]["name"], "current_time");
    assert!(body("[loop]", &[], &["again"])["response"].is_string());
    let leaked = body("[leak]", &BOTH, &[]);
    assert!(leaked["response"].as_str().unwrap().starts_with("<function=current_time>"));
    assert!(body("[leak]", &BOTH, &["12:00"])["response"].as_str().unwrap().contains("12:00"));
    assert_eq!(body("[unknown-tool]", &BOTH, &[])["tool_calls"][0]["name"], "no_such_tool");
    let broken = &body("[bad-args]", &BOTH, &[])["tool_calls"][0]["arguments"];
    assert!(serde_json::from_str::<Value>(broken.as_str().unwrap()).is_err());
}

#[test]
fn triggers_choose_the_family_of_the_reply() {
    let hybrid = body("[shape hybrid] time", &BOTH, &[]);
    assert_eq!(hybrid["tool_calls"][0]["function"]["arguments"]["time_zone"], "UTC");
    let chat = body("[shape chat] time", &BOTH, &[]);
    let call = &chat["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"], r#"{"time_zone":"UTC"}"#);
    assert_eq!(chat["choices"][0]["finish_reason"], "tool_calls");
    let responses = body("[shape responses] time", &BOTH, &[]);
    assert_eq!(responses["output"][0]["type"], "function_call");
    let words = body("[shape responses] hi", &BOTH, &[]);
    assert!(words["output"][0]["content"][0]["text"].is_string());
}

#[test]
fn triggers_failures_and_a_pace() {
    let inputs = |question: &str| json!({ "messages": [{ "role": "user", "content": question }] });
    assert_eq!(error(&inputs("[error 3040]")), Some("3040"));
    let fails = |question: &str, vendor| cue(&inputs(question), vendor).and_then(|cue| cue.fails);
    assert_eq!(fails("[fails busy]", "groq"), Some(Failure::Busy));
    assert_eq!(fails("[fails rate_limit groq]", "groq"), Some(Failure::RateLimit));
    assert_eq!(fails("[fails busy groq]", "openai"), None);
    assert_eq!(fails("[fails nonsense]", "openai"), None);
    assert_eq!(pace(&inputs("[slow 40]")).map(|pace| pace.pause_ms), Some(40));
    let refused = body("[refuse] [shape chat]", &[], &[]);
    assert_eq!(refused["choices"][0]["finish_reason"], "content_filter");
    let thought = body("[think] [shape chat]", &[], &[]);
    assert!(thought["choices"][0]["message"]["reasoning_content"].is_string());
    assert_eq!(body("[cached 2]", &[], &[])["usage"]["prompt_tokens_details"]["cached_tokens"], 2);
}

#[test]
fn bills_no_more_than_the_caller_allowed() {
    let question = json!({ "role": "user", "content": "[long 5000]" });
    let reply = run("@cf/x/y", &json!({ "messages": [question], "max_tokens": 700 }));
    let Content::Json(body) = reply.body else { panic!("no body") };
    assert_eq!(body["response"].as_str().unwrap().chars().count(), 5000);
    assert_eq!(body["usage"]["completion_tokens"], 700);
}
