//! Questions are answered, or their askers told, when a Workflow does not start or dies, or the database is away.
//!
//! Each test has a stack of its own, whose bindings fail as often as it says.

use std::time::Duration;

use serde_json::{Value, json};
use xtask::commands::dead_letters;
use xtask::stack::{Options, Question, Receipt, Stack};

use crate::world::{self, text};

/// As often as anybody will call.
const ALWAYS: u32 = u32::MAX;
/// Tries to start a Workflow before the reply, and deliveries of a message.
const STARTS: u32 = 3;
const DELIVERIES: u32 = 6;

fn stack(outages: &[(&str, u32)]) -> Stack {
    let outages = outages.iter().map(|(call, times)| ((*call).to_owned(), *times)).collect();
    let stack = Stack::start(Options {
        vars: vec![("MIYABI_STALL_SECONDS".to_owned(), "20".to_owned())],
        retry_delay_s: Some(0),
        outages,
        ..Options::default()
    });
    let stack = stack.unwrap();
    stack.be_patient().unwrap();
    stack
}

/// Texts of the messages in general, oldest first.
fn contents(stack: &Stack) -> Vec<String> {
    let messages = stack.channel("general").unwrap();
    messages.iter().map(|message| text(message, "content").to_owned()).collect()
}

fn assert_deferred(receipt: &Receipt) {
    assert_eq!(receipt.ack["type"], 5, "{receipt:?}");
}

fn is_logged(stack: &Stack, event: &str, job: &str) -> bool {
    let logs = stack.logs();
    let event = format!(r#""event":"{event}""#);
    logs.lines().any(|line| line.contains(&event) && line.contains(job))
}

/// A line comes a moment after what it is about.
fn wait_for_line(stack: &Stack, event: &str, job: &str) {
    world::until(event, || is_logged(stack, event, job).then_some(()));
}

#[test]
fn a_job_that_does_not_start_goes_through_the_queue_or_becomes_a_dead_letter_and_is_sent_again() {
    let _world = world::shared();
    let stack = stack(&[("miyabi_workflow.create", STARTS + DELIVERIES + STARTS)]);

    let dead = stack.ask(&Question::new("Who will never know?")).unwrap();
    assert_deferred(&dead);
    let row = stack.wait_for_job(&dead.id).unwrap();
    assert_eq!(row["status"], "ERROR", "{row}");
    wait_for_line(&stack, "job_queued", &dead.id);
    wait_for_line(&stack, "job_dead_lettered", &dead.id);
    let shown = stack.reply(&dead.id).unwrap().unwrap();
    assert!(shown["is_thinking"] != true && !text(&shown, "content").is_empty(), "{shown}");
    let letters = stack.query("SELECT * FROM dead_letters", &[]).unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0]["job"], dead.id.as_str());
    assert!(!text(&letters[0], "params").contains(&dead.token), "{letters:?}");

    // The queue starts this one: the outage is over after the tries before the reply.
    let late = stack.ask(&Question::new("Who comes late?")).unwrap();
    assert_deferred(&late);
    let row = stack.wait_for_job(&late.id).unwrap();
    assert_eq!(row["status"], "COMPLETED", "{row}");
    wait_for_line(&stack, "job_queued", &late.id);

    // One statement by the operator, and the watchdog does the rest.
    let statement = dead_letters::send_again(Some(&dead.id)).unwrap();
    let sent = stack.query(&statement, &[]).unwrap();
    let again = format!("{}-1", dead.id);
    assert_eq!(sent, [json!({ "id": again })]);
    assert_eq!(stack.query(&statement, &[]).unwrap(), Vec::<Value>::new(), "sent twice");
    stack.tick().unwrap();
    let row = stack.wait_for_job(&again).unwrap();
    assert_eq!(row["status"], "COMPLETED", "{row}");
    let letters = stack.query(dead_letters::LIST, &[]).unwrap();
    assert_eq!(text(&letters[0], "again"), format!("{again} COMPLETED"));
    let all = dead_letters::send_again(None).unwrap();
    assert_eq!(stack.query(&all, &[]).unwrap(), Vec::<Value>::new(), "answered already");

    let contents = contents(&stack);
    for question in ["Who will never know?", "Who comes late?"] {
        let count = contents.iter().filter(|content| *content == question).count();
        assert_eq!(count, 1, "{question}: {contents:?}");
    }
}

