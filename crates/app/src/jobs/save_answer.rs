//! Which answer is delivered? One statement, and with it all that the first posts need to know.

use serde_json::Value;

use super::super::Job;
use super::super::lease::Leases;
use super::{booked, generation, text};
use miyabi_ai::Attempt;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Sql, SqlValue, Statement};

/// Fixes the answer that is delivered, and returns it: the one that an earlier generation fixed, if there
/// is one; `None` if the job has a later generation or has ended. What else is told goes into `leases`.
///
/// Books what this generation took, in place of what was set aside for it. Begins the first posts in the
/// ledger, by a trigger, if `begins`, nobody has before and no breaker is open: not where the channel cannot
/// be read, since there a post that was begun and not sent is not told from one that was sent.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns what the first has fixed, and books and begins nothing.
pub async fn save_answer(
    host: &(impl Sql + Clock),
    (job, leases): (&Job, &Leases),
    begins: bool,
    answer: &str,
    attempts: &[Attempt],
) -> Result<Option<String>, Fault> {
    let asked = host.now();
    let statement = Statement {
        name: "jobs::save_answer",
        sql: "UPDATE jobs SET result = coalesce(result, ?3), updated_at = unixepoch(),
                reserved = 0, attempts = coalesce(?4, attempts),
                begins = iif(?5 AND result IS NULL AND NOT EXISTS
                  (SELECT 1 FROM posts WHERE job = ?1) AND NOT EXISTS (SELECT 1 FROM breakers
                    WHERE until > unixepoch() AND scope NOT GLOB '*:*'),
                  '[\"question:1\",\"answer:1\"]', NULL)
              WHERE id = ?1 AND generation = ?2 AND status = 'PROCESSING'
              RETURNING result, begins",
        values: vec![
            text(job.id().as_str()),
            generation(job),
            text(answer),
            booked(attempts),
            SqlValue::Integer(begins.into()),
        ],
    };
    let rows = host.query(statement).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    leases.grant(asked, row.get("begins").is_some_and(Value::is_string));
    Ok(row.get("result").and_then(Value::as_str).map(ToOwned::to_owned))
}
