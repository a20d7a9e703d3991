//! Tells the lab what it cannot see: the jobs' rows, the records of their Workflows, and the log.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{ChildStdout, Stdio};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::instance;
use crate::process::{self, Child};
use crate::{http, stack::Stack};

const SCRIPT: &str = include_str!("observe.cjs");

/// Looks and tells until it is dropped.
#[derive(Debug)]
pub struct Observer {
    _child: Child,
}

impl Observer {
    /// Starts to look at a stack, and to tell its lab.
    ///
    /// # Errors
    /// When Node cannot be started.
    pub fn start(stack: &Stack) -> Result<Self> {
        let mut command = process::guarded(&stack.npm().node_path());
        command.args(["--no-warnings", "-e", SCRIPT]).arg(stack.folder());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = process::spawn(&mut command)?;
        let stdout = child.stdout().context("node has no standard output")?;
        let url = format!("{}/lab/jobs", stack.lab_url());
        // Ends with its child.
        std::thread::spawn(move || tell(stdout, &url));
        Ok(Self { _child: child })
    }
}

fn tell(stdout: ChildStdout, url: &str) {
    let mut generations = Generations::default();
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let news = serde_json::from_str(&line).ok().and_then(|seen| generations.news(&seen));
        if let Some(news) = news {
            // The lab is away while the stack ends.
            drop(http::post(url, &json!([news])));
        }
    }
}

/// What is known of the jobs' instances.
#[derive(Debug, Default)]
struct Generations(BTreeMap<String, BTreeMap<u64, Value>>);

impl Generations {
    /// Turns what was seen into what the lab is told.
    fn news(&mut self, seen: &Value) -> Option<Value> {
        if let Some(row) = seen.get("row") {
            return Some(json!({ "id": row.get("id")?, "row": row }));
        }
        if let Some(event) = seen.get("event") {
            return Some(json!({ "id": event.get("job")?, "events": [event] }));
        }
        let instance = instance::read(seen.get("record")?.as_array()?)?;
        let generations = self.0.entry(instance.job.clone()).or_default();
        generations.insert(instance.generation, instance.shown);
        Some(json!({ "id": instance.job, "instances": generations.values().collect::<Vec<_>>() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(generation: u64) -> Value {
        let metadata = json!({ "params": { "id": "7", "generation": generation } }).to_string();
        json!({ "record": [{ "event": 0, "target": null, "metadata": metadata, "at": 1 }] })
    }

    #[test]
    fn tells_rows_lines_and_all_generations_of_a_job() {
        let mut generations = Generations::default();
        let row = generations.news(&json!({ "row": { "id": "7", "status": "PENDING" } }));
        assert_eq!(row, Some(json!({ "id": "7", "row": { "id": "7", "status": "PENDING" } })));
        let event = json!({ "event": "job_started", "job": "7" });
        let told = generations.news(&json!({ "event": event }));
        assert_eq!(told, Some(json!({ "id": "7", "events": [event] })));
        assert_eq!(generations.news(&json!({ "event": { "event": "forgotten" } })), None);
        generations.news(&record(1));
        let both = generations.news(&record(2)).unwrap();
        assert_eq!(both["instances"][0]["generation"], 1);
        assert_eq!(both["instances"][1]["generation"], 2);
    }
}
