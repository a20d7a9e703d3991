//! What a press leaves behind: copies of words, a hold on an answer, and messages that cannot be removed.

use super::*;

#[test]
fn somebody_elses_words_are_in_their_own_row_alone_and_go_with_it() {
    let world = world();
    let server = question("").server.unwrap();
    let mut last = JobId::parse(JOB).unwrap();
    // One answers it once more, and that once more.
    for id in ["1300000000000000101", "1300000000000000102"] {
        let one = Press { job: last, ..press_of(Button::Regenerate, id) };
        let one = by("4", true, Some(&server), one);
        let one = Press { question: Question { conversation: None, ..one.question }, ..one };
        let new = asked(&world, one);
        assert_eq!(new.text, "hi `there`");
        last = new.id.clone();
        run(run_job(&world, &Journal::new(&world), &settings(), &Job::first(new)))
            .unwrap()
            .unwrap();
    }
    let sql = "SELECT count(*) FROM jobs WHERE kept LIKE '%there%' OR params LIKE '%there%'";
    let rows: u32 = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    world.db.execute("UPDATE jobs SET kept = '' WHERE id = ?1", [JOB]).unwrap();
    for button in [Button::Regenerate, Button::FollowUp] {
        let one = Press { job: last.clone(), ..press_of(button, "1300000000000000103") };
        assert_eq!(pressed(&world, by("4", true, Some(&server), one)), told(words::GONE));
    }
}

#[test]
fn an_answer_to_somebody_elses_words_is_not_the_askers_own() {
    for (is_own, expected) in [(true, true), (false, false)] {
        let world = Fake::new();
        let (link, author, text) = (LINK.to_owned(), "Rin".to_owned(), "tea".to_owned());
        let (files, attachments) = (Vec::new(), Vec::new());
        let quote = Quote { link, author, text, files, is_own, attachments };
        answered(&world, &Question { quote: Some(quote), ..question("What is it?") });
        let one = press_of(Button::FollowUp, "1300000000000000101");
        let Pressed::OpenForm(form) = pressed(&world, one) else { panic!() };
        assert_eq!(form.quote.unwrap().is_own, expected);
    }
}

#[test]
fn what_was_said_once_is_not_remembered_once_more() {
    let world = world();
    let one = press_of(Button::Regenerate, "1300000000000000101");
    let Pressed::Ask(new) = pressed(&world, one) else { panic!() };
    let text = "Remember that my cat is called Mochi.".to_owned();
    let job = Job::first(Question { text, ..*new });
    run(run_job(&world, &Journal::new(&world), &settings(), &job)).unwrap().unwrap();
    let listing = run(crate::memory::owner::list(&world, &job.question.asker.id)).unwrap().unwrap();
    assert_eq!(listing.facts, []);
    let job = Job::first(Question { again: None, ..job.question });
    let job = Job { question: Question { id: JobId::parse("9").unwrap(), ..job.question }, ..job };
    run(run_job(&world, &Journal::new(&world), &settings(), &job)).unwrap().unwrap();
    let listing = run(crate::memory::owner::list(&world, &job.question.asker.id)).unwrap().unwrap();
    assert_eq!(listing.facts.len(), 1);
}

#[test]
fn a_press_whose_statement_took_effect_too_late_holds_nobody_up_for_long() {
    let world = world();
    world.store_faults.borrow_mut().push("buttons::begin_again");
    // The batch is carried out, and its reply is lost.
    let sql = "UPDATE jobs SET again = '1300000000000000101', again_at = unixepoch()";
    world.db.execute(sql, []).unwrap();
    let first = press_of(Button::Regenerate, "1300000000000000101");
    let again = sentence(Notice::TryAgain, Language::English).to_owned();
    assert_eq!(pressed(&world, first), Pressed::Told(again));
    world.run_waiting();
    let second = pressed(&world, press_of(Button::Regenerate, "1300000000000000102"));
    assert!(matches!(second, Pressed::Ask(_)), "{second:?}");
}

#[test]
fn a_press_whose_job_runs_is_not_let_go() {
    let world = world();
    let first = press_of(Button::Regenerate, "1300000000000000101");
    let new = asked(&world, first);
    run(release(&world, &JobId::parse(JOB).unwrap(), &new.id)).unwrap();
    let second = press_of(Button::Regenerate, "1300000000000000102");
    assert_eq!(pressed(&world, second), told(words::RUNNING));
}

#[test]
fn an_answer_whose_job_still_runs_is_deleted_with_its_words() {
    let world = world();
    world.db.execute("DROP TRIGGER jobs_status_moves_forward", []).unwrap();
    world.db.execute("UPDATE jobs SET status = 'PROCESSING'", []).unwrap();
    let one = press_of(Button::Delete, "1300000000000000101");
    assert_eq!(pressed(&world, one), told(words::DELETED));
    let job = Job::first(question("hi `there`"));
    assert_eq!(run(jobs::complete(&world, &job)), Some(Ok(true)));
    assert_eq!(world.job(JOB).unwrap().2.as_deref(), Some(""));
}

#[test]
fn what_a_webhook_posted_that_is_gone_is_not_said_to_be_deleted() {
    let world = world();
    let own = world.discord.borrow().hooks[0].id.clone();
    world.discord.borrow_mut().delete_hook(&own);
    let last = world.discord.borrow().channel.last().unwrap().id.clone();
    for id in ["1300000000000000101", "1300000000000000102"] {
        let one = Press { message: last.clone(), ..press_of(Button::Delete, id) };
        assert_eq!(pressed(&world, one), told(words::NOT_DELETED));
        assert_eq!(contents(&world).len(), 2);
        assert!(kept(&world).is_some_and(|kept| !kept.is_empty()));
    }
    // Somebody deletes them by hand.
    world.discord.borrow_mut().channel.clear();
    let one = press_of(Button::Delete, "1300000000000000103");
    assert_eq!(pressed(&world, one), told(words::DELETED));
}
