//! Only who asked and who moderates is served, each press is carried out once, and nothing is kept for longer
//! than the messages stand there.

mod traces;

use super::*;
use crate::conversation::{self, Live};
use crate::jobs;
use crate::testing::{discord, run_job};
use miyabi_core::i18n::Language;
use miyabi_core::ports::Limit;
use miyabi_testing::{Fake, Journal, question, run, settings, wherever_it_dies};
use serde_json::json;

const JOB: &str = "1300000000000000000";
const LINK: &str = "https://discord.com/channels/1/2/3";

/// Asks where the application has a webhook of its own, and answers.
fn answered(world: &Fake, asked: &Question) {
    world.discord.borrow_mut().webhook_channel = "1".to_owned();
    let job = Job::first(asked.clone());
    let journal = Journal::new(world);
    assert_eq!(run(run_job(world, &journal, &settings(), &job)), Some(Ok(())));
    world.discord.borrow_mut().reply = Some(String::new());
}

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    answered(&world, &question("hi `there`"));
    world
}

/// A press by whoever asked.
fn press_of(button: Button, id: &str) -> Press {
    let id = JobId::parse(id).unwrap();
    let now = miyabi_core::ids::Millis(1_700_000_000_000);
    let question = Question { id, text: String::new(), asked: now, ..question("") };
    let job = JobId::parse(JOB).unwrap();
    let question = Question { language: Language::English, ..question };
    let conversation = Some("discord:1:2".to_owned());
    let question = Question { conversation, ..question };
    let (message, link) = (String::new(), LINK.to_owned());
    Press { button, job, question, is_moderator: false, message, link }
}

fn by(asker: &str, is_moderator: bool, server: Option<&str>, mut press: Press) -> Press {
    press.question.asker.id = asker.to_owned();
    press.question.server = server.map(ToOwned::to_owned);
    Press { is_moderator, ..press }
}

fn pressed(world: &Fake, one: Press) -> Pressed {
    run(press(world, &discord(world), one)).unwrap()
}

fn told(words: miyabi_core::i18n::Sentence) -> Pressed {
    Pressed::Told(words.english.to_owned())
}

fn kept(world: &Fake) -> Option<String> {
    world.db.query_row("SELECT kept FROM jobs WHERE id = ?1", [JOB], |row| row.get(0)).unwrap()
}

fn contents(world: &Fake) -> Vec<String> {
    world.discord.borrow().channel.iter().map(|message| message.content.clone()).collect()
}

/// Carries out what a press asks, and answers it.
fn asked(world: &Fake, press: Press) -> Question {
    let Pressed::Ask(question) = pressed(world, press) else { panic!("not asked") };
    let accepted = run(accept(world, &discord(world), (*question).clone())).unwrap();
    assert_eq!(accepted, Accepted::Deferred);
    world.run_waiting();
    *question
}

#[test]
fn what_the_buttons_need_is_kept_exactly_where_they_are_shown() {
    let world = world();
    let shown = world.discord.borrow().buttons.clone();
    let last = world.discord.borrow().channel.last().unwrap().id.clone();
    assert_eq!(shown, [last]);
    let question = question_of(&kept(&world).unwrap()).unwrap();
    assert_eq!((question.text.as_str(), question.token.reveal()), ("hi `there`", ""));
    // By a webhook that a person made, and for the asker alone.
    for speaks in [true, false] {
        let world = Fake::new();
        let mut asked = miyabi_testing::question("hi");
        if !speaks {
            asked.place = "\"direct\"".to_owned();
        }
        let journal = Journal::new(&world);
        run(run_job(&world, &journal, &settings(), &Job::first(asked))).unwrap().unwrap();
        assert_eq!((kept(&world), world.discord.borrow().buttons.len()), (None, 0));
    }
}

#[test]
fn an_answer_that_goes_to_its_asker_after_all_keeps_nothing() {
    let world = Fake::new();
    world.discord.borrow_mut().webhook_channel = "1".to_owned();
    let refusal = || miyabi_testing::response(400, &json!({ "code": 200_000 }));
    // The question, and then the answer.
    world.discord.borrow_mut().answers.push(miyabi_testing::Answer {
        to: ("POST", "?wait=true"),
        takes_effect: true,
        response: Ok(miyabi_testing::response(200, &json!({ "id": "77" }))),
    });
    world.discord.borrow_mut().refuse("POST", "?wait=true", refusal());
    let journal = Journal::new(&world);
    let job = Job::first(question("hi"));
    assert_eq!(run(run_job(&world, &journal, &settings(), &job)), Some(Ok(())));
    assert_eq!(world.job(JOB).unwrap().0, "COMPLETED");
    assert_eq!(kept(&world), None);
}

