//! The program, run in a simulated world: its platforms, the database, the model, the Workflow engine, the
//! queue and the cron trigger, all on one thread with a virtual clock, with faults and crashes by seed. The
//! same seed is the same run.
//!
//! `docs/design/simulation.md` says what is simulated and what is not.
//!
//! # Import order
//!
//! A module imports only modules that stand before it in this list; a test reads the imports.
//!
//! 1. [`base`]: infrastructure, which knows no service. [`base::shared`] is what all services of a seed
//!    share, [`base::run`] one run of the program with its calls and crashes, and [`base::hooks`] what
//!    services ask of the composition, so that they need not import it.
//! 2. [`services`], each with a state of its own: the database, the Workflow engine, the queue, the cron
//!    trigger, the model, Discord, messengers, and people. People import the platforms on which they ask.
//! 3. The composition: [`settings`], [`world`], [`host`] (the program's ports), [`platforms`], `program` (where the
//!    program's code is called).
//! 4. [`judge`]: what has to hold when a seed is over.
//! 5. This file, which runs one seed, and [`search`], which runs many.

pub mod base;
pub mod host;
pub mod judge;
pub mod platforms;
mod program;
pub mod search;
pub mod services;
pub mod settings;
pub mod world;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::plant::Plant;
use crate::base::record::{Counts, Violation};
use crate::judge::{books, erased, forgets, invariants, kept};
use crate::services::database::Database;
pub use crate::world::Options;
use crate::world::World;

/// What became of a seed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Broken invariants.
    pub violations: Vec<Violation>,
    /// Numbers.
    pub counts: Counts,
    /// How often each log line was written, by its name.
    pub events: BTreeMap<String, u64>,
    /// How often each fault of those that have to come everywhere came somewhere.
    pub struck: BTreeMap<String, u64>,
    /// Number that two equal runs share.
    pub hash: u64,
    /// Trace, if it was asked for.
    pub lines: Vec<String>,
}

/// Runs one seed.
///
/// # Errors
/// When the database of the simulation itself fails.
pub fn run(seed: u64, options: Options, database: &Rc<Database>) -> rusqlite::Result<Outcome> {
    database.clear(|sql| Plant::trigger(options.plant, sql))?;
    let world = World::draw(seed, options, database);
    let shared = Rc::clone(&world.shared);
    let horizon_ms = world.begin();
    let (executor, rng) = (&shared.executor, &shared.rng);
    executor.run(horizon_ms, rng, || world.is_quiet());
    // What is late may still come.
    let end_ms = executor.now() + 150_000;
    executor.run(end_ms, rng, || false);
    if erased::is_meant(&world) {
        erased::judge(&world);
    } else {
        books::judge(&world);
        kept::judge(&world);
        invariants::judge(&world);
    }
    executor.end();
    forgets::judge(&world);
    executor.end();
    let record = shared.record.take();
    Ok(Outcome {
        violations: record.violations,
        counts: record.counts,
        events: record.events,
        struck: record.struck,
        hash: shared.trace.hash(),
        lines: shared.trace.lines(),
    })
}
