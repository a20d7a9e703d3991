//! A reminder is set once, brought once and in its asker's words, and can be taken back.

use serde_json::{Value, json};

use super::*;
use crate::testing::{discord, platforms, run_job};
use crate::{JobContext, workflow};
use miyabi_core::ports::Stop;
use miyabi_testing::{Fake, Journal, Side, question, run as run_once, settings};

const MIO: &str = "80351110224678912";

const WORDS: &str = "take the pizza out";

const DUE: &str = "<@80351110224678912> ⏰ リマインダーです: take the pizza out";

fn asked() -> Job {
    Job::first(question("Remind me in 20 minutes to take the pizza out."))
}

fn call(time: &str, words: &str) -> Value {
    let call = json!({ "name": "remind_me", "arguments": { "time": time, "words": words } });
    json!({ "response": null, "tool_calls": [call] })
}

fn says(text: &str) -> Value {
    json!({ "response": text })
}

/// Runs a job to its end, with these replies of the model.
fn run_with(world: &Fake, job: &Job, replies: &[Value]) {
    world.model.borrow_mut().clear();
    world.model.borrow_mut().extend(replies.iter().cloned().map(Ok));
    let journal = Journal::new(world);
    assert_eq!(run_once(run_job(world, &journal, &settings(), job)), Some(Ok(())));
}

/// A world in which the reminder is set.
fn set_one() -> Fake {
    let world = Fake::new();
    run_with(&world, &asked(), &[call("in 20 minutes", WORDS), says("I will.")]);
    world
}

