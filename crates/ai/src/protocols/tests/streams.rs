//! Streams as servers send them against the documentation: the answer, or the right failure, and never
//! a part of a thought or a beginning that is missing.

use std::cell::RefCell;

use super::wire::{chat, model, request, wire};
use super::*;
use crate::script::block_on;
use crate::{ToolCall, Usage};
use miyabi_core::fault::Class;

/// What a body says, cut into two chunks at every place.
pub(super) fn said(vendor: &str, body: &str) -> Result<(String, String), Class> {
    let chat = chat();
    let model = model(vendor, "m", "https://vendor.test");
    let request = request(&chat, Offer::Tools, true);
    let mut results = Vec::new();
    for cut in 0..=body.len() {
        let mut wire = wire(200, body);
        wire.cut = cut;
        let shown = RefCell::new(String::new());
        let on_text = |text: &str| text.clone_into(&mut shown.borrow_mut());
        let said = block_on(complete(&wire, &model, &request, &on_text));
        let shown = shown.into_inner();
        assert!(!shown.contains("secret"), "{vendor}: {shown}");
        if let Ok(completion) = &said {
            assert!(completion.text.starts_with(&shown), "{vendor}: {shown}");
        }
        let call = |call: &ToolCall| format!("{}({})", call.name, call.arguments);
        let calls = |calls: Vec<ToolCall>| calls.iter().map(call).collect::<Vec<_>>().join(" ");
        results.push(match said {
            Ok(Completion { text, calls: made, .. }) => Ok((text, calls(made))),
            Err(failure) => Err(failure.class),
        });
    }
    results.dedup();
    assert_eq!(results.len(), 1, "{vendor}: {body:?} says different things: {results:?}");
    results.remove(0)
}

pub(super) fn check(vendor: &str, bodies: &[(&str, &str)]) {
    for (body, expected) in bodies {
        assert_eq!(said(vendor, body), Ok(((*expected).to_owned(), String::new())), "{body:?}");
    }
}

pub(super) fn check_calls(vendor: &str, bodies: &[(&str, &str)]) {
    for (body, expected) in bodies {
        assert_eq!(said(vendor, body), Ok((String::new(), (*expected).to_owned())), "{body:?}");
    }
}

/// An event of Chat Completions with this delta.
macro_rules! delta {
    ($delta:literal) => {
        concat!("data: {\"choices\":[{\"delta\":", $delta, "}]}\n\n")
    };
}

const STOP: &str =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

pub(super) fn chat_stream(deltas: &str) -> String {
    format!("{deltas}{STOP}")
}

#[test]
fn an_answer_loses_nothing_at_its_front_whatever_separates_the_events() {
    let body = chat_stream(concat!(
        delta!("{\"role\":\"assistant\",\"content\":\"Kyo\"}"),
        delta!("{\"content\":\"to.\"}")
    ));
    for body in [
        body.clone(),
        format!("\u{feff}{body}"),
        format!(": keep-alive\n\n{body}"),
        format!("\n\n{body}"),
        body.replace('\n', "\r\n"),
        body.replace('\n', "\r"),
        body.replace("\n\n", "\n"),
        format!("\u{feff}{}", body.replace("\n\n", "\r\n")),
        body.replace("\n\n", "\r"),
        body.replace("data: ", "data:"),
        body.replace("data: ", "event: message\nid: 7\ndata: "),
    ] {
        check("vllm", &[(&body, "Kyoto.")]);
    }
}

#[test]
fn halves_of_a_character_meet_across_events_or_are_replaced() {
    check(
        "ollama",
        &[
            (&chat_stream(delta!("{\"content\":\"a \\ud83c\\udf41\"}")), "a 🍁"),
            (
                &chat_stream(concat!(
                    delta!("{\"content\":\"a \\ud83c\"}"),
                    delta!("{\"content\":\"\\udf41 b\"}")
                )),
                "a 🍁 b",
            ),
            (&chat_stream(delta!("{\"content\":\"a \\ud83c b\"}")), "a \u{fffd} b"),
            (&chat_stream(delta!("{\"content\":\"a \\udf41\"}")), "a \u{fffd}"),
        ],
    );
    let arguments = chat_stream(concat!(
        delta!(
            "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"place\\\":\\\"\\ud83c\"}}]}"
        ),
        delta!("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\udf41\\\"}\"}}]}")
    ));
    check_calls("vllm", &[(&arguments, "weather({\"place\":\"🍁\"})")]);
}

