//! A temporary conversation through whole jobs: it goes on, nothing of it is learned or listed, and a day later it
//! is gone, wherever the program dies.

use serde_json::{Value, json};

use super::*;
use crate::chat::{self, NotAsked, Place, Speaker};
use crate::conversation::{self, Live, Submission};
use crate::memory::owner;
use crate::{JobContext, trace, workflow};
use miyabi_channels::web::transport::Web;
use miyabi_core::config::Settings;
use miyabi_core::i18n::Language;
use miyabi_core::ids::Millis;
use miyabi_core::job::from_params;
use miyabi_core::transport::Transport as _;
use miyabi_testing::{Death, Fake, Journal, run, settings, wherever_it_dies};

const REMEMBER: &str = "Remember that my cat is called Mochi.";

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

fn object_name(owner: &str, id: &str) -> String {
    format!("web:{id}:{owner}")
}

fn place(id: &str) -> Place {
    Place { owner: "mio".to_owned(), id: id.to_owned(), name: object_name("mio", id) }
}

fn submit(world: &Fake, id: &str, turn: &str, text: &str) -> Result<(), NotAsked> {
    let submission = Submission::new(turn, text, Millis(1_700_000_000_000));
    let speaker = Speaker::of(Web.name(), &place(id), Language::English);
    run(chat::ask(world, &Web, &place(id), (submission, &[]), speaker)).unwrap().map(drop)
}

/// Asks, and has it answered; returns all that the model was sent with it.
fn ask(world: &Fake, id: &str, turn: &str, text: &str, settings: &Settings) -> String {
    submit(world, id, turn, text).unwrap();
    let job = from_params(&world.started.borrow().last().unwrap().1).unwrap();
    world.model.borrow_mut().push_back(Ok(json!({ "response": format!("Answer to {text}") })));
    world.prompts.borrow_mut().clear();
    let journal = Journal::new(world);
    let context = JobContext { host: world, steps: &journal, transport: &Web, settings, job: &job };
    assert_eq!(run(workflow::run(context)), Some(Ok(())));
    world.prompts.borrow().last().map(Value::to_string).unwrap_or_default()
}

fn facts(world: &Fake) -> Vec<String> {
    let listing = run(owner::list(world, "mio")).unwrap().unwrap();
    listing.facts.into_iter().map(|fact| fact.text).collect()
}

fn listed(world: &Fake, query: &str) -> usize {
    run(conversations::list(world, "mio", query, None)).unwrap().unwrap().0.len()
}

fn answers(world: &Fake, id: &str) -> usize {
    run(chat::page(world, &place(id), None, 100)).unwrap().unwrap().turns.len()
}

fn is_found(world: &Fake, id: &str) -> bool {
    run(conversations::find(world, "mio", id)).unwrap().unwrap().is_some()
}

/// Has a conversation be as old as that.
fn age(world: &Fake, id: &str, seconds: u32) {
    let sql = "UPDATE conversations SET updated_at = unixepoch() - ?1 WHERE id = ?2";
    world.db.execute(sql, (seconds, id)).unwrap();
}

#[test]
fn it_is_told_by_its_id_alone() {
    for (id, expected) in
        [("temporary.1", true), ("temporary.", true), ("temporary", false), ("x.temporary.", false)]
    {
        assert_eq!(is_id(id), expected, "{id}");
        let conversation = Some(object_name("temporary.owner", id));
        let question = Question { conversation, ..miyabi_testing::question("hi") };
        assert_eq!(holds(&question), expected, "{id}");
    }
    assert!(!holds(&Question { conversation: None, ..miyabi_testing::question("hi") }));
}

#[test]
fn it_goes_on_and_is_in_no_list_and_found_by_no_search() {
    let world = world();
    ask(&world, "temporary.1", "t1", "Tea in Kyoto?", &settings());
    let second = ask(&world, "temporary.1", "t2", "And in Nara?", &settings());
    assert!(second.contains("Answer to Tea in Kyoto?"), "{second}");
    assert_eq!(
        (listed(&world, ""), listed(&world, "tea"), answers(&world, "temporary.1")),
        (0, 0, 2)
    );
    let found = run(conversations::find(&world, "mio", "temporary.1")).unwrap().unwrap().unwrap();
    assert_eq!(found.title, "", "its words are in no row");
    ask(&world, "c1", "t3", "Tea in Kyoto?", &settings());
    assert_eq!((listed(&world, ""), listed(&world, "tea")), (1, 1));
}

