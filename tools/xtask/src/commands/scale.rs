//! `cargo xtask scale` writes the tables of `docs/design/scale.md`: what a month costs at a few sizes
//! of load, and which limits are met first.
//!
//! It is arithmetic in integers, from what one plain question takes and from published prices and
//! limits. Prices are in nano-dollars. The pages were read on 2026-11-21.

use anyhow::Result;

use crate::problem::problem;
use crate::{document, project};

const DOCUMENT: &str = "docs/design/scale.md";
/// Questions a day, in the table of costs.
const SIZES: [u64; 4] = [50, 1_000, 10_000, 1_000_000];
const DAYS: u64 = 30;
const DAY_S: u64 = 86_400;
/// How much busier than the mean the busiest minute is assumed to be.
const PEAK: u64 = 8;

/// What to do with the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write them.
    Write,
    /// Compare them.
    Check,
}

/// What one plain question takes: one call of the model without tools, and an answer of one message
/// in a channel that has a webhook.
mod question {
    pub(super) const STEPS: u64 = 8;
    /// The interaction, and the instance of the Workflow.
    pub(super) const REQUESTS: u64 = 2;
    /// Three of ours; the platform's own for each request are off.
    pub(super) const LOG_EVENTS: u64 = 3;
    pub(super) const STATEMENTS: u64 = 5;
    /// As D1 counts rows, with indexes and triggers; `cargo xtask bench` prints what a job takes.
    pub(super) const ROWS_READ: u64 = 66;
    pub(super) const ROWS_WRITTEN: u64 = 32;
    /// Further rows that are read and written when the question is forgotten.
    pub(super) const ROWS_READ_TO_FORGET: u64 = 17;
    pub(super) const ROWS_WRITTEN_TO_FORGET: u64 = 4;
    /// Requests to Discord that count for the address they come from: a look at the webhook, and two
    /// posts.
    pub(super) const DISCORD_COUNTED: u64 = 3;
    pub(super) const POSTS: u64 = 2;
    /// At most: 10 ms, the free plan's limit, for the request and for each step.
    pub(super) const CPU_MS: u64 = 10 * (1 + STEPS);
    /// Bytes in D1 for a job, with an answer of 1,600 bytes, for 30 days.
    pub(super) const JOB_BYTE_DAYS: u64 = 4_500 * 30;
    /// Bytes in D1 for the sums of an asker's day, kept for 400 days. Four questions of each asker on
    /// such a day are assumed.
    pub(super) const SUM_BYTE_DAYS: u64 = 400 * 400 / 4;
    /// Bytes that the engine keeps of an ended instance for 7 days. Estimated.
    pub(super) const STATE_BYTE_DAYS: u64 = 5_000 * 7;
    pub(super) const TOKENS_IN: u64 = 2_000;
    pub(super) const TOKENS_OUT: u64 = 400;
    /// Milliseconds that its statements keep a database busy. Assumed: a statement that writes takes
    /// 2 ms, and a quarter more for each of the 21 rows of tables that it changes.
    pub(super) const DATABASE_US: u64 = STATEMENTS * 2_000 + 21 * 250;
}

/// Bytes that D1 keeps for each question that is asked every day.
const KEPT_BYTES: u64 = question::JOB_BYTE_DAYS + question::SUM_BYTE_DAYS;
const ROWS_WRITTEN: u64 = question::ROWS_WRITTEN + question::ROWS_WRITTEN_TO_FORGET;
const ROWS_READ: u64 = question::ROWS_READ + question::ROWS_READ_TO_FORGET;

/// A model, with neurons per million tokens.
#[derive(Debug, Clone, Copy)]
struct Model {
    name: &'static str,
    prompt: u64,
    completion: u64,
}

/// The default model.
const LLAMA: Model = Model { name: "llama-3.3-70b", prompt: 26_668, completion: 204_805 };
/// A smaller one: $0.051 and $0.335 per million tokens, at $0.011 per 1,000 neurons.
const QWEN: Model = Model { name: "qwen3-30b-a3b", prompt: 4_636, completion: 30_455 };

impl Model {
    /// Returns what a question takes, in thousandths of a neuron.
    fn millineurons(self) -> u64 {
        let neurons = question::TOKENS_IN * self.prompt + question::TOKENS_OUT * self.completion;
        neurons.div_ceil(1_000)
    }
}

/// Thousandths of neurons that a day has free of charge.
const FREE_MILLINEURONS: u64 = 10_000_000;
const NANO_PER_MILLINEURON: u64 = 11;
/// The paid plan, per month.
const PLAN_NANO: u64 = 5_000_000_000;

/// A price of the paid plan.
#[derive(Debug)]
struct Price {
    what: &'static str,
    /// Units that a month includes.
    included: u64,
    /// Nano-dollars for each further unit.
    nano: u64,
    /// The price as it is published.
    says: &'static str,
    page: &'static str,
    /// Units for so many questions a day.
    units: fn(u64) -> u64,
}

const CLOUDFLARE: &str = "https://developers.cloudflare.com";

