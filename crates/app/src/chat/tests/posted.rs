//! A question over HTTP that is posted in Discord: it and its answer stand there once, and its reader is told
//! its end, wherever the program dies and whatever fails.

use super::*;
use crate::testing::discord;
use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::Settings;
use miyabi_core::question::Question;
use miyabi_core::transport::Transports;
use miyabi_testing::{question, response};

const TURN: &str = "0123456789abcdef0123456789abcdef";

fn channel() -> Place {
    let owner = question("hi").asker.id;
    let name = format!("discord:1200000000000000002:{owner}");
    Place { owner, id: "discord.1200000000000000002".to_owned(), name }
}

fn post_text(world: &Fake, text: &str) -> Option<Result<TurnState, NotAsked>> {
    let Question { asker, place, server, language, .. } = question(text);
    let speaker = Speaker { platform: "discord", asker, place, server, language };
    run_once(ask(world, &Web, &channel(), (submission(TURN, text), &[]), speaker))
}

fn post(world: &Fake) -> Option<Result<TurnState, NotAsked>> {
    post_text(world, "hi")
}

/// Runs the job that was started, as the Workflow does.
fn work_with(world: &Fake, journal: &Journal, settings: &Settings) -> Option<Result<(), Stop>> {
    let job = begun_job(world);
    let transport = discord(world).of_question(&job.question);
    let context =
        JobContext { host: world, steps: journal, transport: &transport, settings, job: &job };
    run_once(workflow::run(context))
}

fn work(world: &Fake, journal: &Journal) -> Option<Result<(), Stop>> {
    work_with(world, journal, &settings())
}

/// Returns what stands in the channel; nothing else was ever shown.
fn shown(world: &Fake) -> Vec<String> {
    let discord = world.discord.borrow();
    assert_eq!(discord.reply.as_deref(), Some("thinking…"), "there is no placeholder to touch");
    assert!(discord.follow_ups.is_empty());
    assert!(!discord.requests.iter().any(|request| request.url.contains("@original")));
    discord.channel.iter().map(|message| message.content.clone()).collect()
}

fn read(world: &Fake) -> Vec<(String, Option<String>)> {
    let page = run_once(page(world, &channel(), None, 100)).unwrap().unwrap();
    page.turns.into_iter().map(|turn| (turn.state, turn.answer)).collect()
}

fn failed() -> Vec<(String, Option<String>)> {
    vec![("failed".to_owned(), None)]
}

fn done() -> Vec<(String, Option<String>)> {
    vec![("done".to_owned(), Some("Hello!".to_owned()))]
}

#[test]
fn it_is_asked_in_the_channel_by_its_person_and_read_over_http() {
    let world = world();
    post(&world).unwrap().unwrap();
    let job = begun_job(&world);
    assert_eq!((job.id().as_str(), job.question.token.reveal()), (TURN, ""));
    assert_eq!(job.question.server, question("hi").server);
    answers(&world, "Hello!");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(shown(&world), ["hi", "Hello!"]);
    let discord = world.discord.borrow();
    let authors: Vec<_> = discord.channel.iter().map(|message| message.author.as_str()).collect();
    assert!(authors[0].contains("みお") && !authors[1].contains("みお"), "{authors:?}");
    assert_eq!(read(&world), done());
}

#[test]
fn stopped_before_its_run_it_never_stands_there() {
    let world = world();
    let turn = post(&world).unwrap().unwrap();
    run_once(stop(&world, &channel(), &turn.id)).unwrap().unwrap();
    answers(&world, "Hello!");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert!(shown(&world).is_empty());
    let posts = |request: &&miyabi_core::http::Request| request.url.contains("/webhooks/");
    assert_eq!(world.discord.borrow().requests.iter().filter(posts).count(), 0);
    assert_eq!(read(&world), [("stopped".to_owned(), Some(String::new()))]);
    assert_eq!(world.job(TURN).unwrap().0, "ERROR");
}

#[test]
fn the_same_submission_is_one_job_wherever_the_program_dies() {
    wherever_it_dies(3, |death: Death| {
        let world = world();
        world.crash_at(death.effect, death.side);
        let died = post(&world).is_none();
        world.restart();
        assert_eq!(post(&world).unwrap().unwrap().id, TURN);
        assert_eq!(world.started.borrow().len(), 1, "{death:?}");
        died
    });
}

#[test]
fn question_and_answer_stand_there_once_wherever_the_workflow_dies() {
    wherever_it_dies(12, |death: Death| {
        let world = world();
        post(&world).unwrap().unwrap();
        for _ in 0..2 {
            answers(&world, "Hello!");
        }
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = work(&world, &journal).is_none();
        world.restart();
        assert_eq!(work(&world, &journal), Some(Ok(())), "{death:?}");
        assert_eq!(shown(&world), ["hi", "Hello!"], "{death:?}");
        assert_eq!(read(&world), done(), "{death:?}");
        assert_eq!(world.job(TURN).unwrap().0, "COMPLETED", "{death:?}");
        died
    });
}

