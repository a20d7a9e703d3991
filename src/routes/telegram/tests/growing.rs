//! What a lost run has left growing in a group becomes the answer, or the apology, wherever the next one dies.

use super::*;

const JOB: &str = "telegram_110201543_n1001234567890_5";

/// A question in a group whose first run began message 900 and was lost.
fn left() -> Fake {
    let world = world();
    call(&world, &update(GROUP, &text("/ask What is tea?")));
    let sql = "INSERT INTO telegram_growing (job, message, begun_ms) VALUES (?1, 900, 1)";
    world.db.execute(sql, [JOB]).unwrap();
    world
}

/// What the message says, and how many there are beside it.
fn seen(world: &Fake) -> (Option<String>, usize) {
    let telegram = world.telegram.borrow();
    let mut edits = telegram.calls.iter().filter(|call| call.body["message_id"] == 900);
    let said = edits.next_back().and_then(|call| call.body["text"].as_str()).map(ToOwned::to_owned);
    (said, telegram.texts(GROUP).len())
}

#[test]
fn it_becomes_the_answer_wherever_the_next_run_dies() {
    wherever_it_dies(6, |death| {
        let world = left();
        let died = run_to_its_end(&world, death, &on());
        let (said, beside) = seen(&world);
        assert!(
            said.is_some_and(|said| said.starts_with("It is noon.")) && beside == 0,
            "{death:?}"
        );
        assert_eq!(world.job(JOB).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn it_becomes_the_apology_where_there_is_no_answer() {
    let world = left();
    world.model.borrow_mut().push_back(Err(3036));
    live(&world, &Journal::new(&world)).unwrap();
    let (said, beside) = seen(&world);
    assert!(said.is_some_and(|said| !said.is_empty()) && beside == 0);
    assert_eq!(world.job(JOB).unwrap().0, "ERROR");
}
