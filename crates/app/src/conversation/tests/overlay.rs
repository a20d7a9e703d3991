//! A summary stands over older turns, and goes with them; budgets follow what models count.

use super::*;

const BUDGET: u32 = 400;

fn context(world: &World, id: &str) -> Context {
    let begin = Command::Begin {
        submission: asked(id, "next"),
        generation: 1,
        budget_tokens: BUDGET,
        model: "m".to_owned(),
        is_told: false,
    };
    let reply = world.tell(&begin);
    let Reply::Begun { context: turns, asked, summary, is_long, .. } = reply else {
        panic!("{reply:?}")
    };
    Context { turns, asked, summary, is_long }
}

fn old(world: &World) -> Option<OldTurns> {
    old_since(world, Millis(0))
}

fn old_since(world: &World, forgotten: Millis) -> Option<OldTurns> {
    let old = Command::Old { budget_tokens: BUDGET, model: "m".to_owned(), forgotten };
    let reply = world.tell(&old);
    let Reply::Old(old) = reply else { panic!("{reply:?}") };
    old
}

fn summarize(old: &OldTurns, text: &str) -> Command {
    let OldTurns { after, until, since, .. } = *old;
    Command::Summarize { after, until, since, text: text.to_owned() }
}

/// A conversation of so many turns, each of about 40 tokens.
fn told(turns: std::ops::RangeInclusive<u32>, world: &World) {
    for nth in turns {
        world.ask(&format!("t{nth:02}"), &format!("question {nth:02}"), &"word ".repeat(12));
    }
}

#[test]
fn a_long_conversation_is_told_so_and_only_older_turns_are_summarized() {
    let world = World::new();
    assert_eq!(old(&world), None);
    told(1..=3, &world);
    assert!(!context(&world, "x1").is_long);
    assert_eq!(old(&world), None, "two turns stay whole");
    told(4..=9, &world);
    let before = context(&world, "x2");
    assert!(before.is_long && before.summary.is_none());
    let turns = old(&world).unwrap();
    assert_eq!((turns.after, turns.since), (0, Millis(BEGIN_MS)));
    assert_eq!(turns.turns[0].question, "question 01");
    assert_eq!(world.tell(&summarize(&turns, "They spoke of words.")), Reply::Summarized);
    let after = context(&world, "x3");
    assert_eq!(after.summary, Some(("They spoke of words.".to_owned(), Millis(BEGIN_MS))));
    assert!(!after.is_long, "{after:?}");
    let count = turns.turns.len();
    assert_eq!(after.turns[0].question, format!("question {:02}", count + 1));
    assert_eq!(after.turns.len() + count, 9, "none is lost, and none is read twice");
    assert_eq!(world.rows("turns"), 12, "they stay as they are");
    told(10..=16, &world);
    let more = old(&world).unwrap();
    assert_eq!(more.summary.as_deref(), Some("They spoke of words."));
    assert_eq!((more.after, more.since), (turns.until, Millis(BEGIN_MS)));
    assert_eq!(more.turns[0].question, format!("question {:02}", count + 1));
}

#[test]
fn a_summary_is_put_once_and_not_over_another_one() {
    let world = World::new();
    told(1..=9, &world);
    let turns = old(&world).unwrap();
    assert_eq!(world.tell(&summarize(&turns, "one")), Reply::Summarized);
    for text in ["one", "two"] {
        let reply = world.tell(&summarize(&turns, text));
        assert_eq!(reply, Reply::Refused(Refusal::Superseded));
    }
    assert_eq!(context(&world, "x").summary.unwrap().0, "one");
    told(10..=16, &world);
    let long = summarize(&old(&world).unwrap(), &"x".repeat(9_000));
    assert_eq!(world.tell(&long), Reply::Refused(Refusal::TooLong));
}

#[test]
fn older_turns_are_told_again_to_the_same_turn_and_otherwise_after_a_pause() {
    let world = World::new();
    told(1..=9, &world);
    let first = old(&world);
    assert!(first.is_some());
    assert_eq!(old(&world), first, "a run that is repeated");
    told(10..=12, &world);
    assert_eq!(old(&world), None);
    told(13..=13, &world);
    let second = old(&world).unwrap();
    assert_eq!(world.tell(&summarize(&second, "one")), Reply::Summarized);
    told(14..=22, &world);
    assert!(old(&world).is_some());
}

