//! What one plain question takes: one call of the model, no tools, an answer of one message in a
//! channel with a webhook of its own.
//!
//! Rows are those that D1 counts and bills: `cargo xtask bench --only job` prints them from the local
//! D1, whose counter is the same. Statements, the rows that they change, steps, requests and log lines
//! are compared with the program by `src/ask/tests/scale.rs`.

/// A statement, and the rows of tables that it changes, triggers included; none for one that reads.
pub type Statement = (&'static str, u64);

/// Statements, in order.
pub const STATEMENTS: [Statement; 5] = [
    ("jobs::insert", 1),
    ("jobs::claim", 4),
    ("jobs::keep", 13),
    ("ledger::sent", 2),
    ("jobs::complete", 1),
];
/// Rows that D1 reads for it, indexes included.
pub const ROWS_READ: u64 = 66;
/// Rows that D1 writes for it, indexes and triggers included.
pub const ROWS_WRITTEN: u64 = 32;
/// Rows that D1 reads to forget it after [`RETENTION_DAYS`].
pub const ROWS_READ_TO_FORGET: u64 = 17;
/// Rows that D1 writes to forget it: the job, two posts, an attempt.
pub const ROWS_WRITTEN_TO_FORGET: u64 = 4;
/// Bytes of the database for each question that is kept, with an answer of 1,600 bytes.
pub const DATABASE_BYTES: u64 = 4_500;
/// Bytes of the sums of one asker's day, which are kept for [`SPENDING_DAYS`].
pub const ASKER_DAY_BYTES: u64 = 400;
/// Days for which sums are kept.
pub const SPENDING_DAYS: u64 = 400;
/// Questions of one asker's day. Assumed.
pub const PER_ASKER: u64 = 4;
/// Days for which a job is kept, `MIYABI_RETENTION_DAYS`.
pub const RETENTION_DAYS: u64 = 30;
/// Jobs that the watchdog forgets per hour: ten times 500.
pub const FORGOTTEN_PER_HOUR: u64 = 5_000;
/// Silent jobs that the watchdog looks at per minute.
pub const LOOKED_AFTER_PER_MIN: u64 = 200;
/// Questions per minute of one server that are not refused.
pub const SERVER_PER_MIN: u64 = 60;

/// Steps of its Workflow.
pub const STEPS: u64 = 8;
/// Requests that are billed: the interaction, and the instance.
pub const REQUESTS: u64 = 2;
/// Log lines of ours.
pub const LOG_LINES: u64 = 3;
/// Log events that are billed: those, and one of the platform for each request.
pub const LOG_EVENTS: u64 = LOG_LINES + REQUESTS;
/// Requests to Discord.
pub const DISCORD_REQUESTS: u64 = 4;
/// Those of them that count for the address: a look at the webhook and two posts. Removing
/// "thinking…" is a reply to an interaction.
pub const DISCORD_COUNTED: u64 = 3;
/// Posts by the webhook.
pub const POSTS: u64 = 2;

/// Milliseconds of the processor at most: 10, the free plan's limit, for the request and each step.
/// Not measured on Cloudflare.
pub const CPU_MS: u64 = 10 * (1 + STEPS);
/// Bytes that the engine keeps of an instance, estimated: parameters, the answer in two results, six
/// small ones.
pub const STATE_BYTES: u64 = 5_000;
/// Days for which the engine keeps an instance that has ended, on the paid plan.
pub const STATE_DAYS: u64 = 7;
/// Tokens in and out.
pub const TOKENS: (u64, u64) = (2_000, 400);

/// Returns the bytes that D1 keeps for each question that is asked every day: jobs for a month, sums
/// for a year.
pub const fn kept_bytes() -> u64 {
    DATABASE_BYTES * RETENTION_DAYS + ASKER_DAY_BYTES * SPENDING_DAYS / PER_ASKER
}

/// A model, with neurons per million tokens in and out.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// Name.
    pub name: &'static str,
    /// Neurons per million tokens of the prompt.
    pub prompt: u64,
    /// Neurons per million tokens of the answer.
    pub completion: u64,
}

/// The default model.
pub const LLAMA: Model = Model { name: "llama-3.3-70b", prompt: 26_668, completion: 204_805 };
/// A smaller one: $0.051 and $0.335 per million tokens, at $0.011 per 1,000 neurons.
pub const QWEN: Model = Model { name: "qwen3-30b-a3b", prompt: 4_636, completion: 30_455 };

impl Model {
    /// Returns what a question takes, in thousandths of a neuron, rounded up.
    pub fn millineurons(self) -> u64 {
        let (prompt, completion) = TOKENS;
        (prompt * self.prompt + completion * self.completion).div_ceil(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_are_those_of_the_price_list() {
        assert_eq!(LLAMA.millineurons(), 135_258);
        assert_eq!(QWEN.millineurons(), 21_454);
    }
}
