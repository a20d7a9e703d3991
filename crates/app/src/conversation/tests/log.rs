//! What was said in a turn is read by (turn, index), whether it streamed or not, and however it was cut.

use super::*;
use miyabi_core::conversation::{Chunk, End};

fn entries(world: &World, turn: &str, from: u64) -> Vec<Entry> {
    let reply = world.tell(&Command::Look { turn: Some(turn.to_owned()), from });
    let Reply::Seen { entries, .. } = reply else { panic!("{reply:?}") };
    entries
}

fn chunks(world: &World, turn: &str) -> Vec<Chunk> {
    entries(world, turn, 0).into_iter().map(|entry| entry.chunk).collect()
}

fn text(text: &str) -> Chunk {
    Chunk::Text(text.to_owned())
}

#[test]
fn an_answer_that_did_not_stream_is_one_part_and_its_end() {
    let world = World::new();
    world.ask("t1", "hi", "hello");
    let end = 1 + (1 << 20);
    let all = [
        Entry { index: 1, part: 0, chunk: Chunk::Part },
        Entry { index: 6, part: 0, chunk: text("hello") },
        Entry { index: end, part: 0, chunk: Chunk::End(End::Done) },
    ];
    assert_eq!(entries(&world, "t1", 0), all);
    assert_eq!(entries(&world, "t1", 1), all[1..]);
    assert_eq!(entries(&world, "t1", 6), all[2..]);
    assert_eq!(entries(&world, "t1", end), []);
    assert_eq!(entries(&world, "t1", u64::MAX), []);
    assert_eq!(entries(&world, "t1", 3)[0], Entry { index: 6, part: 0, chunk: text("llo") });
}

#[test]
fn a_reader_that_goes_on_where_it_was_has_the_whole_text_in_any_script() {
    let answer = "It is 20 °C. 雅 👩‍👩‍👧 ok";
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    let (mut read, mut place) = (String::new(), 0);
    let mut said = String::new();
    for letter in answer.chars() {
        said.push(letter);
        world.turn(&append("t1", 1, &said));
        for Entry { index, chunk, .. } in entries(&world, "t1", place) {
            place = index;
            if let Chunk::Text(text) = chunk {
                read.push_str(&text);
            }
        }
    }
    assert_eq!(read, answer);
    world.turn(&settle(&one, 1, answer));
    let end = [Entry { index: 1 + (1 << 20), part: 0, chunk: Chunk::End(End::Done) }];
    assert_eq!(entries(&world, "t1", place), end);
    // A place inside of a letter, which nobody was told, loses nothing.
    for place in 0..=place {
        assert!(entries(&world, "t1", place).len() <= 3);
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    text.get(..bytes).unwrap()
}

/// What a reader has, who puts together what it is told.
#[derive(Default)]
struct Reader {
    place: u64,
    parts: Vec<String>,
}

impl Reader {
    fn read(&mut self, world: &World, turn: &str) {
        for Entry { index, chunk, .. } in entries(world, turn, self.place) {
            assert!(index > self.place, "{index} after {}", self.place);
            self.place = index;
            match chunk {
                Chunk::Part => self.parts.push(String::new()),
                Chunk::Text(text) => self.parts.last_mut().unwrap().push_str(&text),
                Chunk::Step(_) | Chunk::End(_) => {}
            }
        }
    }
}

#[test]
fn an_object_that_lost_its_memory_says_again_what_readers_may_have_missed() {
    let long = "word ".repeat(400);
    // What comes next goes on with what was said, or differs from it before, at or after its stored end.
    let differs_late = "word ".repeat(140) + "other";
    for next in [format!("{long}and more"), "other".repeat(300), differs_late] {
        for is_stored in [true, false] {
            let world = World::new();
            let one = asked("t1", "hi");
            world.turn(&begin(&one, 1));
            let mut reader = Reader::default();
            let first = if is_stored { long.as_str() } else { cut(&long, 100) };
            world.turn(&append("t1", 1, cut(&long, 80)));
            world.turn(&append("t1", 1, first));
            reader.read(&world, "t1");
            world.evict();
            reader.read(&world, "t1");
            assert_eq!(reader.parts, [first]);
            world.turn(&append("t1", 1, cut(&next, 50)));
            world.turn(&append("t1", 1, &next));
            reader.read(&world, "t1");
            world.evict();
            world.turn(&settle(&one, 1, &format!("{next}.")));
            reader.read(&world, "t1");
            assert_eq!(reader.parts, [first, &next, &format!("{next}.")]);
            let mut late = Reader::default();
            late.read(&world, "t1");
            assert_eq!(late.parts.last(), reader.parts.last());
        }
    }
}

#[test]
fn whoever_was_told_more_than_was_stored_is_told_the_end() {
    for command in [fail(&asked("t1", "hi"), 1), settle(&asked("t1", "hi"), 1, "no")] {
        let world = World::new();
        let one = asked("t1", "hi");
        world.turn(&begin(&one, 1));
        world.turn(&append("t1", 1, "hel"));
        world.turn(&append("t1", 1, "hello, and more"));
        let mut reader = Reader::default();
        reader.read(&world, "t1");
        world.evict();
        world.turn(&command);
        let last = entries(&world, "t1", reader.place).pop().unwrap();
        assert!(matches!(last.chunk, Chunk::End(_)), "{last:?}");
    }
}

#[test]
fn two_turns_that_run_at_once_do_not_cut_each_other() {
    let world = World::new();
    for turn in ["t1", "t2"] {
        world.turn(&begin(&asked(turn, "hi"), 1));
    }
    for said in ["hel", "hello"] {
        for turn in ["t1", "t2"] {
            world.turn(&append(turn, 1, said));
        }
    }
    for turn in ["t1", "t2"] {
        assert_eq!(chunks(&world, turn), [Chunk::Part, text("hello")]);
    }
}

#[test]
fn a_command_that_failed_leaves_nothing_said_that_is_not_stored() {
    for failing in 0..8 {
        let world = World::new();
        let one = asked("t1", "hi");
        world.turn(&begin(&one, 1));
        world.store.fails_after.set(Some(failing));
        let command = serde_json::to_string(&append("t1", 1, "hello")).unwrap();
        let _failed = handle(&world.store, &world.live, world.now, &command);
        world.store.fails_after.set(None);
        world.turn(&append("t1", 1, "hello"));
        let mut reader = Reader::default();
        reader.read(&world, "t1");
        world.evict();
        world.turn(&settle(&one, 1, "good day"));
        reader.read(&world, "t1");
        assert_eq!(reader.parts.last().unwrap(), "good day", "after {failing}");
    }
}

#[test]
fn an_answer_that_is_not_what_streamed_is_another_part() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, "<think>"));
    world.turn(&settle(&one, 1, "hello"));
    let expected =
        [Chunk::Part, text("<think>"), Chunk::Part, text("hello"), Chunk::End(End::Done)];
    assert_eq!(chunks(&world, "t1"), expected);
    world.evict();
    assert_eq!(chunks(&world, "t1"), expected);
}

