//! A day's questions, each on its way through the limits: a simulation by discrete events, in
//! integers, by seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::arrivals::SECOND;
use crate::facts;
use crate::outcome::{Outcome, Part, Setup, slot};
use crate::question::STATEMENTS;
use crate::rng::Rng;
use crate::station::{Server, Window};

/// Microseconds of a statement that reads by an index: less than a millisecond.
pub const READ: u64 = 500;
/// Longest wait in a database's queue; beyond it D1 fails as overloaded. How long it really is is
/// not published.
pub const QUEUED_TOO_LONG: u64 = 5 * SECOND;
/// What the engine takes for a step, besides what the step does. Assumed.
pub const STEP: u64 = 50_000;
/// What the model takes, from and to. Assumed.
pub const MODEL: (u64, u64) = (2 * SECOND, 8 * SECOND);
/// What Discord takes for a request. Assumed.
pub const REQUEST: u64 = 150_000;
/// Longest wait for Discord's limits, of a post and of a look at the webhook.
const PATIENCE: (u64, u64) = (275 * SECOND, 240 * SECOND);
/// Longest wait before a batch is written.
const BATCH_WAIT: u64 = SECOND;
/// A wait that counts as being held up.
pub const LONG: u64 = 5 * SECOND;
/// Age at which the watchdog gives a job up.
const DEADLINE: u64 = 780 * SECOND;
/// Retries of a step that writes, doubling from a second.
const RETRIES: u32 = 6;
/// Tries to create an instance: beside the reply, and then by the queue.
const TRIES: (u32, u32) = (3, 9);
/// How far the tries are apart.
const TRY_WAITS: (u64, u64) = (600_000, 10 * SECOND);
/// Wait for a limit per minute of the last model, and how often.
const LIMIT_WAIT: (u64, u32) = (30 * SECOND, 2);

/// What a question does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Start,
    /// A statement, by its number.
    Sql(usize),
    Think,
    /// A look at the webhook.
    Look,
    /// The webhook's turn for a post.
    Turn,
    /// The post itself.
    Post,
    End,
}

/// The way of a plain question; `jobs::insert` is beside [`Act::Start`].
const WAY: [Act; 11] = [
    Act::Start,
    Act::Sql(1),
    Act::Think,
    Act::Sql(2),
    Act::Look,
    Act::Turn,
    Act::Post,
    Act::Turn,
    Act::Post,
    Act::Sql(3),
    Act::Sql(4),
];
/// Statements that no step of the answer has to wait for: the row beside the reply, the messages'
/// ids, and the end.
const BEHIND: [usize; 3] = [0, 3, 4];

/// A question under way.
#[derive(Debug, Clone, Copy, Default)]
struct Job {
    asked: u64,
    shard: usize,
    channel: usize,
    step: usize,
    tries: u32,
    waited: u64,
    /// How much of that was before this act.
    before: u64,
}

struct Shard {
    server: Server,
    minutes: Vec<u64>,
    /// Rows that wait to be written together, and statements, and since when.
    batch: (u64, u64, u64),
}

struct Day {
    setup: Setup,
    rng: Rng,
    shards: Vec<Shard>,
    creations: Window,
    models: Vec<Window>,
    addresses: Vec<Window>,
    webhooks: Vec<Window>,
    /// Sums of the channels' shares.
    shares: Vec<u64>,
    outcome: Outcome,
}

/// What comes of an act.
enum Then {
    /// The next act, after so long.
    Go(u64),
    /// The same again, after so long.
    Again(u64),
    /// The asker is told.
    Fail(Part),
    /// The answer goes to the asker alone.
    Private,
}

/// Runs the questions that are asked at these times.
pub fn run(times: &[u64], setup: Setup, seed: u64) -> Outcome {
    let mut day = Day::new(setup, seed);
    let mut events: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut jobs: Vec<Job> = Vec::with_capacity(times.len());
    let mut coming = times.iter().copied().peekable();
    loop {
        let next = events.peek().map(|Reverse((at, _))| *at);
        match (coming.peek().copied(), next) {
            (Some(asked), next) if next.is_none_or(|at| asked <= at) => {
                coming.next();
                let job = day.ask(asked);
                events.push(Reverse((asked, jobs.len())));
                jobs.push(job);
            }
            (_, Some(_)) => {
                let Some(Reverse((now, index))) = events.pop() else { break };
                let Some(job) = jobs.get_mut(index) else { break };
                if let Some(at) = day.act(job, now) {
                    events.push(Reverse((at, index)));
                }
            }
            (_, None) => break,
        }
    }
    day.outcome.waits.sort_unstable();
    let minutes = day.shards.iter().flat_map(|shard| shard.minutes.iter().copied());
    day.outcome.busiest = minutes.max().unwrap_or(0);
    day.outcome
}

