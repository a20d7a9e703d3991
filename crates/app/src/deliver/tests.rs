//! Deliveries on a platform that can do little: no placeholder, no edit, no look, no files.

use miyabi_core::fault::Notice;
use miyabi_core::http::HttpError;
use miyabi_core::i18n::sentence;
use miyabi_core::ports::Stop;
use miyabi_core::question::Question;
use miyabi_core::transport::{Route, SendError};
use miyabi_testing::{
    Fake, Journal, LIMIT_UTF16, Plain, PlainFate, question, run, settings, wherever_it_dies,
};
use serde_json::json;

use crate::{Job, JobContext, jobs, workflow};

/// Runs the flow; `None` if it died.
fn live(world: &Fake, journal: &Journal, question: &Question) -> Option<Result<(), Stop>> {
    let (transport, settings, job) =
        (Plain(world.clone()), settings(), Job::first(question.clone()));
    run(workflow::run(JobContext {
        host: world,
        steps: journal,
        transport: &transport,
        settings: &settings,
        job: &job,
    }))
}

/// Runs the flow, and again after each death, until it ends.
fn run_to_the_end(world: &Fake, journal: &Journal, question: &Question) {
    for _ in 0..3 {
        if let Some(outcome) = live(world, journal, question) {
            assert_eq!(outcome, Ok(()));
            return;
        }
        world.restart();
    }
    panic!("the job never ended");
}

/// An answer of two messages.
fn two_chunks(world: &Fake) -> [String; 2] {
    let chunks = ["😀".repeat(LIMIT_UTF16 / 2), "い".repeat(10)];
    let answer = chunks.join("\n\n");
    world.model.borrow_mut().push_back(Ok(json!({ "response": answer })));
    chunks
}

#[test]
fn an_answer_is_sent_in_the_units_of_the_platform_and_the_question_is_not_repeated() {
    let world = Fake::new();
    let chunks = two_chunks(&world);
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(*world.plain.borrow(), chunks);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
    assert_eq!(world.discord.borrow().requests.len(), 0);
}

