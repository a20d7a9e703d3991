//! Every question becomes one job, and its asker hears of it in time, whatever fails.

use serde_json::json;

use super::*;
use crate::testing::discord;
use miyabi_core::fault::{Notice, StoreError};
use miyabi_core::ids::JobId;
use miyabi_core::ports::Limit;
use miyabi_core::transport::Message;
use miyabi_testing::{Fake, job, params, question, response, run, settings};

const ID: &str = "1300000000000000000";

fn ask(world: &Fake) -> Accepted {
    run(accept(world, &discord(world), question("hi"))).expect("the reply waited")
}

fn failed_start() -> Fault {
    EngineError::Start.into()
}

/// What the asker reads when the Workflow cannot be started.
fn apology() -> Accepted {
    Accepted::Refused(Notice::TryAgain)
}

/// Compares the job's status, whether its token is kept, and the events.
fn check(world: &Fake, status: &str, events: &[Event]) {
    let (found, token, _) = world.job(ID).unwrap();
    let has_ended = ["COMPLETED", "ERROR"].contains(&status);
    assert_eq!((found.as_str(), token.is_empty()), (status, has_ended));
    assert_eq!(world.events.borrow().as_slice(), events);
}

fn id() -> JobId {
    question("hi").id
}

fn deferred() -> Accepted {
    Accepted::Deferred
}

fn queued() -> Event {
    Event::JobQueued { job: id(), fault: failed_start() }
}

#[test]
fn a_question_is_one_job_and_a_deferred_reply() {
    let world = Fake::new();
    assert_eq!(ask(&world), deferred());
    check(&world, "PENDING", &[]);
    let started = [(ID.to_owned(), params(&job("hi")))];
    assert_eq!(world.started.borrow().as_slice(), started);
    assert_eq!(world.discord.borrow().requests, []);
    assert_eq!(world.queued.borrow().len(), 0);
}

#[test]
fn the_same_question_twice_is_one_job_and_the_same_reply() {
    let world = Fake::new();
    assert_eq!(ask(&world), deferred());
    assert_eq!(ask(&world), deferred());
    assert_eq!(world.started.borrow().len(), 1);
    check(&world, "PENDING", &[]);
}

#[test]
fn the_same_question_again_leaves_a_job_that_went_on_alone() {
    let world = Fake::new();
    ask(&world);
    run(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
    assert_eq!(ask(&world), deferred());
    check(&world, "PROCESSING", &[]);
}

#[test]
fn a_start_that_fails_twice_is_tried_a_third_time() {
    let world = Fake::new();
    world.start_faults.set(2);
    assert_eq!(ask(&world), deferred());
    check(&world, "PENDING", &[]);
    let slept: Duration = world.slept.borrow().iter().sum();
    assert_eq!(slept, Duration::from_millis(400));
}

#[test]
fn a_start_that_fails_for_good_is_left_to_the_queue() {
    let world = Fake::new();
    world.start_faults.set(3);
    assert_eq!(ask(&world), deferred());
    check(&world, "PENDING", &[queued()]);
    assert_eq!(world.queued.borrow().as_slice(), [params(&job("hi"))]);
    assert_eq!(world.started.borrow().len(), 0);
}

#[test]
fn what_neither_starts_nor_is_queued_is_told_at_once() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.queue_fails.set(true);
    assert_eq!(ask(&world), apology());
    let fault = EngineError::Queue.into();
    check(&world, "ERROR", &[Event::JobFailed { job: id(), fault }]);
    let apology = sentence(Notice::TryAgain, question("hi").language);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some(apology), "also another delivery's");
}

#[test]
fn the_same_question_again_takes_no_promise_back() {
    let world = Fake::new();
    assert_eq!(ask(&world), deferred());
    world.start_faults.set(3);
    world.queue_fails.set(true);
    assert_eq!(ask(&world), deferred());
    assert_eq!(world.job(ID).unwrap().0, "PENDING");
}

