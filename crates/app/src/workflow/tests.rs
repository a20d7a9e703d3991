//! Every question ends posted once and terminal, wherever the program dies.

use core::cell::Cell;

use serde_json::json;

mod about;
mod cancelled;
mod drawn;
mod few;
mod files;
mod generations;
mod private;
mod refusals;
mod settled;

use super::*;
use crate::Job;
use crate::testing::{run_job, set_rights};
use miyabi_channels::discord::place::{Place, Rights};
use miyabi_core::config::Settings;
use miyabi_core::fault::Notice;
use miyabi_core::i18n::sentence;
use miyabi_core::ports::Stop;
use miyabi_core::question::Question;
use miyabi_testing::{
    Fake, Journal, Message, job, question, response, run as run_once, settings, wherever_it_dies,
};

/// Runs the flow; `None` if it died.
fn live(world: &Fake, journal: &Journal, question: &Question) -> Option<Result<(), Stop>> {
    run_once(run_job(world, journal, &settings(), &Job::first(question.clone())))
}

/// Runs the flow, and again after each death, until it ends.
fn run_to_the_end(world: &Fake, journal: &Journal, question: &Question) {
    for _ in 0..3 {
        if let Some(outcome) = live(world, journal, question) {
            assert_eq!(outcome, Ok(()));
            return;
        }
        world.restart();
    }
    panic!("the job never ended");
}

fn contents(world: &Fake) -> Vec<(String, String)> {
    let discord = world.discord.borrow();
    discord.channel.iter().map(|m| (m.author.clone(), m.content.clone())).collect()
}

/// A question that takes two messages, a round of tools, and an answer that takes two.
fn eventful() -> (Fake, Question, Vec<(String, String)>) {
    let world = Fake::new();
    let call = json!({
        "response": null,
        "tool_calls": [{ "name": "current_time", "arguments": { "time_zone": "Asia/Tokyo" } }],
    });
    let answer = format!("{}\n\n{}", "あ".repeat(1500), "い".repeat(1500));
    world.model.borrow_mut().extend([Ok(call), Ok(json!({ "response": answer }))]);
    let asked = question(&format!("{}\n\n{}", "か".repeat(1500), "き".repeat(1500)));
    let posts =
        [("みお (@mio_art)", "か"), ("みお (@mio_art)", "き"), ("Miyabi", "あ"), ("Miyabi", "い")];
    let posts = posts.map(|(author, char)| (author.to_owned(), char.repeat(1500)));
    (world, asked, posts.to_vec())
}

#[test]
fn answers_a_question_step_by_step() {
    let (world, asked, posts) = eventful();
    let journal = Journal::new(&world);
    run_to_the_end(&world, &journal, &asked);
    assert_eq!(contents(&world), posts);
    assert_eq!(world.discord.borrow().reply, None);
    let (status, token, result) = world.job(asked.id.as_str()).unwrap();
    assert_eq!((status.as_str(), token.as_str()), ("COMPLETED", ""));
    assert!(result.unwrap().starts_with("あ"));
    assert_eq!(
        journal.trace.borrow().join(" "),
        "claim think:1 route think:2 question:1 question:2 save_answer answer:1 answer:2 clear finish"
    );
}

