//! The database's own guards, and `schema.sql` against the migrations.

use std::path::PathBuf;

use super::*;

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
            let sql = "UPDATE jobs SET status = ?1, token = '', params = '', result = 'x',
                         reserved_nano = 0 WHERE id = ?2";
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
        let sql =
            "INSERT INTO jobs (id, platform, token, status, result) VALUES (?1, 'x', ?2, ?3, ?4)";
        let refusal = Fake::new().db.execute(sql, (id, token, status, result)).unwrap_err();
        assert!(refusal.to_string().contains("CHECK"), "{id} {status}: {refusal}");
    }
    for missing in ["id", "platform", "token", "status"] {
        let sql = "INSERT INTO jobs (id, platform, token, status) VALUES
                   (iif(?1 = 'id', NULL, '1'), iif(?1 = 'platform', NULL, 'x'), iif(?1 = 'token', NULL, 't'),
                    iif(?1 = 'status', NULL, 'PENDING'))";
        let refusal = Fake::new().db.execute(sql, [missing]).unwrap_err();
        assert!(refusal.to_string().contains("NOT NULL"), "{missing}: {refusal}");
    }
    let nowhere = "INSERT INTO jobs (id, platform, token, status) VALUES ('1', '', 't', 'PENDING')";
    let refusal = Fake::new().db.execute(nowhere, []).unwrap_err();
    assert!(refusal.to_string().contains("CHECK"), "{refusal}");
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
fn a_job_that_ended_keeps_neither_its_question_nor_money() {
    for status in ["COMPLETED", "ERROR"] {
        for left in ["params = '{}'", "reserved_nano = 1", "reserved_nano = 1, day = 1"] {
            let world = world_with(status);
            let refusal = world.db.execute(&format!("UPDATE jobs SET {left}"), []).unwrap_err();
            assert!(refusal.to_string().contains("CHECK"), "{status} {left}: {refusal}");
            let world = world_with("PROCESSING");
            let ended = format!("status = '{status}', token = '', params = '', result = 'x'");
            let sql = format!("UPDATE jobs SET {ended}, reserved_nano = 0, {left}");
            let refusal = world.db.execute(&sql, []).unwrap_err();
            assert!(refusal.to_string().contains("CHECK"), "{status} {left}: {refusal}");
        }
    }
}

#[test]
fn a_job_with_an_answer_has_nothing_set_aside() {
    let world = world_with("PROCESSING");
    let refusal = world.db.execute("UPDATE jobs SET result = 'x'", []).unwrap_err();
    assert!(refusal.to_string().contains("CHECK"), "{refusal}");
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
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_sql = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "sql");
    let mut files: Vec<_> = entries.filter(is_sql).collect();
    files.sort();
    let db = rusqlite::Connection::open_in_memory().unwrap();
    for file in files {
        db.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    let committed = include_str!("../../../../../schema.sql");
    let (header, statements) = committed.split_once("\n\n").unwrap();
    assert!(header.starts_with("-- ") && header.contains("cargo xtask schema"), "{header}");
    assert_eq!(statements, dump(&db), "run `cargo xtask schema`");
    assert_eq!(dump(&Fake::new().db), dump(&db), "the fake is built from schema.sql");
}

#[test]
fn a_row_of_the_columns_that_other_programs_know_is_discords() {
    let world = Fake::new();
    let sql = "INSERT INTO jobs (id, token, status) VALUES ('1', 't', 'PENDING')";
    world.db.execute(sql, []).unwrap();
    let platform = world.db.query_row("SELECT platform FROM jobs", [], |row| row.get(0));
    assert_eq!(platform, Ok("discord".to_owned()));
}
