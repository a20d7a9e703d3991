//! How much is kept, and for how long.

use super::*;

#[test]
fn a_fact_that_is_too_long_and_one_too_many_are_refused() {
    let mut world = World::new();
    let long = format!("Remember that my cat {}", "x".repeat(MAX_FACT_CHARS));
    let question = world.question(&long, Place::Private);
    assert_eq!(world.recall(&question).notes, [Note::TooLong]);
    for nth in 0..MAX_FACTS {
        world.ask(&format!("Remember that I like number {nth}"));
    }
    let question = world.question("Remember that I like tea", Place::Private);
    assert_eq!(world.recall(&question).notes, [Note::Full]);
    assert_eq!(world.recall(&question).notes, [Note::Full]);
    assert_eq!(world.known().len(), 500);
    world.forget(Request::Forget { id: 7 });
    assert_eq!(world.recall(&question).notes, [], "it was asked before something was forgotten");
    let question = world.question("Remember that I like tea", Place::Private);
    assert_eq!(world.recall(&question).notes, [remembered("I like tea", None)]);
}

#[test]
fn superseded_facts_are_bounded_and_the_one_that_counts_stays() {
    let mut world = World::new();
    for nth in 0..MAX_ROWS + 20 {
        world.ask(&format!("Remember that my number is {nth}"));
    }
    let count = |sql: &str| -> u64 { world.store.db.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM facts"), MAX_ROWS);
    assert_eq!(world.known(), [format!("my number is {}", MAX_ROWS + 19)]);
    assert_eq!(count("SELECT count(*) FROM facts_index"), 1);
}

#[test]
fn no_more_is_recalled_than_there_is_room_for() {
    let mut world = World::new();
    for nth in 0..30 {
        world.ask(&format!("Remember that I like tea from garden {nth}"));
    }
    assert_eq!(world.ask("Which tea do I like?").len(), MAX_RECALLED);
    let mut question = world.question("Which tea do I like?", Place::Private);
    for budget_tokens in [0, 10, 40, 100] {
        question.budget_tokens = budget_tokens;
        let facts = world.recall(&question).facts;
        let taken: u32 = facts.iter().map(miyabi_ai::background::estimate).sum();
        assert!(taken <= budget_tokens, "{taken} {budget_tokens}");
    }
}

#[test]
fn the_same_again_is_no_second_fact() {
    let mut world = World::new();
    world.ask("Remember that I like tea");
    let question = world.question("remember that i like TEA", Place::Private);
    assert_eq!(world.recall(&question).notes, [remembered("i like TEA", None)]);
    assert_eq!(world.known(), ["I like tea"]);
}

#[test]
fn what_was_superseded_goes_with_time_and_all_of_it_when_nobody_asks_for_a_year() {
    let mut world = World::new();
    let retention = 30 * DAY_MS;
    world.ask("Remember that my cat is called Mochi");
    world.ask("Remember that my cat is called Kinako");
    let at = |world: &World| conversation::wake(&world.store, retention);
    assert_eq!(at(&world), Ok(Wake::At(Millis(BEGIN_MS + 1_000 + retention))));
    world.now.0 += 31 * DAY_MS;
    let wake = conversation::forget(&world.store, world.now, retention);
    assert_eq!(wake, Ok(Wake::At(Millis(world.now.0 + retention))));
    assert!(!world.dump().contains("Mochi"));
    assert_eq!(world.ask("What is my cat called?"), ["my cat is called Kinako"]);
    world.now.0 += 366 * DAY_MS;
    let wake = conversation::forget(&world.store, world.now, retention);
    assert_eq!(wake, Ok(Wake::Never), "nothing is left");
    assert!(!world.dump().contains("Kinako"));
}

#[test]
fn who_has_switched_it_off_stays_so() {
    let mut world = World::new();
    world.ask("Remember that my cat is called Mochi");
    world.tell(Request::Switch { is_on: false });
    world.now.0 += 500 * DAY_MS;
    let wake = conversation::forget(&world.store, world.now, DAY_MS);
    assert_eq!(wake, Ok(Wake::At(Millis(world.now.0 + DAY_MS))));
    assert_eq!((world.known().len(), world.list().is_on), (0, false));
}

#[test]
fn a_question_costs_few_rows_and_one_that_finds_nothing_none() {
    let mut world = World::new();
    let written = |world: &World| world.store.db.total_changes();
    world.ask("What is my cat called?");
    assert_eq!(written(&world), 0);
    world.ask("Remember that my cat is called Mochi");
    for (question, most) in
        [("Remember that my dog is called Pochi", 10), ("What is my dog called?", 0), ("Why?", 0)]
    {
        let before = written(&world);
        world.ask(question);
        assert!(written(&world) - before <= most, "{question}: {}", written(&world) - before);
    }
}
