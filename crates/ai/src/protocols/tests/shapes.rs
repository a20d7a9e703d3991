//! Rules of servers about the shape of a chat, for every vendor and family of models.

use serde_json::Value;

use super::wire::{model, request, wire};
use super::*;
use crate::script::block_on;
use crate::{Message, Thought, ToolCall};

/// Returns the body that is sent.
fn body(vendor: &str, name: &str, messages: &[Message], offer: Offer) -> Value {
    let wire = wire(500, "");
    let model = model(vendor, name, "https://vendor.test");
    block_on(complete(&wire, &model, &request(messages, offer, false), &|_text| {})).unwrap_err();
    let sent = wire.sent.borrow();
    serde_json::from_str(sent[0].text().unwrap()).unwrap()
}

fn called(text: &str, ids: &[&str], thoughts: Vec<Thought>) -> Message {
    let call = |id: &&str| ToolCall {
        id: (*id).to_owned(),
        name: "weather".to_owned(),
        arguments: "{\"place\":\"Kyoto\"}".to_owned(),
        ..ToolCall::default()
    };
    let mut calls: Vec<ToolCall> = ids.iter().map(call).collect();
    calls[0].thoughts = thoughts;
    Message::Assistant { text: text.to_owned(), calls }
}

fn result(id: &str) -> Message {
    let [call_id, name, content] = [id, "weather", "sunny"].map(ToOwned::to_owned);
    Message::Tool { call_id, name, content }
}

/// Two rounds of tools, with notes of the program anywhere.
fn long_chat() -> Vec<Message> {
    vec![
        Message::System("You are Miyabi.".to_owned()),
        Message::User("Weather?".to_owned()),
        called("I look.", &["functions.weather:0", "call_1_1"], Vec::new()),
        result("functions.weather:0"),
        result("call_1_1"),
        Message::System("A note between.".to_owned()),
        called("", &["a1b2c3d4e"], vec![Thought::Plain { text: "hm".to_owned() }]),
        result("a1b2c3d4e"),
        Message::System("Answer now.".to_owned()),
    ]
}

const CHAT_VENDORS: [(&str, &str); 9] = [
    ("openai", "gpt-5-mini"),
    ("groq", "openai/gpt-oss-120b"),
    ("deepseek", "deepseek-v4-flash"),
    ("huggingface", "Qwen/Qwen3.5-27B"),
    ("huggingface", "mistralai/Mistral-Small-3.2-24B-Instruct-2506"),
    ("ollama", "gemma3"),
    ("ollama", "mistral-nemo"),
    ("vllm", "org/model"),
    ("vllm", "mistralai/Devstral-Small"),
];

#[test]
fn a_chat_has_one_system_message_at_its_front_and_tools_wherever_it_shows_calls() {
    let chat = long_chat();
    for (vendor, name) in CHAT_VENDORS {
        for messages in [&chat[..2], &chat] {
            for offer in [Offer::Tools, Offer::Nothing] {
                let body = body(vendor, name, messages, offer);
                let sent = body["messages"].as_array().unwrap();
                let is_system = |message: &&Value| message["role"] == "system";
                assert_eq!(sent.iter().filter(is_system).count(), 1, "{vendor} {name}: {body}");
                assert_eq!(sent[0]["role"], "system", "{vendor} {name}: {body}");
                if messages.len() > 2 {
                    let expected = "You are Miyabi.\n\nA note between.\n\nAnswer now.";
                    assert_eq!(sent[0]["content"], expected);
                }
                let shows_calls = sent.iter().any(|message| message.get("tool_calls").is_some());
                let shows_results = sent.iter().any(|message| message["role"] == "tool");
                assert_eq!(shows_calls, shows_results, "{vendor} {name}: {body}");
                let declares = body.get("tools").is_some();
                assert!(declares || !shows_calls, "{vendor} {name}: {body}");
                let is_free = declares && body["tool_choice"] != "none";
                assert_eq!(is_free, offer == Offer::Tools, "{vendor} {name}: {body}");
                assert!(sent.iter().all(|message| message["content"].is_string()));
            }
        }
    }
}

