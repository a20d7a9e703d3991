//! What limits a day of questions, and what became of it.

/// What limits the day.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// Models that may be asked, one after another, each with its limit per minute; 0 for no limit.
    pub models: u64,
    /// Databases.
    pub databases: u64,
    /// Whether what no step waits for is written in batches, from a queue.
    pub is_batched: bool,
    /// Addresses by which Discord knows us; 0 for no limit.
    pub addresses: u64,
    /// Instances that may be created per second; 0 for no limit.
    pub creations: u64,
    /// Microseconds of a statement that writes, and of each row that it changes.
    pub write: (u64, u64),
    /// Channels, each with its webhook; 0 for no limit of any.
    pub channels: u64,
}

/// What limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Creating instances.
    Workflows,
    /// Statements.
    Database,
    /// Calls of models.
    Models,
    /// Discord's limit of an address.
    Address,
    /// Discord's limit of a webhook.
    Webhook,
}

/// Parts with their names, in the order of their numbers.
pub const PARTS: [(Part, &str); 5] = [
    (Part::Workflows, "Workflow creation"),
    (Part::Database, "D1"),
    (Part::Models, "Workers AI"),
    (Part::Address, "Discord, address"),
    (Part::Webhook, "Discord, webhook"),
];

/// What became of a day.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Answered in their channel.
    pub answered: u64,
    /// Answered, but to the asker alone.
    pub private: u64,
    /// Told of a failure, by part.
    pub failed: [u64; 5],
    /// Given up at the deadline.
    pub late: u64,
    /// How long each answer waited for limits, in order.
    pub waits: Vec<u64>,
    /// All waiting and refusals, by part.
    pub waited: [u64; 5],
    /// When somebody first waited longer than [`crate::day::LONG`] there, or was refused, by part.
    pub first: [Option<u64>; 5],
    /// Busiest minute of any database, in microseconds of work.
    pub busiest: u64,
}

impl Outcome {
    /// Returns the part that was first to hold somebody up.
    pub fn first_part(&self) -> Option<(&'static str, u64)> {
        let held = self.first.iter().zip(PARTS);
        held.filter_map(|(first, (_, name))| Some((name, (*first)?))).min_by_key(|(_, at)| *at)
    }

    /// Returns one in ten of the waits: enough for their order, in a tenth of the memory.
    pub fn sampled(&self) -> Vec<u64> {
        self.waits.iter().copied().step_by(10).collect()
    }

    /// Returns the wait that so many of a thousand answers do not exceed.
    pub fn wait(&self, per_mille: usize) -> u64 {
        let index = (self.waits.len() * per_mille / 1_000).min(self.waits.len().saturating_sub(1));
        self.waits.get(index).copied().unwrap_or(0)
    }
}

/// Returns the value of a part.
pub fn slot<T>(all: &mut [T; 5], part: Part) -> &mut T {
    let [workflows, database, models, address, webhook] = all;
    match part {
        Part::Workflows => workflows,
        Part::Database => database,
        Part::Models => models,
        Part::Address => address,
        Part::Webhook => webhook,
    }
}
