//! A job moves forward only, whoever writes, and each statement does so once.

mod schema;
mod watch;

use super::*;
use crate::lease::Leases;
use crate::testing::saved;
use crate::to_params;
use miyabi_core::fault::{Class, ModelError};
use miyabi_testing::{Fake, job, run, settings};

const ID: &str = "1300000000000000000";

/// Saves an answer, and returns the one that is fixed.
pub(super) fn save(
    world: &Fake,
    job: &Job,
    answer: &str,
    attempts: &[Attempt],
) -> Result<Option<String>, Fault> {
    let leases = Leases::default();
    run(saved(world, (job, &leases), answer, attempts)).unwrap()
}

/// A world whose job is in this state, written through the program's own statements.
fn world_with(status: &str) -> Fake {
    let world = Fake::new();
    match status {
        "none" => {}
        "PENDING" => write(&world, "insert"),
        "PROCESSING" => write(&world, "claim"),
        "COMPLETED" => {
            write(&world, "claim");
            save(&world, &job("hi"), "first", &[]).unwrap();
            write(&world, "complete");
        }
        "ERROR" => {
            let fault =
                ModelError::Refused { vendor: "workers-ai", class: Class::Quota, code: 3036 }
                    .into();
            run(fail(&world, &job("hi"), &fault, &[])).unwrap().unwrap();
        }
        other => panic!("{other}"),
    }
    world
}

fn write(world: &Fake, statement: &str) {
    perform(world, statement).unwrap();
}

/// Runs one of the program's statements; returns what it found, as text.
fn perform(world: &Fake, statement: &str) -> Result<String, Fault> {
    perform_as(world, statement, &job("hi"))
}

fn perform_as(world: &Fake, statement: &str, job: &Job) -> Result<String, Fault> {
    match statement {
        "insert" => run(insert(world, job, &to_params(job))).unwrap().map(|_is_new| String::new()),
        "claim" => run(claim(world, job, &settings())).unwrap().map(|claim| {
            if let Claim::Mine(_) = claim { "Mine".to_owned() } else { format!("{claim:?}") }
        }),
        "save_answer" => save(world, job, "second", &[]).map(|save| format!("{save:?}")),
        "complete" => run(complete(world, job)).unwrap().map(|is_ours| is_ours.to_string()),
        "is_current" => run(is_current(world, job)).unwrap().map(|is_ours| is_ours.to_string()),
        "start_generation" => {
            run(start_generation(world, job)).unwrap().map(|is_ours| is_ours.to_string())
        }
        "fail" => {
            let fault =
                ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 }.into();
            run(fail(world, job, &fault, &[])).unwrap().map(|_is_ours| String::new())
        }
        "abandon" => {
            let fault =
                ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 }.into();
            run(abandon(world, job, &fault)).unwrap().map(|_is_ours| String::new())
        }
        other => panic!("{other}"),
    }
}

fn row(world: &Fake) -> Option<(String, String, Option<String>)> {
    world.job(ID)
}

/// What a statement leaves behind, from a state: status, token and result.
fn check(from: &str, statement: &str, expected: (&str, &str, Option<&str>)) {
    let world = world_with(from);
    let found = perform(&world, statement);
    let (status, token, result) = row(&world).unwrap();
    assert_eq!(
        (status.as_str(), token.as_str(), result.as_deref()),
        expected,
        "{statement} {from}"
    );
    // The second time changes nothing, and finds the same.
    let before = row(&world);
    assert_eq!(perform(&world, statement), found, "{statement} {from}");
    assert_eq!(row(&world), before, "{statement} {from}");
}

const TOKEN: &str = "interaction-token";
const QUOTA: &str = "workers-ai answered: quota (code 3036)";
const BUSY: &str = "workers-ai answered: busy (code 3040)";

