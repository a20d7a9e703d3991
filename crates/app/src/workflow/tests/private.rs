//! An answer that only its asker sees comes whole, once, and readable.

use super::*;
use miyabi_core::http::{HttpError, Response};
use miyabi_testing::Answer;

#[test]
fn a_follow_up_too_many_becomes_a_file_in_place_of_the_first_reply() {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    let refusal = response(400, &json!({ "message": "Max follow-ups", "code": 40094 }));
    world.discord.borrow_mut().refuse("POST", "interaction-token", refusal);
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(world.discord.borrow().reply.clone().unwrap(), "あ".repeat(1500));
    let edits = edits(&world);
    assert_eq!(edits.len(), 3, "the last is repeated, in case an earlier one is late");
    assert_eq!(edits[1], edits[2]);
    assert!(edits[1].contains("answer.md") && edits[1].contains(&"い".repeat(1500)));
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
}

/// Bodies of the edits of the deferred reply.
fn edits(world: &Fake) -> Vec<String> {
    let discord = world.discord.borrow();
    let edits = discord.requests.iter().filter(|request| request.method.name() == "PATCH");
    edits.map(|request| request.text().unwrap().to_owned()).collect()
}

#[test]
fn a_follow_up_without_an_answer_is_not_sent_again() {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    world.discord.borrow_mut().fall_silent("POST", "interaction-token");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(world.discord.borrow().follow_ups, ["い".repeat(1500)]);
    assert!(edits(&world)[1].contains("answer.md"), "and nothing is lost");
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
}

#[test]
fn a_follow_up_that_is_refused_becomes_a_file_with_all_of_the_answer() {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    let refusal = response(403, &json!({ "message": "no", "code": 50001 }));
    world.discord.borrow_mut().refuse("POST", "interaction-token", refusal);
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let reply = world.discord.borrow().reply.clone().unwrap();
    assert!(reply.starts_with(&"あ".repeat(1500)), "{reply}");
    assert!(edits(&world)[1].contains("answer.md"), "and nothing is lost");
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
}

#[test]
fn a_failure_after_the_first_part_of_a_reply_leaves_it_readable() {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    let refusal = || response(403, &json!({ "message": "no", "code": 50001 }));
    let mut discord = world.discord.borrow_mut();
    discord.refuse("POST", "interaction-token", refusal());
    // The first edit is the first part, and the second the file.
    discord.answers.push(Answer {
        to: ("PATCH", "@original"),
        takes_effect: true,
        response: Ok(response(200, &json!({ "id": "5" }))),
    });
    discord.refuse("PATCH", "@original", refusal());
    drop(discord);
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let reply = world.discord.borrow().reply.clone().unwrap();
    assert!(reply.starts_with(&"あ".repeat(1500)), "{reply}");
    assert!(reply.ends_with(sentence(Notice::Blocked, asked.language)), "{reply}");
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "ERROR");
}

#[test]
fn an_answer_that_is_refused_half_way_goes_on_in_the_reply() {
    let (world, asked, posts) = eventful();
    let refusal = response(403, &json!({ "message": "Missing Permissions", "code": 50013 }));
    let mut discord = world.discord.borrow_mut();
    // The fourth post of the webhook is the answer's second part.
    for _ in 0..3 {
        discord.answers.push(Answer {
            to: ("POST", "hook-token"),
            takes_effect: true,
            response: Ok(response(200, &json!({ "id": "1" }))),
        });
    }
    discord.refuse("POST", "hook-token", refusal);
    drop(discord);
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(contents(&world), posts.get(..3).unwrap());
    assert_eq!(world.discord.borrow().reply.clone().unwrap(), "い".repeat(1500));
}

#[test]
fn a_direct_message_is_answered_in_the_reply_and_follow_ups() {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(contents(&world), []);
    assert_eq!(world.discord.borrow().reply.clone().unwrap(), "あ".repeat(1500));
    assert_eq!(world.discord.borrow().follow_ups, ["い".repeat(1500)]);
}

/// A direct question whose second part gets no response, so that the whole answer becomes a file, which
/// is put there again a minute later. These answers follow for the edits.
fn unconfirmed(edits: &[Result<Response, HttpError>]) -> (Fake, Question) {
    let (world, mut asked, _) = eventful();
    asked.place = Place::Direct.to_text();
    let mut discord = world.discord.borrow_mut();
    discord.fall_silent("POST", "interaction-token");
    for edit in edits {
        let response = edit.clone();
        let to = ("PATCH", "@original");
        discord.answers.push(Answer { to, takes_effect: true, response });
    }
    drop(discord);
    (world, asked)
}

/// The earlier edit may have arrived late: a job that has ended is not looked after any more.
#[test]
fn an_edit_that_could_not_be_repeated_is_left_to_the_next_generation() {
    let fine = || Ok(response(200, &json!({})));
    let limited = Ok(response(429, &json!({ "retry_after": 300.0 })));
    let silent = || Err(HttpError::Timeout);
    let silence = (0..8).map(|_| silent());
    for repeated in [vec![limited], silence.collect()] {
        let edits: Vec<_> = [fine(), fine()].into_iter().chain(repeated).collect();
        let (world, asked) = unconfirmed(&edits);
        run_to_the_end(&world, &Journal::new(&world), &asked);
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "PROCESSING");
        // It arrives now.
        world.discord.borrow_mut().reply = Some("あ".to_owned());
        world.discord.borrow_mut().files.clear();
        assert!(
            run_once(jobs::start_generation(&world, &Job::first(asked.clone()))).unwrap().unwrap()
        );
        let second = Job { question: asked.clone(), generation: 2 };
        let outcome = run_once(run_job(&world, &Journal::new(&world), &settings(), &second));
        assert_eq!(outcome, Some(Ok(())));
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED");
        let discord = world.discord.borrow();
        assert_eq!(discord.reply.as_deref(), Some("あ".repeat(1500).as_str()));
        assert!(discord.files[0].1.contains(&"い".repeat(1500)));
    }
}

#[test]
fn an_edit_is_not_repeated_while_nobody_can_say_whose_the_job_is() {
    let (world, asked) = unconfirmed(&[]);
    for _ in 0..8 {
        world.store_faults.borrow_mut().push("jobs::is_current");
    }
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(edits(&world).len(), 2);
    assert_eq!(world.job(asked.id.as_str()).unwrap().0, "PROCESSING");
}