#[test]
fn a_start_that_hangs_does_not_hold_up_the_reply() {
    let world = Fake::new();
    world.start_hangs.set(true);
    let asked = world.now.get();
    assert_eq!(ask(&world), deferred());
    let waited_ms = world.now.get() - asked;
    assert!((1000..2500).contains(&waited_ms), "{waited_ms}");
    world.start_hangs.set(false);
    world.run_waiting();
    check(&world, "PENDING", &[]);
    assert_eq!(world.started.borrow().len(), 1);
    assert_eq!(world.queued.borrow().len(), 0, "the row is there: the watchdog would find it");
}

#[test]
fn nothing_is_promised_before_something_durable_is_behind_it() {
    for queue_fails in [false, true] {
        let world = Fake::new();
        world.start_hangs.set(true);
        world.store_faults.borrow_mut().extend(["jobs::insert"; RECORD_RETRIES.len()]);
        world.queue_fails.set(queue_fails);
        assert_eq!(ask(&world), if queue_fails { apology() } else { deferred() });
        let queued = world.queued.borrow();
        assert!(queued.iter().all(|queued| *queued == params(&job("hi"))));
        assert_eq!(queued.is_empty(), queue_fails);
    }
}

#[test]
fn a_start_that_hangs_and_fails_is_left_to_the_queue() {
    let world = Fake::new();
    world.start_hangs.set(true);
    assert_eq!(ask(&world), deferred());
    world.start_hangs.set(false);
    world.start_faults.set(3);
    world.run_waiting();
    check(&world, "PENDING", &[queued()]);
    assert_eq!(world.queued.borrow().len(), 1);
}

#[test]
fn what_is_neither_started_nor_queued_later_is_left_to_the_watchdog() {
    let world = Fake::new();
    world.start_hangs.set(true);
    world.queue_fails.set(true);
    assert_eq!(ask(&world), deferred());
    world.start_hangs.set(false);
    world.start_faults.set(3);
    world.run_waiting();
    check(&world, "PENDING", &[]);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
}

#[test]
fn what_stands_there_is_not_replaced_while_nobody_knows_what_it_is() {
    for (faults, is_told) in [(1, true), (NOTIFY_RETRIES.len(), false)] {
        let world = Fake::new();
        world.start_faults.set(3);
        world.queue_fails.set(true);
        world.store_faults.borrow_mut().extend(vec!["jobs::is_pending"; faults]);
        assert_eq!(ask(&world), apology());
        let apology = sentence(Notice::TryAgain, question("hi").language);
        assert_eq!(world.discord.borrow().reply.as_deref() == Some(apology), is_told, "{faults}");
    }
}

#[test]
fn an_asker_who_cannot_be_told_is_logged() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.queue_fails.set(true);
    let refusal = response(403, &json!({ "message": "no", "code": 50001 }));
    world.discord.borrow_mut().refuse("PATCH", "@original", refusal);
    assert_eq!(ask(&world), apology());
    let untold = SendError::Refused { operation: "edit_original", status: 403, code: 50001 };
    let untold = Event::AskerNotNotified { job: id(), fault: untold.into() };
    let failed = Event::JobFailed { job: id(), fault: EngineError::Queue.into() };
    check(&world, "ERROR", &[untold, failed]);
}

#[test]
fn an_asker_who_could_not_be_told_for_a_moment_is_told_again() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.queue_fails.set(true);
    world.discord.borrow_mut().refuse("PATCH", "@original", response(503, &json!({})));
    assert_eq!(ask(&world), apology());
    let apology = sentence(Notice::TryAgain, question("hi").language);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some(apology));
}

/// The start seemed to fail, and Discord limits the apology: the answer is there first.
#[test]
fn an_apology_that_has_to_wait_does_not_come_to_stand_over_an_answer() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.queue_fails.set(true);
    let limit = response(429, &json!({ "retry_after": 2.0, "code": 0 }));
    world.discord.borrow_mut().refuse("PATCH", "@original", limit);
    let other = world.clone();
    *world.while_asleep.borrow_mut() = Some(Box::new(move || {
        let is_limited = !other.discord.borrow().requests.is_empty();
        let answers = async {
            if !is_limited {
                return;
            }
            jobs::claim(&other, &job("hi"), &settings()).await.unwrap();
            let answer = Message::text("It is noon.");
            discord(&other).edit(&question("hi"), &answer).await.unwrap();
        };
        run(answers).unwrap();
        is_limited
    }));
    assert_eq!(ask(&world), apology());
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("It is noon."));
}

