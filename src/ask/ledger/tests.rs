//! Does the ledger remember every post, and how it ended?

use super::*;
use crate::fake::{Fake, run};

fn job() -> JobId {
    JobId::parse("1300000000000000000").unwrap()
}

/// Performs words of a small script on `answer:1`, and returns what the last `begin` found.
fn perform(world: &Fake, script: &str) -> Entry {
    let mut found = None;
    for word in script.split_whitespace() {
        match word {
            "begin" => found = Some(run(begin(world, &job(), "answer:1")).unwrap().unwrap()),
            "sent" => run(sent(world, &job(), "answer:1", "5")).unwrap().unwrap(),
            "sent-unnamed" => run(sent(world, &job(), "answer:1", "")).unwrap().unwrap(),
            "failed" => run(failed(world, &job(), "answer:1")).unwrap().unwrap(),
            "refused" => run(refused(world, &job(), "answer:1")).unwrap().unwrap(),
            other => panic!("{other}"),
        }
    }
    found.unwrap()
}

fn check(script: &str, expected: &Entry) {
    assert_eq!(&perform(&Fake::new(), script), expected, "{script}");
}

fn is_known_at(world: &Fake, message_id: &str) -> bool {
    run(is_known(world, message_id)).unwrap().unwrap()
}

#[test]
fn a_post_that_was_never_begun_is_fresh() {
    check("begin", &Entry::Fresh);
}

#[test]
fn a_post_that_was_begun_and_has_no_outcome_is_unknown() {
    check("begin begin", &Entry::Unknown);
    check("begin begin begin", &Entry::Unknown);
}

#[test]
fn a_post_that_is_there_stays_there() {
    for script in [
        "begin sent begin",
        "begin sent sent begin",
        "begin sent begin begin",
        "begin begin sent begin",
        "begin sent failed begin",
        "begin sent refused begin",
        "begin failed begin sent begin",
    ] {
        check(script, &Entry::Sent("5".to_owned()));
    }
    check("begin sent-unnamed begin", &Entry::Sent(String::new()));
}

#[test]
fn a_post_that_met_a_server_error_is_told_apart() {
    check("begin failed begin", &Entry::Failed);
    check("begin failed failed begin", &Entry::Failed);
    check("begin failed begin failed begin", &Entry::Failed);
}

#[test]
fn a_later_attempt_without_an_outcome_is_unknown_whatever_came_before() {
    check("begin failed begin begin", &Entry::Unknown);
}

#[test]
fn a_refused_post_is_fresh_again() {
    check("begin refused begin", &Entry::Fresh);
    check("begin refused refused begin", &Entry::Fresh);
    check("begin failed refused begin", &Entry::Fresh);
    check("begin begin refused begin", &Entry::Fresh);
}

#[test]
fn an_outcome_of_a_post_that_was_never_begun_is_nothing() {
    for script in ["sent begin", "failed begin", "refused begin"] {
        check(script, &Entry::Fresh);
    }
}

#[test]
fn posts_of_other_jobs_and_parts_are_others() {
    let world = Fake::new();
    perform(&world, "begin sent");
    let other = JobId::parse("1300000000000000001").unwrap();
    for (job, part) in [(&job(), "answer:2"), (&job(), "answer:10"), (&other, "answer:1")] {
        assert_eq!(run(begin(&world, job, part)), Some(Ok(Entry::Fresh)), "{job} {part}");
    }
}

#[test]
fn a_message_is_known_once_it_is_sent() {
    let world = Fake::new();
    perform(&world, "begin");
    assert!(!is_known_at(&world, "5"));
    perform(&world, "begin sent");
    assert!(is_known_at(&world, "5"));
    assert!(!is_known_at(&world, "6") && !is_known_at(&world, "%") && !is_known_at(&world, ""));
}

#[test]
fn counts_its_attempts() {
    let world = Fake::new();
    perform(&world, "begin failed begin begin");
    let attempts = world.db.query_row("SELECT attempts FROM posts", [], |row| row.get(0));
    assert_eq!(attempts, Ok(3));
}

#[test]
fn the_database_lets_no_malformed_post_in() {
    for (state, message_id) in [("sending", None), ("DONE", Some("5")), ("SENT", None)] {
        let sql = "INSERT INTO posts (job, part, state, message_id) VALUES ('1', 'a', ?1, ?2)";
        let refusal = Fake::new().db.execute(sql, (state, message_id)).unwrap_err();
        assert!(refusal.to_string().contains("CHECK"), "{state}: {refusal}");
    }
}

#[test]
fn a_row_of_an_unknown_shape_is_an_error() {
    let row = serde_json::json!({ "was": "LOST", "message_id": null });
    let fault = entry(&vec![row.as_object().unwrap().clone()]).unwrap_err();
    assert_eq!(fault, StoreError::Column { column: "was" }.into());
}
