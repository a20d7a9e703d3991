//! A limit of hours loses nothing, doubles nothing and leaves nobody waiting, wherever the program dies.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::*;
use crate::testing::{platforms, run_job};
use crate::{JobContext, status, watchdog, workflow};
use miyabi_core::i18n::status::Inquiry;
use miyabi_core::i18n::{Language, sentence};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{InstanceState, Stop};
use miyabi_testing::{
    Death, Fake, Journal, Plain, job, response, run as run_once, settings, wherever_it_dies,
};

const HOURS_S: u64 = 18_053;

/// A world with the database's clock, in which somebody has just asked on a platform.
fn asked(platform: &str) -> (Fake, Job) {
    let (world, mut job) = (Fake::new(), job("hi"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    world.now.set(now.as_secs() * 1000);
    job.question.asked = Millis(world.now.get());
    platform.clone_into(&mut job.question.platform);
    (world, job)
}

fn limit(world: &Fake, seconds: u64) {
    let sql = "INSERT INTO breakers (scope, closes_at) VALUES ('plain', unixepoch() + ?1)
               ON CONFLICT DO UPDATE SET closes_at = excluded.closes_at";
    world.db.execute(sql, [seconds]).unwrap();
}

/// Runs the flow on the plain platform; `None` if it died.
fn live(world: &Fake, steps: &Journal, job: &Job) -> Option<Result<(), Stop>> {
    let (transport, settings) = (&Plain(world.clone()), &settings());
    let context = JobContext { host: world, steps, transport, settings, job };
    run_once(Box::pin(workflow::run(context)))
}

fn tick(world: &Fake) {
    let plain = |platform: &str| (platform == "plain").then(|| Plain(world.clone()));
    run_once(watchdog::sweep(world, &plain, &settings())).expect("the round waited");
}

/// Lets hours pass, in which the limit ends: all that was is so much older.
fn hours_later(world: &Fake, job: &mut Job) {
    job.question.asked = Millis(job.question.asked.0 - HOURS_S * 1000);
    let sql = format!(
        "DELETE FROM breakers; UPDATE posts SET updated_at = updated_at - {HOURS_S};
         UPDATE jobs SET created_at = created_at - {HOURS_S}, updated_at = updated_at - {HOURS_S},
           resumes_at = resumes_at - {HOURS_S} - 5"
    );
    world.db.execute_batch(&sql).unwrap();
}

fn number(world: &Fake, sql: &str) -> i64 {
    world.db.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn waits_s(world: &Fake) -> i64 {
    number(world, "SELECT coalesce(resumes_at, 0) - unixepoch() FROM jobs")
}

fn state(world: &Fake, job: &Job) -> String {
    world.job(job.id().as_str()).unwrap().0
}

fn next(job: &Job) -> Job {
    Job { generation: job.generation + 1, ..job.clone() }
}

/// Runs until the job is put aside, dying once.
fn until_aside(world: &Fake, job: &Job, death: Death) -> bool {
    let journal = Journal::ordered(world, death.order);
    world.crash_at(death.effect, death.side);
    let died = live(world, &journal, job).is_none();
    world.restart();
    assert_eq!(live(world, &journal, job), Some(Ok(())), "{death:?}");
    assert_eq!(*world.plain.borrow(), [""; 0], "{death:?}");
    assert_eq!(state(world, job), "PROCESSING", "{death:?}");
    assert!((17_900..=18_060).contains(&waits_s(world)), "{death:?}: {}", waits_s(world));
    died
}

#[test]
fn an_answer_waits_for_hours_and_is_sent_once_wherever_the_program_dies() {
    wherever_it_dies(5, |death| {
        let (world, mut job) = asked("plain");
        limit(&world, HOURS_S);
        let died = until_aside(&world, &job, death);
        for _ in 0..2 {
            tick(&world);
        }
        assert!(world.started.borrow().is_empty(), "{death:?}: it was left alone");
        hours_later(&world, &mut job);
        for _ in 0..2 {
            tick(&world);
        }
        assert_eq!(world.started.borrow().len(), 1, "{death:?}");
        let (prompts, job) = (world.prompts.borrow().len(), next(&job));
        assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())), "{death:?}");
        assert_eq!(world.prompts.borrow().len(), prompts, "{death:?}: no model is asked again");
        assert_eq!(world.plain.borrow().len(), 1, "{death:?}");
        assert_eq!(state(&world, &job), "COMPLETED", "{death:?}");
        assert_eq!(number(&world, "SELECT sum(reserved_nano) FROM jobs"), 0);
        died
    });
}

#[test]
fn nobody_sleeps_for_a_limit_of_hours() {
    let (world, job) = asked("plain");
    limit(&world, HOURS_S);
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    let slept: Duration = world.slept.borrow().iter().sum();
    assert!(slept < Duration::from_secs(2), "{slept:?}");
    let events = world.events.borrow();
    let aside = events.iter().find_map(|event| match event {
        Event::JobPutAside { wait_s, .. } => Some(*wait_s),
        _ => None,
    });
    assert!(aside.is_some_and(|wait_s| wait_s.abs_diff(HOURS_S) < 60), "{events:?}");
}

