//! Every SQL statement about jobs.
//!
//! Each says in its `WHERE` which states it moves, and for which generation, so that running it twice is
//! running it once and an older generation moves nothing; a trigger refuses any other move.

mod claim;
mod save_answer;

use serde_json::Value;

pub use self::claim::{Claim, Grant, claim};
pub use self::save_answer::save_answer;
use super::{Job, to_params};
use miyabi_ai::Attempt;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::json;
use miyabi_core::ports::{Sql, SqlValue, Statement, Stored as _};

/// Days for which it is known what was spent: a year, and a month to look back at it.
const SPENDING_DAYS: i64 = 400;

/// Writes the job as PENDING, with what [`to_params`] makes of it, and returns whether it is new.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A row that is there already stays as it is.
pub fn insert(
    host: &impl Sql,
    job: &Job,
    params: &str,
) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::insert",
        sql: "INSERT INTO jobs (id, token, params, asker, generation, created_at, status)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'PENDING') ON CONFLICT (id) DO NOTHING
              RETURNING id",
        values: row(job, params),
    };
    host.hits(statement)
}

/// Returns whether the job has neither ended nor a later generation; one without a row has not.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn is_current(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::is_current",
        sql: "SELECT 1 AS current WHERE NOT EXISTS (SELECT 1 FROM jobs
                WHERE id = ?1 AND NOT (generation = ?2 AND status IN ('PENDING', 'PROCESSING')))",
        values: vec![text(job.id().as_str()), generation(job)],
    };
    host.hits(statement)
}

/// Returns whether the job has not been begun by any Workflow; one without a row has not.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn is_pending(host: &impl Sql, id: &JobId) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::is_pending",
        sql: "SELECT 1 AS pending WHERE NOT EXISTS (SELECT 1 FROM jobs
                WHERE id = ?1 AND NOT (status = 'PENDING' AND generation = 1))",
        values: vec![text(id.as_str())],
    };
    host.hits(statement)
}

/// Returns whether the job is PROCESSING in this generation and has no answer yet.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub fn is_thinking(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::is_thinking",
        sql: "SELECT 1 AS thinking FROM jobs
              WHERE id = ?1 AND generation = ?2 AND status = 'PROCESSING' AND result IS NULL",
        values: vec![text(job.id().as_str()), generation(job)],
    };
    host.hits(statement)
}

/// Moves the job to COMPLETED, and blanks its token and parameters. Its answer is the one that
/// [`keep()`] fixed.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that has ended or has a later generation stays as it is: `false`, unless it is COMPLETED.
pub fn complete(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::complete",
        sql: "UPDATE jobs SET token = '', params = '', updated_at = unixepoch(),
                status = 'COMPLETED'
              WHERE id = ?1 AND generation = ?2 AND status IN ('PROCESSING', 'COMPLETED')
              RETURNING id",
        values: vec![text(job.id().as_str()), generation(job)],
    };
    host.hits(statement)
}

/// Moves the job to ERROR with its cause, and blanks its token and parameters; writes the row if
/// there is none. Returns whether the job is there now.
///
/// Books what this generation took, in place of what was set aside for it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that has ended or has a later generation stays as it is, and nothing is booked: `false`.
pub fn fail(
    host: &impl Sql,
    job: &Job,
    fault: &Fault,
    attempts: &[Attempt],
) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::fail",
        sql: "INSERT INTO jobs (id, token, generation, status, result, attempts)
              VALUES (?1, '', ?2, 'ERROR', ?3, ?4)
              ON CONFLICT (id) DO UPDATE SET status = 'ERROR', token = '', params = '',
                result = excluded.result, updated_at = unixepoch(),
                reserved = 0, attempts = coalesce(excluded.attempts, attempts)
              WHERE status IN ('PENDING', 'PROCESSING') AND generation = excluded.generation
              RETURNING id",
        values: vec![
            text(job.id().as_str()),
            generation(job),
            text(&fault.cause.to_string()),
            booked(attempts),
        ],
    };
    host.hits(statement)
}

/// Moves a job whose Workflow did not start to ERROR, and returns whether it is there now.
///
/// `false` means that the Workflow runs after all, or the job ended already: there is nothing to
/// tell the asker.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns `false`.
pub fn abandon(
    host: &impl Sql,
    id: &JobId,
    fault: &Fault,
) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::abandon",
        sql: "INSERT INTO jobs (id, token, status, result) VALUES (?1, '', 'ERROR', ?2)
              ON CONFLICT (id) DO UPDATE SET status = 'ERROR', token = '', params = '',
                result = excluded.result, updated_at = unixepoch()
              WHERE status = 'PENDING' AND generation = 1
              RETURNING id",
        values: vec![text(id.as_str()), text(&fault.cause.to_string())],
    };
    host.hits(statement)
}

/// Gives the job its next generation, if it still has this one, and returns whether it did: of two
/// watchdogs one does. What is set aside for the generation that ends is booked as lost, by a trigger.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns `false`.
pub fn revive(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "jobs::revive",
        sql: "UPDATE jobs SET generation = generation + 1, updated_at = unixepoch()
              WHERE id = ?1 AND generation = ?2 AND status IN ('PENDING', 'PROCESSING')
              RETURNING generation",
        values: vec![text(job.id().as_str()), generation(job)],
    };
    host.hits(statement)
}

/// A job that may need the watchdog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Id.
    pub id: JobId,
    /// Interaction's token.
    pub token: String,
    /// Workflow's parameters; `Null` if the row has none.
    pub params: Value,
    /// Current generation.
    pub generation: u32,
    /// Seconds since it was asked.
    pub age_s: u64,
    /// Seconds since anything was written about it.
    pub idle_s: u64,
    /// Answer that is being delivered.
    pub answer: Option<String>,
}

