//! Which answer is delivered: one batch that fixes it, books what it cost, begins the first posts, and
//! reads what these need to know.

use serde::Deserialize;

use super::super::recent::Recent;
use super::super::{Job, ledger};
use super::{batch, booking, fence};
use miyabi_ai::Attempt;
use miyabi_channels::discord::webhooks::Known;
use miyabi_core::config::Discord;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Sql, Statement, read_rows};
use miyabi_core::question::{Place, Rights};

/// Fixes the answer that is delivered, and returns it.
///
/// It is the one that an earlier generation fixed, if there is one; `None` if the job has a later
/// generation or has ended. What else was read goes into `recent`.
///
/// Books what this generation spent, in place of what was set aside for it. Begins the first posts in the
/// ledger if no answer was fixed before, nobody has begun any, and no breaker is open: not where the
/// channel cannot be read, since there a post that was begun and not sent is not told from one that was
/// sent.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// The second call returns what the first has fixed, and books and begins nothing.
pub async fn save_answer(
    host: &(impl Sql + Clock),
    discord: &Discord,
    (job, recent): (&Job, &Recent),
    answer: &str,
    attempts: &[Attempt],
) -> Result<Option<String>, Fault> {
    let asked = host.now();
    let place = &job.question.place;
    let may_begin = matches!(
        place,
        Place::Channel { id: Some(_), rights: Rights { speaks: true, reads: true, .. }, .. }
    );
    let steps: &[&str] = if may_begin { &ledger::FIRST_STEPS } else { &[] };
    let [sums, rows] = booking::spent(job, attempts);
    let posts = ledger::begin_with_answer(job, steps);
    let webhooks = known(discord, place.home().unwrap_or_default());
    let statements = [sums, rows, posts, webhooks, fix(job, answer)];
    let [_, _, posts, webhooks, fixed] = batch(host, statements).await?;
    let fixed: Vec<Fixed> = read_rows("jobs::save_answer", fixed)?;
    let Some(Fixed { result }) = fixed.into_iter().next() else { return Ok(None) };
    let known = webhooks.first().map(|row| Known::read(discord, row)).unwrap_or_default();
    recent.kept(asked, !posts.is_empty(), known);
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

/// Reads what is remembered of the webhooks of a channel, in the columns that [`Known::read`] reads.
///
/// # Repeats
/// Reads only.
fn known(discord: &Discord, channel: &str) -> Statement {
    Statement {
        name: "webhooks::known_with_answer",
        sql: "SELECT (SELECT gone_at FROM webhooks WHERE id = ?1) AS gone,
                (SELECT id || '/' || token FROM webhooks
                  WHERE channel = ?2 AND gone_at IS NULL ORDER BY id LIMIT 1) AS own",
        values: vec![discord.webhook_id.as_str().into(), channel.into()],
    }
}
