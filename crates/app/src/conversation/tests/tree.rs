//! Edits and other answers stand beside the first and overwrite nothing.

use super::*;

fn page(world: &World) -> Vec<PageTurn> {
    let reply = world.tell(&Command::Read { before: None, limit: 100 });
    let Reply::Page(page) = reply else { panic!("{reply:?}") };
    page.turns
}

fn parents(world: &World) -> Vec<(String, Option<String>)> {
    let mut turns = page(world);
    turns.reverse();
    turns.into_iter().map(|turn| (turn.id, turn.parent)).collect()
}

#[test]
fn each_question_follows_the_answer_before_it() {
    let world = World::new();
    world.ask("t1", "one", "1");
    world.ask("t2", "two", "2");
    world.turn(&begin(&asked("t3", "three"), 1));
    world.ask("t4", "four", "4");
    let expected = [("t1", None), ("t2", Some("t1-a")), ("t3", Some("t2-a")), ("t4", Some("t3-q"))];
    let expected = expected.map(|(id, parent)| (id.to_owned(), parent.map(ToOwned::to_owned)));
    assert_eq!(parents(&world), expected);
}

#[test]
fn a_question_follows_the_message_that_it_names() {
    let world = World::new();
    world.ask("t1", "one", "1");
    world.ask("t2", "two", "2");
    for (turn, after) in [("t3", "t1-a"), ("t4", "t3-q")] {
        let question = Submission { after: Some(after.to_owned()), ..asked(turn, turn) };
        world.turn(&begin(&question, 1));
        world.turn(&settle(&question, 1, "answered"));
        // The same one again is the same turn, wherever it follows.
        assert!(!world.turn(&Command::Submit(question)).is_new);
    }
    world.ask("t5", "five", "5");
    let expected = [("t3", "t1-a"), ("t4", "t3-a"), ("t5", "t4-a")];
    let expected = expected.map(|(id, parent)| (id.to_owned(), Some(parent.to_owned())));
    assert_eq!(parents(&world)[2..], expected);
    let unknown = Submission { after: Some("t9-a".to_owned()), ..asked("t6", "six") };
    let refused = world.tell(&Command::Submit(unknown));
    assert!(matches!(refused, Reply::Refused(Refusal::Unknown)), "{refused:?}");
}

#[test]
fn an_edit_stands_beside_the_question_that_it_replaces() {
    let world = World::new();
    world.ask("t1", "one", "1");
    let second = Submission { message: Some("client-2".to_owned()), ..asked("t2", "two") };
    world.turn(&begin(&second, 1));
    world.turn(&settle(&second, 1, "2"));
    for (turn, replaces) in [("t3", "client-2"), ("t4", "t2-q"), ("t5", "t2-a")] {
        // The client gives the edited question the id of the first one.
        let edit = Submission {
            message: Some("client-2".to_owned()),
            replaces: Some(replaces.to_owned()),
            ..asked(turn, "two, edited")
        };
        world.turn(&begin(&edit, 1));
        assert_eq!(world.turn(&settle(&edit, 1, "another")).question, "two, edited");
    }
    assert!(parents(&world).iter().skip(1).all(|(_, parent)| parent.as_deref() == Some("t1-a")));
    let questions: Vec<_> = page(&world).into_iter().rev().map(|turn| turn.question).collect();
    assert_eq!(questions, ["one", "two", "two, edited", "two, edited", "two, edited"]);
}

#[test]
fn another_answer_stands_beside_the_first_and_its_question_counts_once() {
    let world = World::new();
    world.ask("t1", "one", "1");
    for (turn, message) in [("t2", "t1-a"), ("t3", "t1-q"), ("t4", "t2-a")] {
        let again = Submission { again: Some(message.to_owned()), ..asked(turn, "") };
        world.turn(&begin(&again, 1));
        assert_eq!(world.turn(&settle(&again, 1, turn)).question, "one");
    }
    let turns = page(&world);
    assert!(turns.iter().all(|turn| turn.parent.is_none()));
    let sources: Vec<_> = turns.iter().map(|turn| turn.source.as_deref()).collect();
    assert_eq!(sources, [Some("t1"), Some("t1"), Some("t1"), None]);
    assert_eq!(world.turn(&Command::Look { turn: None, from: 0 }).messages, 5);
}

