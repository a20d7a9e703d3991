//! A job that could not be started at once is started from the queue, or ends and its asker is told.

use serde_json::json;

use super::*;
use crate::consumers;
use crate::testing::platforms;
use miyabi_core::fault::Notice;
use miyabi_testing::{Fake, job, params, response, run, settings};

const ID: &str = "1300000000000000000";

fn deliver(world: &Fake) -> Verdict {
    run(consumers::run::<StartJob>(world, &platforms(world), &params(&job("hi")))).unwrap()
}

fn give_up_on(world: &Fake) -> Verdict {
    run(consumers::dead::<StartJob>(world, &platforms(world), &params(&job("hi")))).unwrap()
}

fn letters(world: &Fake) -> u32 {
    world.db.query_row("SELECT count(*) FROM dead_letters", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_delivery_writes_the_row_and_starts_the_workflow_once() {
    let world = Fake::new();
    for _ in 0..3 {
        assert_eq!(deliver(&world), Verdict::Ack);
    }
    assert_eq!(world.started.borrow().as_slice(), [(ID.to_owned(), params(&job("hi")))]);
    assert_eq!(world.job(ID).unwrap().0, "PENDING");
}

#[test]
fn what_fails_is_delivered_again() {
    let world = Fake::new();
    world.start_faults.set(1);
    assert_eq!(deliver(&world), Verdict::Retry);
    world.store_faults.borrow_mut().push("jobs::insert");
    assert_eq!(deliver(&world), Verdict::Retry);
    assert_eq!(deliver(&world), Verdict::Ack);
    assert_eq!(world.started.borrow().len(), 1);
}

#[test]
fn what_is_no_job_is_logged_and_done_with() {
    let world = Fake::new();
    for body in [json!(null), json!({}), json!("hi")] {
        let live = run(consumers::run::<StartJob>(&world, &platforms(&world), &body));
        let dead = run(consumers::dead::<StartJob>(&world, &platforms(&world), &body));
        assert_eq!((live, dead), (Some(Verdict::Ack), Some(Verdict::Ack)));
    }
    assert!(world.events.borrow().iter().all(|event| *event == Event::MessageUnreadable));
    assert_eq!((letters(&world), world.started.borrow().len()), (0, 0));
}

#[test]
fn a_job_that_cannot_be_started_becomes_a_dead_letter_and_its_asker_is_told() {
    for has_row in [true, false] {
        let world = Fake::new();
        if has_row {
            run(jobs::insert(&world, &job("hi"), &to_params(&job("hi")))).unwrap().unwrap();
        }
        assert_eq!(give_up_on(&world), Verdict::Ack);
        let words = sentence(Notice::TryAgain, job("hi").question.language);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some(words));
        let (status, token, cause) = world.job(ID).unwrap();
        assert_eq!((status.as_str(), token.as_str()), ("ERROR", ""));
        assert_eq!(cause.unwrap(), "the queue could not start the job");
        assert_eq!(letters(&world), 1);
        let dead = Event::JobDeadLettered { job: job("hi").id().clone() };
        assert_eq!(world.events.borrow().as_slice(), [dead]);
        assert_eq!(give_up_on(&world), Verdict::Ack, "again");
        assert_eq!((letters(&world), world.discord.borrow().requests.len()), (1, 1));
    }
}

#[test]
fn a_job_that_runs_after_all_becomes_no_dead_letter() {
    let world = Fake::new();
    run(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
    assert_eq!(give_up_on(&world), Verdict::Ack);
    assert_eq!((letters(&world), world.job(ID).unwrap().0.as_str()), (0, "PROCESSING"));
    assert_eq!(world.discord.borrow().requests, []);
}

#[test]
fn giving_up_that_fails_half_way_is_done_again() {
    for statement in ["dead_letters::insert", "jobs::abandon"] {
        let world = Fake::new();
        world.store_faults.borrow_mut().push(statement);
        assert_eq!(give_up_on(&world), Verdict::Retry, "{statement}");
        assert_eq!(give_up_on(&world), Verdict::Ack, "{statement}");
        assert_eq!((letters(&world), world.job(ID).unwrap().0.as_str()), (1, "ERROR"));
    }
    let world = Fake::new();
    world.discord.borrow_mut().refuse("PATCH", "@original", response(502, &json!({})));
    assert_eq!(give_up_on(&world), Verdict::Retry);
    assert_eq!(world.job(ID), None, "not ended before its asker is told");
    assert_eq!(give_up_on(&world), Verdict::Ack);
}

#[test]
fn a_limit_is_not_waited_for_since_the_answer_might_come_meanwhile() {
    let world = Fake::new();
    let limited = response(429, &json!({ "retry_after": 120.0 }));
    world.discord.borrow_mut().refuse("PATCH", "@original", limited);
    assert_eq!(give_up_on(&world), Verdict::Retry);
    assert_eq!(world.discord.borrow().requests.len(), 1);
    run(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
    assert_eq!(give_up_on(&world), Verdict::Ack);
    assert_eq!(world.discord.borrow().requests.len(), 1, "a run has it");
}

#[test]
fn an_asker_who_cannot_be_told_does_not_keep_a_letter_alive() {
    let world = Fake::new();
    let refusal = response(404, &json!({ "message": "Unknown Webhook", "code": 10015 }));
    world.discord.borrow_mut().refuse("PATCH", "@original", refusal);
    assert_eq!(give_up_on(&world), Verdict::Ack);
    assert!(matches!(world.events.borrow()[0], Event::AskerNotNotified { .. }));
    assert_eq!(world.job(ID).unwrap().0, "ERROR");
}
