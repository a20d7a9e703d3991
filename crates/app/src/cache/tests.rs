//! Answers are saved only if they would be the same tomorrow, and only for those who asked the same.

use serde_json::json;

use super::*;
use crate::testing::run_job;
use ::miyabi_testing;
use miyabi_core::config::Budgets;
use miyabi_core::config::models::Model;
use miyabi_core::i18n::{Language, saved};
use miyabi_core::job::Job;
use miyabi_testing::{Fake, Journal, question, wherever_it_dies};

fn settings() -> Settings {
    Settings { cache_s: 600, ..miyabi_testing::settings() }
}

/// Answers a question in a world and returns what stands last in the channel.
fn ask(world: &Fake, settings: &Settings, asked: &Question, id: &str) -> String {
    let id = miyabi_core::ids::JobId::parse(id).unwrap();
    let job = Job::first(Question { id, ..asked.clone() });
    let ended = miyabi_testing::run(run_job(world, &Journal::new(world), settings, &job));
    ended.expect("it does not end").unwrap();
    world.discord.borrow().channel.last().unwrap().content.clone()
}

fn says(world: &Fake, text: &str) {
    world.model.borrow_mut().push_back(Ok(json!({ "response": text })));
}

#[test]
fn the_same_question_has_the_saved_answer_and_says_so() {
    let world = Fake::new();
    says(&world, "Blue.");
    let asked = question("Why is the sky blue?");
    assert_eq!(ask(&world, &settings(), &asked, "1"), "Blue.");
    world.now.set(world.now.get() + 12 * 60_000);
    let again = question("\n Why is the sky blue? ");
    let note = format!("-# {}", saved(Language::Japanese, 12, Some("`fresh: True`")));
    assert_eq!(ask(&world, &settings(), &again, "2"), format!("Blue.\n{note}"));
    assert!(world.model.borrow().is_empty());
    let (_, seconds) = world.saved.borrow().values().next().unwrap().clone();
    assert_eq!(seconds, 600);
}

#[test]
fn questions_that_differ_within_are_different() {
    let texts = [
        "Who are us?",
        "Who are US?",
        "who are us?",
        "Who are  us?",
        "Who are\nus?",
        "Who are\tus?",
        "Who are us ?",
        "if x:\n  y\nz",
        "if x:\n  y\n  z",
        "straße",
        "STRASSE",
        "ａｂｃ",
        "abc",
    ];
    let mut keys = texts.map(|text| key(&settings(), &question(text))).to_vec();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), texts.len());
    for around in ["  Why?", "Why?\n", "\u{3000}Why?\t "] {
        let key = |text: &str| key(&settings(), &question(text));
        assert_eq!(key(around), key("Why?"), "{around:?}");
    }
}

#[test]
fn a_saved_answer_is_not_saved_again_with_its_note() {
    let world = Fake::new();
    says(&world, "Blue.");
    for id in ["1", "2", "3"] {
        ask(&world, &settings(), &question("Why?"), id);
    }
    let saved = world.saved.borrow();
    let (value, _) = saved.values().next().unwrap();
    assert!(saved.len() == 1 && value.contains("\"Blue.\""), "{value}");
}

#[test]
fn off_is_off() {
    let world = Fake::new();
    for text in ["One.", "Two."] {
        says(&world, text);
        assert_eq!(
            ask(&world, &miyabi_testing::settings(), &question("Why?"), text.trim_end_matches('.')),
            text
        );
    }
    assert!(world.saved.borrow().is_empty());
}

#[test]
fn nothing_counts_elsewhere() {
    let asked = question("Why?");
    let elsewhere = Question { server: Some("7".to_owned()), ..asked.clone() };
    let alone = Question { server: None, ..asked.clone() };
    let mut other = alone.clone();
    other.asker.id = "8".to_owned();
    let mut model = settings();
    model.models.push(Model::by_binding("@cf/another/model"));
    let longer = Settings { max_tokens: 2048, ..settings() };
    let mut keys = vec![
        key(&settings(), &asked),
        key(&settings(), &elsewhere),
        key(&settings(), &alone),
        key(&settings(), &other),
        key(&model, &asked),
        key(&longer, &asked),
        key(&settings(), &question("Why not?")),
    ];
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 7);
    assert!(keys.iter().all(|key| key.contains(prompt::PERSONA)));
}

