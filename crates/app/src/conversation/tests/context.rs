//! What a model reads before the question.

use super::*;
use miyabi_ai::history::estimate;

fn context_of(world: &World, submission: &Submission, budget_tokens: u32) -> Vec<Exchange> {
    let begin = Command::Begin {
        submission: submission.clone(),
        generation: 1,
        budget_tokens,
        model: String::new(),
        is_told: false,
    };
    let reply = world.tell(&begin);
    let Reply::Begun { context, .. } = reply else { panic!("{reply:?}") };
    context
}

fn questions(context: &[Exchange]) -> Vec<&str> {
    context.iter().map(|exchange| exchange.question.as_str()).collect()
}

#[test]
fn the_newest_turns_that_fit_are_read_oldest_first_and_each_is_whole() {
    let world = World::new();
    for number in 1..=9 {
        world.ask(&format!("t{number}"), &format!("q{number}"), "a");
    }
    let next = asked("t10", "next");
    let one = estimate(&Exchange { question: "q1".to_owned(), answer: "a".to_owned() });
    for (budget, expected) in [
        (6_000, &["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9"][..]),
        (3 * one, &["q7", "q8", "q9"]),
        (3 * one + 2, &["q7", "q8", "q9"]),
        (0, &[]),
    ] {
        let context = context_of(&world, &next, budget);
        assert_eq!(questions(&context), expected, "{budget}");
        assert!(context.iter().map(estimate).sum::<u32>() <= budget);
    }
}

#[test]
fn the_turn_before_is_shortened_rather_than_left_out() {
    for unit in ["word ", "あ"] {
        let world = World::new();
        world.ask("t1", "the first", "short");
        world.ask("t2", "sum this up", &format!("BEGIN{}END", unit.repeat(5_000)));
        let context = context_of(&world, &asked("t3", "shorter?"), 1_000);
        let Some(Exchange { question, answer }) = context.last() else { panic!("nothing") };
        assert_eq!(question, "sum this up");
        assert!(answer.starts_with("BEGIN") && answer.ends_with("END"), "{answer}");
        assert!(context.iter().map(estimate).sum::<u32>() <= 1_000);
    }
}

#[test]
fn a_turn_without_an_answer_is_not_read_and_hides_none_before_it() {
    let world = World::new();
    world.ask("t1", "one", "1");
    world.turn(&begin(&asked("t2", "fails"), 1));
    world.turn(&fail(&asked("t2", "fails"), 1));
    world.turn(&begin(&asked("t3", "still runs"), 1));
    assert_eq!(questions(&context_of(&world, &asked("t4", "four"), 6_000)), ["one"]);
    world.turn(&settle(&asked("t3", "still runs"), 1, "3"));
    world.turn(&settle(&asked("t4", "four"), 1, "4"));
    let context = context_of(&world, &asked("t5", "five"), 6_000);
    assert_eq!(questions(&context), ["one", "still runs", "four"]);
}

#[test]
fn an_edit_is_answered_with_what_was_said_before_its_place_only() {
    let world = World::new();
    world.ask("t1", "one", "1");
    world.ask("t2", "two", "2");
    world.ask("t3", "three", "3");
    let edit = Submission { replaces: Some("t2-q".to_owned()), ..asked("t4", "two, edited") };
    assert_eq!(questions(&context_of(&world, &edit, 6_000)), ["one"]);
    world.turn(&settle(&edit, 1, "2'"));
    let context = context_of(&world, &asked("t5", "three, anew"), 6_000);
    assert_eq!(questions(&context), ["one", "two, edited"]);
    let again = Submission { again: Some("t3-a".to_owned()), ..asked("t6", "") };
    assert_eq!(questions(&context_of(&world, &again, 6_000)), ["one", "two"]);
}

#[test]
fn the_same_run_again_reads_nothing_of_its_own_turn() {
    let world = World::new();
    world.ask("t1", "one", "1");
    let two = asked("t2", "two");
    assert_eq!(questions(&context_of(&world, &two, 6_000)), ["one"]);
    world.turn(&settle(&two, 1, "2"));
    assert_eq!(questions(&context_of(&world, &two, 6_000)), ["one"]);
}

#[test]
fn a_long_conversation_costs_its_newest_turn_no_more_than_a_short_one() {
    let written = |turns: u32| {
        let world = World::new();
        for number in 0..turns {
            world.ask(&format!("t{number}"), "q", "a");
        }
        let before = (world.store.statements.get(), world.store.db.total_changes());
        world.ask("last", "q", "a");
        let statements = world.store.statements.get() - before.0;
        (statements, world.store.db.total_changes() - before.1)
    };
    assert_eq!(written(2), written(500));
    // Two rows of the conversation, three of the turn; with two indices, which `total_changes` leaves out,
    // that is nine of the twelve that a turn may write.
    assert_eq!(written(2).1, 5);
}
