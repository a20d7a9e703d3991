//! The days that are simulated.

use std::thread;

use crate::arrivals;
use crate::day;
use crate::outcome::{Outcome, Setup};
use crate::rng::Rng;

/// Questions of a day.
pub const QUESTIONS: u64 = 1_000_000;
/// Where chance begins.
pub const SEED: u64 = 20_261_121;
/// Days that run at a time.
const AT_ONCE: usize = 2;

/// A statement that writes takes 2 ms, and a quarter more for each row that it changes. Assumed:
/// "several milliseconds, by the rows" is all that is published.
pub const WRITE: (u64, u64) = (2_000, 250);

/// The Worker as it is, with one model, and all requests from one address.
pub const TODAY: Setup = Setup {
    models: 1,
    databases: 1,
    is_batched: false,
    addresses: 1,
    creations: crate::facts::CREATIONS_PER_S,
    write: WRITE,
    channels: 10_000,
};

/// One limit after another is taken away.
pub fn ladder() -> Vec<(&'static str, Setup)> {
    let models = Setup { models: 20, ..TODAY };
    let addresses = Setup { addresses: 16, ..models };
    let (two, four) = (Setup { databases: 2, ..addresses }, Setup { databases: 4, ..addresses });
    let creations = Setup { creations: 300, ..four };
    vec![
        ("as it is: 1 model, 1 address, 1 database", TODAY),
        ("4 models", Setup { models: 4, ..TODAY }),
        ("20 models, or one with 6,000 calls a minute", models),
        ("and 16 addresses", addresses),
        ("and 2 databases", two),
        ("and 4 databases", four),
        ("and 3 Workflows, so 300 creations a second", creations),
        ("and 100,000 channels", Setup { channels: 100_000, ..creations }),
    ]
}

/// Databases by themselves: no other limit.
pub fn databases() -> Vec<(u64, bool, (u64, u64), Setup)> {
    let open = Setup { models: 0, addresses: 0, creations: 0, channels: 0, ..TODAY };
    let mut all = Vec::new();
    for (write, counts) in
        [((1_000, 100), &[1, 2][..]), (WRITE, &[1, 2, 4, 8, 16]), ((5_000, 500), &[2, 4, 8, 16])]
    {
        for is_batched in [false, true] {
            for databases in counts.iter().copied() {
                let setup = Setup { databases, is_batched, write, ..open };
                all.push((databases, is_batched, write, setup));
            }
        }
    }
    all
}

/// Runs the same day for all of them.
pub fn run(setups: &[Setup]) -> Vec<Outcome> {
    let times = arrivals::day(QUESTIONS, &mut Rng::new(SEED));
    let mut outcomes = Vec::new();
    for some in setups.chunks(AT_ONCE) {
        let together = thread::scope(|scope| {
            let begin = |setup: &Setup| {
                let (setup, times) = (*setup, &times);
                scope.spawn(move || {
                    let mut outcome = day::run(times, setup, SEED);
                    outcome.waits = outcome.sampled();
                    outcome
                })
            };
            let days: Vec<_> = some.iter().map(begin).collect();
            days.into_iter().filter_map(|day| day.join().ok()).collect::<Vec<_>>()
        });
        outcomes.extend(together);
    }
    outcomes
}
