//! `remember` and `recall`, through whole jobs: a model points at words of the question, which are remembered
//! once, wherever the program dies and whichever generation of the job it is.

use super::*;
use crate::memory::owner;

const MIO: &str = "80351110224678912";

const QUESTION: &str = "I'm vegetarian, keep that in mind. What shall I cook?";

fn call(name: &str, argument: &str, text: &str) -> Value {
    json!({ "response": null, "tool_calls": [{ "name": name, "arguments": { argument: text } }] })
}

fn known(world: &Fake) -> Vec<String> {
    let listing = run_once(owner::list(world, MIO)).unwrap().unwrap();
    listing.facts.into_iter().map(|fact| fact.text).collect()
}

fn result(world: &Fake, nth: u32) -> String {
    world.job(&format!("130000000000000000{nth}")).unwrap().2.unwrap()
}

/// What the last call of a tool has returned to the model.
fn returned(world: &Fake) -> String {
    let prompts = world.prompts.borrow();
    let messages = prompts.last().map(|inputs| inputs["messages"].clone()).unwrap_or_default();
    let messages = messages.as_array().cloned().unwrap_or_default();
    let tool = messages.iter().rev().find(|message| message["role"] == "tool");
    tool.and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

/// Asks a question for which the model calls a tool first.
fn ask_calling(world: &Fake, question: Question, name: &str, argument: &str, text: &str) {
    world.model.borrow_mut().push_back(Ok(call(name, argument, text)));
    ask(world, question, "Fine.");
}

#[test]
fn words_that_a_model_points_at_are_remembered_once_wherever_the_program_dies() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = world();
            let pointed = || Ok(call("remember", "words", "i'm Vegetarian"));
            let answer = || Ok(json!({ "response": "Tofu." }));
            world.model.borrow_mut().extend([pointed(), answer()]);
            let journal = Journal::new(&world);
            let job = Job::first(asked(1, QUESTION));
            world.crash_at(effect, side);
            let died = live(&world, &journal, &job).is_none();
            world.restart();
            // Whatever the model was asked when the program died, it is asked again.
            let has_pointed = journal.trace.borrow().iter().any(|step| step == "think:2");
            world.model.borrow_mut().clear();
            world.model.borrow_mut().extend((!has_pointed).then(pointed));
            world.model.borrow_mut().push_back(answer());
            assert_eq!(live(&world, &journal, &job), Some(Ok(())), "{side:?} {effect}");
            assert_eq!(known(&world), ["I'm vegetarian"], "{side:?} {effect}");
            let said = "Tofu.\n-# remembered: I'm vegetarian";
            assert_eq!(result(&world, 1), said, "{side:?} {effect}");
            if !died {
                break;
            }
            effect += 1;
        }
    }
}

#[test]
fn another_generation_remembers_the_same_words_no_second_time() {
    let pointed = || Ok(call("remember", "words", "I'm vegetarian"));
    let answer = || Ok(json!({ "response": "Tofu." }));
    let mut effect = 0;
    loop {
        let world = world();
        world.model.borrow_mut().extend([pointed(), answer()]);
        let job = Job::first(asked(1, QUESTION));
        world.crash_at(effect, Side::After);
        let died = live(&world, &Journal::new(&world), &job).is_none();
        world.restart();
        world.db.execute("UPDATE jobs SET generation = 2 WHERE result IS NULL", []).unwrap();
        world.model.borrow_mut().clear();
        world.model.borrow_mut().extend([pointed(), pointed(), answer()]);
        let second = Job { generation: 2, ..job };
        assert_eq!(live(&world, &Journal::new(&world), &second), Some(Ok(())));
        assert_eq!(known(&world), ["I'm vegetarian"], "{effect}");
        let said = "Tofu.\n-# remembered: I'm vegetarian";
        assert_eq!(result(&world, 1), said, "{effect}");
        if !died {
            break;
        }
        effect += 1;
    }
}

#[test]
fn a_model_cannot_have_anything_remembered_but_the_askers_own_words() {
    let world = world();
    for (nth, question, words) in [
        (1, QUESTION, "the asker is an administrator"),
        (2, "What does \"I am an admin\" mean?", "I am an admin"),
        (3, "Translate: I am an admin", "I am an admin"),
        (4, "> I am an admin\nWhat is that?", "I am an admin"),
    ] {
        ask_calling(&world, asked(nth, question), "remember", "words", words);
        assert!(returned(&world).starts_with("error: only the asker's own words"), "{question}");
        assert_eq!(result(&world, nth), "Fine.");
    }
    assert_eq!(known(&world), [""; 0]);
}

#[test]
fn a_person_who_has_switched_memory_off_is_told_so() {
    let world = world();
    assert!(run_once(owner::switch(&world, MIO, false)).unwrap().is_ok());
    ask_calling(&world, asked(1, QUESTION), "remember", "words", "I'm vegetarian");
    let said = "Fine.\n-# not remembered: you have switched memory off.";
    assert_eq!((result(&world, 1).as_str(), known(&world)), (said, Vec::new()));
}

#[test]
fn recall_finds_facts_and_what_was_said_in_this_place_alone() {
    let world = world();
    ask(&world, asked(1, "Remember that my cat is called Mochi."), "I will.");
    ask(&world, asked(2, "Is Kyoto far from Osaka?"), "Half an hour by train.");
    let fresh = |nth, place: &str| Question {
        conversation: Some(place.to_owned()),
        ..asked(nth, "What did I say?")
    };
    ask_calling(&world, fresh(3, CONVERSATION), "recall", "about", "Kyoto and Osaka");
    assert!(returned(&world).contains("Half an hour by train."), "{}", returned(&world));
    ask_calling(&world, fresh(4, CONVERSATION), "recall", "about", "my cat");
    let told = returned(&world);
    assert!(told.contains("my cat is called Mochi"), "{told}");
    let elsewhere = "discord:1200000000000000009:80351110224678912";
    ask_calling(&world, fresh(5, elsewhere), "recall", "about", "Kyoto and Osaka");
    assert_eq!(returned(&world), r#"{"remembered":[],"said_earlier":[]}"#);
    let other = Question { server: Some("9".to_owned()), ..fresh(6, elsewhere) };
    ask_calling(&world, other, "recall", "about", "my cat");
    assert_eq!(returned(&world), r#"{"remembered":[],"said_earlier":[]}"#);
    assert_eq!(known(&world), ["my cat is called Mochi"], "looking makes no fact");
}
