//! A job that gets another generation posts once, and its older generation posts nothing.

use super::*;
use crate::testing::saved;
use miyabi_testing::{Answer, Order, Side};

/// Runs another generation of a job, with steps of its own.
fn another_generation(world: &Fake, generation: u32, question: &Question) {
    let job = Job { question: question.clone(), generation };
    let journal = Journal::new(world);
    assert_eq!(run_once(run_job(world, &journal, &settings(), &job)), Some(Ok(())));
}

#[test]
fn a_second_generation_delivers_the_answer_of_the_first_once_wherever_that_died() {
    wherever_it_dies(20, |death| {
        let (world, asked, posts) = eventful();
        world.crash_at(death.effect, death.side);
        let died = live(&world, &Journal::ordered(&world, death.order), &asked).is_none();
        world.restart();
        let first = Job::first(asked.clone());
        let is_started = run_once(jobs::start_generation(&world, &first)).unwrap().unwrap();
        if is_started {
            another_generation(&world, 2, &asked);
            // The first wakes up again and finds itself superseded.
            another_generation(&world, 1, &asked);
        } else {
            another_generation(&world, 1, &asked);
        }
        let seen = contents(&world);
        let answers = seen.iter().filter(|(author, _)| author == "Miyabi").count();
        // Only an answer that was not saved is asked for again, and is plain the second time.
        assert!(seen == posts || (answers == 1 && seen.len() == 3), "{death:?}: {seen:?}");
        assert_eq!(world.discord.borrow().reply, None, "{death:?}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn a_superseded_generation_neither_posts_nor_tells() {
    for fails in [false, true] {
        let world = Fake::new();
        if fails {
            world.model.borrow_mut().push_back(Err(3036));
        }
        let asked = question("hi");
        let journal = Journal::ordered(&world, Order::FirstAhead);
        // Dies before its first model call.
        world.crash_at(2, Side::Before);
        assert_eq!(live(&world, &journal, &asked), None);
        world.restart();
        assert_eq!(run_once(jobs::start_generation(&world, &job("hi"))), Some(Ok(true)));
        assert_eq!(live(&world, &journal, &asked), Some(Ok(())));
        assert_eq!(contents(&world), []);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
        let superseded = Event::JobSuperseded { job: asked.id.clone(), generation: 1 };
        assert_eq!(world.events.borrow().last(), Some(&superseded));
    }
}

/// Discord's limit, or a breaker, holds one run up, and meanwhile another one does the job.
#[test]
fn of_two_runs_of_one_generation_one_posts_while_the_other_waits() {
    let breaker = "INSERT INTO breakers (scope, closes_at) VALUES ('discord', unixepoch() + 9)";
    for (url, is_private) in [("hook-token", false), ("interaction-token", true), ("", false)] {
        let (world, mut asked, posts) = eventful();
        // Each of the two runs asks the model.
        let replies = world.model.borrow().clone();
        world.model.borrow_mut().extend(replies);
        if is_private {
            asked.place = Place::Direct.to_text();
        }
        if url.is_empty() {
            world.db.execute_batch(breaker).unwrap();
        } else {
            let limit = response(429, &json!({ "retry_after": 1.0, "code": 0 }));
            world.discord.borrow_mut().refuse("POST", url, limit);
        }
        let (other, its_question) = (world.clone(), asked.clone());
        *world.while_asleep.borrow_mut() = Some(Box::new(move || {
            other.db.execute_batch("DELETE FROM breakers").unwrap();
            run_to_the_end(&other, &Journal::new(&other), &its_question);
            true
        }));
        run_to_the_end(&world, &Journal::new(&world), &asked);
        let discord = world.discord.borrow();
        let expected = if is_private { &[] } else { posts.as_slice() };
        let brief = |posts: &[(String, String)]| -> Vec<String> {
            posts
                .iter()
                .map(|(who, what)| format!("{who}: {}", what.chars().take(3).collect::<String>()))
                .collect()
        };
        assert_eq!(brief(&contents(&world)), brief(expected), "{url}");
        // Whoever finds a follow-up begun puts a file in place of the first message.
        assert_eq!(discord.follow_ups, [""; 0], "{url}");
        assert_eq!(discord.files.len(), usize::from(is_private), "{url}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
    }
}

#[test]
fn an_answer_that_arrived_although_its_step_failed_is_not_sent_again() {
    let world = Fake::new();
    let mut discord = world.discord.borrow_mut();
    let ok = response(200, &json!({ "id": "1" }));
    discord.answers.push(Answer {
        to: ("POST", "hook-token"),
        takes_effect: true,
        response: Ok(ok),
    });
    for _ in 0..4 {
        discord.refuse("POST", "hook-token", response(500, &json!({ "code": 0 })));
    }
    discord.fall_silent("POST", "hook-token");
    drop(discord);
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(contents(&world).len(), 2);
    assert_eq!(world.discord.borrow().reply, None, "and nothing privately");
}

#[test]
fn a_second_generation_stays_private_if_the_first_was_wherever_that_died() {
    wherever_it_dies(10, |death| {
        let (world, asked, _) = eventful();
        for _ in 0..3 {
            let refusal = response(500, &json!({ "code": 0 }));
            world.discord.borrow_mut().refuse("GET", "hook-token", refusal);
        }
        world.crash_at(death.effect, death.side);
        let died = live(&world, &Journal::ordered(&world, death.order), &asked).is_none();
        world.restart();
        if run_once(jobs::start_generation(&world, &Job::first(asked.clone()))).unwrap().unwrap() {
            another_generation(&world, 2, &asked);
        } else {
            another_generation(&world, 1, &asked);
        }
        let is_public = contents(&world).iter().any(|(author, _)| author == "Miyabi");
        let is_private = world.discord.borrow().reply.is_some();
        assert_ne!(is_public, is_private, "{death:?}");
        assert!(world.discord.borrow().follow_ups.len() <= 1, "{death:?}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn a_chunk_that_arrives_late_does_not_move_what_was_said_privately() {
    let (world, asked, posts) = eventful();
    let job = Job::first(asked.clone());
    run_once(jobs::claim(&world, &job, &settings())).unwrap().unwrap();
    let answer = format!("{}\n\n{}", posts[2].1, posts[3].1);
    run_once(saved(&world, (&job, &Leases::default()), &answer, &[])).unwrap().unwrap();
    world
        .db
        .execute_batch(&format!(
            "REPLACE INTO posts (job, step, state, message_id) VALUES
               ('{id}', 'answer:1', 'SENT', '1'), ('{id}', 'answer:2', 'SENDING', NULL),
               ('{id}', 'reply:1', 'SENT', '@original')",
            id = asked.id
        ))
        .unwrap();
    let late =
        Message { id: "2".to_owned(), author: "Miyabi".to_owned(), content: posts[3].1.clone() };
    world.discord.borrow_mut().channel.push(late);
    assert!(run_once(jobs::start_generation(&world, &job)).unwrap().unwrap());
    another_generation(&world, 2, &asked);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some(posts[3].1.as_str()));
}

#[test]
fn a_job_whose_asker_may_still_read_thinking_is_left_to_its_next_generation() {
    let world = Fake::new();
    for _ in 0..8 {
        world.discord.borrow_mut().refuse("DELETE", "@original", response(503, &json!({})));
    }
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "PROCESSING");
    assert!(run_once(jobs::start_generation(&world, &Job::first(asked.clone()))).unwrap().unwrap());
    another_generation(&world, 2, &asked);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
    assert_eq!((contents(&world).len(), &world.discord.borrow().reply), (2, &None));
}

#[test]
fn an_answer_is_not_sent_again_on_a_guess() {
    let world = Fake::new();
    let mut discord = world.discord.borrow_mut();
    let ok = response(200, &json!({ "id": "1" }));
    discord.answers.push(Answer {
        to: ("POST", "hook-token"),
        takes_effect: true,
        response: Ok(ok),
    });
    discord.fall_silent("POST", "hook-token");
    // The post's own looks, and those of `settle:1`.
    for _ in 0..4 + 8 {
        discord.refuse("GET", "/messages?", response(500, &json!({ "code": 0 })));
    }
    drop(discord);
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "PROCESSING");
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
    assert!(run_once(jobs::start_generation(&world, &Job::first(asked.clone()))).unwrap().unwrap());
    another_generation(&world, 2, &asked);
    assert_eq!((contents(&world).len(), &world.discord.borrow().reply), (2, &None));
}

#[test]
fn a_job_whose_asker_could_not_be_told_yet_is_left_to_its_next_generation() {
    let world = Fake::new();
    world.model.borrow_mut().push_back(Err(3036));
    for _ in 0..8 {
        world.discord.borrow_mut().refuse("PATCH", "@original", response(503, &json!({})));
    }
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "PROCESSING");
    assert!(run_once(jobs::start_generation(&world, &Job::first(asked.clone()))).unwrap().unwrap());
    another_generation(&world, 2, &asked);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
    assert_eq!(contents(&world).len(), 2);
}

#[test]
fn a_generation_whose_steps_the_engine_forgot_sends_nothing_twice_wherever_it_died() {
    for route_fails in [false, true] {
        wherever_it_dies(10, |death| {
            let (world, asked, _) = eventful();
            world.crash_at(death.effect, death.side);
            let died = live(&world, &Journal::ordered(&world, death.order), &asked).is_none();
            world.restart();
            for _ in 0..if route_fails { 3 } else { 0 } {
                let refusal = response(500, &json!({ "code": 0 }));
                world.discord.borrow_mut().refuse("GET", "hook-token", refusal);
            }
            another_generation(&world, 1, &asked);
            let discord = world.discord.borrow();
            let public = discord.channel.iter().filter(|message| message.author == "Miyabi");
            let mut seen: Vec<_> = public.map(|message| message.content.clone()).collect();
            seen.extend(discord.reply.clone());
            seen.extend(discord.follow_ups.clone());
            assert!(seen.len() <= 2, "{route_fails} {death:?}: {seen:?}");
            assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
            died
        });
    }
}

#[test]
fn an_answer_that_an_apology_was_put_over_is_shown_again() {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    let first = Journal::new(&world);
    // Dies when the first chunk stands there and no step knows of it.
    let effects = (0..100).find(|effect| {
        let (world, mut asked, _) = eventful();
        asked.place = Place::Direct.to_text();
        world.crash_at(*effect, Side::After);
        assert!(live(&world, &Journal::new(&world), &asked).is_none());
        world.discord.borrow().reply.as_deref() != Some("thinking…")
    });
    world.crash_at(effects.unwrap() + 1, Side::After);
    assert_eq!(live(&world, &first, &asked), None);
    world.restart();
    world.discord.borrow_mut().reply = Some("Sorry".to_owned());
    assert!(run_once(jobs::start_generation(&world, &Job::first(asked.clone()))).unwrap().unwrap());
    another_generation(&world, 2, &asked);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("あ".repeat(1500).as_str()));
    assert_eq!(world.discord.borrow().follow_ups, ["い".repeat(1500)]);
}

#[test]
fn a_job_without_a_row_whose_asker_could_not_be_told_is_left_to_the_watchdog() {
    let (world, asked) = (Fake::new(), question("hi"));
    let away = [("jobs::claim", 7), ("jobs::is_current", 8)];
    for (statement, times) in away {
        world.store_faults.borrow_mut().extend([statement].repeat(times));
    }
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "PENDING");
}
