//! The chat's refusals and replies, over a conversation on real `SQLite`.

use serde_json::json;

use super::super::tests::{header, key, post, refusal, reply, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_app::conversation::{self, Command, Live, Outcome, Submission};
use miyabi_core::config::Config;
use miyabi_core::i18n::Language;
use miyabi_core::key::ApiKey;
use miyabi_core::ports::Limit;
use miyabi_testing::{Arrival, Fake, run};

fn world() -> (Fake, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let key = key(&world, "mio", "chat");
    (world, key)
}

/// Asks in a stream, so that nothing waits for the answer.
fn ask(key: &ApiKey, body: &Value) -> Arrival {
    post(key, "/api/chat", &body.to_string()).header("accept", "text/event-stream")
}

/// Tells the conversation of a stream something, as the Workflow does.
fn settle(world: &Fake, stream: &ConversationStream, outcome: Outcome) {
    let request: Value = serde_json::from_str(&stream.request).unwrap();
    let submission =
        Submission::new(request["turn"].as_str().unwrap().to_owned(), "hi", world.now());
    let settle =
        Command::Settle { submission, generation: 1, outcome, measured: None, note: String::new() };
    let command = serde_json::to_string(&settle).unwrap();
    run(world.converse(&stream.conversation, &command)).unwrap().unwrap();
}

#[test]
fn a_stream_names_the_conversation_of_its_owner_and_the_turn() {
    let (world, key) = world();
    let reply = reply(&world, &ask(&key, &json!({ "message": "hi", "conversation": "c1" })));
    assert_eq!(reply.status, 200);
    assert_eq!(header(&reply, "content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(header(&reply, "x-vercel-ai-ui-message-stream"), Some("v1"));
    let stream = reply.stream.unwrap();
    assert_eq!(stream.conversation, "web:c1:mio");
    let request: Value = serde_json::from_str(&stream.request).unwrap();
    assert_eq!(request["conversation"], "c1");
    assert_eq!(world.started.borrow()[0].0, request["turn"]);
}

#[test]
fn the_same_submission_is_one_job_and_a_key_decides_where_there_is_one() {
    let (world, key) = world();
    let body = json!({ "message": "hi", "id": "m1" });
    let streams: Vec<_> =
        (0..2).map(|_| reply(&world, &ask(&key, &body)).stream.unwrap()).collect();
    assert_eq!(streams[0], streams[1]);
    let keyed = |text: &str, idempotency: &str| {
        let body = json!({ "message": text, "conversation": "c1" });
        reply(&world, &ask(&key, &body).header("idempotency-key", idempotency))
    };
    assert_eq!(keyed("hi", "\"k1\"").stream, keyed("hi", "k1").stream);
    assert_eq!(keyed("another", "k1").status, 422);
    assert_ne!(keyed("hi", "k2").stream, keyed("hi", "k1").stream);
    assert_eq!(keyed("hi", "a b").status, 400);
    assert_eq!(world.started.borrow().len(), 3);
}

#[test]
fn what_is_wrong_with_a_submission_is_told_and_nothing_is_asked() {
    let (world, key) = world();
    for (body, status, code) in [
        (json!({}), 400, "invalid_body"),
        (json!({ "message": "" }), 400, "invalid_body"),
        (json!({ "message": "hi", "conversation": "a/b" }), 400, "invalid_body"),
        (json!({ "message": "x".repeat(40_000) }), 413, "message_too_long"),
        (
            json!({ "id": "c1", "messages": [], "trigger": "regenerate-message", "messageId": "m" }),
            404,
            "unknown_message",
        ),
    ] {
        assert_eq!(refusal(&world, &ask(&key, &body)), (status, code.to_owned()), "{body}");
    }
    assert!(world.started.borrow().is_empty());
}

#[test]
fn who_asks_too_fast_is_told_when_to_come_back() {
    let (world, key) = world();
    world.exhausted.borrow_mut().push((Limit::Asker, "mio".to_owned()));
    let reply = reply(&world, &ask(&key, &json!({ "message": "hi" })));
    assert_eq!(reply.status, 429);
    assert_eq!(header(&reply, "retry-after"), Some("60"));
    assert_eq!(header(&reply, "ratelimit"), Some("\"questions\";r=0;t=60"));
    assert_eq!(header(&reply, "ratelimit-policy"), Some(POLICIES));
    assert!(reply.body.contains("#quota-exceeded"), "{}", reply.body);
}

const POLICIES: &str = "\"questions\";q=5;w=60, \"running\";q=3;qu=\"concurrent-requests\"";

#[test]
fn every_reply_to_a_question_names_the_limits_that_there_are_and_nothing_that_nobody_knows() {
    let (world, key) = world();
    let policies = |config: &Config, arrival: &Arrival| {
        let reply = reply_by(&world, config, arrival);
        assert_eq!(header(&reply, "ratelimit"), None);
        header(&reply, "ratelimit-policy").map(ToOwned::to_owned)
    };
    let mut config = configured();
    for body in [json!({ "message": "hi" }), json!({ "message": "" })] {
        assert_eq!(policies(&config, &ask(&key, &body)).as_deref(), Some(POLICIES), "{body}");
    }
    assert_eq!(policies(&config, &with(&key, "GET", "/api/conversations")), None);
    // Who is nobody is told nothing of anybody's limits.
    let nobody = ask(&key, &json!({})).without("authorization");
    assert_eq!(policies(&config, &nobody), None);
    config.settings.as_mut().unwrap().asker_limit = None;
    let unbound = policies(&config, &ask(&key, &json!({ "message": "hi" })));
    assert_eq!(unbound.as_deref(), Some("\"running\";q=3;qu=\"concurrent-requests\""));
}

#[test]
fn a_turn_that_a_limit_refuses_says_which() {
    for (notice, code, left, retries) in [
        (Notice::Crowded, "too_many_questions", Some("\"running\";r=0"), "true"),
        (Notice::BudgetHeld, "budget_held", None, "true"),
        (Notice::AskerBudget, "quota_exceeded", None, "false"),
    ] {
        let problem = failed(Language::English, "t1", notice);
        assert_eq!((problem.status, problem.code), (429, code));
        let reply = Reply::problem(&problem, "r1");
        assert_eq!(header(&reply, "ratelimit"), left, "{code}");
        assert_eq!(header(&reply, "x-should-retry"), Some(retries), "{code}");
        let wait = Some("30").filter(|_| retries == "true");
        assert_eq!(header(&reply, "retry-after"), wait, "{code}");
        assert!(reply.body.contains("#quota-exceeded"), "{}", reply.body);
    }
}

#[test]
fn a_turn_over_budget_is_429_and_not_to_be_tried_again() {
    let (world, key) = world();
    let body = json!({ "message": "hi", "conversation": "c1", "id": "m1" });
    let stream = reply(&world, &ask(&key, &body)).stream.unwrap();
    settle(&world, &stream, Outcome::Failed(Notice::AskerBudget));
    let place = place("mio", "c1");
    let turn = run(chat::look(&world, &place, None)).unwrap().unwrap().unwrap();
    assert_eq!(turn.state, "failed");
    let arrival = with(&key, "GET", "/api/chat/c1/stream");
    assert_eq!(reply(&world, &arrival).status, 204);
}

#[test]
fn a_turn_is_resumed_while_it_runs_and_stopped_by_its_id() {
    let (world, key) = world();
    let resume = with(&key, "GET", "/api/chat/c1/stream");
    assert_eq!(reply(&world, &resume).status, 204);
    let body = json!({ "message": "hi", "conversation": "c1" });
    let stream = reply(&world, &ask(&key, &body)).stream.unwrap();
    assert_eq!(reply(&world, &resume).stream, Some(stream.clone()));
    let request: Value = serde_json::from_str(&stream.request).unwrap();
    let stop = |turn: &Value| post(&key, "/api/chat/c1/stop", &json!({ "turn": turn }).to_string());
    assert_eq!(refusal(&world, &stop(&json!("t9"))), (404, "unknown_turn".to_owned()));
    for _ in 0..2 {
        let stopped = reply(&world, &stop(&request["turn"]));
        assert_eq!(stopped.status, 200, "{}", stopped.body);
        assert!(stopped.body.contains("\"state\":\"stopped\""), "{}", stopped.body);
    }
    assert_eq!(reply(&world, &resume).status, 204);
}
