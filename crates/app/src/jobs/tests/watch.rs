//! The statements of the watchdog and of the queue's consumer.

use serde_json::{Value, json};

use super::*;
use crate::ledger;
use miyabi_core::job::from_params;

/// Ages of the job in a world, and who is overdue at 60 s of silence and 780 s of age.
fn overdue_after(age_s: u32, idle_s: u32) -> Vec<Result<Overdue, Unreadable>> {
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
    let found = overdue_after(300, 200).remove(0).unwrap();
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
fn a_post_counts_as_activity() {
    let world = world_with("PROCESSING");
    let sql = "UPDATE jobs SET created_at = unixepoch() - 300, updated_at = unixepoch() - 300";
    world.db.execute(sql, []).unwrap();
    let id = job("hi").id().clone();
    let attempt = ledger::Attempt { job: &id, generation: 1, step: "question:1" };
    run(ledger::begin(&world, attempt, ["discord", ""])).unwrap().unwrap();
    assert_eq!(run(overdue(&world, 60, 780)), Some(Ok(Vec::new())));
}

/// Adds jobs that are as overdue as the one of the world, looked at so many seconds ago.
fn add(world: &Fake, id: &str, age_s: u32, watched_s: Option<u32>) {
    let sql = "INSERT INTO jobs (id, platform, token, status, created_at, updated_at, watched_at)
               VALUES (?1, 'x', 't', 'PENDING', unixepoch() - ?2, unixepoch() - ?2, unixepoch() - ?3)";
    world.db.execute(sql, (id, age_s, watched_s)).unwrap();
}

fn overdue_ids(world: &Fake) -> Vec<String> {
    let rows = run(overdue(world, 60, 780)).unwrap().unwrap();
    rows.into_iter().map(|row| row.map_or_else(|row| row.id, |row| row.id.to_string())).collect()
}

#[test]
fn jobs_that_nobody_has_looked_at_come_first_and_then_those_looked_at_longest_ago() {
    let world = Fake::new();
    for (id, age_s, watched_s) in
        [("a", 900, Some(10)), ("b", 800, Some(70)), ("c", 70, None), ("d", 80, None)]
    {
        add(&world, id, age_s, watched_s);
    }
    assert_eq!(overdue_ids(&world), ["d", "c", "b", "a"]);
    run(look_at(&world, "d")).unwrap().unwrap();
    assert_eq!(overdue_ids(&world), ["c", "b", "a", "d"]);
}

#[test]
fn two_hundred_stuck_jobs_hold_up_no_other() {
    let world = Fake::new();
    for number in 0..200 {
        add(&world, &format!("stuck-{number}"), 900, None);
    }
    add(&world, "young", 70, None);
    let mut rounds = 0;
    while overdue_ids(&world).iter().all(|id| id != "young") {
        for id in overdue_ids(&world) {
            run(look_at(&world, &id)).unwrap().unwrap();
        }
        rounds += 1;
        assert!(rounds < 3, "it is never looked at");
    }
}

/// Makes the row of a job unreadable, each time in another way.
const DAMAGES: [&str; 3] =
    ["id = 'not a word!'", "generation = 1 << 40", "id = '雅', generation = 9007199254740993"];

#[test]
fn a_row_that_cannot_be_read_keeps_no_other_from_being_read() {
    for damage in DAMAGES {
        let world = world_with("PROCESSING");
        world.db.execute(&format!("UPDATE jobs SET {damage}"), []).unwrap();
        for id in ["1", "2"] {
            add(&world, id, 800, None);
        }
        world.db.execute("UPDATE jobs SET created_at = 1, updated_at = 1", []).unwrap();
        let rows = run(overdue(&world, 60, 780)).unwrap().unwrap();
        let (read, unreadable): (Vec<_>, Vec<_>) = rows.into_iter().partition(Result::is_ok);
        assert_eq!((read.len(), unreadable.len()), (2, 1), "{damage}");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_ended_once_and_its_money_is_booked_as_lost() {
    for damage in DAMAGES {
        let world = world_with("PROCESSING");
        let sql = format!("UPDATE jobs SET created_at = 1, updated_at = 1, {damage}");
        world.db.execute(&sql, []).unwrap();
        let row = run(overdue(&world, 60, 780)).unwrap().unwrap().remove(0).unwrap_err();
        assert_eq!(run(end_unreadable(&world, &row)), Some(Ok(true)), "{damage}");
        assert_eq!(run(end_unreadable(&world, &row)), Some(Ok(false)), "{damage}");
        let (status, token, _) = world.job(&row.id).unwrap();
        assert_eq!((status.as_str(), token.as_str()), ("ERROR", ""), "{damage}");
        assert_eq!(overdue_ids(&world), [""; 0], "{damage}");
        let sql = "SELECT sum(cost_nano) FROM spending WHERE kind = 'day'";
        let lost: u64 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(lost, 50_000_000, "{damage}");
    }
}

#[test]
fn a_row_whose_times_make_no_sense_is_too_old() {
    for time in [
        "unixepoch() + 86400",
        "4000000000000",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
    ] {
        for columns in ["created_at = ?, updated_at = ?", "created_at = ?"] {
            let world = world_with("PROCESSING");
            let sql = format!("UPDATE jobs SET {}", columns.replace('?', time));
            world.db.execute(&sql, []).unwrap();
            let found = run(overdue(&world, 60, 780)).unwrap().unwrap().remove(0);
            let age_s = found.map_or_else(|row| row.age_s, |row| row.age_s);
            assert!(age_s >= 780, "{columns} {time}: {age_s}");
        }
        let world = world_with("PROCESSING");
        world.db.execute(&format!("UPDATE jobs SET updated_at = {time}"), []).unwrap();
        assert_eq!(overdue_ids(&world).len(), 1, "{time}");
    }
    // Clocks that differ by seconds are no reason.
    let world = world_with("PROCESSING");
    world.db.execute("UPDATE jobs SET created_at = unixepoch() + 5", []).unwrap();
    assert_eq!(overdue_ids(&world), [""; 0]);
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
    for (status, is_written) in [
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
                Some(Ok(is_written)),
                "{status}"
            );
        }
        let sql = "SELECT count(*), max(params), max(cause) FROM dead_letters";
        let (count, params, cause): (u32, Option<String>, Option<String>) =
            world.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(count, u32::from(is_written), "{status}");
        if is_written {
            let params: Value = serde_json::from_str(&params.unwrap()).unwrap();
            assert_eq!((&params["token"], &params["question"]), (&json!(""), &json!("hi")));
            assert_eq!(cause.unwrap(), BUSY);
        }
    }
}
