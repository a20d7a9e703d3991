//! Which posts were begun, and how did they end? A row per message that cannot be repeated safely,
//! written before it is sent.

use core::time::Duration;

use serde_json::Value;

use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Rows, Sql, SqlValue, Statement};

/// What the ledger knows of a post that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A later generation has the job, or it ended: do not send it.
    Superseded,
    /// It was never begun, or Discord refused it: send it.
    Fresh,
    /// It was begun and nobody knows how it ended: look before sending it again.
    Unknown,
    /// Discord answered 5xx to it: look before sending it again.
    Failed,
    /// It is there, under this id.
    Sent(String),
}

/// One attempt at a post.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Job.
    pub job: &'a JobId,
    /// Generation of the job that posts.
    pub generation: u32,
    /// Name of the step that posts.
    pub part: &'a str,
}

/// What [`begin`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What was known before.
    pub entry: Entry,
    /// Number of this attempt, from 1; 0 if there is none.
    pub number: u64,
    /// How long the platform, or the sender of the route, must still be left alone.
    pub wait: Duration,
}

/// Writes that the post is being sent, and returns what was known before. `scopes` are those of the
/// breakers that hold it up: the platform's, and the route's.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Returns [`Entry::Unknown`] the second time: that is its purpose.
pub async fn begin(
    host: &impl Sql,
    attempt: Attempt<'_>,
    scopes: [&str; 2],
) -> Result<Begun, Fault> {
    let [platform, route] = scopes;
    let statement = Statement {
        name: "ledger::begin",
        sql: "INSERT INTO posts (job, part, state, updated_at)
              SELECT ?1, ?2, 'SENDING', unixepoch() WHERE EXISTS
                (SELECT 1 FROM jobs WHERE id = ?1 AND generation = ?3
                  AND status IN ('PENDING', 'PROCESSING'))
              ON CONFLICT (job, part) DO UPDATE SET was = state, attempts = attempts + 1,
                state = iif(state = 'SENT', 'SENT', 'SENDING'), updated_at = unixepoch()
              RETURNING was, message_id, attempts, (SELECT max(until) - unixepoch() FROM breakers
                WHERE scope IN (?4, ?5)) AS wait_s",
        values: vec![
            text(attempt.job.as_str()),
            text(attempt.part),
            SqlValue::Integer(attempt.generation.into()),
            text(platform),
            text(route),
        ],
    };
    let rows = host.query(statement).await?;
    let number = |name: &str| rows.first().and_then(|row| row.get(name)).and_then(Value::as_u64);
    let wait = Duration::from_secs(number("wait_s").unwrap_or_default());
    Ok(Begun { entry: entry(&rows)?, number: number("attempts").unwrap_or_default(), wait })
}

/// Returns whether an attempt at the post is the last that has begun.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub fn is_last(
    host: &impl Sql,
    Attempt { job, part, .. }: Attempt<'_>,
    number: u64,
) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "ledger::is_last",
        sql: "SELECT 1 AS last FROM posts WHERE job = ?1 AND part = ?2 AND attempts = ?3",
        values: vec![text(job.as_str()), text(part), integer(number)],
    };
    host.hits(statement)
}

/// No other message, for [`sent`].
pub const NO_OTHER: (&str, &str) = ("", "");

/// Writes that the post is there, and so is `another` one of the job, by part and id; whoever has the
/// job. Returns whether this generation has it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub async fn sent(
    host: &impl Sql,
    Attempt { job, generation, part }: Attempt<'_>,
    message_id: &str,
    another: (&str, &str),
) -> Result<bool, Fault> {
    let mut values = [job.as_str(), part, message_id, another.0, another.1].map(text).to_vec();
    values.push(SqlValue::Integer(generation.into()));
    let statement = Statement {
        name: "ledger::sent",
        sql: "UPDATE posts SET state = 'SENT', message_id = iif(part = ?2, ?3, ?5)
              WHERE job = ?1 AND part IN (?2, ?4)
              RETURNING EXISTS (SELECT 1 FROM jobs
                WHERE id = ?1 AND generation = ?6 AND status = 'PROCESSING') AS ours",
        values,
    };
    let rows = host.query(statement).await?;
    Ok(rows.first().is_some_and(|row| row.get("ours").and_then(Value::as_u64) == Some(1)))
}

