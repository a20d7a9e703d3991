//! The same interaction, delivered more than once, is one job.

use serde_json::{Value, json};
use xtask::stack::{Options, Question, Stack};

use crate::asking::{Asked, Call};
use crate::world::{self, text};

fn assert_once(asked: &Asked<'_>, answer: &str) {
    assert_eq!(asked.answer(), asked.said(answer));
    let both = [asked.question("once"), asked.said(answer)];
    assert_eq!(asked.contents("general"), both);
    assert_eq!(asked.calls_of("ai_run").len(), 1);
}

#[test]
fn an_interaction_that_is_delivered_twice_at_once_is_answered_once() {
    let world = world::shared();
    let all: Vec<_> = (0..3).map(|_| world.ask("once").answered("Once.").send_twice()).collect();
    for asked in &all {
        assert_once(asked, "Once.");
    }
}

#[test]
fn an_interaction_that_is_delivered_again_and_again_is_answered_once() {
    let world = world::shared();
    // Slow enough that the job runs while the others arrive.
    let ask = world.ask("once").answered("Once.");
    let asked = ask.breaking(Call::PostOfQuestion, 1, json!({ "delay_ms": 300 })).send();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| asked.again());
        }
    });
    assert_once(&asked, "Once.");
    // Long after it has ended.
    asked.again();
    assert_once(&asked, "Once.");
    let started = format!(r#""event":"job_started","job":"{}""#, asked.id);
    assert_eq!(world.stack().logs().matches(&started).count(), 1);
}

#[test]
fn an_interaction_that_failed_is_not_tried_again_by_a_second_delivery() {
    let world = world::shared();
    let asked = world.ask("[error 5007]").by("alex").send();
    asked.error();
    asked.again();
    assert_eq!(asked.error(), "workers-ai answered: config (code 5007)");
    assert_eq!(asked.calls_of("ai_run").len(), 1);
}

#[test]
fn what_was_answered_before_the_worker_was_killed_is_not_answered_again_after() {
    let _world = world::shared();
    let mut stack = Stack::start(Options::default()).unwrap();
    let before = stack.ask(&Question::new("before")).unwrap();
    assert_eq!(stack.wait_for_job(&before.id).unwrap()["status"], "COMPLETED");
    stack.restart().unwrap();
    let again = json!({ "id": before.id, "token": before.token });
    let again = stack.deliver(&again).unwrap();
    assert_eq!(again["ack"]["type"], 5, "{again}");
    let after = stack.ask(&Question::new("after")).unwrap();
    assert_eq!(stack.wait_for_job(&after.id).unwrap()["status"], "COMPLETED");
    let posts = stack.channel("general").unwrap();
    let by_mio: Vec<_> = posts.iter().filter(|post| post["author"] == "みお (@mio)").collect();
    let questions: Vec<_> = by_mio.iter().map(|post| text(post, "content")).collect();
    assert_eq!(questions, ["before", "after"]);
    assert_eq!(posts.len(), 4);
    assert_eq!(stack.lab().get("/lab/violations").unwrap(), Value::Array(Vec::new()));
}