impl Day {
    fn new(setup: Setup, seed: u64) -> Self {
        let shard =
            || Shard { server: Server::default(), minutes: vec![0; 1_500], batch: (0, 0, 0) };
        let windows = |count: u64, limit: u64, length: u64| {
            (0..count).map(|_| Window::new(limit, length)).collect::<Vec<_>>()
        };
        let mut sum = 0;
        let shares = (0..setup.channels).map(|rank| {
            // Some are much busier than others: the first has about ten times the usual share.
            sum += 1_000_000_000 / (rank + 10);
            sum
        });
        let shares: Vec<u64> = shares.collect();
        Self {
            setup,
            rng: Rng::new(seed),
            shards: (0..setup.databases).map(|_| shard()).collect(),
            creations: Window::new(setup.creations, SECOND),
            models: windows(setup.models, facts::CALLS_PER_MIN, 60 * SECOND),
            addresses: windows(setup.addresses, facts::DISCORD_PER_S, SECOND),
            webhooks: windows(
                setup.channels,
                facts::WEBHOOK_POSTS,
                facts::WEBHOOK_WINDOW_S * SECOND,
            ),
            shares,
            outcome: Outcome::default(),
        }
    }

    /// Begins a question: its place, its database, and the row beside the reply.
    fn ask(&mut self, asked: u64) -> Job {
        let drawn = self.rng.below(self.shares.last().copied().unwrap_or(1));
        let channel = self.shares.partition_point(|until| *until <= drawn);
        let shard = usize::try_from(self.rng.below(self.setup.databases)).unwrap_or(0);
        let job = Job { asked, shard, channel, ..Job::default() };
        // Nobody waits for it, and `claim` writes it if it fails.
        self.write(job.shard, asked, 0);
        job
    }

    /// Does the next act of a question; returns when the one after it is due.
    fn act(&mut self, job: &mut Job, now: u64) -> Option<u64> {
        let act = WAY.get(job.step).copied().unwrap_or(Act::End);
        if act != Act::End && now - job.asked > DEADLINE {
            self.outcome.late += 1;
            return None;
        }
        let then = match act {
            Act::Start => self.start(job, now),
            Act::Sql(number) => self.statement(job, now, number),
            Act::Think => self.think(job, now),
            Act::Look => self.request(job, now, PATIENCE.1),
            Act::Turn => self.turn(job, now),
            Act::Post => self.request(job, now, PATIENCE.0),
            Act::End => {
                self.outcome.answered += 1;
                self.outcome.waits.push(job.waited);
                return None;
            }
        };
        let part = part_of(act);
        match then {
            Then::Go(after) => {
                self.note(job, part, now);
                (job.step, job.tries, job.before) = (job.step + 1, 0, job.waited);
                Some(now + after)
            }
            Then::Again(after) => {
                job.tries += 1;
                job.waited += after;
                self.wait_at(part, after);
                self.note(job, part, now);
                Some(now + after)
            }
            Then::Fail(part) => {
                self.held(part, now);
                *slot(&mut self.outcome.failed, part) += 1;
                None
            }
            Then::Private => {
                self.held(part, now);
                self.outcome.private += 1;
                self.outcome.waits.push(job.waited);
                None
            }
        }
    }

    fn start(&mut self, job: &Job, now: u64) -> Then {
        if self.setup.creations == 0 || self.creations.pass(now) {
            return Then::Go(STEP);
        }
        let (beside, all) = TRIES;
        match job.tries {
            tries if tries + 1 < beside => Then::Again(TRY_WAITS.0),
            tries if tries + 1 < all => Then::Again(TRY_WAITS.1),
            _ => Then::Fail(Part::Workflows),
        }
    }

