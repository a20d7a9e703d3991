//! The whole job, from the request to the end of its Workflow, counted and timed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::client::{self, Load};
use super::contender::Contender;
use super::host::Host;
use super::interaction::{self, Kind, Request};
use super::report::{Table, cell, number};
use super::{Effort, statistics};
use crate::http;
use crate::setup::Npm;

/// Longest wait for one job.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is counted, and how it is called in the table.
const COUNTS: [(&str, &str); 6] = [
    ("steps", "steps"),
    ("statements", "D1 statements"),
    ("rows_read", "D1 rows read"),
    ("rows_written", "D1 rows written"),
    ("subrequests", "requests to Discord"),
    ("model_calls", "calls of the model"),
];
/// A question that takes one call of the model, and one that asks for a tool.
const QUESTIONS: [(&str, &str); 2] = [
    ("plain", "What is the weather like in Kyoto today?"),
    ("with a tool", "What time is it in Tokyo?"),
];

/// What one job took.
#[derive(Debug, Clone, PartialEq)]
struct Taken {
    wall_ms: f64,
    counts: Vec<f64>,
}

/// Measures this Worker and the peer; the floor has no job.
///
/// # Errors
/// When a Worker does not start, or a job does not end.
pub fn measure(npm: &Npm, contenders: &[Contender; 3], effort: Effort) -> Result<Table> {
    let [ours, peer, _floor] = contenders;
    let hosts = [Host::start(npm, ours, "job.mjs")?, Host::start(npm, peer, "job.mjs")?];
    let mut rows = Vec::new();
    for (name, question) in QUESTIONS {
        let mut taken: [Vec<Taken>; 2] = Default::default();
        // The first jobs warm up.
        for round in 0..effort.jobs + 2 {
            for (host, taken) in hosts.iter().zip(&mut taken) {
                let one = job(host, question)?;
                if round >= 2 {
                    taken.push(one);
                }
            }
        }
        let mut row = |label: String, values: &dyn Fn(&Taken) -> f64| {
            let [ours, peer] = [0, 1].map(|index| {
                let taken: &[Taken] = taken.get(index).map_or(&[], Vec::as_slice);
                taken.iter().map(values).collect::<Vec<f64>>()
            });
            let ratio = number(statistics::ratio(&ours, &peer));
            rows.push(vec![label, cell(&ours), cell(&peer), ratio]);
        };
        row(format!("{name}: wall time, ms"), &|taken| taken.wall_ms);
        for (index, (_, label)) in COUNTS.iter().enumerate() {
            let count = |taken: &Taken| taken.counts.get(index).copied().unwrap_or(f64::NAN);
            row(format!("{name}: {label}"), &count);
        }
    }
    let note = "On Miniflare's D1 and Workflow engine; Discord and the model answer at once, inside \
                the isolate. Wall time is from the request to the end of the Workflow, and nearly \
                all of it is the local engine's.";
    Ok(Table {
        title: "The whole job".to_owned(),
        note: note.to_owned(),
        head: ["", "Miyabi", "peer", "Miyabi / peer"].map(ToOwned::to_owned).to_vec(),
        rows,
    })
}

fn job(host: &Host, question: &str) -> Result<Taken> {
    let requests = interaction::requests(Kind::Ask, 1, question)?;
    let Some(Request { id, .. }) = requests.first() else { bail!("one request was asked for") };
    let before = counts(host)?;
    let sent = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
    let load = Load { connections: 1, length: PATIENCE, requests: 1 };
    client::round(host.address, Kind::Ask, &requests, load)?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let now = counts(host)?;
        let Some(ended) = now.get("finished").and_then(|all| all.get(id)).and_then(Value::as_f64)
        else {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        // What is beside the reply may end after the job.
        std::thread::sleep(Duration::from_millis(30));
        let (after, of) = (counts(host)?, |counts: &Value, name: &str| {
            counts.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
        });
        let counts = COUNTS.iter().map(|(name, _)| of(&after, name) - of(&before, name)).collect();
        return Ok(Taken { wall_ms: ended - sent, counts });
    }
    bail!("a job did not end in {} s", PATIENCE.as_secs())
}

fn counts(host: &Host) -> Result<Value> {
    http::get(&host.url("/bench/counts"))?.json().context("no counts")
}
