//! `cargo xtask bench` compares this Worker with the same bot in TypeScript (`tools/bench/peer`), in
//! one run, in real workerd, and writes the table of `docs/design/performance.md`.
//!
//! Both run at once, each in a process of its own, and take turns of a fraction of a second in
//! changing order, so that whatever else the machine does falls on both. A client in this process
//! sends signed requests over loopback and checks every answer.

pub mod chat;
pub mod client;
pub mod contender;
pub mod interaction;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::setup::{Npm, say};
use crate::{document, http, project};
use client::Round;
use contender::{Contender, Running};
use interaction::Kind;

const DOCUMENT: &str = "docs/design/performance.md";
/// How far away bindings are in the second setting, in milliseconds.
const FAR_MS: u32 = 20;
/// Connections at once, to measure throughput.
const MANY: usize = 16;
/// Requests that are signed before each round.
const SIGNED: u64 = 1000;
/// Longest wait for one job.
const TIMEOUT: Duration = Duration::from_secs(20);
/// What is counted of a job, by its name in `tools/bench/job.mjs` and in the table.
const COUNTS: [(&str, &str); 6] = [
    ("model_calls", "calls of the model"),
    ("steps", "steps"),
    ("statements", "D1 statements"),
    ("rows_read", "D1 rows read"),
    ("rows_written", "D1 rows written"),
    ("requests", "requests to Discord"),
];

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::Args)]
pub struct Options {
    /// Fewer and shorter rounds; writes nothing
    #[arg(long = "quick")]
    pub is_quick: bool,
    /// One part; writes nothing, but for the chat's table
    #[arg(long)]
    pub only: Option<Part>,
}

/// One part of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The way to the reply
    Ack,
    /// A whole job, to the answer that people see
    Job,
    /// The start of a process
    Start,
    /// A conversation over HTTP and on a socket
    Chat,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Rounds of each measure, starts of each process, and jobs.
    rounds: usize,
    /// Length of a round.
    length: Duration,
}

const WHOLE: Effort = Effort { rounds: 12, length: Duration::from_millis(500) };
const QUICK: Effort = Effort { rounds: 4, length: Duration::from_millis(300) };

/// A measure of both Workers: ours, then the peer's.
#[derive(Debug)]
struct Row {
    name: String,
    values: [Vec<f64>; 2],
}

/// Measures, prints the table, and writes it into the document if it was the whole.
///
/// # Errors
/// When a build fails, a Worker does not start, or one answers wrongly.
pub fn run(options: Options) -> Result<()> {
    if options.only != Some(Part::Chat) {
        way(options)?;
    }
    if options.only.is_none_or(|only| only == Part::Chat) {
        let text = chat::run(options.is_quick)?;
        println!("{text}");
        if !options.is_quick {
            document::write_part(DOCUMENT, "bench-chat", &text)?;
        }
    }
    Ok(())
}

/// Measures the way of a question from Discord.
fn way(options: Options) -> Result<()> {
    let npm = Npm::install()?;
    let effort = if options.is_quick { QUICK } else { WHOLE };
    let both = [contender::ours()?, contender::peer(&npm)?];
    let wants = |part: Part| options.only.is_none_or(|only| only == part);
    let begun = Instant::now();
    let mut rows = Vec::new();
    if wants(Part::Ack) {
        say("the way to the reply …");
        rows.extend(ack(&npm, &both, 0, effort)?);
        rows.extend(ack(&npm, &both, FAR_MS, effort)?);
    }
    if wants(Part::Start) {
        say("starts …");
        rows.push(starts(&npm, &both, effort)?);
    }
    if wants(Part::Job) {
        say("whole jobs …");
        rows.extend(jobs(&npm, &both, effort)?);
    }
    let text = format!("{}\n{}", circumstances(effort)?, table(&rows));
    println!("{text}");
    say(&format!("measured in {:.0} s", begun.elapsed().as_secs_f64()));
    if options == Options::default() {
        document::write_part(DOCUMENT, "bench", &text)?;
    }
    Ok(())
}

