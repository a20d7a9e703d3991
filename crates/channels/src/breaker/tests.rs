//! A limit is remembered for as long as it lasts, and for no one else.

use super::*;
use miyabi_testing::{Fake, run};

const HOOK: &str = "1200000000000000001";

/// Scope of all of a platform.
const EVERYWHERE: &str = "discord";

/// Opens the breaker for each wait in milliseconds, and compares how long it is open in seconds.
fn check(scope: &str, waits_ms: &[u64], expected: Option<i64>) {
    let world = Fake::new();
    for wait_ms in waits_ms {
        run(open(&world, scope, Duration::from_millis(*wait_ms))).unwrap();
    }
    let sql = "SELECT closes_at - unixepoch() FROM breakers WHERE scope = ?1";
    let open_s: Option<i64> = world.db.query_row(sql, [scope], |row| row.get(0)).ok();
    // The database's clock may have gone on in the meantime.
    let is_near = open_s.zip(expected).is_none_or(|(open_s, s)| (s - 1..=s).contains(&open_s));
    assert!(is_near && open_s.is_some() == expected.is_some(), "{waits_ms:?}: {open_s:?}");
    let expected_events = waits_ms.iter().filter(|_| expected.is_some()).count();
    assert_eq!(world.events.borrow().len(), expected_events);
}

#[test]
fn a_long_limit_is_remembered() {
    check(HOOK, &[2000], Some(4));
    check(HOOK, &[65_270], Some(67));
    check(EVERYWHERE, &[18_053_000], Some(18_055));
}

#[test]
fn a_short_one_and_one_of_nobody_are_not() {
    check(HOOK, &[], None);
    check(HOOK, &[0, 300, 1999], None);
    check("", &[240_000], None);
}

#[test]
fn nothing_is_remembered_for_longer_than_an_answer_is_worth_it() {
    check(EVERYWHERE, &[43_199_000], Some(43_200));
    check(EVERYWHERE, &[86_400_000, u64::MAX], Some(43_200));
}

#[test]
fn the_longer_wait_counts() {
    check(HOOK, &[90_000, 5000], Some(92));
    check(HOOK, &[5000, 90_000], Some(92));
}

#[test]
fn one_webhooks_limit_is_not_anothers() {
    let world = Fake::new();
    run(open(&world, HOOK, Duration::from_secs(9))).unwrap();
    run(open(&world, "1200000000000000009", Duration::from_secs(9))).unwrap();
    run(open(&world, EVERYWHERE, Duration::from_secs(9))).unwrap();
    let sql = "SELECT group_concat(scope) FROM (SELECT scope FROM breakers ORDER BY scope)";
    let scopes: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(scopes, format!("{HOOK},1200000000000000009,discord"));
}

#[test]
fn a_breaker_that_cannot_be_written_is_no_failure() {
    let world = Fake::new();
    world.store_faults.borrow_mut().push("breaker::open");
    run(open(&world, HOOK, Duration::from_secs(9))).unwrap();
    assert_eq!(world.store_faults.borrow().len(), 0);
}
