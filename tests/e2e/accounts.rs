//! One person on two platforms: what was said on Discord is known on Telegram from when its account is linked, and until
//! that is taken back.

use serde_json::{Value, json};
use xtask::stack::Question;

use crate::session::link;
use crate::world::{self, World, list, text};

/// Writes to the bot of Telegram, and returns what it has said last.
fn write(world: &World, words: &str) -> String {
    world.stack().write_on_telegram(&json!({ "text": words })).unwrap();
    let messages = list(world.stack().telegram_chat("mio").unwrap()["messages"].clone());
    let said = messages.into_iter().rfind(|message| message["is_bot"] == true);
    said.map(|message| message["text"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

/// Has a question answered on Telegram, and returns whose job it was.
fn ask(world: &World, words: &str) -> String {
    let query = "SELECT asker, status FROM jobs WHERE platform = 'telegram' ORDER BY rowid DESC";
    let before = world.stack().query(query, &[]).unwrap().len();
    write(world, words);
    let job = world::until("the answer", || {
        let rows = world.stack().query(query, &[]).unwrap();
        let newest = rows.first().filter(|row| row["status"] == "COMPLETED").cloned();
        newest.filter(|_| rows.len() > before)
    });
    text(&job, "asker").to_owned()
}

/// Returns all that models were sent with a question.
fn prompt(world: &World, question: &str) -> String {
    let calls = world.calls().into_iter().map(|call| call["body"].to_string());
    calls.filter(|body| body.contains(question)).collect()
}

#[test]
fn what_was_remembered_on_discord_is_known_on_telegram_while_it_is_linked() {
    let world = world::own(&[("MIYABI_MEMORY", "on")]);
    let question = Question {
        text: "Remember that my cat is called Mochi.".to_owned(),
        who: "alex".to_owned(),
        channel: "dm".to_owned(),
    };
    let receipt = world.stack().ask(&question).unwrap();
    let row = world.stack().wait_for_job(&receipt.id).unwrap();
    let person = text(&row, "asker").to_owned();
    assert!(ask(&world, "Remember that I live in Kyoto.").starts_with("telegram:"));

    let code = link(&world, "alex");
    let told = write(&world, &format!("/link {}", code.to_lowercase()));
    assert!(told.contains("/link off"), "{told}");
    // The facts of the account move right after the reply.
    let facts = world::until("both facts", || {
        let facts = write(&world, "/memory");
        (facts.contains("Mochi") && facts.contains("Kyoto")).then_some(facts)
    });
    assert!(!facts.contains("/memory export"), "{facts}");
    assert_eq!(ask(&world, "What is my cat called, by the way?"), person);
    assert!(prompt(&world, "What is my cat called, by the way?").contains("Mochi"));
    // What was said in the chat before is read there on.
    assert!(prompt(&world, "What is my cat called, by the way?").contains("live in Kyoto"));
    let again = write(&world, &format!("/link {}", link(&world, "alex")));
    assert!(again.contains("/link off"), "{again}");
    let kept = write(&world, "/privacy");
    assert!(kept.contains(&format!("discord:{person}")) && kept.contains("telegram:"), "{kept}");

    write(&world, "/link off");
    assert!(ask(&world, "And what is my dog called?").starts_with("telegram:"));
    assert!(!write(&world, "/memory").contains("Mochi"));
    assert_eq!(world.violations(), Vec::<Value>::new());
}
