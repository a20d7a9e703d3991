//! The command line: run many seeds, or show one.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool prints")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use simulator::database::Database;
use simulator::plant::Plant;
use simulator::record::{Counts, Invariant, Violation};
use simulator::{Options, Outcome, run};

const USAGE: &str = "simulator [--seeds N] [--from S] [--threads T] [--plant NAME] [--keep-going]
simulator --seed S [--plant NAME]

Runs the program in a simulated world.
  --seeds N     so many seeds (default 100000)
  --from S      beginning with this one (default 0)
  --threads T   on so many threads (default 2)
  --keep-going  all seeds, whatever fails
  --seed S      only this one, with its trace
  --plant NAME  with a planted bug; `--plant list` names them";
/// Failing seeds that are shown.
const MOST_SHOWN: usize = 20;

#[derive(Debug, Clone, Copy)]
struct Arguments {
    seeds: u64,
    from: u64,
    threads: u64,
    only: Option<u64>,
    plant: Option<Plant>,
    keeps_going: bool,
}

fn main() -> ExitCode {
    match parse() {
        Ok(Some(arguments)) => match arguments.only {
            Some(seed) => show(seed, arguments.plant),
            None => search(arguments),
        },
        Ok(None) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}\nhint: simulator --help");
            ExitCode::from(2)
        }
    }
}

fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    let mut arguments = Arguments {
        seeds: 100_000,
        from: 0,
        threads: 2,
        only: None,
        plant: None,
        keeps_going: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seeds") => arguments.seeds = parser.value()?.parse()?,
            Long("from") => arguments.from = parser.value()?.parse()?,
            Long("threads") => arguments.threads = parser.value()?.parse()?,
            Long("seed") => arguments.only = Some(parser.value()?.parse()?),
            Long("keep-going") => arguments.keeps_going = true,
            Long("plant") => {
                let name = parser.value()?.string()?;
                let known: Vec<&str> = Plant::ALL.iter().map(|(_, name, _)| *name).collect();
                let plant = Plant::parse(&name);
                arguments.plant =
                    Some(plant.ok_or_else(|| format!("plants are {}", known.join(", ")))?);
            }
            Long("help") | Short('h') => return Ok(None),
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Some(arguments))
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
            if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("error: the simulation's own database: {why}");
    ExitCode::FAILURE
}

fn report(seed: u64, violations: &[Violation]) {
    for violation in violations {
        println!("seed {seed}: {:?}: {}", violation.invariant, violation.what);
    }
}

/// What all threads share.
#[derive(Debug, Default)]
struct Found {
    counts: Mutex<Counts>,
    events: Mutex<BTreeMap<String, u64>>,
    failures: Mutex<Vec<(u64, Vec<Violation>)>>,
    done: AtomicU64,
    stops: AtomicBool,
}

/// Runs many seeds.
fn search(arguments: Arguments) -> ExitCode {
    let found = Found::default();
    let begin = std::time::Instant::now();
    let broken = thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.threads.max(1))
            .map(|thread| {
                let found = &found;
                scope.spawn(move || work(arguments, thread, found))
            })
            .collect();
        let mut results = threads.into_iter().map(thread::ScopedJoinHandle::join);
        results.find_map(|result| result.ok().and_then(Result::err))
    });
    if let Some(error) = broken {
        return failed(&error.to_string());
    }
    let mut failures = found.failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by_key(|(seed, _)| *seed);
    for (seed, violations) in failures.iter().take(MOST_SHOWN) {
        report(*seed, violations);
    }
    let counts = found.counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let done = found.done.into_inner();
    let took_s = begin.elapsed().as_secs_f64();
    println!("{}", summary(&counts));
    let events = found.events.into_inner().unwrap_or_else(PoisonError::into_inner);
    let events: Vec<String> =
        events.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("log lines: {}", events.join(", "));
    for (invariant, seeds) in by_invariant(&failures) {
        println!("{invariant:?}: {} seeds, first {}", seeds.len(), seeds.first().unwrap_or(&0));
    }
    println!("{done} seeds in {took_s:.1} s, {} failed", failures.len());
    if let Some((seed, _)) = failures.first() {
        println!("replay: cargo xtask simulate --seed {seed}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn work(arguments: Arguments, thread: u64, found: &Found) -> rusqlite::Result<()> {
    let mut database = Rc::new(Database::open()?);
    let options = Options { plant: arguments.plant, keeps_lines: false };
    let (mut counts, mut events) = (Counts::default(), BTreeMap::<String, u64>::new());
    let mut seed = arguments.from + thread;
    while seed < arguments.from + arguments.seeds && !found.stops.load(Ordering::Relaxed) {
        let outcome = match catch_unwind(AssertUnwindSafe(|| run(seed, options, &database))) {
            Ok(outcome) => outcome?,
            Err(_panic) => {
                // Its message is on standard error; what it left behind is not used again.
                database = Rc::new(Database::open()?);
                panicked()
            }
        };
        counts.add(&outcome.counts);
        for (name, count) in outcome.events {
            *events.entry(name).or_default() += count;
        }
        found.done.fetch_add(1, Ordering::Relaxed);
        if !outcome.violations.is_empty() {
            let mut failures = found.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.push((seed, outcome.violations));
            found.stops.store(!arguments.keeps_going, Ordering::Relaxed);
        }
        seed += arguments.threads.max(1);
    }
    found.counts.lock().unwrap_or_else(PoisonError::into_inner).add(&counts);
    let mut all = found.events.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, count) in events {
        *all.entry(name).or_default() += count;
    }
    Ok(())
}

/// Returns the seeds that broke each invariant.
fn by_invariant(failures: &[(u64, Vec<Violation>)]) -> BTreeMap<Invariant, Vec<u64>> {
    let mut seeds: BTreeMap<Invariant, Vec<u64>> = BTreeMap::new();
    for (seed, violations) in failures {
        for violation in violations {
            let broken = seeds.entry(violation.invariant).or_default();
            if broken.last() != Some(seed) {
                broken.push(*seed);
            }
        }
    }
    seeds
}

/// Returns the outcome of a seed in which something panicked: a bug, whose ever.
fn panicked() -> Outcome {
    let what = "something panicked".to_owned();
    let violations = vec![Violation { invariant: Invariant::Sane, what }];
    Outcome { violations, ..Outcome::default() }
}

fn summary(counts: &Counts) -> String {
    format!(
        "{} questions, {} accepted: {} answered, {} told, {} excused; {} messages doubled with an \
         excuse; {} calls, {} crashes, {} faults, {} more lives",
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
