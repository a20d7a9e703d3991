//! A question over HTTP is one turn and one job, and its answer is in its conversation, wherever the program
//! dies.

use core::future::ready;
use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde_json::json;

use super::wait::PAUSE;
use super::*;
use crate::consumers::{self, StartJob, Verdict};
use crate::conversation::{self, Live};
use crate::{Job, JobContext, workflow};
use miyabi_channels::web::transport::Web;
use miyabi_core::conversation::{Chunk, End};
use miyabi_core::ids::Millis;
use miyabi_core::job::from_params;
use miyabi_core::ports::{Limit, Stop};
use miyabi_testing::{Death, Fake, Journal, run as run_once, settings, wherever_it_dies};

mod files;
mod posted;

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        // An object that loses its memory after each command.
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

fn place(owner: &str) -> Place {
    Place { owner: owner.to_owned(), id: "c1".to_owned(), name: format!("web:c1:{owner}") }
}

fn submission(turn: &str, text: &str) -> Submission {
    Submission::new(turn, text, Millis(1_700_000_000_000))
}

fn submit(world: &Fake, text: &str) -> Option<Result<TurnState, NotAsked>> {
    let submission = submission("t1", text);
    let speaker = Speaker::of(Web.name(), &place("mio"), Language::English);
    run_once(ask(world, &Web, &place("mio"), (submission, &[]), speaker))
}

/// Returns the job that was started.
fn begun_job(world: &Fake) -> Job {
    let (_, params) = world.started.borrow().first().cloned().expect("nothing was started");
    from_params(&params).unwrap()
}

/// Runs the job that was started, as the Workflow does.
fn work(world: &Fake, journal: &Journal) -> Option<Result<(), Stop>> {
    let (settings, job) = (settings(), begun_job(world));
    let context =
        JobContext { host: world, steps: journal, transport: &Web, settings: &settings, job: &job };
    run_once(workflow::run(context))
}

fn answers(world: &Fake, answer: &str) {
    world.model.borrow_mut().push_back(Ok(json!({ "response": answer })));
}

fn read(world: &Fake) -> Vec<(String, Option<String>)> {
    let page = run_once(page(world, &place("mio"), None, 100)).unwrap().unwrap();
    page.turns.into_iter().map(|turn| (turn.state, turn.answer)).collect()
}

#[test]
fn the_answer_is_in_the_conversation_and_what_it_used_is_booked() {
    let world = world();
    let turn = submit(&world, "hi").unwrap().unwrap();
    assert_eq!((turn.state.as_str(), turn.is_new), ("queued", true));
    answers(&world, "Hello!");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    let turn = run_once(wait(&world, &place("mio"), turn)).unwrap().unwrap();
    assert_eq!((turn.state.as_str(), turn.answer.as_deref()), ("done", Some("Hello!")));
    assert_eq!(turn.messages, 2);
    let used = run_once(used(&world, &turn.id)).unwrap().unwrap();
    assert!(used.input_tokens + used.output_tokens > 0);
    assert!(world.discord.borrow().channel.is_empty());
    let (listed, _) = run_once(conversations::list(&world, "mio", "", None)).unwrap().unwrap();
    assert_eq!((listed[0].id.as_str(), listed[0].title.as_str()), ("c1", "hi"));
}

#[test]
fn the_same_submission_is_one_turn_and_one_job_wherever_the_program_dies() {
    wherever_it_dies(3, |death: Death| {
        let world = world();
        world.crash_at(death.effect, death.side);
        let died = submit(&world, "hi").is_none();
        world.restart();
        let turn = submit(&world, "hi").unwrap().unwrap();
        assert_eq!(turn.id, "t1");
        assert_eq!(world.started.borrow().len(), 1, "{death:?}");
        assert_eq!(read(&world), [("queued".to_owned(), None)], "{death:?}");
        died
    });
}

#[test]
fn the_answer_arrives_once_wherever_the_workflow_dies() {
    wherever_it_dies(8, |death: Death| {
        let world = world();
        submit(&world, "hi").unwrap().unwrap();
        for _ in 0..2 {
            answers(&world, "Hello!");
        }
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = work(&world, &journal).is_none();
        world.restart();
        assert_eq!(work(&world, &journal), Some(Ok(())), "{death:?}");
        assert_eq!(read(&world), [("done".to_owned(), Some("Hello!".to_owned()))], "{death:?}");
        died
    });
}

