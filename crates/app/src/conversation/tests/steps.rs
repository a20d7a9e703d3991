//! Rounds of tools are told where they are, once, to readers that were cut and by runs that begin again.

use super::*;
use miyabi_core::conversation::{Chunk, End, Step, StepState};

const FIRST: &str = "1-2";

fn step(id: &str, state: StepState) -> Command {
    let step = Step { id: id.to_owned(), state, tools: vec!["weather".to_owned()] };
    Command::Step { turn: "t1".to_owned(), generation: 1, step }
}

fn entries(world: &World, from: u64) -> Vec<Entry> {
    let reply = world.tell(&Command::Look { turn: Some("t1".to_owned()), from });
    let Reply::Seen { entries, .. } = reply else { panic!("{reply:?}") };
    entries
}

/// What a reader is told, in words.
fn told(entries: &[Entry]) -> Vec<String> {
    let words = entries.iter().map(|entry| match &entry.chunk {
        Chunk::Part => "part".to_owned(),
        Chunk::Text(text) => text.clone(),
        Chunk::Step(step) => format!("{} {:?}", step.id, step.state),
        Chunk::End(end) => format!("{end:?}"),
    });
    words.collect()
}

fn begun() -> (World, Submission) {
    let (world, one) = (World::new(), asked("t1", "hi"));
    world.turn(&begin(&one, 1));
    (world, one)
}

#[test]
fn tools_are_told_before_the_text_and_after_what_was_said_before_them() {
    let (world, one) = begun();
    assert!(world.turn(&step(FIRST, StepState::Running)).is_new);
    assert_eq!(told(&entries(&world, 0)), ["1-2 Running"]);
    world.turn(&step(FIRST, StepState::Done));
    world.turn(&append("t1", 1, "Let me see"));
    world.turn(&step("1-3", StepState::Running));
    world.turn(&step("1-3", StepState::Failed));
    world.turn(&append("t1", 1, "It is"));
    world.turn(&settle(&one, 1, "It is noon."));
    let expected = [
        "1-2 Running",
        "1-2 Done",
        "part",
        "Let me see",
        "1-3 Running",
        "1-3 Failed",
        "part",
        "It is noon.",
        "Done",
    ];
    let all = entries(&world, 0);
    assert_eq!(told(&all), expected);
    assert!(all.windows(2).all(|pair| pair[0].index < pair[1].index));
    // Also later, and whoever was cut goes on.
    world.evict();
    for (number, entry) in all.iter().enumerate() {
        assert_eq!(entries(&world, entry.index), all[number + 1..]);
    }
}

#[test]
fn a_round_that_is_told_twice_or_late_changes_nothing() {
    let (world, _) = begun();
    for state in [StepState::Done, StepState::Running, StepState::Failed] {
        world.turn(&step(FIRST, state));
    }
    world.turn(&append("t1", 1, "It is"));
    // The step of the run begins again.
    assert!(!world.turn(&step(FIRST, StepState::Running)).is_new);
    world.turn(&append("t1", 1, "It"));
    world.turn(&append("t1", 1, "It is noon"));
    let expected = ["1-2 Running", "1-2 Done", "part", "It is noon"];
    assert_eq!(told(&entries(&world, 0)), expected);
    let late = Command::Step {
        turn: "t1".to_owned(),
        generation: 0,
        step: Step { id: "0-2".to_owned(), state: StepState::Running, tools: Vec::new() },
    };
    assert_eq!(world.tell(&late), Reply::Refused(Refusal::Superseded));
}

#[test]
fn a_round_is_one_row_and_the_words_after_it_wait_for_none() {
    let (world, _) = begun();
    let rows = |command: &Command| {
        let before = world.said();
        world.turn(command);
        world.said() != before
    };
    assert!(rows(&step(FIRST, StepState::Running)));
    assert!(!rows(&step(FIRST, StepState::Done)));
    assert!(!rows(&append("t1", 1, "It is")));
}

#[test]
fn readers_of_an_object_that_lost_its_memory_read_every_word_after_the_tools() {
    for is_done in [false, true] {
        let (world, one) = begun();
        world.turn(&append("t1", 1, "Let me see"));
        world.turn(&step(FIRST, StepState::Running));
        if is_done {
            world.turn(&step(FIRST, StepState::Done));
        }
        let place = entries(&world, 0).last().unwrap().index;
        world.evict();
        world.turn(&append("t1", 1, "It is"));
        world.evict();
        world.turn(&settle(&one, 1, "It is noon."));
        let told = told(&entries(&world, place));
        assert_eq!(told[told.len() - 3..], ["part", "It is noon.", "Done"], "{told:?}");
    }
}

#[test]
fn a_turn_that_fails_after_its_tools_ends_for_who_was_told_of_them() {
    for state in [StepState::Running, StepState::Done] {
        let (world, one) = begun();
        world.turn(&step(FIRST, StepState::Running));
        world.turn(&step(FIRST, state));
        let all = entries(&world, 0);
        world.turn(&fail(&one, 1));
        let rest = entries(&world, all.last().unwrap().index);
        assert!(matches!(rest[..], [Entry { chunk: Chunk::End(End::Failed(_)), .. }]), "{rest:?}");
        assert_eq!(entries(&world, 0), [all, rest].concat());
    }
}

#[test]
fn a_turn_that_ends_with_its_tools_keeps_what_was_said_before_them() {
    let (world, _) = begun();
    world.turn(&append("t1", 1, "Let me see"));
    world.turn(&step(FIRST, StepState::Running));
    let turn = world.turn(&stop("t1"));
    assert_eq!(turn.answer.as_deref(), Some("Let me see"));
    let end = format!("{:?}", End::Stopped);
    let expected = ["part", "Let me see", "1-2 Running", end.as_str()];
    assert_eq!(told(&entries(&world, 0)), expected);
    assert_eq!(
        world.tell(&step(FIRST, StepState::Done)),
        Reply::Refused(Refusal::Superseded),
        "it has ended"
    );
}
