//! A key opens what it was made for, to its owner, until it is taken back.

use super::*;
use miyabi_core::key::{Access, Scope};
use miyabi_testing::{Fake, run};

fn new(owner: &str, scopes: &str, expires_at: Option<u64>) -> NewKey {
    let scopes = Scopes::parse(scopes).unwrap();
    let principal =
        Principal { owner: owner.to_owned(), scopes, workspace: "w".to_owned(), expires_at };
    NewKey { principal, name: "laptop".to_owned() }
}

fn make(world: &Fake, owner: &str, scopes: &str, expires_at: Option<u64>) -> (ApiKey, String) {
    match run(create(world, new(owner, scopes, expires_at))).unwrap().unwrap() {
        Created::Key(key, listed) => (key, listed.id),
        Created::TooMany => panic!("too many"),
    }
}

fn owner_of(world: &Fake, key: &ApiKey) -> Option<String> {
    run(principal(world, key)).unwrap().unwrap().map(|principal| principal.owner)
}

fn ids(world: &Fake, owner: &str) -> Vec<String> {
    let keys = run(list(world, owner)).unwrap().unwrap();
    keys.into_iter().map(|key| key.id).collect()
}

/// Returns the database's time, so many seconds on.
fn soon(world: &Fake, seconds: i64) -> u64 {
    let now: i64 = world.db.query_row("SELECT unixepoch()", [], |row| row.get(0)).unwrap();
    u64::try_from(now + seconds).unwrap()
}

#[test]
fn a_key_is_its_owners_with_its_scopes_and_is_nowhere_in_the_database() {
    let world = Fake::new();
    let expires_at = Some(soon(&world, 60));
    let (key, id) = make(&world, "mio", "chat,memory:read", expires_at);
    let principal = run(principal(&world, &key)).unwrap().unwrap().unwrap();
    assert_eq!((principal.owner.as_str(), principal.workspace.as_str()), ("mio", "w"));
    assert!(principal.scopes.grant(Scope::Memory, Access::Read));
    assert!(!principal.scopes.grant(Scope::Memory, Access::Write));
    assert_eq!(principal.expires_at, expires_at);
    let listed = run(list(&world, "mio")).unwrap().unwrap();
    let [listed] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((&listed.id, listed.name.as_str()), (&id, "laptop"));
    assert_eq!((listed.tail.as_str(), listed.scopes.as_str()), (key.tail(), "chat,memory:read"));
    let sql = "SELECT count(*) FROM api_keys WHERE name || hash || tail || id LIKE '%miyabi%'";
    let found: u32 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(found, 0);
}

#[test]
fn use_is_noted_to_the_hour_and_not_needed() {
    let world = Fake::new();
    let (key, _) = make(&world, "mio", "chat", None);
    let writes = || world.round_trips.borrow().iter().map(|(_, rows)| rows).sum::<u64>();
    let before = writes();
    let used = || run(list(&world, "mio")).unwrap().unwrap()[0].last_used_at;
    world.store_faults.borrow_mut().push("api_keys::note_use");
    assert!(owner_of(&world, &key).is_some(), "the database only reads");
    assert_eq!(used(), None);
    for _ in 0..3 {
        assert!(owner_of(&world, &key).is_some());
        assert!(used().is_some_and(|used| used > 1_700_000_000));
        assert_eq!(writes() - before, 1);
    }
    world.db.execute_batch("UPDATE api_keys SET last_used_at = unixepoch() - 3600").unwrap();
    owner_of(&world, &key).unwrap();
    assert_eq!(writes() - before, 2);
}

