//! Files come with a question, and with those that follow it on its branch.

use super::*;
use crate::uploads::Upload;

fn files(names: &[&str]) -> Vec<Upload> {
    let media = "image/png".to_owned();
    let file = |name: &&str| Upload {
        id: (*name).to_owned(),
        name: format!("{name}.png"),
        media: media.clone(),
        bytes: 7,
    };
    names.iter().map(file).collect()
}

/// Submits a question with files, answers it, and returns the names of those that it is answered with.
fn submit(world: &World, submission: &Submission) -> Vec<String> {
    let turn = world.turn(&Command::Submit(submission.clone()));
    assert_eq!(turn.state, "queued");
    let again = world.turn(&Command::Submit(submission.clone()));
    assert_eq!((again.is_new, &again.files), (false, &turn.files), "a repeat finds the same");
    world.turn(&begin(submission, 1));
    world.turn(&settle(submission, 1, "answered"));
    turn.files.into_iter().map(|file| file.id).collect()
}

fn with(turn: &str, names: &[&str]) -> Submission {
    Submission { files: files(names), ..asked(turn, turn) }
}

#[test]
fn a_question_is_answered_with_its_files_and_the_latest_of_those_before_it_each_once() {
    let world = World::new();
    assert_eq!(submit(&world, &asked("t0", "no file")), [""; 0]);
    assert_eq!(submit(&world, &with("t1", &["a", "b"])), ["a", "b"]);
    assert_eq!(submit(&world, &asked("t2", "and now?")), ["a", "b"]);
    assert_eq!(submit(&world, &with("t3", &["c", "a"])), ["c", "a", "b"]);
    assert_eq!(submit(&world, &with("t4", &["d", "e"])), ["d", "e", "c", "a"]);
    // What is behind them takes the place of those that were deleted.
    let turn = world.turn(&Command::Submit(with("t6", &["f", "a"])));
    let ids = |files: &[Upload]| files.iter().map(|file| file.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&turn.files), ["f", "a", "d", "e"]);
    assert_eq!((ids(&turn.spare_files), turn.own_files), (vec!["c".into(), "b".into()], 2));
    world.tell(&Command::Withdraw { turn: "t6".to_owned() });
    // Another branch has other files.
    let branch = Submission { after: Some("t0-a".to_owned()), ..asked("t5", "elsewhere") };
    assert_eq!(submit(&world, &branch), [""; 0]);
    let reply = world.tell(&Command::Read { before: None, limit: 100 });
    let Reply::Page(page) = reply else { panic!("{reply:?}") };
    let own = page.turns.iter().rev().map(|turn| turn.files().len());
    assert_eq!(own.collect::<Vec<_>>(), [0, 2, 0, 2, 2, 0]);
}

#[test]
fn another_answer_has_the_files_of_the_question_and_an_edit_those_that_it_brings() {
    let world = World::new();
    assert_eq!(submit(&world, &with("t1", &["a"])), ["a"]);
    let again = Submission { again: Some("t1-q".to_owned()), ..asked("t2", "") };
    assert_eq!(submit(&world, &again), ["a"]);
    let edit = Submission { replaces: Some("t1-q".to_owned()), ..with("t3", &["b"]) };
    assert_eq!(submit(&world, &edit), ["b"]);
}

#[test]
fn what_is_not_read_any_more_brings_no_files() {
    let world = World::new();
    submit(&world, &with("t1", &["a"]));
    world.tell(&Command::Unlearn { until: Millis(BEGIN_MS) });
    let later = Submission { asked: Millis(BEGIN_MS + 1), ..asked("t2", "and now?") };
    assert_eq!(submit(&world, &later), [""; 0]);
}

#[test]
fn a_conversation_of_before_there_were_files_goes_on_with_them() {
    let world = World::new();
    submit(&world, &asked("t1", "before"));
    world.store.db.execute_batch("ALTER TABLE turns DROP COLUMN files").unwrap();
    assert_eq!(submit(&world, &with("t2", &["a"])), ["a"]);
    assert_eq!(submit(&world, &asked("t3", "and now?")), ["a"]);
    assert_eq!(world.rows("turns"), 3);
}
