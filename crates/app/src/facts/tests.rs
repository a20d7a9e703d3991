//! Requests on real `SQLite`: facts are learned once, found where they may be, superseded, and forgotten.

mod bounds;
mod moved;
mod places;
mod suite;

use core::fmt::Write as _;

use miyabi_testing::LocalStore;

use super::*;
use crate::conversation::{self, Command, Live, Wake};

/// When the world begins.
const BEGIN_MS: u64 = 1_700_000_000_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A person's object, and the time in it.
pub(super) struct World {
    pub(super) store: LocalStore,
    pub(super) now: Millis,
    asked: u32,
}

impl World {
    pub(super) fn new() -> Self {
        Self { store: LocalStore::default(), now: Millis(BEGIN_MS), asked: 0 }
    }

    pub(super) fn tell(&self, request: Request) -> Reply {
        // As it crosses from the Worker to the object and back.
        let command = serde_json::to_string(&Command::Facts(request)).unwrap();
        let reply =
            conversation::handle(&self.store, &Live::default(), self.now, &command).unwrap();
        let reply = serde_json::from_str(&reply).unwrap();
        let conversation::Reply::Facts(reply) = reply else { panic!("{reply:?}") };
        reply
    }

    /// A new question, a second after the last.
    pub(super) fn question(&mut self, text: &str, place: Place) -> Recall {
        self.asked += 1;
        self.now.0 += 1_000;
        Recall {
            turn: format!("t{}", self.asked),
            text: text.to_owned(),
            asked: self.now,
            conversation: format!("chat:{}:1", place.server()),
            place,
            budget_tokens: 1_000,
        }
    }

    pub(super) fn recall(&self, recall: &Recall) -> Recalled {
        let reply = self.tell(Request::Recall(recall.clone()));
        let Reply::Recalled(recalled) = reply else { panic!("{reply:?}") };
        recalled
    }

    /// Asks, and returns what was found.
    pub(super) fn ask_in(&mut self, text: &str, place: Place) -> Vec<String> {
        let recall = self.question(text, place);
        self.recall(&recall).facts.into_iter().map(|fact| fact.text).collect()
    }

    pub(super) fn ask(&mut self, text: &str) -> Vec<String> {
        self.ask_in(text, Place::Private)
    }

    pub(super) fn list(&self) -> Listing {
        let reply = self.tell(Request::List);
        let Reply::Listed(listing) = reply else { panic!("{reply:?}") };
        listing
    }

    pub(super) fn known(&self) -> Vec<String> {
        self.list().facts.into_iter().map(|fact| fact.text).collect()
    }

    fn forget(&self, request: Request) -> Forgotten {
        let reply = self.tell(request);
        let Reply::Forgotten(forgotten) = reply else { panic!("{reply:?}") };
        forgotten
    }

    /// Everything that is stored, the bytes of the index included.
    pub(super) fn dump(&self) -> String {
        let mut dump = String::new();
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut tables = self.store.db.prepare(sql).unwrap();
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for name in names.iter().filter(|name| *name != "facts_index") {
            let mut rows = self.store.db.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    let value: rusqlite::types::Value = row.get(column).unwrap();
                    if let rusqlite::types::Value::Blob(bytes) = value {
                        dump.push_str(&String::from_utf8_lossy(&bytes));
                    } else {
                        write!(dump, "{value:?} ").unwrap();
                    }
                }
                dump.push('\n');
            }
        }
        dump
    }
}

fn remembered(text: &str, instead: Option<&str>) -> Note {
    Note::Remembered { text: text.to_owned(), instead: instead.map(ToOwned::to_owned) }
}

