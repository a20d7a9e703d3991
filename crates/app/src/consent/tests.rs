//! Nothing is done without consent, nothing twice, and a person decides once.

use core::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::preview::StreamingPreview;
use crate::testing::run_job;
use crate::{jobs, watchdog};
use miyabi_ai::mcp::Listed;
use miyabi_ai::preview::{Preview, PreviewOutcome};
use miyabi_core::config::Settings;
use miyabi_core::config::mcp::{McpAllowed, McpServer};
use miyabi_core::i18n::Language;
use miyabi_core::ids::JobId;
use miyabi_core::ports::Stop;
use miyabi_testing::{
    Death, Fake, Journal, Side, job, mcp, question, run as run_once, settings, wherever_it_dies,
};

mod cancelled;

const ID: &str = "1300000000000000000";
const MIO: &str = "80351110224678912";
const SERVER: &str = "1200000000000000009";

/// The settings with a server whose tool may be called with consent.
fn with_tool() -> Settings {
    let listed = Listed {
        name: "lend".to_owned(),
        description: "Lends a book.".to_owned(),
        schema: mcp::schema(),
        only_reads: false,
        is_stateless: true,
    };
    let fingerprint = Some(listed.fingerprint());
    let allowed = vec![McpAllowed { tool: listed.name, fingerprint, asks: true }];
    let (name, url) = ("books".to_owned(), mcp::URL.to_owned());
    let server = McpServer { name, url, token: None, allowed };
    Settings { mcp_servers: vec![server], ..settings() }
}

fn call(title: &str) -> Value {
    let call = json!({ "name": "mcp_books_lend", "arguments": { "title": title } });
    json!({ "response": null, "tool_calls": [call] })
}

/// A world in which the model wants to lend a book, until it reads what came of that.
fn world() -> Fake {
    let world = Fake::new();
    world.play.set(Some(|inputs| {
        if inputs.to_string().contains("\"role\":\"tool\"") {
            json!({ "response": "So it is." })
        } else {
            call("Genji")
        }
    }));
    world
}

fn by(person: &str, server: Option<&str>, decision: Decision) -> Decided {
    Decided {
        decision,
        job: JobId::parse(ID).unwrap(),
        generation: 1,
        ordinal: 1,
        person: person.to_owned(),
        server: server.map(ToOwned::to_owned),
        language: Language::English,
    }
}

/// Has the asker decide as soon as they are asked; returns how often they press.
fn deciding(world: &Fake, decision: Decision) -> Rc<Cell<u32>> {
    let (inside, count) = (world.clone(), Rc::new(Cell::new(0)));
    let presses = Rc::clone(&count);
    world.while_asleep.replace(Some(Box::new(move || {
        if state(&inside).as_deref() != Some("ASKED") {
            return false;
        }
        count.set(count.get() + 1);
        run_once(decide(&inside, by(MIO, None, decision))).is_some()
    })));
    presses
}

fn state(world: &Fake) -> Option<String> {
    world.db.query_row("SELECT state FROM consents", [], |row| row.get(0)).ok()
}

fn live(world: &Fake, journal: &Journal) -> Option<Result<(), Stop>> {
    run_once(run_job(world, journal, &with_tool(), &job("Lend Genji.")))
}

/// Runs the job, which dies so, and again until it ends; returns whether it has died.
fn lives_on(world: &Fake, death: Death) -> bool {
    let journal = Journal::ordered(world, death.order);
    world.crash_at(death.effect, death.side);
    let mut died = live(world, &journal).is_none();
    for _ in 0..3 {
        world.restart();
        if live(world, &journal) == Some(Ok(())) {
            break;
        }
        died = true;
    }
    died
}

/// What the model has read of the call, at last.
fn read(world: &Fake) -> String {
    let prompts = world.prompts.borrow();
    let messages = prompts.last().unwrap()["messages"].as_array().unwrap().clone();
    let result = messages.iter().rev().find(|message| message["role"] == "tool").unwrap();
    result["content"].as_str().unwrap().to_owned()
}

