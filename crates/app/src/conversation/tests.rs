//! Commands on real `SQLite`: once, twice, in any order, and with a failure at every statement.

mod bounds;
mod context;
mod files;
mod log;
mod overlay;
mod shared;
mod steps;
mod tree;

use miyabi_core::fault::Notice;
use miyabi_testing::LocalStore;

use super::*;

/// When the world begins.
pub(super) const BEGIN_MS: u64 = 1_700_000_000_000;

/// A conversation, and the time in it.
pub(super) struct World {
    pub(super) store: LocalStore,
    live: Live,
    pub(super) now: Millis,
}

impl World {
    pub(super) fn new() -> Self {
        Self { store: LocalStore::default(), live: Live::default(), now: Millis(BEGIN_MS) }
    }

    /// The object loses its memory.
    fn evict(&self) {
        self.live.forget();
    }

    /// What is stored of what was said.
    fn said(&self) -> Vec<Option<String>> {
        let mut statement = self.store.db.prepare("SELECT said FROM turns ORDER BY seq").unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    }

    pub(super) fn tell(&self, command: &Command) -> Reply {
        // As it crosses from the Worker to the object and back.
        let command = serde_json::to_string(command).unwrap();
        serde_json::from_str(&handle(&self.store, &self.live, self.now, &command).unwrap()).unwrap()
    }

    pub(super) fn turn(&self, command: &Command) -> TurnState {
        match self.tell(command) {
            Reply::Turn(turn) | Reply::Begun { turn, .. } | Reply::Seen { turn, .. } => turn,
            other @ (Reply::Page(_)
            | Reply::Snapshot { .. }
            | Reply::Withdrawn
            | Reply::Deleted
            | Reply::Unlearned
            | Reply::Erased
            | Reply::Summarized
            | Reply::Old(_)
            | Reply::Facts(_)
            | Reply::Refused(_)) => panic!("{other:?}"),
        }
    }

    /// Asks, and answers.
    pub(super) fn ask(&self, id: &str, text: &str, answer: &str) -> TurnState {
        self.turn(&begin(&asked(id, text), 1));
        self.turn(&settle(&asked(id, text), 1, answer))
    }

    pub(super) fn rows(&self, table: &str) -> u32 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.store.db.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// Everything that is stored.
    fn dump(&self) -> Vec<String> {
        let mut dump = Vec::new();
        for sql in [
            "SELECT json_array(created_ms, updated_ms, deleted_ms, turns, messages, bytes)
             FROM conversation",
            "SELECT json_array(id, parent, source, message, question, answer, state, generation,
               notice, asked_ms, ended_ms, said, files) FROM turns ORDER BY seq",
            "SELECT json_array(floor_ms, summary, until_seq, since_ms, tried_seq) FROM overlay",
            "SELECT json_array(model, permille) FROM ratios",
        ] {
            let mut statement = self.store.db.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            dump.extend(rows.map(|row| row.unwrap()));
        }
        dump
    }
}

pub(super) fn asked(turn: &str, text: &str) -> Submission {
    Submission::new(turn, text, Millis(BEGIN_MS))
}

pub(super) fn begin(submission: &Submission, generation: u32) -> Command {
    Command::Begin {
        submission: submission.clone(),
        generation,
        budget_tokens: 6_000,
        model: String::new(),
        is_told: true,
    }
}

pub(super) fn settle(submission: &Submission, generation: u32, answer: &str) -> Command {
    let outcome = Outcome::Done(answer.to_owned());
    Command::Settle {
        submission: submission.clone(),
        generation,
        outcome,
        measured: None,
        note: String::new(),
    }
}

fn fail(submission: &Submission, generation: u32) -> Command {
    let outcome = Outcome::Failed(Notice::Busy);
    Command::Settle {
        submission: submission.clone(),
        generation,
        outcome,
        measured: None,
        note: String::new(),
    }
}

fn append(turn: &str, generation: u32, text: &str) -> Command {
    Command::Append { turn: turn.to_owned(), generation, text: text.to_owned() }
}

fn stop(turn: &str) -> Command {
    Command::Stop { turn: turn.to_owned() }
}

