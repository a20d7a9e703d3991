//! The program, run in a simulated world: Discord, the database, the model, the Workflow engine, the
//! queue and the cron trigger, all on one thread with a virtual clock, with faults and crashes by
//! seed. The same seed is the same run.
//!
//! [`run`] runs one seed: [`people`] ask, [`host`] carries every call of the program's own code
//! through the [`world`], [`plan`] says what goes wrong, [`record`] notes what really happened, and
//! [`invariants`] judge it. `docs/design/simulation.md` says what is simulated and what is not.

pub mod actor;
mod books;
pub mod cron;
pub mod database;
pub mod discord;
pub mod engine;
mod excuses;
pub mod executor;
pub mod host;
pub mod invariants;
pub mod marks;
pub mod model;
pub mod once;
pub mod people;
pub mod plan;
pub mod plant;
pub mod queue;
pub mod record;
pub mod rng;
pub mod search;
pub mod settings;
pub mod steps;
pub mod trace;
pub mod world;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::database::Database;
use crate::discord::Discord;
use crate::executor::Executor;
use crate::plan::Plan;
use crate::plant::Plant;
use crate::record::{Counts, Record, Violation};
use crate::rng::Rng;
use crate::trace::Trace;
use crate::world::{START_MS, World};

/// What became of a seed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Broken invariants.
    pub violations: Vec<Violation>,
    /// Numbers.
    pub counts: Counts,
    /// How often each log line was written, by its name.
    pub events: BTreeMap<String, u64>,
    /// Number that two equal runs share.
    pub hash: u64,
    /// Trace, if it was asked for.
    pub lines: Vec<String>,
}

/// How a seed is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Bug to plant.
    pub plant: Option<Plant>,
    /// Whether to keep the trace.
    pub keeps_lines: bool,
}

/// Runs one seed.
///
/// # Errors
/// When the database of the simulation itself fails.
pub fn run(seed: u64, options: Options, database: &Rc<Database>) -> rusqlite::Result<Outcome> {
    database.clear(|sql| Plant::trigger(options.plant, sql))?;
    let rng = Rng::new(seed);
    let plan = Plan::draw(&rng);
    let discord = Discord::draw(&rng, &plan);
    let trace = Trace::new(options.keeps_lines, START_MS);
    let settings = settings::settings(plan.model.streams);
    trace.note(START_MS, "seed", "plan", || format!("{seed}: {plan:?}"));
    let world = Rc::new(World {
        executor: Executor::new(START_MS),
        rng,
        plan,
        plant: options.plant,
        trace,
        record: RefCell::new(Record::default()),
        database: Rc::clone(database),
        settings,
        discord: RefCell::new(discord),
        engine: RefCell::default(),
        queue: RefCell::default(),
        calm_from_ms: Cell::new(u64::MAX),
        asks: RefCell::default(),
    });
    people::begin(&world);
    let horizon_ms = cron::begin(&world);
    let (executor, rng) = (Rc::clone(&world.executor), &world.rng);
    executor.run(horizon_ms, rng, || is_quiet(&world));
    // What is late may still come.
    let end_ms = executor.now() + 150_000;
    executor.run(end_ms, rng, || false);
    books::judge(&world);
    invariants::judge(&world);
    executor.end();
    cron::a_month_later(&world);
    executor.end();
    let record = world.record.take();
    Ok(Outcome {
        violations: record.violations,
        counts: record.counts,
        events: record.events,
        hash: world.trace.hash(),
        lines: world.trace.lines(),
    })
}

/// Returns whether nothing is left to happen but the watchdog's rounds.
fn is_quiet(world: &Rc<World>) -> bool {
    if world.executor.tasks() > 0
        || world.engine.borrow().is_busy()
        || world.queue.borrow().is_busy()
    {
        return false;
    }
    let (now_ms, asks, record) = (world.executor.now(), world.asks.borrow(), world.record.borrow());
    asks.iter().all(|ask| {
        let is_old = now_ms > ask.asked_ms + 60_000;
        is_old && record.status(&ask.id).is_none_or(record::is_terminal)
    })
}