#[test]
fn without_an_answer_nothing_stays_there_and_the_reader_is_told_wherever_it_dies() {
    wherever_it_dies(12, |death: Death| {
        let world = world();
        post(&world).unwrap().unwrap();
        world.model.borrow_mut().extend([const { Err(3036) }; 4]);
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = work(&world, &journal).is_none();
        world.restart();
        assert_eq!(work(&world, &journal), Some(Ok(())), "{death:?}");
        assert_eq!(shown(&world), Vec::<String>::new(), "{death:?}");
        assert_eq!(read(&world), failed(), "{death:?}");
        assert_eq!(world.job(TURN).unwrap().0, "ERROR", "{death:?}");
        died
    });
}

#[test]
fn where_no_message_can_be_shared_the_reader_is_told() {
    let [hidden, locked] = [world(), world()];
    hidden.discord.borrow_mut().webhook_channel = "1".to_owned();
    hidden.discord.borrow_mut().manages_webhooks = false;
    // The webhook is there, and takes nothing.
    let refusal = json!({ "message": "Thread is locked", "code": 160_005 });
    locked.discord.borrow_mut().refuse("POST", "/webhooks/", response(400, &refusal));
    for world in [hidden, locked] {
        post(&world).unwrap().unwrap();
        answers(&world, "Hello!");
        assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
        assert_eq!((shown(&world), read(&world)), (vec![], failed()));
        assert_eq!(world.job(TURN).unwrap().0, "ERROR");
    }
}

#[test]
fn one_too_many_at_a_time_and_one_over_budget_are_told() {
    let mut poor = settings();
    poor.budgets.day = Some(1);
    for settings in [Settings { jobs_per_asker: 0, ..settings() }, poor] {
        let world = world();
        post(&world).unwrap().unwrap();
        assert_eq!(work_with(&world, &Journal::new(&world), &settings), Some(Ok(())));
        assert_eq!((shown(&world), read(&world)), (vec![], failed()));
        assert_eq!(world.job(TURN).unwrap().0, "ERROR");
    }
}

/// A world whose job was accepted long ago, and has been silent since.
fn overdue(answer: Option<&str>) -> Fake {
    let world = world();
    post(&world).unwrap().unwrap();
    let sql = "UPDATE jobs SET created_at = unixepoch() - 800, updated_at = unixepoch() - 800,
                 status = 'PROCESSING', result = ?1";
    assert_eq!(world.db.execute(sql, [answer]).unwrap(), 1);
    world
}

/// The platforms, as the program has them.
struct Platforms(Fake);

impl Transports for Platforms {
    type One = Discord<Fake>;

    fn of(&self, question: &Question) -> Option<Discord<Fake>> {
        let discord = discord(&self.0);
        (question.platform == discord.name()).then(|| discord.of_question(question))
    }
}

#[test]
fn one_that_is_given_up_has_failed_for_its_reader_too() {
    // An answer that is not in the channel is none: whoever reads there would miss it.
    let given_up = [None, Some("Hello!")].map(|answer| {
        let world = overdue(answer);
        run_once(crate::watchdog::sweep(&world, &Platforms(world.clone()), &settings())).unwrap();
        world
    });
    let dead = world();
    dead.start_faults.set(9);
    post(&dead).unwrap().unwrap();
    let message = dead.queued.borrow()[0].clone();
    let verdict = run_once(consumers::dead::<StartJob>(&dead, &Platforms(dead.clone()), &message));
    assert_eq!(verdict, Some(Verdict::Ack));
    for world in given_up.into_iter().chain([dead]) {
        assert_eq!((shown(&world), read(&world)), (vec![], failed()));
        assert_eq!(world.job(TURN).unwrap().0, "ERROR");
    }
}

#[test]
fn one_that_is_stopped_before_its_run_asks_no_model() {
    let world = world();
    post(&world).unwrap().unwrap();
    let stopped = run_once(stop(&world, &channel(), TURN)).unwrap().unwrap().unwrap();
    assert_eq!(stopped.state, "stopped");
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(world.prompts.borrow().len(), 0);
    assert_eq!(read(&world)[0].0, "stopped");
    assert_eq!(world.job(TURN).unwrap().0, "ERROR");
    assert_eq!(shown(&world), Vec::<String>::new(), "the question does not stand alone");
}

#[test]
fn one_that_is_stopped_by_a_command_has_failed_for_its_reader() {
    let world = world();
    post(&world).unwrap().unwrap();
    world.run_waiting();
    assert_eq!(world.db.execute("UPDATE jobs SET cancelled_at = unixepoch()", []).unwrap(), 1);
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!((shown(&world), read(&world)), (vec![], failed()));
}

#[test]
fn a_private_fact_is_not_told_in_a_server() {
    let world = world();
    let fact = submission("t1", "Remember that my cat is called Mochi.");
    let mine = Place { owner: channel().owner, ..place("mio") };
    let speaker = Speaker::of("web", &mine, Language::English);
    run_once(ask(&world, &Web, &mine, (fact, &[]), speaker)).unwrap().unwrap();
    assert_eq!(super::work(&world, &Journal::new(&world)), Some(Ok(())));
    world.started.borrow_mut().clear();
    post_text(&world, "What is my cat called?").unwrap().unwrap();
    assert_eq!(work(&world, &Journal::new(&world)), Some(Ok(())));
    let prompts = world.prompts.borrow();
    assert!(!prompts.last().unwrap().to_string().contains("Mochi"));
}