/// A life with every command in it.
fn life() -> Vec<Command> {
    let one = Submission { message: Some("m1".to_owned()), ..asked("t1", "weather in Kyoto?") };
    let two = asked("t2", "and tomorrow?");
    let edit = Submission { replaces: Some("m1".to_owned()), ..asked("t3", "weather in Nara?") };
    let again = Submission { again: Some("t1-a".to_owned()), ..asked("t4", "") };
    vec![
        Command::Submit(one.clone()),
        begin(&one, 1),
        append("t1", 1, "It is "),
        begin(&one, 2),
        append("t1", 2, "It is sunny"),
        settle(&one, 2, "It is sunny."),
        begin(&two, 1),
        fail(&two, 1),
        begin(&edit, 1),
        append("t3", 1, "Rain"),
        stop("t3"),
        Command::Submit(again.clone()),
        begin(&again, 1),
        settle(&again, 1, "Still sunny."),
        Command::Look { turn: None, from: 0 },
        Command::Read { before: None, limit: 10 },
    ]
}

#[test]
fn every_command_twice_is_every_command_once() {
    let (once, twice) = (World::new(), World::new());
    for command in life() {
        once.tell(&command);
        let first = twice.tell(&command);
        let mut second = twice.tell(&command);
        if let (
            Reply::Turn(turn) | Reply::Begun { turn, .. },
            Reply::Turn(was) | Reply::Begun { turn: was, .. },
        ) = (&mut second, &first)
        {
            assert!(!turn.is_new, "{command:?}");
            turn.is_new = was.is_new;
            assert_eq!(turn, was, "{command:?}");
        }
        assert_eq!(once.dump(), twice.dump(), "{command:?}");
    }
    once.tell(&Command::Delete);
    twice.tell(&Command::Delete);
    twice.tell(&Command::Delete);
    assert_eq!(once.dump(), twice.dump());
}

#[test]
fn every_command_of_the_past_that_comes_again_changes_nothing() {
    let world = World::new();
    let commands = life();
    for (index, command) in commands.iter().enumerate() {
        world.tell(command);
        let before = world.dump();
        for old in commands.iter().take(index + 1) {
            world.tell(old);
            assert_eq!(world.dump(), before, "{old:?} after {command:?}");
        }
    }
}

#[test]
fn a_failure_at_any_statement_leaves_nothing_half_done_and_the_next_try_succeeds() {
    for (index, last) in life().into_iter().chain([Command::Delete]).enumerate() {
        let mut failed_at = 0;
        loop {
            let (world, whole) = (World::new(), World::new());
            for command in life().iter().take(index) {
                world.tell(command);
                whole.tell(command);
            }
            whole.tell(&last);
            // The tables are there before the first row: their statements change nothing.
            forget(&world.store, world.now, u64::MAX / 2).unwrap();
            let before = world.dump();
            world.store.fails_after.set(Some(failed_at));
            let outcome = carry_out(&world.store, &world.live, world.now, last.clone());
            world.store.fails_after.set(None);
            if outcome.is_ok() {
                assert!(failed_at > 5, "{last:?} has more statements than {failed_at}");
                break;
            }
            assert_eq!(world.dump(), before, "{last:?} {failed_at}");
            world.tell(&last);
            assert_eq!(world.dump(), whole.dump(), "{last:?} {failed_at}");
            failed_at += 1;
        }
    }
}

#[test]
fn the_same_submission_twice_is_one_turn_whatever_else_it_says() {
    let world = World::new();
    let first = world.turn(&Command::Submit(asked("t1", "hi")));
    let second = world.turn(&Command::Submit(asked("t1", "another text")));
    assert_eq!((first.is_new, second.is_new), (true, false));
    assert_eq!((second.question.as_str(), world.rows("turns")), ("hi", 1));
}

#[test]
fn a_turn_moves_forward_only() {
    let world = World::new();
    let one = asked("t1", "hi");
    let states = |command: &Command| world.turn(command).state;
    assert_eq!(states(&Command::Submit(one.clone())), "queued");
    assert_eq!(states(&begin(&one, 1)), "running");
    assert_eq!(states(&Command::Submit(one.clone())), "running");
    assert_eq!(states(&settle(&one, 1, "hello")), "done");
    for command in [begin(&one, 2), fail(&one, 2), settle(&one, 3, "other"), stop("t1")] {
        let turn = world.turn(&command);
        assert_eq!((turn.state.as_str(), turn.answer.as_deref()), ("done", Some("hello")));
    }
}