/// What is paid for besides the model.
const PRICES: [Price; 8] = [
    Price {
        what: "Workflows: steps",
        included: 500_000,
        nano: 8_000,
        says: "$0.80 per 100,000",
        page: "/workflows/reference/pricing/",
        units: |per_day| per_day * DAYS * question::STEPS,
    },
    Price {
        what: "Workflows: state, kB-months",
        included: 1_000_000,
        nano: 200,
        says: "$0.20 per GB-month",
        page: "/workflows/reference/pricing/",
        units: |per_day| per_day * question::STATE_BYTE_DAYS / 1_000,
    },
    Price {
        what: "D1: rows written",
        included: 50_000_000,
        nano: 1_000,
        says: "$1.00 per million",
        page: "/d1/platform/pricing/",
        units: |per_day| per_day * DAYS * ROWS_WRITTEN,
    },
    Price {
        what: "D1: rows read",
        included: 25_000_000_000,
        nano: 1,
        says: "$0.001 per million",
        page: "/d1/platform/pricing/",
        units: |per_day| per_day * DAYS * ROWS_READ,
    },
    Price {
        what: "D1: storage, kB-months",
        included: 5_000_000,
        nano: 750,
        says: "$0.75 per GB-month",
        page: "/d1/platform/pricing/",
        units: |per_day| per_day * KEPT_BYTES / 1_000,
    },
    Price {
        what: "Workers Logs: events",
        included: 20_000_000,
        nano: 600,
        says: "$0.60 per million",
        page: "/workers/observability/logs/workers-logs/",
        units: |per_day| per_day * DAYS * question::LOG_EVENTS,
    },
    Price {
        what: "Workers and Workflows: CPU, ms",
        included: 30_000_000,
        nano: 20,
        says: "$0.02 per million",
        page: "/workers/platform/pricing/",
        units: |per_day| per_day * DAYS * question::CPU_MS,
    },
    Price {
        what: "Workers and Workflows: requests",
        included: 10_000_000,
        nano: 300,
        says: "$0.30 per million",
        page: "/workers/platform/pricing/",
        // The watchdog runs once a minute.
        units: |per_day| per_day * DAYS * question::REQUESTS + DAYS * 24 * 60,
    },
];

/// Limits of a day on the free plan, and what a question takes of each.
const FREE: [(&str, u64, u64); 3] = [
    ("3,000 steps", 3_000, question::STEPS),
    ("100,000 rows written to D1", 100_000, ROWS_WRITTEN),
    ("200,000 log events", 200_000, question::LOG_EVENTS),
];

/// A limit, and how many questions it lets through.
#[derive(Debug)]
struct Limit {
    what: &'static str,
    lets: Lets,
    page: &'static str,
}

#[derive(Debug)]
enum Lets {
    /// Thousandths of questions a second: the busiest minute counts.
    PerSecond(u64),
    /// Questions a day: only the day's sum counts.
    PerDay(u64),
}

/// What each limit lets through by itself.
const LIMITS: [Limit; 8] = [
    Limit {
        what: "one server: 60 questions a minute, our own limit",
        lets: Lets::PerSecond(1_000),
        page: "../../wrangler.toml",
    },
    Limit {
        what: "one channel: 5 posts of its webhook in 2 s, by all accounts",
        lets: Lets::PerSecond(5 * 1_000 / 2 / question::POSTS),
        page: "https://github.com/discord/discord-api-docs/issues/367",
    },
    Limit {
        what: "one model of Workers AI: 300 calls a minute",
        lets: Lets::PerSecond(300 * 1_000 / 60),
        page: "/workers-ai/platform/limits/",
    },
    Limit {
        what: "one database: 10 GB",
        lets: Lets::PerDay(10_000_000_000 / KEPT_BYTES),
        page: "/d1/platform/limits/",
    },
    Limit {
        what: "the watchdog: 5,000 jobs forgotten an hour, our own limit",
        lets: Lets::PerDay(5_000 * 24),
        page: "delivery.md",
    },
    Limit {
        what: "one address at Discord: 50 requests a second",
        lets: Lets::PerSecond(50 * 1_000 / question::DISCORD_COUNTED),
        page: "https://docs.discord.com/developers/topics/rate-limits",
    },
    Limit {
        what: "one database: one statement at a time",
        lets: Lets::PerSecond(1_000_000_000 / question::DATABASE_US),
        page: "/d1/reference/faq/",
    },
    Limit {
        what: "one Workflow: 100 instances created a second",
        lets: Lets::PerSecond(100 * 1_000),
        page: "/workflows/reference/limits/",
    },
];

impl Limit {
    /// Returns how many questions a day it lets through when the busiest minute is [`PEAK`] times the
    /// mean.
    fn a_day(&self) -> u64 {
        match self.lets {
            Lets::PerSecond(thousandths) => thousandths * DAY_S / 1_000 / PEAK,
            Lets::PerDay(questions) => questions,
        }
    }
}

