//! The database of a world, which a later one may have.

use core::cell::RefCell;

use rusqlite::Connection;

use super::World;
use super::ports::open;

thread_local! {
    /// Databases of worlds that are over; `None` while they are not kept.
    static SPARES: RefCell<Option<Vec<Connection>>> = const { RefCell::new(None) };
}

/// Has the worlds that `work` makes one after another share their databases, emptied in between: most of what a
/// new one takes is its tables, and preparing its statements.
pub(crate) fn sharing<T>(work: impl FnOnce() -> T) -> T {
    SPARES.set(Some(Vec::new()));
    let done = work();
    SPARES.set(None);
    done
}

/// Returns an empty database with the program's tables.
pub(crate) fn take() -> Connection {
    let spare = SPARES.with_borrow_mut(|spares| spares.as_mut()?.pop());
    spare.map_or_else(create, emptied)
}

impl Drop for World {
    fn drop(&mut self) {
        give_back(&mut self.db);
    }
}

/// Keeps the database of a world that is over, if they are kept and its tables and triggers are what they were.
fn give_back(db: &mut Connection) {
    let keep = |spares: &RefCell<Option<Vec<Connection>>>| {
        let mut spares = spares.borrow_mut();
        let Some(spares) = spares.as_mut() else { return };
        let is_as_it_was = number(db, "PRAGMA schema_version") == number(db, "PRAGMA user_version");
        if is_as_it_was && db.is_autocommit() {
            spares.push(core::mem::replace(db, Connection::open_in_memory().unwrap()));
        }
    };
    // The thread may be at its end.
    let _is_kept = SPARES.try_with(keep);
}

fn create() -> Connection {
    let db = open();
    db.execute_batch(include_str!("../../../schema.sql")).unwrap();
    // Each change of the schema raises its version.
    db.pragma_update(None, "user_version", number(&db, "PRAGMA schema_version")).unwrap();
    db
}

fn emptied(db: Connection) -> Connection {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let tables: Vec<String> = {
        let mut tables = db.prepare_cached(sql).unwrap();
        tables.query_map([], |row| row.get(0)).unwrap().flatten().collect()
    };
    for table in tables {
        db.prepare_cached(&format!("DELETE FROM {table}")).unwrap().execute([]).unwrap();
    }
    db
}

fn number(db: &Connection, pragma: &str) -> i64 {
    db.prepare_cached(pragma).unwrap().query_row([], |row| row.get(0)).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many databases are kept.
    fn kept() -> Option<usize> {
        SPARES.with_borrow(|spares| spares.as_ref().map(Vec::len))
    }

    #[test]
    fn a_shared_database_is_empty_and_has_all_triggers() {
        let insert =
            "INSERT INTO jobs (id, platform, token, status) VALUES ('1', 'x', 't', 'PENDING')";
        sharing(|| {
            for _ in 0..2 {
                let mut db = take();
                assert_eq!(number(&db, "SELECT count(*) FROM jobs"), 0);
                db.execute(insert, []).unwrap();
                let skips = db.execute("UPDATE jobs SET status = 'COMPLETED'", []);
                assert!(skips.is_err(), "a trigger refuses it");
                assert_eq!(kept(), Some(0));
                give_back(&mut db);
                assert_eq!(kept(), Some(1));
            }
            let mut changed = take();
            changed.execute("DROP TRIGGER jobs_status_moves_forward", []).unwrap();
            give_back(&mut changed);
            assert_eq!(kept(), Some(0));
        });
        give_back(&mut take());
        assert_eq!(kept(), None);
    }
}