    fn statement(&mut self, job: &mut Job, now: u64, number: usize) -> Then {
        let Some(wait) = self.write(job.shard, now, number) else {
            if job.tries < RETRIES {
                return Then::Again(SECOND << job.tries);
            }
            return Then::Fail(Part::Database);
        };
        if self.setup.is_batched && BEHIND.contains(&number) {
            return Then::Go(STEP);
        }
        job.waited += wait;
        self.wait_at(Part::Database, wait);
        Then::Go(wait + self.service(number) + STEP)
    }

    /// Runs a statement, or puts it in a batch; returns how long it waits.
    fn write(&mut self, shard: usize, now: u64, number: usize) -> Option<u64> {
        let service = self.service(number);
        let (base, per_row) = self.setup.write;
        let is_behind = self.setup.is_batched && BEHIND.contains(&number);
        let shard = self.shards.get_mut(shard)?;
        if is_behind {
            let (rows, statements, since) = shard.batch;
            let since = if statements == 0 { now } else { since };
            let (rows, statements) = (rows + rows_of(number), statements + 1);
            if statements < facts::BATCH && now - since < BATCH_WAIT {
                shard.batch = (rows, statements, since);
                return Some(0);
            }
            shard.batch = (0, 0, 0);
            return shard.run(now, base + per_row * rows, u64::MAX);
        }
        shard.run(now, service, QUEUED_TOO_LONG)
    }

    fn service(&self, number: usize) -> u64 {
        let (base, per_row) = self.setup.write;
        match rows_of(number) {
            0 => READ,
            rows => base + per_row * rows,
        }
    }

    fn think(&mut self, job: &Job, now: u64) -> Then {
        let passes = self.models.is_empty() || self.models.iter_mut().any(|model| model.pass(now));
        let (wait, times) = LIMIT_WAIT;
        match passes {
            true => Then::Go(self.rng.within(MODEL) + STEP),
            false if job.tries < times => Then::Again(wait),
            false => Then::Fail(Part::Models),
        }
    }

    /// Waits for the limit of one of our addresses.
    fn request(&mut self, job: &mut Job, now: u64, patience: u64) -> Then {
        let count = u64::try_from(self.addresses.len()).unwrap_or_default();
        let chosen = usize::try_from(self.rng.below(count)).unwrap_or(0);
        let Some(address) = self.addresses.get_mut(chosen) else {
            return Then::Go(REQUEST + STEP);
        };
        let wait = address.wait(now, patience);
        self.waits_for(job, Part::Address, wait, REQUEST + STEP)
    }

    /// Waits for the limit of the channel's webhook.
    fn turn(&mut self, job: &mut Job, now: u64) -> Then {
        if self.webhooks.is_empty() {
            return Then::Go(0);
        }
        let wait = self.webhooks.get_mut(job.channel).and_then(|hook| hook.wait(now, PATIENCE.0));
        self.waits_for(job, Part::Webhook, wait, 0)
    }

    fn waits_for(&mut self, job: &mut Job, part: Part, wait: Option<u64>, service: u64) -> Then {
        let Some(wait) = wait else { return Then::Private };
        job.waited += wait;
        self.wait_at(part, wait);
        Then::Go(wait + service)
    }

    fn wait_at(&mut self, part: Part, wait: u64) {
        *slot(&mut self.outcome.waited, part) += wait;
    }

    /// Notes who waits long.
    fn note(&mut self, job: &Job, part: Part, now: u64) {
        if job.waited - job.before > LONG {
            self.held(part, now);
        }
    }

    fn held(&mut self, part: Part, now: u64) {
        let first = slot(&mut self.outcome.first, part);
        *first = Some(first.map_or(now, |at| at.min(now)));
    }
}

impl Shard {
    fn run(&mut self, now: u64, service: u64, patience: u64) -> Option<u64> {
        let wait = self.server.take(now, service, patience)?;
        let minute = usize::try_from((now + wait) / (60 * SECOND)).unwrap_or_default();
        if let Some(busy) = self.minutes.get_mut(minute) {
            *busy += service;
        }
        Some(wait)
    }
}

fn rows_of(number: usize) -> u64 {
    STATEMENTS.get(number).map_or(0, |(_, rows)| *rows)
}

fn part_of(act: Act) -> Part {
    match act {
        Act::Start => Part::Workflows,
        Act::Sql(_) | Act::End => Part::Database,
        Act::Think => Part::Models,
        Act::Look | Act::Post => Part::Address,
        Act::Turn => Part::Webhook,
    }
}

#[cfg(test)]
mod tests;
