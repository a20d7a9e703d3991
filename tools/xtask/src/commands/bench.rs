//! `cargo xtask bench`: this Worker beside the same bot in TypeScript (`tools/bench/peer`) and the least
//! JavaScript that does the work (`tools/bench/floor`), in one run, in real workerd.
//!
//! A client in this process asks over loopback; every request is signed before it is sent, and every
//! answer is checked. All is bounded in time. The whole run writes `docs/design/performance.md`.

pub mod ack;
pub mod client;
pub mod contender;
pub mod host;
pub mod interaction;
pub mod job;
pub mod report;
pub mod start;
pub mod statistics;
pub mod system;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::document;
use crate::project;
use crate::setup::{Npm, say};
use contender::Contender;
use report::Table;

const DOCUMENT: &str = "docs/design/performance.md";
/// How far away bindings are in the second setting, in milliseconds.
const FAR_MS: u32 = 20;

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Fewer and shorter rounds.
    pub is_quick: bool,
    /// One part; without it all.
    pub only: Option<Part>,
}

/// One part of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The way to the reply.
    Ack,
    /// The whole job.
    Job,
    /// Start and memory.
    Start,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds of each measure, besides one that warms up.
    pub rounds: usize,
    /// Length of a round.
    pub round: Duration,
    /// Starts of each process.
    pub starts: usize,
    /// Jobs of each kind.
    pub jobs: usize,
    /// Whether memory is watched over a hundred thousand requests.
    pub is_long: bool,
}

const WHOLE: Effort =
    Effort { rounds: 12, round: Duration::from_millis(500), starts: 11, jobs: 11, is_long: true };
const QUICK: Effort =
    Effort { rounds: 4, round: Duration::from_millis(300), starts: 3, jobs: 3, is_long: false };

impl Part {
    /// All parts, by their names on the command line.
    pub const ALL: [(&'static str, Self); 3] =
        [("ack", Self::Ack), ("job", Self::Job), ("start", Self::Start)];
}

/// Measures, prints the tables, and writes them down if it was the whole.
///
/// # Errors
/// When a build fails, a Worker does not start, or one answers wrongly.
pub fn run(options: Options) -> Result<()> {
    let npm = Npm::install()?;
    let effort = if options.is_quick { QUICK } else { WHOLE };
    let begun = Instant::now();
    let contenders = contender::all(&npm)?;
    let tables = measure(&npm, &contenders, effort, options.only)?;
    let tables: Vec<String> = tables.iter().map(Table::to_markdown).collect();
    let text = format!("{}\n{}", circumstances(effort)?, tables.join("\n"));
    println!("{text}");
    say(&format!("measured in {:.0} s", begun.elapsed().as_secs_f64()));
    if options == Options::default() {
        write(&text)?;
    }
    Ok(())
}

fn measure(
    npm: &Npm,
    contenders: &[Contender; 3],
    effort: Effort,
    only: Option<Part>,
) -> Result<Vec<Table>> {
    let wants = |part: Part| only.is_none_or(|only| only == part);
    let mut tables = Vec::new();
    let mut add = |name: &str, table: Result<Table>| -> Result<()> {
        tables.push(table.with_context(|| name.to_owned())?);
        Ok(())
    };
    if wants(Part::Ack) {
        say("bindings at once …");
        add("bindings at once", ack::with_stubs(npm, contenders, 0, effort))?;
        say("bindings far away …");
        add("bindings far away", ack::with_stubs(npm, contenders, FAR_MS, effort))?;
        say("the local D1 …");
        add("the local D1", ack::on_local_d1(npm, contenders, effort))?;
    }
    if wants(Part::Job) {
        say("the whole job …");
        add("the whole job", job::measure(npm, contenders, effort))?;
    }
    if wants(Part::Start) {
        say("start and memory …");
        add("start", start::first_answer(npm, contenders, effort))?;
        add("memory", start::memory(npm, contenders, effort))?;
    }
    Ok(tables)
}

/// Machine, versions, date and rounds.
fn circumstances(effort: Effort) -> Result<String> {
    let version = |lock: &str, name: &str| -> Result<String> {
        let lock: Value = serde_json::from_str(&project::read(lock)?)?;
        let package = lock.get("packages").and_then(|all| all.get(format!("node_modules/{name}")));
        let version = package.and_then(|package| package.get("version")).and_then(Value::as_str);
        version.map(|version| format!("{name} {version}")).with_context(|| name.to_owned())
    };
    let mut versions = vec![version("package-lock.json", "workerd")?];
    for name in ["discord-hono", "hono", "@cloudflare/ai-utils"] {
        versions.push(version("tools/bench/peer/package-lock.json", name)?);
    }
    Ok(format!(
        "{}.\n{}.\n{} rounds of {} ms for each measure.\n",
        system::machine(),
        versions.join(", "),
        effort.rounds,
        effort.round.as_millis(),
    ))
}

fn write(text: &str) -> Result<()> {
    document::write_part(DOCUMENT, "bench", text)
}