#[test]
fn a_branch_that_leaves_before_the_summary_s_end_reads_the_turns_themselves() {
    let world = World::new();
    for nth in 1..=9 {
        let message = Some(format!("m{nth}"));
        let one = Submission { message, ..asked(&format!("t{nth}"), &format!("question {nth}")) };
        world.turn(&begin(&one, 1));
        world.turn(&settle(&one, 1, &"word ".repeat(12)));
    }
    world.tell(&summarize(&old(&world).unwrap(), "the old way"));
    let edit = Submission { replaces: Some("m3".to_owned()), ..asked("e3", "question 3, edited") };
    let begun = Command::Begin {
        submission: edit.clone(),
        generation: 1,
        budget_tokens: BUDGET,
        model: String::new(),
        is_told: false,
    };
    let Reply::Begun { context: read, summary, .. } = world.tell(&begun) else { panic!() };
    assert_eq!(summary, None);
    let questions: Vec<_> = read.iter().map(|turn| turn.question.as_str()).collect();
    assert_eq!(questions, ["question 1", "question 2"]);
    world.turn(&settle(&edit, 1, &"word ".repeat(12)));
    told(20..=27, &world);
    let turns = old(&world).unwrap();
    assert!(turns.after > 0 && turns.summary.is_none());
    assert_eq!(world.tell(&summarize(&turns, "the new way")), Reply::Summarized);
    assert_eq!(context(&world, "x").summary.unwrap().0, "the new way");
}

#[test]
fn forgetting_and_deleting_take_the_summary_along() {
    for command in [
        Some(Command::Unlearn { until: Millis(BEGIN_MS) }),
        Some(Command::Delete),
        // By age.
        None,
    ] {
        let world = World::new();
        told(1..=9, &world);
        let turns = old(&world).unwrap();
        world.tell(&summarize(&turns, "a secret of theirs"));
        assert!(world.dump().iter().any(|row| row.contains("a secret")));
        match &command {
            Some(command) => drop(world.tell(command)),
            None => {
                forget(&world.store, Millis(BEGIN_MS + 1_000), 1_000).unwrap();
            }
        }
        assert!(!world.dump().iter().any(|row| row.contains("a secret")), "{command:?}");
        if command != Some(Command::Delete) {
            let read = context(&world, "x");
            assert!(read.turns.is_empty() && read.summary.is_none(), "{command:?} {read:?}");
        }
        // A run that began before comes too late.
        let reply = world.tell(&summarize(&turns, "a secret of theirs"));
        assert!(matches!(reply, Reply::Refused(_)) || command.is_none(), "{command:?} {reply:?}");
        assert!(!world.dump().iter().any(|row| row.contains("a secret")), "{command:?}");
    }
}

#[test]
fn what_was_forgotten_elsewhere_is_in_no_summary_and_takes_an_older_one_away() {
    let world = World::new();
    told(1..=9, &world);
    let turns = old(&world).unwrap();
    world.tell(&summarize(&turns, "a secret of theirs"));
    assert_eq!(old_since(&world, Millis(BEGIN_MS)), None);
    assert!(!world.dump().iter().any(|row| row.contains("a secret")));
    assert!(context(&world, "x").turns.is_empty());
}

#[test]
fn what_is_said_after_something_was_forgotten_is_read_and_summarized_again() {
    let world = World::new();
    told(1..=9, &world);
    world.tell(&Command::Unlearn { until: Millis(BEGIN_MS) });
    for nth in 20_u32..29 {
        let later = Submission {
            asked: Millis(BEGIN_MS + u64::from(nth)),
            ..asked(&format!("t{nth}"), &format!("question {nth}"))
        };
        world.turn(&begin(&later, 1));
        world.turn(&settle(&later, 1, &"word ".repeat(12)));
    }
    let turns = old(&world).unwrap();
    assert_eq!(turns.turns[0].question, "question 20");
    assert_eq!(world.tell(&summarize(&turns, "new")), Reply::Summarized);
}

#[test]
fn a_budget_follows_what_the_model_counts_within_bounds() {
    let measured =
        |estimated, counted| Some(Measured { model: "m".to_owned(), estimated, counted });
    for (estimated, counted, expected) in [
        (1_000, 1_000, 1_000),
        (1_500, 1_000, 1_500),
        (1_000, 1_500, 666),
        (100_000, 1, 2_000),
        (1, 100_000, 500),
        (0, 5, 1_000),
        (5, 0, 1_000),
    ] {
        let world = World::new();
        for nth in 0..40 {
            let submission = asked(&format!("t{nth}"), "q");
            world.turn(&begin(&submission, 1));
            let settle = Command::Settle {
                submission,
                generation: 1,
                outcome: Outcome::Done("a".to_owned()),
                measured: measured(estimated, counted),
                note: String::new(),
            };
            // The second time changes nothing.
            world.turn(&settle);
            let once = world.dump();
            world.turn(&settle);
            assert_eq!(world.dump(), once);
        }
        let sql = "SELECT permille FROM ratios WHERE model = 'm'";
        let ratio = world.store.db.query_row(sql, [], |row| row.get(0)).unwrap_or(1_000_u64);
        assert!(ratio.abs_diff(expected) <= 80, "{estimated} {counted}: {ratio}");
    }
    let world = World::new();
    told(1..=30, &world);
    let plain = context(&world, "x1").turns.len();
    world.store.db.execute("INSERT INTO ratios VALUES ('m', 500)", []).unwrap();
    let fewer = context(&world, "x2").turns.len();
    world.store.db.execute("UPDATE ratios SET permille = 2000", []).unwrap();
    let more = context(&world, "x3").turns.len();
    assert!(fewer < plain && plain < more, "{fewer} {plain} {more}");
}