#[test]
fn an_answer_whose_buttons_are_refused_is_posted_without_them() {
    let world = Fake::new();
    world.discord.borrow_mut().webhook_channel = "1".to_owned();
    world.discord.borrow_mut().answers.push(miyabi_testing::Answer {
        to: ("POST", "?wait=true"),
        takes_effect: true,
        response: Ok(miyabi_testing::response(200, &json!({ "id": "77" }))),
    });
    let body = json!({ "code": 50_035, "errors": { "components": {} } });
    world.discord.borrow_mut().refuse("POST", "?wait=true", miyabi_testing::response(400, &body));
    let job = Job::first(question("hi"));
    assert_eq!(run(run_job(&world, &Journal::new(&world), &settings(), &job)), Some(Ok(())));
    assert_eq!((contents(&world).len(), world.discord.borrow().buttons.len()), (2, 0));
}

#[test]
fn who_asked_and_who_moderates_the_server_is_served_and_nobody_else() {
    let asker = question("").asker.id;
    let server = question("").server.unwrap();
    for button in Button::ALL {
        for (who, is_moderator, place, is_served) in [
            (asker.as_str(), false, Some(server.as_str()), true),
            (asker.as_str(), false, None, true),
            ("4", true, Some(server.as_str()), true),
            ("4", false, Some(server.as_str()), false),
            ("4", true, Some("5"), false),
            ("4", true, None, false),
            ("", false, Some(server.as_str()), false),
        ] {
            let world = world();
            let before = contents(&world);
            let one = by(who, is_moderator, place, press_of(button, "1300000000000000101"));
            let is_refused = pressed(&world, one) == told(words::NOT_YOURS);
            assert_eq!(is_refused, !is_served, "{button:?} {who} {is_moderator} {place:?}");
            assert!(is_served || contents(&world) == before);
        }
    }
}

#[test]
fn an_answer_of_which_nothing_is_kept_is_said_to_be_too_old() {
    for button in Button::ALL {
        let world = Fake::new();
        let one = || press_of(button, "1300000000000000101");
        assert_eq!(pressed(&world, one()), told(words::GONE), "no such job");
        let world = self::world();
        world.db.execute("UPDATE jobs SET kept = NULL", []).unwrap();
        assert_eq!(pressed(&world, one()), told(words::GONE), "without buttons");
        world.db.execute("UPDATE jobs SET kept = 'x'", []).unwrap();
        let expected = if button == Button::Delete { words::DELETED } else { words::GONE };
        assert_eq!(pressed(&world, one()), told(expected), "unreadable");
    }
}

#[test]
fn an_answer_is_found_once_more_by_one_press_at_a_time_and_its_question_is_not_posted_again() {
    let world = world();
    let first = || press_of(Button::Regenerate, "1300000000000000101");
    let second = || press_of(Button::Regenerate, "1300000000000000102");
    let Pressed::Ask(new) = pressed(&world, first()) else { panic!() };
    assert_eq!(
        (new.text.as_str(), new.conversation.as_deref()),
        ("hi `there`", Some("discord:1:2"))
    );
    // Its row may not be there yet.
    assert_eq!(pressed(&world, second()), told(words::RUNNING));
    let new = asked(&world, first());
    assert_eq!(asked(&world, first()), new, "delivered twice");
    assert_eq!(pressed(&world, second()), told(words::RUNNING));
    let job = Job::first(new);
    assert_eq!(run(run_job(&world, &Journal::new(&world), &settings(), &job)), Some(Ok(())));
    let seen = contents(&world);
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(seen[2].ends_with(&format!("-# answered before: {LINK}")), "{seen:?}");
    assert_eq!(world.discord.borrow().buttons.len(), 2);
    assert!(matches!(pressed(&world, second()), Pressed::Ask(_)), "the first has ended");
}

#[test]
fn a_press_that_becomes_no_job_holds_nobody_up() {
    let world = world();
    let (of, first) =
        (JobId::parse(JOB).unwrap(), press_of(Button::Regenerate, "1300000000000000101"));
    let id = first.question.id.clone();
    assert!(matches!(pressed(&world, first.clone()), Pressed::Ask(_)));
    run(release(&world, &of, &id)).unwrap();
    let second = press_of(Button::Regenerate, "1300000000000000102");
    assert!(matches!(pressed(&world, second), Pressed::Ask(_)));
    run(release(&world, &of, &id)).unwrap();
    assert_eq!(pressed(&world, first.clone()), told(words::RUNNING), "it releases its own only");
    world.db.execute("UPDATE jobs SET again_at = again_at - 60", []).unwrap();
    assert!(matches!(pressed(&world, first), Pressed::Ask(_)), "one that died on its way");
}

