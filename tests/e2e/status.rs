//! `/help`, `/status` and `/cancel`: what there is, what runs, and that nobody wants it any more.

use serde_json::{Value, json};

use crate::world::{self, World, text, told_alone, until};

/// Sends a command without options, and returns what its person alone is told.
fn told(world: &World, who: &str, command: &str) -> String {
    let interaction = json!({ "data": { "name": command } });
    told_alone(&world.deliver(&json!({ "as": who, "interaction": interaction })))
}

#[test]
fn a_question_that_is_cancelled_lets_go_of_the_model_and_leaves_nothing() {
    let world = world::alone();
    assert!(told(&world, "alex", "cancel").contains("nothing to stop"));
    let slow = json!({ "match": { "operation": "ai_run" }, "then": { "delay_ms": 60_000 } });
    world.tell_lab("/lab/faults", &slow);
    let receipt = world.deliver(&json!({ "as": "alex", "ask": "Why is the sky blue?" }));
    let job = text(&receipt, "id").to_owned();
    until("the question to be posted", || {
        let seen = world.channel("general");
        seen.iter().any(|it| it["content"] == "Why is the sky blue?").then_some(())
    });
    let status = told(&world, "alex", "status");
    assert!(status.contains("being answered, ") && status.contains("sky blue"), "{status}");
    assert!(!told(&world, "mio", "status").contains("sky"), "nobody else sees it");
    assert!(!told(&world, "mio", "cancel").contains("停止しています"), "nor stops it");
    for _ in 0..2 {
        assert!(told(&world, "alex", "cancel").contains("I am stopping your question"));
    }
    let row = until("the job to end", || world.row(&job).filter(|row| row["status"] == "ERROR"));
    assert_eq!(row["result"], "the asker has cancelled it", "{row}");
    let seen = until("the question to be taken back", || {
        let seen = world.channel("general");
        seen.iter().all(|it| it["content"] != "Why is the sky blue?").then_some(seen)
    });
    let stopped = |message: &&Value| text(message, "content").starts_with("Stopped, as you wished");
    assert_eq!(seen.iter().filter(stopped).count(), 1, "{seen:?}");
    assert!(told(&world, "alex", "status").contains("not answered, "));
    assert!(told(&world, "alex", "cancel").contains("nothing to stop"));
    assert_eq!(world.violations(), Vec::<Value>::new());
}

#[test]
fn help_names_what_there_is_in_the_language_of_who_asks() {
    let world = world::shared();
    let english = told(&world, "alex", "help");
    assert!(english.contains("What I can do") && english.contains("I remember nothing here"));
    assert!(english.contains("`@cf/meta/llama-3.3-70b-instruct-fp8-fast`"), "{english}");
    assert!(told(&world, "mio", "help").contains("雅にできること"));
}
