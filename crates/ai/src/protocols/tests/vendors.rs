//! The exact request to every vendor, and every reply in the folders of the protocols through a whole
//! request.
//!
//! `UPDATE_EXPECT=1` writes the requests anew.

use std::cell::RefCell;

use expect_test::expect_file;
use serde_json::Value;

use super::wire::{Wire, chat, model, request, wire};
use super::*;
use crate::script::block_on;
use crate::{ToolCall, Usage};
use miyabi_core::config::models::Gateway;
use miyabi_core::fault::Class;
use miyabi_core::http::{self, HttpError};
use miyabi_core::ids::Secret;

/// As it goes over the wire, but for what HTTP adds.
fn render(request: &http::Request) -> String {
    let mut text = format!("{} {}\n", request.method.name(), request.url);
    for (name, value) in &request.headers {
        text.extend([name, ": ", value.as_str(), "\n"]);
    }
    text + "\n" + request.text().unwrap_or_default() + "\n"
}

fn sent(model: &Model, request: &ModelRequest<'_>) -> String {
    let wire = wire(500, "");
    block_on(complete(&wire, model, request, &|_text| {})).unwrap_err();
    let sent = wire.sent.borrow();
    assert_eq!((sent.len(), sent[0].timeout), (1, request.timeout));
    render(&sent[0])
}

#[test]
fn every_request_is_exact() {
    let chat = chat();
    let opening = &chat[..2];
    for (vendor, name, base) in [
        ("openai", "gpt-5-mini", "https://api.openai.com/v1"),
        ("anthropic", "claude-haiku-4-5", "https://api.anthropic.com/v1"),
        ("gemini", "gemini-3-flash-preview", "https://generativelanguage.googleapis.com/v1beta"),
        ("groq", "openai/gpt-oss-120b", "https://api.groq.com/openai/v1"),
        ("deepseek", "deepseek-v4-flash", "https://api.deepseek.com/v1"),
        ("huggingface", "org/model:provider", "https://router.huggingface.co/v1"),
        ("ollama", "llama3.2", "http://localhost:11434/v1"),
        ("vllm", "org/model", "http://localhost:8000/v1"),
    ] {
        let model = model(vendor, name, base);
        let said: Vec<String> = [
            request(opening, Offer::Tools, false),
            request(&chat, Offer::Tools, true),
            request(&chat, Offer::Nothing, true),
            request(opening, Offer::Nothing, false),
        ]
        .iter()
        .map(|request| sent(&model, request))
        .collect();
        let file = match model.vendor.protocol {
            ApiProtocol::OpenAiChat => format!("openai_chat/requests/{vendor}.http"),
            ApiProtocol::Anthropic | ApiProtocol::Gemini => format!("{vendor}/requests.http"),
            ApiProtocol::WorkersAi => panic!("{vendor}"),
        };
        let path = format!("{}/src/protocols/{file}", env!("CARGO_MANIFEST_DIR"));
        expect_file![path].assert_eq(&said.join("\n"));
    }
}

#[test]
fn a_gateway_gets_its_token_and_the_vendor_its_key() {
    let chat = chat();
    for (vendor, key) in [
        ("openai", "authorization: Bearer k3y"),
        ("anthropic", "x-api-key: k3y"),
        ("gemini", "x-goog-api-key: k3y"),
    ] {
        let mut model = model(vendor, "m", "https://gateway.test/v1/account/id/route");
        let token = Some(Secret::new("t0ken".to_owned()));
        model.gateway = Some(Gateway { id: "id".to_owned(), token });
        let text = sent(&model, &request(&chat, Offer::Tools, false));
        assert!(text.starts_with("POST https://gateway.test/v1/account/id/route/"), "{text}");
        assert!(text.contains("\ncf-aig-authorization: Bearer t0ken\n"), "{text}");
        assert!(text.contains(&format!("\n{key}\n")), "{text}");
    }
}

#[test]
fn a_call_that_another_vendor_signed_or_nobody_goes_to_gemini_with_a_stand_in() {
    let mut chat = chat();
    let Message::Assistant { calls, .. } = &mut chat[2] else { panic!() };
    calls[0].signature.clear();
    let said = |name| {
        let model = model("gemini", name, "https://gemini.test");
        sent(&model, &request(&chat, Offer::Tools, false))
    };
    assert_eq!(said("gemini-3-flash").matches("skip_thought_signature_validator").count(), 1);
    assert!(!said("gemini-2.5-flash").contains("thoughtSignature"));
}

