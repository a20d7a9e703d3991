//! Does every question become one job, and does its asker hear of it in time, whatever fails?

use serde_json::json;

use super::*;
use crate::fake::{Fake, question, response, run, settings};
use crate::fault::{DiscordError, EngineError, Notice, StoreError};

const ID: &str = "1300000000000000000";

fn ask(world: &Fake) -> Reply {
    run(accept(world, &settings(), question("hi"))).expect("the reply waited")
}

fn failed_start() -> Fault {
    EngineError::Start.into()
}

/// What the asker reads when the Workflow cannot be started.
fn apology() -> Reply {
    discord::reply::private(sentence(Notice::TryAgain, question("hi").language))
}

/// Compares the job's status, whether its token is kept, and the events.
fn check(world: &Fake, status: &str, events: &[Event]) {
    let (found, token, _) = world.job(ID).unwrap();
    let has_ended = ["COMPLETED", "ERROR"].contains(&status);
    assert_eq!((found.as_str(), token.is_empty()), (status, has_ended));
    assert_eq!(world.events.borrow().as_slice(), events);
}

fn job() -> JobId {
    question("hi").id
}

#[test]
fn a_question_is_one_job_and_a_deferred_reply() {
    let world = Fake::new();
    assert_eq!(ask(&world), discord::reply::deferred());
    assert_eq!(world.job(ID), None, "the row is written beside the reply");
    world.run_beside();
    check(&world, "PENDING", &[Event::JobAccepted { job: job() }]);
    assert_eq!(world.started.borrow().as_slice(), [(job(), to_params(&question("hi")))]);
    assert_eq!(world.discord.borrow().requests, []);
}

#[test]
fn the_same_question_twice_is_one_job_and_the_same_reply() {
    let world = Fake::new();
    assert_eq!(ask(&world), discord::reply::deferred());
    world.run_beside();
    assert_eq!(ask(&world), discord::reply::deferred());
    world.run_beside();
    assert_eq!(world.started.borrow().len(), 1);
    check(&world, "PENDING", &[Event::JobAccepted { job: job() }]);
}

#[test]
fn the_same_question_again_leaves_a_job_that_went_on_alone() {
    let world = Fake::new();
    ask(&world);
    run(jobs::claim(&world, &question("hi"))).unwrap().unwrap();
    assert_eq!(ask(&world), discord::reply::deferred());
    world.run_beside();
    check(&world, "PROCESSING", &[Event::JobAccepted { job: job() }]);
}

#[test]
fn a_start_that_fails_twice_is_tried_a_third_time() {
    let world = Fake::new();
    world.start_faults.set(2);
    assert_eq!(ask(&world), discord::reply::deferred());
    world.run_beside();
    check(&world, "PENDING", &[Event::JobAccepted { job: job() }]);
    let slept: Duration = world.slept.borrow().iter().sum();
    assert_eq!(slept, Duration::from_millis(400));
}

#[test]
fn a_start_that_fails_for_good_is_told_at_once() {
    let world = Fake::new();
    world.start_faults.set(3);
    assert_eq!(ask(&world), apology());
    world.run_beside();
    check(&world, "ERROR", &[Event::JobFailed { job: job(), fault: failed_start() }]);
    assert_eq!(world.started.borrow().len(), 0);
    assert_eq!(world.discord.borrow().requests, [], "the reply itself told the asker");
}

#[test]
fn a_start_that_hangs_does_not_hold_up_the_reply() {
    let world = Fake::new();
    world.start_hangs.set(true);
    let asked = world.now.get();
    assert_eq!(ask(&world), discord::reply::deferred());
    let waited_ms = world.now.get() - asked;
    assert!((1000..2500).contains(&waited_ms), "{waited_ms}");
    world.start_hangs.set(false);
    world.run_beside();
    check(&world, "PENDING", &[Event::JobAccepted { job: job() }]);
    assert_eq!(world.started.borrow().len(), 1);
}

#[test]
fn a_start_that_hangs_and_fails_is_told_in_the_deferred_reply() {
    let world = Fake::new();
    world.start_hangs.set(true);
    assert_eq!(ask(&world), discord::reply::deferred());
    world.start_hangs.set(false);
    world.start_faults.set(3);
    world.run_beside();
    check(&world, "ERROR", &[Event::JobFailed { job: job(), fault: failed_start() }]);
    let words = sentence(Notice::TryAgain, question("hi").language);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some(words));
}

#[test]
fn a_start_that_only_seemed_to_fail_is_left_to_its_workflow() {
    let world = Fake::new();
    world.start_hangs.set(true);
    assert_eq!(ask(&world), discord::reply::deferred());
    world.start_hangs.set(false);
    world.start_faults.set(3);
    run(jobs::claim(&world, &question("hi"))).unwrap().unwrap();
    world.run_beside();
    assert_eq!(world.job(ID).unwrap().0, "PROCESSING");
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
    assert_eq!(world.events.borrow().as_slice(), []);
}

#[test]
fn an_asker_who_cannot_be_told_is_logged() {
    let world = Fake::new();
    world.start_hangs.set(true);
    ask(&world);
    world.start_hangs.set(false);
    world.start_faults.set(3);
    let refusal = response(403, &json!({ "message": "no", "code": 50001 }));
    world.discord.borrow_mut().refuse("PATCH", "@original", refusal);
    world.run_beside();
    let untold = DiscordError::Refused { operation: "edit_original", status: 403, code: 50001 };
    check(
        &world,
        "ERROR",
        &[
            Event::AskerNotTold { job: job(), fault: untold.into() },
            Event::JobFailed { job: job(), fault: failed_start() },
        ],
    );
}

#[test]
fn a_database_that_is_away_does_not_keep_a_question_from_being_asked() {
    let world = Fake::new();
    world.store_faults.borrow_mut().push("jobs::insert");
    assert_eq!(ask(&world), discord::reply::deferred());
    world.run_beside();
    let fault = Fault::from(StoreError::Failed { statement: "jobs::insert" });
    let events = world.events.borrow();
    assert_eq!(
        events.as_slice(),
        [Event::JobAccepted { job: job() }, Event::JobRecordDelayed { job: job(), fault }]
    );
    assert_eq!(world.job(ID), None, "the Workflow's first step writes it");
    assert_eq!(world.started.borrow().len(), 1);
}

#[test]
fn a_failure_that_cannot_be_recorded_is_logged_all_the_same() {
    let world = Fake::new();
    world.start_faults.set(3);
    world.store_faults.borrow_mut().push("jobs::abandon");
    assert_eq!(ask(&world), apology());
    world.run_beside();
    let fault = Fault::from(StoreError::Failed { statement: "jobs::abandon" });
    check(
        &world,
        "PENDING",
        &[
            Event::JobRecordDelayed { job: job(), fault },
            Event::JobFailed { job: job(), fault: failed_start() },
        ],
    );
}