#[test]
fn every_statement_moves_a_job_forward_or_leaves_it_and_does_so_once() {
    for (from, statement, expected) in [
        ("none", "insert", ("PENDING", TOKEN, None)),
        ("none", "claim", ("PROCESSING", TOKEN, None)),
        ("none", "fail", ("ERROR", "", Some(BUSY))),
        ("PENDING", "insert", ("PENDING", TOKEN, None)),
        ("PENDING", "claim", ("PROCESSING", TOKEN, None)),
        ("PENDING", "save_answer", ("PENDING", TOKEN, None)),
        ("PENDING", "complete", ("PENDING", TOKEN, None)),
        ("PENDING", "fail", ("ERROR", "", Some(BUSY))),
        ("PROCESSING", "insert", ("PROCESSING", TOKEN, None)),
        ("PROCESSING", "claim", ("PROCESSING", TOKEN, None)),
        ("PROCESSING", "save_answer", ("PROCESSING", TOKEN, Some("second"))),
        ("PROCESSING", "abandon", ("PROCESSING", TOKEN, None)),
        ("PROCESSING", "fail", ("ERROR", "", Some(BUSY))),
        ("COMPLETED", "insert", ("COMPLETED", "", Some("first"))),
        ("COMPLETED", "claim", ("COMPLETED", "", Some("first"))),
        ("none", "abandon", ("ERROR", "", Some(BUSY))),
        ("PENDING", "abandon", ("ERROR", "", Some(BUSY))),
        ("COMPLETED", "save_answer", ("COMPLETED", "", Some("first"))),
        ("COMPLETED", "abandon", ("COMPLETED", "", Some("first"))),
        ("COMPLETED", "start_generation", ("COMPLETED", "", Some("first"))),
        ("ERROR", "start_generation", ("ERROR", "", Some(QUOTA))),
        ("ERROR", "save_answer", ("ERROR", "", Some(QUOTA))),
        ("COMPLETED", "complete", ("COMPLETED", "", Some("first"))),
        ("COMPLETED", "fail", ("COMPLETED", "", Some("first"))),
        ("ERROR", "insert", ("ERROR", "", Some(QUOTA))),
        ("ERROR", "claim", ("ERROR", "", Some(QUOTA))),
        ("ERROR", "complete", ("ERROR", "", Some(QUOTA))),
        ("ERROR", "fail", ("ERROR", "", Some(QUOTA))),
    ] {
        check(from, statement, expected);
    }
}

#[test]
fn a_claim_says_whether_there_is_work() {
    for (from, expected) in [
        ("none", "Mine"),
        ("PENDING", "Mine"),
        ("PROCESSING", "Mine"),
        ("COMPLETED", "Ended"),
        ("ERROR", "Ended"),
    ] {
        assert_eq!(perform(&world_with(from), "claim"), Ok(expected.to_owned()), "{from}");
    }
}

#[test]
fn a_job_is_current_until_it_ends_or_has_a_later_generation() {
    for (from, expected) in [
        ("none", "true"),
        ("PENDING", "true"),
        ("PROCESSING", "true"),
        ("COMPLETED", "false"),
        ("ERROR", "false"),
    ] {
        assert_eq!(perform(&world_with(from), "is_current"), Ok(expected.to_owned()), "{from}");
    }
}

#[test]
fn a_row_is_new_once() {
    let world = Fake::new();
    assert_eq!(run(insert(&world, &job("hi"), &to_params(&job("hi")))), Some(Ok(true)));
    assert_eq!(run(insert(&world, &job("hi"), &to_params(&job("hi")))), Some(Ok(false)));
}

#[test]
fn a_job_completes_with_the_answer_that_was_saved_first() {
    let world = world_with("PROCESSING");
    assert_eq!(save(&world, &job("hi"), "first", &[]), Ok(Some("first".to_owned())));
    assert_eq!(save(&world, &job("hi"), "second", &[]), Ok(Some("first".to_owned())));
    assert_eq!(perform(&world, "complete"), Ok("true".to_owned()));
    assert_eq!(row(&world).unwrap().2.as_deref(), Some("first"));
    for from in ["none", "PENDING", "ERROR"] {
        assert_eq!(perform(&world_with(from), "complete"), Ok("false".to_owned()), "{from}");
    }
}

#[test]
fn an_older_generation_moves_nothing() {
    let world = world_with("PROCESSING");
    let later = Job { generation: 2, ..job("hi") };
    write(&world, "save_answer");
    assert_eq!(perform(&world, "start_generation"), Ok("true".to_owned()));
    assert_eq!(
        perform(&world, "start_generation"),
        Ok("false".to_owned()),
        "another watchdog was faster"
    );
    let before = row(&world);
    for (statement, found) in [
        ("claim", "Ended"),
        ("save_answer", "None"),
        ("is_current", "false"),
        ("complete", "false"),
        ("fail", ""),
        ("abandon", ""),
    ] {
        assert_eq!(perform(&world, statement), Ok(found.to_owned()), "{statement}");
        assert_eq!(row(&world), before, "{statement}");
    }
    let claimed = Claim::Answered {
        answer: "second".to_owned(),
        posted: 0,
        is_private: false,
        is_drawn: false,
        is_shown: false,
        is_late: false,
        has_buttons: false,
    };
    assert_eq!(perform_as(&world, "claim", &later), Ok(format!("{claimed:?}")));
    assert_eq!(perform_as(&world, "complete", &later), Ok("true".to_owned()));
}

#[test]
fn a_job_knows_when_it_began_and_when_it_moved() {
    let world = world_with("PENDING");
    world.db.execute("UPDATE jobs SET created_at = 1, updated_at = 1", []).unwrap();
    for statement in ["claim", "save_answer", "complete"] {
        write(&world, statement);
        let sql = "SELECT created_at, updated_at > 1700000000 FROM jobs";
        let times = world.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(times, (1, true), "{statement}");
        world.db.execute("UPDATE jobs SET updated_at = 1", []).unwrap();
    }
}
