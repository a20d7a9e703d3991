//! Every SQL statement about jobs.
//!
//! Each statement says in its `WHERE` which states it moves and for which generation, so running it twice
//! is running it once, and an older generation moves nothing. A trigger refuses every other move.
//!
//! Where money is involved, the statements run in one [`Sql::batch`]: the booking first, under the same
//! `WHERE` as the last statement, which moves the job. A repeat finds the job moved and books nothing.
//! The statements of money are in `booking` and `budgets`.

mod booking;
mod budgets;
mod claim;
mod dead_letter;
mod forget;
mod overdue;
mod put_aside;
mod save_answer;

use super::Job;
use miyabi_ai::Attempt;
use miyabi_core::config::Settings;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Rows, Sql, SqlValue, Statement};

pub use self::claim::{AlsoInBatch, Claim, Claimed, Grant, claim, claim_with};
pub use self::dead_letter::dead_letter;
pub use self::forget::forget;
pub use self::overdue::{Overdue, Unreadable, end_unreadable, look_at, overdue};
pub use self::put_aside::put_aside;
pub use self::save_answer::{Saving, save_answer};

/// Writes the job as PENDING, with what [`super::to_params`] makes of it, and returns whether it is new.
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
    host.hits(insertion(job, params))
}

/// The job's row, if there is none.
///
/// # Repeats
/// A row that is there already stays as it is, and is not returned.
fn insertion(job: &Job, params: &str) -> Statement {
    let question = &job.question;
    Statement {
        name: "jobs::insert",
        sql: "INSERT INTO jobs
                (id, generation, platform, token, params, asker, server, created_at, status)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'PENDING') ON CONFLICT (id) DO NOTHING
              RETURNING id",
        values: vec![
            job.id().as_str().into(),
            job.generation.into(),
            question.platform.as_str().into(),
            question.token.reveal().into(),
            params.into(),
            question.asker.id.as_str().into(),
            question.server.as_deref().unwrap_or_default().into(),
            // The time for a reply counts from then, however late the row is written.
            (question.asked.0 / 1000).into(),
        ],
    }
}

/// Returns whether the job has neither ended nor a later generation; one without a row has not.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn is_current(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::is_current",
        sql: "SELECT 1 AS current WHERE NOT EXISTS (SELECT 1 FROM jobs
                WHERE id = ?1 AND NOT (generation = ?2 AND status IN ('PENDING', 'PROCESSING')))",
        values: fence(job),
    })
}

/// Returns whether no Workflow has begun the job; no Workflow has begun one without a row.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn is_pending(host: &impl Sql, id: &JobId) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::is_pending",
        sql: "SELECT 1 AS pending WHERE NOT EXISTS (SELECT 1 FROM jobs
                WHERE id = ?1 AND NOT (status = 'PENDING' AND generation = 1))",
        values: vec![id.as_str().into()],
    })
}

/// Returns whether the job is PROCESSING in this generation, has no answer yet, and asks nobody anything: a preview
/// of a run that has not heard of that would take the buttons away.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub fn is_thinking(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::is_thinking",
        sql: "SELECT 1 AS thinking FROM jobs
              WHERE id = ?1 AND generation = ?2 AND status = 'PROCESSING' AND result IS NULL
                AND NOT EXISTS (SELECT 1 FROM consents
                  WHERE job = ?1 AND state = 'ASKED' AND expires_at > unixepoch())",
        values: fence(job),
    })
}

/// Returns whether the asker wants no answer any more.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub fn is_cancelled(host: &impl Sql, id: &JobId) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::is_cancelled",
        sql: "SELECT 1 AS cancelled FROM jobs WHERE id = ?1 AND cancelled_at IS NOT NULL",
        values: vec![id.as_str().into()],
    })
}

/// Returns whether the job is ERROR, which it stays.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn has_failed(host: &impl Sql, id: &JobId) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::has_failed",
        sql: "SELECT 1 AS failed FROM jobs WHERE id = ?1 AND status = 'ERROR'",
        values: vec![id.as_str().into()],
    })
}

/// Moves the job to COMPLETED, and blanks its token and parameters. Its answer is the one that
/// [`save_answer()`] fixed; with it, what the job spent was booked.
///
/// What is kept for the answer's buttons goes if
/// any of it went to the asker alone: then it has none.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that has ended or has a later generation stays as it is: `false`, unless it is COMPLETED.
pub fn complete(host: &impl Sql, job: &Job) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::complete",
        sql: "UPDATE jobs SET status = 'COMPLETED', token = '', params = '',
                kept = iif(EXISTS (SELECT 1 FROM posts
                  WHERE job = ?1 AND step GLOB 'reply:*'), NULL, kept),
                result = iif(kept = '', '', result),
                updated_at = unixepoch()
              WHERE id = ?1 AND generation = ?2 AND status IN ('PROCESSING', 'COMPLETED')
              RETURNING id",
        values: fence(job),
    })
}

