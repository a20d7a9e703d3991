//! Wishes in the fake world, each with the sentence that its person reads.

use super::*;
use crate::conversation::{self, Command};
use crate::facts::{Place, Recall, object};
use crate::memory::once;
use crate::testing::discord;
use miyabi_core::i18n::Language;
use miyabi_core::ids::Millis;
use miyabi_core::ports::Limit;
use miyabi_testing::{Fake, question, run, settings};

fn world(facts: &[(&str, Place)]) -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &conversation::Live::default(), now, command)
    }));
    for (nth, (text, place)) in (0..).zip(facts) {
        let recall = Recall {
            turn: format!("t{nth}"),
            text: format!("Remember that {text}"),
            asked: Millis(1_700_000_000_000 + nth),
            place: place.clone(),
            conversation: "chat:1:1".to_owned(),
            budget_tokens: 0,
        };
        let command = Command::Facts(Request::Recall(recall));
        run(once(&world, &object(&question("").asker.id).unwrap(), &command)).unwrap().unwrap();
    }
    world
}

fn wished(world: &Fake, wish: Wish) -> Option<String> {
    let command = Question { language: Language::English, ..question("/memory") };
    let told = run(reply(world, &discord(world), &settings(), command, wish)).unwrap();
    world.run_waiting();
    told
}

#[test]
fn a_person_sees_everything_with_its_number_and_where_it_was_said() {
    let world = world(&[
        ("my cat is called Mochi", Place::Private),
        ("I like tea", Place::Server("7".to_owned())),
    ]);
    let expected = "**What I remember about you**\n`2` I like tea (said in a server, <t:1700000000:f>)\n\
                    `1` my cat is called Mochi (<t:1700000000:f>)";
    assert_eq!(wished(&world, Wish::List).as_deref(), Some(expected));
    let nothing = wished(&self::world(&[]), Wish::List).unwrap();
    assert!(nothing.starts_with("I remember nothing about you"), "{nothing}");
}

#[test]
fn a_long_list_is_cut_at_an_entry_and_says_how_many_are_left() {
    let texts: Vec<String> = (0..200).map(|nth| format!("I like tea from garden {nth}")).collect();
    let facts: Vec<(&str, Place)> = texts.iter().map(|it| (it.as_str(), Place::Private)).collect();
    let list = wished(&world(&facts), Wish::List).unwrap();
    assert!(list.chars().count() <= 2_000);
    let shown = list.lines().filter(|line| line.starts_with('`')).count();
    assert!(shown > 20, "{shown}");
    assert!(
        list.ends_with(&format!("\n… and {} more: `/memory export` has all of them.", 200 - shown))
    );
    assert!(list.contains("garden 199"), "the newest first");
}

#[test]
fn one_thing_and_everything_is_forgotten() {
    let world = world(&[("I like tea", Place::Private), ("I like rain", Place::Private)]);
    let forgotten = wished(&world, Wish::Forget { id: 1 }).unwrap();
    assert!(forgotten.starts_with("Forgotten. "), "{forgotten}");
    assert!(world.conversations.borrow().contains_key("chat:1:1"), "it was told");
    let nothing = wished(&world, Wish::Forget { id: 1 }).unwrap();
    assert!(nothing.starts_with("There is nothing to forget"), "{nothing}");
    assert!(!wished(&world, Wish::List).unwrap().contains("tea"));
    wished(&world, Wish::ForgetAll);
    assert!(!wished(&world, Wish::List).unwrap().contains("rain"));
}

#[test]
fn it_is_switched_off_and_on() {
    let world = world(&[("I like tea", Place::Private)]);
    assert!(wished(&world, Wish::Switch { is_on: false }).unwrap().starts_with("Memory is off"));
    assert!(wished(&world, Wish::List).unwrap().starts_with("Memory is off: "));
    assert!(wished(&world, Wish::Switch { is_on: true }).unwrap().starts_with("Memory is on"));
    assert!(wished(&world, Wish::List).unwrap().starts_with("**What I remember"));
}

#[test]
fn an_export_comes_as_a_file_to_the_person_alone() {
    let world = world(&[
        ("I \"like\" tea", Place::Private),
        ("I like rain", Place::Server("7".to_owned())),
    ]);
    world.discord.borrow_mut().reply = Some(String::new());
    assert_eq!(wished(&world, Wish::Export), None);
    let requests = world.discord.borrow().requests.clone();
    let sent = requests.last().unwrap();
    assert!(sent.url.contains("/messages/@original"), "{}", sent.url);
    let listing = run(owner::list(&world, &question("").asker.id)).unwrap().unwrap();
    let file: serde_json::Value = serde_json::from_str(&export(&listing)).unwrap();
    let fact = &file["facts"][0];
    assert_eq!((fact["id"].as_str(), fact["text"].as_str()), (Some("1"), Some("I \"like\" tea")));
    assert_eq!(fact["at"], "2023-11-14T22:13:20Z");
    assert_eq!((fact["source"].as_str(), fact["server"].as_str()), (Some("t0"), None));
    assert_eq!(file["facts"][1]["server"], "7");
}

#[test]
fn who_cannot_be_told_reads_why() {
    let world = world(&[]);
    let off = Settings { is_remembering: false, ..settings() };
    let command = Question { language: Language::English, ..question("/memory") };
    let told = run(reply(&world, &discord(&world), &off, command, Wish::List)).unwrap();
    assert_eq!(told.as_deref(), Some(words::NOT_AVAILABLE.in_language(Language::English)));
    world.conversation_faults.set(100);
    let apology = sentence(Notice::TryAgain, Language::English);
    assert_eq!(wished(&world, Wish::List).as_deref(), Some(apology));
    assert!(matches!(world.events.borrow().first(), Some(Event::MemoryFailed { .. })));
    world.exhausted.borrow_mut().push((Limit::Asker, question("").asker.id));
    let crowded = sentence(Notice::Crowded, Language::English);
    assert_eq!(wished(&world, Wish::List).as_deref(), Some(crowded));
}
