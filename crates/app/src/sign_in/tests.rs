//! A code is spent once, for a key of a browser, which counts apart and is deleted by signing out.

use super::*;
use crate::keys::{self, Created, NewKey, Principal};
use miyabi_core::key::{MAX_KEYS, Scopes};
use miyabi_testing::{Fake, run};

fn offered(world: &Fake, owner: &str) -> Code {
    run(offer(world, owner, "8")).unwrap().unwrap()
}

fn spent(world: &Fake, code: &Code) -> Option<ApiKey> {
    run(spend(world, code)).unwrap().unwrap()
}

fn whose(world: &Fake, key: &ApiKey) -> Option<Principal> {
    run(keys::principal(world, key)).unwrap().unwrap()
}

fn signed_in(world: &Fake, owner: &str) -> ApiKey {
    spent(world, &offered(world, owner)).unwrap()
}

fn made(world: &Fake, owner: &str) -> Created {
    let scopes = Scopes::parse("chat").unwrap();
    let (owner, workspace) = (owner.to_owned(), String::new());
    let principal = Principal { owner, scopes, workspace, expires_at: None };
    run(keys::create(world, NewKey { principal, name: "a".to_owned() })).unwrap().unwrap()
}

fn count(world: &Fake, sql: &str) -> u32 {
    world.db.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_code_is_spent_once_for_a_key_of_thirty_days_and_is_nowhere_to_be_read() {
    let world = Fake::new();
    let code = offered(&world, "mio");
    let rows: String = world
        .db
        .query_row("SELECT owner || ' ' || hash FROM sign_in_codes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, format!("mio {}", code.hash()));
    let key = spent(&world, &code).unwrap();
    let principal = whose(&world, &key).unwrap();
    assert_eq!((principal.owner.as_str(), principal.workspace.as_str()), ("mio", "8"));
    assert_eq!(principal.scopes.list(), SCOPES);
    let days = "SELECT (expires_at - unixepoch() + 60) / 86400 FROM api_keys WHERE is_page";
    assert_eq!(count(&world, days), 30);
    let listed = run(keys::list(&world, "mio")).unwrap().unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, NAME));
    assert_eq!(spent(&world, &code), None);
    assert_eq!(count(&world, "SELECT count(*) FROM sign_in_codes"), 0);
    assert_eq!(count(&world, "SELECT count(*) FROM api_keys"), 1);
}

#[test]
fn a_code_that_is_replaced_over_or_made_up_is_none() {
    let world = Fake::new();
    let (first, others) = (offered(&world, "mio"), offered(&world, "rin"));
    let second = offered(&world, "mio");
    assert_eq!(spent(&world, &first), None);
    assert_eq!(spent(&world, &Code::of([9; 8])), None);
    world
        .db
        .execute_batch("UPDATE sign_in_codes SET expires_at = unixepoch() WHERE owner = 'mio'")
        .unwrap();
    assert_eq!(spent(&world, &second), None);
    assert_eq!(count(&world, "SELECT count(*) FROM api_keys"), 0);
    // Nobody else's is touched by all that.
    assert_eq!(whose(&world, &spent(&world, &others).unwrap()).unwrap().owner, "rin");
}

#[test]
fn wherever_it_fails_a_code_is_whole_or_spent_for_a_key() {
    let world = Fake::new();
    let code = offered(&world, "mio");
    for statement in ["sign_in_codes::spend", "sign_in_codes::spent", "api_keys::replace"] {
        world.store_faults.borrow_mut().push(statement);
        assert!(run(spend(&world, &code)).unwrap().is_err(), "{statement}");
        assert_eq!(count(&world, "SELECT count(*) FROM api_keys"), 0, "{statement}");
        world.store_faults.borrow_mut().clear();
    }
    assert!(spent(&world, &code).is_some());
}

#[test]
fn keys_of_browsers_lock_nobody_out_and_the_oldest_makes_room() {
    let world = Fake::new();
    let others = signed_in(&world, "rin");
    for _ in 0..MAX_KEYS {
        assert!(matches!(made(&world, "mio"), Created::Key(..)));
    }
    let most = usize::try_from(MAX_PAGE_KEYS).unwrap();
    let browsers: Vec<ApiKey> = (0..=most)
        .map(|age| {
            let key = signed_in(&world, "mio");
            let sql = "UPDATE api_keys SET created_at = created_at - ?1 WHERE hash = ?2";
            let older = 100 - u32::try_from(age).unwrap();
            world.db.execute(sql, (older, key.hash())).unwrap();
            key
        })
        .collect();
    let (oldest, rest) = browsers.split_first().unwrap();
    assert_eq!(whose(&world, oldest), None);
    assert!(rest.iter().all(|key| whose(&world, key).is_some()));
    assert!(matches!(made(&world, "mio"), Created::TooMany));
    let of = "SELECT count(*) FROM api_keys WHERE owner = 'mio' AND is_page =";
    assert_eq!(count(&world, &format!("{of} 1")), MAX_PAGE_KEYS);
    assert_eq!(count(&world, &format!("{of} 0")), MAX_KEYS);
    // Those that were taken back make room first.
    world
        .db
        .execute("UPDATE api_keys SET revoked_at = 1 WHERE hash = ?1", [rest[1].hash()])
        .unwrap();
    signed_in(&world, "mio");
    assert!(whose(&world, &rest[0]).is_some());
    assert!(whose(&world, &others).is_some());
}

#[test]
fn signing_out_ends_one_browser_or_all_of_a_person_and_no_key_that_they_have_made() {
    let world = Fake::new();
    let Created::Key(own, _) = made(&world, "mio") else { panic!() };
    let [first, second, third] = [0; 3].map(|_| signed_in(&world, "mio"));
    let others = signed_in(&world, "rin");
    let sign_out = |key: &ApiKey, browsers| {
        for _ in 0..2 {
            run(sign_out(&world, &key.hash(), browsers)).unwrap().unwrap();
        }
    };
    sign_out(&first, Browsers::This);
    assert_eq!(whose(&world, &first), None);
    assert!(whose(&world, &second).is_some());
    // A key that is over ends nothing.
    sign_out(&first, Browsers::All);
    sign_out(&own, Browsers::This);
    assert!(whose(&world, &second).is_some());
    sign_out(&second, Browsers::All);
    assert_eq!((whose(&world, &second), whose(&world, &third)), (None, None));
    assert!(whose(&world, &own).is_some() && whose(&world, &others).is_some());
    signed_in(&world, "mio");
    sign_out(&own, Browsers::All);
    assert_eq!(count(&world, "SELECT count(*) FROM api_keys WHERE owner = 'mio' AND is_page"), 0);
}

#[test]
fn codes_that_are_over_go_with_what_is_old_and_those_that_count_stay() {
    let world = Fake::new();
    offered(&world, "mio");
    let sql = "UPDATE sign_in_codes SET expires_at = unixepoch()";
    world.db.execute_batch(sql).unwrap();
    let counts = offered(&world, "rin");
    run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
    assert_eq!(count(&world, "SELECT count(*) FROM sign_in_codes"), 1);
    assert!(spent(&world, &counts).is_some());
}
