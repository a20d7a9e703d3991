//! The command line: run many seeds, or show one.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool prints")]

use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use simulator::database::Database;
use simulator::plant::Plant;
use simulator::record::{Counts, Violation};
use simulator::search::Search;
use simulator::{Options, run};

const USAGE: &str = "simulator [--seeds N] [--from S] [--threads T] [--plant NAME] [--keep-going]
simulator --seed S [--plant NAME]

Runs the program in a simulated world.
  --seeds N     so many seeds (default 100000)
  --from S      beginning with this one (default 0)
  --threads T   on so many threads (default 2)
  --keep-going  all seeds, whatever fails
  --seed S      only this one, with its trace
  --plant NAME  with a planted bug; docs/design/simulation.md lists them";
/// Failing seeds that are shown.
const MOST_SHOWN: usize = 20;

#[derive(Debug, Clone, Copy)]
enum Command {
    Help,
    Show(u64, Option<Plant>),
    Search(Search),
}

fn main() -> ExitCode {
    match parse() {
        Ok(Command::Help) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::Show(seed, plant)) => show(seed, plant),
        Ok(Command::Search(search)) => run_all(search),
        Err(error) => {
            eprintln!("error: {error}\nhint: simulator --help");
            ExitCode::from(2)
        }
    }
}

fn parse() -> Result<Command, lexopt::Error> {
    let mut search =
        Search { from: 0, seeds: 100_000, threads: 2, plant: None, keeps_going: false };
    let mut only = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seeds") => search.seeds = parser.value()?.parse()?,
            Long("from") => search.from = parser.value()?.parse()?,
            Long("threads") => search.threads = parser.value()?.parse()?,
            Long("seed") => only = Some(parser.value()?.parse()?),
            Long("keep-going") => search.keeps_going = true,
            Long("plant") => search.plant = Some(plant(&parser.value()?.string()?)?),
            Long("help") | Short('h') => return Ok(Command::Help),
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(only.map_or(Command::Search(search), |seed| Command::Show(seed, search.plant)))
}

fn plant(name: &str) -> Result<Plant, String> {
    let known: Vec<&str> = Plant::ALL.iter().map(|(_, name, _)| *name).collect();
    Plant::parse(name).ok_or_else(|| format!("`{name}` is none of {}", known.join(", ")))
}

/// Runs one seed and shows everything.
fn show(seed: u64, plant: Option<Plant>) -> ExitCode {
    let options = Options { plant, keeps_lines: true };
    let outcome = Database::open().map(Rc::new).and_then(|database| run(seed, options, &database));
    match outcome {
        Ok(outcome) => {
            for line in &outcome.lines {
                println!("{line}");
            }
            println!("hash {:016x}", outcome.hash);
            report(seed, &outcome.violations);
            exit_code(outcome.violations.is_empty())
        }
        Err(error) => failed(&error),
    }
}

/// Runs many seeds and shows what failed.
fn run_all(search: Search) -> ExitCode {
    let begin = Instant::now();
    let report = match search.run() {
        Ok(report) => report,
        Err(error) => return failed(&error),
    };
    for (seed, violations) in report.failures.iter().take(MOST_SHOWN) {
        self::report(*seed, violations);
    }
    let events: Vec<String> =
        report.events.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("{}", summary(&report.counts));
    println!("log lines: {}", events.join(", "));
    for (invariant, seeds) in report.by_invariant() {
        println!("{invariant:?}: {} seeds, first {}", seeds.len(), seeds.first().unwrap_or(&0));
    }
    let took_s = begin.elapsed().as_secs_f64();
    println!("{} seeds in {took_s:.1} s, {} failed", report.done, report.failures.len());
    if let Some((seed, _)) = report.failures.first() {
        println!("replay: cargo xtask simulate --seed {seed}");
    }
    exit_code(report.failures.is_empty())
}

fn report(seed: u64, violations: &[Violation]) {
    for violation in violations {
        println!("seed {seed}: {:?}: {}", violation.invariant, violation.what);
    }
}

fn failed(error: &dyn core::error::Error) -> ExitCode {
    eprintln!("error: the simulation's own database: {error}");
    ExitCode::FAILURE
}

fn exit_code(is_well: bool) -> ExitCode {
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn summary(counts: &Counts) -> String {
    format!(
        "{} questions, {} accepted: {} answered, {} told, {} excused; {} messages doubled with an \
         excuse; {} calls, {} crashes, {} faults, {} more generations",
        counts.asked,
        counts.accepted,
        counts.answered,
        counts.told,
        counts.excused,
        counts.doubled,
        counts.effects,
        counts.crashes,
        counts.faults,
        counts.revived
    )
}
