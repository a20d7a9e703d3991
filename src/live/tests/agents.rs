//! The wire of cloudflare/agents: asking, reading along, resuming and cancelling.

use super::*;
use miyabi_core::fault::Notice;

/// A question in the wire of cloudflare/agents.
pub(super) fn request(id: &str, text: &str) -> Value {
    let message = json!({ "id": format!("m-{id}"), "role": "user", "parts": [{ "type": "text", "text": text }] });
    let body = json!({ "messages": [message], "trigger": "submit-message" }).to_string();
    json!({ "type": "cf_agent_use_chat_request", "id": id, "init": { "method": "POST", "body": body } })
}

#[test]
fn agents_ask_read_along_and_resume() {
    let world = World::new();
    let (ear, other) = (world.open(Wire::Agents), world.open(Wire::Agents));
    let identity = json!({ "type": "cf_agent_identity", "name": "c1", "agent": "conversation" });
    assert_eq!((ear.heard(), other.heard()), (vec![identity.clone()], vec![identity]));
    world.say(&ear, &request("r1", "hi"));
    assert!(ear.heard().iter().all(|frame| frame["id"] == "r1"));
    let turn = world.host.started.borrow()[0].0.clone();
    world.say(&other, &json!({ "type": "cf_agent_stream_resume_request", "probeId": "p1" }));
    let resuming = json!({ "type": "cf_agent_stream_resuming", "id": turn, "probeId": "p1" });
    assert_eq!(other.heard(), [resuming]);
    world.say(&other, &json!({ "type": "cf_agent_stream_resume_ack", "id": turn }));
    let replayed = other.heard();
    assert_eq!(replayed.last().unwrap()["replayComplete"], true);
    world.begin(&turn, "hi");
    world.append(&turn, "hello");
    world.settle(&turn, done("hello"));
    for (ear, id) in [(&ear, "r1"), (&other, turn.as_str())] {
        let heard = ear.heard();
        assert!(heard.iter().all(|frame| frame["id"] == id), "{heard:?}");
        assert!(heard.iter().any(|frame| frame["body"].as_str().unwrap().contains("hello")));
        assert_eq!(heard.last().unwrap()["done"], true);
    }
    world.say(&other, &json!({ "type": "cf_agent_stream_resume_request" }));
    assert_eq!(other.types(), ["cf_agent_stream_resume_none"]);
    // What begins elsewhere comes with all that was said before it.
    world.begin("t2", "and?");
    let told = &other.heard()[0];
    let texts: Vec<_> = told["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["parts"][0]["text"].clone())
        .collect();
    assert_eq!(texts, ["hi", "hello", "and?"]);
    world.settle("t2", Outcome::Failed(Notice::Busy));
    let failed = other.heard();
    assert_eq!(
        (&failed.last().unwrap()["error"], &failed.last().unwrap()["done"]),
        (&json!(true), &json!(true))
    );
}

#[test]
fn agents_cancel_by_the_id_of_their_request() {
    let world = World::new();
    let ear = world.open(Wire::Agents);
    world.say(&ear, &request("r1", "hi"));
    ear.heard();
    world.say(&ear, &json!({ "type": "cf_agent_chat_request_cancel", "id": "r1" }));
    let heard = ear.heard();
    let [.., abort, end] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(abort["body"].as_str().unwrap().contains("abort"), "{heard:?}");
    assert_eq!((&end["id"], &end["done"]), (&json!("r1"), &json!(true)));
    // The same request on another socket is the same turn.
    let again = world.open(Wire::Agents);
    world.say(&again, &request("r1", "hi"));
    assert_eq!(world.host.started.borrow().len(), 1);
    assert_eq!(again.heard().last().unwrap()["done"], true);
}

#[test]
fn agents_are_shown_the_newest_messages_as_many_as_are_shown_at_once() {
    let world = World::new();
    let long = "x".repeat(200 * 1024);
    for number in 0..12 {
        let turn = format!("t{number}");
        world.begin(&turn, "hi");
        world.settle(&turn, done(&long));
    }
    let ear = world.open(Wire::Agents);
    ear.heard();
    let history = json!({ "type": "cf_agent_chat_messages", "messages": [] });
    world.say(&ear, &history);
    let heard = ear.heard();
    let ids: Vec<_> =
        heard[0]["messages"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!((ids.len(), ids.last()), (10, Some(&json!("t11-a"))));
    for _ in 0..3 {
        world.say(&ear, &history);
    }
    assert_eq!(ear.closed(), None);
    world.say(&ear, &history);
    assert_eq!(ear.closed(), Some(Close::BadFrame));
}

#[test]
fn agents_are_shown_many_short_turns() {
    let world = World::new();
    for number in 0..105 {
        let turn = format!("t{number}");
        world.begin(&turn, "hi");
        world.settle(&turn, done("hello"));
    }
    let ear = world.open(Wire::Agents);
    ear.heard();
    world.say(&ear, &json!({ "type": "cf_agent_chat_clear" }));
    assert_eq!(ear.heard()[0]["messages"].as_array().unwrap().len(), 200);
}
