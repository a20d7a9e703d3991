//! Updates that the program does not serve: counted by a log line each, and kept as they came for a day.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the row | an update that comes again is there twice, for a day |
//!
//! They may hold what somebody wrote, so nothing but the operator's own look at the database shows them.

use miyabi_core::event::Event;
use miyabi_core::ports::{Log, Sql, Statement};

/// How long one is kept, in seconds.
pub(crate) const LIFETIME_S: u32 = 24 * 60 * 60;

/// Longest body that is kept, in bytes: D1 takes rows of 2 MB.
const MAX_BYTES: usize = 1_000_000;

/// Deletes those that are too old.
pub(crate) const FORGET: &str = "DELETE FROM unserved_updates WHERE received_at < unixepoch() - ?1";

/// Keeps what a platform sent, once, however many kinds are in it, and says of each kind in the log that it came. That it
/// could not be kept is said there too: nobody waits for it.
///
/// # Repeats
/// See the table of this module.
pub async fn keep(
    host: &(impl Sql + Log),
    platform: &'static str,
    kinds: &[&'static str],
    body: &[u8],
) {
    if kinds.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(body);
    let insert = Statement {
        name: "unserved::insert",
        sql: "INSERT INTO unserved_updates (platform, kind, body) VALUES (?1, ?2, ?3)",
        values: vec![platform.into(), kinds.join(" ").into(), text.as_ref().into()],
    };
    let is_kept = text.len() <= MAX_BYTES && host.run(insert).await.is_ok();
    for kind in kinds {
        host.log(&Event::UpdateUnserved { platform, kind, is_kept });
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::jobs::forget;
    use miyabi_testing::{Fake, run};

    fn kept(world: &Fake) -> i64 {
        world.db.query_row("SELECT count(*) FROM unserved_updates", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_update_is_kept_for_a_day() {
        let world = Fake::new();
        run(keep(&world, "telegram", &["poll"], br#"{"update_id":9}"#)).unwrap();
        assert_eq!(kept(&world), 1);
        run(forget(&world, 30)).unwrap().unwrap();
        assert_eq!(kept(&world), 1);
        let sql = "UPDATE unserved_updates SET received_at = received_at - 86401";
        world.db.execute(sql, []).unwrap();
        run(forget(&world, 30)).unwrap().unwrap();
        assert_eq!(kept(&world), 0);
    }

    #[test]
    fn a_delivery_of_several_kinds_is_kept_once_and_each_kind_is_counted() {
        let world = Fake::new();
        run(keep(&world, "whatsapp", &["calls", "flows"], b"{}")).unwrap();
        run(keep(&world, "whatsapp", &[], b"{}")).unwrap();
        assert_eq!(kept(&world), 1);
        let sql = "SELECT kind FROM unserved_updates";
        let kind: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(kind, "calls flows");
        assert_eq!(world.events.borrow().len(), 2);
    }

    #[test]
    fn a_database_that_is_away_and_a_body_that_is_too_long_are_no_failure() {
        let world = Fake::new();
        world.store_faults.borrow_mut().push("unserved::insert");
        run(keep(&world, "telegram", &["poll"], b"{}")).unwrap();
        run(keep(&world, "telegram", &["poll"], "x".repeat(MAX_BYTES + 1).as_bytes())).unwrap();
        assert_eq!(kept(&world), 0);
        let is_kept = false;
        let lost = Event::UpdateUnserved { platform: "telegram", kind: "poll", is_kept };
        assert_eq!(*world.events.borrow(), [lost.clone(), lost]);
    }
}
