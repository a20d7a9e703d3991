//! The log has a line for every transition, and never a question, an answer or a secret.

use serde_json::Value;

use crate::asking::{Call, UNSPEAKABLE};
use crate::world;

/// Secrets of the lab's world, and marks and tokens of every question of this run.
fn unspeakable() -> Vec<String> {
    let mut words = UNSPEAKABLE.lock().unwrap().clone();
    words.extend(
        ["lab-bot-token", "lab-webhook-token", "that-opens-nothing-else"].map(ToOwned::to_owned),
    );
    words
}

/// Checks that a log holds no secret, no question, no answer, and no panic.
pub(crate) fn assert_clean(log: &str) {
    let mut words = unspeakable();
    words.extend(["scripted model", "\"panicked\"", "RuntimeError"].map(ToOwned::to_owned));
    for word in &words {
        let line = log.lines().find(|line| line.contains(word.as_str()));
        assert_eq!(line, None, "the log holds `{word}`");
    }
}

/// Returns what the Worker wrote in a line: wrangler adds its own words and colors around it.
pub(crate) fn written(line: &str) -> &str {
    let begin = line.find('{').unwrap_or(0);
    let end = line.rfind('}').map_or(0, |end| end + 1);
    line.get(begin..end).unwrap_or_default()
}

/// Returns the lines about a job, each of which has to be one JSON object.
fn lines_of(log: &str, job: &str) -> Vec<Value> {
    let lines = log.lines().filter(|line| line.contains(job));
    let read =
        |line| serde_json::from_str(written(line)).unwrap_or_else(|_| panic!("no JSON: {line}"));
    lines.map(read).collect()
}

fn events(log: &str, job: &str) -> Vec<String> {
    let lines = lines_of(log, job);
    lines
        .iter()
        .map(|line| format!("{} {}", line["level"], line["event"]).replace('"', ""))
        .collect()
}

#[test]
fn every_transition_of_a_job_is_one_line_of_json() {
    let world = world::shared();
    let good = world.ask("quietly").answered("Quiet.").send();
    let bad = world.ask("[error 5007]").send();
    let shaky = world.ask("quietly").answered("Quiet.");
    let shaky = shaky.breaking(Call::PostOfAnswer, 1, serde_json::json!({ "status": 500 })).send();
    good.answer();
    bad.error();
    shaky.answer();
    let log = world.stack().logs();
    assert_eq!(
        events(&log, &good.id),
        ["info job_started", "info round_ended", "info job_completed"]
    );
    assert_eq!(
        events(&log, &bad.id),
        ["info job_started", "warn model_failed", "error job_failed"]
    );
    assert_eq!(
        events(&log, &shaky.id),
        ["info job_started", "info round_ended", "warn step_failed", "info job_completed"]
    );
    let states: Vec<_> =
        lines_of(&log, &good.id).iter().filter_map(|line| line.get("status").cloned()).collect();
    assert_eq!(states, ["PROCESSING", "COMPLETED"]);
    assert_clean(&log);
}

#[test]
fn a_refused_request_is_one_line_without_what_was_sent() {
    let world = world::shared();
    let order = serde_json::json!({ "ask": "let me in a-refused-question", "signature": "00" });
    let refused = serde_json::json!({
        "event": "request_rejected",
        "level": "warn",
        "reason": "invalid request signature",
        "status": 401,
    });
    // Refusals have one line in ten seconds, and other tests are refused too.
    let log = world::until("the log line", || {
        world.deliver(&order);
        let log = world.stack().logs();
        let is_refusal =
            |line| serde_json::from_str(written(line)).is_ok_and(|line: Value| line == refused);
        log.lines().any(is_refusal).then_some(log)
    });
    assert!(!log.contains("a-refused-question"));
}