#[test]
fn a_moderator_has_it_answered_without_anybodys_memory() {
    let world = world();
    let server = question("").server.unwrap();
    let one = press_of(Button::Regenerate, "1300000000000000101");
    let Pressed::Ask(new) = pressed(&world, by("4", true, Some(&server), one)) else { panic!() };
    assert_eq!((new.conversation.as_deref(), new.asker.id.as_str()), (None, "4"));
    let one = press_of(Button::FollowUp, "1300000000000000102");
    let Pressed::OpenForm(form) = pressed(&world, by("4", true, Some(&server), one)) else {
        panic!()
    };
    assert!(!form.quote.unwrap().is_own);
}

#[test]
fn another_question_is_about_the_answer() {
    let world = world();
    let one = press_of(Button::FollowUp, "1300000000000000101");
    let Pressed::OpenForm(form) = pressed(&world, one) else { panic!() };
    let quote = form.quote.unwrap();
    let answer = "It is noon. (´▽`)";
    assert_eq!((quote.link.as_str(), quote.text.as_str(), quote.is_own), (LINK, answer, true));
}

#[test]
fn why_tells_models_tools_and_cost() {
    let world = Fake::new();
    let call = json!({ "response": null,
        "tool_calls": [{ "name": "current_time", "arguments": { "time_zone": "Asia/Tokyo" } }] });
    world.model.borrow_mut().extend([Ok(call), Ok(json!({ "response": "noon" }))]);
    answered(&world, &question("when?"));
    let one = press_of(Button::Why, "1300000000000000101");
    let Pressed::Told(words) = pressed(&world, one) else { panic!() };
    for part in [
        "rounds: 2",
        "`current_time` `{\"time_zone\":\"Asia/Tokyo\"}`: done, ",
        "ms",
        ": ok, ",
        "cost",
        JOB,
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn an_answer_is_deleted_once_and_then_known_as_deleted() {
    let world = world();
    let delete = |id: &str| pressed(&world, press_of(Button::Delete, id));
    for id in ["1300000000000000101", "1300000000000000101", "1300000000000000102"] {
        assert_eq!(delete(id), told(words::DELETED));
        assert_eq!((contents(&world), kept(&world)), (Vec::new(), Some(String::new())));
    }
    for button in [Button::Why, Button::Regenerate, Button::FollowUp] {
        let one = press_of(button, "1300000000000000103");
        assert_eq!(pressed(&world, one), told(words::DELETED_BEFORE));
    }
    let (status, _, result) = world.job(JOB).unwrap();
    assert_eq!((status.as_str(), result.as_deref()), ("COMPLETED", Some("")));
}

#[test]
fn what_was_asked_of_a_person_is_deleted_with_the_answer_and_not_while_it_is_needed() {
    let world = world();
    let asked = "INSERT INTO consents (job, key, asked, asker, tool, arguments, expires_at)
      VALUES (?1, '0123456789abcdef0123456789abcdef', '1-1', '1', 't', '{\"title\":\"Genji\"}', 1)";
    world.db.execute(asked, [JOB]).unwrap();
    let left = || -> u32 {
        world.db.query_row("SELECT count(*) FROM consents", [], |row| row.get(0)).unwrap()
    };
    world.db.execute_batch("DROP TRIGGER jobs_status_moves_forward").unwrap();
    let moves = |status: &str, token: &str| {
        let sql = "UPDATE jobs SET status = ?1, token = ?2";
        world.db.execute(sql, [status, token]).unwrap();
    };
    moves("PROCESSING", "t");
    pressed(&world, press_of(Button::Delete, "1300000000000000101"));
    assert_eq!(left(), 1, "it is the claim of a job that runs");
    moves("COMPLETED", "");
    assert_eq!(
        pressed(&world, press_of(Button::Delete, "1300000000000000102")),
        told(words::DELETED)
    );
    assert_eq!(left(), 0);
}

#[test]
fn who_has_had_everything_deleted_reads_that_the_answer_was_deleted() {
    let world = world();
    let erased = "UPDATE jobs SET result = '', asker = '', kept = '', trace = NULL WHERE id = ?1";
    world.db.execute(erased, [JOB]).unwrap();
    for button in [Button::Why, Button::Delete, Button::Regenerate, Button::FollowUp] {
        let one = press_of(button, "1300000000000000101");
        assert_eq!(pressed(&world, one), told(words::DELETED_BEFORE), "{button:?}");
    }
}

#[test]
fn a_moderator_deletes_an_answer_whose_person_had_everything_else_deleted() {
    let world = world();
    let erased = "UPDATE jobs SET result = '', asker = '', kept = '', trace = NULL WHERE id = ?1";
    world.db.execute(erased, [JOB]).unwrap();
    let one = press_of(Button::Delete, "1300000000000000101");
    let server = question("").server;
    assert_eq!(pressed(&world, by("9", true, server.as_deref(), one)), told(words::DELETED));
    assert_eq!(contents(&world).len(), 0);
}

#[test]
fn a_question_whose_run_died_before_its_id_was_recorded_is_deleted_too() {
    wherever_it_dies(20, |death| {
        let world = Fake::new();
        world.discord.borrow_mut().webhook_channel = "1".to_owned();
        let job = Job::first(question("hi `there`"));
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = run(run_job(&world, &journal, &settings(), &job)).is_none();
        world.restart();
        for _ in 0..3 {
            drop(run(run_job(&world, &journal, &settings(), &job)));
        }
        let one = press_of(Button::Delete, "1300000000000000101");
        assert_eq!(pressed(&world, one), told(words::DELETED), "{death:?}");
        assert_eq!(contents(&world), Vec::<String>::new(), "{death:?}");
        died
    });
}

#[test]
fn what_cannot_be_removed_is_told_and_kept_for_the_next_press() {
    let world = world();
    world.discord.borrow_mut().manages_webhooks = false;
    let one = || press_of(Button::Delete, "1300000000000000101");
    assert_eq!(pressed(&world, one()), told(words::NOT_DELETED));
    assert_eq!(contents(&world).len(), 2);
    world.discord.borrow_mut().manages_webhooks = true;
    assert_eq!(pressed(&world, one()), told(words::DELETED));
    assert_eq!(contents(&world).len(), 0);
}

#[test]
fn a_deletion_that_dies_anywhere_is_completed_by_the_next_press() {
    wherever_it_dies(3, |death| {
        let world = world();
        world.crash_at(death.effect, death.side);
        let one = || press_of(Button::Delete, "1300000000000000101");
        let died = run(press(&world, &discord(&world), one())).is_none();
        world.restart();
        assert_eq!(pressed(&world, one()), told(words::DELETED), "{death:?}");
        assert_eq!((contents(&world).len(), kept(&world).as_deref()), (0, Some("")), "{death:?}");
        died
    });
}

#[test]
fn a_database_that_is_away_and_a_limit_are_told() {
    let world = world();
    world.store_faults.borrow_mut().extend(["buttons::look"; 4]);
    world.store_faults.borrow_mut().push("buttons::begin_again");
    let again = sentence(Notice::TryAgain, Language::English).to_owned();
    for button in Button::ALL {
        let one = press_of(button, "1300000000000000101");
        assert_eq!(pressed(&world, one), Pressed::Told(again.clone()), "{button:?}");
    }
    world.store_faults.borrow_mut().clear();
    let asker = question("").asker.id;
    world.exhausted.borrow_mut().push((Limit::Asker, asker));
    let crowded = sentence(Notice::Crowded, Language::English).to_owned();
    for button in [Button::Why, Button::Delete] {
        let one = press_of(button, "1300000000000000101");
        assert_eq!(pressed(&world, one), Pressed::Told(crowded.clone()), "{button:?}");
    }
}

#[test]
fn what_is_kept_goes_with_its_job() {
    let world = world();
    world.db.execute("UPDATE jobs SET created_at = 1", []).unwrap();
    run(jobs::forget(&world, 30)).unwrap().unwrap();
    let one = press_of(Button::Why, "1300000000000000101");
    assert_eq!(pressed(&world, one), told(words::GONE));
}

#[test]
fn in_a_channel_that_was_deleted_the_new_answer_goes_to_who_pressed() {
    let world = world();
    let new = asked(&world, press_of(Button::Regenerate, "1300000000000000101"));
    let gone = miyabi_testing::response(404, &json!({ "code": 10_003 }));
    world.discord.borrow_mut().refuse("GET", "/webhooks", gone);
    let job = Job::first(new);
    assert_eq!(run(run_job(&world, &Journal::new(&world), &settings(), &job)), Some(Ok(())));
    assert_eq!(contents(&world).len(), 2);
    let reply = world.discord.borrow().reply.clone().unwrap();
    assert!(reply.ends_with(LINK), "{reply}");
    let kept: Option<String> = world
        .db
        .query_row("SELECT kept FROM jobs WHERE id = ?1", [job.id().as_str()], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, None);
}
