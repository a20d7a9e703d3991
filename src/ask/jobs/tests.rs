//! Does a job move forward only, whoever writes, and is `schema.sql` what the migrations make?

use super::*;
use crate::fake::{Fake, question, run};
use crate::fault::ModelError;

const ID: &str = "1300000000000000000";

/// A world whose job is in this state, written through the program's own statements.
fn world_with(status: &str) -> Fake {
    let world = Fake::new();
    match status {
        "none" => {}
        "PENDING" => write(&world, "insert"),
        "PROCESSING" => write(&world, "claim"),
        "COMPLETED" => {
            write(&world, "claim");
            run(complete(&world, &question("hi").id, "first")).unwrap().unwrap();
        }
        "ERROR" => {
            let fault = ModelError::Code { code: 3036 }.into();
            run(fail(&world, &question("hi").id, &fault)).unwrap().unwrap();
        }
        other => panic!("{other}"),
    }
    world
}

fn write(world: &Fake, statement: &str) {
    perform(world, statement).unwrap();
}

/// Runs one of the program's statements; says what `claim` found.
fn perform(world: &Fake, statement: &str) -> Result<Option<Claim>, Fault> {
    let asked = question("hi");
    match statement {
        "insert" => run(insert(world, &asked)).unwrap().map(|()| None),
        "claim" => run(claim(world, &asked)).unwrap().map(Some),
        "complete" => run(complete(world, &asked.id, "second")).unwrap().map(|()| None),
        "fail" => {
            let fault = ModelError::Code { code: 3040 }.into();
            run(fail(world, &asked.id, &fault)).unwrap().map(|()| None)
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
const QUOTA: &str = "workers ai answered with code 3036";
const BUSY: &str = "workers ai answered with code 3040";

#[test]
fn every_statement_moves_a_job_forward_or_leaves_it_and_does_so_once() {
    for (from, statement, expected) in [
        ("none", "insert", ("PENDING", TOKEN, None)),
        ("none", "claim", ("PROCESSING", TOKEN, None)),
        ("none", "fail", ("ERROR", "", Some(BUSY))),
        ("PENDING", "insert", ("PENDING", TOKEN, None)),
        ("PENDING", "claim", ("PROCESSING", TOKEN, None)),
        ("PENDING", "complete", ("PENDING", TOKEN, None)),
        ("PENDING", "fail", ("ERROR", "", Some(BUSY))),
        ("PROCESSING", "insert", ("PROCESSING", TOKEN, None)),
        ("PROCESSING", "claim", ("PROCESSING", TOKEN, None)),
        ("PROCESSING", "complete", ("COMPLETED", "", Some("second"))),
        ("PROCESSING", "fail", ("ERROR", "", Some(BUSY))),
        ("COMPLETED", "insert", ("COMPLETED", "", Some("first"))),
        ("COMPLETED", "claim", ("COMPLETED", "", Some("first"))),
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
        ("none", Claim::Mine),
        ("PENDING", Claim::Mine),
        ("PROCESSING", Claim::Mine),
        ("COMPLETED", Claim::Ended),
        ("ERROR", Claim::Ended),
    ] {
        assert_eq!(perform(&world_with(from), "claim"), Ok(Some(expected)), "{from}");
    }
}

#[test]
fn a_job_that_is_in_no_state_to_complete_says_so() {
    for from in ["none", "PENDING", "ERROR"] {
        let refused = StoreError::Failed { statement: "jobs::complete" };
        assert_eq!(perform(&world_with(from), "complete"), Err(refused.into()), "{from}");
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
            let sql = "UPDATE jobs SET status = ?1, token = '', result = 'x' WHERE id = ?2";
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
fn a_job_knows_when_it_began_and_when_it_moved() {
    let world = world_with("PENDING");
    world.db.execute("UPDATE jobs SET created_at = 1, updated_at = 1", []).unwrap();
    for statement in ["claim", "complete"] {
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
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let db = rusqlite::Connection::open_in_memory().unwrap();
    for file in files {
        db.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    let committed = include_str!("../../../schema.sql");
    let (header, statements) = committed.split_once("\n\n").unwrap();
    assert!(header.starts_with("-- ") && header.contains("cargo xtask schema"), "{header}");
    assert_eq!(statements, dump(&db), "run `cargo xtask schema`");
    assert_eq!(dump(&Fake::new().db), dump(&db), "add the migration to the fake");
}