/// `text | name(arguments)#id~signature … | prompt(cached)+completion [cut]`, or
/// `class code [after seconds] [| usage]`.
fn render_said(said: &Result<Completion, Failure>, has_usage: bool) -> String {
    let usage = |usage: Usage| {
        format!("{}({})+{}", usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    };
    match said {
        Ok(completion) => {
            let calls: Vec<String> = completion
                .calls
                .iter()
                .map(|call| {
                    let tilde = if call.signature.is_empty() { "" } else { "~" };
                    let ToolCall { id, name, arguments, signature, .. } = call;
                    format!("{name}({arguments})#{id}{tilde}{signature}")
                })
                .collect();
            let cut = if completion.is_cut { " cut" } else { "" };
            let (text, calls) = (&completion.text, calls.join(" "));
            format!("{text} | {calls} | {}{cut}", usage(completion.usage))
        }
        Err(failure) => {
            assert!(has_usage || failure.usage == Usage::default());
            let after = failure.after.map(|after| format!(" after {}", after.as_secs()));
            let took = has_usage.then(|| format!(" | {}", usage(failure.usage)));
            let (after, took) = (after.unwrap_or_default(), took.unwrap_or_default());
            format!("{} {}{after}{took}", failure.class.name(), failure.code)
        }
    }
}

/// Returns each reply as `(name, wire, whether as a stream, what it says)`.
fn replies(text: &str) -> Vec<(String, Wire, bool, String)> {
    let file: Value = serde_json::from_str(text).unwrap();
    assert!(file["source"].as_str().unwrap().contains("read 2026"));
    let reply = |reply: &Value| {
        let is_stream = reply.get("stream").is_some();
        let body = reply.get("stream").unwrap_or(&reply["body"]);
        let body = body.as_str().map_or_else(|| body.to_string(), ToOwned::to_owned);
        let mut wire = wire(reply["status"].as_u64().unwrap_or(200).try_into().unwrap(), &body);
        if let (Some(after), Ok(reply)) =
            (reply["headers"]["retry-after"].as_str(), &mut wire.reply)
        {
            reply.headers.push(("retry-after", after.to_owned()));
        }
        let said = reply["said"].as_str().unwrap().to_owned();
        (reply["name"].as_str().unwrap().to_owned(), wire, is_stream, said)
    };
    file["replies"].as_array().unwrap().iter().map(reply).collect()
}

const REPLIES: [(&str, &str); 9] = [
    ("openai", include_str!("../openai_chat/replies/openai.json")),
    ("anthropic", include_str!("../anthropic/replies.json")),
    ("gemini", include_str!("../gemini/replies.json")),
    ("groq", include_str!("../openai_chat/replies/groq.json")),
    ("deepseek", include_str!("../openai_chat/replies/deepseek.json")),
    ("huggingface", include_str!("../openai_chat/replies/huggingface.json")),
    ("ollama", include_str!("../openai_chat/replies/ollama.json")),
    ("vllm", include_str!("../openai_chat/replies/vllm.json")),
    // Whoever is behind it.
    ("openai", include_str!("../gateway.json")),
];

#[test]
fn every_reply_says_what_it_says() {
    let chat = chat();
    for (vendor, text) in REPLIES {
        let model = model(vendor, "m", "https://vendor.test");
        for (name, wire, is_stream, expected) in replies(text) {
            let request = request(&chat, Offer::Tools, is_stream);
            let said = block_on(complete(&wire, &model, &request, &|_text| {}));
            let said =
                render_said(&said, expected.split(' ').count() > 2 && expected.contains('+'));
            assert_eq!(said, expected, "{vendor}: {name}");
        }
    }
}

#[test]
fn a_stream_says_the_same_wherever_it_is_cut_into_pieces() {
    let chat = chat();
    let request = request(&chat, Offer::Tools, true);
    for (vendor, text) in REPLIES {
        let model = model(vendor, "m", "https://vendor.test");
        for (name, mut wire, is_stream, expected) in replies(text) {
            let length = wire.reply.as_ref().unwrap().body.len();
            for cut in (0..=length).filter(|_| is_stream) {
                wire.cut = cut;
                let said = block_on(complete(&wire, &model, &request, &|_text| {}));
                let said = render_said(&said, expected.contains('+'));
                assert_eq!(said, expected, "{vendor}: {name}, at {cut}");
            }
        }
    }
}

#[test]
fn an_answer_grows_and_a_call_does_not_show() {
    let chat = chat();
    for (vendor, text) in REPLIES {
        let model = model(vendor, "m", "https://vendor.test");
        for (name, wire, is_stream, expected) in replies(text) {
            let request = request(&chat, Offer::Nothing, is_stream);
            let shown = RefCell::new(Vec::new());
            let grow = |text: &str| shown.borrow_mut().push(text.to_owned());
            let said = block_on(complete(&wire, &model, &request, &grow));
            let shown = shown.into_inner();
            assert!(shown.is_empty() || is_stream, "{vendor}: {name}: {shown:?}");
            for pair in shown.windows(2) {
                assert!(pair[1].starts_with(&pair[0]), "{vendor}: {name}: {shown:?}");
            }
            for text in &shown {
                assert!(!text.starts_with(['<', '{', '[']), "{vendor}: {name}: {text}");
                if let Ok(completion) = &said {
                    assert!(completion.text.starts_with(text.as_str()), "{expected}: {text}");
                }
            }
        }
    }
}

#[test]
fn only_workers_ai_bills_by_neurons() {
    let chat = chat();
    let model = model("openai", "m", "https://vendor.test");
    let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":2,"neurons":0.001}"#;
    let choices = r#""choices":[{"message":{"content":"Kyoto."}}]"#;
    for (body, streams) in [
        (format!("{{{choices},{usage}}}"), false),
        (format!("data: {{{choices},{usage}}}\n\ndata: [DONE]\n\n"), true),
        (format!("data: {{{choices},{usage}}}\n\n"), true),
    ] {
        let wire = wire(200, &body);
        let request = request(&chat, Offer::Nothing, streams);
        let said = block_on(complete(&wire, &model, &request, &|_text| {}));
        let usage = said.map_or_else(|failure| failure.usage, |completion| completion.usage);
        assert_eq!((usage.prompt_tokens, usage.neurons_milli), (3, None), "{body}");
    }
}

#[test]
fn no_vendor_s_count_of_tokens_is_believed_beyond_any_model_s() {
    let chat = chat();
    for (vendor, body) in [
        (
            "openai",
            r#"{"choices":[{"message":{"content":"Yes."}}],"usage":{"prompt_tokens":1e300,
            "completion_tokens":-1,"prompt_tokens_details":{"cached_tokens":"many"}}}"#,
        ),
        (
            "anthropic",
            r#"{"content":[{"type":"text","text":"Yes."}],"usage":{"input_tokens":1e300,
            "cache_read_input_tokens":null,"output_tokens":-1}}"#,
        ),
        (
            "gemini",
            r#"{"candidates":[{"content":{"parts":[{"text":"Yes."}]}}],"usageMetadata":
            {"promptTokenCount":1e300,"candidatesTokenCount":-1}}"#,
        ),
    ] {
        let model = model(vendor, "m", "https://vendor.test");
        let request = request(&chat, Offer::Nothing, false);
        let said = block_on(complete(&wire(200, body), &model, &request, &|_text| {})).unwrap();
        let expected = Usage { prompt_tokens: 1 << 24, ..Usage::default() };
        assert_eq!((said.text.as_str(), said.usage), ("Yes.", expected), "{vendor}");
    }
}