#[test]
fn what_the_asker_approves_is_done_once_and_recorded() {
    let world = world();
    deciding(&world, Decision::Approve);
    let journal = Journal::new(&world);
    assert_eq!(live(&world, &journal), Some(Ok(())));
    assert_eq!(*world.acts.borrow(), [json!({ "title": "Genji" })]);
    assert!(read(&world).contains("lent 1"), "{}", read(&world));
    let sql = "SELECT tool || arguments || state || decided_by || (decided_at > 0)
        || (claimed_at > 0) || result FROM consents";
    let row: String = world.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(
        row.starts_with(r#"mcp_books_lend{"title":"Genji"}APPROVED8035111022467891211["done","#)
    );
    assert_eq!(*world.sent_events.borrow(), [format!("{ID} person-1-1")]);
    assert!(journal.trace.borrow().join(" ").contains("think:1 "));
    assert!(journal.trace.borrow().join(" ").contains("ask_person:1 await_person:1 think:2"));
    // The question stood in place of "thinking…", with two buttons, and the next text there has none.
    let discord = world.discord.borrow();
    let edits: Vec<Value> = discord
        .requests
        .iter()
        .filter(|request| request.url.ends_with("@original"))
        .filter_map(|request| serde_json::from_str(request.text()?).ok())
        .collect();
    let asks = edits.iter().find(|edit| edit.to_string().contains("1.approve.")).unwrap();
    let row = &asks["components"][0]["components"];
    assert_eq!(row[0]["custom_id"], format!("1.approve.{ID}-1-1"));
    assert_eq!(
        (&row[1]["custom_id"], &row[1]["style"]),
        (&json!(format!("1.deny.{ID}-1-1")), &json!(4))
    );
    assert!(asks["content"].as_str().unwrap().contains(r#"`mcp_books_lend`: `{"title":"Genji"}`"#));
}

#[test]
fn what_is_denied_or_not_decided_in_time_is_not_done_and_the_model_reads_so() {
    let denied = world();
    deciding(&denied, Decision::Deny);
    assert_eq!(live(&denied, &Journal::new(&denied)), Some(Ok(())));
    assert_eq!((denied.acts.borrow().len(), read(&denied)), (0, DENIED.to_owned()));

    let silent = world();
    assert_eq!(live(&silent, &Journal::new(&silent)), Some(Ok(())));
    assert_eq!((silent.acts.borrow().len(), read(&silent)), (0, EXPIRED.to_owned()));
    assert_eq!(state(&silent).as_deref(), Some("EXPIRED"));
    let late = run_once(decide(&silent, by(MIO, None, Decision::Approve)));
    assert_eq!(late, Some(Pressed::Told(words::OVER.english)));
    assert_eq!(silent.acts.borrow().len(), 0);
}

#[test]
fn wherever_it_dies_it_is_done_at_most_once_and_never_without_consent() {
    for decision in Decision::ALL {
        wherever_it_dies(15, |death| {
            let world = world();
            let presses = deciding(&world, decision);
            let died = lives_on(&world, death);
            assert_eq!(world.job(ID).unwrap().0, "COMPLETED", "{death:?}");
            let acts = world.acts.borrow().len();
            let known = read(&world);
            match (state(&world).as_deref(), acts) {
                (Some("APPROVED"), 1) => assert!(known.contains("lent 1") || known == UNCLEAR),
                // It died when it had claimed the call, and had not made it.
                (Some("APPROVED"), 0) => assert_eq!(known, UNCLEAR),
                (Some("DENIED"), 0) => assert_eq!(known, DENIED),
                other => panic!("{death:?}: {other:?}, {} presses, {known}", presses.get()),
            }
            died
        });
    }
}

#[test]
fn another_generation_neither_asks_about_nor_repeats_what_was_done() {
    for is_recorded in [true, false] {
        let world = world();
        deciding(&world, Decision::Approve);
        assert_eq!(live(&world, &Journal::new(&world)), Some(Ok(())));
        let sql =
            "UPDATE jobs SET status = 'PROCESSING', generation = 2, result = NULL, token = 't'";
        world.db.execute_batch("DROP TRIGGER jobs_status_moves_forward").unwrap();
        world.db.execute(sql, []).unwrap();
        if !is_recorded {
            world.db.execute("UPDATE consents SET result = NULL", []).unwrap();
        }
        let again = Job { generation: 2, ..job("Lend Genji.") };
        let journal = Journal::new(&world);
        assert_eq!(run_once(run_job(&world, &journal, &with_tool(), &again)), Some(Ok(())));
        assert_eq!(world.acts.borrow().len(), 1);
        assert_eq!(read(&world).contains("lent 1"), is_recorded);
        assert_eq!(read(&world) == UNCLEAR, !is_recorded);
        assert!(!journal.trace.borrow().iter().any(|step| step == "await_person:1"));
    }
}

/// A world in which the asker is asked, and the run waits.
fn asked() -> Fake {
    let world = Fake::new();
    run_once(jobs::claim(&world, &job("hi"), &settings())).unwrap().unwrap();
    let act = Act::of("mcp_books_lend", json!({ "title": "x" }).as_object().unwrap());
    run_once(world.run(insert(&job("hi"), "1-1", &act, "{}", 300))).unwrap().unwrap();
    world
}

#[test]
fn only_the_asker_and_who_manages_the_server_decide_and_the_first_decision_stays() {
    for (person, server, is_entitled) in [
        (MIO, None, true),
        ("9", Some(SERVER), true),
        ("9", None, false),
        ("9", Some("1"), false),
        ("", None, false),
    ] {
        let world = asked();
        let pressed = run_once(decide(&world, by(person, server, Decision::Approve))).unwrap();
        if is_entitled {
            assert_eq!(pressed, Pressed::Done(Decision::Approve.done(Language::English)));
            let other = run_once(decide(&world, by(MIO, None, Decision::Deny))).unwrap();
            assert_eq!(other, Pressed::Told(words::DECIDED.english));
            // The second press has the job go on, too: the first event may be lost.
            assert_eq!(world.sent_events.borrow().len(), 2);
        } else {
            assert_eq!(pressed, Pressed::Told(words::NOT_YOURS.english));
            assert_eq!(world.sent_events.borrow().len(), 0);
        }
        assert_eq!(state(&world).as_deref(), Some(if is_entitled { "APPROVED" } else { "ASKED" }));
    }
}

#[test]
fn of_another_question_another_generation_or_a_job_that_is_cancelled_nothing_is_decided() {
    for (sql, generation, ordinal) in [
        ("", 1, 2),
        ("", 2, 1),
        ("UPDATE jobs SET generation = 2", 1, 1),
        ("UPDATE jobs SET cancelled_at = 1", 1, 1),
        ("UPDATE consents SET expires_at = unixepoch()", 1, 1),
        ("DELETE FROM consents", 1, 1),
    ] {
        let world = asked();
        world.db.execute_batch(sql).unwrap();
        let decided = by(MIO, None, Decision::Approve);
        let pressed = run_once(decide(&world, Decided { generation, ordinal, ..decided })).unwrap();
        assert_eq!(pressed, Pressed::Told(words::OVER.english), "{sql}");
        assert_ne!(state(&world).as_deref(), Some("APPROVED"));
    }
}

#[test]
fn the_same_call_twice_in_a_round_is_done_once_and_both_read_what_came_of_it() {
    let world = Fake::new();
    world.play.set(Some(|inputs| {
        if inputs.to_string().contains("\"role\":\"tool\"") {
            return json!({ "response": "So it is." });
        }
        let call = call("Genji")["tool_calls"][0].clone();
        json!({ "response": null, "tool_calls": [call, call] })
    }));
    deciding(&world, Decision::Approve);
    assert_eq!(live(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!(world.acts.borrow().len(), 1);
    let prompts = world.prompts.borrow();
    let messages = prompts.last().unwrap()["messages"].as_array().unwrap().iter();
    let results: Vec<&Value> = messages.filter(|message| message["role"] == "tool").collect();
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|it| it.to_string().contains("lent 1")), "{results:?}");
    assert_ne!(results[0]["tool_call_id"], results[1]["tool_call_id"]);
}

#[test]
fn an_older_generation_does_not_end_the_wait_of_a_newer_one() {
    let world = asked();
    world.db.execute("UPDATE jobs SET generation = 2", []).unwrap();
    let (transport, settings) = (&crate::testing::discord(&world), &settings());
    let act = Act::of("mcp_books_lend", json!({ "title": "x" }).as_object().unwrap());
    let claimed = |generation| {
        let job = &Job { generation, ..job("hi") };
        run_once(claim(JobContext { host: &world, steps: &(), transport, settings, job }, &act))
    };
    let told = |words: &str| Some(Claimed::Told(ToolOutcome::Failed, words.to_owned()));
    assert_eq!(claimed(1), told(AWAY));
    assert_eq!(state(&world).as_deref(), Some("ASKED"));
    assert_eq!(claimed(2), told(EXPIRED));
}

#[test]
fn arguments_that_cannot_be_shown_whole_are_not_asked_about() {
    let world = Fake::new();
    let calls = [call(&"x".repeat(1_400)), json!({ "response": "No." })];
    world.model.borrow_mut().extend(calls.map(Ok));
    assert_eq!(live(&world, &Journal::new(&world)), Some(Ok(())));
    assert_eq!((state(&world), read(&world)), (None, NOT_ASKED.to_owned()));
}

#[test]
fn where_nobody_can_be_asked_nothing_is_done_and_nothing_waited_for() {
    let world = world();
    let mut asked = question("Lend Genji.");
    asked.token = miyabi_core::ids::Secret::new(String::new());
    let journal = Journal::new(&world);
    let done = run_once(run_job(&world, &journal, &with_tool(), &Job::first(asked)));
    assert_eq!(done, Some(Ok(())));
    assert_eq!((world.acts.borrow().len(), read(&world)), (0, NOBODY.to_owned()));
    assert!(!journal.trace.borrow().iter().any(|step| step.ends_with("_person:1")));
}

#[test]
fn the_watchdog_leaves_a_job_that_waits_alone_and_wakes_one_that_need_not_wait() {
    let world = asked();
    let overdue = |world: &Fake| {
        world
            .db
            .execute("UPDATE jobs SET updated_at = 0, created_at = unixepoch() - 300", [])
            .unwrap();
        run_once(jobs::overdue(world, 60, 840)).unwrap().unwrap().len()
    };
    assert_eq!(overdue(&world), 0);
    world.started.borrow_mut().push((ID.to_owned(), json!({})));
    let sql =
        "UPDATE consents SET state = 'DENIED', decided_by = '1', decided_at = unixepoch() - 90";
    world.db.execute(sql, []).unwrap();
    assert_eq!(overdue(&world), 1);
    let platforms = crate::testing::platforms(&world);
    run_once(watchdog::sweep(&world, &platforms, &settings())).unwrap();
    assert_eq!(*world.sent_events.borrow(), [format!("{ID} person-1-1")]);
    let cancelled = asked();
    cancelled.db.execute("UPDATE jobs SET cancelled_at = 1", []).unwrap();
    assert_eq!(overdue(&cancelled), 1);
}

#[test]
fn a_preview_of_a_run_that_has_not_heard_of_the_question_does_not_take_its_place() {
    let world = asked();
    let (transport, settings, job) = (&crate::testing::discord(&world), &settings(), &job("hi"));
    let context = JobContext { host: &world, steps: &(), transport, settings, job };
    let show = || run_once(StreamingPreview::new(context).show("It is")).unwrap();
    assert_eq!(show(), PreviewOutcome::Refused);
    assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
    // When that is decided, or over, the next call of a model is shown again.
    for sql in [
        "UPDATE consents SET expires_at = unixepoch()",
        "UPDATE consents SET state = 'DENIED', decided_by = '1', decided_at = unixepoch()",
    ] {
        world.db.execute_batch(sql).unwrap();
        assert_eq!(show(), PreviewOutcome::Shown, "{sql}");
    }
}

#[test]
fn a_run_that_died_between_claim_and_call_is_told_so_and_a_press_that_died_is_made_again() {
    let world = asked();
    world.crash_at(0, Side::After);
    assert_eq!(run_once(decide(&world, by(MIO, None, Decision::Approve))), None);
    world.restart();
    let again = run_once(decide(&world, by(MIO, None, Decision::Approve))).unwrap();
    assert_eq!(again, Pressed::Told(words::DECIDED.english));
    assert_eq!(world.sent_events.borrow().len(), 1);
    let (transport, job, settings) = (&crate::testing::discord(&world), &job("hi"), &settings());
    let context = JobContext { host: &world, steps: &(), transport, settings, job };
    let act = Act::of("mcp_books_lend", json!({ "title": "x" }).as_object().unwrap());
    assert_eq!(run_once(claim(context, &act)), Some(Claimed::Mine));
    let known = Claimed::Told(ToolOutcome::Failed, UNCLEAR.to_owned());
    assert_eq!(run_once(claim(context, &act)), Some(known));
    run_once(record(&world, job, &act, ToolOutcome::Done, "lent")).unwrap();
    let known = Claimed::Told(ToolOutcome::Done, "lent".to_owned());
    assert_eq!(run_once(claim(context, &act)), Some(known));
}
