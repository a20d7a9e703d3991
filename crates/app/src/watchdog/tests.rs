//! Every job that does not end by itself gets another generation, or an end, and only then.

use super::*;
use crate::testing::{platforms, run_job};
use miyabi_channels::discord::place::Place;
use miyabi_core::fault::Notice;
use miyabi_core::i18n::sentence;
use miyabi_testing::{Fake, Journal, Side, job, params, run as run_once, settings};

const ID: &str = "1300000000000000000";

/// A world whose job was accepted `age_s` ago, and has been silent for `idle_s`.
fn world(status: &str, age_s: u32, idle_s: u32) -> Fake {
    let world = Fake::new();
    match status {
        "PENDING" => {
            run_once(jobs::insert(&world, &job("hi"), &to_params(&job("hi")))).unwrap().unwrap();
        }
        "PROCESSING" => {
            run_once(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
        }
        other => panic!("{other}"),
    }
    age(&world, age_s, idle_s);
    world
}

fn age(world: &Fake, age_s: u32, idle_s: u32) {
    let sql = "UPDATE jobs SET created_at = unixepoch() - ?1, updated_at = unixepoch() - ?2";
    world.db.execute(sql, [age_s, idle_s]).unwrap();
    world.db.execute("UPDATE posts SET updated_at = unixepoch() - ?1", [idle_s]).unwrap();
}

fn tick(world: &Fake) {
    run_once(sweep(world, &platforms(world), &settings())).expect("the round waited");
}

fn engine_says(world: &Fake, instance: &str, state: InstanceState) {
    world.states.borrow_mut().push((instance.to_owned(), state));
}

fn started(world: &Fake) -> Vec<String> {
    world.started.borrow().iter().map(|(instance, _)| instance.clone()).collect()
}

fn generation(world: &Fake) -> u32 {
    world.db.query_row("SELECT generation FROM jobs", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_job_without_an_instance_is_started() {
    for status in ["PENDING", "PROCESSING"] {
        let world = world(status, 61, 61);
        tick(&world);
        tick(&world);
        assert_eq!((started(&world), generation(&world)), (vec![ID.to_owned()], 1), "{status}");
        assert_eq!(world.started.borrow()[0].1, params(&job("hi")));
        let revived = Event::JobRevived { job: job("hi").id().clone(), generation: 1 };
        assert_eq!(world.events.borrow().last(), Some(&revived));
    }
}

#[test]
fn a_job_whose_instance_ended_or_fell_silent_gets_another_generation() {
    for (state, age_s, idle_s, has_answer, is_revived) in [
        (InstanceState::Ended, 600, 61, false, true),
        (InstanceState::Alive, 600, 61, true, false),
        (InstanceState::Alive, 600, 539, true, false),
        (InstanceState::Alive, 600, 541, true, true),
        // It may still answer, when another generation could not any more.
        (InstanceState::Alive, 600, 541, false, false),
        (InstanceState::Alive, 470, 541, false, true),
    ] {
        let world = world("PROCESSING", age_s, idle_s);
        if has_answer {
            world
                .db
                .execute("UPDATE jobs SET result = 'It is noon.', reserved_nano = 0", [])
                .unwrap();
        }
        engine_says(&world, ID, state);
        tick(&world);
        let expected = if is_revived { vec![format!("{ID}_2")] } else { Vec::new() };
        assert_eq!(started(&world), expected, "{state:?} {idle_s}");
        assert_eq!(generation(&world), if is_revived { 2 } else { 1 });
        tick(&world);
        assert_eq!(started(&world), expected, "it is not silent any more");
    }
}

#[test]
fn a_new_generation_that_did_not_start_is_started_in_the_next_round() {
    let world = world("PROCESSING", 200, 100);
    engine_says(&world, ID, InstanceState::Ended);
    world.start_faults.set(1);
    tick(&world);
    assert_eq!((started(&world), generation(&world)), (Vec::new(), 2));
    age(&world, 260, 61);
    tick(&world);
    assert_eq!((started(&world), generation(&world)), (vec![format!("{ID}_2")], 2));
}

#[test]
fn a_job_in_good_time_is_left_alone() {
    for (age_s, idle_s) in [(0, 0), (59, 59), (700, 30)] {
        let world = world("PENDING", age_s, idle_s);
        tick(&world);
        assert_eq!(started(&world), Vec::<String>::new(), "{age_s} {idle_s}");
        assert_eq!(world.events.borrow().as_slice(), []);
    }
}

#[test]
fn a_job_that_is_too_old_or_had_too_many_generations_is_given_up_and_its_asker_told() {
    for (age_s, generations) in [(781, 1), (781, 3), (300, 3), (300, 4)] {
        let world = world("PROCESSING", age_s, 100);
        world.db.execute("UPDATE jobs SET generation = ?1", [generations]).unwrap();
        let instance = Job { generation: generations, ..job("hi") }.instance();
        engine_says(&world, &instance, InstanceState::Ended);
        tick(&world);
        let words = sentence(Notice::Late, job("hi").question.language);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some(words), "{age_s} {generations}");
        let (status, token, cause) = world.job(ID).unwrap();
        assert_eq!((status.as_str(), token.as_str()), ("ERROR", ""));
        assert_eq!(
            cause.unwrap(),
            format!("the job did not end in time (generation {generations})")
        );
        let requests = world.discord.borrow().requests.len();
        tick(&world);
        assert_eq!(world.discord.borrow().requests.len(), requests, "once");
        assert_eq!(started(&world), Vec::<String>::new());
    }
}

#[test]
fn a_job_that_cannot_be_told_of_is_not_given_up_before_its_token_is() {
    for (age_s, status) in [(781, "PROCESSING"), (961, "ERROR")] {
        let world = world("PROCESSING", age_s, 100);
        let mut discord = world.discord.borrow_mut();
        discord.refuse("PATCH", "@original", miyabi_testing::response(502, &serde_json::json!({})));
        drop(discord);
        tick(&world);
        assert_eq!(world.job(ID).unwrap().0, status, "{age_s}");
        age(&world, age_s, 61);
        tick(&world);
        assert_eq!(world.job(ID).unwrap().0, "ERROR");
    }
}

#[test]
fn a_limit_of_discord_does_not_hold_up_the_round() {
    let world = world("PROCESSING", 781, 100);
    let limited = serde_json::json!({ "retry_after": 3000.0, "global": false });
    world.discord.borrow_mut().refuse(
        "PATCH",
        "@original",
        miyabi_testing::response(429, &limited),
    );
    let before = world.now.get();
    tick(&world);
    assert!(world.now.get() - before <= 21_000);
    assert_eq!(world.job(ID).unwrap().0, "PROCESSING");
}

/// A job that died after `effects` of its generation.
fn world_that_died(effects: u32, question: &Question) -> (Fake, bool) {
    let world = Fake::new();
    let job = Job::first(question.clone());
    run_once(jobs::insert(&world, &job, &to_params(&job))).unwrap().unwrap();
    world.crash_at(effects, Side::After);
    let journal = Journal::new(&world);
    let died = run_once(run_job(&world, &journal, &settings(), &job)).is_none();
    world.restart();
    (world, died)
}

#[test]
fn whatever_a_late_job_has_shown_its_asker_ends_with_an_answer_or_a_sentence() {
    let words = sentence(Notice::Late, job("hi").question.language);
    for place in [job("hi").question.place, Place::Direct.to_text()] {
        for effects in 0.. {
            let mut question = job("hi").question;
            question.place = place.clone();
            let (world, died) = world_that_died(effects, &question);
            if !died {
                break;
            }
            age(&world, 800, 100);
            for _ in 0..2 {
                tick(&world);
            }
            let (status, ..) = world.job(ID).unwrap();
            let discord = world.discord.borrow();
            let is_posted = discord.channel.iter().any(|message| message.author == "Miyabi");
            match (&discord.reply, status.as_str()) {
                // "Thinking…" was gone already, whatever the row says.
                (None, "COMPLETED" | "ERROR") => assert!(is_posted, "{effects}"),
                (Some(reply), "COMPLETED") => assert!(reply.contains("noon"), "{effects}: {reply}"),
                // The answer may be there and its row not: then both stand there.
                (Some(reply), "ERROR") => assert!(reply.ends_with(words), "{effects}: {reply}"),
                other => panic!("{effects}: {other:?}"),
            }
            assert!(discord.channel.iter().filter(|m| m.author == "Miyabi").count() <= 1);
        }
    }
}

#[test]
fn two_rounds_at_once_do_what_one_does() {
    let world = world("PROCESSING", 600, 100);
    engine_says(&world, ID, InstanceState::Ended);
    let due = run_once(jobs::overdue(&world, 60, 780)).unwrap().unwrap();
    for _ in 0..2 {
        run_once(look_after(&world, &platforms(&world), &settings(), due[0].as_ref().unwrap()))
            .unwrap();
    }
    assert_eq!((started(&world), generation(&world)), (vec![format!("{ID}_2")], 2));
}

#[test]
fn a_round_that_dies_anywhere_is_made_good_by_the_next() {
    for age_s in [600, 781] {
        for side in [Side::Before, Side::After] {
            for effect in 0..7 {
                let world = world("PROCESSING", age_s, 100);
                engine_says(&world, ID, InstanceState::Ended);
                world.crash_at(effect, side);
                run_once(sweep(&world, &platforms(&world), &settings()));
                world.restart();
                age(&world, age_s, 100);
                tick(&world);
                let (status, ..) = world.job(ID).unwrap();
                if age_s > 780 {
                    assert_eq!(status, "ERROR", "{side:?} {effect}");
                } else {
                    assert!((2..=3).contains(&generation(&world)), "{side:?} {effect}");
                    assert!(!started(&world).is_empty(), "{side:?} {effect}");
                }
            }
        }
    }
}

#[test]
fn a_row_without_readable_parameters_is_told_of_and_not_started() {
    for (age_s, state, is_told) in [
        (800, InstanceState::Alive, true),
        (300, InstanceState::Alive, false),
        (300, InstanceState::Ended, true),
        (300, InstanceState::Missing, true),
    ] {
        let world = Fake::new();
        let sql = "INSERT INTO jobs (id, platform, token, status, created_at, updated_at) VALUES
                   (?1, 'discord', 'interaction-token', 'PROCESSING', unixepoch() - ?2, unixepoch() - ?2)";
        world.db.execute(sql, (ID, age_s)).unwrap();
        engine_says(&world, ID, state);
        tick(&world);
        let words = if is_told { sentence(Notice::Late, Language::English) } else { "thinking…" };
        assert_eq!(world.discord.borrow().reply.as_deref(), Some(words), "{age_s} {state:?}");
        assert_eq!(world.job(ID).unwrap().0, if is_told { "ERROR" } else { "PROCESSING" });
        assert_eq!(started(&world), Vec::<String>::new());
    }
}

#[test]
fn a_database_or_an_engine_that_is_away_is_logged() {
    let world = world("PENDING", 100, 100);
    world.store_faults.borrow_mut().push("jobs::overdue");
    tick(&world);
    world.start_faults.set(1);
    tick(&world);
    let events = world.events.borrow();
    assert!(matches!(events[0], Event::SweepFailed { job: None, .. }));
    assert!(matches!(events[1], Event::SweepFailed { job: Some(_), .. }));
}

#[test]
fn the_first_minute_of_an_hour_is_for_forgetting() {
    let world = world("PENDING", 0, 0);
    run_once(jobs::abandon(&world, &job("hi"), &EngineError::Dead.into())).unwrap().unwrap();
    age(&world, 86_400 * 31, 86_400 * 31);
    tick(&world);
    assert_eq!(world.job(ID).unwrap().0, "ERROR");
    world.now.set(1_700_000_000_000 / 3_600_000 * 3_600_000 + 30_000);
    tick(&world);
    assert_eq!(world.job(ID), None);
    assert_eq!(world.events.borrow().as_slice(), [Event::Forgotten { jobs: 1 }]);
}

#[test]
fn a_row_that_cannot_be_read_holds_up_no_job_and_is_ended_when_it_is_too_old() {
    for (age_s, status) in [(300, "PROCESSING"), (781, "ERROR")] {
        let world = world("PROCESSING", 300, 100);
        let sql =
            "INSERT INTO jobs (id, platform, token, status, generation, created_at, updated_at)
                   VALUES ('odd id', 'discord', 't', 'PROCESSING', 1 << 40, unixepoch() - ?1, 1)";
        world.db.execute(sql, [age_s]).unwrap();
        engine_says(&world, ID, InstanceState::Ended);
        tick(&world);
        assert_eq!(started(&world), [format!("{ID}_2")], "the other job is looked after");
        assert_eq!(world.job("odd id").unwrap().0, status);
        let failed = Event::SweepFailed { job: None, fault: Unreadable::fault() };
        assert!(world.events.borrow().contains(&failed));
    }
}

#[test]
fn a_round_ends_in_time_and_the_next_one_begins_with_the_jobs_that_are_left() {
    let world = Fake::new();
    for number in 0..20 {
        let mut waiting = job("hi");
        waiting.question.id = JobId::parse(&format!("job-{number}")).unwrap();
        run_once(jobs::insert(&world, &waiting, &to_params(&waiting))).unwrap().unwrap();
    }
    age(&world, 300, 100);
    let looked = |world: &Fake| -> usize {
        let sql = "SELECT count(*) FROM jobs WHERE watched_at IS NOT NULL";
        world.db.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    // Every job takes all of its time.
    world.start_hangs.set(true);
    let mut rounds = 0;
    while looked(&world) < 20 {
        let before = looked(&world);
        tick(&world);
        assert!(looked(&world) > before, "each round looks at others");
        rounds += 1;
    }
    assert!(rounds > 1, "one round does not take minutes");
}
