//! A key opens what it was made for, to its owner, until it is taken back.

use super::*;
use miyabi_core::key::{Access, Scope};
use miyabi_testing::{Fake, run};

/// Writes a key as `cargo xtask key` does.
fn make(world: &Fake, id: &str, owner: &str, scopes: &str, expires: &str) -> ApiKey {
    let mut random = [9; 20];
    random[0] = id.bytes().fold(0, u8::wrapping_add);
    let key = ApiKey::of(random);
    let sql = format!(
        "INSERT INTO api_keys (id, hash, owner, name, tail, scopes, expires_at)
         VALUES (?1, ?2, ?3, 'test', 'tail', ?4, {expires})"
    );
    world.db.execute(&sql, [id, key.hash().as_str(), owner, scopes]).unwrap();
    key
}

fn owner_of(world: &Fake, key: &ApiKey) -> Option<String> {
    run(principal(world, key)).unwrap().unwrap().map(|principal| principal.owner)
}

#[test]
fn a_key_is_its_owner_s_with_its_scopes_and_remembers_its_use() {
    let world = Fake::new();
    let key = make(&world, "k1", "mio", "chat,memory:read", "NULL");
    let principal = run(principal(&world, &key)).unwrap().unwrap().unwrap();
    assert_eq!(principal.owner, "mio");
    assert!(principal.scopes.grant(Scope::Memory, Access::Read));
    assert!(!principal.scopes.grant(Scope::Memory, Access::Write));
    let used = run(list(&world, "mio")).unwrap().unwrap()[0].last_used_at;
    assert!(used.is_some_and(|used| used > 1_700_000_000));
    let writes = || world.round_trips.borrow().last().unwrap().1;
    assert_eq!(writes(), 0);
    owner_of(&world, &key).unwrap();
    assert_eq!(writes(), 0, "only once an hour");
}

#[test]
fn nobody_has_a_key_that_is_unknown_taken_back_over_or_unreadable() {
    let world = Fake::new();
    assert_eq!(owner_of(&world, &ApiKey::of([1; 20])), None);
    let over = make(&world, "k1", "mio", "chat", "unixepoch()");
    assert_eq!(owner_of(&world, &over), None);
    let later = make(&world, "k2", "mio", "chat", "unixepoch() + 60");
    assert_eq!(owner_of(&world, &later).as_deref(), Some("mio"));
    let odd = make(&world, "k3", "mio", "everything", "NULL");
    assert_eq!(owner_of(&world, &odd), None);
    for _ in 0..2 {
        assert_eq!(run(revoke(&world, "mio", "k2")), Some(Ok(true)));
        assert_eq!(owner_of(&world, &later), None);
    }
}

#[test]
fn nobody_lists_or_takes_back_another_s_keys() {
    let world = Fake::new();
    let key = make(&world, "k1", "mio", "keys", "NULL");
    make(&world, "k2", "alex", "keys", "NULL");
    assert_eq!(run(revoke(&world, "alex", "k1")), Some(Ok(false)));
    assert_eq!(run(revoke(&world, "mio", "k9")), Some(Ok(false)));
    assert_eq!(owner_of(&world, &key).as_deref(), Some("mio"));
    let ids = |owner: &str| {
        let keys = run(list(&world, owner)).unwrap().unwrap();
        keys.into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!((ids("mio"), ids("alex"), ids("")), (vec!["k1".to_owned()], vec!["k2".to_owned()], vec![]));
}
