//! The cron trigger: once a minute or nearly so, and at times twice at once.

use std::rc::Rc;

use crate::base::plant::Plant;
use crate::base::shared::{START_MS, Shared};

/// Time between two rounds of the watchdog, in milliseconds.
pub const MINUTE_MS: u64 = 60_000;
/// The trigger fires at least so often.
const MAX_MISSES: u64 = 2;

/// The cron trigger of one seed.
#[derive(Debug)]
pub struct Cron {
    shared: Rc<Shared>,
}

impl Cron {
    /// Returns the trigger of a seed.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared) }
    }

    /// Begins to fire.
    pub fn begin(self: &Rc<Self>) {
        if self.shared.plant != Some(Plant::NoWatchdog) {
            // A minute of a clock that nobody set by the questions.
            self.tick_at(START_MS + self.shared.rng.below(MINUTE_MS), 0);
        }
    }

    fn tick_at(self: &Rc<Self>, at_ms: u64, misses: u64) {
        let cron = Rc::clone(self);
        self.shared.executor.at(at_ms, move || {
            let shared = &cron.shared;
            let is_missing = misses < MAX_MISSES && shared.strikes(shared.plan.queue.misses);
            if is_missing {
                shared.fault("cron", "does not fire");
            } else {
                cron.tick();
                if shared.strikes(shared.plan.queue.twice) {
                    shared.fault("cron", "fires twice");
                    let again = Rc::clone(&cron);
                    let wait_ms = shared.rng.within(0..=2_000);
                    shared.executor.at(shared.executor.now() + wait_ms, move || again.tick());
                }
            }
            cron.tick_at(at_ms + MINUTE_MS, if is_missing { misses + 1 } else { 0 });
        });
    }

    /// Fires once.
    pub fn tick(&self) {
        if let Some(hooks) = self.shared.hooks() {
            hooks.sweep();
        }
    }
}