#[test]
fn a_fact_is_remembered_once_and_found_by_a_later_question() {
    let mut world = World::new();
    let question = world.question("Remember that my cat is called Mochi.", Place::Private);
    for _ in 0..3 {
        let recalled = world.recall(&question);
        assert_eq!(recalled.notes, [remembered("my cat is called Mochi", None)]);
        assert_eq!(recalled.facts, [], "the question says it itself");
    }
    assert_eq!(world.known(), ["my cat is called Mochi"]);
    assert_eq!(world.ask("What is my cat called?"), ["my cat is called Mochi"]);
    assert_eq!(world.ask("What is the capital of France?"), [""; 0]);
    assert_eq!(world.ask("What do you remember about me?"), ["my cat is called Mochi"]);
    let fact = &world.list().facts[0];
    assert_eq!((fact.id, fact.source.as_str(), fact.at), (1, "t1", question.asked));
}

#[test]
fn japanese_of_two_letters_and_of_one_is_found() {
    let mut world = World::new();
    world.ask("東京都の天気を毎朝見ることを覚えておいて");
    world.ask("猫の名前はモチと覚えて");
    assert_eq!(world.ask("天気は?"), ["東京都の天気を毎朝見る"]);
    assert_eq!(world.ask("猫は?"), ["猫の名前はモチ"]);
    assert_eq!(world.ask("モチは元気かな"), ["猫の名前はモチ"]);
    assert_eq!(world.ask("日本の首都は?"), [""; 0]);
}

#[test]
fn the_newest_wins_by_a_link_and_nothing_is_overwritten() {
    let mut world = World::new();
    world.ask("Remember that my favourite colour is blue");
    let question = world.question("Remember that my favorite colour is red", Place::Private);
    world.recall(&question);
    let question = world.question("Remember that my favourite colour is green", Place::Private);
    for _ in 0..2 {
        let note = remembered("my favourite colour is green", Some("my favourite colour is blue"));
        assert_eq!(world.recall(&question).notes, [note]);
    }
    let expected = ["my favourite colour is green", "my favorite colour is red"];
    assert_eq!(world.ask("What is my favourite colour?"), expected);
    let rows: u32 =
        world.store.db.query_row("SELECT count(*) FROM facts", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 3);
    let sql = "SELECT superseded_by FROM facts WHERE seq = 1";
    let link: u32 = world.store.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(link, 3);
}

#[test]
fn what_is_forgotten_is_gone_from_rows_and_index_with_what_it_superseded() {
    let mut world = World::new();
    world.ask("Remember that my cat is called Kuroneko");
    world.ask("Remember that my cat is called Mochizuki");
    world.ask("Remember that my dog is called Pochi");
    assert!(world.dump().to_lowercase().contains("mochizuki"));
    let forgotten = world.forget(Request::Forget { id: 2 });
    let expected = Forgotten { facts: 1, at: world.now, conversations: vec!["chat::1".to_owned()] };
    assert_eq!(forgotten, expected);
    let dump = world.dump().to_lowercase();
    for word in ["mochizuki", "kuroneko"] {
        assert!(!dump.contains(word), "{word}: {dump}");
    }
    assert_eq!(world.known(), ["my dog is called Pochi"]);
    for id in [2, 1, 99] {
        assert_eq!(world.forget(Request::Forget { id }), Forgotten::default(), "{id}");
    }
    assert_eq!(world.forget(Request::ForgetAll).facts, 1);
    assert_eq!(world.forget(Request::ForgetAll).facts, 0);
    assert!(!world.dump().to_lowercase().contains("pochi"));
    world.ask("Remember that my dog is called Pochi");
    assert_eq!(world.list().facts[0].id, 4, "no number is given twice");
}

#[test]
fn a_run_that_began_before_brings_nothing_back() {
    let mut world = World::new();
    let question = world.question("Remember that my cat is called Mochi", Place::Private);
    world.recall(&question);
    world.forget(Request::ForgetAll);
    let recalled = world.recall(&question);
    assert_eq!((recalled.notes, recalled.facts), (Vec::new(), Vec::new()));
    assert_eq!(recalled.forgotten, Some(world.now));
    assert_eq!(world.known(), [""; 0]);
    world.ask("Remember that my cat is called Mochi");
    assert_eq!(world.known(), ["my cat is called Mochi"]);
}