#[test]
fn who_wants_a_fresh_answer_gets_one_and_it_is_saved() {
    let world = Fake::new();
    says(&world, "Old.");
    says(&world, "New.");
    ask(&world, &settings(), &question("Why?"), "1");
    let fresh = Question { is_fresh: true, ..question("Why?") };
    assert_eq!(ask(&world, &settings(), &fresh, "2"), "New.");
    assert!(ask(&world, &settings(), &question("Why?"), "3").starts_with("New.\n-# "));
}

#[test]
fn what_took_a_tool_or_did_not_end_well_is_not_saved() {
    let world = Fake::new();
    let call = json!({ "name": "current_time", "arguments": { "time_zone": "Asia/Tokyo" } });
    world.model.borrow_mut().extend([
        Ok(json!({ "response": null, "tool_calls": [call] })),
        Ok(json!({ "response": "Noon." })),
        Ok(json!({ "choices": [{ "message": { "content": "PostOnce" }, "finish_reason": "length" }] })),
        Ok(json!({ "response": "" })),
        Ok(json!({ "response": "" })),
    ]);
    for id in ["1", "2", "3"] {
        ask(&world, &settings(), &question("When?"), id);
    }
    assert!(world.saved.borrow().is_empty() && world.model.borrow().is_empty());
}

#[test]
fn what_cannot_be_read_is_as_good_as_nothing() {
    let world = Fake::new();
    let asked = question("Why?");
    for value in ["", "{", "{\"answer\":1,\"saved_ms\":2}", "{\"answer\":\"x\"}"] {
        let key = key(&settings(), &asked);
        world.saved.borrow_mut().insert(key, (value.to_owned(), 60));
        says(&world, "Asked.");
        assert_eq!(ask(&world, &settings(), &asked, &format!("a{}", value.len())), "Asked.");
    }
}

#[test]
fn a_saved_answer_costs_nothing_so_no_budget_is_in_its_way() {
    let world = Fake::new();
    says(&world, "Blue.");
    ask(&world, &settings(), &question("Why?"), "1");
    let budgets = Budgets { asker: Some(1), ..settings().budgets };
    let poor = Settings { budgets, ..settings() };
    assert!(ask(&world, &poor, &question("Why?"), "2").starts_with("Blue.\n-# "));
    let over = ask(&world, &poor, &question("Why not?"), "3");
    assert!(over.starts_with("Blue.\n-# "), "nothing new stands in the channel: {over}");
    assert_eq!(world.job("3").unwrap().0, "ERROR");
}

#[test]
fn a_job_that_dies_anywhere_posts_the_same_answer_once() {
    for with_saved in [false, true] {
        wherever_it_dies(8, |death| {
            let world = Fake::new();
            let settings = settings();
            if with_saved {
                let saved = json!({ "answer": "Saved.", "saved_ms": world.now.get() }).to_string();
                let key = key(&settings, &question("Why?"));
                world.saved.borrow_mut().insert(key, (saved, 60));
            }
            says(&world, "Said.");
            let journal = Journal::ordered(&world, death.order);
            let job = Job::first(question("Why?"));
            world.crash_at(death.effect, death.side);
            let first = miyabi_testing::run(run_job(&world, &journal, &settings, &job));
            if first.is_none() {
                world.restart();
                says(&world, "Said.");
                miyabi_testing::run(run_job(&world, &journal, &settings, &job)).unwrap().unwrap();
            }
            let discord = world.discord.borrow();
            let posts: Vec<_> = discord.channel.iter().map(|m| m.content.as_str()).collect();
            assert_eq!(posts.len(), 2, "{death:?}: {posts:?}");
            assert!(posts[1].starts_with(if with_saved { "Saved.\n-# " } else { "Said." }));
            first.is_none()
        });
    }
}
