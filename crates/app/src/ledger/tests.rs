//! The ledger remembers every post, and how it ended.

use serde_json::json;

use super::*;
use crate::jobs;
use miyabi_core::fault::{Class, ModelError, StoreError};
use miyabi_core::job::Job;
use miyabi_core::ports::read_rows;
use miyabi_testing::{Fake, job, run, settings};

/// A world whose job is PROCESSING.
fn world() -> Fake {
    let world = Fake::new();
    run(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
    world
}

const fn attempt(job: &JobId) -> Attempt<'_> {
    Attempt { job, generation: 1, step: "answer:1" }
}

fn begin_as(world: &Fake, attempt: Attempt<'_>) -> Entry {
    run(begin(world, attempt, ["discord", ""])).unwrap().unwrap().entry
}

/// Performs words of a small script on `answer:1`, and returns what the last `begin` found.
fn perform(world: &Fake, script: &str) -> Entry {
    let (mut found, mut number) = (None, 0);
    let id = job("hi").id().clone();
    let attempt = attempt(&id);
    for word in script.split_whitespace() {
        match word {
            "begin" => {
                let begun = run(begin(world, attempt, ["discord", ""])).unwrap().unwrap();
                number = begun.number;
                found = Some(begun.entry);
            }
            "sent" => drop(run(sent(world, attempt, "5", None)).unwrap().unwrap()),
            "sent-unnamed" => drop(run(sent(world, attempt, "", None)).unwrap().unwrap()),
            "failed" => run(failed(world, attempt, number)).unwrap().unwrap(),
            "refused" => run(refused(world, attempt, number)).unwrap().unwrap(),
            other => panic!("{other}"),
        }
    }
    found.unwrap()
}

fn check(script: &str, expected: &Entry) {
    assert_eq!(&perform(&world(), script), expected, "{script}");
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
    let world = world();
    perform(&world, "begin sent");
    let mut other = job("hi");
    other.question.id = JobId::parse("1300000000000000001").unwrap();
    run(jobs::claim(&world, &other, &settings())).unwrap().unwrap();
    let id = job("hi").id().clone();
    for (job, step) in [(&id, "answer:2"), (&id, "answer:10"), (other.id(), "answer:1")] {
        let attempt = Attempt { job, generation: 1, step };
        assert_eq!(begin_as(&world, attempt), Entry::Fresh, "{job} {step}");
    }
}

#[test]
fn nothing_is_begun_for_a_job_that_ended_or_has_a_later_generation() {
    let id = job("hi").id().clone();
    let later = Job { generation: 2, ..job("hi") };
    let fault =
        ModelError::Refused { vendor: "workers-ai", class: Class::Quota, code: 3036 }.into();
    let world = Fake::new();
    assert_eq!(begin_as(&world, attempt(&id)), Entry::Superseded, "no row");
    let world = self::world();
    assert_eq!(begin_as(&world, Attempt { generation: 2, ..attempt(&id) }), Entry::Superseded);
    assert_eq!(run(jobs::start_generation(&world, &job("hi"))), Some(Ok(true)));
    assert_eq!(begin_as(&world, attempt(&id)), Entry::Superseded, "a later generation");
    assert_eq!(begin_as(&world, Attempt { generation: 2, ..attempt(&id) }), Entry::Fresh);
    assert_eq!(run(jobs::fail(&world, &later, &fault, &[])), Some(Ok(true)));
    assert_eq!(
        begin_as(&world, Attempt { generation: 2, ..attempt(&id) }),
        Entry::Superseded,
        "ended"
    );
    let count = world.db.query_row("SELECT count(*) FROM posts", [], |row| row.get(0));
    assert_eq!(count, Ok(1));
}

#[test]
fn a_breaker_of_the_webhook_or_of_all_is_read_with_each_attempt() {
    let id = job("hi").id().clone();
    for (scope, is_meant) in [("discord", true), ("77", true), ("78", false)] {
        let world = world();
        let sql = "INSERT INTO breakers (scope, closes_at) VALUES (?1, unixepoch() + 90)";
        world.db.execute(sql, [scope]).unwrap();
        let begun = run(begin(&world, attempt(&id), ["discord", "77"])).unwrap().unwrap();
        let wait_s = begun.wait.as_secs();
        assert_eq!((88..=90).contains(&wait_s), is_meant, "{scope}: {wait_s}");
        world.db.execute("UPDATE breakers SET closes_at = unixepoch() - 5", []).unwrap();
        let begun = run(begin(&world, attempt(&id), ["discord", "77"])).unwrap().unwrap();
        assert_eq!(begun.wait, Duration::ZERO, "over");
    }
}