/// Measures the way to the reply, with stubs for the bindings, `delay_ms` away.
fn ack(npm: &Npm, both: &[Contender; 2], delay_ms: u32, effort: Effort) -> Result<Vec<Row>> {
    let [ours, peer] = both;
    let running = [ours.start(npm, delay_ms)?, peer.start(npm, delay_ms)?];
    let kinds = if delay_ms == 0 { &Kind::ALL[..] } else { &[Kind::Ask] };
    let place =
        if delay_ms == 0 { String::new() } else { format!(", bindings {delay_ms} ms away") };
    let mut rows = Vec::new();
    for kind in kinds {
        let [mut processor, mut throughput, mut wait]: [[Vec<f64>; 2]; 3] = Default::default();
        let mut sums = [(0.0, 0.0); 2];
        // The first round warms up.
        for number in 0..=effort.rounds {
            let requests = interaction::requests(*kind, SIGNED)?;
            for turn in [number % 2, 1 - number % 2] {
                let Some(worker) = running.get(turn) else { continue };
                let round = |connections| {
                    client::round(worker.address, *kind, &requests, connections, effort.length)
                };
                let before = client::processor_s(worker.child.id()).unwrap_or(f64::NAN);
                let many: Round = round(MANY)?;
                let after = client::processor_s(worker.child.id()).unwrap_or(f64::NAN);
                let one = round(1)?;
                if number > 0 {
                    push(&mut throughput, turn, many.per_second);
                    push(&mut wait, turn, one.p50_ms);
                    if let Some((computed, answered)) = sums.get_mut(turn) {
                        *computed += (after - before) * 1e6;
                        *answered += many.answered;
                    }
                }
            }
        }
        for (turn, (computed, answered)) in sums.into_iter().enumerate() {
            push(&mut processor, turn, computed / answered);
        }
        for (what, values) in [
            ("µs of the processor", processor),
            ("per second, 16 at once", throughput),
            ("ms to the reply, one at a time", wait),
        ] {
            rows.push(Row { name: format!("{}{place}: {what}", kind.name()), values });
        }
    }
    Ok(rows)
}

/// Measures from the start of workerd's process to the right answer to a PING.
fn starts(npm: &Npm, both: &[Contender; 2], effort: Effort) -> Result<Row> {
    let mut values: [Vec<f64>; 2] = Default::default();
    // The first round brings the program into the system's cache.
    for number in 0..=effort.rounds {
        for (turn, contender) in both.iter().enumerate() {
            let started_in = contender.start(npm, 0)?.started_in;
            if number > 0 {
                push(&mut values, turn, started_in.as_secs_f64() * 1000.0);
            }
        }
    }
    Ok(Row { name: "start: ms to the first answer".to_owned(), values })
}

/// Measures whole jobs on the local D1 and Workflow engine, with Discord 60 ms away.
fn jobs(npm: &Npm, both: &[Contender; 2], effort: Effort) -> Result<Vec<Row>> {
    let [ours, peer] = both;
    let running = [ours.host(npm)?, peer.host(npm)?];
    let mut all = Vec::new();
    for (kind, name) in [(Kind::Ask, "job"), (Kind::LookUp, "job with a tool")] {
        let mut rows: Vec<Row> =
            ["ms from the question to the visible answer", "the same without the model's own ms"]
                .into_iter()
                .chain(COUNTS.map(|(_, name)| name))
                .map(|what| Row { name: format!("{name}: {what}"), values: Default::default() })
                .collect();
        for number in 0..effort.rounds + 2 {
            for turn in [number % 2, 1 - number % 2] {
                let Some(worker) = running.get(turn) else { continue };
                let taken = job(worker, kind)?;
                // The first jobs warm up.
                if number >= 2 {
                    for (row, value) in rows.iter_mut().zip(taken) {
                        push(&mut row.values, turn, value);
                    }
                }
            }
        }
        all.extend(rows);
    }
    Ok(all)
}

