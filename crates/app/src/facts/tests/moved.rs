//! Facts move from one object to another: each once, and of two on one subject the newer counts.

use super::*;

fn packed(world: &World) -> Listing {
    let reply = world.tell(Request::Pack);
    let Reply::Listed(listing) = reply else { panic!("{reply:?}") };
    listing
}

/// Moves everything, and returns how much was adopted.
fn moved(from: &World, to: &World) -> usize {
    let reply = to.tell(Request::Adopt(packed(from)));
    let Reply::Listed(known) = reply else { panic!("{reply:?}") };
    let ids: Vec<_> = known.facts.iter().map(|fact| fact.id).collect();
    from.tell(Request::Leave { ids });
    known.facts.len()
}

#[test]
fn each_fact_moves_once_with_where_and_when_it_was_said() {
    let (mut from, to) = (World::new(), World::new());
    from.ask("Remember that my cat is called Mochi.");
    from.ask_in("Remember that I bake bread.", Place::Server("8".to_owned()));
    let said = from.list().facts;
    // The reply was lost, and it is done again.
    to.tell(Request::Adopt(packed(&from)));
    assert_eq!(moved(&from, &to), 2);
    assert_eq!((moved(&from, &to), from.known().len()), (0, 0));
    let now = to.list().facts;
    let what = |facts: &[Fact]| -> Vec<_> {
        let facts = facts.iter().cloned();
        facts.map(|Fact { text, source, server, at, .. }| (text, source, server, at)).collect()
    };
    assert_eq!(what(&now), what(&said));
    assert_eq!([&from, &to].map(|world| world.dump().contains("Mochi")), [false, true]);
}

#[test]
fn a_run_that_is_repeated_where_they_were_brings_nothing_back() {
    let (mut from, to) = (World::new(), World::new());
    let question = from.question("Remember that my cat is called Mochi.", Place::Private);
    from.recall(&question);
    assert_eq!(moved(&from, &to), 1);
    assert_eq!(from.recall(&question).notes, []);
    assert_eq!(from.known(), [""; 0]);
    from.ask("Remember that I bake bread.");
    assert_eq!(from.known().len(), 1, "what is said later is remembered");
}

#[test]
fn of_two_on_one_subject_the_one_counts_that_was_said_last() {
    for is_newer in [true, false] {
        let (mut from, mut to) = (World::new(), World::new());
        if is_newer {
            from.now.0 += DAY_MS;
        } else {
            to.now.0 += DAY_MS;
        }
        from.ask("Remember that my cat is called Mochi.");
        to.ask("Remember that my cat is called Pochi.");
        assert_eq!(moved(&from, &to), 1);
        let name = if is_newer { "Mochi" } else { "Pochi" };
        assert_eq!(to.known(), [format!("my cat is called {name}")]);
    }
}

#[test]
fn what_there_is_no_room_for_stays_and_so_does_what_is_switched_off() {
    let (mut from, mut to) = (World::new(), World::new());
    for number in 0..MAX_FACTS {
        to.ask(&format!("Remember that my locker {number} is full."));
    }
    from.ask("Remember that I bake bread.");
    assert_eq!((moved(&from, &to), from.known().len()), (0, 1));
    from.tell(Request::Switch { is_on: false });
    let empty = World::new();
    assert_eq!((moved(&from, &empty), from.known().len()), (0, 1));
}

#[test]
fn a_conversation_that_may_repeat_what_has_moved_is_told_when_that_is_forgotten() {
    let (mut from, to) = (World::new(), World::new());
    from.ask("Remember that my cat is called Mochi.");
    assert_eq!(moved(&from, &to), 1);
    assert_eq!(to.forget(Request::ForgetAll).conversations, ["chat::1"]);
    assert!(packed(&World::new()).facts.is_empty());
}
