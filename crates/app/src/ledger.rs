//! The delivery ledger: one row per message that cannot be repeated safely, written before it is sent.
//!
//! A row says that a post was begun, and how it ended. So a run that comes later knows whether to send a
//! message, to look for it first, or to leave it alone.

mod answer;

use core::time::Duration;

use serde::Deserialize;

pub(super) use self::answer::{
    Delivered, begin_with_answer, begin_with_claim, delivered, sent_with_answer,
};
pub use self::answer::{Progress, progress};
use miyabi_core::fault::Fault;
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Sql, SqlValue, Statement, read_flag};

/// What the ledger knows of a post that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A later generation has the job, or it ended: do not send it.
    Superseded,
    /// It was never begun, or the platform refused it: send it.
    Fresh,
    /// It was begun and nobody knows how it ended: look before sending it again.
    Unknown,
    /// The platform failed with an error of its own: look before sending it again.
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
    pub step: &'a str,
}

impl Attempt<'_> {
    /// Returns the job, the step and the attempt's number, as parameters.
    fn numbered(self, number: u64) -> Vec<SqlValue> {
        vec![self.job.as_str().into(), self.step.into(), number.into()]
    }
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

/// State of a row of `posts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Sending,
    Failed,
    Sent,
}

impl Entry {
    /// Returns what a row says, by its state before an attempt.
    fn of(state: Option<State>, message_id: Option<String>) -> Self {
        match state {
            None => Self::Fresh,
            Some(State::Sending) => Self::Unknown,
            Some(State::Failed) => Self::Failed,
            Some(State::Sent) => Self::Sent(message_id.unwrap_or_default()),
        }
    }
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
        sql: "INSERT INTO posts (job, step, state, updated_at)
              SELECT ?1, ?2, 'SENDING', unixepoch() WHERE EXISTS
                (SELECT 1 FROM jobs WHERE id = ?1 AND generation = ?3
                  AND status IN ('PENDING', 'PROCESSING'))
              ON CONFLICT (job, step) DO UPDATE SET previous_state = state,
                attempt_count = attempt_count + 1,
                state = iif(state = 'SENT', 'SENT', 'SENDING'), updated_at = unixepoch()
              RETURNING previous_state, message_id, attempt_count,
                (SELECT max(0, max(closes_at) - unixepoch()) FROM breakers
                  WHERE scope IN (?4, ?5)) AS wait_s",
        values: vec![
            attempt.job.as_str().into(),
            attempt.step.into(),
            attempt.generation.into(),
            platform.into(),
            route.into(),
        ],
    };
    let row: Option<BegunRow> = host.row(statement).await?;
    let Some(row) = row else {
        return Ok(Begun { entry: Entry::Superseded, number: 0, wait: Duration::ZERO });
    };
    Ok(Begun {
        entry: Entry::of(row.previous_state, row.message_id),
        number: row.attempt_count,
        wait: Duration::from_secs(row.wait_s.unwrap_or_default()),
    })
}

#[derive(Deserialize)]
struct BegunRow {
    previous_state: Option<State>,
    message_id: Option<String>,
    attempt_count: u64,
    wait_s: Option<u64>,
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
    attempt: Attempt<'_>,
    number: u64,
) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "ledger::is_last",
        sql: "SELECT 1 AS last FROM posts WHERE job = ?1 AND step = ?2 AND attempt_count = ?3",
        values: attempt.numbered(number),
    })
}

/// Writes that the post is there, and so is `another` one of the job, by step and id; whoever has the
/// job. Returns whether this generation has it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub async fn sent(
    host: &impl Sql,
    Attempt { job, generation, step }: Attempt<'_>,
    message_id: &str,
    another: Option<(&str, &str)>,
) -> Result<bool, Fault> {
    let (other_step, other_id) = another.unwrap_or_default();
    let statement = Statement {
        name: "ledger::sent",
        sql: "UPDATE posts SET state = 'SENT', message_id = iif(step = ?2, ?3, ?5)
              WHERE job = ?1 AND step IN (?2, ?4)
              RETURNING EXISTS (SELECT 1 FROM jobs
                WHERE id = ?1 AND generation = ?6 AND status = 'PROCESSING') AS is_current",
        values: vec![
            job.as_str().into(),
            step.into(),
            message_id.into(),
            other_step.into(),
            other_id.into(),
            generation.into(),
        ],
    };
    let row: Option<SentRow> = host.row(statement).await?;
    Ok(row.is_some_and(|row| row.is_current))
}

#[derive(Deserialize)]
struct SentRow {
    #[serde(deserialize_with = "read_flag")]
    is_current: bool,
}

/// Takes an attempt at the post back that the platform refused: it is certainly not there, and its row
/// goes, as if it had not been begun. A later attempt that has begun since knows better.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub fn refused(
    host: &impl Sql,
    attempt: Attempt<'_>,
    number: u64,
) -> impl Future<Output = Result<(), Fault>> {
    host.run(Statement {
        name: "ledger::refused",
        sql: "DELETE FROM posts
              WHERE job = ?1 AND step = ?2 AND state <> 'SENT' AND attempt_count = ?3",
        values: attempt.numbered(number),
    })
}

/// Writes that the platform answered 5xx to an attempt at the post: it is probably not there, but look. A
/// later attempt that has begun since knows better.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub fn failed(
    host: &impl Sql,
    attempt: Attempt<'_>,
    number: u64,
) -> impl Future<Output = Result<(), Fault>> {
    host.run(Statement {
        name: "ledger::failed",
        sql: "UPDATE posts SET state = 'FAILED'
              WHERE job = ?1 AND step = ?2 AND state = 'SENDING' AND attempt_count = ?3",
        values: attempt.numbered(number),
    })
}

/// Forgets a post that was removed again.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call changes nothing.
pub async fn removed(host: &impl Sql, job: &JobId, step: &str) -> Result<(), Fault> {
    let statement = Statement {
        name: "ledger::removed",
        sql: "DELETE FROM posts WHERE job = ?1 AND step = ?2",
        values: vec![job.as_str().into(), step.into()],
    };
    host.run(statement).await
}

/// Returns what became of a post: [`Entry::Fresh`] if it was never begun, or was refused.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn look_up(host: &impl Sql, job: &JobId, step: &str) -> Result<Entry, Fault> {
    let statement = Statement {
        name: "ledger::look_up",
        sql: "SELECT state, message_id FROM posts WHERE job = ?1 AND step = ?2",
        values: vec![job.as_str().into(), step.into()],
    };
    let row: Option<FoundRow> = host.row(statement).await?;
    Ok(row.map_or(Entry::Fresh, |row| Entry::of(Some(row.state), row.message_id)))
}

#[derive(Deserialize)]
struct FoundRow {
    state: State,
    message_id: Option<String>,
}

/// Takes a message of ours for this post, and returns whether it may be: no other row has its id. That
/// this row has it already means that an older generation has just found it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call finds what the first has written. Of two posts that look for the same message one
/// gets it.
pub fn claim(
    host: &impl Sql,
    Attempt { job, step, .. }: Attempt<'_>,
    message_id: &str,
) -> impl Future<Output = Result<bool, Fault>> {
    host.hits(Statement {
        name: "ledger::claim",
        sql: "UPDATE posts SET state = 'SENT', message_id = ?1
              WHERE job = ?2 AND step = ?3
                AND NOT EXISTS (SELECT 1 FROM posts AS other
                  WHERE other.message_id = ?1 AND NOT (other.job = ?2 AND other.step = ?3))
              RETURNING job",
        values: [message_id, job.as_str(), step].map(SqlValue::from).into(),
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
