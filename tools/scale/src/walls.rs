//! At how many questions a day each limit is met, by arithmetic.

use crate::arrivals::{DAY_S, PEAK};
use crate::outcome::Setup;
use crate::question::{self, STATEMENTS};
use crate::{day, facts};

/// A limit, and what it lets through.
#[derive(Debug, Clone, Copy)]
pub struct Wall {
    /// What is limited.
    pub what: &'static str,
    /// What one question takes of it.
    pub takes: &'static str,
    /// Thousandths of questions per second that it lets through.
    pub per_s: u64,
    /// Questions of a day, if they come evenly.
    pub even: u64,
    /// Whether a day's sum counts, and not its busiest minute.
    pub is_of_the_day: bool,
}

impl Wall {
    /// Returns how many questions of a day that is, if the busiest minute is [`PEAK`] times the mean.
    pub fn peaked(self) -> u64 {
        if self.is_of_the_day { self.even } else { self.even / PEAK }
    }
}

/// Returns all walls, the lowest first.
pub fn all(setup: Setup) -> Vec<Wall> {
    let wall = |what, takes, per_s: u64| Wall {
        what,
        takes,
        per_s,
        even: per_s * DAY_S / 1_000,
        is_of_the_day: false,
    };
    let of_the_day = |what, takes, per_day: u64| Wall {
        what,
        takes,
        per_s: per_day * 1_000 / DAY_S,
        even: per_day,
        is_of_the_day: true,
    };
    let kept = facts::DATABASE_BYTES / question::kept_bytes();
    let mut walls = vec![
        wall(
            "one model of Workers AI, 300 calls a minute",
            "1 call",
            per_min(facts::CALLS_PER_MIN),
        ),
        wall(
            "one channel: its webhook, 5 posts in 2 s",
            "2 posts",
            facts::WEBHOOK_POSTS * 1_000 / facts::WEBHOOK_WINDOW_S / question::POSTS,
        ),
        wall(
            "one address at Discord, 50 requests a second",
            "3 requests",
            facts::DISCORD_PER_S * 1_000 / question::DISCORD_COUNTED,
        ),
        wall("creating instances, 100 a second", "1 instance", facts::CREATIONS_PER_S * 1_000),
        wall(
            "running instances, 50,000 at a time",
            "6 s",
            facts::RUNNING * 1_000_000_000 / unhindered(setup),
        ),
        wall(
            "one database, one statement at a time",
            "5 statements",
            1_000_000_000 / statements(setup),
        ),
        wall(
            "one queue, 5,000 messages a second, if all went by it",
            "1 message",
            facts::MESSAGES_PER_S * 1_000,
        ),
        of_the_day("one database, 10 GB, jobs of 30 days and sums of 400", "4.6 kB", kept),
        of_the_day("forgetting, 5,000 jobs an hour", "1 job", question::FORGOTTEN_PER_HOUR * 24),
        wall(
            "our own limit of a server, 60 a minute",
            "1 question",
            per_min(question::SERVER_PER_MIN),
        ),
    ];
    walls.sort_by_key(|wall| wall.peaked());
    walls
}

fn per_min(count: u64) -> u64 {
    count * 1_000 / 60
}

/// Microseconds of a database for a question.
pub fn statements(setup: Setup) -> u64 {
    let (base, per_row) = setup.write;
    let each = STATEMENTS.iter().map(|(_, rows)| match rows {
        0 => day::READ,
        rows => base + per_row * rows,
    });
    each.sum()
}

/// What a number of databases makes of a million questions a day.
#[derive(Debug, Clone, Copy)]
pub struct Shards {
    /// Databases.
    pub databases: u64,
    /// Thousandths of a GB in each, when as much is forgotten as comes.
    pub milli_gb: u64,
    /// Jobs that all of them forget in a day.
    pub forgotten: u64,
    /// Minutes in which the watchdog looks at all jobs that fell silent in five minutes of the peak.
    pub minutes: u64,
}

/// Returns that, for so many questions a day.
pub fn shards(databases: u64, questions: u64) -> Shards {
    let bytes = questions * question::kept_bytes();
    let silent = questions * PEAK * OUTAGE_S / DAY_S;
    Shards {
        databases,
        milli_gb: bytes / databases / 1_000_000,
        forgotten: question::FORGOTTEN_PER_HOUR * 24 * databases,
        minutes: silent.div_ceil(question::LOOKED_AFTER_PER_MIN * databases),
    }
}

/// Length of the outage, in seconds.
const OUTAGE_S: u64 = 300;

/// Microseconds of an answer that waits for no limit.
pub fn unhindered(setup: Setup) -> u64 {
    let (low, high) = day::MODEL;
    // Steps, the model, requests to Discord but the last, which is after the answer, and statements.
    question::STEPS * day::STEP
        + u64::midpoint(low, high)
        + question::DISCORD_COUNTED * day::REQUEST
        + statements(setup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::TODAY;

    #[test]
    fn walls_are_what_the_limits_make_them() {
        let walls = all(TODAY);
        let of = |word: &str| walls.iter().find(|wall| wall.what.contains(word)).copied();
        assert_eq!(of("Workers AI").map(|wall| wall.even), Some(432_000));
        assert_eq!(of("webhook").map(|wall| wall.even), Some(108_000));
        assert_eq!(of("instances, 100").map(Wall::peaked), Some(1_080_000));
        assert!(of("10 GB").is_some_and(|wall| wall.even == wall.peaked()));
        assert!(walls.is_sorted_by_key(|wall| wall.peaked()));
        assert_eq!(statements(TODAY), 15_250);
        let one = shards(1, 1_000_000);
        assert_eq!((one.milli_gb, one.forgotten, one.minutes), (175_000, 120_000, 139));
    }
}
