//! More of what servers and proxies put into a stream that no documentation has.

use super::streams::{chat_stream, check, check_calls, said};
use super::{wire, *};

const KYOTO: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Kyoto.\"}}]}\n\n";

#[test]
fn a_heartbeat_that_is_no_json_loses_nothing() {
    for heartbeat in [
        "data: ping\n\n",
        "data: null\n\n",
        "data: \"\"\n\n",
        "data: :\n\n",
        "event: ping\ndata: {}\n\n",
    ] {
        for body in [format!("{heartbeat}{KYOTO}"), format!("{KYOTO}{heartbeat}")] {
            check("vllm", &[(&chat_stream(&body), "Kyoto.")]);
        }
        assert_eq!(said("vllm", &format!("{KYOTO}{heartbeat}")), Err(Class::Truncated));
    }
}

#[test]
fn content_in_any_form_is_the_answer() {
    for content in [
        "\"Kyoto.\"",
        "[{\"type\":\"text\",\"text\":\"Kyoto.\"}]",
        "[{\"text\":\"Kyo\"},{\"text\":\"to.\"}]",
        "[\"Kyo\",\"to.\"]",
        "{\"type\":\"text\",\"text\":\"Kyoto.\"}",
        "[{\"type\":\"reasoning\",\"text\":\"secret\"},{\"type\":\"output_text\",\"text\":\"Kyoto.\"}]",
    ] {
        let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":{content}}}}}]}}\n\n");
        let whole = format!(
            "{{\"choices\":[{{\"message\":{{\"content\":{content}}},\"finish_reason\":\"stop\"}}]}}"
        );
        check("vllm", &[(&chat_stream(&event), "Kyoto."), (&whole, "Kyoto.")]);
    }
}

#[test]
fn calls_in_any_pieces_are_calls() {
    let piece = |call: &str| {
        format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n")
    };
    let begin = "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}";
    let next =
        "{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"current_time\",\"arguments\":\"{}\"}}";
    let arguments = |text: &str| format!("{{\"index\":0,\"function\":{{\"arguments\":{text}}}}}");
    let kyoto = "weather({\"place\":\"Kyoto\"})";
    let both = format!("{kyoto} current_time({{}})");
    for (pieces, expected) in [
        (
            vec![
                begin.to_owned(),
                arguments("\"{\\\"place\\\":\""),
                arguments("\"\\\"Kyoto\\\"}\""),
            ],
            kyoto,
        ),
        (vec![begin.to_owned(), arguments("{\"place\":\"Kyoto\"}")], kyoto),
        (
            vec![
                begin.replace("\"index\":0,", ""),
                arguments("\"{\\\"place\\\":\\\"Kyoto\\\"}\"").replace("\"index\":0,", ""),
            ],
            kyoto,
        ),
        (
            vec![begin.to_owned(), arguments("\"{\\\"place\\\":\\\"Kyoto\\\"}\""), next.to_owned()],
            &both,
        ),
        (
            vec![
                begin.replace("\"\"", "null"),
                arguments("\"{\\\"place\\\":\\\"Kyoto\\\"}\""),
                arguments("null"),
            ],
            kyoto,
        ),
    ] {
        let body: String = pieces.iter().map(|call| piece(call)).collect();
        check_calls("vllm", &[(&chat_stream(&body), expected)]);
    }
}

#[test]
fn line_ends_and_chunks_may_stand_anywhere() {
    let body = chat_stream(KYOTO);
    for body in [
        body.replace('\n', "\r"),
        body.replace("\n\n", "\r\n\n"),
        body.replace("\n\n", "\n\r\n\r\n"),
        format!("\u{feff}\r\n{body}"),
        format!("retry: 3000\r\rid: 1\r{body}"),
        body.replace("data: ", "id\ndata:"),
        body.trim_end().to_owned(),
        format!("{body}data: [DONE]\n\ndata: [DONE]\n\n"),
    ] {
        check("vllm", &[(&body, "Kyoto.")]);
    }
}

#[test]
fn halves_of_characters_in_workers_ai_s_replies_are_joined_or_replaced() {
    use crate::protocols::workers_ai::{read_json, take_event};
    let read = |body: &str| {
        let mut reader = StreamReader::new(take_event, Opening::Plain);
        reader.push(body.as_bytes());
        reader.end().unwrap().unwrap().into_completion(&[], 99).unwrap().text
    };
    let event = |text: &str| format!("data: {{\"response\":\"{text}\"}}\r\n\r\n");
    let stream = |pieces: &[&str]| {
        pieces.iter().map(|it| event(it)).collect::<String>() + "data: [DONE]\n\n"
    };
    assert_eq!(read(&stream(&["a \\ud83c", "\\udf41 b"])), "a 🍁 b");
    assert_eq!(read(&stream(&["a \\ud83c", " b"])), "a \u{fffd} b");
    assert_eq!(read(&stream(&["\\udf41"])), "\u{fffd}");
    // What the binding returns as an object, written by JavaScript.
    for (json, text) in [
        ("{\"response\":\"a \\ud83c\"}", "a \u{fffd}"),
        ("{\"response\":\"\\ud83c\\udf41\"}", "🍁"),
        ("{\"choices\":[{\"message\":{\"content\":\"\\udf41 b\"}}]}", "\u{fffd} b"),
    ] {
        let script = Script::default().model(read_json(json).unwrap());
        let messages = [Message::User("Where?".to_owned())];
        let request = ModelRequest {
            rejects_if_busy: false,
            ..wire::request(&messages, Offer::Nothing, false)
        };
        let said = block_on(complete(&script, &settings().models[0], &request, &|_text| {}));
        assert_eq!(said.unwrap().text, text, "{json}");
    }
    assert_eq!(read_json("data: x"), None);
}
