//! The cron trigger, once a minute or nearly so, and other things that happen without anybody asking.

use std::rc::Rc;

use miyabi_app::watchdog;

use crate::actor::{Actor, Role};
use crate::discord::places::HOME;
use crate::people;
use crate::plan::Outage;
use crate::plant::Plant;
use crate::record::Invariant;
use crate::world::{START_MS, Sim, World};

const MINUTE_MS: u64 = 60_000;
/// Faults come so long after the last question; from then on everything has to end.
const STORM_MS: u64 = 16 * MINUTE_MS + 30_000;
/// And so long after that the seed is over.
const REST_MS: u64 = 6 * MINUTE_MS;
/// The trigger fires at least so often.
const MOST_MISSES: u64 = 2;

/// Sets everything that happens by itself, and returns when the seed is over.
pub fn begin(world: &Rc<World>) -> u64 {
    let last_ms = world.asks.borrow().iter().map(|ask| ask.asked_ms).max().unwrap_or(START_MS);
    world.calm_from_ms.set(last_ms + STORM_MS);
    let outage_ms = world.plan.outages.iter().map(|outage: &Outage| START_MS + outage.to_ms).max();
    let horizon_ms = (last_ms + STORM_MS).max(outage_ms.unwrap_or(0)) + REST_MS;
    if world.plant != Some(Plant::NoWatchdog) {
        // A minute of a clock that nobody set by the questions.
        tick_at(world, START_MS + world.rng.below(MINUTE_MS), 0);
    }
    if world.strikes(world.plan.discord.deleted) {
        let inner = Rc::clone(world);
        let at_ms = START_MS + world.rng.within(1_000..=300_000);
        world.executor.at(at_ms, move || {
            let deleted = inner.discord.borrow_mut().delete_webhook(&inner.rng);
            inner.fault("discord", &format!("somebody deletes webhook {deleted:?}"));
        });
    }
    for number in 0..world.rng.below(4) {
        let (inner, channel) = (Rc::clone(world), HOME + world.rng.below(8));
        let at_ms = START_MS + world.rng.within(1_000..=120_000);
        world.executor.at(at_ms, move || inner.discord.borrow_mut().chat(channel, at_ms, number));
    }
    horizon_ms
}

/// A month later, in the first minute of an hour, the watchdog comes once more: what has ended is
/// forgotten, with all that hangs on it.
pub fn a_month_later(world: &Rc<World>) {
    const HOUR_MS: u64 = 60 * MINUTE_MS;
    let days = u64::from(world.settings.watch.retention_days) + 1;
    let later_ms = (world.executor.now() + days * 24 * HOUR_MS).next_multiple_of(HOUR_MS);
    world.executor.run(later_ms + 5_000, &world.rng, || false);
    tick(world);
    world.executor.run(later_ms + MINUTE_MS, &world.rng, || false);
    for (table, sql) in [
        ("jobs", "SELECT id FROM jobs"),
        ("posts", "SELECT job FROM posts"),
        ("attempts", "SELECT job FROM attempts"),
        ("dead_letters", "SELECT job FROM dead_letters"),
    ] {
        let left = world.database.query(sql, &[]).unwrap_or_default().len();
        if left > 0 {
            let what = format!("{left} rows of {table} are left a month later");
            world.violate(Invariant::Forgets, what);
        }
    }
}

fn tick_at(world: &Rc<World>, at_ms: u64, misses: u64) {
    let inner = Rc::clone(world);
    world.executor.at(at_ms, move || {
        let is_missing = misses < MOST_MISSES && inner.strikes(inner.plan.queue.misses);
        if is_missing {
            inner.fault("cron", "does not fire");
        } else {
            tick(&inner);
            if inner.strikes(inner.plan.queue.twice) {
                inner.fault("cron", "fires twice");
                let again = Rc::clone(&inner);
                let wait_ms = inner.rng.within(0..=2_000);
                inner.executor.at(inner.executor.now() + wait_ms, move || tick(&again));
            }
        }
        tick_at(&inner, at_ms + MINUTE_MS, if is_missing { misses + 1 } else { 0 });
    });
}

/// Runs the watchdog once.
fn tick(world: &Rc<World>) {
    let name = format!("cron {}", world.since_ms() / MINUTE_MS);
    let actor = Actor::new(Role::Cron, name, None, world.executor.now(), people::skew_ms(world));
    let sim = Sim::new(world, actor);
    let inner = sim.clone();
    sim.spawn(async move {
        let platforms = |_: &str| Some(inner.transport());
        watchdog::sweep(&inner, &platforms, &inner.world.settings).await;
        inner.actor.has_ended.set(true);
    });
    world.record.borrow_mut().rounds.push(Rc::clone(&sim.actor));
}