#[test]
fn blanks_at_the_end_begin_no_other_part() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, "hello \n"));
    world.turn(&settle(&one, 1, "hello"));
    assert_eq!(chunks(&world, "t1"), [Chunk::Part, text("hello \n"), Chunk::End(End::Done)]);
}

#[test]
fn what_was_said_before_changes_nothing_when_it_arrives_late_or_twice() {
    let world = World::new();
    world.turn(&begin(&asked("t1", "hi"), 1));
    for said in ["hel", "hello", "hello", "hel"] {
        world.turn(&append("t1", 1, said));
    }
    assert_eq!(chunks(&world, "t1"), [Chunk::Part, text("hello")]);
}

#[test]
fn a_later_generation_that_says_something_else_begins_a_part() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, "hel"));
    world.turn(&begin(&one, 2));
    assert_eq!(world.tell(&append("t1", 1, "hello")), Reply::Refused(Refusal::Superseded));
    world.turn(&append("t1", 2, "good"));
    world.turn(&settle(&one, 2, "good day"));
    let expected = [Chunk::Part, text("hel"), Chunk::Part, text("good day"), Chunk::End(End::Done)];
    assert_eq!(chunks(&world, "t1"), expected);
}

#[test]
fn a_turn_that_was_stopped_keeps_what_was_said() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, "hel"));
    let turn = world.turn(&stop("t1"));
    assert_eq!((turn.state.as_str(), turn.answer.as_deref()), ("stopped", Some("hel")));
    assert_eq!(world.tell(&append("t1", 1, "hello")), Reply::Refused(Refusal::Superseded));
    assert_eq!(world.turn(&settle(&one, 1, "hello")).state, "stopped");
    assert_eq!(chunks(&world, "t1"), [Chunk::Part, text("hel"), Chunk::End(End::Stopped)]);
    assert_eq!(world.tell(&stop("t9")), Reply::Refused(Refusal::Unknown));
}

#[test]
fn a_turn_that_failed_says_why() {
    let world = World::new();
    world.turn(&begin(&asked("t1", "hi"), 1));
    world.turn(&fail(&asked("t1", "hi"), 1));
    assert_eq!(chunks(&world, "t1"), [Chunk::End(End::Failed(Notice::Busy))]);
}

#[test]
fn the_first_words_of_a_turn_are_told_without_a_row() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    assert_eq!(chunks(&world, "t1"), []);
    let stored = world.said();
    world.turn(&append("t1", 1, "hel"));
    assert_eq!((stored.len(), world.said()), (1, stored));
    assert_eq!(chunks(&world, "t1"), [Chunk::Part, text("hel")]);
    // Another run begins: what was said is known.
    world.turn(&begin(&one, 2));
    assert_eq!(chunks(&world, "t1"), [Chunk::Part, text("hel")]);
    world.turn(&settle(&one, 2, "hello"));
    assert_eq!(chunks(&world, "t1"), [Chunk::Part, text("hello"), Chunk::End(End::Done)]);
}

