//! Rate limits that all jobs share: until when a platform, or one place of it, must not be called.
//!
//! A limit that one job meets is kept by every job, since calls during a block make the block longer.

use core::time::Duration;

use miyabi_core::event::Event;
use miyabi_core::ports::{Log, Sql, Statement};
use miyabi_core::transport::{LONGEST_LIMIT, RateLimitBudget};

/// Waits below this are not worth a write: they are over before another job reads it.
const WORTH_A_WRITE: Duration = Duration::from_secs(2);

/// Added to what is remembered: the wait and the database's clock are both cut to whole seconds, and a
/// breaker may open late but not early.
const ROUNDING: Duration = Duration::from_secs(2);

/// Remembers that `scope`, a platform's name or what its transport calls the scope of a route, must not be called
/// for `wait`, at most [`LONGEST_LIMIT`].
///
/// `ledger::begin` reads it for every post. That it could not be written costs a request that is
/// refused again, so the failure is not passed on.
///
/// # Repeats
/// The longer wait counts.
pub async fn open(host: &(impl Sql + Log), scope: &str, wait: Duration) {
    if wait < WORTH_A_WRITE || scope.is_empty() {
        return;
    }
    let wait_s = wait.saturating_add(ROUNDING).min(LONGEST_LIMIT).as_secs();
    host.log(&Event::BreakerOpened { scope: scope.to_owned(), wait_s });
    let statement = Statement {
        name: "breaker::open",
        sql: "INSERT INTO breakers (scope, closes_at) VALUES (?1, unixepoch() + ?2)
              ON CONFLICT (scope) DO UPDATE SET closes_at = max(closes_at, excluded.closes_at)",
        values: vec![scope.into(), wait_s.into()],
    };
    drop(host.query(statement).await);
}

/// Notes a limit that a call has met, which names a wait or none: other jobs learn of it, and the caller waits for it, if
/// `budget` has as much.
///
/// # Repeats
/// As for [`open`]; each takes from the budget.
pub async fn limited(
    host: &(impl Sql + Log),
    scope: &str,
    budget: &mut RateLimitBudget,
    named: Option<Duration>,
) {
    let wait = budget.wait(named);
    open(host, scope, wait).await;
    budget.take(wait);
}

/// Returns whether `scope` must not be called now. A database that does not say forbids nothing.
///
/// # Repeats
/// Reads only.
pub async fn is_open(host: &impl Sql, scope: &str) -> bool {
    let statement = Statement {
        name: "breaker::is_open",
        sql: "SELECT 1 AS open FROM breakers WHERE scope = ?1 AND closes_at > unixepoch()",
        values: vec![scope.into()],
    };
    host.hits(statement).await.unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
