use miyabi_testing::{Death, Fake, run, wherever_it_dies};

use super::*;

const QUOTA: u64 = 1_000;

fn kept(world: &Fake, owner: &str, name: &str, bytes: &[u8]) -> Option<Upload> {
    run(keep(world, (owner, QUOTA), (name, "text/plain"), bytes)).unwrap().unwrap()
}

fn claimed(world: &Fake, owner: &str, conversation: &str, ids: &[&str]) -> Option<Vec<String>> {
    let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
    let turn = format!("turn of {conversation}");
    let claimed = run(questions::claim(world, (owner, conversation), &turn, &ids));
    let claimed = claimed.unwrap().unwrap();
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

/// Has a fault of the bucket and of as many statements, and returns rows that count and rows that there are.
fn refused(world: &Fake, faults: &[&'static str]) -> (u32, u32) {
    world.file_faults.set(1);
    world.store_faults.borrow_mut().extend(faults);
    let kept = run(keep(world, ("mio", QUOTA), ("a", "text/plain"), &[1; 1_000])).unwrap();
    assert!(kept.is_err() && world.store_faults.borrow().is_empty());
    let count = "SELECT count(*) FROM files WHERE deleted_at IS NULL";
    let counting = world.db.query_row(count, [], |row| row.get(0)).unwrap();
    (counting, counts(world).0)
}

#[test]
fn what_could_not_be_written_takes_no_place_and_is_found_by_nobody() {
    let world = Fake::new();
    assert_eq!(refused(&world, &[]), (0, 1));
    assert!(kept(&world, "mio", "b", &[1; 1_000]).is_some(), "its place is free at once");
    // Where the database does not answer either, it is free when the watchdog comes.
    let world = Fake::new();
    assert_eq!(refused(&world, &["files::delete"]), (1, 1));
    let id: String = world.db.query_row("SELECT id FROM files", [], |row| row.get(0)).unwrap();
    assert_eq!(run(find(&world, "mio", &id)).unwrap(), Ok(None));
    assert_eq!(claimed(&world, "mio", "c1", &[&id]), None);
    assert_eq!(kept(&world, "mio", "b", &[1; 1_000]), None);
    age(&world, WRITTEN_S + 1);
    swept(&world);
    assert_eq!(counts(&world), (0, 0));
    assert!(kept(&world, "mio", "b", &[1; 1_000]).is_some());
    // So it is where only the row could not be told.
    let world = Fake::new();
    world.store_faults.borrow_mut().push("files::kept");
    assert!(run(keep(&world, ("mio", QUOTA), ("a", "text/plain"), b"1")).unwrap().is_err());
    age(&world, WRITTEN_S + 1);
    swept(&world);
    assert_eq!(counts(&world), (0, 0));
}

/// Has a job of this id and state.
fn job(world: &Fake, id: &str, status: &str) {
    let sql = "INSERT INTO jobs (id, token, params, status) VALUES (?1, 'token', '{}', 'PENDING')
               ON CONFLICT (id) DO NOTHING";
    world.db.execute(sql, [id]).unwrap();
    if status == "ERROR" {
        let sql =
            "UPDATE jobs SET status = 'ERROR', token = '', params = '', result = 'x' WHERE id = ?1";
        world.db.execute(sql, [id]).unwrap();
    }
}

#[test]
fn a_question_that_came_to_nothing_leaves_its_file_to_another_conversation() {
    let world = Fake::new();
    let file = kept(&world, "mio", "a", b"1").unwrap();
    let (id, address) = (file.id.as_str(), [file.attachment()]);
    let ids = [file.id.clone()];
    let taken = |conversation| claimed(&world, "mio", conversation, &[id]).is_some();
    // One that was refused takes it back, and not what another turn has.
    assert!(taken("c1") && !taken("c2"));
    run(questions::release(&world, "mio", "turn of c2", &ids)).unwrap().unwrap();
    run(questions::release(&world, "kai", "turn of c1", &ids)).unwrap().unwrap();
    assert!(!taken("c2"));
    run(questions::release(&world, "mio", "turn of c1", &ids)).unwrap().unwrap();
    // One that has become a job keeps it while that runs, however long.
    assert!(taken("c2"));
    job(&world, "turn of c2", "PENDING");
    world.db.execute("UPDATE files SET asked_at = asked_at - 901", ()).unwrap();
    assert!(!taken("c3"));
    // A budget has ended it.
    job(&world, "turn of c2", "ERROR");
    assert!(taken("c3"));
    // One that died before its job keeps it for a quarter of an hour.
    assert!(!taken("c4"));
    world.db.execute("UPDATE files SET asked_at = asked_at - 901", ()).unwrap();
    assert!(taken("c4"));
    // From when a job has read it, it stays, whatever becomes of that.
    assert_eq!(run(questions::hold(&world, &address.each_ref())).unwrap().unwrap(), [""; 0]);
    job(&world, "turn of c4", "ERROR");
    world.db.execute("UPDATE files SET asked_at = asked_at - 901", ()).unwrap();
    assert!(!taken("c5") && taken("c4") && !taken("c5"));
    run(questions::release(&world, "mio", "turn of c4", &ids)).unwrap().unwrap();
    assert!(!taken("c5"));
}

#[test]
fn a_refused_question_takes_no_file_from_one_that_waits_with_it() {
    let world = Fake::new();
    let file = kept(&world, "mio", "a", b"1").unwrap();
    let ids = [file.id.clone()];
    for turn in ["first", "second"] {
        let claimed = run(questions::claim(&world, ("mio", "c1"), turn, &ids)).unwrap().unwrap();
        assert!(claimed.is_some(), "{turn}");
    }
    run(questions::release(&world, "mio", "second", &ids)).unwrap().unwrap();
    assert_eq!(claimed(&world, "mio", "c2", &[&file.id]), None);
    assert!(claimed(&world, "mio", "c1", &[&file.id]).is_some());
}

#[test]
fn what_a_question_has_is_not_discarded() {
    let world = Fake::new();
    let discarded = |id: &str| run(discard(&world, "mio", id)).unwrap().unwrap();
    let (asked, unasked) =
        (kept(&world, "mio", "a", b"1").unwrap(), kept(&world, "mio", "b", b"2").unwrap());
    claimed(&world, "mio", "c1", &[&asked.id]).unwrap();
    assert!(!discarded(&asked.id) && discarded(&unasked.id) && !discarded(&unasked.id));
    assert!(!run(discard(&world, "kai", &asked.id)).unwrap().unwrap());
    assert!(run(find(&world, "mio", &asked.id)).unwrap().unwrap().is_some());
}

#[test]
fn a_file_that_is_there_for_nothing_goes_after_a_day() {
    let world = Fake::new();
    let file = kept(&world, "mio", "a", b"1").unwrap();
    assert!(claimed(&world, "mio", "c1", &[&file.id]).is_some());
    run(crate::conversations::touch(&world, "mio", "c1", "Tea", now())).unwrap().unwrap();
    job(&world, "turn of c1", "ERROR");
    let is_there = || run(find(&world, "mio", &file.id)).unwrap().unwrap().is_some();
    run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
    assert!(is_there());
    age(&world, UNUSED_S + 1);
    world.db.execute("UPDATE files SET asked_at = created_at", ()).unwrap();
    run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
    assert!(!is_there());
}

#[test]
fn files_go_with_their_questions_also_in_a_conversation_that_goes_on() {
    let world = Fake::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| kept(&world, "mio", name, b"1").unwrap());
    run(crate::conversations::touch(&world, "mio", "c1", "Tea", now())).unwrap().unwrap();
    for file in [&a, &b, &c] {
        assert!(claimed(&world, "mio", "c1", &[&file.id]).is_some());
        run(questions::hold(&world, &[&file.attachment()])).unwrap().unwrap();
    }
    let later = |days: u32| {
        age(&world, days * 86_400);
        let sql = "UPDATE files SET asked_at = asked_at - ?1 * 86400";
        world.db.execute(sql, [days]).unwrap();
        run(crate::jobs::forget(&world, 30)).unwrap().unwrap();
        [&a, &b, &c].map(|file| run(find(&world, "mio", &file.id)).unwrap().unwrap().is_some())
    };
    assert_eq!(later(20), [true; 3]);
    // `b` comes with another question, which is answered with `c` too.
    assert!(claimed(&world, "mio", "c1", &[&b.id]).is_some());
    let both = [b.clone(), c.clone()];
    let present = questions::present(&world, ("mio", "c1"), (&both, 1), 4);
    assert_eq!(run(present).unwrap().unwrap(), both);
    assert_eq!(later(11), [false, true, false]);
    assert_eq!(later(20), [false; 3]);
}

#[test]
fn what_is_deleted_takes_no_place_beside_a_question() {
    let world = Fake::new();
    let files = ["a", "b", "c"].map(|name| kept(&world, "mio", name, b"1").unwrap());
    let [a, b, c] = &files;
    for (file, conversation) in [(a, "c1"), (b, "c1"), (c, "c2")] {
        assert!(claimed(&world, "mio", conversation, &[&file.id]).is_some());
    }
    let present = |most| {
        let present = questions::present(&world, ("mio", "c1"), (&files, 0), most);
        run(present).unwrap().unwrap()
    };
    assert_eq!((present(4), present(1)), (vec![a.clone(), b.clone()], vec![a.clone()]));
    assert!(run(delete(&world, "mio", &a.id)).unwrap().unwrap());
    assert_eq!(present(1), std::slice::from_ref(b));
    let files = files.each_ref().map(Upload::attachment);
    let gone = run(questions::hold(&world, &files.each_ref())).unwrap().unwrap();
    assert_eq!(gone, [files[0].url.clone()]);
}

fn now() -> Millis {
    Millis(1_800_000_000_000)
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
    let now = now();
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
