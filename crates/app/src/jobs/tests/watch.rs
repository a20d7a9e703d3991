//! What the watchdog and the queue's consumer read, delete and write of jobs.

use serde_json::{Value, json};

use super::*;
use crate::ledger;
use miyabi_core::job::from_params;

/// Ages of the job in a world, and who is overdue at 60 s of silence and 780 s of age.
fn overdue_after(age_s: u32, idle_s: u32) -> Vec<Overdue> {
    let world = world_with("PROCESSING");
    let sql = "UPDATE jobs SET created_at = unixepoch() - ?1, updated_at = unixepoch() - ?2";
    world.db.execute(sql, [age_s, idle_s]).unwrap();
    run(overdue(&world, 60, 780)).unwrap().unwrap()
}

#[test]
fn silent_and_late_jobs_are_overdue() {
    for (age_s, idle_s, expected) in
        [(50, 50, false), (300, 59, false), (61, 60, true), (300, 299, true), (780, 1, true)]
    {
        assert_eq!(overdue_after(age_s, idle_s).len(), usize::from(expected), "{age_s} {idle_s}");
    }
    let found = overdue_after(300, 200).remove(0);
    assert_eq!((found.id.as_str(), found.generation, found.token.as_str()), (ID, 1, TOKEN));
    assert!((300..303).contains(&found.age_s) && (200..203).contains(&found.idle_s));
    assert_eq!(from_params(&found.params), Some(job("hi")));
    for status in ["none", "COMPLETED", "ERROR"] {
        let world = world_with(status);
        world.db.execute("UPDATE jobs SET created_at = 1, updated_at = 1", []).unwrap();
        assert_eq!(run(overdue(&world, 60, 780)), Some(Ok(Vec::new())), "{status}");
    }
}

#[test]
fn a_post_is_a_sign_of_life() {
    let world = world_with("PROCESSING");
    let sql = "UPDATE jobs SET created_at = unixepoch() - 300, updated_at = unixepoch() - 300";
    world.db.execute(sql, []).unwrap();
    let id = job("hi").id().clone();
    let attempt = ledger::Attempt { job: &id, generation: 1, part: "question:1" };
    run(ledger::begin(&world, attempt, ["discord", ""])).unwrap().unwrap();
    assert_eq!(run(overdue(&world, 60, 780)), Some(Ok(Vec::new())));
}

#[test]
fn what_ended_long_ago_is_forgotten_with_its_posts_and_nothing_else_is() {
    for (status, age_days, is_forgotten) in [
        ("COMPLETED", 31, true),
        ("ERROR", 31, true),
        ("COMPLETED", 29, false),
        ("PROCESSING", 31, false),
        ("PENDING", 31, false),
    ] {
        let world = world_with(status);
        world.db.execute("DELETE FROM posts", []).unwrap();
        let sql = "INSERT INTO posts (job, step, state, message_id) VALUES (?1, 'a', 'SENT', '5')";
        world.db.execute(sql, [ID]).unwrap();
        let sql = "UPDATE jobs SET created_at = unixepoch() - 86400 * ?1";
        world.db.execute(sql, [age_days]).unwrap();
        let forgotten = run(forget(&world, 30)).unwrap().unwrap();
        assert_eq!(forgotten, usize::from(is_forgotten), "{status} {age_days}");
        let left: u32 = world
            .db
            .query_row("SELECT (SELECT count(*) FROM jobs) + count(*) FROM posts", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(left, if is_forgotten { 0 } else { 2 }, "{status} {age_days}");
    }
}

#[test]
fn old_letters_and_breakers_are_forgotten() {
    let world = Fake::new();
    let sql = "INSERT INTO dead_letters (job, params, cause, created_at)
                 VALUES ('1', '{}', 'x', unixepoch() - 86400 * 31), ('2', '{}', 'x', unixepoch());
               INSERT INTO breakers VALUES ('a', unixepoch() - 86400 * 31), ('b', unixepoch() + 9);";
    world.db.execute_batch(sql).unwrap();
    run(forget(&world, 30)).unwrap().unwrap();
    let left = |sql: &str| world.db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(left("SELECT group_concat(job) FROM dead_letters"), "2");
    assert_eq!(left("SELECT group_concat(scope) FROM breakers"), "b");
}

#[test]
fn a_dead_letter_is_written_only_while_its_job_waits() {
    let fault = ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 }.into();
    for (status, is_buried) in [
        ("none", true),
        ("PENDING", true),
        ("PROCESSING", false),
        ("COMPLETED", false),
        ("ERROR", false),
    ] {
        let world = world_with(status);
        for _ in 0..2 {
            assert_eq!(
                run(dead_letter(&world, &job("hi"), &fault)),
                Some(Ok(is_buried)),
                "{status}"
            );
        }
        let sql = "SELECT count(*), max(params), max(cause) FROM dead_letters";
        let (count, params, cause): (u32, Option<String>, Option<String>) =
            world.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(count, u32::from(is_buried), "{status}");
        if is_buried {
            let params: Value = serde_json::from_str(&params.unwrap()).unwrap();
            assert_eq!((&params["token"], &params["question"]), (&json!(""), &json!("hi")));
            assert_eq!(cause.unwrap(), BUSY);
        }
    }
}
