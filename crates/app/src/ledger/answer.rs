//! Statements about the messages of a whole answer, in the batches that claim a job and save its answer, and
//! what of an answer is there.

use serde::Deserialize;

use super::super::Job;
use super::super::jobs::{fence, json};
use miyabi_core::fault::Fault;
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Sql, Statement, read_flag};

/// Begins the posts of these steps in the batch that fixes the job's answer, before the statement that
/// does: only if no answer was fixed yet, no post was begun and no breaker of posts is open. Returns a row
/// for each that is begun.
///
/// # Repeats
/// Begins nothing once the answer is fixed: only the run that fixed it may send these without a look.
pub(crate) fn begin_with_answer(job: &Job, steps: &[&str]) -> Statement {
    Statement {
        name: "ledger::begin_with_answer",
        sql: "INSERT INTO posts (job, step, state, updated_at)
              SELECT jobs.id, step.value, 'SENDING', unixepoch()
              FROM jobs JOIN json_each(?3) AS step
              WHERE jobs.id = ?1 AND jobs.generation = ?2 AND jobs.status = 'PROCESSING'
                AND jobs.result IS NULL
                AND NOT EXISTS (SELECT 1 FROM posts AS known
                  WHERE known.job = ?1 AND known.step NOT GLOB 'question:*')
                AND NOT EXISTS (SELECT 1 FROM breakers
                  WHERE closes_at > unixepoch() AND scope NOT GLOB '*:*')
              ON CONFLICT (job, step) DO NOTHING
              RETURNING step",
        values: [fence(job), vec![json(&steps)]].concat(),
    }
}

/// Begins the post of the question's first message in the batch that claims its job, before the statement
/// that does: only if money is granted, no post was begun and no breaker of posts is open. Returns a row if
/// it is begun.
///
/// # Repeats
/// Begins nothing once it is begun: only the run that began it may send it without a look.
pub(crate) fn begin_with_claim(job: &Job, steps: &[&str]) -> Statement {
    Statement {
        name: "ledger::begin_with_claim",
        sql: "INSERT INTO posts (job, step, state, updated_at)
              SELECT jobs.id, step.value, 'SENDING', unixepoch()
              FROM jobs JOIN json_each(?3) AS step
              WHERE jobs.id = ?1 AND jobs.generation = ?2
                AND jobs.status IN ('PENDING', 'PROCESSING')
                AND jobs.day IS NOT NULL AND jobs.result IS NULL AND NOT jobs.is_quoted
                AND NOT EXISTS (SELECT 1 FROM posts AS known WHERE known.job = ?1)
                AND NOT EXISTS (SELECT 1 FROM breakers
                  WHERE closes_at > unixepoch() AND scope NOT GLOB '*:*')
              ON CONFLICT (job, step) DO NOTHING
              RETURNING step",
        values: [fence(job), vec![json(&steps)]].concat(),
    }
}

/// Writes, in the batch that saves the answer, that a message is there; nothing if its id is blank.
///
/// # Repeats
/// The second call changes nothing.
pub(crate) fn sent_with_answer(job: &Job, step: &str, message_id: &str) -> Statement {
    Statement {
        name: "ledger::sent_with_answer",
        sql: "UPDATE posts SET state = 'SENT', message_id = ?3
              WHERE job = ?1 AND step = ?2 AND ?3 <> ''",
        values: vec![job.id().as_str().into(), step.into(), message_id.into()],
    }
}

/// Reads how much of an answer is there for a generation that finds it fixed: a [`Delivered`].
///
/// # Repeats
/// Reads only.
pub(crate) fn delivered(job: &JobId) -> Statement {
    Statement {
        name: "ledger::delivered",
        sql: "SELECT count(*) FILTER (WHERE step GLOB 'answer:*' AND state = 'SENT') AS posted,
                count(*) FILTER (WHERE step GLOB 'reply:*') > 0 AS is_private,
                count(*) FILTER (WHERE step = 'reply:1' AND state = 'SENT') > 0 AS is_shown
              FROM posts WHERE job = ?1",
        values: vec![job.as_str().into()],
    }
}

/// What an earlier generation has delivered of an answer: a row of [`delivered`].
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Delivered {
    /// Messages of it that are in the channel.
    pub(crate) posted: usize,
    /// Whether the asker alone was to see the rest.
    #[serde(deserialize_with = "read_flag")]
    pub(crate) is_private: bool,
    /// Whether the first message that the asker alone was to see is there.
    #[serde(deserialize_with = "read_flag")]
    pub(crate) is_shown: bool,
}

/// What of an answer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Progress {
    /// Messages of the answer in the channel.
    pub answers: usize,
    /// Messages of the answer that only the asker sees.
    pub replies: usize,
    /// Whether the beginning of the answer may stand in place of "thinking…".
    #[serde(deserialize_with = "read_flag")]
    pub shows_reply: bool,
    /// Whether all of the answer is there as a file.
    #[serde(deserialize_with = "read_flag")]
    pub is_file: bool,
}

impl Progress {
    /// Returns whether an answer of so many messages is all there, also if the private ones of it
    /// were fewer because their last is a file. Where nothing is private, nothing stands for what is
    /// missing.
    pub fn is_all_of(self, chunks: usize, max_private: usize) -> bool {
        let rest = chunks.saturating_sub(self.answers);
        let has_rest = max_private > 0 && self.replies >= rest.min(max_private);
        rest == 0 || self.is_file || has_rest
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
        sql: "SELECT count(*) FILTER (WHERE step GLOB 'answer:*' AND state = 'SENT') AS answers,
                count(*) FILTER (WHERE step GLOB 'reply:*' AND state = 'SENT') AS replies,
                count(*) FILTER (WHERE step = 'reply:1') > 0 AS shows_reply,
                count(*) FILTER (WHERE step <> 'reply:1' AND message_id = '@original') > 0
                  AS is_file
              FROM posts WHERE job = ?1",
        values: vec![job.as_str().into()],
    };
    host.row(statement).await.map(Option::unwrap_or_default)
}