#[test]
fn posts_once_and_ends_wherever_it_dies() {
    wherever_it_dies(20, |death| {
        let (world, asked, posts) = eventful();
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        // A model call that was not stored is repeated, and answers plainly the second time: only then
        // are the posts others.
        run_to_the_end(&world, &journal, &asked);
        let seen = contents(&world);
        let answers: Vec<_> = seen.iter().filter(|(author, _)| author == "Miyabi").collect();
        assert_eq!(seen.get(..2), posts.get(..2), "{death:?}");
        assert!(seen == posts || (answers.len() == 1 && seen.len() == 3), "{death:?}: {seen:?}");
        assert_eq!(world.discord.borrow().reply, None, "{death:?}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn tells_the_asker_and_ends_wherever_it_dies_after_a_failure() {
    wherever_it_dies(4, |death| {
        let world = Fake::new();
        // The first is lost if the program dies before it is stored.
        world.model.borrow_mut().extend([Err(3036), Err(3036)]);
        let asked = question("何時?");
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        run_to_the_end(&world, &journal, &asked);
        assert_eq!(contents(&world), [], "{death:?}");
        let reply = world.discord.borrow().reply.clone().unwrap();
        assert_eq!(reply, sentence(Notice::Quota, asked.language), "{death:?}");
        let (status, token, result) = world.job(asked.id.as_str()).unwrap();
        assert_eq!((status.as_str(), token.as_str()), ("ERROR", ""), "{death:?}");
        assert_eq!(result.unwrap(), "workers-ai answered: quota (code 3036)");
        died
    });
}

#[test]
fn the_program_can_die_with_the_question_posted_and_nothing_thought() {
    let died_so = Cell::new(0);
    wherever_it_dies(4, |death| {
        let (world, asked, _) = eventful();
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        if died && contents(&world).len() == 2 && world.model.borrow().len() == 2 {
            died_so.set(died_so.get() + 1);
        }
        died
    });
    assert!(died_so.get() > 0);
}

#[test]
fn a_job_that_ended_is_left_alone() {
    let world = Fake::new();
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let before = contents(&world);
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert_eq!(contents(&world), before);
}

#[test]
fn a_post_without_an_answer_is_looked_for_before_it_is_sent_again() {
    let world = Fake::new();
    world.discord.borrow_mut().fall_silent("POST", "hook-token");
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(contents(&world).len(), 2);
}

#[test]
fn own_posts_are_found_although_the_bot_sees_no_content() {
    let world = Fake::new();
    world.discord.borrow_mut().shows_content = false;
    world.discord.borrow_mut().fall_silent("POST", "hook-token");
    world.discord.borrow_mut().fall_silent("POST", "hook-token");
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(contents(&world).len(), 2);
}

#[test]
fn a_post_is_found_behind_a_hundred_others_of_a_busy_channel() {
    let world = Fake::new();
    let crowd = (1_300_000_000_000_000_001_u64..).take(250).map(|id| Message {
        id: id.to_string(),
        author: "others".to_owned(),
        content: "chatter".to_owned(),
    });
    world.discord.borrow_mut().channel.extend(crowd);
    world.discord.borrow_mut().next_id += 250;
    world.discord.borrow_mut().fall_silent("POST", "hook-token");
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    let ours = contents(&world).into_iter().filter(|(author, _)| author != "others");
    assert_eq!(ours.count(), 2);
}

/// The moment when [`question`] was asked.
const ASKED_MS: u64 = 1_699_999_990_000;

#[test]
fn a_reply_that_discord_does_not_know_yet_is_removed_all_the_same() {
    let world = Fake::new();
    world.now.set(ASKED_MS + 50);
    world.discord.borrow_mut().early_calls = 3;
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(world.discord.borrow().reply, None);
    assert!(world.now.get() < ASKED_MS + 5_000);
}

#[test]
fn a_failure_is_told_although_discord_does_not_know_the_reply_yet() {
    let world = Fake::new();
    world.now.set(ASKED_MS + 50);
    world.discord.borrow_mut().early_calls = 3;
    world.model.borrow_mut().push_back(Err(3036));
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let reply = world.discord.borrow().reply.clone().unwrap();
    assert_eq!(reply, sentence(Notice::Quota, asked.language));
}

#[test]
fn an_expired_token_is_reported_and_waited_for_no_longer() {
    let world = Fake::new();
    world.now.set(ASKED_MS + 16 * 60 * 1000);
    world.discord.borrow_mut().early_calls = 99;
    world.model.borrow_mut().push_back(Err(3036));
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    let events = world.events.borrow();
    assert!(events.iter().any(|event| matches!(event, Event::AskerNotNotified { .. })));
    assert_eq!(world.job("1300000000000000000").unwrap().0, "ERROR");
}

#[test]
fn an_asker_with_too_many_questions_is_told() {
    let world = Fake::new();
    for number in 1..=3 {
        let mut other = job("hi");
        let id = format!("12{number}");
        other.question.id = miyabi_core::ids::JobId::parse(&id).unwrap();
        run_once(jobs::claim(&world, &other, &Settings { jobs_per_asker: 9, ..settings() }))
            .unwrap()
            .unwrap();
    }
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let reply = world.discord.borrow().reply.clone().unwrap();
    assert_eq!(reply, sentence(Notice::Crowded, asked.language));
    let (status, _, cause) = world.job(asked.id.as_str()).unwrap();
    assert_eq!(
        (status.as_str(), cause.unwrap().as_str()),
        ("ERROR", "the asker has 3 other jobs at a time")
    );
    assert_eq!(contents(&world), []);
}

#[test]
fn a_question_that_is_too_old_is_not_thought_about() {
    let world = Fake::new();
    world.now.set(ASKED_MS + 9 * 60 * 1000 + 1);
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let reply = world.discord.borrow().reply.clone().unwrap();
    assert_eq!(reply, sentence(Notice::Late, asked.language));
}

#[test]
fn where_nobody_can_look_a_question_is_rather_lost_and_an_answer_rather_doubled() {
    let world = Fake::new();
    world.discord.borrow_mut().is_readable = false;
    world.discord.borrow_mut().fall_silent("POST", "hook-token");
    world.discord.borrow_mut().fall_silent("POST", "hook-token");
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    let authors: Vec<_> = contents(&world).into_iter().map(|(author, _)| author).collect();
    assert_eq!(authors, ["みお (@mio_art)", "Miyabi", "Miyabi"]);
}

/// Takes the application's right to make webhooks away.
fn without_rights(mut asked: Question) -> Question {
    set_rights(&mut asked, Rights { speaks: true, ..Rights::NONE });
    asked
}

#[test]
fn a_member_named_as_the_assistant_is_told_apart() {
    let world = Fake::new();
    let mut asked = question("hi");
    asked.asker.name = "miyabi".to_owned();
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let authors: Vec<_> = contents(&world).into_iter().map(|(author, _)| author).collect();
    assert_eq!(authors, ["@mio_art", "Miyabi"]);
}

#[test]
fn a_question_with_a_long_stretch_of_nothing_is_posted_without_it() {
    let world = Fake::new();
    let asked = question(&format!("hi\n\n{}\n\nthere", "\u{200b}".repeat(2500)));
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let posts = contents(&world);
    let shows = |content: &str| content.chars().any(|c| c != '\u{200b}' && c != '\n');
    assert!(posts.iter().all(|(_, content)| shows(content)));
    assert_eq!(posts.last().unwrap().0, "Miyabi");
}

#[test]
fn an_answer_that_shows_nothing_is_an_honest_sentence() {
    let world = Fake::new();
    world.model.borrow_mut().push_back(Ok(json!({ "response": "\u{200b}\u{2060}" })));
    let asked = question("hi");
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let posts = contents(&world);
    assert_eq!(posts[1].1, sentence(Notice::TryAgain, asked.language));
}

#[test]
fn another_channel_than_the_webhooks_is_answered_there_or_in_the_reply() {
    for may_make_one in [true, false] {
        let world = Fake::new();
        world.discord.borrow_mut().webhook_channel = "1".to_owned();
        let asked = question("hi");
        let asked = if may_make_one { asked } else { without_rights(asked) };
        run_to_the_end(&world, &Journal::new(&world), &asked);
        assert_eq!(contents(&world).len(), if may_make_one { 2 } else { 0 });
        let reply = world.discord.borrow().reply.clone();
        assert_eq!(reply.is_some_and(|reply| reply.contains("noon")), !may_make_one);
    }
}

#[test]
fn a_dismissed_reply_does_not_keep_the_job_from_ending() {
    let world = Fake::new();
    world.discord.borrow_mut().reply = None;
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(contents(&world).len(), 2);
    assert_eq!(world.job("1300000000000000000").unwrap().0, "COMPLETED");
}

#[test]
fn a_database_that_is_away_for_a_while_costs_nothing() {
    let world = Fake::new();
    for statement in
        ["jobs::claim", "jobs::save_answer", "ledger::begin", "ledger::sent", "jobs::complete"]
    {
        world.store_faults.borrow_mut().push(statement);
    }
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(contents(&world).len(), 2);
    assert_eq!(world.job("1300000000000000000").unwrap().0, "COMPLETED");
}

#[test]
fn a_job_that_a_database_kept_from_having_a_row_has_one_when_the_database_is_back() {
    let world = Fake::new();
    // Away for `claim` and `notify_asker` to their ends, and for most of `fail`.
    for (statement, times) in [("jobs::claim", 7), ("jobs::is_current", 8), ("jobs::insert", 9)] {
        world.store_faults.borrow_mut().extend((0..times).map(|_| statement));
    }
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    // The watchdog finds it, and its asker is told or answered.
    assert_eq!(world.job("1300000000000000000").unwrap().0, "PENDING");
}
