//! Questions whose asker wants no answer any more.

use super::*;
use miyabi_core::job::to_params;

fn cancel(world: &Fake, asked: &Question) {
    let job = Job::first(asked.clone());
    run_once(jobs::insert(world, &job, &to_params(&job))).unwrap().unwrap();
    let changed = world.db.execute("UPDATE jobs SET cancelled_at = unixepoch()", []).unwrap();
    assert_eq!(changed, 1);
}

fn is_told(world: &Fake, asked: &Question) {
    assert_eq!(contents(world), []);
    let reply = world.discord.borrow().reply.clone();
    assert_eq!(reply.as_deref(), Some(sentence(Notice::Cancelled, asked.language)));
    let (status, token, result) = world.job(asked.id.as_str()).unwrap();
    assert_eq!((status.as_str(), token.as_str()), ("ERROR", ""));
    assert_eq!(result.as_deref(), Some("the asker has cancelled it"));
}

#[test]
fn a_question_that_was_cancelled_asks_no_model_and_its_asker_is_told() {
    let (world, asked, _) = eventful();
    cancel(&world, &asked);
    let journal = Journal::new(&world);
    run_to_the_end(&world, &journal, &asked);
    is_told(&world, &asked);
    assert_eq!(world.prompts.borrow().len(), 0);
    assert_eq!(journal.trace.borrow().join(" "), "claim notify_asker fail retract");
    let reserved: u64 =
        world.db.query_row("SELECT reserved_nano FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(reserved, 0, "nothing stays set aside");
}

#[test]
fn a_question_that_was_cancelled_ends_wherever_the_program_dies() {
    wherever_it_dies(4, |death| {
        let (world, asked, _) = eventful();
        cancel(&world, &asked);
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        run_to_the_end(&world, &journal, &asked);
        is_told(&world, &asked);
        died
    });
}

#[test]
fn what_a_run_that_died_has_posted_is_taken_back_when_its_question_is_cancelled() {
    let taken_back = Cell::new(0);
    wherever_it_dies(8, |death| {
        let (world, asked, _) = eventful();
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        let has_answer =
            world.job(asked.id.as_str()).is_some_and(|(_, _, result)| result.is_some());
        if !died || has_answer || world.job(asked.id.as_str()).is_none() {
            return died;
        }
        let posted = !contents(&world).is_empty();
        cancel_again(&world);
        let mut job = Job::first(asked.clone());
        assert_eq!(run_once(jobs::start_generation(&world, &job)), Some(Ok(true)));
        job.generation = 2;
        let second = Journal::new(&world);
        assert_eq!(
            run_once(run_job(&world, &second, &settings(), &job)),
            Some(Ok(())),
            "{death:?}"
        );
        is_told(&world, &asked);
        taken_back.set(taken_back.get() + u32::from(posted));
        died
    });
    assert!(taken_back.get() > 0);
}

fn cancel_again(world: &Fake) {
    world.db.execute("UPDATE jobs SET cancelled_at = unixepoch()", []).unwrap();
}
