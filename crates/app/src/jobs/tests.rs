//! Does a job move forward only, whoever writes, and is `schema.sql` what the migrations make?

use serde_json::json;

use super::*;
use crate::lease::Leases;
use crate::ledger;
use miyabi_core::fault::{Class, ModelError};
use miyabi_core::job::from_params;
use miyabi_testing::{Fake, job, run, settings};

const ID: &str = "1300000000000000000";

/// Keeps an answer, and returns the one that is kept.
pub(super) fn kept(
    world: &Fake,
    job: &Job,
    answer: &str,
    attempts: &[Attempt],
) -> Result<Option<String>, Fault> {
    let leases = Leases::default();
    run(save_answer(world, (job, &leases), true, answer, attempts)).unwrap()
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
            kept(&world, &job("hi"), "first", &[]).unwrap();
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
        "save_answer" => kept(world, job, "second", &[]).map(|kept| format!("{kept:?}")),
        "complete" => run(complete(world, job)).unwrap().map(|is_ours| is_ours.to_string()),
        "is_current" => run(is_current(world, job)).unwrap().map(|is_ours| is_ours.to_string()),
        "revive" => run(revive(world, job)).unwrap().map(|is_ours| is_ours.to_string()),
        "fail" => {
            let fault =
                ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 }.into();
            run(fail(world, job, &fault, &[])).unwrap().map(|_is_ours| String::new())
        }
        "abandon" => {
            let fault =
                ModelError::Refused { vendor: "workers-ai", class: Class::Busy, code: 3040 }.into();
            run(abandon(world, job.id(), &fault)).unwrap().map(|_is_ours| String::new())
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
        ("COMPLETED", "revive", ("COMPLETED", "", Some("first"))),
        ("ERROR", "revive", ("ERROR", "", Some(QUOTA))),
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
fn a_job_completes_with_the_answer_that_was_kept_first() {
    let world = world_with("PROCESSING");
    assert_eq!(kept(&world, &job("hi"), "first", &[]), Ok(Some("first".to_owned())));
    assert_eq!(kept(&world, &job("hi"), "second", &[]), Ok(Some("first".to_owned())));
    assert_eq!(perform(&world, "complete"), Ok("true".to_owned()));
    assert_eq!(row(&world).unwrap().2.as_deref(), Some("first"));
    for from in ["none", "PENDING", "ERROR"] {
        assert_eq!(perform(&world_with(from), "complete"), Ok("false".to_owned()), "{from}");
    }
}

#[test]
fn an_older_life_moves_nothing() {
    let world = world_with("PROCESSING");
    let later = Job { generation: 2, ..job("hi") };
    write(&world, "save_answer");
    assert_eq!(perform(&world, "revive"), Ok("true".to_owned()));
    assert_eq!(perform(&world, "revive"), Ok("false".to_owned()), "another watchdog was faster");
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
    let claimed = Claim::Answered { answer: "second".to_owned(), posted: 0, is_private: false };
    assert_eq!(perform_as(&world, "claim", &later), Ok(format!("{claimed:?}")));
    assert_eq!(perform_as(&world, "complete", &later), Ok("true".to_owned()));
}

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
fn a_post_is_a_sign_of_generation() {
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
        let sql = "INSERT INTO posts (job, part, state, message_id) VALUES (?1, 'a', 'SENT', '5')";
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
fn a_job_is_buried_only_while_it_waits() {
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

#[test]
fn the_database_lets_nobody_move_a_job_backwards() {
    let states = ["PENDING", "PROCESSING", "COMPLETED", "ERROR"];
    let allowed = [
        ("PENDING", "PROCESSING"),
        ("PENDING", "ERROR"),
        ("PROCESSING", "COMPLETED"),
        ("PROCESSING", "ERROR"),
    ];
    for from in states {
        for to in states {
            let world = world_with(from);
            let sql = "UPDATE jobs SET status = ?1, token = '', params = '', result = 'x'
                       WHERE id = ?2";
            let moved = world.db.execute(sql, [to, ID]);
            if from == to || allowed.contains(&(from, to)) {
                assert_eq!(moved.unwrap(), 1, "{from} {to}");
                assert_eq!(row(&world).unwrap().0, to);
            } else {
                let refusal = moved.unwrap_err().to_string();
                assert!(refusal.contains("illegal job transition"), "{from} {to}: {refusal}");
                assert_eq!(row(&world).unwrap().0, from);
            }
        }
    }
}

#[test]
fn the_database_lets_no_malformed_job_in() {
    let long = "1".repeat(65);
    for (id, token, status, result) in [
        ("", "t", "PENDING", None),
        (long.as_str(), "t", "PENDING", None),
        ("1", "t", "pending", None),
        ("1", "t", "DONE", Some("x")),
        // What ended keeps no token, and says how.
        ("1", "t", "COMPLETED", Some("x")),
        ("1", "t", "ERROR", Some("x")),
        ("1", "", "COMPLETED", None),
        ("1", "", "ERROR", None),
    ] {
        let sql = "INSERT INTO jobs (id, token, status, result) VALUES (?1, ?2, ?3, ?4)";
        let refusal = Fake::new().db.execute(sql, (id, token, status, result)).unwrap_err();
        assert!(refusal.to_string().contains("CHECK"), "{id} {status}: {refusal}");
    }
    for missing in ["id", "token", "status"] {
        let sql = "INSERT INTO jobs (id, token, status) VALUES
                   (iif(?1 = 'id', NULL, '1'), iif(?1 = 'token', NULL, 't'),
                    iif(?1 = 'status', NULL, 'PENDING'))";
        let refusal = Fake::new().db.execute(sql, [missing]).unwrap_err();
        assert!(refusal.to_string().contains("NOT NULL"), "{missing}: {refusal}");
    }
}

#[test]
fn a_job_that_ended_keeps_its_token_from_nobody_but_itself() {
    for status in ["COMPLETED", "ERROR"] {
        let world = world_with(status);
        let sql = "UPDATE jobs SET token = 't' WHERE id = ?1";
        assert!(world.db.execute(sql, [ID]).is_err(), "{status}");
    }
}

#[test]
fn a_job_that_the_version_before_ends_keeps_no_parameters() {
    for status in ["COMPLETED", "ERROR"] {
        let world = world_with("PROCESSING");
        let sql = "UPDATE jobs SET status = ?1, token = '', result = 'x' WHERE id = ?2";
        assert_eq!(world.db.execute(sql, [status, ID]), Ok(1));
        let params = world.db.query_row("SELECT params FROM jobs", [], |row| row.get(0));
        assert_eq!(params, Ok(String::new()), "{status}");
    }
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

/// Writes the schema as `cargo xtask schema` does: as the database stores the statements, a table before
/// what belongs to it.
fn dump(db: &rusqlite::Connection) -> String {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL
               ORDER BY tbl_name, type = 'table' DESC, name";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|row| row.unwrap() + ";\n").collect::<Vec<_>>().join("\n")
}

#[test]
fn schema_sql_is_what_the_migrations_make() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let db = rusqlite::Connection::open_in_memory().unwrap();
    for file in files {
        db.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    let committed = include_str!("../../../../schema.sql");
    let (header, statements) = committed.split_once("\n\n").unwrap();
    assert!(header.starts_with("-- ") && header.contains("cargo xtask schema"), "{header}");
    assert_eq!(statements, dump(&db), "run `cargo xtask schema`");
    assert_eq!(dump(&Fake::new().db), dump(&db), "add the migration to the fake");
}