#[test]
fn first_words_that_were_lost_are_said_again_behind_them() {
    let (world, one) = (World::new(), asked("t1", "hi"));
    let mut reader = Reader::default();
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, "It is"));
    reader.read(&world, "t1");
    world.evict();
    // The same run, or a later one that begins when the words are gone.
    world.turn(&begin(&one, 1));
    world.turn(&append("t1", 1, "At noon"));
    reader.read(&world, "t1");
    world.turn(&settle(&one, 1, "At noon."));
    reader.read(&world, "t1");
    assert_eq!(reader.parts, ["It is", "At noon."]);
}

#[test]
fn a_turn_without_a_word_ends_for_its_readers() {
    for (end, command) in [
        (End::Failed(Notice::Busy), fail(&asked("t1", "hi"), 1)),
        (End::Stopped, stop("t1")),
        (End::Done, settle(&asked("t1", "hi"), 1, "hello")),
    ] {
        for is_evicted in [false, true] {
            let world = World::new();
            world.turn(&begin(&asked("t1", "hi"), 1));
            if is_evicted {
                world.evict();
            }
            world.turn(&command);
            let all = chunks(&world, "t1");
            assert_eq!(all.last(), Some(&Chunk::End(end)));
            // What has begun is told before its end, and a failure alone begins nothing.
            let begins = all.first() == Some(&Chunk::Part);
            assert_eq!(begins, is_evicted || !matches!(end, End::Failed(_)), "{all:?}");
        }
    }
}

#[test]
fn whoever_waits_is_woken_by_the_asking_of_a_model_and_by_no_look_of_another() {
    let asking = Command::Wait { turn: "t1".to_owned(), from: u64::MAX, is_asking: true };
    let waiting = Command::Wait { turn: "t1".to_owned(), from: 0, is_asking: false };
    assert!(changes(&asking) && !changes(&waiting));
    for command in [asking, waiting] {
        assert!(!changes(&look_of(&command).unwrap()), "{command:?}");
    }
    assert_eq!(look_of(&append("t1", 1, "hi")), None);
}

#[test]
fn a_long_answer_is_stored_a_few_times_however_often_it_grows() {
    let world = World::new();
    world.turn(&begin(&asked("t1", "hi"), 1));
    let mut rows = 0;
    for words in 1..2_000 {
        let before = world.said();
        world.turn(&append("t1", 1, &"word ".repeat(words)));
        rows += u32::from(world.said() != before);
    }
    assert!(rows <= 5, "{rows}");
}

#[test]
fn a_submission_that_failed_is_tried_again_beside_it_and_no_other_is() {
    let world = World::new();
    let one = asked("t1", "hi");
    assert!(world.turn(&Command::Submit(one.clone())).is_new);
    assert!(!world.turn(&Command::Submit(one.clone())).is_new);
    world.turn(&fail(&one, 1));
    let again = world.turn(&Command::Submit(one.clone()));
    assert_eq!((again.id.as_str(), again.is_new), ("t1-2", true));
    assert!(!world.turn(&Command::Submit(one.clone())).is_new);
    world.turn(&settle(&asked("t1-2", "hi"), 1, "hello"));
    let found = world.turn(&Command::Submit(one));
    assert_eq!((found.id.as_str(), found.answer.as_deref()), ("t1-2", Some("hello")));
}

#[test]
fn a_turn_that_never_became_a_job_is_taken_back_whole() {
    let world = World::new();
    world.ask("t1", "hi", "hello");
    let before = world.dump();
    let two = asked("t2", "and tomorrow?");
    world.turn(&Command::Submit(two.clone()));
    for _ in 0..2 {
        assert_eq!(world.tell(&Command::Withdraw { turn: "t2".to_owned() }), Reply::Withdrawn);
        assert_eq!(world.dump()[1..], before[1..]);
    }
    world.turn(&begin(&two, 1));
    world.tell(&Command::Withdraw { turn: "t2".to_owned() });
    assert_eq!(world.turn(&settle(&two, 1, "rain")).state, "done");
}

#[test]
fn what_was_asked_after_a_turn_that_is_taken_back_follows_the_one_before() {
    let world = World::new();
    world.ask("t1", "hi", "hello");
    for turn in ["t2", "t3"] {
        world.turn(&Command::Submit(asked(turn, "and tomorrow?")));
    }
    world.tell(&Command::Withdraw { turn: "t2".to_owned() });
    let Reply::Begun { context, .. } = world.tell(&begin(&asked("t3", "and tomorrow?"), 1)) else {
        panic!("not begun")
    };
    assert_eq!(context.len(), 1, "{context:?}");
}
