//! How a turn was answered is told to who asked, as far as it is kept.

use super::super::tests::{key, post, refusal, reply, with};
use super::*;
use serde_json::{Value, json};

use miyabi_app::conversation::{self, Live};
use miyabi_app::{JobContext, from_params, workflow};
use miyabi_channels::web::transport::Web;
use miyabi_core::key::ApiKey;
use miyabi_testing::{Fake, Journal, run, settings};

fn world() -> (Fake, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let key = key(&world, "mio", "chat");
    (world, key)
}

/// Asks in the conversation `c1`, and returns the turn.
fn asked(world: &Fake, key: &ApiKey) -> String {
    let body = json!({ "message": "What is 2 + 3?", "conversation": "c1" }).to_string();
    let arrival = post(key, "/api/chat", &body).header("accept", "text/event-stream");
    let request = reply(world, &arrival).stream.unwrap().request;
    let request: Value = serde_json::from_str(&request).unwrap();
    request["turn"].as_str().unwrap().to_owned()
}

/// Has the job run that was started last, by these replies of models.
fn answered(world: &Fake, replies: &[Value]) {
    world.model.borrow_mut().extend(replies.iter().cloned().map(Ok));
    let (_, params) = world.started.borrow().last().unwrap().clone();
    let job = &from_params(&params).unwrap();
    let (steps, settings) = (&Journal::new(world), &settings());
    let context = JobContext { host: world, steps, transport: &Web, settings, job };
    run(workflow::run(context)).unwrap().unwrap();
}

fn told(world: &Fake, key: &ApiKey, turn: &str) -> Value {
    let path = format!("/api/conversations/c1/turns/{turn}");
    let reply = reply(world, &with(key, "GET", &path));
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

fn calculation() -> [Value; 2] {
    let call =
        |expression| json!({ "name": "calculate", "arguments": { "expression": expression } });
    let usage = json!({ "prompt_tokens": 800, "completion_tokens": 20 });
    [
        json!({ "response": null, "tool_calls": [call("2 + 3"), call("2 +")], "usage": usage }),
        json!({ "response": "It is 5.", "usage": usage }),
    ]
}

#[test]
fn who_asked_is_told_which_tools_and_models_have_answered() {
    let (world, key) = world();
    let turn = asked(&world, &key);
    let running = told(&world, &key, &turn);
    assert_eq!((&running["state"], &running["endedAt"]), (&json!("queued"), &Value::Null));
    assert_eq!((&running["rounds"], &running["tools"]), (&json!(0), &json!([])));

    answered(&world, &calculation());
    let told = told(&world, &key, &turn);
    let model = &settings().models[0].id;
    let attempt = json!({ "model": model, "outcome": "ok" });
    let tool = |expression: &str, state: &str| {
        let arguments = json!({ "expression": expression });
        json!({ "name": "calculate", "arguments": arguments, "state": state, "ms": 0 })
    };
    let expected = json!({
        "turn": turn,
        "state": "done",
        "rounds": 2,
        "model": model,
        "models": [attempt, attempt],
        "tools": [tool("2 + 3", "ok"), tool("2 +", "failed")],
        "sources": [],
        "inputTokens": 1_600,
        "outputTokens": 40,
        "costNanos": told["costNanos"],
        "startedAt": "2023-11-14T22:13:20Z",
        "endedAt": "2023-11-14T22:13:21Z",
    });
    assert_eq!(told, expected);
    assert!(told["costNanos"].as_u64() > Some(0), "{told}");
}

#[test]
fn nobody_is_told_of_anothers_turn_or_of_one_that_there_is_not() {
    let (world, mio) = world();
    let rin = key(&world, "rin", "chat");
    let turn = asked(&world, &mio);
    let get = |key: &ApiKey, path: &str| refusal(&world, &with(key, "GET", path));
    let path = format!("/api/conversations/c1/turns/{turn}");
    assert_eq!(get(&rin, &path), (404, "not_found".to_owned()));
    // Their own of the same name has no such turn, and the record is not theirs either.
    asked(&world, &rin);
    for path in [&path, "/api/conversations/c1/turns/none", "/api/conversations/c1/turns/a.b"] {
        assert_eq!(get(&rin, path), (404, "unknown_turn".to_owned()), "{path}");
    }
    for nobody in ["rin", ""] {
        let told = run(trace::of_turn(&world, nobody, &turn)).unwrap().unwrap();
        assert_eq!((&told["rounds"], &told["models"]), (&Value::Null, &json!([])), "{nobody}");
    }
}

#[test]
fn what_is_not_kept_any_more_is_null_or_empty() {
    let (world, key) = world();
    let turn = asked(&world, &key);
    answered(&world, &calculation());
    world.db.execute_batch("DELETE FROM attempts; DELETE FROM jobs").unwrap();
    let told = told(&world, &key, &turn);
    for name in ["rounds", "model", "inputTokens", "outputTokens", "costNanos"] {
        assert_eq!(told[name], Value::Null, "{name}");
    }
    for name in ["models", "tools", "sources"] {
        assert_eq!(told[name], json!([]), "{name}");
    }
    assert_eq!((&told["state"], &told["turn"]), (&json!("done"), &json!(turn)));
}

#[test]
fn sources_are_told_once_and_what_was_cut_is_no_object() {
    let (world, key) = world();
    let turn = asked(&world, &key);
    answered(&world, &calculation());
    let search = json!([["https://a.example/", "A"], ["https://b.example/", ""]]);
    let trace = json!([
        { "name": "web_search", "arguments": "{\"query\":\"tea…", "outcome": "done", "took_ms": 7,
          "sources": search },
        { "name": "fetch_page", "arguments": "[]", "outcome": "invalid", "took_ms": 0,
          "sources": [["https://a.example/", "A again"]] },
    ]);
    world.db.execute("UPDATE jobs SET trace = ?1", [trace.to_string()]).unwrap();
    // A summary and a model that failed are no rounds.
    world
        .db
        .execute_batch(
            "UPDATE attempts SET outcome = 'busy' WHERE ordinal = 1;
             UPDATE attempts SET ordinal = 1000, model = '@cf/summary' WHERE ordinal = 2",
        )
        .unwrap();
    let told = told(&world, &key, &turn);
    let sources = json!([
        { "url": "https://a.example/", "title": "A" },
        { "url": "https://b.example/", "title": "" },
    ]);
    assert_eq!(told["sources"], sources);
    let of = |name: &str| [told["tools"][0][name].clone(), told["tools"][1][name].clone()];
    assert_eq!(of("arguments"), [Value::Null, Value::Null]);
    assert_eq!(of("state"), [json!("ok"), json!("invalid")]);
    assert_eq!((&told["rounds"], &told["model"]), (&json!(0), &Value::Null));
    assert_eq!(told["models"][1]["model"], "@cf/summary");
}
