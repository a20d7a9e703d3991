//! After a panic the Worker goes on: the next request is served, the job inside is answered, and the log
//! has the place and not the message.
//!
//! `/provoke-panic` is not a route of the Worker: see `tools/xtask/src/stack/outages.mjs`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xtask::commands::key;
use xtask::d1::Place;
use xtask::stack::{Options, Question, Receipt, Stack};

use crate::live::Tab;
use crate::logs;
use crate::world::{self, list, text};

/// Longest time that somebody waits for a request that panicked, or for the one after it.
const SOON: Duration = Duration::from_secs(5);

/// Any outage brings the main module that provokes panics; this one never happens.
fn stack() -> Stack {
    let stack = Stack::start(Options {
        vars: vec![("MIYABI_STALL_SECONDS".to_owned(), "20".to_owned())],
        outages: vec![("miyabi_cache.get".to_owned(), 0)],
        ..Options::default()
    });
    stack.unwrap()
}

/// Panics, and returns how long that request took.
fn panic_once(stack: &Stack) -> Duration {
    let begin = Instant::now();
    assert_eq!(stack.get("/provoke-panic").unwrap().status, 500);
    begin.elapsed()
}

fn assert_served(stack: &Stack) {
    let begin = Instant::now();
    let health = stack.get("/health").unwrap();
    assert_eq!(health.status, 200, "{}", health.body);
    assert!(begin.elapsed() < SOON, "served after {:?}", begin.elapsed());
}

/// What the engine says about the first instance of a job.
fn status(stack: &Stack, job: &Receipt) -> String {
    let shown = stack.get(&format!("/instance?id={}", job.id)).unwrap();
    let shown: Value = serde_json::from_str(&shown.body).unwrap();
    text(&shown, "status").to_owned()
}

#[test]
fn a_panic_ends_its_request_and_no_other_and_its_place_is_in_the_log() {
    let _world = world::shared();
    let stack = stack();
    for panics in 1..=3 {
        let took = panic_once(&stack);
        assert!(took < SOON, "the request that panicked took {took:?}");
        assert_served(&stack);
        let lines = world::until("the line of each panic", || {
            let logs = stack.logs();
            let lines = logs.lines().filter(|line| line.contains(r#""event":"panicked""#));
            let lines: Vec<_> = lines.map(ToOwned::to_owned).collect();
            (lines.len() == panics).then_some(lines)
        });
        let line = lines.last().unwrap();
        let event: Value = serde_json::from_str(logs::written(line)).unwrap();
        assert_eq!(event["level"], "error", "{event}");
        let place: Vec<_> = text(&event, "location").rsplitn(3, ':').collect();
        let [column, line, file] = place.as_slice() else { panic!("no place: {event}") };
        assert!(file.ends_with("queue.rs"), "{event}");
        assert!([column, line].iter().all(|number| number.parse::<u32>().is_ok()), "{event}");
    }
    let receipt = stack.ask(&Question::new("Are you well again?")).unwrap();
    assert_eq!(stack.wait_for_job(&receipt.id).unwrap()["status"], "COMPLETED");
    assert!(!stack.logs().contains("what-nobody-may-read"), "{}", stack.logs());
}

#[test]
fn a_socket_stays_open_and_is_served_after_a_panic_elsewhere() {
    let _world = world::shared();
    let stack = stack();
    let place = Place::Local(Some(stack.folder().join("state")));
    let key = key::make(&place, "panics", "chat", "").unwrap();
    let bearer = format!("Bearer {}", key.reveal());
    // All objects of an isolate share the instance that a panic ends.
    let path = "/agents/conversation/panics";
    let mut tab = Tab::connect(&stack.url(), path, &[("authorization", &bearer)]).unwrap();
    assert_eq!(tab.next().unwrap()["type"], "cf_agent_identity");
    for (panics, id) in ["r1", "r2", "r3"].into_iter().enumerate() {
        let message =
            json!({ "id": id, "role": "user", "parts": [{ "type": "text", "text": id }] });
        let body = json!({ "messages": [message], "trigger": "submit-message" }).to_string();
        let init = json!({ "method": "POST", "body": body });
        tab.say(&json!({ "type": "cf_agent_use_chat_request", "id": id, "init": init }));
        while tab.next().unwrap()["done"] != true {}
        let paths = ["/provoke-panic", "/provoke-panic-in-conversation", "/provoke-panic"];
        assert_eq!(stack.get(paths[panics]).unwrap().status, 500);
    }
    assert!(!stack.logs().contains(key.reveal()), "{}", stack.logs());
}

#[test]
fn a_job_that_a_panic_interrupts_is_answered_once() {
    let _world = world::shared();
    let stack = stack();
    let slow = json!([{
        "match": { "operation": "ai_run", "body_contains": "interrupted", "nth": 1 },
        "then": { "delay_ms": 60_000 },
    }]);
    stack.lab().post("/lab/faults", &slow).unwrap();
    let job = stack.ask(&Question::new("Will this be interrupted?")).unwrap();
    world::until("the model's call", || {
        let calls = list(stack.lab().get("/lab/calls").unwrap());
        calls.iter().any(|call| text(call, "operation") == "ai_run").then_some(())
    });
    assert_eq!(status(&stack, &job), "running");
    panic_once(&stack);
    assert_served(&stack);
    // Its instance does not wait for ever for the program that is lost.
    world::within(SOON, "the instance to end", || {
        (status(&stack, &job) == "errored").then_some(())
    });
    let row = world::within(Duration::from_mins(1), "the job to end", || {
        stack.tick().unwrap();
        let row = stack.job_row(&job.id).unwrap()?;
        (row["status"] == "COMPLETED").then_some(row)
    });
    assert_eq!(row["generation"], 2, "{row}");
    let messages = stack.channel("general").unwrap();
    let texts: Vec<_> = messages.iter().map(|message| text(message, "content")).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(texts[0], "Will this be interrupted?");
}
