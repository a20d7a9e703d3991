//! Which answer is delivered: one batch that fixes it, books what it cost, and begins the first posts.

use serde::Deserialize;

use super::super::lease::{ANSWER, Leases, QUESTION};
use super::super::{Job, ledger};
use super::{batch, booking, fence};
use miyabi_ai::Attempt;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Sql, Statement, read_rows};

/// Fixes the answer that is delivered, and returns it.
///
/// It is the one that an earlier generation fixed, if there is one; `None` if the job has a later
/// generation or has ended. What was begun goes into `leases`.
///
/// Books what this generation spent, in place of what was set aside for it. If `begins`, begins the first
/// posts in the ledger, unless an answer was fixed before, any post was begun, or a breaker is open: not
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
    (job, leases): (&Job, &Leases),
    begins: bool,
    answer: &str,
    attempts: &[Attempt],
) -> Result<Option<String>, Fault> {
    let asked = host.now();
    let steps: &[&str] = if begins { &[QUESTION, ANSWER] } else { &[] };
    let [sums, rows] = booking::spent(job, attempts);
    let posts = ledger::begin_with_answer(job, steps);
    let [_, _, posts, fixed] = batch(host, [sums, rows, posts, fix(job, answer)]).await?;
    let fixed: Vec<Fixed> = read_rows("jobs::save_answer", fixed)?;
    let Some(Fixed { result }) = fixed.into_iter().next() else { return Ok(None) };
    leases.grant(asked, !posts.is_empty());
    Ok(Some(result))
}

/// Fixes the answer, unless there is one, and gives back what is set aside: a [`Fixed`].
///
/// # Repeats
/// The first answer stays and is returned again.
fn fix(job: &Job, answer: &str) -> Statement {
    Statement {
        name: "jobs::save_answer",
        sql: "UPDATE jobs SET result = coalesce(result, ?3), reserved_nano = 0,
                updated_at = unixepoch()
              WHERE id = ?1 AND generation = ?2 AND status = 'PROCESSING'
              RETURNING result",
        values: [fence(job), vec![answer.into()]].concat(),
    }
}

#[derive(Deserialize)]
struct Fixed {
    result: String,
}