/// Asks once, and returns the time to the visible answer, the same without the model's own time, and what
/// is in [`COUNTS`].
fn job(worker: &Running, kind: Kind) -> Result<Vec<f64>> {
    let url = format!("http://{}/bench/counts", worker.address);
    let counts = || -> Result<Value> { http::get(&url)?.json() };
    let requests = interaction::requests(kind, 1)?;
    let request = requests.first().context("no request was made")?;
    let before = counts()?;
    let sent_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
    client::once(worker.address, kind, request)?;
    let deadline = Instant::now() + TIMEOUT;
    while Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
        let finished = counts()?;
        if finished.get("finished").and_then(|all| all.get(&request.id)).is_some() {
            // Work in `wait_until` may end after the job.
            std::thread::sleep(Duration::from_millis(50));
            let after = counts()?;
            let of = |counts: &Value, name: &str| {
                counts.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
            };
            let counted = COUNTS.iter().map(|(name, _)| of(&after, name) - of(&before, name));
            let model_ms = of(&after, "model_ms") - of(&before, "model_ms");
            let visible_ms = of(&after, "visible") - sent_ms;
            return Ok([visible_ms, visible_ms - model_ms].into_iter().chain(counted).collect());
        }
    }
    bail!("a job did not end in {} s", TIMEOUT.as_secs())
}

fn push(values: &mut [Vec<f64>; 2], turn: usize, value: f64) {
    values.get_mut(turn).into_iter().for_each(|values| values.push(value));
}

/// Returns the version that a lock has of a package, after its name.
fn version(lock: &str, name: &str) -> Result<String> {
    let lock: Value = serde_json::from_str(&project::read(lock)?)?;
    let package = lock.get("packages").and_then(|all| all.get(format!("node_modules/{name}")));
    let version = package.and_then(|package| package.get("version")).and_then(Value::as_str);
    version.map(|version| format!("{name} {version}")).with_context(|| name.to_owned())
}

/// Returns the processor, what shares it, and the day.
fn machine(shared_by: &str) -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d");
    format!("{model}, {cores} cores for {shared_by}; {day}")
}

/// Returns machine, day, versions and rounds.
fn circumstances(effort: Effort) -> Result<String> {
    let mut versions = vec![version("package-lock.json", "workerd")?];
    for name in ["discord-hono", "hono", "@cloudflare/ai-utils"] {
        versions.push(version("tools/bench/peer/package-lock.json", name)?);
    }
    Ok(format!(
        "{}.\n{}.\n{} rounds of {} ms; median (minimum to maximum).\n",
        machine("both Workers and the client"),
        versions.join(", "),
        effort.rounds,
        effort.length.as_millis(),
    ))
}

fn table(rows: &[Row]) -> String {
    let mut lines =
        ["| | Miyabi | peer | Miyabi / peer |", "| --- | ---: | ---: | ---: |"].join("\n");
    for Row { name, values: [ours, peer] } in rows {
        // What slows the machine for a while slows both, so rounds are compared in pairs.
        let ratios: Vec<f64> = ours.iter().zip(peer).map(|(ours, peer)| ours / peer).collect();
        let cells = [name.clone(), cell(ours), cell(peer), number(median(&ratios))];
        lines.extend(["\n| ", &cells.join(" | "), " |"]);
    }
    lines + "\n"
}

/// Returns median and range, or one number where they are the same.
fn cell(values: &[f64]) -> String {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let [low, middle, high] = [low, median(values), high].map(number);
    if low == high { middle } else { format!("{middle} ({low} to {high})") }
}

/// Returns a number with three significant digits, or as a whole one.
fn number(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => "–".to_owned(),
        size if size >= 100.0 || size.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Returns the median; not a number if there are no values.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        at(middle)
    } else {
        f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_compared_in_pairs() {
        // Twice as slow a machine in the second round changes nothing.
        let values = [vec![110.0, 55.0, 110.0], vec![100.0, 50.0, 100.0]];
        let rows = [Row { name: "a".to_owned(), values }];
        let expected = "| | Miyabi | peer | Miyabi / peer |\n| --- | ---: | ---: | ---: |\n\
                        | a | 110 (55 to 110) | 100 (50 to 100) | 1.10 |\n";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!(cell(&[1234.5, 12.34, 0.1234]), "12.3 (0.12 to 1234)");
        assert_eq!((cell(&[]), cell(&[8.0, 8.0])), ("–".to_owned(), "8".to_owned()));
        assert_eq!((number(f64::NAN), number(1.5)), ("–".to_owned(), "1.50".to_owned()));
        assert!((median(&[4.0, 1.0]) - 2.5).abs() < 1e-9 && median(&[]).is_nan());
    }
}