#[test]
fn nothing_is_learned_from_it_and_nothing_that_is_known_is_read_in_it() {
    let world = world();
    ask(&world, "temporary.1", "t1", REMEMBER, &settings());
    assert_eq!(facts(&world), [""; 0]);
    ask(&world, "c1", "t2", REMEMBER, &settings());
    assert_eq!(facts(&world), ["my cat is called Mochi"]);
    let question = "What is my cat called?";
    let read = ask(&world, "temporary.2", "t3", question, &settings());
    assert!(!read.contains("Mochi"), "{read}");
    for tool in ["\"remember\"", "\"recall\""] {
        assert!(!read.contains(tool), "{tool}: {read}");
    }
    let read = ask(&world, "c2", "t4", question, &settings());
    assert!(read.contains("Mochi") && read.contains("\"remember\""), "{read}");
}

#[test]
fn its_older_turns_get_no_summary() {
    let long = "Tell me all about tea. ".repeat(300);
    for (id, expected) in [("c1", true), ("temporary.1", false)] {
        let world = world();
        for turn in 0..8 {
            world.model.borrow_mut().clear();
            ask(&world, id, &format!("t{turn}"), &long, &settings());
        }
        let events = format!("{:?}", world.events.borrow());
        assert_eq!(events.contains("SummaryEnded"), expected, "{id}");
    }
}

#[test]
fn its_answer_is_saved_for_nobody_and_stays_in_no_row() {
    let world = world();
    let settings = Settings { cache_s: 3_600, ..settings() };
    let question = "What is tea?";
    for (id, turn, is_asked) in [
        ("temporary.1", "t1", true),
        ("c1", "t2", true),
        ("c2", "t3", false),
        ("temporary.2", "t4", true),
    ] {
        let asked = ask(&world, id, turn, question, &settings);
        assert_eq!(!asked.is_empty(), is_asked, "{id}");
        world.model.borrow_mut().clear();
    }
    let left = |turn: &str| world.job(turn).unwrap().2.unwrap();
    assert_eq!([left("t1"), left("t4")], ["", ""]);
    assert_eq!(left("t2"), format!("Answer to {question}"));
    let told = run(trace::of_turn(&world, "mio", "t1")).unwrap().unwrap();
    assert!(told["model"].is_string(), "what it cost is booked as ever: {told:?}");
}

#[test]
fn a_day_after_its_latest_question_it_is_gone_wherever_the_program_dies() {
    wherever_it_dies(2, |death: Death| {
        let world = world();
        for (id, turn) in [("temporary.old", "t1"), ("temporary.new", "t2"), ("c1", "t3")] {
            submit(&world, id, turn, "hi").unwrap();
        }
        age(&world, "temporary.old", LIFETIME_S + 60);
        age(&world, "temporary.new", LIFETIME_S - 60);
        age(&world, "c1", LIFETIME_S + 60);
        world.crash_at(death.effect, death.side);
        let died = run(sweep(&world, object_name)).is_none();
        world.restart();
        for _ in 0..2 {
            run(sweep(&world, object_name)).unwrap();
        }
        let ids = ["temporary.old", "temporary.new", "c1"];
        assert_eq!(ids.map(|id| is_found(&world, id)), [false, true, true], "{death:?}");
        assert_eq!(ids.map(|id| answers(&world, id)), [0, 1, 1], "{death:?}");
        let again = submit(&world, "temporary.old", "t4", "hi again");
        assert_eq!(again, Err(NotAsked::Deleted), "{death:?}");
        died
    });
}

#[test]
fn one_that_cannot_be_reached_holds_up_no_other_and_goes_a_minute_later() {
    let world = world();
    for (id, turn) in [("temporary.1", "t1"), ("temporary.2", "t2")] {
        submit(&world, id, turn, "hi").unwrap();
        age(&world, id, LIFETIME_S + 60);
    }
    world.store_faults.borrow_mut().push("conversations::delete");
    run(sweep(&world, object_name)).unwrap();
    let left = ["temporary.1", "temporary.2"].map(|id| is_found(&world, id));
    assert_eq!(left.iter().filter(|left| **left).count(), 1);
    run(sweep(&world, object_name)).unwrap();
    assert!(
        ["temporary.1", "temporary.2"].map(|id| !is_found(&world, id)).iter().all(|gone| *gone)
    );
}