#[test]
fn what_refers_to_an_unknown_message_is_refused_and_nothing_is_written() {
    let world = World::new();
    world.ask("t1", "one", "1");
    for submission in [
        Submission { again: Some("t9-a".to_owned()), ..asked("t2", "") },
        Submission { replaces: Some(String::new()), ..asked("t2", "x") },
        Submission { replaces: Some("%".to_owned()), ..asked("t2", "x") },
        Submission { again: Some("t9-a".to_owned()), ..asked("t2", "x") },
        Submission {
            again: Some("m".to_owned()),
            message: Some("m".to_owned()),
            ..asked("t2", "")
        },
    ] {
        let refused = Reply::Refused(Refusal::Unknown);
        assert_eq!(world.tell(&Command::Submit(submission.clone())), refused);
        assert_eq!(world.tell(&begin(&submission, 1)), refused);
    }
    assert_eq!(world.rows("turns"), 1);
}

#[test]
fn what_refers_to_itself_and_never_arrived_is_a_new_question() {
    let world = World::new();
    world.ask("t1", "one", "1");
    let own = |turn| Submission { message: Some("m".to_owned()), ..asked(turn, "two") };
    let again = Submission { again: Some("m".to_owned()), ..own("t2") };
    assert_eq!(world.turn(&Command::Submit(again.clone())).messages, 3);
    world.turn(&settle(&again, 1, "2"));
    let edit = Submission { replaces: Some("n".to_owned()), ..own("t3") };
    let edit = Submission { message: Some("n".to_owned()), ..edit };
    assert_eq!(world.turn(&Command::Submit(edit)).messages, 5);
    let turns = page(&world);
    assert!(turns.iter().all(|turn| turn.source.is_none()));
    let parents: Vec<_> = turns.iter().map(|turn| turn.parent.as_deref()).collect();
    assert_eq!(parents, [Some("t2-a"), Some("t1-a"), None]);
}

#[test]
fn the_same_words_are_another_turn_where_a_client_can_say_it_in_no_others() {
    let world = World::new();
    let submit = |submission: &Submission| world.turn(&Command::Submit(submission.clone())).id;
    let end = |turn: &str| world.turn(&settle(&asked(turn, ""), 1, "done"));
    let one = Submission { message: Some("m".to_owned()), ..asked("t1", "one") };
    world.turn(&settle(&one, 1, "1"));
    // Of the question, once the answer before is there; of an answer, there is one more.
    let by_question = Submission { again: Some("m".to_owned()), ..asked("t2", "") };
    let by_answer = Submission { again: Some("t1-a".to_owned()), ..asked("t3", "") };
    let keyed = Submission { is_keyed: true, ..by_question.clone() };
    for expected in ["t2", "t2-2", "t2-3"] {
        assert_eq!(submit(&by_question), expected);
        assert_eq!(submit(&by_question), expected, "it runs");
        end(expected);
    }
    assert_eq!(submit(&keyed), "t2");
    for _ in 0..2 {
        assert_eq!(submit(&by_answer), "t3");
        end("t3");
    }
    // An edit, once there is another one.
    let edit = Submission { replaces: Some("m".to_owned()), ..asked("t4", "two") };
    for _ in 0..2 {
        assert_eq!(submit(&edit), "t4");
        end("t4");
    }
    world.ask("t5", "three", "3");
    assert_eq!(submit(&edit), "t4-2");
    // A question that arrives late is the one that it was.
    assert_eq!(submit(&one), "t1");
}

#[test]
fn a_long_conversation_is_read_in_pages() {
    let world = World::new();
    for number in 0..25 {
        world.ask(&format!("t{number}"), "q", "a");
    }
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let Reply::Page(page) = world.tell(&Command::Read { before, limit: 10 }) else { panic!() };
        assert!(page.turns.len() <= 10);
        seen.extend(page.turns.into_iter().map(|turn| turn.id));
        before = page.cursor;
        if before.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).rev().map(|number| format!("t{number}")).collect();
    assert_eq!(seen, expected);
    let Reply::Page(page) = world.tell(&Command::Read { before: None, limit: 0 }) else { panic!() };
    assert_eq!(page.turns.len(), 1);
}

#[test]
fn a_question_that_begins_anew_has_nothing_before_it_and_the_next_one_goes_on_from_it() {
    let world = World::new();
    world.ask("t1", "one", "1");
    let fresh = Submission { is_fresh: true, ..asked("t2", "two") };
    for _ in 0..2 {
        let Reply::Begun { context, .. } = world.tell(&begin(&fresh, 1)) else { panic!("refused") };
        assert_eq!(context, []);
    }
    world.turn(&settle(&fresh, 1, "2"));
    world.ask("t3", "three", "3");
    let expected = [("t1", None), ("t2", None), ("t3", Some("t2-a"))];
    let expected = expected.map(|(id, parent)| (id.to_owned(), parent.map(ToOwned::to_owned)));
    assert_eq!(parents(&world), expected);
}
