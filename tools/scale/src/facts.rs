//! What Cloudflare and Discord publish: limits, prices, and where they say so.
//!
//! Prices are in nano-dollars. Pages were read on 2026-11-21; a date is the page's own, where it
//! has one.

/// A published page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Name in the text.
    pub name: &'static str,
    /// Address.
    pub url: &'static str,
}

/// A published limit.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is limited.
    pub what: &'static str,
    /// How much, in words.
    pub says: &'static str,
    /// Where that is said.
    pub page: Page,
}

/// A price, and what is included in it each month.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// What is paid for.
    pub what: &'static str,
    /// Units that the paid plan includes per month.
    pub included: u64,
    /// Nano-dollars for each further unit.
    pub nano: u64,
    /// The price as it is published.
    pub says: &'static str,
    /// Where that is said.
    pub page: Page,
}

const WORKERS: Page = Page {
    name: "Workers pricing",
    url: "https://developers.cloudflare.com/workers/platform/pricing/",
};
const LOGS_PAGE: Page = Page {
    name: "Workers Logs",
    url: "https://developers.cloudflare.com/workers/observability/logs/workers-logs/",
};
const STEPS: Page = Page {
    name: "Workflows pricing, billed since 2026-08-10",
    url: "https://developers.cloudflare.com/workflows/reference/pricing/",
};
const ENGINE: Page = Page {
    name: "Workflows limits, 2026-06-15",
    url: "https://developers.cloudflare.com/workflows/reference/limits/",
};
const D1_PRICES: Page =
    Page { name: "D1 pricing", url: "https://developers.cloudflare.com/d1/platform/pricing/" };
const D1_LIMITS: Page = Page {
    name: "D1 limits, 2026-04-21",
    url: "https://developers.cloudflare.com/d1/platform/limits/",
};
const D1_FAQ: Page =
    Page { name: "D1 FAQ", url: "https://developers.cloudflare.com/d1/reference/faq/" };
const QUEUES: Page = Page {
    name: "Queues limits",
    url: "https://developers.cloudflare.com/queues/platform/limits/",
};
const QUEUE_PRICES: Page = Page {
    name: "Queues pricing",
    url: "https://developers.cloudflare.com/queues/platform/pricing/",
};
const OBJECTS: Page = Page {
    name: "Durable Objects pricing",
    url: "https://developers.cloudflare.com/durable-objects/platform/pricing/",
};
const OBJECT_LIMITS: Page = Page {
    name: "Durable Objects limits",
    url: "https://developers.cloudflare.com/durable-objects/platform/limits/",
};
const AI_LIMITS: Page = Page {
    name: "Workers AI limits, 2026-09-17",
    url: "https://developers.cloudflare.com/workers-ai/platform/limits/",
};
const AI_PRICES: Page = Page {
    name: "Workers AI pricing",
    url: "https://developers.cloudflare.com/workers-ai/platform/pricing/",
};
const KV: Page =
    Page { name: "KV pricing", url: "https://developers.cloudflare.com/kv/platform/pricing/" };
const DISCORD: Page = Page {
    name: "Discord rate limits",
    url: "https://docs.discord.com/developers/topics/rate-limits",
};
const WEBHOOKS: Page = Page {
    name: "Discord's staff in an issue, 2017-08-26",
    url: "https://github.com/discord/discord-api-docs/issues/367",
};

/// Instances of one Workflow that may be created per second.
pub const CREATIONS_PER_S: u64 = 100;
/// Instances that may run at a time; those that sleep do not count.
pub const RUNNING: u64 = 50_000;
/// Bytes of one D1 database.
pub const DATABASE_BYTES: u64 = 10_000_000_000;
/// Messages per second of one queue.
pub const MESSAGES_PER_S: u64 = 5_000;
/// Messages of one batch.
pub const BATCH: u64 = 100;
/// Calls per minute of one model of text generation.
pub const CALLS_PER_MIN: u64 = 300;
/// Neurons of each day that cost nothing, in thousandths.
pub const FREE_MILLINEURONS_A_DAY: u64 = 10_000_000;
/// Requests to Discord per second of one bot, and of one address where no bot is named.
pub const DISCORD_PER_S: u64 = 50;
/// Posts by one webhook in [`WEBHOOK_WINDOW_S`].
pub const WEBHOOK_POSTS: u64 = 5;
/// Seconds in which they are counted.
pub const WEBHOOK_WINDOW_S: u64 = 2;
/// The paid plan, per month.
pub const PLAN_NANO: u64 = 5_000_000_000;

/// Steps, rows written and log lines of a day on the free plan.
pub const FREE_STEPS: u64 = 3_000;
/// Rows of D1 that may be written on a day on the free plan.
pub const FREE_ROWS_WRITTEN: u64 = 100_000;
/// Log lines of a day on the free plan.
pub const FREE_LOGS: u64 = 200_000;

