//! Answers are saved and served again, where that is switched on.

use serde_json::{Value, json};

use crate::asking::{Ask, Asked};
use crate::world::{self, World, text};

/// How a saved answer says so.
const SAVED: &str = "Saved answer";

/// Asks, in English.
fn ask<'w>(world: &'w World, question: &str) -> Ask<'w> {
    world.ask(question).by("alex")
}

/// How often models were asked about a question, by all who asked it.
fn thoughts(asked: &Asked<'_>) -> usize {
    asked.calls_of("ai_run").len()
}

/// Whether the answer to this very question is shown as one that was saved.
fn is_marked(world: &World, asked: &Asked<'_>) -> bool {
    let calls = world.calls();
    let is_own = |call: &&Value| {
        let delivered = calls.iter().find(|call| call["body"]["id"] == asked.id.as_str()).unwrap();
        call["seq"].as_u64() > delivered["seq"].as_u64()
            && ["execute_webhook", "edit_original"].iter().any(|name| call["operation"] == *name)
    };
    calls.iter().filter(is_own).any(|call| text(&call["body"], "content").contains(SAVED))
}

#[test]
fn it_is_off_unless_it_is_switched_on() {
    let world = world::shared();
    let first = ask(&world, "Who are you?").send();
    first.answer();
    let second = first.once_more().by("alex").send();
    second.answer();
    assert_eq!(thoughts(&first), 2);
}

#[test]
fn the_same_question_in_the_same_server_is_answered_from_the_cache_and_says_so() {
    let world = world::own(&[("MIYABI_CACHE_SECONDS", "600")]);
    let first = ask(&world, "Who are you?").send();
    let answer = first.answer();
    assert!(!is_marked(&world, &first));
    let second = first.once_more().by("alex").send();
    let saved = second.answer();
    assert!(saved.starts_with(&answer) && saved.contains(SAVED), "{saved}");
    assert_eq!(thoughts(&first), 1);
    assert!(is_marked(&world, &second));
    assert_eq!(second.attempts(), []);

    // Another server has answers of its own.
    let other = first.once_more().by("alex").with("guild_id", json!("1180000000000000299")).send();
    other.answer();
    assert_eq!(thoughts(&first), 2);

    // Whoever wants a new one gets it, and the next reads the new one.
    let fresh = first.once_more().by("alex").fresh().send();
    fresh.answer();
    assert_eq!(thoughts(&first), 3);
    assert!(!is_marked(&world, &fresh));

    // What a tool said was true then.
    let timed = ask(&world, "What time is it in Tokyo?").send();
    timed.answer();
    timed.once_more().by("alex").send().answer();
    assert_eq!(thoughts(&timed), 4);
}