#[test]
fn a_message_is_this_ones_if_no_other_row_claims_it() {
    let world = world();
    let id = job("hi").id().clone();
    let takes = |step: &'static str, message: &str| {
        let attempt = Attempt { job: &id, generation: 1, step };
        run(claim(&world, attempt, message)).unwrap().unwrap()
    };
    assert!(!takes("answer:1", "5"), "it was never begun");
    perform(&world, "begin");
    begin_as(&world, Attempt { job: &id, generation: 1, step: "answer:2" });
    assert!(takes("answer:1", "5"));
    assert_eq!(perform(&world, "begin"), Entry::Sent("5".to_owned()));
    assert!(!takes("answer:2", "5"), "it is taken");
    assert!(takes("answer:2", "6"));
}

/// What is there of an answer whose posts are these.
fn progress_of(posts: &[(&str, &str, &str)]) -> Progress {
    let world = world();
    for (step, state, message_id) in posts {
        let sql = "INSERT INTO posts (job, step, state, message_id)
                   VALUES ('1300000000000000000', ?1, ?2, ?3)";
        world.db.execute(sql, [step, state, message_id]).unwrap();
    }
    run(progress(&world, job("hi").id())).unwrap().unwrap()
}

#[test]
fn an_answer_is_all_there_when_each_of_its_messages_is() {
    let sent = |step: &'static str| (step, "SENT", "5");
    for (posts, parts, expected) in [
        (&[][..], 1, false),
        (&[sent("question:1")], 1, false),
        (&[sent("question:1"), sent("answer:1")], 1, true),
        (&[sent("answer:1")], 2, false),
        (&[sent("answer:1"), ("answer:2", "SENDING", "")], 2, false),
        (&[sent("answer:1"), sent("reply:1")], 2, true),
        (&[sent("reply:1"), sent("reply:2")], 3, false),
        (&[sent("reply:1"), ("reply:2", "SENT", "@original")], 5, true),
    ] {
        assert_eq!(progress_of(posts).is_all_of(parts, 6), expected, "{posts:?} of {parts}");
    }
    let six: Vec<_> =
        ["reply:1", "reply:2", "reply:3", "reply:4", "reply:5", "reply:6"].map(sent).to_vec();
    assert!(progress_of(&six).is_all_of(10, 6), "the sixth is a file");
    assert!(!progress_of(&[sent("answer:1")]).is_all_of(2, 0), "nothing is private there");
    assert!(progress_of(&[sent("answer:1")]).is_all_of(1, 0));
    assert!(progress_of(&[("reply:1", "SENDING", "")]).shows_reply);
    assert!(!progress_of(&[sent("answer:1")]).shows_reply);
}

#[test]
fn what_becomes_of_an_older_attempt_says_nothing_of_a_later_one() {
    let world = world();
    let id = job("hi").id().clone();
    for _ in 0..2 {
        begin_as(&world, attempt(&id));
    }
    run(refused(&world, attempt(&id), 1)).unwrap().unwrap();
    run(failed(&world, attempt(&id), 1)).unwrap().unwrap();
    assert_eq!(begin_as(&world, attempt(&id)), Entry::Unknown);
}

#[test]
fn counts_its_attempts() {
    let world = world();
    perform(&world, "begin failed begin begin");
    let attempts = world.db.query_row("SELECT attempt_count FROM posts", [], |row| row.get(0));
    assert_eq!(attempts, Ok(3));
}

#[test]
fn the_database_lets_no_malformed_post_in() {
    for (state, message_id) in [("sending", None), ("DONE", Some("5")), ("SENT", None)] {
        let sql = "INSERT INTO posts (job, step, state, message_id) VALUES ('1', 'a', ?1, ?2)";
        let refusal = Fake::new().db.execute(sql, (state, message_id)).unwrap_err();
        assert!(refusal.to_string().contains("CHECK"), "{state}: {refusal}");
    }
}

#[test]
fn a_row_of_an_unknown_state_is_a_fault() {
    let row = json!({ "state": "LOST", "message_id": null });
    let rows = read_rows::<FoundRow>("ledger::look_up", vec![row.as_object().unwrap().clone()]);
    let fault = StoreError::Row { statement: "ledger::look_up" }.into();
    assert_eq!(rows.map(|_| ()), Err(fault));
}

#[test]
fn of_two_attempts_the_later_one_is_the_last() {
    let world = world();
    let id = job("hi").id().clone();
    let last = |number| run(is_last(&world, attempt(&id), number)).unwrap().unwrap();
    let begun = || run(begin(&world, attempt(&id), ["discord", ""])).unwrap().unwrap().number;
    let first = begun();
    assert!(last(first));
    let second = begun();
    assert_eq!((last(first), last(second)), (false, true));
    run(refused(&world, attempt(&id), second)).unwrap().unwrap();
    assert!(!last(second), "refused: begun anew");
}
