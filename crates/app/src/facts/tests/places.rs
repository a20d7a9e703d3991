//! Facts are known where they may be, and to nobody else.

use std::collections::BTreeMap;

use super::*;

fn server(id: &str) -> Place {
    Place::Server(id.to_owned())
}

#[test]
fn what_was_said_alone_is_not_told_among_others_and_the_other_way_round_it_is() {
    let mut world = World::new();
    world.ask("Remember that my cat is called Mochi");
    world.ask_in("Remember that my dog is called Pochi", server("7"));
    for (place, expected) in [
        (Place::Private, vec!["my dog is called Pochi", "my cat is called Mochi"]),
        (server("7"), vec!["my dog is called Pochi"]),
        (server("8"), vec![]),
    ] {
        let mut found = world.ask_in("What are my cat and my dog called?", place.clone());
        found.sort();
        found.reverse();
        assert_eq!(found, expected, "{place:?}");
        let mut all = world.ask_in("What do you remember about me?", place.clone());
        all.sort();
        all.reverse();
        assert_eq!(all, expected, "{place:?}");
    }
    assert_eq!(world.known().len(), 2, "the list is the person's alone");
}

#[test]
fn a_newer_fact_that_was_said_alone_neither_hides_nor_reveals_anything_in_a_server() {
    let mut world = World::new();
    world.ask_in("Remember that my cat is called Mochi", server("7"));
    world.ask("Remember that my cat is called Kinako");
    let question = "What is my cat called?";
    assert_eq!(world.ask_in(question, server("7")), ["my cat is called Mochi"]);
    assert_eq!(world.ask(question), ["my cat is called Kinako"]);
    world.ask_in("Remember that my cat is called Azuki", server("8"));
    assert_eq!(world.ask_in(question, server("7")), ["my cat is called Mochi"]);
    assert_eq!(world.ask_in(question, server("8")), ["my cat is called Azuki"]);
    assert_eq!(world.ask(question), ["my cat is called Azuki"], "the newest");
}

/// A sequence of numbers that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Three persons say and forget things in four places in any order; each fact names its person and place, and
/// no reply ever has a word of another person's, nor of a place that may not be known there.
#[test]
fn no_sequence_of_requests_shows_another_person_s_facts_or_those_of_another_place() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut worlds: BTreeMap<usize, World> = (0..3).map(|who| (who, World::new())).collect();
        for step in 0..60 {
            let who = dice.below(3);
            let place =
                [Place::Private, server("7"), server("8"), server("9")][dice.below(4)].clone();
            let world = worlds.get_mut(&who).unwrap();
            let found = match dice.below(10) {
                0..4 => {
                    let secret = format!("secret{who}x{}x{step}", place.server());
                    world.ask_in(&format!("Remember that my word is {secret}"), place.clone())
                }
                4..7 => world.ask_in("What is my word?", place.clone()),
                7 => world.ask_in("What do you know about me?", place.clone()),
                8 => {
                    let facts = world.list().facts;
                    if !facts.is_empty() {
                        let id = facts[dice.below(facts.len())].id;
                        world.tell(Request::Forget { id });
                        assert!(world.list().facts.iter().all(|fact| fact.id != id));
                    }
                    Vec::new()
                }
                _ => {
                    world.tell(Request::ForgetAll);
                    assert!(!world.dump().contains("secret"));
                    Vec::new()
                }
            };
            for fact in found {
                let owned = format!("secret{who}x");
                assert!(fact.contains(&owned), "{seed} {step}: {fact}");
                if place != Place::Private {
                    assert!(
                        fact.contains(&format!("{owned}{}x", place.server())),
                        "{seed}: {fact}"
                    );
                }
            }
        }
        for (who, world) in &worlds {
            let dump = world.dump();
            for other in (0..3).filter(|other| other != who) {
                assert!(!dump.contains(&format!("secret{other}x")));
            }
        }
    }
}
