//! Does one question take of the platform what `docs/design/scale.md` counts?
//!
//! Where this fails, `tools/scale/src/question.rs` has to say what is so now: rows as D1 bills them are
//! printed by `cargo xtask bench --only job`; then `cargo xtask scale`.

use serde_json::json;

use super::*;
use crate::ask::accept::accept;
use crate::ids::JobId;

fn answer(world: &Fake, asked: &Question) -> Vec<String> {
    assert!(run(accept(world, &settings(), asked.clone())).is_some());
    world.run_beside();
    let journal = Journal::new(world);
    let outcome = run(workflow::run(world, &journal, &settings(), &Job::first(asked.clone())));
    assert_eq!(outcome, Some(Ok(())));
    journal.trace.take()
}

#[test]
fn a_plain_question_takes_what_the_design_for_scale_counts() {
    let world = Fake::new();
    let steps = answer(&world, &question("hi"));
    assert_eq!(world.statements.borrow().as_slice(), ::scale::question::STATEMENTS);
    let count = |length: usize| u64::try_from(length).unwrap();
    assert_eq!(count(steps.len()), ::scale::question::STEPS);
    assert_eq!(count(world.events.borrow().len()), ::scale::question::LOG_LINES);
    assert_eq!(count(world.discord.borrow().requests.len()), ::scale::question::DISCORD_REQUESTS);
}

/// Returns how many bytes the database grows by for each of many questions, of one asker or of as many.
fn bytes_kept(is_one_asker: bool) -> u64 {
    const QUESTIONS: u64 = 120;
    let world = Fake::new();
    let pages = || -> u64 {
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        world.db.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let before = pages();
    for number in 0..QUESTIONS {
        world.model.borrow_mut().push_back(Ok(json!({ "response": "word ".repeat(320) })));
        // Ids grow as Discord's do.
        let mut asked = question("How far is the moon?");
        asked.id = JobId::parse(&(1_300_000_000_000_000_000 + number).to_string()).unwrap();
        if !is_one_asker {
            asked.asker.id = (803_511_102_246_789_120 + number).to_string();
        }
        answer(&world, &asked);
    }
    (pages() - before) / QUESTIONS
}

#[test]
fn what_is_kept_takes_as_many_bytes_as_the_design_for_scale_counts() {
    let (job, asker) = (::scale::question::DATABASE_BYTES, ::scale::question::ASKER_DAY_BYTES);
    for (is_one_asker, counted) in [(true, job), (false, job + asker)] {
        let bytes = bytes_kept(is_one_asker);
        assert!(bytes.abs_diff(counted) * 100 <= counted * 5, "{bytes} bytes, {counted} counted");
    }
}
