//! The exact inputs of a conversation, and the code of every error text.

use expect_test::expect;

use super::*;

const SAMPLES: &str = include_str!("../samples.json");

const ERROR_CODES: &str = include_str!("../error_codes.json");

fn opening() -> Vec<Message> {
    vec![Message::System("You are Miyabi.".to_owned()), Message::User("京都の天気は？".to_owned())]
}

#[test]
fn encodes_the_first_round_exactly() {
    let inputs = encode(&opening(), &Tool::ALL, 1024);
    expect![[r#"
        {
          "max_tokens": 1024,
          "messages": [
            {
              "content": "You are Miyabi.",
              "role": "system"
            },
            {
              "content": "京都の天気は？",
              "role": "user"
            }
          ],
          "tools": [
            {
              "function": {
                "description": "Tells the current date, weekday and time in a time zone, daylight saving included.",
                "name": "current_time",
                "parameters": {
                  "properties": {
                    "time_zone": {
                      "description": "IANA time zone of the place in question, such as Asia/Tokyo, America/New_York, Europe/Paris or UTC. Without it: Asia/Tokyo.",
                      "type": "string"
                    }
                  },
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Tells the weather right now, and today's lowest and highest temperature, at a place.",
                "name": "weather",
                "parameters": {
                  "properties": {
                    "place": {
                      "description": "City or town, best by its English name alone, such as Kyoto or Sao Paulo.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "place"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            }
          ]
        }"#]]
    .assert_eq(&format!("{inputs:#}"));
}

fn call(id: &str, arguments: &str) -> ToolCall {
    let (name, arguments) = ("weather".to_owned(), arguments.to_owned());
    ToolCall { id: id.to_owned(), name, arguments }
}

fn result(id: &str, content: &str) -> Message {
    let (name, content) = ("weather".to_owned(), content.to_owned());
    Message::Tool { call_id: id.to_owned(), name, content }
}

#[test]
fn encodes_the_second_round_exactly() {
    let made = vec![call("call_1_0", "{ \"place\": \"Kyoto\" }"), call("call_1_1", "{oh")];
    let mut messages = opening();
    messages.push(Message::Assistant { text: String::new(), calls: made });
    messages.push(result("call_1_0", "sunny"));
    messages.push(result("call_1_1", "error: no"));
    let inputs = encode(&messages, &[], 1024);
    expect![[r#"
        {
          "max_tokens": 1024,
          "messages": [
            {
              "content": "You are Miyabi.",
              "role": "system"
            },
            {
              "content": "京都の天気は？",
              "role": "user"
            },
            {
              "content": "",
              "role": "assistant",
              "tool_calls": [
                {
                  "function": {
                    "arguments": "{\"place\":\"Kyoto\"}",
                    "name": "weather"
                  },
                  "id": "call_1_0",
                  "type": "function"
                },
                {
                  "function": {
                    "arguments": "{}",
                    "name": "weather"
                  },
                  "id": "call_1_1",
                  "type": "function"
                }
              ]
            },
            {
              "content": "sunny",
              "name": "weather",
              "role": "tool",
              "tool_call_id": "call_1_0"
            },
            {
              "content": "error: no",
              "name": "weather",
              "role": "tool",
              "tool_call_id": "call_1_1"
            }
          ]
        }"#]]
    .assert_eq(&format!("{inputs:#}"));
}

#[test]
fn reads_the_code_of_every_error_text() {
    let samples: Value = serde_json::from_str(SAMPLES).unwrap();
    let texts = samples["binding_errors"].as_array().unwrap();
    let codes: Vec<u32> = texts.iter().map(|text| error_code(text.as_str().unwrap())).collect();
    assert_eq!(codes, [3040, 3036, 5007, 5006, 3021]);
    for (message, code) in [
        ("10000: Authentication error", 10_000),
        ("you have used up your daily free allocation of 10,000 neurons", 3036),
        ("Error: 429: 3040 : Capacity", 3040),
        ("9123: something new", 9123),
        ("line 12: 5007", 0),
        ("v3040: x", 0),
        ("123456: x", 0),
        ("network connection lost", 0),
        ("", 0),
    ] {
        assert_eq!(error_code(message), code, "{message}");
    }
}

#[test]
fn knows_every_code_of_the_table() {
    let table: Value = serde_json::from_str(ERROR_CODES).unwrap();
    for code in table["codes"].as_object().unwrap().keys() {
        let message = format!("429: {code}: no");
        assert_eq!(error_code(&message).to_string(), *code);
    }
}
