//! Whole requests over a scripted world.

mod odd_streams;
mod shapes;
mod stopped;
mod streams;
mod vendors;
mod wire;

use serde_json::json;

use super::*;
use crate::script::{Script, block_on, settings};
use miyabi_core::fault::Class;

#[test]
fn a_completed_call_sends_the_schema_and_reads_the_answer() {
    let script = Script::default()
        .model(json!({ "response": "Kyoto." }))
        .model(json!({ "response": "Kyoto." }))
        .model(json!({ "odd": 1 }));
    let messages = [Message::User("Where?".to_owned())];
    let settings = settings();
    let complete = |offer| {
        let request = ModelRequest {
            messages: &messages,
            images: &[],
            offer,
            tools: &Tool::ALL,
            mcp: &[],
            max_tokens: 1024,
            rejects_if_busy: false,
            streams: false,
            timeout: Duration::from_mins(1),
        };
        block_on(complete(&script, &settings.models[0], &request, &|_text| {}))
    };
    assert_eq!(complete(Offer::Tools).unwrap().text, "Kyoto.");
    assert_eq!(complete(Offer::Nothing).unwrap().text, "Kyoto.");
    assert_eq!(complete(Offer::Nothing), Err(Failure::new(Class::Transient, 0)));
    let inputs = script.inputs.borrow();
    assert_eq!(inputs[0]["tools"].as_array().map(Vec::len), Some(Tool::ALL.len()));
    assert_eq!(inputs[1].get("tools"), None);
}

#[test]
fn a_stream_that_broke_off_before_its_first_event_is_no_empty_answer() {
    let messages = [Message::User("Where?".to_owned())];
    for (streams, expected) in [(true, Err(Failure::new(Class::Truncated, 0))), (false, Ok(()))] {
        let script = Script::default().model(json!(""));
        let request = ModelRequest {
            messages: &messages,
            images: &[],
            offer: Offer::Nothing,
            tools: &Tool::ALL,
            mcp: &[],
            max_tokens: 1024,
            rejects_if_busy: false,
            streams,
            timeout: Duration::from_mins(1),
        };
        let said = block_on(complete(&script, &settings().models[0], &request, &|_text| {}));
        assert_eq!(said.map(|completion| assert_eq!(completion.text, "")), expected);
    }
}
