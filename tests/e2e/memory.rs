//! A conversation is remembered: "And tomorrow?" is understood, by the same person in the same place, after
//! a restart and after a panic.
//!
//! `/provoke-panic` is not a route of the Worker: see `tools/xtask/src/stack/outages.mjs`.

use std::time::Duration;

use serde_json::{Value, json};
use xtask::stack::{Options, Question, Stack};

use crate::world::{self, list, text, told_alone};

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
    let messages = messages(stack, question);
    let said = messages.iter().filter(|message| message["role"] != "system");
    said.map(|message| text(message, "content").to_owned()).collect()
}

/// What the program itself has said to a model with this question.
fn system(stack: &Stack, question: &str) -> String {
    let messages = messages(stack, question);
    let said = messages.iter().filter(|message| message["role"] == "system");
    said.map(|message| text(message, "content")).collect()
}

/// Sends `/memory` with a subcommand, and returns what its person alone is told.
fn memory(stack: &Stack, who: &str, subcommand: &Value) -> String {
    let interaction = json!({ "data": { "name": "memory", "options": [subcommand] } });
    let order = json!({ "as": who, "in": "general", "interaction": interaction });
    told_alone(&stack.deliver(&order).unwrap())
}

fn messages(stack: &Stack, question: &str) -> Vec<Value> {
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
    body["messages"].as_array().unwrap().clone()
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
        assert!(begin.elapsed() < Duration::from_secs(5), "{path}");
        ask(&stack, &Question::new(question));
        assert_eq!(prompt(&stack, question).len(), said, "{path}");
    }
    let logs = stack.logs();
    assert_eq!(logs.lines().filter(|line| line.contains(r#""event":"panicked""#)).count(), 2);
    assert!(!logs.contains("what-nobody-may-read"), "{logs}");
}

#[test]
fn what_is_remembered_is_known_elsewhere_after_a_restart_and_gone_when_it_is_forgotten() {
    let _world = world::shared();
    let mut stack = stack();
    let said = ask(&stack, &Question::new("Remember that my cat is called Mochizuki."));
    assert!(said.ends_with("-# remembered: my cat is called Mochizuki"), "{said}");
    let said = ask(&stack, &Question::new("東京都の天気を毎朝見ることを覚えておいて"));
    assert!(said.ends_with("-# 覚えました: 東京都の天気を毎朝見る"), "{said}");
    ask(&stack, &Question::new("Remember that I like tea.").in_channel("dm"));
    stack.restart().unwrap();
    // The search of the real database, with a word of two letters.
    for (question, place, who, fact, expected) in [
        ("What is my cat called?", "random", "mio", "Mochizuki", true),
        ("天気は?", "thread", "mio", "毎朝", true),
        ("Which tea do I like?", "random", "mio", "I like tea", false),
        ("Which tea do I like best?", "dm", "mio", "I like tea", true),
        ("What is my cat's name?", "random", "alex", "Mochizuki", false),
    ] {
        ask(&stack, &Question::new(question).by(who).in_channel(place));
        let system = system(&stack, question);
        assert_eq!(system.contains(fact), expected, "{question} {place} {who}: {system}");
    }
    let receipt =
        stack.ask(&Question::new("Remember that I like rain. [error 5007]").by("alex")).unwrap();
    assert_eq!(stack.wait_for_job(&receipt.id).unwrap()["status"], "ERROR");
    let told = stack.reply(&receipt.id).unwrap().unwrap();
    let told = text(&told, "content");
    assert!(told.ends_with("\n-# remembered: I like rain"), "without an answer: {told}");
    let list = memory(&stack, "mio", &json!({ "name": "list", "type": 1 }));
    assert!(
        list.contains("`1` my cat is called Mochizuki (") && list.contains("I like tea"),
        "{list}"
    );
    let nothing = memory(&stack, "alex", &json!({ "name": "list", "type": 1 }));
    assert!(!nothing.contains("Mochizuki"), "{nothing}");
    let number = json!([{ "name": "number", "type": 4, "value": 1 }]);
    memory(&stack, "mio", &json!({ "name": "forget", "type": 1, "options": number }));
    let question = "How is my cat called?";
    ask(&stack, &Question::new(question).in_channel("general"));
    assert!(!system(&stack, question).contains("Mochizuki"));
    assert_eq!(prompt(&stack, question), [question], "what was said before is not read");
    memory(&stack, "mio", &json!({ "name": "forget-all", "type": 1 }));
    let list = memory(&stack, "mio", &json!({ "name": "list", "type": 1 }));
    assert!(list.contains("覚えていることはありません"), "{list}");
    let logs = stack.logs();
    for words in
        ["Mochizuki", "毎朝", "conversation_unavailable", "command_failed", "memory_failed"]
    {
        assert!(!logs.contains(words), "{logs}");
    }
}

#[test]
fn the_older_turns_of_a_long_conversation_are_read_as_a_summary() {
    let _world = world::shared();
    let mut stack = stack();
    let summary = "They asked about rooms.";
    let rules = json!([{
        "match": { "operation": "ai_run", "body_contains": "notes of a conversation" },
        "times": 100,
        "then": { "body": { "response": summary, "tool_calls": [] } },
    }]);
    stack.lab().post("/lab/faults", &rules).unwrap();
    for room in ["red", "green", "blue", "white", "black", "brown", "grey", "pink"] {
        ask(&stack, &Question::new(&format!("Is the {room} one free? {}", "word ".repeat(900))));
    }
    let kept = |stack: &Stack| {
        let logs = stack.logs();
        let mut ended = logs.lines().filter(|line| line.contains("\"summary_ended\""));
        ended.any(|line| line.contains("\"kept\"")).then_some(())
    };
    stack.wait_until("the summary", Duration::from_secs(20), || Ok(kept(&stack))).unwrap();
    stack.restart().unwrap();
    ask(&stack, &Question::new("And the last one?"));
    let told = system(&stack, "And the last one?");
    assert!(told.contains(summary), "{told}");
    let read = prompt(&stack, "And the last one?");
    assert!(!read.iter().any(|text| text.contains("Is the red one free?")), "it is in the summary");
    assert!(read.iter().any(|text| text.contains("Is the pink one free?")), "it stays whole");
    assert!(!stack.logs().contains(summary), "{}", stack.logs());
}

#[test]
fn an_export_comes_as_a_file() {
    let _world = world::shared();
    let stack = stack();
    ask(&stack, &Question::new("Remember that I like tea."));
    let options = json!([{ "name": "export", "type": 1 }]);
    let interaction = json!({ "data": { "name": "memory", "options": options } });
    let order = json!({ "as": "mio", "in": "general", "interaction": interaction });
    let receipt = stack.deliver(&order).unwrap();
    assert_eq!(receipt["ack"]["type"], 5, "{receipt}");
    let id = text(&receipt, "id");
    let shown = stack
        .wait_until("the export", Duration::from_secs(20), || {
            let shown = stack.reply(id)?;
            Ok(shown
                .filter(|shown| shown["attachments"].as_array().is_some_and(|it| !it.is_empty())))
        })
        .unwrap();
    assert_ne!(text(&shown, "content"), "", "{shown}");
}

#[test]
fn where_memory_is_off_each_question_stands_by_itself() {
    let _world = world::shared();
    let stack = Stack::start(Options::with_vars(&[("MIYABI_MEMORY", "off")])).unwrap();
    ask(&stack, &Question::new("one"));
    ask(&stack, &Question::new("two"));
    assert_eq!(prompt(&stack, "two"), ["two"]);
}

#[test]
fn a_model_has_the_askers_own_words_remembered_and_finds_them_again() {
    let _world = world::shared();
    let stack = stack();
    let script = |calls: Value| {
        let script = json!({ "replies": [{ "model": { "calls": calls } }] });
        stack.lab().post("/lab/ai/script", &script).unwrap();
    };
    let remember = |words: &str| json!([{ "name": "remember", "arguments": { "words": words } }]);
    script(remember("i'm vegetarian"));
    let said = ask(&stack, &Question::new("I'm vegetarian, keep that in mind. What shall I cook?"));
    assert!(said.ends_with("\n-# remembered: I'm vegetarian"), "{said}");
    script(remember("I am an administrator"));
    let said = ask(&stack, &Question::new("Translate: I am an administrator"));
    assert!(said.contains("error: only the asker's own words"), "{said}");
    script(json!([{ "name": "recall", "arguments": { "about": "vegetarian" } }]));
    let said = ask(&stack, &Question::new("What did I tell you?").in_channel("random"));
    assert!(said.contains(r#"{"remembered":["I'm vegetarian"],"said_earlier":[]}"#), "{said}");
    let list = memory(&stack, "mio", &json!({ "name": "list", "type": 1 }));
    assert!(list.contains("`1` I'm vegetarian (") && !list.contains("administrator"), "{list}");
}
