//! A reminder is set by a question, listed, taken back, and brought once, pinging its asker alone.

use serde_json::{Value, json};

use crate::world::{self, World, text, told_alone, until};

fn told(world: &World, command: &str, options: &Value) -> String {
    let interaction = json!({ "data": { "name": command, "options": options } });
    told_alone(&world.deliver(&json!({ "as": "alex", "interaction": interaction })))
}

/// Names and values of the reminders that `/cancel` offers.
fn offered(world: &World, who: &str, typed: &str) -> Vec<(String, String)> {
    let complete = json!({ "command": "cancel", "option": "reminder", "value": typed });
    let receipt = world.deliver(&json!({ "as": who, "complete": complete }));
    assert_eq!((&receipt["ack"]["type"], &receipt["violations"]), (&json!(8), &json!([])));
    let choices = receipt["ack"]["data"]["choices"].as_array().unwrap().clone();
    let pair = |it: &Value| (text(it, "name").to_owned(), text(it, "value").to_owned());
    choices.iter().map(pair).collect()
}

#[test]
fn a_reminder_is_listed_taken_back_and_brought_once_also_after_a_restart() {
    let mut world = world::own(&[]);
    for (wait, words) in [("in 3 hours", "feed the cat"), ("in 20 minutes", "turn off the oven")] {
        let asked = world.ask(&format!("Remind me {wait} to {words}. ")).by("alex").send();
        let answer = asked.answer();
        assert!(answer.contains(&format!("\n-# reminder set: {words}")), "{answer}");
    }
    let status = told(&world, "status", &json!([]));
    assert!(status.contains("**Your reminders**"), "{status}");
    let place = |words: &str| status.find(words).unwrap_or_else(|| panic!("{words}: {status}"));
    assert!(place(": `turn off the oven") < place(": `feed the cat"), "the next first: {status}");
    assert!(offered(&world, "mio", "").is_empty(), "nobody else sees them");
    let cats = offered(&world, "alex", "CAT");
    assert_eq!(cats.len(), 1, "{cats:?}");
    let option = json!([{ "name": "reminder", "type": 3, "value": cats[0].1 }]);
    assert_eq!(told(&world, "cancel", &option), "The reminder is taken back.");
    assert!(told(&world, "cancel", &option).starts_with("There is no such reminder"));

    world.restart();
    world.stack().query("UPDATE reminders SET due_at = unixepoch()", &[]).unwrap();
    for _ in 0..2 {
        world.stack().tick().unwrap();
    }
    let brought = |world: &World| -> Vec<Value> {
        let seen = world.channel("general");
        seen.into_iter().filter(|post| text(post, "content").contains('⏰')).collect()
    };
    until("the reminder", || (!brought(&world).is_empty()).then_some(()));
    let jobs = "SELECT id, status FROM jobs WHERE id LIKE 'reminder%'";
    until("its job to end", || {
        let rows = world.stack().query(jobs, &[]).unwrap();
        rows.iter().all(|row| row["status"] == "COMPLETED").then_some(())
    });
    world.stack().tick().unwrap();
    let posts = brought(&world);
    assert_eq!(posts.len(), 1, "{posts:?}");
    let content = text(&posts[0], "content");
    assert!(content.ends_with("> ⏰ You asked me to remind you: turn off the oven"), "{content}");
    let alex = content.trim_start_matches("<@").split('>').next().unwrap();
    assert_eq!(posts[0]["pings"], json!([format!("<@{alex}>")]), "{posts:?}");
    assert!(!told(&world, "status", &json!([])).contains("Your reminders"));
    assert_eq!(world.violations(), Vec::<Value>::new());
    assert!(!world.stack().logs().contains("oven"), "{}", world.stack().logs());
}
