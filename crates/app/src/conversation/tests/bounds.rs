//! What is stored is bounded, and goes when it is to go.

use super::*;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Sets a count of the conversation, as years of talk would.
fn fill(world: &World, column: &str, value: u64) {
    let sql = format!("UPDATE conversation SET {column} = ?1");
    world.store.db.execute(&sql, [value.to_string()]).unwrap();
}

#[test]
fn a_question_that_is_too_long_is_refused_and_one_of_the_longest_is_not() {
    let world = World::new();
    let longest = "あ".repeat(MAX_QUESTION_BYTES / 3);
    let refused = Reply::Refused(Refusal::TooLong);
    let more = asked("t1", &format!("{longest}abc"));
    assert_eq!(world.tell(&Command::Submit(more)), refused);
    assert_eq!(world.turn(&Command::Submit(asked("t1", &longest))).question, longest);
}

#[test]
fn an_answer_that_is_too_long_loses_its_middle() {
    let world = World::new();
    for (turn, unit) in [("t1", "a"), ("t2", "あ"), ("t3", "🦆")] {
        let long = format!("BEGIN{}END", unit.repeat(MAX_ANSWER_BYTES));
        let answer = world.ask(turn, "hi", &long).answer.unwrap();
        assert!(answer.len() <= MAX_ANSWER_BYTES && answer.len() > MAX_ANSWER_BYTES - 32);
        assert!(answer.starts_with("BEGIN") && answer.ends_with("END"));
    }
}

#[test]
fn a_full_conversation_takes_no_more_and_still_answers() {
    for (column, most) in [("turns", MAX_TURNS), ("bytes", MAX_STORED_BYTES)] {
        let world = World::new();
        world.ask("t1", "one", "1");
        world.turn(&begin(&asked("t2", "two"), 1));
        fill(&world, column, most);
        let before = world.dump();
        let refused = Reply::Refused(Refusal::Full);
        assert_eq!(world.tell(&Command::Submit(asked("t3", "three"))), refused);
        assert_eq!(world.tell(&begin(&asked("t3", "three"), 1)), refused);
        assert_eq!(world.dump(), before);
        assert_eq!(world.turn(&settle(&asked("t2", "two"), 1, "2")).state, "done");
    }
}

#[test]
fn what_was_deleted_is_gone_and_no_late_run_brings_it_back() {
    let world = World::new();
    world.ask("t1", "one", "1");
    let two = asked("t2", "two");
    world.turn(&begin(&two, 1));
    world.turn(&append("t2", 1, "tw"));
    assert_eq!(world.tell(&Command::Delete), Reply::Deleted);
    for command in [
        settle(&two, 1, "2"),
        begin(&two, 2),
        append("t2", 1, "o"),
        stop("t2"),
        Command::Submit(asked("t3", "three")),
        Command::Look { turn: None, from: 0 },
        Command::Read { before: None, limit: 10 },
    ] {
        assert_eq!(world.tell(&command), Reply::Refused(Refusal::Deleted), "{command:?}");
    }
    assert_eq!(world.rows("turns"), 0);
    let text = "SELECT count(*) FROM conversation WHERE deleted_ms IS NOT NULL AND bytes = 0";
    assert_eq!(world.store.db.query_row(text, [], |row| row.get::<_, u32>(0)).unwrap(), 1);
}

#[test]
fn a_conversation_that_never_was_can_be_deleted() {
    let world = World::new();
    assert_eq!(world.tell(&Command::Delete), Reply::Deleted);
    let late = world.tell(&settle(&asked("t1", "hi"), 1, "hello"));
    assert_eq!(late, Reply::Refused(Refusal::Deleted));
}

#[test]
fn turns_are_forgotten_when_they_are_old_and_the_rest_goes_on() {
    let mut world = World::new();
    world.ask("t1", "old", "雅");
    let new = Submission { asked: Millis(BEGIN_MS + 10 * DAY_MS), ..asked("t2", "new") };
    world.turn(&begin(&new, 1));
    world.turn(&append("t2", 1, "ne"));
    world.turn(&settle(&new, 1, "news"));
    assert_eq!(wake(&world.store, 30 * DAY_MS), Ok(Wake::At(Millis(BEGIN_MS + 30 * DAY_MS))));
    let early = Millis(BEGIN_MS + 30 * DAY_MS - 1);
    let at = |days: u64| Ok(Wake::At(Millis(BEGIN_MS + days * DAY_MS)));
    assert_eq!(forget(&world.store, early, 30 * DAY_MS), at(30));
    world.now = Millis(BEGIN_MS + 30 * DAY_MS);
    assert_eq!(forget(&world.store, world.now, 30 * DAY_MS), at(40));
    assert_eq!(forget(&world.store, world.now, 30 * DAY_MS), at(40));
    assert_eq!(world.turn(&Command::Look { turn: None, from: 0 }).messages, 2);
    let Reply::Page(page) = world.tell(&Command::Read { before: None, limit: 9 }) else { panic!() };
    assert_eq!((page.turns.len(), page.turns[0].parent.clone()), (1, None));
    let bytes = "SELECT bytes FROM conversation";
    assert_eq!(world.store.db.query_row(bytes, [], |row| row.get::<_, u32>(0)).unwrap(), 7);
    assert_eq!(forget(&world.store, Millis(BEGIN_MS + 40 * DAY_MS), 30 * DAY_MS), Ok(Wake::Never));
    assert_eq!(world.rows("turns"), 0);
}

#[test]
fn the_mark_of_a_deleted_conversation_stays_as_long_as_anything_does() {
    let world = World::new();
    world.ask("t1", "one", "1");
    world.tell(&Command::Delete);
    let at = Millis(BEGIN_MS + 30 * DAY_MS);
    assert_eq!(wake(&world.store, 30 * DAY_MS), Ok(Wake::At(at)));
    assert_eq!(forget(&world.store, Millis(at.0 - 1), 30 * DAY_MS), Ok(Wake::At(at)));
    assert_eq!(forget(&world.store, at, 30 * DAY_MS), Ok(Wake::Never));
    assert_eq!(world.rows("conversation"), 0);
}