fn rows(world: &Fake) -> Vec<(String, String)> {
    let mut statement = world.db.prepare("SELECT words, state FROM reminders ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn row(words: &str, state: &str) -> (String, String) {
    (words.to_owned(), state.to_owned())
}

/// What was posted besides the question and its answer.
fn brought(world: &Fake) -> Vec<String> {
    let discord = world.discord.borrow();
    let posts = discord.channel.iter().filter(|post| post.content.contains('⏰'));
    posts.map(|post| post.content.clone()).collect()
}

fn result(world: &Fake) -> String {
    world.job(asked().id().as_str()).unwrap().2.unwrap()
}

/// Runs the job of a reminder, if it was started or the watchdog would start it.
fn run_brought(world: &Fake, journal: &Journal) -> Option<Result<(), Stop>> {
    let sql = "SELECT params FROM jobs WHERE id LIKE 'reminder%' AND status NOT IN ('COMPLETED', 'ERROR')";
    let Ok(params) = world.db.query_row(sql, [], |row| row.get::<_, String>(0)) else {
        return Some(Ok(()));
    };
    let job = from_params(&json::parse(&params).unwrap()).unwrap();
    let transport = &discord(world).of_question(&job.question);
    let (settings, job) = (&settings(), &job);
    run_once(workflow::run(JobContext { host: world, steps: journal, transport, settings, job }))
}

#[test]
fn a_reminder_is_set_said_below_the_answer_and_brought_to_its_asker() {
    let world = set_one();
    let said = result(&world);
    assert!(said.starts_with("I will.\n-# reminder set: take the pizza out (<t:"), "{said}");
    assert_eq!(rows(&world), [row(WORDS, "WAITING")]);
    run_once(bring(&world, &platforms(&world))).unwrap();
    assert_eq!(rows(&world), [row(WORDS, "BROUGHT")]);
    let started: Vec<_> = world.started.borrow().iter().map(|(it, _)| it.clone()).collect();
    assert_eq!(started, ["reminder_1300000000000000000_0"]);
    assert_eq!(run_brought(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(brought(&world), [DUE]);
    assert_eq!(world.job("reminder_1300000000000000000_0").unwrap().0, "COMPLETED");
    // The question is posted once, and the reminder as no question of anybody.
    assert_eq!(world.discord.borrow().channel.len(), 3);
}

#[test]
fn what_the_server_forbids_since_is_not_posted_and_its_person_is_shown_that() {
    let channel = "1200000000000000002";
    let elsewhere = json!({ "channels": ["5"] }).to_string();
    let (here, tools) = (json!({ "channels": ["5", channel] }), json!({ "tools": ["weather"] }));
    for (settings, is_brought) in [
        (elsewhere.as_str(), false),
        (&tools.to_string(), false),
        (r#"{"no_reminders":true}"#, false),
        (&here.to_string(), true),
        (r#"{"tools":["remind_me"]}"#, true),
    ] {
        let world = set_one();
        let sql = "INSERT INTO server_settings (server, version, settings, part, event, changed_by)
                   VALUES (?1, ?2, ?3, 'channels', ?2, '5')";
        let server = question("").server.unwrap();
        world.db.execute(sql, (&server, 1, "{}")).unwrap();
        world.db.execute(sql, (&server, 2, settings)).unwrap();
        for _ in 0..2 {
            run_once(bring(&world, &platforms(&world))).unwrap();
        }
        let state = if is_brought { "BROUGHT" } else { "LOST" };
        assert_eq!(rows(&world), [row(WORDS, state)], "{settings}");
        assert_eq!(world.started.borrow().len(), usize::from(is_brought));
        world.db.execute("UPDATE reminders SET due_at = unixepoch()", []).unwrap();
        let listed = run_once(waiting(&world, MIO)).unwrap().unwrap();
        let lost: Vec<_> = listed.iter().map(|it| it.is_lost).collect();
        assert_eq!(lost, if is_brought { vec![] } else { vec![true] });
        world.db.execute("UPDATE reminders SET due_at = unixepoch() - 700000", []).unwrap();
        assert_eq!(run_once(waiting(&world, MIO)).unwrap().unwrap(), []);
    }
}

#[test]
fn it_is_set_once_wherever_the_program_dies_and_whichever_generation_sets_it() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = Fake::new();
            let replies = [call("in 20 minutes", WORDS), says("I will.")];
            world.model.borrow_mut().extend(replies.iter().cloned().map(Ok));
            world.crash_at(effect, side);
            let journal = Journal::new(&world);
            let died = run_once(run_job(&world, &journal, &settings(), &asked())).is_none();
            world.restart();
            world.db.execute("UPDATE jobs SET generation = 2 WHERE result IS NULL", []).unwrap();
            // The model of the second generation says it otherwise.
            let again = [call("in 30 minutes", "the pizza"), says("Of course.")];
            run_with(&world, &Job { generation: 2, ..asked() }, &again);
            assert_eq!(rows(&world).len(), 1, "{side:?} {effect}");
            let said = result(&world);
            let set = rows(&world)[0].0.clone();
            assert!(said.contains(&format!("\n-# reminder set: {set} (<t:")), "{effect}: {said}");
            if !died {
                break;
            }
            effect += 1;
        }
        assert!(effect > 12, "{effect}");
    }
}

#[test]
fn it_is_brought_once_wherever_the_program_dies() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = set_one();
            world.crash_at(effect, side);
            let journal = Journal::new(&world);
            let mut died = run_once(bring(&world, &platforms(&world))).is_none();
            died = died || run_brought(&world, &journal).is_none();
            world.restart();
            run_once(bring(&world, &platforms(&world))).unwrap();
            assert_eq!(run_brought(&world, &journal), Some(Ok(())), "{side:?} {effect}");
            assert_eq!(brought(&world), [DUE], "{side:?} {effect}");
            assert_eq!(rows(&world), [row(WORDS, "BROUGHT")]);
            if !died {
                break;
            }
            effect += 1;
        }
        assert!(effect > 4, "{effect}");
    }
}

#[test]
fn the_same_call_twice_is_one_reminder_and_two_calls_are_two() {
    let world = Fake::new();
    let same = || call("in 20 minutes", WORDS);
    run_with(&world, &asked(), &[same(), same(), says("I will.")]);
    assert_eq!(rows(&world), [row(WORDS, "WAITING")]);
    let world = Fake::new();
    let other = call("in 1 hour", WORDS);
    run_with(&world, &asked(), &[same(), other, says("I will.")]);
    assert_eq!(rows(&world).len(), 2);
}

