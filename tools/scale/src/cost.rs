//! What questions cost, in nano-dollars: per month of 30 days, by component.

use crate::facts::{self, Price};
use crate::question::{self, Model};

/// Days of a month.
pub const DAYS: u64 = 30;
/// Minutes of a month: the watchdog's rounds.
const MINUTES: u64 = DAYS * 24 * 60;

/// What a month takes of something, and what that costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is paid for.
    pub what: &'static str,
    /// Units.
    pub units: u64,
    /// Nano-dollars beyond what is included.
    pub nano: u64,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Questions of a day.
    pub per_day: u64,
    /// Whether the free plan carries it.
    pub is_free: bool,
    /// All lines but the plan itself.
    pub lines: Vec<Line>,
}

impl Month {
    /// Returns the cost of the plan itself.
    pub fn plan(&self) -> u64 {
        if self.is_free { 0 } else { facts::PLAN_NANO }
    }

    /// Returns the cost of everything.
    pub fn sum(&self) -> u64 {
        self.plan() + self.lines.iter().map(|line| line.nano).sum::<u64>()
    }

    /// Returns the cost of everything that is not the model, nor the plan.
    pub fn without_model(&self) -> u64 {
        self.sum() - self.plan() - self.of(facts::MILLINEURONS)
    }

    /// Returns the cost of one line.
    pub fn of(&self, price: Price) -> u64 {
        self.lines.iter().filter(|line| line.what == price.what).map(|line| line.nano).sum()
    }
}

/// Returns the month of so many questions a day.
pub fn month(per_day: u64, model: Model) -> Month {
    let questions = per_day * DAYS;
    let neurons = per_day * model.millineurons();
    let billed = neurons.saturating_sub(facts::FREE_MILLINEURONS_A_DAY) * DAYS;
    let kept_kb = per_day * question::kept_bytes() / 1_000;
    let state_kb = per_day * question::STATE_DAYS * question::STATE_BYTES / 1_000;
    let read = question::ROWS_READ + question::ROWS_READ_TO_FORGET;
    let lines = vec![
        line(facts::MILLINEURONS, billed),
        line(facts::WORKFLOW_STEPS, questions * question::STEPS),
        line(facts::D1_KB, kept_kb),
        line(facts::ROWS_WRITTEN, questions * rows_written()),
        line(facts::LOGS, questions * question::LOG_EVENTS),
        line(facts::CPU_MS, questions * question::CPU_MS),
        line(facts::REQUESTS, questions * question::REQUESTS + MINUTES),
        line(facts::WORKFLOW_KB, state_kb),
        line(facts::ROWS_READ, questions * read),
        // None in the plain case: the queue is for jobs that could not be started, KV for saved
        // answers, and Durable Objects are inside D1 and Workflows.
        line(facts::QUEUE_OPERATIONS, 0),
        line(facts::OBJECT_REQUESTS, 0),
        line(facts::KV_READS, 0),
    ];
    Month { per_day, is_free: per_day <= free_questions(model), lines }
}

/// Returns the rows that a question writes, until it is forgotten.
pub fn rows_written() -> u64 {
    question::ROWS_WRITTEN + question::ROWS_WRITTEN_TO_FORGET
}

/// Returns how many questions a day the free plan carries, and the first limit of that.
pub fn free_walls(model: Model) -> [(&'static str, u64); 4] {
    let neurons = facts::FREE_MILLINEURONS_A_DAY / model.millineurons();
    [
        ("10,000 neurons", neurons),
        ("3,000 steps", facts::FREE_STEPS / question::STEPS),
        ("100,000 rows written to D1", facts::FREE_ROWS_WRITTEN / rows_written()),
        ("200,000 log events", facts::FREE_LOGS / question::LOG_EVENTS),
    ]
}

fn free_questions(model: Model) -> u64 {
    free_walls(model).into_iter().map(|(_, questions)| questions).min().unwrap_or(0)
}

/// Returns what so many units of a month cost.
pub fn line(price: Price, units: u64) -> Line {
    let nano = units.saturating_sub(price.included) * price.nano;
    Line { what: price.what, units, nano }
}

/// Returns what a question costs at the margin, when all that is included is used up: the model, and
/// everything else.
pub fn marginal(model: Model) -> (u64, u64) {
    // What is kept for each question of every day is paid every month: a day's share of it.
    let storage = |price: Price, bytes: u64| price.nano * bytes / DAYS / 1_000;
    let rest = question::STEPS * facts::WORKFLOW_STEPS.nano
        + rows_written() * facts::ROWS_WRITTEN.nano
        + (question::ROWS_READ + question::ROWS_READ_TO_FORGET) * facts::ROWS_READ.nano
        + storage(facts::D1_KB, question::kept_bytes())
        + storage(facts::WORKFLOW_KB, question::STATE_BYTES * question::STATE_DAYS)
        + question::LOG_EVENTS * facts::LOGS.nano
        + question::CPU_MS * facts::CPU_MS.nano
        + question::REQUESTS * facts::REQUESTS.nano;
    (model.millineurons() * facts::MILLINEURONS.nano, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::{LLAMA, QWEN};

    #[test]
    fn the_free_plan_carries_as_many_as_its_neurons() {
        assert_eq!(free_questions(LLAMA), 73);
        let month = month(50, LLAMA);
        assert_eq!((month.is_free, month.sum()), (true, 0));
    }

    #[test]
    fn months_are_what_the_price_lists_make_them() {
        // (135,258 − 10,000) neurons × 30 days × $0.011 per 1,000.
        assert_eq!(month(1_000, LLAMA).of(facts::MILLINEURONS), 41_335_140_000);
        assert_eq!(month(1_000, LLAMA).sum(), 46_335_140_000);
        // 2,400,000 steps, of which 1,900,000 are paid.
        assert_eq!(month(10_000, LLAMA).of(facts::WORKFLOW_STEPS), 15_200_000_000);
        assert_eq!(month(1_000, QWEN).of(facts::MILLINEURONS), 3_779_820_000);
    }

    #[test]
    fn a_large_month_costs_what_its_margins_add_up_to() {
        let (model, rest) = marginal(LLAMA);
        let per_day = 1_000_000_000;
        let month = month(per_day, LLAMA);
        let expected = (model + rest) * per_day * DAYS;
        assert!(month.sum().abs_diff(expected) < expected / 100, "{} {expected}", month.sum());
    }
}
