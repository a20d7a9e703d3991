//! A long conversation is summarized after the answer, once, paid for, and never in an answer's way.

use super::*;
use miyabi_core::ids::Millis;

/// A conversation of so many turns that its older ones are to be summarized, with money for it.
fn long() -> Fake {
    let world = world();
    let name = CONVERSATION.to_owned();
    let mut conversations = world.conversations.borrow_mut();
    let store = conversations.entry(name).or_default();
    for nth in 0..30 {
        let submission =
            Submission::new(format!("t{nth}"), format!("Is room {nth} free?"), world.now());
        let outcome = Outcome::Done("Yes.".to_owned());
        let settle = Command::Settle {
            submission,
            generation: 1,
            outcome,
            measured: None,
            note: String::new(),
        };
        conversation::carry_out(store, &Live::default(), world.now(), settle).unwrap();
    }
    drop(conversations);
    world
}

fn summary(world: &Fake) -> String {
    let conversations = world.conversations.borrow();
    let db = &conversations[CONVERSATION].db;
    db.query_row("SELECT summary FROM overlay", [], |row| row.get(0)).unwrap_or_default()
}

fn answers(world: &Fake, texts: &[&str]) {
    let replies = texts.iter().map(|text| Ok(json!({ "response": text })));
    world.model.borrow_mut().extend(replies);
}

fn outcomes(world: &Fake) -> Vec<&'static str> {
    let events = world.events.borrow();
    let outcome = |event: &Event| {
        if let Event::SummaryEnded { outcome, .. } = event { Some(*outcome) } else { None }
    };
    events.iter().filter_map(outcome).collect()
}

fn booked(world: &Fake) -> (u64, u64) {
    let sql = "SELECT count(*), (SELECT coalesce(sum(call_count), 0) FROM spending
                 WHERE kind = 'asker') FROM attempts WHERE ordinal = 1000";
    world.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

#[test]
fn the_older_turns_are_summarized_after_the_answer_and_read_as_a_summary() {
    let world = long();
    answers(&world, &["Yes.", "Rooms 1 to 9 are free."]);
    let journal = Journal::new(&world);
    let done = live(&world, &journal, &Job::first(asked(1, "Is room 31 free?")));
    assert_eq!(done, Some(Ok(())));
    let trace = journal.trace.borrow().clone();
    assert_eq!(trace.last().map(String::as_str), Some("summarize"), "{trace:?}");
    assert_eq!((outcomes(&world), booked(&world)), (vec!["kept"], (1, 2)));
    assert_eq!(summary(&world), "Rooms 1 to 9 are free.");
    let second = Journal::new(&world);
    answers(&world, &["Yes."]);
    world.prompts.borrow_mut().clear();
    let done = live(&world, &second, &Job::first(asked(2, "And room 32?")));
    assert_eq!(done, Some(Ok(())));
    assert!(!second.trace.borrow().iter().any(|step| step == "summarize"));
    let prompts = world.prompts.borrow();
    let read = prompts[0]["messages"].to_string();
    assert!(read.contains("Rooms 1 to 9 are free.") && !read.contains("Is room 0 free?"));
    assert!(read.contains("Is room 29 free?"));
}

#[test]
fn what_a_model_counts_moves_the_estimate_once_wherever_the_program_dies() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = world();
            let usage = json!({ "prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12 });
            let reply = json!({ "response": "Yes.", "usage": usage });
            world.model.borrow_mut().extend([Ok(reply.clone()), Ok(reply)]);
            let journal = Journal::new(&world);
            let job = Job::first(asked(1, "Is room 1 free?"));
            world.crash_at(effect, side);
            let died = live(&world, &journal, &job).is_none();
            world.restart();
            assert_eq!(live(&world, &journal, &job), Some(Ok(())), "{side:?} {effect}");
            let conversations = world.conversations.borrow();
            let db = &conversations[CONVERSATION].db;
            let ratio: u64 =
                db.query_row("SELECT permille FROM ratios", [], |row| row.get(0)).unwrap();
            assert_eq!(ratio, 1_250, "a quarter of the way from 1 to the most, {side:?} {effect}");
            if !died {
                break;
            }
            drop(conversations);
            effect += 1;
        }
    }
}

#[test]
fn what_a_model_finds_too_long_is_asked_once_more_with_less_and_then_summarized() {
    let world = long();
    world.model.borrow_mut().push_back(Err(5021));
    answers(&world, &["Yes.", "Rooms 1 to 9 are free."]);
    let job = Job::first(asked(1, "Is room 31 free?"));
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    let (status, _, answer) = world.job(job.id().as_str()).unwrap();
    assert_eq!((status.as_str(), answer.as_deref()), ("COMPLETED", Some("Yes.")));
    let prompts: Vec<String> =
        world.prompts.borrow().iter().map(|it| it["messages"].to_string()).collect();
    let rooms = |prompt: &String| prompt.matches("\"Is room").count();
    assert_eq!(prompts.len(), 3, "refused, once more, and the summary");
    assert!(rooms(&prompts[1]) < rooms(&prompts[0]) && rooms(&prompts[1]) > 1, "{prompts:?}");
    let newest = "Is room 29 free?";
    assert!(prompts[..2].iter().all(|prompt| prompt.contains(newest)));
    assert!(prompts[1].contains("Is room 31 free?"), "the question stays");
    let sql = "SELECT outcome FROM attempts WHERE ordinal = 1";
    let outcome: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(outcome, "too-long");
    assert_eq!(outcomes(&world), ["kept"]);
}