#[test]
fn it_is_put_aside_again_as_often_as_there_is_another_limit() {
    let (world, mut job) = asked("plain");
    for round in 0..2 {
        limit(&world, HOURS_S);
        assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())), "{round}");
        assert!(waits_s(&world) > 17_900, "{round}");
        hours_later(&world, &mut job);
        tick(&world);
        job = next(&job);
    }
    // The third would last until it is older than twelve hours: its asker is told, if that can be.
    limit(&world, HOURS_S);
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    assert_eq!(state(&world, &job), "ERROR");
    assert_eq!(*world.plain.borrow(), [""; 0]);
}

#[test]
fn an_apology_waits_too_and_what_was_spent_is_booked_meanwhile() {
    wherever_it_dies(5, |death| {
        let (world, mut job) = asked("plain");
        limit(&world, HOURS_S);
        world.model.borrow_mut().extend([Err(3036), Err(3036)]);
        let died = until_aside(&world, &job, death);
        assert_eq!(number(&world, "SELECT sum(reserved_nano) FROM jobs"), 0, "{death:?}");
        assert_eq!(number(&world, "SELECT count(*) FROM attempts"), 1, "{death:?}");
        hours_later(&world, &mut job);
        tick(&world);
        let job = next(&job);
        assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
        let late = sentence(Notice::Late, job.question.language);
        assert_eq!(*world.plain.borrow(), [late], "{death:?}: no model is asked so late");
        assert_eq!(state(&world, &job), "ERROR", "{death:?}");
        died
    });
}

#[test]
fn who_cancels_gets_no_answer_hours_later() {
    let (world, job) = asked("plain");
    limit(&world, HOURS_S);
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    let asker = job.question.asker.id.clone();
    let inquiry = Inquiry { asker, cancels: true, reminder: None, language: Language::English };
    let told = run_once(status::reply(&world, &Plain(world.clone()), &inquiry)).unwrap();
    assert!(told.contains("stopping your question"), "{told}");
    assert_eq!(world.job(job.id().as_str()).unwrap().2, None, "the answer is gone");
    // It need not wait: in the next minute it ends, and what cannot be said is not said later.
    world.db.execute("UPDATE jobs SET updated_at = updated_at - 90", []).unwrap();
    tick(&world);
    let job = next(&job);
    world.now.set(world.now.get() + 16 * 60_000);
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    assert_eq!(state(&world, &job), "ERROR");
    assert_eq!(*world.plain.borrow(), [""; 0]);
}

#[test]
fn another_question_of_the_asker_is_answered_meanwhile() {
    let (world, job) = asked("plain");
    limit(&world, HOURS_S);
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    let mut another = job.clone();
    another.question.id = miyabi_core::ids::JobId::parse("1300000000000000009").unwrap();
    let settings = miyabi_core::config::Settings { jobs_per_asker: 1, ..settings() };
    let claimed = run_once(jobs::claim(&world, &another, &settings)).unwrap().unwrap();
    assert!(matches!(claimed, jobs::Claim::Mine(_)), "{claimed:?}");
}

#[test]
fn one_that_goes_on_has_as_long_as_any_and_as_many_generations_as_it_takes() {
    for (since_s, generation, is_revived) in [(60, 9, true), (700, 9, true), (790, 9, false)] {
        let (world, mut job) = asked("plain");
        limit(&world, HOURS_S);
        assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
        hours_later(&world, &mut job);
        tick(&world);
        let sql = "UPDATE jobs SET generation = ?1, updated_at = updated_at - ?2,
                     resumes_at = resumes_at - ?2";
        world.db.execute(sql, [generation, since_s]).unwrap();
        let instance = Job { generation: generation.try_into().unwrap(), ..job.clone() }.instance();
        world.states.borrow_mut().push((instance, InstanceState::Ended));
        tick(&world);
        let seen = number(&world, "SELECT generation FROM jobs");
        let status = state(&world, &job);
        assert_eq!(seen, generation + 1, "{since_s}");
        assert_eq!(status, if is_revived { "PROCESSING" } else { "ERROR" }, "{since_s}");
    }
}

/// The interaction's token has died meanwhile: what was to be seen by the asker alone is posted where they asked.
#[test]
fn on_discord_it_is_posted_in_the_channel_when_nothing_can_be_told_to_the_asker_any_more() {
    wherever_it_dies(8, |death| {
        let (world, mut job) = asked("discord");
        let blocked = || response(429, &json!({ "retry_after": HOURS_S, "global": true }));
        for _ in 0..6 {
            world.discord.borrow_mut().refuse("POST", "hook-token", blocked());
            world.discord.borrow_mut().refuse("PATCH", "interaction-token", blocked());
        }
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let run =
            |journal: &Journal, job: &Job| run_once(run_job(&world, journal, &settings(), job));
        let died = run(&journal, &job).is_none();
        world.restart();
        assert_eq!(run(&journal, &job), Some(Ok(())), "{death:?}");
        assert_eq!(state(&world, &job), "PROCESSING", "{death:?}");
        assert!(waits_s(&world) > 17_900, "{death:?}: {}", waits_s(&world));
        hours_later(&world, &mut job);
        world.discord.borrow_mut().answers.clear();
        run_once(watchdog::sweep(&world, &platforms(&world), &settings())).unwrap();
        let job = next(&job);
        assert_eq!(run(&Journal::new(&world), &job), Some(Ok(())), "{death:?}");
        assert_eq!(state(&world, &job), "COMPLETED", "{death:?}");
        let contents: Vec<_> =
            world.discord.borrow().channel.iter().map(|it| it.content.clone()).collect();
        assert_eq!(contents.len(), 2, "{death:?}: {contents:?}");
        died
    });
}
