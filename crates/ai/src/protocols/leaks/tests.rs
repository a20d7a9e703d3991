//! Every form of a leaked call, and all that only looks like one.

use super::*;
use crate::ToolCall;

mod corpus;
mod growth;

const TOOLS: [&str; 2] = ["weather", "current_time"];

/// `text | name(arguments) …`
fn leaked(text: &str) -> String {
    let Said { text, calls } = read(text, &TOOLS);
    let render = |call: &ToolCall| format!(" {}({})", call.name, call.arguments);
    format!("{text} |{}", calls.iter().map(render).collect::<String>())
}

#[test]
fn finds_every_form_of_a_leaked_call() {
    let call = r#" | weather({"place":"Kyoto"})"#;
    for text in [
        r#"{"name":"weather","parameters":{"place":"Kyoto"}}"#,
        r#" {"name": "weather", "arguments": {"place": "Kyoto"}} "#,
        r#"{"name":"weather","arguments":"{\"place\":\"Kyoto\"}"}"#,
        r#"[{"name":"weather","parameters":{"place":"Kyoto"}}]"#,
        r#"{"type":"function","name":"weather","parameters":{"place":"Kyoto"}}"#,
        r#"{"type":"function","function":{"name":"weather","parameters":{"place":"Kyoto"}}}"#,
        r#"<function=weather>{"place":"Kyoto"}</function>"#,
        r#"<function=weather>{"place":"Kyoto"}"#,
        r#"<function=weather{"place":"Kyoto"}"#,
        r#"<function=weather{"place":"Kyoto"}></function>"#,
        r#"<function=weather({"place":"Kyoto"})></function>"#,
        r#"weather{"place":"Kyoto"}</function>"#,
        r#"<|python_tag|>{"name":"weather","parameters":{"place":"Kyoto"}}<|eom_id|>"#,
        r#"<|python_tag|><function=weather>{"place":"Kyoto"}</function><|eot_id|>"#,
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"place\": \"Kyoto\"}}\n</tool_call>",
        r#"<tool_call>{"name":"weather","arguments":{"place":"Kyoto"}}"#,
        r#"<think>I need it.</think><tool_call>{"name":"weather","arguments":{"place":"Kyoto"}}</tool_call>"#,
        r#"{"name":"weather","place":"Kyoto"}"#,
        "```json\n{\"name\":\"weather\",\"arguments\":{\"place\":\"Kyoto\"}}\n```",
        r#"[weather(place="Kyoto")]"#,
        "[weather(place='Kyoto')]",
        r#"<|python_tag|>[weather(place = "Kyoto", )]"#,
    ] {
        assert_eq!(leaked(text), call, "{text}");
    }
}

#[test]
fn finds_several_leaked_calls_and_keeps_the_text_around_tags() {
    let two = r#" | weather({"place":"Kyoto"}) current_time({})"#;
    for text in [
        r#"[{"name":"weather","parameters":{"place":"Kyoto"}},{"name":"current_time","parameters":{}}]"#,
        r#"{"name":"weather","parameters":{"place":"Kyoto"}}; {"name":"current_time","parameters":{}}"#,
        r#"<function=weather>{"place":"Kyoto"}</function><function=current_time></function>"#,
        r#"[weather(place="Kyoto"), current_time()]"#,
    ] {
        assert_eq!(leaked(text), two, "{text}");
    }
    assert_eq!(
        leaked(r#"[weather(a=1, b=-2.5, c=True, d=None, e="x, )", f='it\'s', g=["y"])]"#),
        r#" | weather({"a":1,"b":-2.5,"c":true,"d":null,"e":"x, )","f":"it's","g":["y"]})"#
    );
    assert_eq!(
        leaked(r#"Let me see. <function=weather>{"place":"Kyoto"}</function> One moment."#),
        "Let me see.\nOne moment. | weather({\"place\":\"Kyoto\"})"
    );
}

#[test]
fn leaves_text_alone_that_is_no_call_of_an_offered_tool() {
    for text in [
        r#"{"name":"launch_rocket","parameters":{}}"#,
        r#"{"name":"weather"}"#,
        r#"{"name":"weather","parameters":{"place":"#,
        r#"Call it like {"name":"weather","parameters":{}}."#,
        r#"[{"name":"weather","parameters":{}},{"name":"launch_rocket","parameters":{}}]"#,
        r#"{"name":"weather","parameters":[1]}"#,
        r#"{"name":"launch_rocket","place":"Kyoto"}"#,
        "Write:\n```\n<function=weather>{\"place\":\"Kyoto\"}</function>\n```\nThen wait.",
        "[1, 2, 3]",
        "[]",
        "[link](https://example.com)",
        "[weather(place=Kyoto)]",
        "[weather(place=\"Kyoto]",
        "<function=launch_rocket>{}</function>",
        "<function=weather>soon</function>",
        "<tool_call>soon</tool_call>",
        "weather{soon}</function>",
        "{\"answer\": 42}",
        "x < 3",
    ] {
        assert_eq!(leaked(text), format!("{text} |"));
    }
}

#[test]
fn cleans_reasoning_and_special_tokens() {
    for (text, expected) in [
        ("<think>Hm.\nHm.</think>\n\nKyoto.", "Kyoto."),
        ("Hm.\n</think>\n\nKyoto.", "Kyoto."),
        ("<think>a</think>Kyoto<think>b</think>.", "Kyoto."),
        ("<think>on and on", ""),
        ("Kyoto. The tag <think> opens reasoning.", "Kyoto. The tag <think> opens reasoning."),
        ("Write `</think>` to close.", "Write `</think>` to close."),
        ("<|start_header_id|>assistant<|end_header_id|>\n\nKyoto.<|eot_id|>", "Kyoto."),
        ("Kyoto.<|im_end|> <|endoftext|>", "Kyoto."),
        ("Kyoto.</s>", "Kyoto."),
        ("<s>Nara</s>", "<s>Nara</s>"),
        ("  Kyoto. \u{3000}", "Kyoto."),
        ("<|python_tag|>", ""),
    ] {
        assert_eq!(clean(text), expected, "{text}");
    }
}

#[test]
fn shows_no_open_thought_and_nothing_that_may_become_a_call() {
    for (text, expected) in [
        ("Kyoto.", Some("Kyoto.")),
        ("Kyoto. <think>Is it", Some("Kyoto.")),
        ("Kyoto. <think>Is it?</think>It is.", Some("Kyoto. It is.")),
        ("<think>Is it", None),
        ("Kyoto. <tool_call>{", Some("Kyoto.")),
        ("wea", None),
        ("weather", None),
        ("weather{\"place\":\"Ky", None),
        ("weather {\"place\":\"Ky", None),
        ("weather in Kyoto", Some("weather in Kyoto")),
        ("weathered", Some("weathered")),
        ("{\"name\":", None),
        ("", None),
    ] {
        assert_eq!(presentable(text, &TOOLS).as_deref(), expected, "{text}");
    }
}