#[test]
fn nobody_has_a_key_that_is_unknown_taken_back_over_or_unreadable() {
    let world = Fake::new();
    assert_eq!(owner_of(&world, &ApiKey::of([1; 20])), None);
    let (over, _) = make(&world, "mio", "chat", Some(soon(&world, -1)));
    assert_eq!(owner_of(&world, &over), None);
    let (later, id) = make(&world, "mio", "chat", Some(soon(&world, 60)));
    assert_eq!(owner_of(&world, &later).as_deref(), Some("mio"));
    assert_eq!(ids(&world, "mio"), [id.as_str()], "what is over is not listed");
    world.db.execute("UPDATE api_keys SET scopes = 'everything' WHERE id = ?1", [&id]).unwrap();
    assert_eq!(owner_of(&world, &later), None);
    let (gone, id) = make(&world, "mio", "chat", None);
    for expected in [true, false] {
        assert_eq!(run(revoke(&world, "mio", &id)), Some(Ok(expected)));
        assert_eq!(owner_of(&world, &gone), None);
    }
}

#[test]
fn nobody_lists_or_takes_back_anothers_keys() {
    let world = Fake::new();
    let (key, mios) = make(&world, "mio", "keys", None);
    let (_, alexs) = make(&world, "alex", "keys", None);
    assert_eq!(run(revoke(&world, "alex", &mios)), Some(Ok(false)));
    assert_eq!(run(revoke(&world, "mio", "k9")), Some(Ok(false)));
    assert_eq!(owner_of(&world, &key).as_deref(), Some("mio"));
    assert_eq!((ids(&world, "mio"), ids(&world, "alex")), (vec![mios], vec![alexs]));
    assert_eq!(ids(&world, ""), [""; 0]);
}

#[test]
fn a_person_has_so_many_keys_and_two_at_a_time_for_each_program() {
    let world = Fake::new();
    let made: Vec<_> = (0..MAX_KEYS).map(|_| make(&world, "mio", "chat", None)).collect();
    assert!(made.iter().all(|(key, _)| owner_of(&world, key).is_some()));
    let another = || run(create(&world, new("mio", "chat", None))).unwrap().unwrap();
    assert_eq!(another(), Created::TooMany);
    make(&world, "alex", "chat", None);
    assert_eq!(run(revoke(&world, "mio", &made[0].1)), Some(Ok(true)));
    assert!(matches!(another(), Created::Key(..)));
    assert_eq!(another(), Created::TooMany);
    let sql = "UPDATE api_keys SET expires_at = unixepoch() WHERE id = ?1";
    world.db.execute(sql, [&made[1].1]).unwrap();
    assert!(matches!(another(), Created::Key(..)));
}

#[test]
fn of_keys_that_are_over_only_the_newest_are_kept() {
    let world = Fake::new();
    for _ in 0..110 {
        let (_, id) = make(&world, "mio", "chat", None);
        assert_eq!(run(revoke(&world, "mio", &id)), Some(Ok(true)));
    }
    make(&world, "alex", "chat", None);
    let sql = "SELECT count(*) FROM api_keys WHERE owner = 'mio'";
    let rows: u32 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!((100..=101).contains(&rows), "{rows}");
}

#[test]
fn without_random_numbers_there_is_no_key() {
    let world = Fake::new();
    world.random_fails.set(true);
    assert!(run(create(&world, new("mio", "chat", None))).unwrap().is_err());
    assert_eq!(ids(&world, "mio"), [""; 0]);
}

#[test]
fn keys_are_found_by_an_index() {
    let world = Fake::new();
    for (sql, index) in [
        ("SELECT id FROM api_keys WHERE hash = ?1", "sqlite_autoindex_api_keys"),
        ("SELECT id FROM api_keys WHERE owner = ?1 AND revoked_at IS NULL", "api_keys_by_owner"),
        (
            "SELECT id FROM conversations WHERE owner = ?1 AND deleted_at IS NULL
             ORDER BY updated_at DESC, id LIMIT 20",
            "conversations_by_update",
        ),
    ] {
        let mut prepared = world.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan = prepared.query_map(["1"], |row| row.get(3)).unwrap();
        let plan: Vec<String> = plan.map(Result::unwrap).collect();
        assert!(plan.iter().any(|step| step.contains(index)), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    }
}
