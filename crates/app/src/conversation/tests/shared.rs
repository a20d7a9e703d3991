//! What is shared is one branch as it was at one moment.

use super::*;

fn snapshot(world: &World) -> Option<(String, Millis)> {
    let reply = world.tell(&Command::Share);
    if let Reply::Snapshot { turn, at } = reply {
        return Some((turn, at));
    }
    assert!(matches!(reply, Reply::Refused(Refusal::Unknown | Refusal::Deleted)), "{reply:?}");
    None
}

/// Returns question and answer of each turn that is shown, oldest first, and whether that is all.
fn shown(world: &World, (turn, until): &(String, Millis)) -> (Vec<(String, Option<String>)>, bool) {
    let reply = world.tell(&Command::Branch { turn: turn.clone(), until: *until });
    let Reply::Page(page) = reply else { panic!("{reply:?}") };
    let turns = page.turns.into_iter().rev().map(|turn| (turn.question, turn.answer)).collect();
    (turns, page.cursor.is_none())
}

fn texts(of: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    of.iter().map(|(ask, say)| ((*ask).to_owned(), Some((*say).to_owned()))).collect()
}

#[test]
fn what_is_said_after_sharing_does_not_show() {
    let mut world = World::new();
    world.ask("t1", "one", "1");
    world.ask("t2", "two", "2");
    let shared = snapshot(&world).unwrap();
    assert_eq!(shared, ("t2".to_owned(), Millis(BEGIN_MS)));
    world.now = Millis(BEGIN_MS + 5);
    world.ask("t3", "three", "3");
    assert_eq!(shown(&world, &shared), (texts(&[("one", "1"), ("two", "2")]), true));
}

#[test]
fn a_turn_that_ran_when_it_was_shared_does_not_show_when_it_ends() {
    let mut world = World::new();
    world.turn(&begin(&asked("t1", "one"), 1));
    assert_eq!(snapshot(&world), None);
    world.ask("t2", "two", "2");
    let shared = snapshot(&world).unwrap();
    world.now = Millis(BEGIN_MS + 1);
    world.turn(&settle(&asked("t1", "one"), 1, "late"));
    assert_eq!(shown(&world, &shared), (texts(&[("two", "2")]), false));
}

#[test]
fn what_was_edited_away_or_answered_otherwise_does_not_show() {
    let world = World::new();
    world.ask("t1", "my password is x", "Do not tell me.");
    let edit = Submission { replaces: Some("t1-q".to_owned()), ..asked("t2", "hi") };
    world.turn(&begin(&edit, 1));
    world.turn(&settle(&edit, 1, "Hello?"));
    let again = Submission { again: Some("t2-a".to_owned()), ..asked("t3", "") };
    world.turn(&begin(&again, 1));
    world.turn(&settle(&again, 1, "Hello!"));
    world.ask("t4", "bye", "Bye!");
    // A question without an answer is not the newest thing that was said.
    world.turn(&begin(&asked("t5", "five"), 1));
    world.turn(&fail(&asked("t5", "five"), 1));
    let shared = snapshot(&world).unwrap();
    assert_eq!(shown(&world, &shared), (texts(&[("hi", "Hello!"), ("bye", "Bye!")]), true));
}

#[test]
fn a_long_conversation_is_shown_from_its_end_and_says_that_there_is_more() {
    let world = World::new();
    for number in 1..=205 {
        world.ask(&format!("t{number}"), &format!("q{number}"), "a");
    }
    let (turns, is_whole) = shown(&world, &snapshot(&world).unwrap());
    assert_eq!((turns.len(), turns[0].0.as_str(), is_whole), (200, "q6", false));
    let world = World::new();
    for number in 1..=6 {
        world.ask(&format!("t{number}"), "q", &"あ".repeat(MAX_ANSWER_BYTES / 3));
    }
    let (turns, is_whole) = shown(&world, &snapshot(&world).unwrap());
    assert_eq!((turns.len(), is_whole), (4, false));
}

#[test]
fn what_is_deleted_or_forgotten_is_shown_no_more() {
    let world = World::new();
    world.ask("t1", "one", "1");
    let shared = snapshot(&world).unwrap();
    forget(&world.store, Millis(BEGIN_MS + 10), 5).unwrap();
    assert_eq!(shown(&world, &shared).0, []);
    world.ask("t2", "two", "2");
    assert_eq!(world.tell(&Command::Delete), Reply::Deleted);
    assert_eq!(snapshot(&world), None);
    let branch = Command::Branch { turn: "t2".to_owned(), until: Millis(BEGIN_MS) };
    assert_eq!(world.tell(&branch), Reply::Refused(Refusal::Deleted));
}
