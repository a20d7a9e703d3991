//! Which posts were begun, and how did they end? A row per message that cannot be repeated safely,
//! written before it is sent.

use serde_json::Value;

use crate::fault::{Fault, StoreError};
use crate::host::{Rows, Sql, SqlValue, Statement};
use crate::ids::JobId;

/// What the ledger knows of a post that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It was never begun, or Discord refused it: send it.
    Fresh,
    /// It was begun and nobody knows how it ended: look before sending it again.
    Unknown,
    /// Discord answered 5xx to it: look before sending it again.
    Failed,
    /// It is there, under this id.
    Sent(String),
}

/// Writes that the post is being sent, and returns what was known before.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Returns [`Entry::Unknown`] the second time: that is its purpose.
pub async fn begin(host: &impl Sql, job: &JobId, part: &str) -> Result<Entry, Fault> {
    let statement = Statement {
        name: "ledger::begin",
        sql: "INSERT INTO posts (job, part, state) VALUES (?1, ?2, 'SENDING')
              ON CONFLICT (job, part) DO UPDATE SET was = state, attempts = attempts + 1,
                state = iif(state = 'SENT', 'SENT', 'SENDING')
              RETURNING was, message_id",
        values: vec![text(job.as_str()), text(part)],
    };
    entry(&host.query(statement).await?)
}

/// Writes that the post is there.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub async fn sent(host: &impl Sql, job: &JobId, part: &str, message_id: &str) -> Result<(), Fault> {
    let statement = Statement {
        name: "ledger::sent",
        sql: "UPDATE posts SET state = 'SENT', message_id = ?3 WHERE job = ?1 AND part = ?2",
        values: vec![text(job.as_str()), text(part), text(message_id)],
    };
    host.query(statement).await.map(drop)
}

/// Writes that Discord answered 5xx: probably not there, but look.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub async fn failed(host: &impl Sql, job: &JobId, part: &str) -> Result<(), Fault> {
    let statement = Statement {
        name: "ledger::failed",
        sql: "UPDATE posts SET state = 'FAILED' WHERE job = ?1 AND part = ?2 AND state = 'SENDING'",
        values: vec![text(job.as_str()), text(part)],
    };
    host.query(statement).await.map(drop)
}

/// Writes that Discord refused the post: it is certainly not there.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub async fn refused(host: &impl Sql, job: &JobId, part: &str) -> Result<(), Fault> {
    let statement = Statement {
        name: "ledger::refused",
        sql: "DELETE FROM posts WHERE job = ?1 AND part = ?2 AND state <> 'SENT'",
        values: vec![text(job.as_str()), text(part)],
    };
    host.query(statement).await.map(drop)
}

/// Returns whether a message is known as a post of any job.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn is_known(host: &impl Sql, message_id: &str) -> Result<bool, Fault> {
    let statement = Statement {
        name: "ledger::is_known",
        sql: "SELECT 1 AS known FROM posts WHERE message_id = ?1 LIMIT 1",
        values: vec![text(message_id)],
    };
    host.query(statement).await.map(|rows| !rows.is_empty())
}

fn entry(rows: &Rows) -> Result<Entry, Fault> {
    let column = |name: &str| rows.first().and_then(|row| row.get(name));
    match column("was").and_then(Value::as_str) {
        None => Ok(Entry::Fresh),
        Some("SENDING") => Ok(Entry::Unknown),
        Some("FAILED") => Ok(Entry::Failed),
        Some("SENT") => {
            let id = column("message_id").and_then(Value::as_str);
            Ok(Entry::Sent(id.unwrap_or_default().to_owned()))
        }
        Some(_) => Err(StoreError::Column { column: "was" }.into()),
    }
}

fn text(value: &str) -> SqlValue {
    SqlValue::Text(value.to_owned())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
