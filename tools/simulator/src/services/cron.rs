//! The cron trigger: once a minute or nearly so, and at times twice at once.

use std::rc::Rc;

use crate::base::ground::{Ground, START_MS};
use crate::base::plant::Plant;

/// Time between two rounds of the watchdog, in milliseconds.
pub const MINUTE_MS: u64 = 60_000;
/// The trigger fires at least so often.
const MOST_MISSES: u64 = 2;

/// The cron trigger of one seed.
#[derive(Debug)]
pub struct Cron {
    ground: Rc<Ground>,
}

impl Cron {
    /// Returns the trigger of a seed.
    pub fn new(ground: &Rc<Ground>) -> Self {
        Self { ground: Rc::clone(ground) }
    }

    /// Begins to fire.
    pub fn begin(self: &Rc<Self>) {
        if self.ground.plant != Some(Plant::NoWatchdog) {
            // A minute of a clock that nobody set by the questions.
            self.tick_at(START_MS + self.ground.rng.below(MINUTE_MS), 0);
        }
    }

    fn tick_at(self: &Rc<Self>, at_ms: u64, misses: u64) {
        let cron = Rc::clone(self);
        self.ground.executor.at(at_ms, move || {
            let ground = &cron.ground;
            let is_missing = misses < MOST_MISSES && ground.strikes(ground.plan.queue.misses);
            if is_missing {
                ground.fault("cron", "does not fire");
            } else {
                cron.tick();
                if ground.strikes(ground.plan.queue.twice) {
                    ground.fault("cron", "fires twice");
                    let again = Rc::clone(&cron);
                    let wait_ms = ground.rng.within(0..=2_000);
                    ground.executor.at(ground.executor.now() + wait_ms, move || again.tick());
                }
            }
            cron.tick_at(at_ms + MINUTE_MS, if is_missing { misses + 1 } else { 0 });
        });
    }

    /// Fires once.
    pub fn tick(&self) {
        if let Some(hooks) = self.ground.hooks() {
            hooks.sweep();
        }
    }
}