#[test]
fn thoughts_are_no_part_of_the_answer_in_whatever_field_they_come() {
    let bodies = [
        chat_stream(concat!(
            delta!("{\"reasoning_content\":\"secret\"}"),
            delta!("{\"content\":\"Kyoto.\"}")
        )),
        chat_stream(concat!(
            delta!("{\"reasoning\":\"secret\",\"content\":\"\"}"),
            delta!("{\"content\":\"Kyoto.\"}")
        )),
        chat_stream(concat!(
            delta!("{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"secret\"}]}]}"),
            delta!("{\"content\":[{\"type\":\"text\",\"text\":\"Kyoto.\"}]}")
        )),
        chat_stream(concat!(
            delta!("{\"content\":[{\"type\":\"reasoning\",\"text\":\"secret\"}]}"),
            delta!("{\"content\":\"Kyoto.\"}")
        )),
        chat_stream(concat!(delta!("{\"content\":\"<thi\"}"), delta!("{\"content\":\"nk>secret</think>Kyoto.\"}"))),
        "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"secret\"}]},{\"type\":\"text\",\"text\":\"Kyoto.\"}]},\"finish_reason\":\"stop\"}]}".to_owned(),
    ];
    for body in bodies {
        check("huggingface", &[(&body, "Kyoto.")]);
    }
    let only =
        chat_stream(delta!("{\"content\":[{\"type\":\"thinking\",\"thinking\":\"secret\"}]}"));
    check("huggingface", &[(&only, "")]);
}

#[test]
fn a_thought_whose_beginning_is_in_the_prompt_is_not_shown_either() {
    let deltas = ["secret", " and secret", "</think>", "\\n\\nKyoto is", " fine."];
    let event =
        |text| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let body = chat_stream(&deltas.map(event).concat());
    let chat = chat();
    let request = request(&chat, Offer::Nothing, true);
    for name in ["deepseek-ai/DeepSeek-R1", "qwq:32b", "Qwen3-30B-Thinking"] {
        let model = model("ollama", name, "https://vendor.test");
        let shown = RefCell::new(Vec::new());
        let on_text = |text: &str| shown.borrow_mut().push(text.to_owned());
        for cut in 0..=body.len() {
            let mut wire = wire(200, &body);
            wire.cut = cut;
            let said = block_on(complete(&wire, &model, &request, &on_text)).unwrap();
            assert_eq!(said.text, "Kyoto is fine.", "{name}");
        }
        let shown = shown.into_inner();
        assert!(!shown.is_empty(), "{name}");
        assert!(shown.iter().all(|text| "Kyoto is fine.".starts_with(text.as_str())), "{shown:?}");
    }
    let apart =
        concat!(delta!("{\"reasoning_content\":\"secret\"}"), delta!("{\"content\":\"Kyo\"}"));
    let model = model("vllm", "deepseek-r1", "https://vendor.test");
    let shown = RefCell::new(String::new());
    let on_text = |text: &str| text.clone_into(&mut shown.borrow_mut());
    block_on(complete(&wire(200, &chat_stream(apart)), &model, &request, &on_text)).unwrap();
    assert_eq!(shown.into_inner(), "Kyo");
}

#[test]
fn a_refusal_in_deltas_is_what_the_model_says() {
    let body = chat_stream(concat!(
        delta!("{\"content\":null,\"refusal\":\"I \"}"),
        delta!("{\"refusal\":\"won't.\"}")
    ));
    check("openai", &[(&body, "I won't.")]);
}

#[test]
fn the_end_has_many_words() {
    for word in ["stop", "STOP", "eos", "end_turn", "completed", "tool_use", "stop_sequence"] {
        let body = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"Kyoto.\"}},\"finish_reason\":\"{word}\"}}]}}\n\n"
        );
        let chat = chat();
        let model = model("vllm", "m", "https://vendor.test");
        let request = request(&chat, Offer::Tools, true);
        let said = block_on(complete(&wire(200, &body), &model, &request, &|_text| {})).unwrap();
        assert_eq!((said.text.as_str(), said.is_cut), ("Kyoto.", false), "{word}");
    }
    for word in ["length", "MAX_TOKENS", "model_length", "a word of tomorrow"] {
        let body = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"Kyo\"}},\"finish_reason\":\"{word}\"}}]}}\n\n"
        );
        assert_eq!(said("vllm", &body).unwrap().0, "Kyo", "{word}");
    }
}

#[test]
fn an_error_inside_a_success_is_the_failure_that_it_is() {
    let half = delta!("{\"content\":\"half\"}");
    for (error, class) in [
        (
            "data: {\"error\":{\"message\":\"Rate limit reached\",\"code\":\"rate_limit_exceeded\"}}\n\n",
            Class::RateLimit,
        ),
        ("data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n", Class::Busy),
        ("data: {\"error\":\"internal\"}\n\n", Class::Transient),
        (
            "data: {\"object\":\"error\",\"message\":\"overloaded\",\"type\":\"x\",\"code\":503}\n\n",
            Class::Busy,
        ),
        ("data: {\"detail\":\"boom\"}\n\n", Class::Transient),
        ("event: error\ndata: {\"message\":\"boom\",\"code\":500}\n\n", Class::Transient),
        ("{\"error\":{\"message\":\"overloaded\",\"code\":503}}\n", Class::Busy),
    ] {
        assert_eq!(said("vllm", &format!("{half}{error}")), Err(class), "{error}");
        assert_eq!(said("vllm", error), Err(class), "{error}");
    }
    for (body, class) in [
        ("{\"error\":{\"message\":\"overloaded\",\"code\":503}}", Class::Busy),
        ("{\"object\":\"error\",\"message\":\"overloaded\",\"code\":503}", Class::Busy),
        ("\u{feff}{\"error\":{\"message\":\"x\",\"code\":401}}", Class::Config),
        ("<html>", Class::Transient),
    ] {
        assert_eq!(said("vllm", body), Err(class), "{body}");
    }
    for blank in ["null", "\"\"", "{}", "false", "[]"] {
        let body = format!(
            "data: {{\"error\":{blank},\"choices\":[{{\"delta\":{{\"content\":\"Kyoto.\"}}}}]}}\n\n{STOP}"
        );
        check("vllm", &[(&body, "Kyoto.")]);
    }
}

