use miyabi_testing::{Death, Fake, run, wherever_it_dies};

use super::*;

const QUOTA: u64 = 1_000;

fn kept(world: &Fake, owner: &str, name: &str, bytes: &[u8]) -> Option<Upload> {
    run(keep(world, (owner, QUOTA), (name, "text/plain"), bytes)).unwrap().unwrap()
}

fn claimed(world: &Fake, owner: &str, conversation: &str, ids: &[&str]) -> Option<Vec<String>> {
    let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
    let claimed = run(claim(world, (owner, conversation), &ids)).unwrap().unwrap();
    claimed.map(|files| files.into_iter().map(|file| file.name).collect())
}

/// Rows and files that there are.
fn counts(world: &Fake) -> (u32, usize) {
    let rows = world.db.query_row("SELECT count(*) FROM files", [], |row| row.get(0));
    (rows.unwrap(), world.files.borrow().len())
}

/// Makes everything as if it had been so many seconds ago.
fn age(world: &Fake, seconds: u32) {
    world.db.execute("UPDATE files SET created_at = created_at - ?1", [seconds]).unwrap();
}

fn swept(world: &Fake) {
    run(sweep(world)).unwrap().unwrap();
}

#[test]
fn a_file_is_its_owners_and_of_one_conversation() {
    let world = Fake::new();
    let (a, b) =
        (kept(&world, "mio", "a", b"1").unwrap(), kept(&world, "mio", "b", b"22").unwrap());
    assert_eq!(world.files.borrow()[&key(&a.id)], b"1");
    let find = |owner, id: &str| run(find(&world, owner, id)).unwrap().unwrap();
    assert_eq!(find("mio", &a.id), Some(a.clone()));
    assert_eq!(find("kai", &a.id), None);
    assert_eq!(claimed(&world, "kai", "c1", &[&a.id]), None);
    // In the order of the question, again and again.
    for _ in 0..2 {
        let both = [b.id.as_str(), a.id.as_str()];
        assert_eq!(claimed(&world, "mio", "c1", &both), Some(vec!["b".to_owned(), "a".to_owned()]));
    }
    assert_eq!(claimed(&world, "mio", "c2", &[&a.id]), None);
    assert_eq!(claimed(&world, "mio", "c1", &[&a.id, &"0".repeat(32)]), None);
    // All of them or none: what was named beside one that is not there is free for another question.
    let free = kept(&world, "mio", "d", b"1").unwrap();
    assert_eq!(claimed(&world, "mio", "c1", &[&free.id, &"0".repeat(32)]), None);
    assert_eq!(claimed(&world, "mio", "c2", &[&free.id]), Some(vec!["d".to_owned()]));
    assert_eq!(claimed(&world, "mio", "c2", &[]), Some(Vec::new()));
    assert!(!run(delete(&world, "kai", &a.id)).unwrap().unwrap());
    assert!(run(delete(&world, "mio", &a.id)).unwrap().unwrap());
    assert!(!run(delete(&world, "mio", &a.id)).unwrap().unwrap());
    assert_eq!((find("mio", &a.id), claimed(&world, "mio", "c1", &[&a.id])), (None, None));
}

#[test]
fn nobody_keeps_more_than_the_quota_and_what_is_deleted_does_not_count() {
    let world = Fake::new();
    let first = kept(&world, "mio", "a", &[1; 600]).unwrap();
    assert_eq!(kept(&world, "mio", "b", &[1; 401]), None);
    assert!(kept(&world, "kai", "b", &[1; 401]).is_some());
    assert!(kept(&world, "mio", "b", &[1; 400]).is_some());
    assert!(run(delete(&world, "mio", &first.id)).unwrap().unwrap());
    assert!(kept(&world, "mio", "c", &[1; 600]).is_some());
}

#[test]
fn what_nobody_names_goes_after_a_day_and_what_is_deleted_at_once_but_not_while_it_is_written() {
    let world = Fake::new();
    let [unused, used, deleted] =
        ["a", "b", "c"].map(|name| kept(&world, "mio", name, b"1").unwrap());
    assert!(claimed(&world, "mio", "c1", &[&used.id, &deleted.id]).is_some());
    assert!(run(delete(&world, "mio", &deleted.id)).unwrap().unwrap());
    swept(&world);
    assert_eq!(counts(&world), (3, 3), "its request may still write the bytes");
    age(&world, WRITTEN_S + 1);
    swept(&world);
    assert_eq!(counts(&world), (2, 2));
    age(&world, UNUSED_S);
    swept(&world);
    assert_eq!(counts(&world), (1, 1));
    assert!(!world.files.borrow().contains_key(&key(&unused.id)));
    assert!(world.files.borrow().contains_key(&key(&used.id)));
}

#[test]
fn a_row_stays_until_the_bytes_are_gone() {
    let world = Fake::new();
    let file = kept(&world, "mio", "a", b"1").unwrap();
    assert!(run(delete(&world, "mio", &file.id)).unwrap().unwrap());
    age(&world, WRITTEN_S + 1);
    world.file_faults.set(1);
    assert!(run(sweep(&world)).unwrap().is_err());
    assert_eq!(counts(&world).0, 1);
    swept(&world);
    assert_eq!(counts(&world), (0, 0));
}

#[test]
fn an_upload_and_a_sweep_leave_no_bytes_without_a_row_wherever_the_program_dies() {
    wherever_it_dies(5, |Death { side, effect, .. }| {
        let world = Fake::new();
        world.crash_at(effect, side);
        let died = run(async {
            let file = keep(&world, ("mio", QUOTA), ("a", "text/plain"), b"1").await.unwrap();
            delete(&world, "mio", &file.unwrap().id).await.unwrap();
            age(&world, WRITTEN_S + 1);
            sweep(&world).await.unwrap();
        })
        .is_none();
        world.restart();
        // Whatever the death has left, a later round finds.
        age(&world, UNUSED_S + 1);
        swept(&world);
        assert_eq!(counts(&world), (0, 0), "{side:?} {effect}");
        died
    });
}

#[test]
fn files_go_with_their_conversation_and_their_person() {
    let now = Millis(1_800_000_000_000);
    let world = Fake::new();
    let name = |file: &Upload| file.id.clone();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| kept(&world, "mio", name, b"1").unwrap());
    assert!(claimed(&world, "mio", "c1", &[&name(&a)]).is_some());
    assert!(claimed(&world, "mio", "c2", &[&name(&b)]).is_some());
    for id in ["c1", "c2"] {
        run(crate::conversations::touch(&world, "mio", id, "Tea", now)).unwrap().unwrap();
    }
    let is_there = |file: &Upload| run(find(&world, "mio", &file.id)).unwrap().unwrap().is_some();
    let there = || [&a, &b, &c].map(is_there);
    assert!(run(crate::conversations::delete(&world, "mio", "c1")).unwrap().unwrap());
    assert_eq!(there(), [false, true, true]);
    // Its question has died before there was a conversation.
    assert!(claimed(&world, "mio", "c3", &[&name(&d)]).is_some());
    age(&world, UNUSED_S + 1);
    world
        .db
        .execute(
            "UPDATE conversations SET updated_at = unixepoch() - 40 * 86400 WHERE id = 'c2'",
            (),
        )
        .unwrap();
    run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
    assert_eq!((there(), is_there(&d)), ([false, false, true], false));
    run(world.run(erasing("mio", now))).unwrap().unwrap();
    assert_eq!(there(), [false; 3]);
}
