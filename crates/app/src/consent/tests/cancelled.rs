//! Whoever is asked whether a tool may act may want no answer any more in place of deciding.

use super::*;
use crate::deliver::UNDER_WAY;
use crate::status;
use miyabi_core::i18n::status::Inquiry;

/// Has the asker want no answer as soon as they are asked.
fn cancelling(world: &Fake) {
    let inside = world.clone();
    world.while_asleep.replace(Some(Box::new(move || {
        if state(&inside).as_deref() != Some("ASKED") {
            return false;
        }
        let inquiry = Inquiry {
            asker: MIO.to_owned(),
            cancels: true,
            reminder: None,
            language: Language::English,
        };
        let transport = crate::testing::discord(&inside);
        let told = run_once(status::reply(&inside, &transport, &inquiry));
        told.is_some_and(|told| told.starts_with("I am stopping your question."))
    })));
}

fn is_stopped(world: &Fake) {
    let (status, _, result) = world.job(ID).unwrap();
    assert_eq!((status.as_str(), result.as_deref()), ("ERROR", Some("the asker has cancelled it")));
    assert_eq!((world.acts.borrow().len(), world.prompts.borrow().len()), (0, 1));
    // What was never sent is not booked.
    let sql = "SELECT coalesce(sum(cost_nano + prompt_tokens), 0) FROM attempts WHERE ordinal = 2";
    let booked: i64 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(booked, 0);
    let reply = world.discord.borrow().reply.clone();
    assert_eq!(reply.as_deref(), Some(sentence(Notice::Cancelled, job("hi").question.language)));
}

#[test]
fn who_wants_no_answer_in_place_of_deciding_ends_the_wait_and_the_job_at_once() {
    let world = world();
    cancelling(&world);
    let journal = Journal::new(&world);
    let begun = world.now();
    assert_eq!(live(&world, &journal), Some(Ok(())));
    assert_eq!(*world.sent_events.borrow(), [format!("{ID} person-1-1")]);
    is_stopped(&world);
    // They are told at once; an attempt at asking may arrive late, so that they are told again in a minute.
    let waited = world.now().since(begun);
    assert!(waited < UNDER_WAY + Duration::from_secs(10), "{waited:?}");
    let trace = journal.trace.borrow().join(" ");
    assert!(trace.ends_with("await_person:1 think:2 notify_asker confirm fail retract"), "{trace}");
    // Nobody decides any more.
    let pressed = run_once(decide(&world, by(MIO, None, Decision::Approve)));
    assert_eq!(pressed, Some(Pressed::Told(words::OVER.english)));
}

#[test]
fn of_what_is_asked_about_beside_it_nothing_runs_any_more_either() {
    let world = Fake::new();
    let weather = json!({ "name": "current_time", "arguments": {} });
    let calls = [call("Genji")["tool_calls"][0].clone(), weather];
    world.model.borrow_mut().push_back(Ok(json!({ "response": null, "tool_calls": calls })));
    cancelling(&world);
    assert_eq!(live(&world, &Journal::new(&world)), Some(Ok(())));
    is_stopped(&world);
    assert_ne!(state(&world).as_deref(), Some("EXPIRED"), "no call was claimed");
}

#[test]
fn who_wants_no_answer_in_place_of_deciding_is_told_so_wherever_the_program_dies() {
    wherever_it_dies(12, |death| {
        let world = world();
        cancelling(&world);
        let died = lives_on(&world, death);
        assert_eq!(world.acts.borrow().len(), 0, "{death:?}");
        let (status, _, result) = world.job(ID).unwrap();
        assert_eq!(status, "ERROR", "{death:?}");
        assert_eq!(result.as_deref(), Some("the asker has cancelled it"), "{death:?}");
        died
    });
}

#[test]
fn only_the_waits_of_the_person_on_that_platform_are_ended() {
    for (asker, sql, sent) in [
        (MIO, "", 1),
        ("9", "", 0),
        (MIO, "UPDATE jobs SET platform = 'web'", 0),
        (MIO, "UPDATE jobs SET result = 'An answer.', reserved_nano = 0", 0),
        (MIO, "UPDATE jobs SET generation = 2", 0),
        (MIO, "UPDATE consents SET state = 'EXPIRED'", 0),
    ] {
        let world = asked();
        world.db.execute_batch(sql).unwrap();
        let asker = asker.to_owned();
        let language = Language::English;
        let inquiry = Inquiry { asker, cancels: true, reminder: None, language };
        let transport = crate::testing::discord(&world);
        run_once(status::reply(&world, &transport, &inquiry)).unwrap();
        assert_eq!(world.sent_events.borrow().len(), sent, "{sql}");
    }
}
