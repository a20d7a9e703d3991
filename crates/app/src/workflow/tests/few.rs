//! A plain question takes few round trips: each statement is a round trip of the asker's wait, and what
//! D1 charges.

use super::*;
use crate::testing::saved;

/// Steps and statements of a plain question, which is answered.
fn taken(world: &Fake, asked: &Question) -> (Vec<String>, Vec<&'static str>) {
    world.round_trips.borrow_mut().clear();
    let journal = Journal::new(world);
    run_to_the_end(world, &journal, asked);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
    let statements = world.round_trips.take().into_iter().map(|(name, _rows)| name).collect();
    (journal.trace.take(), statements)
}

/// Saves an answer, and returns whether that begins its first post.
fn begins(world: &Fake) -> bool {
    let leases = Leases::default();
    let job = &job("hi");
    let outcome = run_once(saved(world, (job, &leases), "noon", &[]));
    outcome.unwrap().unwrap().unwrap();
    leases.take(world, "answer:1").is_some()
}

/// Most steps and statements of a plain question.
const MAX_STEPS: usize = 8;
const MAX_STATEMENTS: usize = 4;

/// Fails, with the list, if a plain question takes more than it may.
fn check_budget(steps: &[String], statements: &[&str]) {
    assert!(steps.len() <= MAX_STEPS, "more than {MAX_STEPS} steps: {steps:?}");
    assert!(
        statements.len() <= MAX_STATEMENTS,
        "more than {MAX_STATEMENTS} statements: {statements:?}"
    );
}

#[test]
fn a_plain_question_takes_at_most_eight_steps_and_four_statements() {
    let world = Fake::new();
    let (steps, statements) = taken(&world, &question("hi"));
    check_budget(&steps, &statements);
    let sql = "SELECT count(*) FROM posts WHERE state = 'SENT' AND message_id <> ''";
    let sent: u32 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!((sent, contents(&world).len()), (2, 2));
}

#[test]
fn a_plain_question_where_the_application_has_a_webhook_takes_no_more() {
    let world = Fake::new();
    world.discord.borrow_mut().webhook_channel = "1".to_owned();
    let first = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &first);
    let mut second = question("again");
    second.id = miyabi_core::ids::JobId::parse("1300000000000000999").unwrap();
    world.discord.borrow_mut().reply = Some(String::new());
    let (steps, statements) = taken(&world, &second);
    check_budget(&steps, &statements);
    assert_eq!(contents(&world).len(), 4);
}

#[test]
fn where_nobody_can_look_each_post_is_begun_when_it_is_sent() {
    let world = Fake::new();
    let mut asked = question("hi");
    set_rights(&mut asked, Rights { reads: false, ..Rights::ALL });
    let (steps, statements) = taken(&world, &asked);
    let (begin, sent) = ("ledger::begin", "ledger::sent");
    let expected = ["jobs::claim", begin, sent, "jobs::save_answer", begin, sent, "jobs::complete"];
    assert_eq!((steps.len(), statements), (8, expected.to_vec()));
}

#[test]
fn what_was_begun_too_long_ago_is_begun_anew_and_not_looked_for() {
    let world = Fake::new();
    // Discord names a limit when the question is posted.
    let limit = || response(429, &json!({ "retry_after": 1.9, "code": 0 }));
    world.discord.borrow_mut().refuse("POST", "hook-token", limit());
    world.discord.borrow_mut().refuse("POST", "hook-token", limit());
    world.discord.borrow_mut().is_readable = false;
    let (_, statements) = taken(&world, &question("hi"));
    let begun = statements.iter().filter(|name| **name == "ledger::begin");
    assert_eq!(begun.count(), 2, "the question, after each limit");
    // Where a look finds nothing to read, a question that may be there is left out: this was not.
    let authors: Vec<_> = contents(&world).into_iter().map(|(author, _)| author).collect();
    assert_eq!(authors, ["みお (@mio_art)", "Miyabi"]);
}

#[test]
fn a_question_that_stands_there_is_written_down_while_its_answer_is_held_up() {
    let world = Fake::new();
    let slow = response(429, &json!({ "retry_after": 1.9, "code": 0 }));
    let mut discord = world.discord.borrow_mut();
    discord.answers.push(miyabi_testing::Answer {
        to: ("POST", "hook-token"),
        takes_effect: true,
        response: Ok(response(200, &json!({ "id": "1300000000000000001" }))),
    });
    discord.refuse("POST", "hook-token", slow);
    drop(discord);
    let (_, statements) = taken(&world, &question("hi"));
    assert_eq!(contents(&world).len(), 2);
    let (begin, sent) = ("ledger::begin", "ledger::sent");
    let expected = ["jobs::claim", "jobs::save_answer", begin, sent, "jobs::complete"];
    assert_eq!(statements, expected);
}

#[test]
fn a_later_generation_looks_for_what_was_begun_with_the_answer() {
    let world = Fake::new();
    let asked = question("hi");
    run_once(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
    assert!(begins(&world));
    assert!(!begins(&world), "only once");
    let (_, statements) = taken(&world, &asked);
    assert_eq!(statements.iter().filter(|name| **name == "ledger::begin").count(), 2);
    assert_eq!(contents(&world).len(), 2);
}

#[test]
fn nothing_is_begun_with_the_answer_while_a_breaker_is_open() {
    let world = Fake::new();
    for (scope, has_begun) in
        [("model:x", true), ("webhooks:1", true), ("7", false), ("discord", false)]
    {
        let sql = "DELETE FROM jobs; DELETE FROM posts; DELETE FROM breakers;";
        world.db.execute_batch(sql).unwrap();
        let sql = "INSERT INTO breakers (scope, closes_at) VALUES (?1, unixepoch() + 30)";
        world.db.execute(sql, [scope]).unwrap();
        run_once(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
        assert_eq!(begins(&world), has_begun, "{scope}");
    }
}