#[test]
fn a_stream_that_ends_early_is_a_failure() {
    for body in [
        delta!("{\"content\":\"half\"}"),
        delta!("{\"content\":\"<think>secret\"}"),
        "data: {\"choices\":[{\"delta\":{\"content\":\"ha",
        "data: {\"choices\":[]}\n\n",
        ": nothing\n\n",
    ] {
        assert_eq!(said("ollama", body), Err(Class::Truncated), "{body}");
    }
}

#[test]
fn anthropic_s_arguments_count_wherever_they_stand() {
    let start = |input: &str| {
        format!(
            "data: {{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"weather\",\"input\":{input}}}}}\n\n"
        )
    };
    let delta = "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"place\\\":\\\"Nara\\\"}\"}}\n\n";
    let blank = delta.replace("{\\\"place\\\":\\\"Nara\\\"}", "");
    let stop = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
    let kyoto = start("{\"place\":\"Kyoto\"}");
    check_calls(
        "anthropic",
        &[
            (&format!("{kyoto}{stop}"), "weather({\"place\":\"Kyoto\"})"),
            (&format!("{kyoto}{blank}{stop}"), "weather({\"place\":\"Kyoto\"})"),
            (&format!("{kyoto}{delta}{stop}"), "weather({\"place\":\"Nara\"})"),
            (&format!("{}{delta}{stop}", start("{}")), "weather({\"place\":\"Nara\"})"),
            (&format!("{}{stop}", start("{}")), "weather({})"),
            (&format!("{}{stop}", start("null")), "weather({})"),
        ],
    );
}

#[test]
fn anthropic_s_and_gemini_s_odd_events_lose_nothing() {
    let text = "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Kyoto.\"}}\n\n";
    let stop = "data: {\"type\":\"message_stop\"}\n\n";
    let odd = "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":null}}\n\n\
               data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"secret\"}}\n\n\
               data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"tomorrow\"}}\n\n\
               data: {\"type\":\"tomorrow\"}\n\n";
    check("anthropic", &[(&format!("{odd}{text}{stop}"), "Kyoto.")]);
    let error = "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    assert_eq!(said("anthropic", &format!("{text}{error}")), Err(Class::Busy));
    let part = |part: &str| {
        format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{part}]}}}}]}}\n\n")
    };
    let end =
        "data: {\"candidates\":[{\"content\":{\"parts\":null},\"finishReason\":\"STOP\"}]}\n\n";
    let body = [
        part("{\"text\":\"secret\",\"thought\":true}"),
        part("{\"text\":null,\"thoughtSignature\":\"x\"}"),
        part("{\"text\":\"Kyo\"}"),
        part("{\"text\":\"to.\",\"thought\":null}"),
    ];
    check("gemini", &[(&format!("{}{end}", body.concat()), "Kyoto.")]);
    assert_eq!(said("gemini", &body.concat()), Err(Class::Truncated));
}

#[test]
fn a_name_of_a_tool_is_cleaned_also_where_the_server_found_the_call() {
    for name in ["functions.weather:0", "weather ", "weather<|channel|>commentary", "Weather"] {
        let body = format!(
            "{{\"choices\":[{{\"message\":{{\"tool_calls\":[{{\"id\":\"a\",\"function\":{{\"name\":\"{name}\",\"arguments\":\"{{}}\"}}}}]}}}}]}}"
        );
        assert_eq!(said("vllm", &body).unwrap().1, "weather({})", "{name}");
    }
}

#[test]
fn what_a_stream_took_is_known_also_if_it_failed() {
    let body = format!(
        "{}data: {{\"choices\":[],\"usage\":{{\"prompt_tokens\":3,\"completion_tokens\":2}}}}\n\n",
        delta!("{\"content\":\"ha\"}")
    );
    let chat = chat();
    let model = model("vllm", "m", "https://vendor.test");
    let request = request(&chat, Offer::Tools, true);
    let failure = block_on(complete(&wire(200, &body), &model, &request, &|_text| {})).unwrap_err();
    let expected = Usage { prompt_tokens: 3, completion_tokens: 2, ..Usage::default() };
    assert_eq!((failure.class, failure.usage), (Class::Truncated, expected));
}
