//! What a sender is told of the limits that a route is under: `RateLimit-Policy` with each reply, and
//! `RateLimit` with the refusal by one of them.
//!
//! | policy | counts | what is known |
//! | --- | --- | --- |
//! | `questions` | a person's questions in a minute | its number; the platform's binding tells no count, so what is left is known only where nothing is |
//! | `files` | a person's files in a minute: as many as that many questions bring | its number, and nothing of what is left, likewise |
//! | `visitors` | new visitors of one address in a minute | its number; told with a refusal |
//! | `running` | a person's questions that have not ended | its number; how many run is known to the claim of the next one |
//!
//! # Source
//! draft-ietf-httpapi-ratelimit-headers-11.

use miyabi_ai::files::MAX_FILES;
use miyabi_app::limits;
use miyabi_core::config::{Settings, Visitors};
use miyabi_core::http::Reply;
use miyabi_core::ports::{Clock, RateLimits};
use miyabi_core::problem::Problem;

/// Kind of the problem of a budget or limit that is used up.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// Questions in a minute.
    Questions,
    /// Questions at a time.
    Running,
    /// Files in a minute.
    Files,
}

/// Adds the policies of a question to its reply, or to why there is none.
pub(super) fn tell(settings: &Settings, replied: Result<Reply, Problem>) -> Result<Reply, Problem> {
    told(policies(settings), replied)
}

/// Adds the policy of a file to its reply, or to why it is not kept.
pub(super) fn tell_files(
    settings: &Settings,
    replied: Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    let Some(limit) = settings.asker_limit else { return replied };
    let limit = u64::from(limit).saturating_mul(u64::try_from(MAX_FILES).unwrap_or(1));
    told(format!("\"files\";q={limit};w=60"), replied)
}

/// Counts a file of a person.
///
/// # Errors
/// 429: it is one too many.
///
/// # Repeats
/// Counts again.
pub(super) async fn count_file(
    host: &(impl Clock + RateLimits),
    owner: &str,
) -> Result<(), Problem> {
    // The platform counts to one number only, so each file that a question may bring has a count of its own.
    for place in 0..MAX_FILES {
        if !limits::is_one_too_many(host, &format!("file {place}:{owner}")).await {
            return Ok(());
        }
    }
    let detail = "you send more files than you may; wait a minute";
    Err(refused(Problem::new(429, "too_many_requests", detail), Policy::Files))
}

fn told(policies: String, replied: Result<Reply, Problem>) -> Result<Reply, Problem> {
    match replied {
        Ok(reply) => Ok(reply.header("ratelimit-policy", policies)),
        Err(problem) => Err(problem.header("ratelimit-policy", policies)),
    }
}

fn policies(settings: &Settings) -> String {
    let running = settings.jobs_per_asker;
    let running = format!("\"running\";q={running};qu=\"concurrent-requests\"");
    match settings.asker_limit {
        Some(limit) => format!("\"questions\";q={limit};w=60, {running}"),
        None => running,
    }
}

/// Returns the problem of an address that makes too many visitors.
pub(super) fn no_visitor(settings: &Visitors) -> Problem {
    let detail = "too many new visitors come from your address; keep the cookie, or wait a minute";
    exceeded(Problem::new(429, "too_many_visitors", detail))
        .header("retry-after", "60")
        .header("ratelimit", "\"visitors\";r=0;t=60")
        .header("ratelimit-policy", format!("\"visitors\";q={};w=60", settings.limit))
}

/// Returns the problem of an address that tries too many codes.
pub(super) fn no_code() -> Problem {
    let detail = "too many codes were tried from your address; wait a minute";
    exceeded(Problem::new(429, "too_many_codes", detail)).header("retry-after", "60")
}

/// Returns the problem of a limit that refuses, with what is left of it: nothing.
pub(super) fn refused(problem: Problem, policy: Policy) -> Problem {
    let (left, wait) = match policy {
        // A minute of the clock of the platform, of which nobody says how much is over.
        Policy::Questions => ("\"questions\";r=0;t=60", "60"),
        Policy::Running => ("\"running\";r=0", "30"),
        Policy::Files => ("\"files\";r=0;t=60", "60"),
    };
    exceeded(problem).header("retry-after", wait).header("ratelimit", left)
}

/// Returns a problem as one of a quota.
pub(super) fn exceeded(mut problem: Problem) -> Problem {
    problem.kind = QUOTA_EXCEEDED;
    problem
}