#[test]
fn a_run_that_began_before_brings_nothing_to_who_had_nothing_remembered() {
    for request in [Request::ForgetAll, Request::Erase { until: Millis(u64::MAX >> 12) }] {
        let mut world = World::new();
        let question = world.question("Remember that my cat is called Mochi", Place::Private);
        let words = "my cat is called Mochi".to_owned();
        assert_eq!(world.forget(request).facts, 0);
        assert_eq!(world.recall(&question).notes, []);
        world.tell(Request::Learn { recall: question, words });
        assert_eq!(world.known(), [""; 0]);
        let forgotten = conversation::forget(&world.store, Millis(u64::MAX >> 11), DAY_MS);
        assert_eq!(forgotten, Ok(Wake::Never), "the time of it goes with its time");
    }
}

#[test]
fn what_was_said_after_the_wish_stays_however_often_it_is_told() {
    let mut world = World::new();
    world.ask("Remember that my cat is called Kuroneko");
    let until = world.now;
    world.ask("Remember that my dog is called Pochi");
    for facts in [1, 0, 0] {
        let forgotten = world.forget(Request::Erase { until });
        assert_eq!((forgotten.facts, forgotten.at), (facts, until));
        assert_eq!(world.known(), ["my dog is called Pochi"]);
        assert!(!world.dump().to_lowercase().contains("kuroneko"));
    }
    assert_eq!(world.ask("What is my dog called?"), ["my dog is called Pochi"]);
}

#[test]
fn who_switches_it_off_has_facts_neither_used_nor_made() {
    let mut world = World::new();
    world.ask("Remember that my cat is called Mochi");
    let Reply::Listed(listing) = world.tell(Request::Switch { is_on: false }) else { panic!() };
    assert!(!listing.is_on && listing.facts.len() == 1);
    assert_eq!(world.ask("What is my cat called?"), [""; 0]);
    let question = world.question("Remember that I live in Kyoto", Place::Private);
    assert_eq!(world.recall(&question).notes, [Note::Off]);
    assert_eq!(world.known().len(), 1);
    world.tell(Request::Switch { is_on: true });
    assert_eq!(world.ask("What is my cat called?"), ["my cat is called Mochi"]);
}

#[test]
fn who_has_nothing_remembered_has_nothing_stored() {
    let mut world = World::new();
    assert_eq!(world.ask("What is my cat called?"), [""; 0]);
    assert!(world.list().is_on);
    assert_eq!(world.forget(Request::Forget { id: 1 }), Forgotten::default());
    assert_eq!(conversation::wake(&world.store, DAY_MS), Ok(Wake::Never));
    assert_eq!(conversation::forget(&World::new().store, world.now, DAY_MS), Ok(Wake::Never));
    assert_eq!(world.dump(), "");
}

#[test]
fn a_failure_at_any_statement_leaves_nothing_half_done_and_the_next_try_succeeds() {
    let life = |world: &mut World| {
        world.ask("Remember that my cat is called Mochi");
        vec![
            Request::Recall(world.question("Remember my cat is called Kinako", Place::Private)),
            Request::Recall(world.question("Remember that I like tea", Place::Private)),
            Request::Forget { id: 2 },
            Request::Switch { is_on: false },
            Request::Switch { is_on: true },
            Request::ForgetAll,
        ]
    };
    let mut whole = World::new();
    for request in life(&mut whole) {
        whole.tell(request);
    }
    let expected = whole.dump();
    let mut most = 0;
    for nth in 0.. {
        let mut world = World::new();
        let requests = life(&mut world);
        let mut failures = 0;
        for request in requests {
            let before = world.dump();
            world.store.fails_after.set(Some(nth));
            if carry_out(&world.store, world.now, request.clone()).is_err() {
                failures += 1;
                assert_eq!(world.dump(), before, "{nth} {request:?}");
                world.store.fails_after.set(None);
                world.tell(request);
            }
            world.store.fails_after.set(None);
        }
        assert_eq!(world.dump(), expected, "{nth}");
        if failures == 0 {
            break;
        }
        most = nth;
    }
    assert!(most > 10, "{most} statements");
}
