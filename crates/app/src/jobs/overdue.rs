//! Jobs that may need the watchdog: which they are, when it looked at them, and how one ends whose row
//! cannot be read.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::terms::Terms;
use super::{batch, booking};
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::JobId;
use miyabi_core::json;
use miyabi_core::ports::{Sql, SqlValue, Statement, read_flag};
use miyabi_core::transport::LONGEST_LIMIT;

/// A job that may need the watchdog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Id.
    pub id: JobId,
    /// Where it was asked.
    pub platform: String,
    /// Token with which the platform takes a reply.
    pub token: String,
    /// Workflow's parameters; `Null` if the row has none.
    pub params: Value,
    /// Current generation.
    pub generation: u32,
    /// Seconds since it was asked.
    pub age_s: u64,
    /// Seconds since it was asked, or since it goes on after it was put aside.
    pub late_s: u64,
    /// Whether it was put aside.
    pub was_aside: bool,
    /// Whether it is to go on now, after it was put aside.
    pub is_due: bool,
    /// Seconds since anything was written about it.
    pub idle_s: u64,
    /// Answer that is being delivered.
    pub answer: Option<String>,
    /// Terms on which it is answered.
    pub terms: Terms,
    /// What its instance may wait for a person to decide about, although it need not any more.
    pub asked: Option<String>,
}

/// A row that may need the watchdog and cannot be read as an [`Overdue`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Id, whatever it looks like.
    pub id: String,
    /// Generation, or NULL.
    generation: SqlValue,
    /// Seconds since it was asked; more than any age if that cannot be read.
    pub age_s: u64,
}

impl Unreadable {
    /// Returns what is wrong, for the log.
    pub fn fault() -> Fault {
        StoreError::Row { statement: NAME }.into()
    }
}

/// Most jobs of one round.
const MAX_JOBS: u32 = 100;

/// Returns jobs that have not ended and are silent for `quiet_s`, or older than `deadline_s`. One that is put aside is neither until its
/// time has come.
///
/// Of more than a round takes these are the jobs that the watchdog has never looked at, and then those
/// that it has not looked at for the longest time: jobs that stay stuck hold up no others.
/// One row that cannot be read does not keep the others from being read. A time in the future counts as long
/// ago: a job with one would stay for ever, and so would the money that is set aside for it.
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
) -> Result<Vec<Result<Overdue, Unreadable>>, Fault> {
    let statement = Statement {
        name: NAME,
        sql: "SELECT id, platform, token, params, generation, result, age_s, late_s, idle_s, is_quoted,
                resumes_at IS NOT NULL AS was_aside,
                coalesce(updated_at < resumes_at, 0) AS is_due,
                (SELECT settings FROM server_settings AS known WHERE known.server = silent.server
                  AND known.version = silent.settings_version) AS settings,
                (SELECT asked FROM consents WHERE job = silent.id AND claimed_at IS NULL
                  AND state <> 'EXPIRED' AND asked GLOB silent.generation || '-*'
                  ORDER BY decided_at DESC LIMIT 1) AS asked FROM
                (SELECT *, abs(unixepoch() - max(0, coalesce(created_at, 0))) AS age_s,
                  abs(unixepoch() - max(0, coalesce(resumes_at, created_at, 0))) AS late_s,
                  abs(unixepoch() - max(updated_at, coalesce(
                    (SELECT max(posts.updated_at) FROM posts WHERE job = jobs.id), 0), coalesce(
                    (SELECT max(iif(state = 'ASKED' AND cancelled_at IS NULL,
                      min(expires_at, unixepoch()), coalesce(claimed_at, decided_at, 0)))
                      FROM consents WHERE job = jobs.id), 0))) AS idle_s
                FROM jobs WHERE status IN ('PENDING', 'PROCESSING')
                  AND coalesce(resumes_at NOT BETWEEN unixepoch() + 1 AND unixepoch() + ?4, 1))
                AS silent
              WHERE idle_s >= ?1 OR late_s >= ?2
              ORDER BY coalesce(watched_at, 0), created_at LIMIT ?3",
        values: vec![
            quiet_s.into(),
            deadline_s.into(),
            MAX_JOBS.into(),
            LONGEST_LIMIT.as_secs().into(),
        ],
    };
    let rows = host.query(statement).await?;
    Ok(rows.into_iter().map(|row| read(&row).ok_or_else(|| unreadable(&row))).collect())
}

/// Writes that the watchdog looks at a job now.
///
/// # Errors
/// A store fault. Without the record the job is among the first of the next round.
///
/// # Repeats
/// The last time stays.
pub async fn look_at(host: &impl Sql, id: &str) -> Result<(), Fault> {
    let statement = Statement {
        name: "jobs::look_at",
        sql: "UPDATE jobs SET watched_at = unixepoch() WHERE id = ?1",
        values: vec![id.into()],
    };
    host.run(statement).await
}

/// Moves a job whose row cannot be read to ERROR, and returns whether it is there now. What is set aside
/// for it is booked as lost.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns `false`, and books nothing.
pub async fn end_unreadable(host: &impl Sql, row: &Unreadable) -> Result<bool, Fault> {
    let id = SqlValue::from(row.id.as_str());
    let [sums, attempt] = booking::lost(vec![id.clone(), row.generation.clone()]);
    let end = Statement {
        name: "jobs::end_unreadable",
        sql: "UPDATE jobs SET status = 'ERROR', token = '', params = '', reserved_nano = 0, kept = NULL,
                result = 'the row cannot be read', updated_at = unixepoch()
              WHERE id = ?1 AND status IN ('PENDING', 'PROCESSING')
              RETURNING id",
        values: vec![id],
    };
    let [_, _, ended] = batch(host, [sums, attempt, end]).await?;
    Ok(!ended.is_empty())
}

const NAME: &str = "jobs::overdue";

#[derive(Deserialize)]
struct Row {
    id: String,
    platform: String,
    token: String,
    params: String,
    generation: u32,
    result: Option<String>,
    age_s: u64,
    late_s: u64,
    idle_s: u64,
    #[serde(deserialize_with = "read_flag")]
    was_aside: bool,
    #[serde(deserialize_with = "read_flag")]
    is_due: bool,
    #[serde(deserialize_with = "read_flag")]
    is_quoted: bool,
    settings: Option<String>,
    asked: Option<String>,
}

fn read(row: &Map<String, Value>) -> Option<Overdue> {
    let row: Row = json::read(&Value::Object(row.clone()))?;
    Some(Overdue {
        id: JobId::parse(&row.id)?,
        platform: row.platform,
        token: row.token,
        params: serde_json::from_str(&row.params).unwrap_or_default(),
        generation: row.generation,
        age_s: row.age_s,
        late_s: row.late_s,
        was_aside: row.was_aside,
        is_due: row.is_due,
        idle_s: row.idle_s,
        answer: row.result,
        terms: Terms::of(row.settings.as_deref(), row.is_quoted),
        asked: row.asked,
    })
}

fn unreadable(row: &Map<String, Value>) -> Unreadable {
    let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
    let generation = row.get("generation").and_then(Value::as_i64);
    Unreadable {
        id: text("id").to_owned(),
        generation: generation.map_or(SqlValue::Null, SqlValue::Integer),
        age_s: row.get("age_s").and_then(Value::as_u64).unwrap_or(u64::MAX),
    }
}
