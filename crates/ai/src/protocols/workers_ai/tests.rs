//! Every wire sample by its name, and what the samples do not show.

use serde_json::{Value, json};

use super::*;
use crate::prices::{self, Price};
use crate::protocols::reply::Opening;
use crate::protocols::streamed::StreamReader;
use crate::{Completion, Usage};

const SAMPLES: &str = include_str!("samples.json");

fn sample(name: &str) -> Value {
    let samples: Value = serde_json::from_str(SAMPLES).unwrap();
    let sample = samples.get(name).unwrap_or_else(|| panic!("no sample {name}"));
    sample.get("body").unwrap_or(sample).clone()
}

/// Reads a result, or a stream if it is one.
fn read(result: &Value) -> Result<Completion, Failure> {
    let names = ["get_weather", "ok", "cut", "weather", "current_time"];
    let mut reader = StreamReader::new(take_event, Opening::Plain);
    reader.push(result.as_str().unwrap_or_default().as_bytes());
    let reply = reader.end().unwrap_or_else(|| response::read(result));
    reply?.into_completion(&names, 1024)
}

/// `text | name(arguments)#id … | prompt+completion~milli-neurons [cut]`
fn render(completion: &Completion) -> String {
    let calls: Vec<String> = completion
        .calls
        .iter()
        .map(|call| format!("{}({})#{}", call.name, call.arguments, call.id))
        .collect();
    let usage = completion.usage;
    let neurons = usage.neurons_milli.map(|milli| format!("~{milli}")).unwrap_or_default();
    let cut = if completion.is_cut { " cut" } else { "" };
    format!(
        "{} | {} | {}+{}{neurons}{cut}",
        completion.text,
        calls.join(" "),
        usage.prompt_tokens,
        usage.completion_tokens
    )
}