#[test]
fn a_conversation_that_cannot_be_listed_has_no_turn_and_no_job() {
    let world = world();
    submit(&world, "hi").unwrap().unwrap();
    assert_eq!(run_once(delete(&world, &place("mio"))), Some(Ok(true)));
    let deleted = submit(&world, "hi again");
    assert_eq!(deleted, Some(Err(NotAsked::Deleted)));
    let world = self::world();
    world.store_faults.borrow_mut().push("conversations::touch");
    assert!(matches!(submit(&world, "hi"), Some(Err(NotAsked::Failed(_)))));
    assert_eq!((read(&world), world.started.borrow().len()), (vec![], 0));
    assert!(submit(&world, "hi").unwrap().unwrap().is_new);
}

#[test]
fn a_reader_that_waits_for_the_beginning_reads_when_the_model_is_asked() {
    thread_local!(static LIVE: Live = Live::default());
    let world = world();
    world.converse.set(Some(|store, now, command| {
        LIVE.with(|live| conversation::handle(store, live, now, command))
    }));
    let turn = submit(&world, "hi").unwrap().unwrap();
    let (settings, job) = (settings(), begun_job(&world));
    let context =
        JobContext { host: &world, steps: &(), transport: &Web, settings: &settings, job: &job };
    run_once(memory::begin(context)).unwrap().unwrap();
    // The run waits for its person's word while the model is asked.
    let asking = pin!(memory::ended(&world, &job));
    assert!(matches!(run_once(select(asking, pin!(ready(())))), Some(Either::Right(_))));
    let seen = run_once(begun(&world, &place("mio"), turn, Duration::from_secs(1)));
    assert_eq!(seen.unwrap().unwrap().state, "running");
    assert!(world.now().since(job.question.asked) < PAUSE);
}

#[test]
fn a_question_that_a_limit_refuses_leaves_no_turn_and_may_be_asked_again() {
    let world = world();
    world.exhausted.borrow_mut().push((Limit::Asker, "mio".to_owned()));
    assert_eq!(submit(&world, "hi"), Some(Err(NotAsked::NoJob(Notice::Crowded))));
    assert_eq!(read(&world), []);
    world.exhausted.borrow_mut().clear();
    assert!(submit(&world, "hi").unwrap().unwrap().is_new);
}

#[test]
fn a_turn_that_failed_says_so_and_the_same_submission_tries_again() {
    let world = world();
    submit(&world, "hi").unwrap().unwrap();
    for _ in 0..10 {
        world.model.borrow_mut().push_back(Err(5007));
    }
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    let failed = run_once(look(&world, &place("mio"), None)).unwrap().unwrap().unwrap();
    assert_eq!(failed.state, "failed");
    assert!(failed.notice.is_some());
    let again = submit(&world, "hi").unwrap().unwrap();
    assert_eq!((again.id.as_str(), again.is_new), ("t1-2", true));
    assert_eq!(world.started.borrow().len(), 2);
}

#[test]
fn a_turn_that_failed_says_what_is_remembered_all_the_same() {
    let world = world();
    submit(&world, "Remember that my cat is called Mochi.").unwrap().unwrap();
    world.model.borrow_mut().extend([Err(3036), Err(3036)]);
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    let look = Command::Look { turn: None, from: 0 };
    let seen = run_once(memory::once(&world, &place("mio").name, &look)).unwrap().unwrap();
    let Reply::Seen { turn, entries } = seen else { panic!("{seen:?}") };
    let chunks: Vec<Chunk> = entries.into_iter().map(|entry| entry.chunk).collect();
    let said = Chunk::Text("remembered: my cat is called Mochi".to_owned());
    // In the part before it something may have been said, for all that this object remembers.
    let end = Chunk::End(End::Failed(turn.notice.unwrap()));
    assert_eq!(chunks, [Chunk::Part, Chunk::Part, said, end]);
}

#[test]
fn a_turn_that_was_stopped_keeps_its_text_though_the_answer_comes() {
    let world = world();
    submit(&world, "hi").unwrap().unwrap();
    let stopped = run_once(stop(&world, &place("mio"), "t1")).unwrap().unwrap().unwrap();
    assert_eq!(stopped.state, "stopped");
    answers(&world, "Hello!");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(read(&world), [("stopped".to_owned(), Some(String::new()))]);
    assert_eq!(run_once(stop(&world, &place("mio"), "t9")).unwrap(), Ok(None));
}

fn stop_it(world: &Fake) -> String {
    run_once(stop(world, &place("mio"), "t1")).unwrap().unwrap().unwrap().state
}