#[test]
fn a_run_that_lost_its_beginning_is_remembered_by_its_end() {
    let world = World::new();
    let turn = world.turn(&settle(&asked("t1", "hi"), 1, "hello"));
    assert_eq!((turn.state.as_str(), turn.messages), ("done", 2));
}

#[test]
fn an_older_generation_moves_nothing() {
    let world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 2));
    for command in [begin(&one, 1), fail(&one, 1), settle(&one, 1, "old")] {
        let turn = world.turn(&command);
        assert_eq!((turn.state.as_str(), turn.generation), ("running", 2), "{command:?}");
    }
    assert_eq!(world.tell(&append("t1", 1, "old")), Reply::Refused(Refusal::Superseded));
    assert_eq!(world.turn(&settle(&one, 2, "new")).answer.as_deref(), Some("new"));
}

#[test]
fn a_turn_that_was_interrupted_has_failed_at_the_next_read() {
    let mut world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 1));
    world.now = Millis(BEGIN_MS + INTERRUPTED_MS);
    assert_eq!(world.turn(&Command::Look { turn: None, from: 0 }).state, "running");
    world.now = Millis(BEGIN_MS + INTERRUPTED_MS + 1);
    let turn = world.turn(&Command::Look { turn: None, from: 0 });
    assert_eq!((turn.state.as_str(), turn.notice), ("failed", Some(Notice::Late)));
}

#[test]
fn a_turn_that_was_given_up_can_be_stopped_and_keeps_no_memory() {
    let mut world = World::new();
    world.turn(&begin(&asked("t1", "hi"), 1));
    world.turn(&append("t1", 1, "hel"));
    world.now = Millis(BEGIN_MS + INTERRUPTED_MS + 1);
    assert_eq!(world.turn(&Command::Look { turn: None, from: 0 }).notice, Some(Notice::Late));
    assert_eq!(format!("{:?}", world.live), format!("{:?}", Live::default()));
    for _ in 0..2 {
        let turn = world.turn(&stop("t1"));
        assert_eq!((turn.state.as_str(), turn.notice), ("stopped", None));
        assert_eq!(turn.answer.as_deref(), Some("hel"));
    }
    assert_eq!(world.turn(&settle(&asked("t1", "hi"), 2, "hello")).state, "stopped");
    // What has failed for good stays so.
    world.now = Millis(BEGIN_MS);
    world.turn(&fail(&asked("t2", "hi"), 1));
    assert_eq!(world.turn(&stop("t2")).state, "failed");
}

#[test]
fn an_answer_that_comes_after_its_turn_was_given_up_is_there_all_the_same() {
    let mut world = World::new();
    let one = asked("t1", "hi");
    world.turn(&begin(&one, 2));
    world.now = Millis(BEGIN_MS + INTERRUPTED_MS + 1);
    assert_eq!(world.turn(&fail(&one, 2)).notice, Some(Notice::Late));
    assert_eq!(world.turn(&settle(&one, 1, "old")).state, "failed");
    let turn = world.turn(&settle(&one, 2, "hello"));
    assert_eq!((turn.state.as_str(), turn.answer.as_deref()), ("done", Some("hello")));
    assert_eq!(world.turn(&settle(&one, 2, "again")), TurnState { is_new: false, ..turn });
    // Whatever it has failed for.
    world.now = Millis(BEGIN_MS);
    let two = asked("t2", "hi");
    world.turn(&begin(&two, 1));
    world.turn(&fail(&two, 1));
    assert_eq!(world.turn(&settle(&two, 1, "hello")).state, "done");
    assert_eq!(world.turn(&fail(&two, 3)).state, "done");
}

#[test]
fn what_is_no_command_is_refused_and_changes_nothing() {
    let world = World::new();
    for text in ["", "{}", "null", r#"{"submit":{}}"#, r#""drop""#, r#"{"read":{"limit":-1}}"#] {
        assert!(handle(&world.store, &world.live, world.now, text).is_err(), "{text}");
    }
    assert_eq!(world.store.statements.get(), 0);
}