#[test]
fn decodes_every_wire_sample() {
    let expected = [
        ("native_text", "Kyoto. |  | 20+3~1150"),
        ("native_tool", r#" | get_weather({"city":"Kyoto"})# | 180+18"#),
        ("native_tool_string_args", r#" | get_weather({"city":"Kyoto"})# | 0+0"#),
        ("native_json_mode", r#"{"answer":42} |  | 1+1"#),
        ("native_number_response", "42 |  | 0+0"),
        ("hybrid_llama4", r#" | get_weather({"city":"Kyoto"})#chatcmpl-tool-1 | 0+0"#),
        ("chat_text", "Kyoto. |  | 20+9"),
        ("chat_tool", r#" | get_weather({"city":"Kyoto"})#call_1 | 1+1"#),
        ("chat_tool_finish_stop", " | get_weather({})#call_1 | 0+0"),
        ("chat_tool_with_toplevel_empty", " | get_weather({})#call_1 | 0+0"),
        ("chat_leaked", r#" | get_weather({"city":"Kyoto"})# | 0+0"#),
        ("chat_length_empty", " |  | 0+0 cut"),
        ("chat_truncated_args", r#" | ok({"x":1})#a | 0+0 cut"#),
        ("responses_tool", r#" | get_weather({"city":"Kyoto"})#call_1 | 1+1"#),
        ("responses_text", "Kyoto. |  | 0+0"),
        ("sse_native", "Kyoto. |  | 20+3"),
        ("sse_native_tool", r#" | get_weather({"city":"Kyoto"})#t1 | 0+0"#),
        ("sse_chat", "Kyoto. |  | 20+5~300"),
        ("sse_truncated", "workers-ai answered: truncated (code 0)"),
        ("json_despite_stream", "Kyoto. |  | 0+0"),
    ];
    for (name, expected) in expected {
        let said = match read(&sample(name)) {
            Ok(completion) => render(&completion),
            Err(failure) => failure.error("workers-ai").to_string(),
        };
        assert_eq!(said, expected, "{name}");
    }
    let samples: Value = serde_json::from_str(SAMPLES).unwrap();
    for name in samples.as_object().unwrap().keys() {
        let is_covered = expected.iter().any(|(covered, _)| covered == name);
        assert!(is_covered || name == "_note" || name == "binding_errors", "{name}");
    }
}

#[test]
fn decodes_what_the_samples_do_not_show() {
    for (result, expected) in [
        (json!({ "response": null }), " |  | 0+0"),
        (json!({ "response": null, "tool_calls": null }), " |  | 0+0"),
        (json!({ "response": true }), "true |  | 0+0"),
        (
            json!({ "response": "half", "usage": { "completion_tokens": 1024 } }),
            "half |  | 0+1024 cut",
        ),
        (
            json!({ "tool_calls": [{ "name": "ok", "arguments": null }, { "name": "ok", "arguments": "null" }] }),
            " | ok({})# ok({})# | 0+0",
        ),
        (json!({ "tool_calls": [{ "name": "ok", "arguments": "{oh" }] }), " | ok({oh)# | 0+0"),
        (json!({ "tool_calls": [{ "name": null }, { "id": "x" }, "?"] }), " |  | 0+0"),
        (
            json!({ "result": { "response": "Kyoto." }, "success": true, "errors": [] }),
            "Kyoto. |  | 0+0",
        ),
        (json!("{\"response\":\"Kyoto.\"}"), "Kyoto. |  | 0+0"),
        (
            json!({ "choices": [{ "message": { "content": [{ "type": "text", "text": "Kyo" }, { "type": "text", "text": "to." }] } }] }),
            "Kyoto. |  | 0+0",
        ),
        (
            json!({ "choices": [{ "message": { "content": null, "refusal": "No." } }] }),
            "No. |  | 0+0",
        ),
        (json!({ "choices": [], "response": "Kyoto." }), "Kyoto. |  | 0+0"),
        (
            json!({ "choices": [{ "message": { "content": "" } }], "tool_calls": [{ "name": "ok", "arguments": {} }] }),
            " | ok({})# | 0+0",
        ),
        (
            json!({ "choices": [{ "message": { "function_call": { "name": "ok", "arguments": "{}" } } }] }),
            " | ok({})# | 0+0",
        ),
        (
            json!({ "status": "incomplete", "output": [{ "type": "message", "content": [{ "text": "Kyo" }] }] }),
            "Kyo |  | 0+0 cut",
        ),
        (
            json!({ "response": "", "usage": { "prompt_tokens": -1, "completion_tokens": 2.0, "neurons": 0.0004 } }),
            " |  | 0+2~0",
        ),
    ] {
        assert_eq!(
            read(&result).map(|completion| render(&completion)).as_deref(),
            Ok(expected),
            "{result}"
        );
    }
}

#[test]
fn a_bare_string_is_the_answer() {
    for text in ["Kyoto.", "[1]", "{ not json"] {
        assert_eq!(read(&json!(text)).unwrap().text, text);
    }
}

#[test]
fn refuses_what_is_no_response() {
    let code = |class, code| Err(Failure::new(class, code));
    for (result, expected) in [
        (json!(null), code(Class::Transient, 0)),
        (json!([]), code(Class::Transient, 0)),
        (json!({}), code(Class::Transient, 0)),
        (json!({ "result": 5 }), code(Class::Transient, 0)),
        (json!({ "output": "x" }), code(Class::Transient, 0)),
        (
            json!({ "result": null, "success": false, "errors": [{ "code": 3036, "message": "x" }] }),
            code(Class::Quota, 3036),
        ),
        (
            json!({ "error": { "message": "3040: Capacity", "type": "x", "code": null } }),
            code(Class::Busy, 3040),
        ),
        (json!({ "error": { "message": "no", "code": "5007" } }), code(Class::Config, 5007)),
        (json!({ "error": "5006: Error: oneOf at '/' not met" }), code(Class::BadRequest, 5006)),
        (json!({ "error": { "message": "no" } }), code(Class::Transient, 0)),
        (
            json!({ "status": "failed", "output": [], "error": { "code": "server_error", "message": "" } }),
            code(Class::Transient, 0),
        ),
    ] {
        assert_eq!(read(&result), expected, "{result}");
    }
}

#[test]
fn reads_streams_however_they_are_cut_into_lines() {
    for (stream, expected) in [
        (
            "data: {\"response\":\"Kyo\"}\r\n\r\ndata: {\"response\":\"to.\"}\r\n\r\ndata: [DONE]\r\n\r\n",
            "Kyoto. |  | 0+0",
        ),
        ("data:{\"response\":\"Kyoto.\"}\n\ndata:[DONE]", "Kyoto. |  | 0+0"),
        (
            ": hi\n\nevent: x\nid: 1\ndata: {\"response\":\ndata: 5}\n\ndata: [DONE]\n\n",
            "5 |  | 0+0",
        ),
        (
            "data: {\"choices\":[{\"delta\":{\"content\":\"Kyo\"},\"finish_reason\":\"length\"}]}\n\n",
            "Kyo |  | 0+0 cut",
        ),
        (
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"ok\",\"arguments\":\"{}\"}}]}}]}\n\n\
             data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"ok\",\"arguments\":{\"x\":1}}}]},\"finish_reason\":\"tool_calls\"}]}\n\n",
            " | ok({\"x\":1})#a ok({})#b | 0+0",
        ),
        (
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\",\"output\":[]}}\n\n\
             event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"text\":\"Kyoto.\"}]}]}}\n\n",
            "Kyoto. |  | 0+0",
        ),
    ] {
        let said = read(&json!(stream)).map(|completion| render(&completion));
        assert_eq!(said.as_deref(), Ok(expected), "{stream}");
    }
}

#[test]
fn refuses_streams_that_break_off_or_carry_an_error() {
    for stream in [
        "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n",
        "data: {\"response\":\"half\"}\n\ndata: {\"respo",
        "data: \n\n",
    ] {
        let failure = read(&json!(stream)).unwrap_err();
        assert_eq!((failure.class, failure.code), (Class::Truncated, 0), "{stream}");
    }
    let failed = "data: {\"response\":\"half\"}\n\ndata: {\"errors\":[{\"message\":\"3040: Capacity\"}]}\n\n";
    let failure = read(&json!(failed)).unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Busy, 3040));
}

#[test]
fn a_count_that_no_response_can_have_is_none() {
    let usage = json!({
        "prompt_tokens": 1e300, "input_tokens": 1e300, "cache_read_input_tokens": 1e300,
        "cache_creation_input_tokens": 1e300, "output_tokens": 1e300, "candidatesTokenCount": 1e300,
        "thoughtsTokenCount": 1e300, "neurons": 1e300,
    });
    let usage = read(&json!({ "response": "Kyoto.", "usage": usage })).unwrap().usage;
    // Dearer than any model of the table, and all the calls of a run.
    let price = Price { input: 200_000_000, output: 1_000_000_000, cached: 20_000_000, context: 1 };
    for usage in [usage, Usage { neurons_milli: None, ..usage }] {
        let nano = prices::cost(Some(price), usage).nano;
        assert!(nano > 0 && nano * 18 < 1 << 53, "{usage:?}: {nano}");
    }
}

#[test]
fn a_real_call_leaves_leak_like_text_alone() {
    let text = r#"{"name":"weather","parameters":{}}"#;
    let result = json!({ "response": text, "tool_calls": [{ "name": "ok", "arguments": {} }] });
    assert_eq!(render(&read(&result).unwrap()), format!("{text} | ok({{}})# | 0+0"));
}
