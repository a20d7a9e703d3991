//! What is stored reads back, and calls are compared by what they ask.

use serde_json::json;

use super::*;

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall { name: name.to_owned(), arguments: arguments.to_owned(), ..ToolCall::default() }
}

#[test]
fn a_call_is_the_same_whatever_the_order_and_spacing_of_its_arguments() {
    let first = call("weather", r#"{"place":"Kyoto","days":1}"#);
    assert!(first.asks_the_same_as(&call("weather", r#"{ "days": 1, "place": "Kyoto" }"#)));
    assert!(!first.asks_the_same_as(&call("weather", r#"{"place":"Nara","days":1}"#)));
    assert!(!first.asks_the_same_as(&call("current_time", r#"{"place":"Kyoto","days":1}"#)));
    assert!(!first.asks_the_same_as(&call("weather", "{")));
    assert!(call("weather", "{").asks_the_same_as(&call("weather", "{")));
}

#[test]
fn reads_arguments_that_are_quoted_twice() {
    assert_eq!(call("x", r#""{\"a\":1}""#).object(), call("x", r#"{"a":1}"#).object());
    assert_eq!(call("x", "[1]").object(), None);
    assert_eq!(call("x", "{\"y\": ").object(), None);
}

fn completion() -> Completion {
    let usage = Usage {
        prompt_tokens: 1,
        completion_tokens: 2,
        cached_tokens: 1,
        neurons_milli: Some(u64::MAX),
    };
    let calls = vec![call("weather", "{}")];
    Completion { text: "hm".to_owned(), calls, usage, is_cut: true }
}

/// Writes a value, reads it back, and returns its JSON.
fn stored<T: Serialize + for<'a> Deserialize<'a> + PartialEq + core::fmt::Debug>(
    value: &T,
) -> Value {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
    serde_json::to_value(value).unwrap()
}

#[test]
fn a_turn_reads_back_whatever_its_call_returned() {
    let results =
        [ToolOutcome::Done, ToolOutcome::Failed, ToolOutcome::Invalid].map(|outcome| ToolResult {
            id: "a".to_owned(),
            content: "x".to_owned(),
            outcome,
            took_ms: 0,
            note: String::new(),
            prompt: String::new(),
        });
    let tools = Some(ToolRound { results: results.to_vec(), requests: 3 });
    let turn = |result| {
        let model = "@cf/a/b".to_owned();
        let (has_unconfirmed_preview, is_stopped) = (true, false);
        let call = ModelCall { model, result, at_ms: 1_250, has_unconfirmed_preview, is_stopped };
        Turn { tools: tools.clone(), call: Some(call) }
    };
    stored(&turn(Ok(completion())));
    for class in Class::ALL {
        for after in [None, Some(Duration::from_secs(7))] {
            let failure = Failure { after, ..Failure::new(class, 3040) };
            let json = stored(&turn(Err(failure)));
            assert_eq!(json["call"]["result"]["Err"]["class"], class.name());
        }
    }
    assert_eq!(stored(&Turn { tools: None, call: None }), json!({ "tools": null, "call": null }));
}

#[test]
fn every_message_reads_back() {
    let (call_id, name) = ("call_1_0".to_owned(), "weather".to_owned());
    let [text, signature, data] = ["hm", "c2ln", "c2VhbA=="].map(ToOwned::to_owned);
    let plain = Thought::Plain { text: text.clone() };
    let thoughts = vec![plain, Thought::Signed { text, signature }, Thought::Sealed { data }];
    let signed = ToolCall { signature: "c2ln".to_owned(), thoughts, ..call("weather", "{oh") };
    for message in [
        Message::System("You are Miyabi.".to_owned()),
        Message::User("京都の天気は？".to_owned()),
        Message::Assistant { text: String::new(), calls: vec![call("weather", "{}"), signed] },
        Message::Tool { call_id, name, content: "sunny".to_owned() },
    ] {
        stored(&message);
    }
}

#[test]
fn usage_is_stored_as_the_database_reads_it() {
    let expected = json!({ "prompt": 1, "completion": 2, "cached": 1, "neurons": u64::MAX });
    assert_eq!(stored(&completion().usage), expected);
    let unreported = json!({ "prompt": 0, "completion": 0, "cached": 0, "neurons": null });
    assert_eq!(stored(&Usage::default()), unreported);
}

#[test]
fn a_value_of_another_shape_is_unreadable() {
    let known = serde_json::to_value(completion()).unwrap();
    for (field, other) in [
        ("text", json!(1)),
        ("calls", json!({})),
        ("calls", json!([{ "name": "weather" }])),
        ("usage", json!({ "prompt": -1 })),
        ("is_cut", json!("yes")),
    ] {
        let mut value = known.clone();
        value[field] = other;
        assert!(serde_json::from_value::<Completion>(value.clone()).is_err(), "{value}");
    }
    let late = json!({ "id": "1", "content": "", "outcome": "late" });
    assert!(serde_json::from_value::<ToolResult>(late).is_err());
    let odd = json!({ "class": "odd", "code": 1, "after": null, "usage": known["usage"] });
    assert!(serde_json::from_value::<Failure>(odd).is_err());
}