#[test]
fn nothing_is_lost_wherever_it_dies_and_only_the_message_under_way_may_be_there_twice() {
    wherever_it_dies(8, |death| {
        let world = Fake::new();
        let chunks = two_chunks(&world);
        let asked = question("hi");
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        world.model.borrow_mut().push_back(Ok(json!({ "response": chunks.join("\n\n") })));
        run_to_the_end(&world, &journal, &asked);
        let mut sent = world.plain.borrow().clone();
        assert!(sent.len() <= 3, "{death:?}");
        sent.dedup();
        assert_eq!(sent, chunks, "{death:?}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn a_failure_is_told_by_one_message_wherever_it_dies() {
    wherever_it_dies(4, |death| {
        let world = Fake::new();
        world.model.borrow_mut().extend([Err(3036), Err(3036)]);
        let asked = question("hi");
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        world.model.borrow_mut().extend([Err(3036), Err(3036)]);
        run_to_the_end(&world, &journal, &asked);
        let mut sent = world.plain.borrow().clone();
        sent.dedup();
        assert_eq!(sent, [sentence(Notice::Quota, asked.language)], "{death:?}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "ERROR", "{death:?}");
        died
    });
}

#[test]
fn what_is_refused_for_now_is_sent_again_and_what_is_refused_for_good_ends_the_job() {
    let refusals = [
        (SendError::Deferred { operation: "send", status: 403, code: 1 }, "COMPLETED"),
        (SendError::ServerError { operation: "send", status: 502, code: 0 }, "COMPLETED"),
        (SendError::NoResponse { operation: "send", source: HttpError::Lost }, "COMPLETED"),
        (SendError::Refused { operation: "send", status: 403, code: 1 }, "ERROR"),
    ];
    for (refusal, status) in refusals {
        let world = Fake::new();
        let chunks = two_chunks(&world);
        world.plain_fates.borrow_mut().push_back(PlainFate::Refused(refusal.clone()));
        let asked = question("hi");
        run_to_the_end(&world, &Journal::new(&world), &asked);
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, status, "{refusal:?}");
        let sent = world.plain.borrow();
        if status == "COMPLETED" {
            assert_eq!(*sent, chunks, "{refusal:?}");
        } else {
            assert_eq!(*sent, [sentence(Notice::Blocked, asked.language)], "{refusal:?}");
        }
    }
}

fn away() -> Result<Route, SendError> {
    Err(SendError::ServerError { operation: "route", status: 503, code: 0 })
}

#[test]
fn a_way_that_is_not_found_at_once_is_looked_for_for_minutes_where_there_is_no_other() {
    let world = Fake::new();
    let chunks = two_chunks(&world);
    world.plain_routes.borrow_mut().extend((0..7).map(|_| away()));
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(*world.plain.borrow(), chunks);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
}

#[test]
fn without_a_way_the_job_fails_is_told_in_public_and_pays_for_its_model_wherever_it_dies() {
    let refused = || Err(SendError::Refused { operation: "route", status: 403, code: 1 });
    let no_ways: [(Vec<_>, Notice); 3] = [
        ((0..8).map(|_| away()).collect(), Notice::TryAgain),
        (vec![refused()], Notice::Blocked),
        // A transport that breaks its word.
        (vec![Ok(Route::Private)], Notice::Blocked),
    ];
    for (no_way, notice) in no_ways {
        wherever_it_dies(4, |death| {
            let world = Fake::new();
            let _chunks = two_chunks(&world);
            let asked = question("hi");
            let journal = Journal::ordered(&world, death.order);
            world.plain_routes.borrow_mut().extend(no_way.clone());
            world.crash_at(death.effect, death.side);
            let died = live(&world, &journal, &asked).is_none();
            world.restart();
            let _chunks = two_chunks(&world);
            run_to_the_end(&world, &journal, &asked);
            let case = format!("{notice:?} {death:?}");
            let mut sent = world.plain.borrow().clone();
            sent.dedup();
            let (status, ..) = world.job(asked.id.as_str()).unwrap();
            // Where the run died before the step had ended, the next run finds a way.
            if status == "ERROR" {
                assert_eq!(sent, [sentence(notice, asked.language)], "{case}");
            } else {
                assert!(died && sent.len() == 2, "{case}: {status}");
            }
            let booked = "SELECT count(*) FROM attempts WHERE job = ?1";
            let booked = world.db.query_row(booked, [asked.id.as_str()], |row| row.get(0));
            assert_eq!(booked, Ok(1), "{case}: an attempt is booked once");
            assert!(died || status == "ERROR", "{case}");
            died
        });
    }
}

#[test]
fn an_answer_whose_outcome_is_unknown_is_rather_doubled_than_lost() {
    let world = Fake::new();
    let [first, second] = two_chunks(&world);
    world.plain_fates.borrow_mut().push_back(PlainFate::SentInSilence);
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(*world.plain.borrow(), [first.clone(), first, second]);
}

#[test]
fn what_another_run_is_sending_at_this_moment_is_not_sent_beside_it() {
    let world = Fake::new();
    let chunks = two_chunks(&world);
    let asked = question("hi");
    // The other run's first message is there, and the ledger hears of it while this run waits.
    run(jobs::claim(&world, &Job::first(asked.clone()), &settings())).unwrap().unwrap();
    let begun = "INSERT INTO posts (job, step, state) VALUES (?1, 'answer:1', 'SENDING')";
    world.db.execute(begun, [asked.id.as_str()]).unwrap();
    world.plain.borrow_mut().push(chunks[0].clone());
    let other = world.clone();
    *world.while_asleep.borrow_mut() = Some(Box::new(move || {
        let sent = "UPDATE posts SET state = 'SENT', message_id = '1'
                    WHERE step = 'answer:1' AND attempt_count = 2";
        other.db.execute(sent, []).unwrap() == 1
    }));
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(*world.plain.borrow(), chunks);
}
