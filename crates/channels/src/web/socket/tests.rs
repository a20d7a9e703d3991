//! Frames are read as they are documented, and refused in words.

use super::*;
use crate::web::parse::Ask;

fn own(text: &str) -> Result<Frame, BadFrame> {
    Wire::Own.read(text)
}

fn agents(value: &Value) -> Frame {
    Wire::Agents.read(&value.to_string()).unwrap()
}

/// A question in the wire of cloudflare/agents.
fn request(id: &str, body: &Value) -> Value {
    let init = json!({ "method": "POST", "body": body.to_string() });
    json!({ "type": "cf_agent_use_chat_request", "id": id, "init": init })
}

#[test]
fn a_question_is_the_submission_that_it_would_be_over_http() {
    let Frame::Ask(asked) = own(r#"{"type":"send","id":"m1","text":" hi "}"#).unwrap() else {
        panic!("no question");
    };
    assert_eq!((asked.id.as_str(), asked.is_keyed), ("m1", false));
    let http = parse::parse(&json!({ "message": " hi ", "id": "m1" }));
    assert_eq!(asked.submission, http);
    let Frame::Ask(blank) = own(r#"{"type":"send","id":"m1","text":" "}"#).unwrap() else {
        panic!("no question");
    };
    assert_eq!(blank.submission, Err(SubmissionError::Blank));
}

#[test]
fn what_is_no_frame_is_refused_in_words() {
    for bad in [
        "",
        "hi",
        "[]",
        "{}",
        r#"{"type":"hello"}"#,
        r#"{"type":"send","text":"hi"}"#,
        r#"{"type":"send","id":"","text":"hi"}"#,
        r#"{"type":"send","id":"a b","text":"hi"}"#,
        r#"{"type":"stop","turn":1}"#,
        r#"{"type":"resume","turn":"t1","index":-1}"#,
        r#"{"type":"resume","turn":"t1"}"#,
    ] {
        assert!(own(bad).is_err_and(|BadFrame(words)| !words.is_empty()), "{bad}");
    }
    let resume = own(r#"{"type":"resume","turn":"t1","index":7,"more":true}"#);
    assert_eq!(resume, Ok(Frame::Resume { turn: "t1".to_owned(), after: 7 }));
    assert_eq!(own(r#"{ "type": "ping" }"#), Ok(Frame::Reply(PONG.to_owned())));
    assert_eq!(own(r#"{"type":"stop","turn":"t1"}"#), Ok(Frame::Stop("t1".to_owned())));
    for bad in ["", "[]", "{}", r#"{"type":"cf_agent_chat_request_cancel"}"#] {
        assert!(Wire::Agents.read(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_request_of_agents_is_one_question_whatever_history_it_brings() {
    let message = |id: &str, text: &str| json!({ "id": id, "role": "user", "parts": [{ "type": "text", "text": text }] });
    let body = json!({ "messages": [message("m1", "old"), message("m2", "new")],
        "trigger": "submit-message", "clientTools": [] });
    let Frame::Ask(asked) = agents(&request("r1", &body)) else { panic!("no question") };
    assert!(asked.is_keyed);
    // Its edits bring no id of what they replace but their own.
    let replaces = "m2".to_owned();
    let ask = Ask::Edit { text: "new".to_owned(), replaces };
    assert_eq!(asked.submission.unwrap().ask, ask);
    let again = json!({ "messages": [message("m1", "old")], "trigger": "regenerate-message" });
    let Frame::Ask(asked) = agents(&request("r2", &again)) else { panic!("no question") };
    let Ask::Again { message, .. } = asked.submission.unwrap().ask else { panic!("not again") };
    assert_eq!(message, "m1");
    for (body, error) in
        [(json!({}), SubmissionError::Shape), (json!({ "messages": [] }), SubmissionError::Blank)]
    {
        let Frame::Ask(asked) = agents(&request("r3", &body)) else { panic!("no question") };
        assert_eq!(asked.submission, Err(error));
    }
}

#[test]
fn what_agents_say_besides_is_answered_or_left_alone() {
    let cancel = json!({ "type": "cf_agent_chat_request_cancel", "id": "r1" });
    assert_eq!(agents(&cancel), Frame::Stop("r1".to_owned()));
    let ack = json!({ "type": "cf_agent_stream_resume_ack", "id": "t1" });
    assert_eq!(agents(&ack), Frame::Resume { turn: "t1".to_owned(), after: 0 });
    let probe = json!({ "type": "cf_agent_stream_resume_request", "probeId": "p" });
    assert_eq!(agents(&probe), Frame::Probe(Some("p".to_owned())));
    assert_eq!(agents(&json!({ "type": "cf_agent_chat_clear" })), Frame::Messages);
    assert_eq!(agents(&json!({ "type": "of_tomorrow" })), Frame::Reply(String::new()));
    let Frame::Reply(reply) = agents(&json!({ "type": "rpc", "id": "c1", "method": "x" })) else {
        panic!("no reply");
    };
    let reply: Value = serde_json::from_str(&reply).unwrap();
    assert_eq!((&reply["id"], &reply["success"]), (&json!("c1"), &json!(false)));
}

#[test]
fn chunks_are_events_in_one_wire_and_responses_in_the_other() {
    let delta = json!({ "type": "text-delta", "id": "text-0", "delta": "hi" });
    let error = json!({ "type": "error", "errorText": "Sorry" });
    let read = |wire: Wire, chunks: &[(u64, Value)], request, has_ended| {
        let chunks = Chunks { turn: "t1", request, chunks, has_ended, is_replay: false };
        let frames = wire.chunks(&chunks).into_iter();
        frames.map(|frame| serde_json::from_str(&frame).unwrap()).collect::<Vec<Value>>()
    };
    let own = read(Wire::Own, &[(24, delta.clone())], None, true);
    assert_eq!(own, [json!({ "type": "event", "turn": "t1", "index": 24, "chunk": delta })]);
    let agents = read(Wire::Agents, &[(24, delta.clone())], Some("r1"), true);
    let kind = "cf_agent_use_chat_response";
    let expected = [
        json!({ "type": kind, "id": "r1", "body": delta.to_string(), "done": false, "seq": 24 }),
        json!({ "type": kind, "id": "r1", "body": "", "done": true }),
    ];
    assert_eq!(agents, expected);
    let failed = read(Wire::Agents, &[(6, error)], None, true);
    let expected =
        [json!({ "type": kind, "id": "t1", "body": "Sorry", "done": true, "error": true })];
    assert_eq!(failed, expected);
}

#[test]
fn a_status_has_a_code_that_says_whether_to_come_back() {
    for (status, code) in
        [(400, 4400), (401, 4401), (403, 4403), (404, 4404), (410, 4410), (429, 1013), (503, 1013)]
    {
        assert_eq!(Close::of_status(status).code(), code, "{status}");
    }
}
