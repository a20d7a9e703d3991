//! A link shows what was shared, until it ends, is taken back, or its conversation is deleted.

use super::*;
use crate::conversation::{self, Live, Outcome, Submission};
use crate::{chat, conversations, jobs};
use miyabi_core::ids::Millis;
use miyabi_testing::{Fake, run, wherever_it_dies};

fn place() -> Place {
    Place { owner: "mio".to_owned(), id: "c1".to_owned(), name: "web:c1:mio".to_owned() }
}

fn say(world: &Fake, turn: &str, text: &str) {
    let submission = Submission::new(turn, text, world.now());
    let outcome = Outcome::Done(format!("{text}!"));
    let (measured, note) = (None, String::new());
    let settle = Command::Settle { submission, generation: 1, outcome, measured, note };
    run(memory::persist(world, &place().name, &settle)).unwrap().unwrap();
}

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    run(conversations::touch(&world, "mio", "c1", "Tea", Millis(1_800_000_000_000)))
        .unwrap()
        .unwrap();
    say(&world, "t1", "one");
    world
}

/// Much later than any clock of a database says.
const LATER: u64 = 9_000_000_000;

fn link(world: &Fake) -> ShareToken {
    let shared = run(share(world, &place(), LATER)).unwrap().unwrap();
    let Shared::Link(token) = shared else { panic!("{shared:?}") };
    token
}

fn shown(world: &Fake, token: &ShareToken) -> Option<Vec<String>> {
    let share = run(find(world, token)).unwrap().unwrap()?;
    assert_eq!(share.title, "Tea");
    let page = run(read(world, &place().name, &share)).unwrap().unwrap();
    Some(page.turns.into_iter().map(|turn| turn.question).collect())
}

fn rows(world: &Fake) -> u32 {
    world.db.query_row("SELECT count(*) FROM shares", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_link_shows_what_was_said_until_then_and_the_next_one_takes_its_place() {
    let world = world();
    let first = link(&world);
    say(&world, "t2", "two");
    let renamed = conversations::rename(&world, "mio", "c1", "Private");
    assert!(run(renamed).unwrap().unwrap());
    assert_eq!(shown(&world, &first), Some(vec!["one".to_owned()]));
    assert!(run(conversations::rename(&world, "mio", "c1", "Tea")).unwrap().unwrap());
    let second = link(&world);
    assert_eq!(shown(&world, &first), None);
    assert_eq!(shown(&world, &second), Some(vec!["two".to_owned(), "one".to_owned()]));
    let hash: String = world.db.query_row("SELECT hash FROM shares", [], |row| row.get(0)).unwrap();
    assert_eq!((rows(&world), hash), (1, second.hash()));
}

#[test]
fn a_link_ends_when_it_is_taken_back_or_over_or_its_conversation_is_deleted() {
    let world = world();
    let taken_back = link(&world);
    run(revoke(&world, "rin", "c1")).unwrap().unwrap();
    assert!(shown(&world, &taken_back).is_some());
    for _ in 0..2 {
        run(revoke(&world, "mio", "c1")).unwrap().unwrap();
        assert_eq!(shown(&world, &taken_back), None);
    }
    let over = run(share(&world, &place(), 1)).unwrap().unwrap();
    let Shared::Link(over) = over else { panic!("{over:?}") };
    assert_eq!((shown(&world, &over), rows(&world)), (None, 1));
    run(jobs::forget(&world, 30)).unwrap().unwrap();
    assert_eq!(rows(&world), 0);
    let deleted = link(&world);
    assert_eq!(run(chat::delete(&world, &place())).unwrap(), Ok(true));
    assert_eq!((shown(&world, &deleted), rows(&world)), (None, 0));
    assert_eq!(run(share(&world, &place(), LATER)).unwrap(), Ok(Shared::Empty));
}

#[test]
fn there_is_one_link_wherever_the_program_dies() {
    wherever_it_dies(1, |death| {
        let world = world();
        world.crash_at(death.effect, death.side);
        let died = run(share(&world, &place(), LATER)).is_none();
        world.restart();
        let token = link(&world);
        assert_eq!(rows(&world), 1, "{death:?}");
        assert!(shown(&world, &token).is_some(), "{death:?}");
        died
    });
}
