//! The batch that saves an answer, books what it cost, and begins the first posts.

use serde::Deserialize;

use super::super::lease::{ANSWER, Leases, QUESTION};
use super::super::{Job, ledger};
use super::claim::NOTHING;
use super::{batch, booking, fence, json};
use crate::buttons::kept;
use crate::temporary;
use miyabi_ai::Attempt;
use miyabi_ai::answer::ToolTrace;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Rows, Sql, SqlValue, Statement, read_rows};

/// Fixes the answer that is delivered, and returns it.
///
/// It is the one that an earlier generation fixed, if there is one; `None` if the job has a later
/// generation or has ended. What was begun goes into the leases. Also returns what the lookup has read.
///
/// Books what this generation spent, in place of what was set aside for it. Begins the first
/// chunks in the ledger, unless an answer was fixed before, any post was begun, or a breaker is open: not
/// where the channel cannot be read, since there a post that was begun and not sent is not told from one
/// that was sent.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns what the first has fixed, and books and begins nothing.
pub async fn save_answer(
    host: &(impl Sql + Clock),
    saving: Saving<'_>,
) -> Result<(Option<String>, Rows), Fault> {
    let Saving { job, leases, first_chunks, attempts, .. } = saving;
    let sent = leases.unrecorded.borrow().clone();
    let asked = host.now();
    let [sums, rows] = booking::spent(job, attempts);
    let posts = ledger::begin_with_answer(job, first_chunks);
    let fix = fix(&saving);
    let lookup = saving.lookup.unwrap_or(NOTHING);
    let record = ledger::sent_with_answer(job, QUESTION, sent.as_deref().unwrap_or_default());
    let statements = [sums, rows, record, posts, lookup, fix];
    let [_, _, _, posts, found, fixed] = batch(host, statements).await?;
    if sent.is_some() {
        leases.unrecorded.take();
    }
    let fixed: Vec<Fixed> = read_rows("jobs::save_answer", fixed)?;
    let Some(Fixed { result }) = fixed.into_iter().next() else { return Ok((None, found)) };
    if !posts.is_empty() {
        leases.grant(ANSWER, asked);
    }
    Ok((Some(result), found))
}

/// An answer to save.
#[derive(Debug)]
pub struct Saving<'a> {
    /// Job.
    pub job: &'a Job,
    /// What this run may do without asking.
    pub leases: &'a Leases,
    /// Messages whose rows in the ledger are begun with the answer.
    pub first_chunks: &'a [&'static str],
    /// Answer.
    pub answer: &'a str,
    /// What this generation asked of models.
    pub attempts: &'a [Attempt],
    /// Whether buttons are shown below the answer: then the question is kept for them.
    pub has_buttons: bool,
    /// Tools that ran, where its asker may read how the answer came about.
    pub tools: Option<&'a [ToolTrace]>,
    /// A statement that reads something else in the same batch.
    pub lookup: Option<Statement>,
}

/// Fixes the answer, unless there is one, and gives back what is set aside: a [`Fixed`]. Keeps with it what its
/// buttons need (see [`crate::buttons`]), and how it came about (see [`crate::trace`]); of a temporary conversation
/// nothing stays here, as of an answer that was deleted.
///
/// # Repeats
/// The first answer stays and is returned again.
fn fix(&Saving { job, answer, has_buttons, tools, .. }: &Saving<'_>) -> Statement {
    let kept = if temporary::holds(&job.question) {
        SqlValue::from("")
    } else if has_buttons {
        kept(job).into()
    } else {
        SqlValue::Null
    };
    Statement {
        name: "jobs::save_answer",
        sql: "UPDATE jobs SET result = coalesce(result, ?3), reserved_nano = 0,
                kept = iif(result IS NULL, ?4, kept), trace = iif(result IS NULL, ?5, trace),
                updated_at = unixepoch()
              WHERE id = ?1 AND generation = ?2 AND status = 'PROCESSING'
              RETURNING result",
        values: [
            fence(job),
            vec![answer.into(), kept, tools.map_or(SqlValue::Null, |it| json(&it))],
        ]
        .concat(),
    }
}

#[derive(Deserialize)]
struct Fixed {
    result: String,
}
