//! Conversations are listed, read, renamed, exported and deleted by their owner alone.

use serde_json::json;

use super::super::tests::{header, key, post, refusal, reply, with};
use super::*;
use miyabi_app::conversation::{self, Command, Live, Outcome, Submission};
use miyabi_core::key::ApiKey;
use miyabi_testing::{Fake, run};

/// Asks in the conversation `c1` of the key's owner, and answers.
fn asked(world: &Fake, key: &ApiKey, owner: &str, text: &str, answer: &str) {
    let body = json!({ "message": text, "conversation": "c1" }).to_string();
    let arrival = post(key, "/api/chat", &body).header("accept", "text/event-stream");
    let stream = reply(world, &arrival).stream.unwrap();
    let request: Value = serde_json::from_str(&stream.request).unwrap();
    let submission =
        Submission::new(request["turn"].as_str().unwrap().to_owned(), text, world.now());
    let outcome = Outcome::Done(answer.to_owned());
    let settle =
        Command::Settle { submission, generation: 1, outcome, measured: None, note: String::new() };
    let command = serde_json::to_string(&settle).unwrap();
    assert_eq!(stream.conversation, format!("web:c1:{owner}"));
    run(world.converse(&stream.conversation, &command)).unwrap().unwrap();
}

fn world() -> (Fake, ApiKey, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let (mio, rin) = (key(&world, "mio", "chat"), key(&world, "rin", "chat"));
    asked(&world, &mio, "mio", "Tea in Kyoto?", "Yes.");
    (world, mio, rin)
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

#[test]
fn a_conversation_is_read_with_the_parent_of_each_message() {
    let (world, mio, _) = world();
    asked(&world, &mio, "mio", "And in Nara?", "Also.");
    let read = json_of(&reply(&world, &with(&mio, "GET", "/api/conversations/c1")));
    let messages = read["messages"].as_array().unwrap();
    let texts: Vec<_> =
        messages.iter().map(|it| it["parts"][0]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Tea in Kyoto?", "Yes.", "And in Nara?", "Also."]);
    assert_eq!(messages[0]["parentId"], Value::Null);
    for pair in messages.windows(2) {
        assert_eq!(pair[1]["parentId"], pair[0]["id"]);
    }
    assert_eq!((&read["title"], &read["cursor"]), (&json!("Tea in Kyoto?"), &Value::Null));
}

#[test]
fn a_conversation_is_exported_in_both_formats() {
    let (world, mio, _) = world();
    let path = "/api/conversations/c1/export";
    let json = reply(&world, &with(&mio, "GET", path));
    assert_eq!(json_of(&json)["messages"].as_array().unwrap().len(), 2);
    let text = reply(&world, &with(&mio, "GET", &format!("{path}?format=markdown")));
    assert_eq!(header(&text, "content-type"), Some("text/markdown; charset=utf-8"));
    assert!(text.body.starts_with("# Tea in Kyoto?\n"), "{}", text.body);
    assert!(text.body.contains("## Miyabi\n\nYes.\n"), "{}", text.body);
    let wrong = with(&mio, "GET", &format!("{path}?format=pdf"));
    assert_eq!(refusal(&world, &wrong), (400, "invalid_query".to_owned()));
}

#[test]
fn a_conversation_is_found_by_a_part_of_its_title_and_renamed() {
    let (world, mio, _) = world();
    let list = |query: &str| {
        let reply = reply(&world, &with(&mio, "GET", &format!("/api/conversations?{query}")));
        json_of(&reply)["conversations"].as_array().unwrap().len()
    };
    assert_eq!((list("q=kyoto"), list("q=nara"), list("")), (1, 0, 1));
    let rename = |title: &str| {
        let body = json!({ "title": title }).to_string();
        let arrival = with(&mio, "PATCH", "/api/conversations/c1");
        reply(&world, &arrival.header("content-type", "application/json").body(body))
    };
    assert_eq!(json_of(&rename(" 奈良のお茶 "))["title"], "奈良のお茶");
    assert_eq!(list("q=%E3%81%8A%E8%8C%B6"), 1);
    for wrong in ["", " ", "a\nb", &"x".repeat(201)] {
        assert_eq!(rename(wrong).status, 400, "{wrong}");
    }
    for cursor in ["x", "1", "1.", "a.c1", "1.c/1"] {
        let arrival = with(&mio, "GET", &format!("/api/conversations?cursor={cursor}"));
        assert_eq!(refusal(&world, &arrival), (400, "invalid_query".to_owned()), "{cursor}");
    }
}

#[test]
fn nobody_reaches_anothers_conversation_and_no_object_is_made_by_trying() {
    let (world, _, rin) = world();
    for (method, path) in [
        ("GET", "/api/conversations/c1"),
        ("GET", "/api/conversations/c1/export"),
        ("DELETE", "/api/conversations/c1"),
        ("GET", "/api/conversations/..%2Fc1"),
        ("GET", "/api/conversations/web:c1:mio"),
    ] {
        let refused = refusal(&world, &with(&rin, method, path));
        assert_eq!(refused, (404, "not_found".to_owned()), "{method} {path}");
    }
    assert_eq!(world.conversations.borrow().len(), 1);
}

#[test]
fn what_is_deleted_is_gone_for_good() {
    let (world, mio, _) = world();
    for _ in 0..2 {
        assert_eq!(reply(&world, &with(&mio, "DELETE", "/api/conversations/c1")).status, 204);
    }
    let read = with(&mio, "GET", "/api/conversations/c1");
    assert_eq!(refusal(&world, &read), (404, "not_found".to_owned()));
    let ask = post(&mio, "/api/chat", "{\"message\":\"hi\",\"conversation\":\"c1\"}");
    assert_eq!(refusal(&world, &ask), (410, "conversation_deleted".to_owned()));
}
