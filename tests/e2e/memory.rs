//! A conversation is remembered: "And tomorrow?" is understood, by the same person in the same place, after
//! a restart and after a panic.
//!
//! `/provoke-panic` is not a route of the Worker: see `tools/xtask/src/stack/outages.mjs`.

use serde_json::Value;
use xtask::stack::{Options, Question, Stack};

use crate::world::{self, list, text};

fn stack() -> Stack {
    // Any outage brings the main module that provokes panics; this one never happens.
    let outages = vec![("miyabi_cache.get".to_owned(), 0)];
    Stack::start(Options { outages, ..Options::default() }).unwrap()
}

/// Asks, waits for the answer, and returns it.
fn ask(stack: &Stack, question: &Question) -> String {
    let receipt = stack.ask(question).unwrap();
    let row = stack.wait_for_job(&receipt.id).unwrap();
    assert_eq!(row["status"], "COMPLETED", "{row}");
    text(&row, "result").to_owned()
}

/// What a model was sent with this question, without what the program itself says.
fn prompt(stack: &Stack, question: &str) -> Vec<String> {
    let calls = list(stack.lab().get("/lab/calls").unwrap());
    let asked = |call: &&Value| {
        let messages = call["body"]["inputs"]["messages"].as_array();
        let messages = messages.or(call["body"]["messages"].as_array());
        messages.is_some_and(|messages| {
            let mut users = messages.iter().filter(|message| message["role"] == "user");
            users.next_back().is_some_and(|last| last["content"] == question)
        })
    };
    let call = calls.iter().find(asked).unwrap_or_else(|| panic!("not asked: {question}"));
    let body =
        if call["body"]["inputs"].is_object() { &call["body"]["inputs"] } else { &call["body"] };
    let messages = body["messages"].as_array().unwrap();
    let said = messages.iter().filter(|message| message["role"] != "system");
    said.map(|message| text(message, "content").to_owned()).collect()
}

#[test]
fn and_tomorrow_is_understood_after_a_restart_and_by_nobody_else() {
    let _world = world::shared();
    let mut stack = stack();
    let weather = "What is the weather in Kyoto?";
    let answer = ask(&stack, &Question::new(weather));
    assert!(answer.contains("Kyoto"), "{answer}");
    ask(&stack, &Question::new("And tomorrow?"));
    assert_eq!(prompt(&stack, "And tomorrow?"), [weather, answer.as_str(), "And tomorrow?"]);
    stack.restart().unwrap();
    let third = ask(&stack, &Question::new("And the day after?"));
    assert_eq!(prompt(&stack, "And the day after?").len(), 5);
    for (question, place, who) in [
        ("What about me?", "general", "alex"),
        ("What about random?", "random", "mio"),
        ("What about a thread?", "thread", "mio"),
        ("What about a direct message?", "dm", "mio"),
    ] {
        ask(&stack, &Question::new(question).by(who).in_channel(place));
        assert_eq!(prompt(&stack, question), [question], "{place} {who}");
    }
    let last = "And in the direct message?";
    ask(&stack, &Question::new(last).in_channel("dm"));
    assert_eq!(
        prompt(&stack, last).first().map(String::as_str),
        Some("What about a direct message?")
    );
    assert!(!stack.logs().contains(&third), "{}", stack.logs());
    assert!(!stack.logs().contains("conversation_unavailable"), "{}", stack.logs());
}

#[test]
fn a_conversation_goes_on_after_a_panic_elsewhere_and_inside_of_it() {
    let _world = world::shared();
    let stack = stack();
    ask(&stack, &Question::new("one"));
    for (path, question, said) in
        [("/provoke-panic", "two", 3), ("/provoke-panic-in-conversation", "three", 5)]
    {
        let begin = std::time::Instant::now();
        assert_eq!(stack.get(path).unwrap().status, 500, "{path}");
        assert!(begin.elapsed() < std::time::Duration::from_secs(5), "{path}");
        ask(&stack, &Question::new(question));
        assert_eq!(prompt(&stack, question).len(), said, "{path}");
    }
    let logs = stack.logs();
    assert_eq!(logs.lines().filter(|line| line.contains(r#""event":"panicked""#)).count(), 2);
    assert!(!logs.contains("what-nobody-may-read"), "{logs}");
}

#[test]
fn where_memory_is_off_each_question_stands_by_itself() {
    let _world = world::shared();
    let stack = Stack::start(Options::with_vars(&[("MIYABI_MEMORY", "off")])).unwrap();
    ask(&stack, &Question::new("one"));
    ask(&stack, &Question::new("two"));
    assert_eq!(prompt(&stack, "two"), ["two"]);
}
