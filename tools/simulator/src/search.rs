//! Runs many seeds on several threads and collects what failed.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::base::plant::Plant;
use crate::base::record::{Counts, Invariant, Violation};
use crate::services::database::Database;
use crate::{Options, Outcome, run};

/// Which seeds are run, and how.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// First seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// On how many threads.
    pub threads: u64,
    /// Bug to plant.
    pub plant: Option<Plant>,
    /// Whether to go on after a seed that failed.
    pub keeps_going: bool,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct Report {
    /// Seeds that were run.
    pub done: u64,
    /// Numbers.
    pub counts: Counts,
    /// How often each log line was written, by its name.
    pub events: BTreeMap<String, u64>,
    /// How often each fault of those that have to come everywhere came somewhere.
    pub struck: BTreeMap<String, u64>,
    /// Seeds that failed, with what broke, in order.
    pub failures: Vec<(u64, Vec<Violation>)>,
}

impl Report {
    /// Returns the seeds that broke each invariant.
    pub fn by_invariant(&self) -> BTreeMap<Invariant, Vec<u64>> {
        let mut seeds: BTreeMap<Invariant, Vec<u64>> = BTreeMap::new();
        for (seed, violations) in &self.failures {
            for violation in violations {
                let broken = seeds.entry(violation.invariant).or_default();
                if broken.last() != Some(seed) {
                    broken.push(*seed);
                }
            }
        }
        seeds
    }
}

impl Search {
    /// Runs them.
    ///
    /// # Errors
    /// When the database of the simulation itself fails.
    pub fn run(self) -> rusqlite::Result<Report> {
        let (next, stops) = (AtomicU64::new(self.from), AtomicBool::new(false));
        let report = Mutex::new(Report::default());
        let work = || self.work(&next, &stops, &report);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads.max(1)).map(|_| scope.spawn(work)).collect();
            let mut ends = threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(())));
            ends.find_map(Result::err).map_or(Ok(()), Err)
        })?;
        let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.failures.sort_by_key(|(seed, _)| *seed);
        Ok(report)
    }

    fn work(
        self,
        next: &AtomicU64,
        stops: &AtomicBool,
        report: &Mutex<Report>,
    ) -> rusqlite::Result<()> {
        let mut database = Rc::new(Database::open()?);
        let options = Options { plant: self.plant, keeps_lines: false };
        while !stops.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.from.saturating_add(self.seeds) {
                break;
            }
            let outcome = match catch_unwind(AssertUnwindSafe(|| run(seed, options, &database))) {
                Ok(outcome) => outcome?,
                Err(_panic) => {
                    // Its message is on standard error; what it left behind is not used again.
                    database = Rc::new(Database::open()?);
                    panicked()
                }
            };
            if !outcome.violations.is_empty() {
                stops.store(!self.keeps_going, Ordering::Relaxed);
            }
            lock(report).add(seed, outcome);
        }
        Ok(())
    }
}

impl Report {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.done += 1;
        self.counts.add(&outcome.counts);
        for (name, count) in outcome.events {
            *self.events.entry(name).or_default() += count;
        }
        for (what, count) in outcome.struck {
            *self.struck.entry(what).or_default() += count;
        }
        if !outcome.violations.is_empty() {
            self.failures.push((seed, outcome.violations));
        }
    }
}

/// Returns the outcome of a seed in which something panicked: a bug, whose ever.
fn panicked() -> Outcome {
    let what = "something panicked".to_owned();
    let violations = vec![Violation { invariant: Invariant::Sane, what }];
    Outcome { violations, ..Outcome::default() }
}

fn lock(report: &Mutex<Report>) -> MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}