/// Moves the job to ERROR with its cause, and blanks its token and parameters; writes the row if
/// there is none. Returns whether the job is there now.
///
/// Books what this generation spent, in place of what was set aside for it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that has ended or has a later generation stays as it is, and nothing is booked: `false`.
pub async fn fail(
    host: &impl Sql,
    job: &Job,
    fault: &Fault,
    attempts: &[Attempt],
) -> Result<bool, Fault> {
    let [sums, rows] = booking::spent(job, attempts);
    let end = Statement {
        name: "jobs::fail",
        sql: "INSERT INTO jobs (id, generation, platform, token, status, result)
              VALUES (?1, ?2, ?3, '', 'ERROR', ?4)
              ON CONFLICT (id) DO UPDATE SET status = 'ERROR', token = '', params = '',
                result = excluded.result, reserved_nano = 0, kept = NULL, trace = NULL,
                updated_at = unixepoch()
              WHERE status IN ('PENDING', 'PROCESSING') AND generation = excluded.generation
              RETURNING id",
        values: [
            fence(job),
            vec![job.question.platform.as_str().into(), fault.cause.to_string().into()],
        ]
        .concat(),
    };
    let [_, _, ended] = batch(host, [sums, rows, end]).await?;
    Ok(!ended.is_empty())
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
    job: &Job,
    fault: &Fault,
) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "jobs::abandon",
        sql: "INSERT INTO jobs (id, platform, token, status, result)
              VALUES (?1, ?2, '', 'ERROR', ?3)
              ON CONFLICT (id) DO UPDATE SET status = 'ERROR', token = '', params = '',
                result = excluded.result, updated_at = unixepoch()
              WHERE status = 'PENDING' AND generation = 1
              RETURNING id",
        values: vec![
            job.id().as_str().into(),
            job.question.platform.as_str().into(),
            fault.cause.to_string().into(),
        ],
    })
}

/// Gives the job its next generation, if it still has this one, and returns whether it did: of two
/// watchdogs one does. What is set aside for the generation that ends is booked as lost.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns `false`, and books nothing.
pub async fn start_generation(host: &impl Sql, job: &Job) -> Result<bool, Fault> {
    let [sums, row] = booking::lost(fence(job));
    let takeover = Statement {
        name: "jobs::start_generation",
        sql: "UPDATE jobs SET generation = generation + 1, day = NULL, reserved_nano = 0,
                resumes_at = iif(updated_at < resumes_at, unixepoch(), resumes_at),
                updated_at = unixepoch()
              WHERE id = ?1 AND generation = ?2 AND status IN ('PENDING', 'PROCESSING')
              RETURNING generation",
        values: fence(job),
    };
    let [_, _, revived] = batch(host, [sums, row, takeover]).await?;
    Ok(!revived.is_empty())
}

/// The first two parameters of every statement that writes for a generation: the job's id as `?1` and
/// the generation as `?2`.
pub(super) fn fence(job: &Job) -> Vec<SqlValue> {
    vec![job.id().as_str().into(), job.generation.into()]
}

/// Books the summary of a job that has ended, and returns whether it is booked: not if a budget has too
/// little left, or if it was booked before.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Books nothing the second time.
pub async fn book_summary(
    host: &impl Sql,
    settings: &Settings,
    job: &Job,
    attempt: &Attempt,
) -> Result<bool, Fault> {
    let [_, booked] = batch(host, budgets::summary(job, settings, attempt)).await?;
    Ok(!booked.is_empty())
}

/// Runs a batch of so many statements.
pub(super) async fn batch<const N: usize>(
    host: &impl Sql,
    statements: [Statement; N],
) -> Result<[Rows; N], Fault> {
    let name = statements.last().map_or("batch", |last| last.name);
    let rows = host.batch(statements.into()).await?;
    rows.try_into().map_err(|_rows| StoreError::Failed { statement: name }.into())
}

/// A parameter's JSON text. The values are plain structs and lists, which always have one.
pub(super) fn json(value: &impl serde::Serialize) -> SqlValue {
    serde_json::to_string(value).map_or(SqlValue::Null, SqlValue::Text)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