/// Returns jobs that have not ended and are silent for `quiet_s`, or older than `deadline_s`: the
/// oldest 200.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn overdue(
    host: &impl Sql,
    quiet_s: u32,
    deadline_s: u32,
) -> Result<Vec<Overdue>, Fault> {
    let statement = Statement {
        name: "jobs::overdue",
        sql: "SELECT id, token, params, generation, result, age_s, idle_s FROM
                (SELECT *, max(0, unixepoch() - coalesce(created_at, 0)) AS age_s,
                  max(0, unixepoch() - max(updated_at, coalesce(
                    (SELECT max(posts.updated_at) FROM posts WHERE job = jobs.id), 0))) AS idle_s
                FROM jobs WHERE status IN ('PENDING', 'PROCESSING'))
              WHERE idle_s >= ?1 OR age_s >= ?2
              ORDER BY created_at LIMIT 200",
        values: vec![SqlValue::Integer(quiet_s.into()), SqlValue::Integer(deadline_s.into())],
    };
    let rows = host.query(statement).await?;
    rows.iter().map(|row| read(row).ok_or_else(|| column("id"))).collect()
}

fn read(row: &serde_json::Map<String, Value>) -> Option<Overdue> {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let number = |name: &str| row.get(name).and_then(Value::as_u64);
    Some(Overdue {
        id: JobId::parse(text("id")?)?,
        token: text("token")?.to_owned(),
        params: json::parse(text("params")?).unwrap_or_default(),
        generation: number("generation")?.try_into().ok()?,
        age_s: number("age_s")?,
        idle_s: number("idle_s")?,
        answer: text("result").map(ToOwned::to_owned),
    })
}

/// Deletes the 500 oldest jobs that ended and are `days` old, with what they posted and asked of
/// models, and old dead letters, breakers and sums of spending; returns how many jobs.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// What is gone is gone. Posts go before their jobs, and a job that still has some stays, so that none
/// is left behind.
pub async fn forget(host: &impl Sql, days: u32) -> Result<usize, Fault> {
    let age = || vec![SqlValue::Integer(i64::from(days) * 86_400)];
    let spending = Statement {
        name: "spending::forget",
        sql: "DELETE FROM spending WHERE day < unixepoch() / 86400 - ?1",
        values: vec![SqlValue::Integer(SPENDING_DAYS)],
    };
    host.query(spending).await?;
    for (name, sql) in [
        ("dead_letters::forget", "DELETE FROM dead_letters WHERE created_at < unixepoch() - ?1"),
        ("breaker::forget", "DELETE FROM breakers WHERE until < unixepoch() - ?1"),
        (
            "ledger::forget",
            "DELETE FROM posts WHERE job IN (SELECT id FROM jobs
               WHERE status IN ('COMPLETED', 'ERROR') AND created_at < unixepoch() - ?1
               ORDER BY created_at, id LIMIT 500)",
        ),
    ] {
        host.query(Statement { name, sql, values: age() }).await?;
    }
    let jobs = Statement {
        name: "jobs::forget",
        sql: "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs
                WHERE status IN ('COMPLETED', 'ERROR') AND created_at < unixepoch() - ?1
                  AND NOT EXISTS (SELECT 1 FROM posts WHERE job = jobs.id)
                ORDER BY created_at, id LIMIT 500)
              RETURNING id",
        values: age(),
    };
    host.query(jobs).await.map(|rows| rows.len())
}

/// Writes a job that the queue could not start, with what is needed to send it again, and returns
/// whether it is written: not if the job runs after all, or has ended.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A letter that is there already stays as it is.
pub fn dead_letter(
    host: &impl Sql,
    job: &Job,
    fault: &Fault,
) -> impl Future<Output = Result<bool, Fault>> {
    let mut letter = job.clone();
    letter.question.token = Secret::new(String::new());
    let statement = Statement {
        name: "dead_letters::insert",
        sql: "INSERT INTO dead_letters (job, params, cause)
              SELECT ?1, ?2, ?3 WHERE NOT EXISTS
                (SELECT 1 FROM jobs WHERE id = ?1 AND (status <> 'PENDING' OR generation > 1))
              ON CONFLICT (job) DO UPDATE SET cause = excluded.cause RETURNING job",
        values: vec![
            text(job.id().as_str()),
            SqlValue::Json(to_params(&letter)),
            text(&fault.cause.to_string()),
        ],
    };
    host.hits(statement)
}

/// Attempts as a parameter; none leave what an earlier generation has written.
fn booked(attempts: &[Attempt]) -> SqlValue {
    if attempts.is_empty() {
        return SqlValue::Null;
    }
    let attempts = attempts.iter().map(Attempt::to_json).collect();
    SqlValue::Json(json::to_text(&Value::Array(attempts)))
}

fn row(job: &Job, params: &str) -> Vec<SqlValue> {
    vec![
        text(job.id().as_str()),
        text(job.question.token.reveal()),
        SqlValue::Json(params.to_owned()),
        text(&job.question.asker.id),
        generation(job),
        // Since then the interaction's minutes run, however late the row is written.
        SqlValue::Integer(i64::try_from(job.question.asked.0 / 1000).unwrap_or_default()),
    ]
}

fn generation(job: &Job) -> SqlValue {
    SqlValue::Integer(job.generation.into())
}

fn column(column: &'static str) -> Fault {
    StoreError::Column { column }.into()
}

fn text(value: &str) -> SqlValue {
    SqlValue::Text(value.to_owned())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