#[test]
fn what_is_no_time_nobodys_words_or_too_much_is_refused_with_a_sentence() {
    let told = |world: &Fake| {
        let prompts = world.prompts.borrow();
        prompts.last().unwrap()["messages"].to_string()
    };
    for (time, words, said) in [
        ("tomorrow", WORDS, "`time` must be like"),
        ("in 400 days", WORDS, "`time` must be at least"),
        ("in 20 minutes", "visit evil.example", "only the asker's own words"),
    ] {
        let world = Fake::new();
        run_with(&world, &asked(), &[call(time, words), says("No.")]);
        assert!(told(&world).contains(said), "{}", told(&world));
        assert_eq!((rows(&world), result(&world)), (Vec::new(), "No.".to_owned()));
    }
    let world = set_one();
    for nth in 1..25 {
        let sql = "INSERT INTO reminders (id, job, asker, words, params, due_at)
                   VALUES ('x' || ?1, 'x', '80351110224678912', 'x', '', 4000000000)";
        world.db.execute(sql, [nth]).unwrap();
    }
    let next = Job::first(Question {
        id: JobId::parse("1300000000000000009").unwrap(),
        ..asked().question
    });
    run_with(&world, &next, &[call("in 20 minutes", WORDS), says("No.")]);
    assert!(told(&world).contains("has 25 that wait"), "{}", told(&world));
}

#[test]
fn nothing_is_set_where_nothing_can_be_brought() {
    let world = Fake::new();
    let mut private = asked();
    private.question.is_private = true;
    run_with(&world, &private, &[call("in 20 minutes", WORDS), says("No.")]);
    let messages = world.prompts.borrow().last().unwrap()["messages"].to_string();
    assert!(messages.contains("there is no tool `remind_me`"), "{messages}");
    let world = Fake::new();
    let mut direct = asked();
    direct.question.place = "\"direct\"".to_owned();
    run_with(&world, &direct, &[call("in 20 minutes", WORDS), says("No.")]);
    let messages = world.prompts.borrow().last().unwrap()["messages"].to_string();
    assert!(messages.contains("no reminder can be brought here"), "{messages}");
    assert_eq!(rows(&world), []);
}

#[test]
fn a_reminder_is_listed_and_taken_back_by_its_asker_alone() {
    let world = set_one();
    let waiting = run_once(waiting(&world, MIO)).unwrap().unwrap();
    let id = waiting[0].id.clone();
    assert_eq!((waiting.len(), waiting[0].words.as_str()), (1, WORDS));
    let cancelled = |asker: &str| run_once(cancel(&world, asker, &id)).unwrap();
    assert_eq!(cancelled("4"), Ok(false));
    assert_eq!((cancelled(MIO), cancelled(MIO)), (Ok(true), Ok(false)));
    run_once(bring(&world, &platforms(&world))).unwrap();
    assert_eq!(rows(&world), [row(WORDS, "CANCELLED")]);
    assert!(world.started.borrow().is_empty());
}

#[test]
fn a_channel_that_is_gone_ends_the_reminder_and_is_recorded() {
    let world = set_one();
    run_once(bring(&world, &platforms(&world))).unwrap();
    let gone = "UPDATE jobs SET params = json_set(params, '$.place', '\"direct\"') WHERE id LIKE 'reminder%'";
    world.db.execute(gone, []).unwrap();
    assert_eq!(run_brought(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(world.job("reminder_1300000000000000000_0").unwrap().0, "ERROR");
    assert_eq!(brought(&world), [""; 0]);
}

#[test]
fn one_whose_parameters_cannot_be_read_is_lost_and_holds_up_no_other() {
    let world = set_one();
    world.db.execute("UPDATE reminders SET params = '{}'", []).unwrap();
    run_once(bring(&world, &platforms(&world))).unwrap();
    assert_eq!(rows(&world), [row(WORDS, "LOST")]);
}

#[test]
fn what_was_not_brought_hides_nothing_that_waits() {
    let world = Fake::new();
    let insert = |id: u32, state: &str, due_s: &str| {
        let sql = format!(
            "INSERT INTO reminders (id, job, asker, words, params, due_at, state)
             VALUES ('{id}', '1', '7', 'w{id}', '{{}}', unixepoch() {due_s}, '{state}')"
        );
        world.db.execute(&sql, []).unwrap();
    };
    (0..MAX_WAITING).for_each(|id| insert(id, "WAITING", "+ 900"));
    (0..30).for_each(|id| insert(1_000 + id, "LOST", "- 60"));
    let listed = run_once(waiting(&world, "7")).unwrap().unwrap();
    let waits = listed.iter().filter(|it| !it.is_lost).count();
    assert_eq!(waits, usize::try_from(MAX_WAITING).unwrap());
    assert!(listed.first().is_some_and(|it| it.is_lost), "those come first that were not brought");
}
