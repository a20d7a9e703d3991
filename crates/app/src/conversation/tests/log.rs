//! What was said in a turn is read by (turn, index), whether it streamed or not.

use super::*;

fn chunks(world: &World, turn: &str, from: u32) -> Vec<Chunk> {
    let reply = world.tell(&Command::Look { turn: Some(turn.to_owned()), from });
    let Reply::Seen { chunks, .. } = reply else { panic!("{reply:?}") };
    chunks
}

fn text(text: &str) -> Chunk {
    Chunk::Text(text.to_owned())
}

#[test]
fn an_answer_that_did_not_stream_is_one_piece_and_its_end() {
    let world = World::new();
    world.ask("t1", "hi", "hello");
    assert_eq!(chunks(&world, "t1", 0), [text("hello"), Chunk::End(End::Done)]);
    assert_eq!(chunks(&world, "t1", 1), [Chunk::End(End::Done)]);
    assert_eq!(chunks(&world, "t1", 2), []);
    assert_eq!(chunks(&world, "t1", u32::MAX), []);
}

#[test]
fn pieces_keep_their_places_when_the_rest_of_the_answer_follows() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    assert_eq!(chunks(&world, "t1", 0), []);
    world.turn(&append("t1", 1, 0, "hel"));
    world.turn(&append("t1", 1, 1, "lo "));
    assert_eq!(chunks(&world, "t1", 1), [text("lo ")]);
    world.turn(&settle(&one, 1, "hello you"));
    let all = [text("hel"), text("lo "), text("you"), Chunk::End(End::Done)];
    assert_eq!(chunks(&world, "t1", 0), all);
    assert_eq!(chunks(&world, "t1", 2), all[2..]);
}

#[test]
fn an_answer_that_is_not_what_streamed_begins_anew() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, 0, "<think>"));
    world.turn(&settle(&one, 1, "hello"));
    let expected = [text("<think>"), Chunk::Reset, text("hello"), Chunk::End(End::Done)];
    assert_eq!(chunks(&world, "t1", 0), expected);
}

#[test]
fn a_repeated_piece_is_there_once_and_one_behind_a_gap_is_not_written() {
    let world = World::new();
    world.turn(&begin(&asked("t1", "hi"), 1));
    assert_eq!(world.turn(&append("t1", 1, 0, "a")).next, 1);
    assert_eq!(world.turn(&append("t1", 1, 0, "a")).next, 1);
    let behind = world.turn(&append("t1", 1, 2, "c"));
    assert_eq!((behind.next, behind.is_new), (1, false));
    assert_eq!(chunks(&world, "t1", 0), [text("a")]);
}

#[test]
fn a_later_generation_begins_the_answer_anew_behind_what_was_said() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, 0, "hel"));
    let again = world.turn(&begin(&one, 2));
    assert_eq!(again.next, 2);
    world.turn(&append("t1", 2, again.next, "good"));
    world.turn(&settle(&one, 2, "good day"));
    let expected = [text("hel"), Chunk::Reset, text("good"), text(" day"), Chunk::End(End::Done)];
    assert_eq!(chunks(&world, "t1", 0), expected);
}

#[test]
fn a_turn_that_was_stopped_keeps_what_was_said() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, 0, "hel"));
    let turn = world.turn(&stop("t1"));
    assert_eq!((turn.state.as_str(), turn.answer.as_deref()), ("stopped", Some("hel")));
    assert_eq!(world.tell(&append("t1", 1, 1, "lo")), Reply::Refused(Refusal::Superseded));
    assert_eq!(world.turn(&settle(&one, 1, "hello")).state, "stopped");
    assert_eq!(chunks(&world, "t1", 0), [text("hel"), Chunk::End(End::Stopped)]);
    assert_eq!(world.tell(&stop("t9")), Reply::Refused(Refusal::Unknown));
}

#[test]
fn a_turn_that_failed_says_why() {
    let world = World::new();
    world.turn(&begin(&asked("t1", "hi"), 1));
    world.turn(&fail(&asked("t1", "hi"), 1));
    assert_eq!(chunks(&world, "t1", 0), [Chunk::End(End::Failed(Notice::Busy))]);
}