#[test]
fn without_workflow_and_queue_the_asker_is_told_at_once_and_too_many_questions_are_refused() {
    let _world = world::shared();
    let outages = [("miyabi_workflow.create", ALWAYS), ("miyabi_queue.send", ALWAYS)];
    let outages = outages.map(|(call, times)| (call.to_owned(), times)).to_vec();
    let limits = vec![("miyabi_asker_limit".to_owned(), 2)];
    let stack = Stack::start(Options { outages, limits, ..Options::default() }).unwrap();
    let ask = |who: &str| {
        let receipt = stack.ask(&Question::new("Anybody?").by(who)).unwrap();
        assert_eq!((receipt.status, &receipt.ack["type"]), (200, &json!(4)), "{receipt:?}");
        assert_eq!(receipt.ack["data"]["flags"], 64, "{receipt:?}");
        receipt
    };
    // A limit is for a minute of the clock, which may end meanwhile; of five, three are in the same.
    let receipts: Vec<Receipt> = (0..5).map(|_| ask("mio")).collect();
    let limited = |receipt: &&Receipt| is_logged(&stack, "limited", &receipt.id);
    world::until("a refusal by the limit", || {
        receipts.iter().any(|one| limited(&one)).then_some(())
    });
    let other = ask("alex");
    assert!(!limited(&&other));
    for receipt in receipts.iter().filter(|one| !limited(one)).chain([&other]) {
        assert_eq!(stack.wait_for_job(&receipt.id).unwrap()["status"], "ERROR");
    }
    let refused = receipts.iter().find(limited).unwrap();
    assert_eq!(stack.job_row(&refused.id).unwrap(), None);
    assert_ne!(refused.ack["data"]["content"], receipts[0].ack["data"]["content"]);
}

#[test]
fn a_job_whose_workflow_died_gets_another_generation_and_its_messages_stay_single() {
    let _world = world::shared();
    // Also its row is not written in `wait_until`; the queue or the Workflow does it.
    let mut stack = stack(&[("miyabi_db.prepare", 1)]);
    let rules = json!([
        // Killed while it waits: once with nothing posted, and once with half of it.
        { "match": { "operation": "ai_run", "body_contains": "early" }, "then": { "delay_ms": 30_000 } },
        { "match": { "operation": "execute_webhook", "body_contains": "Miyabi", "nth": 1 },
          "then": { "delay_ms": 30_000, "effect": false } },
    ]);
    stack.lab().post("/lab/faults", &rules).unwrap();
    let jobs = ["early", "half of it"].map(|text| stack.ask(&Question::new(text)).unwrap());
    world::until("the second question", || {
        contents(&stack).contains(&"half of it".to_owned()).then_some(())
    });
    stack.restart().unwrap();
    world::within(Duration::from_mins(2), "both jobs to end", || {
        stack.tick().unwrap();
        let status = |job: &Receipt| {
            let row = stack.job_row(&job.id).unwrap()?;
            (row["status"] == "COMPLETED").then_some(row)
        };
        let rows = [status(&jobs[0])?, status(&jobs[1])?];
        let is_revived = |row: &Value| row["generation"].as_u64() > Some(1);
        assert!(rows.iter().all(is_revived), "{rows:?}");
        Some(())
    });
    for job in &jobs {
        wait_for_line(&stack, "job_revived", &job.id);
        assert_eq!(stack.reply(&job.id).unwrap(), None);
    }
    let contents = contents(&stack);
    assert_eq!(contents.len(), 4, "{contents:?}");
    for question in ["early", "half of it"] {
        let count = contents.iter().filter(|content| *content == question).count();
        assert_eq!(count, 1, "{question}: {contents:?}");
    }
    // A round more changes nothing.
    stack.tick().unwrap();
    let after = stack.channel("general").unwrap();
    assert_eq!(after.len(), 4, "{after:?}");
}

#[test]
fn an_error_of_the_engine_is_no_failure_of_the_step_and_the_next_generation_goes_on() {
    let _world = world::shared();
    let stack = stack(&[("engine.think:1", 1), ("engine.answer:1", 1)]);
    let job = stack.ask(&Question::new("Still there?")).unwrap();
    let row = world::within(Duration::from_mins(3), "the job to end", || {
        stack.tick().unwrap();
        let row = stack.job_row(&job.id).unwrap()?;
        let status = row["status"].as_str().unwrap().to_owned();
        assert_ne!(status, "ERROR", "{row}");
        (status == "COMPLETED").then_some(row)
    });
    assert_eq!(row["generation"], 3, "one for each error: {row}");
    assert!(
        !is_logged(&stack, "step_failed", &job.id) && !is_logged(&stack, "job_failed", &job.id)
    );
    assert_eq!(stack.reply(&job.id).unwrap(), None);
    let contents = contents(&stack);
    assert_eq!(contents.len(), 2, "{contents:?}");
}