/// Requests to the Worker and instances of Workflows.
pub const REQUESTS: Price = Price {
    what: "Workers and Workflows: requests",
    included: 10_000_000,
    nano: 300,
    says: "$0.30 per million",
    page: WORKERS,
};
/// Milliseconds of the processor.
pub const CPU_MS: Price = Price {
    what: "Workers and Workflows: CPU, ms",
    included: 30_000_000,
    nano: 20,
    says: "$0.02 per million",
    page: WORKERS,
};
/// Log lines.
pub const LOGS: Price = Price {
    what: "Workers Logs: events",
    included: 20_000_000,
    nano: 600,
    says: "$0.60 per million",
    page: LOGS_PAGE,
};
/// Steps of Workflows.
pub const WORKFLOW_STEPS: Price = Price {
    what: "Workflows: steps",
    included: 500_000,
    nano: 8_000,
    says: "$0.80 per 100,000",
    page: STEPS,
};
/// State that Workflows keep, in kB for a month.
pub const WORKFLOW_KB: Price = Price {
    what: "Workflows: state, kB-months",
    included: 1_000_000,
    nano: 200,
    says: "$0.20 per GB-month",
    page: STEPS,
};
/// Rows of D1 that are read.
pub const ROWS_READ: Price = Price {
    what: "D1: rows read",
    included: 25_000_000_000,
    nano: 1,
    says: "$0.001 per million",
    page: D1_PRICES,
};
/// Rows of D1 that are written.
pub const ROWS_WRITTEN: Price = Price {
    what: "D1: rows written",
    included: 50_000_000,
    nano: 1_000,
    says: "$1.00 per million",
    page: D1_PRICES,
};
/// What D1 keeps, in kB for a month.
pub const D1_KB: Price = Price {
    what: "D1: storage, kB-months",
    included: 5_000_000,
    nano: 750,
    says: "$0.75 per GB-month",
    page: D1_PRICES,
};
/// Operations of queues: a message takes three.
pub const QUEUE_OPERATIONS: Price = Price {
    what: "Queues: operations",
    included: 1_000_000,
    nano: 400,
    says: "$0.40 per million",
    page: QUEUE_PRICES,
};
/// Requests to Durable Objects of one's own.
pub const OBJECT_REQUESTS: Price = Price {
    what: "Durable Objects: requests",
    included: 1_000_000,
    nano: 150,
    says: "$0.15 per million",
    page: OBJECTS,
};
/// Reads of KV.
pub const KV_READS: Price = Price {
    what: "KV: reads",
    included: 10_000_000,
    nano: 500,
    says: "$0.50 per million",
    page: KV,
};
/// Writes of KV.
pub const KV_WRITES: Price = Price {
    what: "KV: writes",
    included: 1_000_000,
    nano: 5_000,
    says: "$5.00 per million",
    page: KV,
};
/// Thousandths of a neuron.
pub const MILLINEURONS: Price = Price {
    what: "Workers AI: thousandths of neurons",
    included: 0,
    nano: 11,
    says: "$0.011 per 1,000 neurons",
    page: AI_PRICES,
};

/// All prices, in the order of the table.
pub const PRICES: [Price; 13] = [
    REQUESTS,
    CPU_MS,
    LOGS,
    WORKFLOW_STEPS,
    WORKFLOW_KB,
    ROWS_READ,
    ROWS_WRITTEN,
    D1_KB,
    QUEUE_OPERATIONS,
    OBJECT_REQUESTS,
    KV_READS,
    KV_WRITES,
    MILLINEURONS,
];

/// All limits, in the order of the table.
pub const LIMITS: [Limit; 10] = [
    Limit {
        what: "Workers AI, text generation",
        says: "300 requests per minute for a model (20 for the largest); more by request",
        page: AI_LIMITS,
    },
    Limit {
        what: "Workflows, creation",
        says: "100 instances per second for a Workflow, 300 for the account",
        page: ENGINE,
    },
    Limit {
        what: "Workflows, running at a time",
        says: "50,000; sleeping ones do not count, 2,000,000 may be queued",
        page: ENGINE,
    },
    Limit { what: "D1, size", says: "10 GB for a database, not to be raised", page: D1_LIMITS },
    Limit {
        what: "D1, throughput",
        says: "one query at a time: 1,000 a second of 1 ms, 10 of 100 ms; a read by an index takes \
               less than a millisecond, a write several, by the rows; too many queue, then fail as \
               overloaded",
        page: D1_FAQ,
    },
    Limit {
        what: "Queues",
        says: "5,000 messages per second for a queue, 100 in a batch, 250 consumers at a time",
        page: QUEUES,
    },
    Limit {
        what: "Durable Objects",
        says: "about 1,000 requests per second for an object",
        page: OBJECT_LIMITS,
    },
    Limit {
        what: "Discord, everything",
        says: "50 requests per second for a bot; without its token, for the address they come from; \
               replies to interactions are not bound to it",
        page: DISCORD,
    },
    Limit {
        what: "Discord, refusals",
        says: "10,000 answers of 401, 403 or 429 in ten minutes close the address",
        page: DISCORD,
    },
    Limit {
        what: "Discord, one webhook",
        says: "not published, told by headers; 5 posts in 2 seconds by all accounts",
        page: WEBHOOKS,
    },
];
