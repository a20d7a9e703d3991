//! Every SQL statement about jobs. Each says in its `WHERE` which states it moves, so that running
//! it twice is running it once, and a trigger refuses any other move.

use crate::channels::Question;
use crate::fault::{Fault, StoreError};
use crate::host::{Sql, SqlValue, Statement};
use crate::ids::JobId;

/// Writes the job as PENDING.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A row that is there already stays as it is.
pub async fn insert(host: &impl Sql, question: &Question) -> Result<(), Fault> {
    let statement = Statement {
        name: "jobs::insert",
        sql: "INSERT INTO jobs (id, token, status) VALUES (?1, ?2, 'PENDING')
              ON CONFLICT (id) DO NOTHING",
        values: vec![text(question.id.as_str()), text(question.token.reveal())],
    };
    host.query(statement).await.map(drop)
}

/// What [`claim`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The job is PROCESSING and ours.
    Mine,
    /// The job is COMPLETED or ERROR: there is nothing to do.
    Ended,
}

/// Moves the job to PROCESSING, writing its row if the one beside the reply did not make it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that is PROCESSING stays so, and one that ended is left alone.
pub async fn claim(host: &impl Sql, question: &Question) -> Result<Claim, Fault> {
    let statement = Statement {
        name: "jobs::claim",
        sql: "INSERT INTO jobs (id, token, status) VALUES (?1, ?2, 'PROCESSING')
              ON CONFLICT (id) DO UPDATE SET status = 'PROCESSING', updated_at = unixepoch()
              WHERE status IN ('PENDING', 'PROCESSING')
              RETURNING status",
        values: vec![text(question.id.as_str()), text(question.token.reveal())],
    };
    let rows = host.query(statement).await?;
    Ok(if rows.is_empty() { Claim::Ended } else { Claim::Mine })
}

/// Moves the job to COMPLETED with its answer, and blanks its token.
///
/// # Errors
/// A store fault; worth a retry. [`StoreError::Failed`] also when the job is in no state to
/// complete.
///
/// # Repeats
/// A job that is COMPLETED already stays as it is.
pub async fn complete(host: &impl Sql, id: &JobId, answer: &str) -> Result<(), Fault> {
    let statement = Statement {
        name: "jobs::complete",
        sql: "UPDATE jobs SET token = '', updated_at = unixepoch(),
                result = iif(status = 'COMPLETED', result, ?2), status = 'COMPLETED'
              WHERE id = ?1 AND status IN ('PROCESSING', 'COMPLETED')
              RETURNING id",
        values: vec![text(id.as_str()), text(answer)],
    };
    let rows = host.query(statement).await?;
    if rows.is_empty() {
        return Err(StoreError::Failed { statement: "jobs::complete" }.into());
    }
    Ok(())
}

/// Moves the job to ERROR with its cause, and blanks its token; writes the row if there is none.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A job that ended already stays as it is.
pub async fn fail(host: &impl Sql, id: &JobId, fault: &Fault) -> Result<(), Fault> {
    let statement = Statement {
        name: "jobs::fail",
        sql: "INSERT INTO jobs (id, token, status, result) VALUES (?1, '', 'ERROR', ?2)
              ON CONFLICT (id) DO UPDATE
              SET status = 'ERROR', token = '', result = excluded.result, updated_at = unixepoch()
              WHERE status IN ('PENDING', 'PROCESSING')",
        values: vec![text(id.as_str()), text(&fault.cause.to_string())],
    };
    host.query(statement).await.map(drop)
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
pub async fn abandon(host: &impl Sql, id: &JobId, fault: &Fault) -> Result<bool, Fault> {
    let statement = Statement {
        name: "jobs::abandon",
        sql: "INSERT INTO jobs (id, token, status, result) VALUES (?1, '', 'ERROR', ?2)
              ON CONFLICT (id) DO UPDATE
              SET status = 'ERROR', token = '', result = excluded.result, updated_at = unixepoch()
              WHERE status = 'PENDING'
              RETURNING id",
        values: vec![text(id.as_str()), text(&fault.cause.to_string())],
    };
    host.query(statement).await.map(|rows| !rows.is_empty())
}

fn text(value: &str) -> SqlValue {
    SqlValue::Text(value.to_owned())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
