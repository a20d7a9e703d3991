//! The circuit breaker of a vendor: until when its models are not asked, so that one refusal for a used up
//! allowance serves for all jobs.

use miyabi_core::fault::Fault;
use miyabi_core::ports::{Sql, SqlValue, Statement};

/// Remembers that a vendor, such as `workers-ai`, is not asked until then, in Unix seconds.
///
/// `jobs::claim` reads it for every job, as `closed`. Its scope in the table `breakers` is
/// `model:workers-ai`, so that it is not taken for a webhook's.
///
/// # Errors
/// A store fault: the next job then meets the refusal again, and no more.
///
/// # Repeats
/// The longer wait counts.
pub async fn open(host: &impl Sql, vendor: &str, until_s: u64) -> Result<(), Fault> {
    let statement = Statement {
        name: "model_breaker::open",
        sql: "INSERT INTO breakers (scope, closes_at) VALUES ('model:' || ?1, ?2)
              ON CONFLICT (scope) DO UPDATE SET closes_at = max(closes_at, excluded.closes_at)",
        values: vec![
            SqlValue::Text(vendor.to_owned()),
            SqlValue::Integer(i64::try_from(until_s).unwrap_or(i64::MAX)),
        ],
    };
    host.query(statement).await.map(drop)
}