#[test]
fn where_calls_are_told_as_text_the_sides_alternate() {
    let body = body("ollama", "gemma3", &long_chat(), Offer::Nothing);
    let roles: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(body["messages"][2]["content"], "I look.");
    let told = body["messages"][3]["content"].as_str().unwrap();
    assert_eq!(told.matches("sunny").count(), 3);
    assert!(
        told.starts_with("[What the tool weather returned for {\"place\":\"Kyoto\"}]"),
        "{told}"
    );
}

#[test]
fn mistral_gets_calls_without_words_and_ids_of_nine_letters_or_digits() {
    for (vendor, name) in CHAT_VENDORS {
        let body = body(vendor, name, &long_chat(), Offer::Tools);
        let is_mistral = ["mistral", "Devstral"].iter().any(|family| name.contains(family));
        let mut called = Vec::new();
        let mut answered = Vec::new();
        for message in body["messages"].as_array().unwrap() {
            for call in message["tool_calls"].as_array().into_iter().flatten() {
                called.push(call["id"].as_str().unwrap().to_owned());
                assert!(!is_mistral || message["content"] == "", "{vendor} {name}: {message}");
            }
            answered.extend(message["tool_call_id"].as_str().map(ToOwned::to_owned));
        }
        assert_eq!(called, answered, "{vendor} {name}");
        assert_eq!(called.len(), 3);
        let is_nine =
            |id: &String| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert_eq!(called.iter().all(is_nine), is_mistral, "{vendor} {name}: {called:?}");
        assert_eq!(called[2], "a1b2c3d4e", "one that is fine stays");
    }
}

#[test]
fn deepseek_gets_its_thoughts_back_with_every_call_and_nobody_else_does() {
    for (vendor, name) in CHAT_VENDORS {
        let body = body(vendor, name, &long_chat(), Offer::Tools);
        let thoughts: Vec<&Value> = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|message| message.get("reasoning_content"))
            .collect();
        let expected: &[&str] = if vendor == "deepseek" { &["", "hm"] } else { &[] };
        assert_eq!(thoughts, expected, "{vendor} {name}");
    }
}

#[test]
fn anthropic_gets_its_own_thoughts_back_before_the_calls_and_no_others() {
    let thoughts = vec![
        Thought::Plain { text: "another vendor's".to_owned() },
        Thought::Signed { text: "hm".to_owned(), signature: "c2ln".to_owned() },
        Thought::Signed { text: "unsigned".to_owned(), signature: String::new() },
        Thought::Sealed { data: "c2VhbA==".to_owned() },
    ];
    let chat = [
        Message::System("You are Miyabi.".to_owned()),
        Message::User("Weather?".to_owned()),
        called("I look.", &["toolu_1"], thoughts),
        result("toolu_1"),
        Message::System("Answer now.".to_owned()),
    ];
    let sent = body("anthropic", "claude-haiku-4-5", &chat, Offer::Nothing);
    assert_eq!(sent["system"], "You are Miyabi.\n\nAnswer now.");
    let blocks = sent["messages"][1]["content"].as_array().unwrap();
    assert_eq!(blocks[0], json!({ "type": "thinking", "thinking": "hm", "signature": "c2ln" }));
    assert_eq!(blocks[1], json!({ "type": "redacted_thinking", "data": "c2VhbA==" }));
    let kinds: Vec<&Value> = blocks.iter().map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["thinking", "redacted_thinking", "text", "tool_use"]);
    assert_eq!(sent["messages"][2]["content"].as_array().unwrap().len(), 1);
    assert_eq!(sent["tool_choice"]["type"], "none");
    assert!(sent["tools"].is_array());
    let sent = body("gemini", "gemini-3-flash", &chat, Offer::Nothing);
    assert_eq!(sent["systemInstruction"]["parts"][0]["text"], "You are Miyabi.\n\nAnswer now.");
    assert!(!sent.to_string().contains("another vendor's"));
}