#[test]
fn a_question_that_is_stopped_before_its_run_asks_no_model() {
    let world = world();
    submit(&world, "hi").unwrap().unwrap();
    assert_eq!(stop_it(&world), "stopped");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(world.prompts.borrow().len(), 0);
    assert_eq!(read(&world), [("stopped".to_owned(), Some(String::new()))]);
    assert_eq!(run_once(used(&world, "t1")).unwrap(), Ok(Used::default()));
}

#[test]
fn a_run_that_goes_on_after_a_stop_asks_no_model_any_more_wherever_it_died() {
    wherever_it_dies(8, |death: Death| {
        let world = world();
        submit(&world, "hi").unwrap().unwrap();
        answers(&world, "Hello!");
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = work(&world, &journal).is_none();
        world.restart();
        let asked = world.prompts.borrow().len();
        let state = stop_it(&world);
        assert_eq!(work(&world, &journal), Some(Ok(())), "{death:?}");
        assert_eq!(world.prompts.borrow().len(), asked, "{death:?}");
        assert_eq!(read(&world)[0].0, state, "{death:?}");
        let sql = "SELECT 1 AS ended FROM jobs WHERE id = 't1' AND status = 'COMPLETED'";
        let ended = Statement { name: "test", sql, values: Vec::new() };
        assert_eq!(run_once(world.hits(ended)).unwrap(), Ok(true), "{death:?}");
        died
    });
}

#[test]
fn a_deleted_conversation_takes_no_question_and_a_late_answer_does_not_bring_it_back() {
    let world = world();
    submit(&world, "hi").unwrap().unwrap();
    assert_eq!(run_once(delete(&world, &place("mio"))).unwrap(), Ok(true));
    answers(&world, "Hello!");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(read(&world), []);
    assert_eq!(submit(&world, "hi"), Some(Err(NotAsked::Deleted)));
    assert_eq!(run_once(delete(&world, &place("rin"))).unwrap(), Ok(false));
    assert!(!world.conversations.borrow().contains_key("web:c1:rin"));
}

#[test]
fn a_conversation_that_does_not_answer_for_a_moment_is_asked_again() {
    let world = world();
    world.conversation_faults.set(2);
    assert!(submit(&world, "hi").unwrap().is_ok());
    assert_eq!(read(&world).len(), 1);
}

#[test]
fn a_title_is_the_first_line_and_not_too_long() {
    assert_eq!(title("\n  Tea in Kyoto? \nand more"), "Tea in Kyoto?");
    assert_eq!(title(&"雅".repeat(200)).chars().count(), 80);
    assert_eq!(title(" "), "");
}

/// A world whose job was accepted long ago, and has been silent since.
fn overdue(answer: Option<&str>) -> Fake {
    let world = world();
    submit(&world, "hi").unwrap().unwrap();
    let sql = "UPDATE jobs SET created_at = unixepoch() - 800, updated_at = unixepoch() - 800,
                 status = 'PROCESSING', result = ?1";
    assert_eq!(world.db.execute(sql, [answer]).unwrap(), 1);
    world
}

#[test]
fn an_answer_that_was_saved_and_never_told_is_told_by_the_watchdog() {
    for failures in [0, 7] {
        let world = overdue(Some("Hello!"));
        let round = || run_once(crate::watchdog::sweep(&world, &web, &settings())).unwrap();
        world.conversation_faults.set(failures);
        round();
        if failures > 0 {
            assert_eq!(world.job("t1").unwrap().0, "PROCESSING", "the next round tries again");
            world.conversation_faults.set(0);
            let sql = "UPDATE jobs SET updated_at = unixepoch() - 800";
            assert_eq!(world.db.execute(sql, []).unwrap(), 1);
            round();
        }
        assert_eq!(read(&world), [("done".to_owned(), Some("Hello!".to_owned()))]);
        assert_eq!(world.job("t1").unwrap().0, "COMPLETED");
    }
}

#[test]
fn a_question_that_is_given_up_has_failed_in_its_conversation_too() {
    let given_up = overdue(None);
    run_once(crate::watchdog::sweep(&given_up, &web, &settings())).unwrap();
    let dead = world();
    dead.start_faults.set(9);
    submit(&dead, "hi").unwrap().unwrap();
    let message = dead.queued.borrow()[0].clone();
    let verdict = run_once(consumers::dead::<StartJob>(&dead, &web, &message)).unwrap();
    assert_eq!(verdict, Verdict::Ack);
    for world in [given_up, dead] {
        assert_eq!(read(&world), [("failed".to_owned(), None)]);
        assert_eq!(world.job("t1").unwrap().0, "ERROR");
    }
}

fn web(platform: &str) -> Option<Web> {
    (platform == Web.name()).then_some(Web)
}
