//! The exact inputs of Workers AI; the requests to other vendors are in `protocols/tests/vendors.rs`.

use core::time::Duration;

use expect_test::expect;

use super::*;
use crate::protocols::Offer;
use crate::{Message, ToolCall};

fn inputs_of(messages: &[Message], offer: Offer, streams: bool) -> Value {
    let request = ModelRequest {
        messages,
        images: &[],
        offer,
        tools: &crate::tools::Tool::ALL,
        mcp: &[],
        max_tokens: 1024,
        rejects_if_busy: false,
        streams,
        timeout: Duration::from_mins(1),
    };
    inputs(&Model::by_binding("@cf/a/b"), &request)
}

fn opening() -> Vec<Message> {
    vec![Message::System("You are Miyabi.".to_owned()), Message::User("京都の天気は？".to_owned())]
}

#[test]
#[expect(clippy::too_many_lines, reason = "one request, with every tool")]
fn encodes_the_first_round_exactly() {
    let inputs = inputs_of(&opening(), Offer::Tools, false);
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
                      "description": "City or town by its English name, such as Kyoto; with its region or country if there may be several, such as Portland, Maine.",
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
            },
            {
              "function": {
                "description": "Calculates exactly: decimals, percentages, powers, functions, units and dates. Use it for any arithmetic beyond small whole numbers, for every conversion of units and every question about dates.",
                "name": "calculate",
                "parameters": {
                  "properties": {
                    "expression": {
                      "description": "Such as 1234.5 * 3 / 7, 15% of 80, 80 + 15%, 2^100, sqrt(2), round(x, 2), max(1, 2), 10 mod 3, 5 ft 11 inch in cm, 72 °F in °C, 100 km/h in m/s, 6 畳 in m2, 2026-11-28 + 90 days, 2026-01-31 + 3 months, days between 2026-11-28 and 2027-04-01, weekday of 2026-11-28, leap year 2028. Dates are YYYY-MM-DD; angles are radians, or as in sin(30 deg).",
                      "type": "string"
                    }
                  },
                  "required": [
                    "expression"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Reads the text of a public web page. Name the address in the answer when you use what it says.",
                "name": "fetch_page",
                "parameters": {
                  "properties": {
                    "from": {
                      "description": "Where to go on in a long page: the `continues_from` of the result before.",
                      "type": "integer"
                    },
                    "url": {
                      "description": "Address of the page, with https:// or http://, from the asker or from a result; never made up.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "url"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Searches the web: titles, addresses and excerpts of up to 5 pages. Use it for news and for facts you cannot be sure of. Name in the answer the address of every result that you use.",
                "name": "web_search",
                "parameters": {
                  "properties": {
                    "query": {
                      "description": "A few words, as one types them into a search engine, without anything private.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "query"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Remembers something about the asker for later questions. Use it only when the asker wants something kept in mind.",
                "name": "remember",
                "parameters": {
                  "properties": {
                    "words": {
                      "description": "The part of the question that says it, copied word for word.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "words"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Finds what the asker has had remembered, and what was said earlier in this conversation.",
                "name": "recall",
                "parameters": {
                  "properties": {
                    "about": {
                      "description": "Words to look for, in the asker's language.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "about"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Reminds the asker of something at a time, by a message in this channel. Use it only when the asker wants to be reminded.",
                "name": "remind_me",
                "parameters": {
                  "properties": {
                    "time": {
                      "description": "When: `in 20 minutes`, or a time with its zone, such as 2026-11-30T09:00+09:00.",
                      "type": "string"
                    },
                    "words": {
                      "description": "The part of the question that says of what, copied word for word.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "time",
                    "words"
                  ],
                  "type": "object"
                }
              },
              "type": "function"
            },
            {
              "function": {
                "description": "Draws one image, which is attached below the answer. Use it only when the asker wants an image. An answer has one image: of several calls the first one counts.",
                "name": "draw",
                "parameters": {
                  "properties": {
                    "prompt": {
                      "description": "What the image is to show, in English, in one or two sentences: subject, style, light.",
                      "type": "string"
                    }
                  },
                  "required": [
                    "prompt"
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
    ToolCall { id: id.to_owned(), name, arguments, ..ToolCall::default() }
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
    let inputs = inputs_of(&messages, Offer::Nothing, true);
    expect![[r#"
        {
          "max_tokens": 1024,
          "messages": [
            {
              "content": "You are Miyabi.",
              "role": "system"
            },
            {
              "content": "京都の天気は？\n\n[What the tool weather returned for {\"place\":\"Kyoto\"}]\nsunny\n\n[What the tool weather returned for {}]\nerror: no",
              "role": "user"
            }
          ],
          "stream": true
        }"#]]
    .assert_eq(&format!("{inputs:#}"));
}
