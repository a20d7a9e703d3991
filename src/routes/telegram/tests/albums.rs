//! An album is one question, whoever dies meanwhile.

use core::cell::RefCell;

use super::super::album;
use super::*;

fn items(world: &Fake) -> Vec<Value> {
    (1..=3)
        .map(|nth: i64| {
            let file = format!("p{nth}");
            world
                .telegram
                .borrow_mut()
                .files
                .insert(file.clone(), format!("text {nth}").into_bytes());
            let document = json!({ "file_id": file, "file_name": format!("{nth}.txt") });
            let mut fields =
                json!({ "document": document, "media_group_id": "17", "message_id": nth });
            if nth == 2 {
                fields["caption"] = json!("What are these?");
            }
            update(52, &fields)
        })
        .collect()
}

fn send(world: &Fake, item: &Value) {
    let reply = run(serve(world, &config(on()), &arrival(item))).unwrap();
    assert!(reply.status == 200 && reply.body.contains("sendChatAction"), "{reply:?}");
}

fn jobs(world: &Fake) -> i64 {
    world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap()
}

/// Sends items so that each comes while the one before is waited for.
fn send_all(world: &Fake, mut items: Vec<Value>) {
    let first = items.remove(0);
    if !items.is_empty() {
        let (world, items) = (world.clone(), RefCell::new(items));
        let next = world.clone();
        *world.while_asleep.borrow_mut() = Some(Box::new(move || {
            send_all(&next, items.take());
            true
        }));
    }
    send(world, &first);
}

#[test]
fn its_items_are_one_question_with_the_files_of_all() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let world = world();
        let items = items(&world);
        send_all(&world, order.iter().map(|nth| items[*nth].clone()).collect());
        // Telegram sends one again.
        send(&world, &items[0]);
        assert_eq!(jobs(&world), 1, "{order:?}");
        world.model.borrow_mut().push_back(Ok(json!({ "response": "Three texts." })));
        live(&world, &Journal::new(&world)).unwrap();
        assert_eq!(world.telegram.borrow().texts(52), ["Three texts."]);
        let prompts = world.prompts.borrow().iter().map(ToString::to_string).collect::<String>();
        assert!(prompts.contains("What are these?"), "{prompts}");
        assert!(["text 1", "text 2", "text 3"].iter().all(|it| prompts.contains(it)), "{prompts}");
    }
}

#[test]
fn what_comes_after_it_was_asked_is_a_question_of_its_own() {
    let world = world();
    let mut items = items(&world);
    let late = items.remove(2);
    send_all(&world, items);
    send(&world, &late);
    assert_eq!(jobs(&world), 2);
}

#[test]
fn it_is_asked_a_minute_later_where_nobody_could_say_that_it_was_whole() {
    let world = world();
    world.store_faults.borrow_mut().extend(["albums::is_last"; 3]);
    send_all(&world, items(&world));
    assert_eq!(jobs(&world), 0);
    run(album::sweep(&world, &on())).unwrap();
    assert_eq!(jobs(&world), 0, "more of it may come");
    world.now.set(world.now.get() + 60_000);
    run(album::sweep(&world, &on())).unwrap();
    run(album::sweep(&world, &on())).unwrap();
    assert_eq!(jobs(&world), 1);
    world.now.set(world.now.get() + 2 * 86_400_000);
    run(crate::channels::forget(&world)).unwrap();
    let left: i64 =
        world.db.query_row("SELECT count(*) FROM telegram_albums", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn it_is_asked_once_wherever_the_program_dies() {
    wherever_it_dies(3, |death| {
        let world = world();
        let items = items(&world);
        world.crash_at(death.effect, death.side);
        let mut died = false;
        for item in &items {
            let reply = run(serve(&world, &config(on()), &arrival(item)));
            died |= reply.is_none();
        }
        world.restart();
        died |= jobs(&world) == 0;
        // What was not acknowledged comes again, and what was is asked late.
        for item in &items {
            send(&world, item);
        }
        world.now.set(world.now.get() + 60_000);
        run(album::sweep(&world, &on())).unwrap();
        let unasked: i64 = world
            .db
            .query_row("SELECT count(*) FROM telegram_albums WHERE is_asked = 0", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(unasked, 0, "{death:?}");
        assert!(jobs(&world) >= 1, "{death:?}");
        died
    });
}

#[test]
fn what_cannot_be_kept_comes_again() {
    let world = world();
    let item = items(&world).remove(0);
    world.store_faults.borrow_mut().push("albums::keep");
    assert_eq!(replied(&world, on(), &item).status, 503);
}