#[test]
fn a_job_whose_asker_cannot_be_told_now_is_left_to_the_watchdog() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.queue_fails.set(true);
    for _ in NOTIFY_RETRIES {
        world.discord.borrow_mut().refuse("PATCH", "@original", response(503, &json!({})));
    }
    assert_eq!(ask(&world), apology());
    let untold = SendError::ServerError { operation: "edit_original", status: 503, code: 0 };
    let untold = Event::AskerNotNotified { job: id(), fault: untold.into() };
    check(&world, "PENDING", &vec![untold; NOTIFY_RETRIES.len()]);
}

#[test]
fn a_database_that_is_away_does_not_keep_a_question_from_being_asked() {
    let world = Fake::new();
    world.store_faults.borrow_mut().push("jobs::insert");
    assert_eq!(ask(&world), deferred());
    let fault = Fault::from(StoreError::Failed { statement: "jobs::insert" });
    let delayed = Event::JobRecordDelayed { job: id(), fault };
    assert_eq!(world.events.borrow().as_slice(), [delayed]);
    assert_eq!(world.job(ID), None, "the Workflow's first step writes it, or the queue's consumer");
    assert_eq!(world.started.borrow().len(), 1);
    assert_eq!(world.queued.borrow().as_slice(), [params(&job("hi"))]);
}

#[test]
fn a_row_is_tried_again_beside_the_reply() {
    let world = Fake::new();
    world.store_faults.borrow_mut().push("jobs::insert");
    world.queue_fails.set(true);
    assert_eq!(ask(&world), deferred());
    assert_eq!(world.job(ID).unwrap().0, "PENDING");
}

#[test]
fn a_failure_that_cannot_be_recorded_is_tried_again() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.queue_fails.set(true);
    world.store_faults.borrow_mut().push("jobs::abandon");
    assert_eq!(ask(&world), apology());
    let fault = Fault::from(StoreError::Failed { statement: "jobs::abandon" });
    let delayed = Event::JobRecordDelayed { job: id(), fault };
    let failed = Event::JobFailed { job: id(), fault: EngineError::Queue.into() };
    check(&world, "ERROR", &[delayed, failed]);
}

#[test]
fn a_question_too_many_is_refused_privately_and_leaves_nothing() {
    let asked = question("hi");
    for (limit, key, name, notice) in [
        (Limit::Asker, asked.asker.id.clone(), "asker", Notice::Crowded),
        (Limit::Server, asked.server.clone().unwrap(), "server", Notice::ServerCrowded),
    ] {
        let world = Fake::new();
        world.exhausted.borrow_mut().push((limit, key));
        assert_eq!(ask(&world), Accepted::Refused(notice));
        assert_eq!(world.events.borrow().as_slice(), [Event::Limited { job: id(), limit: name }]);
        assert_eq!((world.job(ID), world.started.borrow().len()), (None, 0));
    }
}

#[test]
fn nobody_and_nowhere_have_no_limit() {
    let world = Fake::new();
    let mut asked = question("hi");
    asked.asker.id = String::new();
    asked.server = None;
    for limit in [Limit::Asker, Limit::Server] {
        world.exhausted.borrow_mut().push((limit, String::new()));
    }
    assert_eq!(run(accept(&world, &discord(&world), asked)), Some(deferred()));
}

#[test]
fn a_time_that_is_far_from_ours_is_not_believed() {
    for (asked_ms, believed_ms) in [
        (1_699_999_990_000_u64, 1_699_999_990_000_u64),
        (0, 1_700_000_000_000),
        (1_730_014_552_832, 1_700_000_000_000),
    ] {
        let world = Fake::new();
        let mut asked = question("hi");
        asked.asked.0 = asked_ms;
        run(accept(&world, &discord(&world), asked)).unwrap();
        assert_eq!(world.started.borrow()[0].1["asked"], json!(believed_ms), "{asked_ms}");
    }
}