fn said(model: &Model, body: &str, streams: bool) -> Completion {
    let chat = long_chat();
    let request = request(&chat, Offer::Tools, streams);
    block_on(complete(&wire(200, body), model, &request, &|_text| {})).unwrap()
}

#[test]
fn thoughts_that_came_with_calls_are_kept_with_the_first_of_them() {
    let stream = "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n\
        data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n\
        data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}}\n\n\
        data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"redacted_thinking\",\"data\":\"x\"}}\n\n\
        data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"weather\",\"input\":{}}}\n\n\
        data: {\"type\":\"message_stop\"}\n\n";
    let whole = "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"c2ln\"},{\"type\":\"redacted_thinking\",\"data\":\"x\"},{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"weather\",\"input\":{}}],\"stop_reason\":\"tool_use\"}";
    for (body, streams) in [(stream, true), (whole, false)] {
        let model = model("anthropic", "m", "https://vendor.test");
        let said = said(&model, body, streams);
        let expected = [
            Thought::Signed { text: "hm".to_owned(), signature: "c2ln".to_owned() },
            Thought::Sealed { data: "x".to_owned() },
        ];
        assert_eq!(said.calls[0].thoughts, expected);
    }
    let plain = [
        (
            "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"h\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"reasoning_content\":\"m\",\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]}}]}\n\ndata: [DONE]\n\n",
            true,
        ),
        (
            "{\"choices\":[{\"message\":{\"reasoning_content\":\"hm\",\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]}}]}",
            false,
        ),
    ];
    for (body, streams) in plain {
        let model = model("deepseek", "m", "https://vendor.test");
        let said = said(&model, body, streams);
        let expected = [Thought::Plain { text: "hm".to_owned() }];
        assert_eq!(said.calls[0].thoughts, expected);
    }
}

#[test]
fn a_long_name_or_id_is_cut_to_what_vendors_take() {
    let id = "x".repeat(100);
    let mut chat = long_chat();
    chat.truncate(2);
    chat.push(called("", &[&id], Vec::new()));
    chat.push(result(&id));
    for message in &mut chat {
        match message {
            Message::Assistant { calls, .. } => calls[0].name = "n".repeat(100),
            Message::Tool { name, .. } => *name = "n".repeat(100),
            Message::System(_) | Message::User(_) => {}
        }
    }
    for (vendor, name) in CHAT_VENDORS.into_iter().chain([("anthropic", "m"), ("gemini", "m")]) {
        let text = body(vendor, name, &chat, Offer::Tools).to_string();
        assert!(!text.contains(&"x".repeat(41)) && !text.contains(&"n".repeat(65)), "{vendor}");
    }
}

#[test]
fn what_one_side_says_twice_in_a_row_is_one_message_for_templates_that_want_turns() {
    let said = |text: &str| Message::Assistant { text: text.to_owned(), calls: Vec::new() };
    let asked = |text: &str| Message::User(text.to_owned());
    let chat = [
        Message::System("You are Miyabi.".to_owned()),
        asked("Hello?"),
        asked("Are you there?"),
        said(""),
        asked("Weather?"),
        said("Where?"),
        said("In Kyoto?"),
        Message::System("A note.".to_owned()),
        asked("Yes."),
    ];
    for (vendor, name) in CHAT_VENDORS {
        for offer in [Offer::Tools, Offer::Nothing] {
            let body = body(vendor, name, &chat, offer);
            let sent = body["messages"].as_array().unwrap();
            let sent: Vec<(&str, &str)> = sent
                .iter()
                .map(|it| (it["role"].as_str().unwrap(), it["content"].as_str().unwrap()))
                .collect();
            let expected = [
                ("system", "You are Miyabi.\n\nA note."),
                ("user", "Hello?\n\nAre you there?\n\nWeather?"),
                ("assistant", "Where?\n\nIn Kyoto?"),
                ("user", "Yes."),
            ];
            assert_eq!(sent, expected, "{vendor} {name}");
        }
    }
}
