//! A Workflow instance's own record, as miniflare keeps it, told as steps with their attempts.
//!
//! The record is a table of events, one row for each thing that happened; the numbers are those of
//! the engine (miniflare 4.2026, `workflows/binding.worker.js`). An unknown event is passed over, so
//! that a later engine shows less and not something wrong.

use serde_json::{Value, json};

/// An instance of which the record says so much.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Id of its job.
    pub job: String,
    /// Which generation of the job it is.
    pub generation: u64,
    /// What the page shows.
    pub shown: Value,
}

/// Reads a record; `None` while it does not say which job it is about.
pub fn read(record: &[Value]) -> Option<Instance> {
    let mut job = None;
    let mut status = "running";
    let mut steps: Vec<Value> = Vec::new();
    for row in record {
        let metadata = row.get("metadata").and_then(Value::as_str).unwrap_or_default();
        let metadata: Value = serde_json::from_str(metadata).unwrap_or_default();
        let at = row.get("at").cloned().unwrap_or_default();
        match row.get("event").and_then(Value::as_u64) {
            Some(0) => job = job.or_else(|| job_of(&metadata)),
            Some(2) => status = "complete",
            Some(3) => status = "errored",
            Some(4) => status = "terminated",
            Some(event) => {
                let target = row.get("target").and_then(Value::as_str).unwrap_or_default();
                take(&mut steps, event, target, &metadata, &at);
            }
            None => {}
        }
    }
    let (job, generation) = job?;
    let shown = json!({ "generation": generation, "status": status, "steps": steps });
    Some(Instance { job, generation, shown })
}

fn job_of(metadata: &Value) -> Option<(String, u64)> {
    let params = metadata.get("params")?;
    let id = params.get("id")?.as_str()?.to_owned();
    Some((id, params.get("generation").and_then(Value::as_u64).unwrap_or(1)))
}

/// Takes one event of a step or a sleep.
fn take(steps: &mut Vec<Value>, event: u64, target: &str, metadata: &Value, at: &Value) {
    if matches!(event, 5 | 8) {
        // The engine counts uses of a name; each name is used once here.
        let name = target.rsplit_once('-').map_or(target, |(name, _)| name);
        let status = if event == 8 { "waiting" } else { "running" };
        steps.push(json!({
            "name": name, "target": target, "status": status, "started_ms": at, "ended_ms": null,
            "attempts": [], "result": null,
        }));
        return;
    }
    let is_it = |step: &&mut Value| step.get("target").is_some_and(|known| known == target);
    let Some(step) = steps.iter_mut().rev().find(is_it).and_then(Value::as_object_mut) else {
        return;
    };
    let mut set = |name: &str, value: Value| drop(step.insert(name.to_owned(), value));
    match event {
        6 | 7 | 9 => {
            set("status", json!(if event == 7 { "failed" } else { "done" }));
            set("ended_ms", at.clone());
            set("result", metadata.get("result").cloned().unwrap_or_default());
        }
        10 => {
            let number = metadata.get("attempt").cloned().unwrap_or_default();
            set("status", json!("running"));
            let attempt = json!({ "number": number, "started_ms": at, "ended_ms": null });
            if let Some(attempts) = step.get_mut("attempts").and_then(Value::as_array_mut) {
                attempts.push(attempt);
            }
        }
        11 | 12 => {
            if event == 12 {
                set("status", json!("waiting"));
            }
            let attempts = step.get_mut("attempts").and_then(Value::as_array_mut);
            let last = attempts.and_then(|all| all.last_mut()).and_then(Value::as_object_mut);
            let Some(last) = last else { return };
            last.insert("ended_ms".to_owned(), at.clone());
            if event == 12 {
                last.insert("error".to_owned(), json!(error(metadata)));
                let wait = metadata.get("retryDelayMs").cloned().unwrap_or_default();
                last.insert("retry_in_ms".to_owned(), wait);
            }
        }
        _ => {}
    }
}

fn error(metadata: &Value) -> String {
    let error = metadata.get("error").unwrap_or(metadata);
    let message = error.get("message").and_then(Value::as_str);
    message.map_or_else(|| error.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(event: u64, target: &str, metadata: &Value, at: u64) -> Value {
        json!({ "event": event, "target": target, "metadata": metadata.to_string(), "at": at })
    }

    #[test]
    fn tells_steps_with_their_attempts() {
        let record = [
            row(0, "", &json!({ "params": { "id": "7", "generation": 2, "token": "secret" } }), 1),
            row(5, "think:1-1", &json!({ "config": {} }), 10),
            row(10, "think:1-1", &json!({ "attempt": 1 }), 10),
            row(
                12,
                "think:1-1",
                &json!({ "attempt": 1, "retryDelayMs": 1000, "error": { "name": "Error", "message": "model 3040" } }),
                14,
            ),
            row(10, "think:1-1", &json!({ "attempt": 2 }), 1014),
            row(11, "think:1-1", &json!({ "attempt": 2 }), 1020),
            row(6, "think:1-1", &json!({ "result": { "text": "Hi." } }), 1020),
            row(8, "confirm-wait-1", &json!({ "durationMs": 60000 }), 1021),
            row(99, "think:1-1", &json!({}), 1022),
        ];
        let instance = read(&record).unwrap();
        assert_eq!((instance.job.as_str(), instance.generation), ("7", 2));
        let expected = json!({ "generation": 2, "status": "running", "steps": [
            {
                "name": "think:1", "target": "think:1-1", "status": "done",
                "started_ms": 10, "ended_ms": 1020, "result": { "text": "Hi." },
                "attempts": [
                    { "number": 1, "started_ms": 10, "ended_ms": 14, "error": "model 3040", "retry_in_ms": 1000 },
                    { "number": 2, "started_ms": 1014, "ended_ms": 1020 },
                ],
            },
            {
                "name": "confirm-wait", "target": "confirm-wait-1", "status": "waiting",
                "started_ms": 1021, "ended_ms": null, "attempts": [], "result": null,
            },
        ] });
        assert_eq!(instance.shown, expected);
        assert!(!instance.shown.to_string().contains("secret"));
    }

    #[test]
    fn a_failed_step_and_an_ended_instance_say_so() {
        let record = [
            row(0, "", &json!({ "params": { "id": "7" } }), 1),
            row(5, "tell-1", &json!({}), 2),
            row(10, "tell-1", &json!({ "attempt": 1 }), 2),
            row(12, "tell-1", &json!({ "attempt": 1, "error": { "message": "no" } }), 3),
            row(7, "tell-1", &json!({}), 3),
            row(3, "", &json!({ "error": {} }), 4),
        ];
        let shown = read(&record).unwrap().shown;
        assert_eq!(shown["status"], "errored");
        assert_eq!(shown["steps"][0]["status"], "failed");
        assert_eq!(read(&record[1..]), None);
    }
}