/// Writes or compares the tables.
///
/// # Errors
/// When a marker is missing, or a table differs.
pub fn run(mode: Mode) -> Result<()> {
    let before = project::read(DOCUMENT)?;
    let after = document::with_part(&before, "cost", &cost())?;
    let after = document::with_part(&after, "limits", &limits())?;
    if after == before {
        return Ok(());
    }
    if mode == Mode::Check {
        return Err(problem(
            format!("{DOCUMENT} has other numbers than its program computes"),
            "`cargo xtask scale` writes them; read whether the text around them is still true",
        ));
    }
    Ok(std::fs::write(project::root()?.join(DOCUMENT), after)?)
}

fn cost() -> String {
    let head = SIZES.map(|size| format!("{} a day", commas(size)));
    let mut table = vec![format!("$ per month | {} | price", head.join(" | "))];
    table.push("--- | ---: | ---: | ---: | ---: | ---".to_owned());
    let mut row = |what: &str, nano: &dyn Fn(u64) -> u64, says: &str| {
        let cells = SIZES.map(|size| dollars(nano(size)));
        table.push([what, &cells.join(" | "), says].join(" | "));
    };
    let plan = link("$5.00", "/workers/platform/pricing/");
    row("plan", &|size| if is_free(size) { 0 } else { PLAN_NANO }, &plan);
    let neurons = link("$0.011 per 1,000 neurons", "/workers-ai/platform/pricing/");
    row(&format!("Workers AI, {}", LLAMA.name), &|size| model(size, LLAMA), &neurons);
    for price in &PRICES {
        row(price.what, &|size| component(size, price), &link(price.says, price.page));
    }
    row("**sum**", &|size| sum(size, LLAMA), "");
    row(&format!("sum, with {}", QWEN.name), &|size| sum(size, QWEN), "");
    let free: Vec<String> = [("10,000 neurons", FREE_MILLINEURONS, LLAMA.millineurons())]
        .into_iter()
        .chain(FREE)
        .map(|(what, limit, takes)| format!("{what} are {} questions", commas(limit / takes)))
        .collect();
    format!("{}\nOn a day of the free plan {}.\n", lines(&table), free.join(", "))
}

fn limits() -> String {
    let mut table = ["limit | questions a day", "--- | ---:"].map(ToOwned::to_owned).to_vec();
    let mut all: Vec<&Limit> = Vec::from_iter(&LIMITS);
    all.sort_by_key(|limit| limit.a_day());
    table.extend(
        all.into_iter()
            .map(|limit| format!("{} | {}", link(limit.what, limit.page), commas(limit.a_day()))),
    );
    lines(&table)
}

/// Returns the rows of a table in Markdown.
fn lines(rows: &[String]) -> String {
    format!("| {} |\n", rows.join(" |\n| "))
}

fn sum(per_day: u64, with: Model) -> u64 {
    if is_free(per_day) {
        return 0;
    }
    let components: u64 = PRICES.iter().map(|price| component(per_day, price)).sum();
    PLAN_NANO + model(per_day, with) + components
}

fn component(per_day: u64, price: &Price) -> u64 {
    (price.units)(per_day).saturating_sub(price.included) * price.nano
}

fn model(per_day: u64, model: Model) -> u64 {
    let billed = (per_day * model.millineurons()).saturating_sub(FREE_MILLINEURONS);
    billed * DAYS * NANO_PER_MILLINEURON
}

/// Returns whether the free plan carries so many questions a day.
fn is_free(per_day: u64) -> bool {
    model(per_day, LLAMA) == 0 && FREE.iter().all(|(_, limit, takes)| per_day * takes <= *limit)
}

fn link(text: &str, page: &str) -> String {
    let host = if page.starts_with('/') { CLOUDFLARE } else { "" };
    format!("[{text}]({host}{page})")
}

/// Returns nano-dollars as dollars and cents.
fn dollars(nano: u64) -> String {
    let cents = (nano + 5_000_000) / 10_000_000;
    format!("{}.{:02}", commas(cents / 100), cents % 100)
}

fn commas(number: u64) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{},{rest:03}", commas(thousands)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_what_the_price_lists_make_them() {
        // (135,258 − 10,000) neurons × 30 days × $0.011 per 1,000.
        assert_eq!(model(1_000, LLAMA), 41_335_140_000);
        assert_eq!(sum(1_000, LLAMA), 46_335_140_000);
        // 2,400,000 steps, of which 1,900,000 are paid.
        assert_eq!(PRICES.first().map(|steps| component(10_000, steps)), Some(15_200_000_000));
        assert_eq!((is_free(50), is_free(73), is_free(74)), (true, true, false));
    }

    #[test]
    fn limits_are_met_at_what_they_let_through() {
        let of = |word: &str| LIMITS.iter().find(|limit| limit.what.contains(word));
        assert_eq!(of("300 calls").map(Limit::a_day), Some(54_000));
        assert_eq!(of("10 GB").map(Limit::a_day), Some(57_142));
        assert_eq!(of("instances").map(Limit::a_day), Some(1_080_000));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(commas), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(dollars(44_631_839_000_000), "44,631.84");
    }
}