/// Writes how an attempt at the post failed: it is certainly not there if Discord refused it, and
/// probably not, but look, if it answered 5xx. A later attempt that has begun since knows better.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub fn failed(
    host: &impl Sql,
    Attempt { job, part, .. }: Attempt<'_>,
    number: u64,
    is_refused: bool,
) -> impl Future<Output = Result<(), Fault>> {
    let (name, sql) = if is_refused {
        (
            "ledger::refused",
            "DELETE FROM posts
              WHERE job = ?1 AND part = ?2 AND state <> 'SENT' AND attempts = ?3",
        )
    } else {
        (
            "ledger::failed",
            "UPDATE posts SET state = 'FAILED'
              WHERE job = ?1 AND part = ?2 AND state = 'SENDING' AND attempts = ?3",
        )
    };
    let values = vec![text(job.as_str()), text(part), integer(number)];
    host.run(Statement { name, sql, values })
}

/// Returns what became of a post: [`Entry::Fresh`] if it was never begun, or was refused.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn look_up(host: &impl Sql, job: &JobId, part: &str) -> Result<Entry, Fault> {
    let statement = Statement {
        name: "ledger::look_up",
        sql: "SELECT state AS was, message_id FROM posts WHERE job = ?1 AND part = ?2",
        values: vec![text(job.as_str()), text(part)],
    };
    let rows = host.query(statement).await?;
    if rows.is_empty() { Ok(Entry::Fresh) } else { entry(&rows) }
}

/// Takes a message of ours for this post, and returns whether it may be: no other row has its id. That this row has it already means that an older generation has just found it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call finds what the first has written. Of two posts that look for the same message one
/// gets it.
pub fn claim(
    host: &impl Sql,
    Attempt { job, part, .. }: Attempt<'_>,
    message_id: &str,
) -> impl Future<Output = Result<bool, Fault>> {
    let statement = Statement {
        name: "ledger::claim",
        sql: "UPDATE posts SET state = 'SENT', message_id = ?1
              WHERE job = ?2 AND part = ?3
                AND NOT EXISTS (SELECT 1 FROM posts AS other
                  WHERE other.message_id = ?1 AND NOT (other.job = ?2 AND other.part = ?3))
              RETURNING job",
        values: [message_id, job.as_str(), part].map(text).to_vec(),
    };
    host.hits(statement)
}

/// What of an answer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Messages of the answer in the channel.
    pub answers: usize,
    /// Messages of the answer that only the asker sees.
    pub replies: usize,
    /// Whether the beginning of the answer may stand in place of "thinking…".
    pub shows_reply: bool,
    /// Whether all of the answer is there as a file.
    pub is_file: bool,
}

impl Progress {
    /// Returns whether an answer of so many messages is all there, also if the private ones of it
    /// were fewer because their last is a file.
    pub fn is_all_of(self, chunks: usize, max_private: usize) -> bool {
        let private = chunks.saturating_sub(self.answers).min(max_private);
        self.is_file || self.replies >= private
    }
}

/// Returns what of a job's answer is there.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn progress(host: &impl Sql, job: &JobId) -> Result<Progress, Fault> {
    let statement = Statement {
        name: "ledger::progress",
        sql: "SELECT count(iif(part GLOB 'answer:*' AND state = 'SENT', 1, NULL)) AS answers,
                count(iif(part GLOB 'reply:*' AND state = 'SENT', 1, NULL)) AS replies,
                count(iif(part = 'reply:1', 1, NULL)) AS shown,
                count(iif(part <> 'reply:1' AND message_id = '@original', 1, NULL)) AS file
              FROM posts WHERE job = ?1",
        values: vec![text(job.as_str())],
    };
    let rows = host.query(statement).await?;
    let count = |name: &str| {
        let count = rows.first().and_then(|row| row.get(name)).and_then(Value::as_u64);
        count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
    };
    Ok(Progress {
        answers: count("answers"),
        replies: count("replies"),
        shows_reply: count("shown") > 0,
        is_file: count("file") > 0,
    })
}

fn entry(rows: &Rows) -> Result<Entry, Fault> {
    let Some(row) = rows.first() else {
        return Ok(Entry::Superseded);
    };
    let column = |name: &str| row.get(name);
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

fn integer(number: u64) -> SqlValue {
    SqlValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn text(value: &str) -> SqlValue {
    SqlValue::Text(value.to_owned())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