#[test]
fn a_shape_of_another_protocol_is_no_reply() {
    let chat = chat();
    let bodies = [
        ("workers-ai", r#"{"response":"Yes."}"#),
        ("openai", r#"{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}]}"#),
        ("anthropic", r#"{"content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn"}"#),
        ("gemini", r#"{"candidates":[{"content":{"parts":[{"text":"Yes."}]}}]}"#),
    ];
    for vendor in ["openai", "anthropic", "gemini"] {
        let model = model(vendor, "m", "https://vendor.test");
        for (other, body) in bodies {
            let request = request(&chat, Offer::Nothing, false);
            let said = block_on(complete(&wire(200, body), &model, &request, &|_text| {}));
            let expected = Failure::new(Class::Transient, 200);
            let text = said.map(|completion| completion.text);
            let expected = if vendor == other { Ok("Yes.".to_owned()) } else { Err(expected) };
            assert_eq!(text, expected, "{vendor} for {other}");
        }
    }
}

#[test]
fn no_reply_at_all_may_pass() {
    let chat = chat();
    for error in [HttpError::Timeout, HttpError::Lost, HttpError::TooLarge] {
        let wire = Wire { reply: Err(error), cut: 0, sent: RefCell::default() };
        for streams in [false, true] {
            let request = request(&chat, Offer::Tools, streams);
            let model = model("openai", "m", "https://vendor.test");
            let said = block_on(complete(&wire, &model, &request, &|_text| {}));
            assert_eq!(said, Err(Failure::new(Class::Transient, 0)));
        }
    }
}
