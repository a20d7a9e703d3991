//! The command line, which runs many seeds or shows one.

#![expect(clippy::disallowed_methods, reason = "only the time of the whole search is real")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool prints")]

use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use clap::Parser;
use simulator::base::plant::Plant;
use simulator::base::record::{Counts, Violation};
use simulator::search::Search;
use simulator::services::database::Database;
use simulator::{Options, run};

/// Failing seeds that are shown.
const MAX_SHOWN: usize = 20;

/// Runs the program in a simulated world.
#[derive(Debug, Parser)]
#[command(name = "simulator", args_override_self = true)]
struct Arguments {
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "S", default_value_t = 0)]
    from: u64,
    /// On how many threads
    #[arg(long, value_name = "T", default_value_t = 2)]
    threads: u64,
    /// Run all seeds, whatever fails
    #[arg(long)]
    keep_going: bool,
    /// Run only this seed, and show its trace
    #[arg(long, value_name = "S", conflicts_with_all = ["seeds", "from", "threads", "keep_going"])]
    seed: Option<u64>,
    /// Plant a bug; docs/design/simulation.md lists them
    #[arg(long, value_name = "NAME", value_parser = plant)]
    plant: Option<Plant>,
}

fn main() -> ExitCode {
    let Arguments { seeds, from, threads, keep_going: keeps_going, seed, plant } =
        Arguments::parse();
    match seed {
        Some(seed) => show(seed, plant),
        None => run_all(Search { from, seeds, threads, plant, keeps_going }),
    }
}

fn plant(name: &str) -> Result<Plant, String> {
    let known: Vec<&str> = Plant::ALL.iter().map(|(_, name, _)| *name).collect();
    Plant::parse(name).ok_or_else(|| format!("it is none of {}", known.join(", ")))
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
    for (seed, violations) in report.failures.iter().take(MAX_SHOWN) {
        self::report(*seed, violations);
    }
    let events: Vec<String> =
        report.events.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("{}", summary(&report.counts));
    println!("log lines: {}", events.join(", "));
    let struck: Vec<String> =
        report.struck.iter().map(|(what, count)| format!("{what} {count}")).collect();
    println!("struck: {}", struck.join(", "));
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
        "{} questions, {} of them on messengers, {} accepted: {} answered, {} told, {} allowed to be neither; {} + {} messages \
         doubled by an allowed exception; {} people deleted; {} calls, {} crashes, {} faults, {} more generations",
        counts.asked,
        counts.plain,
        counts.accepted,
        counts.answered,
        counts.told,
        counts.excepted,
        counts.doubled,
        counts.plain_doubled,
        counts.erased,
        counts.effects,
        counts.crashes,
        counts.faults,
        counts.revived
    )
}
