//! Jobs that may need the watchdog.

use serde::Deserialize;
use serde_json::Value;

use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Sql, Statement};

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
        name: NAME,
        sql: "SELECT id, token, params, generation, result, age_s, idle_s FROM
                (SELECT *, max(0, unixepoch() - coalesce(created_at, 0)) AS age_s,
                  max(0, unixepoch() - max(updated_at, coalesce(
                    (SELECT max(posts.updated_at) FROM posts WHERE job = jobs.id), 0))) AS idle_s
                FROM jobs WHERE status IN ('PENDING', 'PROCESSING'))
              WHERE idle_s >= ?1 OR age_s >= ?2
              ORDER BY created_at LIMIT 200",
        values: vec![quiet_s.into(), deadline_s.into()],
    };
    let rows: Vec<Row> = host.rows(statement).await?;
    rows.into_iter().map(Overdue::try_from).collect()
}

const NAME: &str = "jobs::overdue";

#[derive(Deserialize)]
struct Row {
    id: String,
    token: String,
    params: String,
    generation: u32,
    result: Option<String>,
    age_s: u64,
    idle_s: u64,
}

impl TryFrom<Row> for Overdue {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: JobId::parse(&row.id).ok_or(StoreError::Row { statement: NAME })?,
            token: row.token,
            params: serde_json::from_str(&row.params).unwrap_or_default(),
            generation: row.generation,
            age_s: row.age_s,
            idle_s: row.idle_s,
            answer: row.result,
        })
    }
}