#[test]
fn a_short_conversation_that_a_model_finds_too_long_is_summarized_in_half_of_its_room() {
    let world = world();
    let said = "word ".repeat(400);
    for nth in 1..=5 {
        ask(&world, asked(nth, &format!("Room {nth}? {said}")), "Yes.");
    }
    assert_eq!(outcomes(&world), [""; 0], "it takes less than 70 in a hundred");
    world.model.borrow_mut().push_back(Err(5021));
    answers(&world, &["Yes.", "Rooms 1 and 2 are free."]);
    let job = Job::first(asked(6, "And room 6?"));
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    assert_eq!(outcomes(&world), ["kept"]);
}

#[test]
fn a_summary_that_says_what_was_not_said_changes_nothing() {
    let world = long();
    answers(&world, &["Yes.", "Room 4711 is free."]);
    let done = live(&world, &Journal::new(&world), &Job::first(asked(1, "Is room 31 free?")));
    assert_eq!(done, Some(Ok(())));
    assert_eq!((summary(&world).as_str(), outcomes(&world)), ("", vec!["unanswered"]));
    assert_eq!(world.job("1300000000000000001").unwrap().0, "COMPLETED");
    // A model that cannot write one is not asked after each question.
    for nth in 2..=4 {
        ask(&world, asked(nth, "And the next room?"), "Yes.");
    }
    assert_eq!(outcomes(&world).len(), 1);
    answers(&world, &["Yes.", "Rooms 1 to 9 are free."]);
    let fifth = Job::first(asked(5, "And the next room?"));
    assert_eq!(live(&world, &Journal::new(&world), &fifth), Some(Ok(())));
    assert_eq!(outcomes(&world), ["unanswered", "kept"]);
}

#[test]
fn a_conversation_that_was_not_told_of_what_is_forgotten_loses_its_summary_with_the_next_question()
{
    let world = long();
    answers(&world, &["Yes.", "Rooms 1 to 9 are free."]);
    let job = Job::first(asked(1, "Remember that I like room 4."));
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    assert_eq!(summary(&world), "Rooms 1 to 9 are free.");
    world.now.set(world.now().0 + 1_000);
    let command = Command::Facts(Request::ForgetAll);
    run_once(once(&world, &crate::facts::object(&job.question.asker.id).unwrap(), &command))
        .unwrap()
        .unwrap();
    let later = Question { asked: Millis(world.now().0 + 1), ..asked(2, "And now?") };
    assert_eq!(ask(&world, later, "Yes."), pairs([("user", "And now?")]));
    assert!(!system_of(&world).contains("Rooms 1 to 9"));
    assert_eq!(summary(&world), "");
}

fn system_of(world: &Fake) -> String {
    world.prompts.borrow().first().map(|inputs| inputs["messages"].to_string()).unwrap_or_default()
}

#[test]
fn without_money_there_is_none_and_the_answer_stays() {
    let world = long();
    answers(&world, &["Yes."]);
    let mut settings = settings();
    settings.budgets.day = Some(100_000);
    settings.budgets.question = Some(100_000);
    let spent = "INSERT INTO spending (kind, key, day, model, cost_nano)
                 VALUES ('day', 'all', unixepoch() / 86400, '', 0)";
    world.db.execute(spent, []).unwrap();
    let job = Job::first(asked(1, "Is room 31 free?"));
    let done = live_with(&world, &Journal::new(&world), &job, &settings);
    assert_eq!(done, Some(Ok(())));
    let (status, ..) = world.job("1300000000000000001").unwrap();
    let sql = "SELECT sum(cost_nano) FROM spending WHERE kind = 'day'";
    let spent: u64 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(status == "COMPLETED" && spent <= 100_000, "{status} {spent}");
    assert_eq!(outcomes(&world), ["unpaid"]);
}

#[test]
fn a_run_that_dies_on_the_way_costs_no_answer_and_books_at_most_once() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = long();
            answers(&world, &["Yes.", "Rooms 1 to 9 are free.", "Rooms 1 to 9 are free."]);
            let journal = Journal::new(&world);
            let job = Job::first(asked(1, "Is room 31 free?"));
            world.crash_at(effect, side);
            let died = live(&world, &journal, &job).is_none();
            world.restart();
            assert_eq!(live(&world, &journal, &job), Some(Ok(())), "{side:?} {effect}");
            let (status, ..) = world.job(job.id().as_str()).unwrap();
            assert_eq!(status, "COMPLETED", "{side:?} {effect}");
            let (rows, _) = booked(&world);
            assert_eq!(rows, 1, "{side:?} {effect}");
            assert!(["", "Rooms 1 to 9 are free."].contains(&summary(&world).as_str()));
            if !died {
                assert_eq!(summary(&world), "Rooms 1 to 9 are free.");
                break;
            }
            effect += 1;
        }
    }
}
