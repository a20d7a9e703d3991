//! Judges what is forgotten: a month later nothing is left of what has ended.

use std::rc::Rc;

use crate::base::record::Invariant;
use crate::services::cron::MINUTE_MS;
use crate::world::World;

const HOUR_MS: u64 = 60 * MINUTE_MS;

/// Lets the watchdog come once more, a month later, in the first minute of an hour: what has ended is
/// forgotten then, with all that hangs on it.
pub fn judge(world: &Rc<World>) {
    let shared = &world.shared;
    let (executor, rng) = (&shared.executor, &shared.rng);
    let days = u64::from(world.settings.watch.retention_days) + 1;
    let later_ms = (executor.now() + days * 24 * HOUR_MS).next_multiple_of(HOUR_MS);
    executor.run(later_ms + 5_000, rng, || false);
    world.cron.tick();
    executor.run(later_ms + MINUTE_MS, rng, || false);
    let retention_ms = u64::from(world.settings.watch.retention_days) * 24 * HOUR_MS;
    for object in world.objects.names() {
        // An alarm may go off twice.
        let is_gone = world.objects.alarm(&object, retention_ms);
        if !(is_gone && world.objects.alarm(&object, retention_ms)) {
            shared.violate(Invariant::Forgets, format!("{object} is left a month later"));
        }
    }
    for (table, sql) in [
        ("conversations", "SELECT id FROM conversations"),
        ("jobs", "SELECT id FROM jobs"),
        ("posts", "SELECT job FROM posts"),
        ("attempts", "SELECT job FROM attempts"),
        ("dead_letters", "SELECT job FROM dead_letters"),
        ("reminders", "SELECT id FROM reminders"),
        ("consents", "SELECT job FROM consents"),
    ] {
        let left = world.store.database.query(sql, &[]).unwrap_or_default().len();
        if left > 0 {
            let what = format!("{left} rows of {table} are left a month later");
            shared.violate(Invariant::Forgets, what);
        }
    }
}
