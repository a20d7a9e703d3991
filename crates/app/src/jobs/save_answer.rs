//! Which answer is delivered? One statement, and with it all that the first posts need to know.

use serde_json::Value;

use super::super::Job;
use super::super::recent::Recent;
use super::{booked, generation, text};
use miyabi_ai::Attempt;
use miyabi_channels::discord::webhooks::Known;
use miyabi_core::config::Discord;
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Clock, Sql, SqlValue, Statement};
use miyabi_core::question::{Place, Rights};

/// Fixes the answer that is delivered, and returns it: the one that an earlier generation fixed, if there
/// is one; `None` if the job has a later generation or has ended. What else is told goes into `recent`.
///
/// Books what this generation took, in place of what was set aside for it. Begins the first posts in the
/// ledger, by a trigger, if nobody has before and no breaker is open: not where the channel cannot be
/// read, since there a post that was begun and not sent is not told from one that was sent.
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
    let begins = matches!(
        place,
        Place::Channel { id: Some(_), rights: Rights { speaks: true, reads: true, .. }, .. }
    );
    let statement = Statement {
        name: "jobs::save_answer",
        sql: "UPDATE jobs SET result = coalesce(result, ?3), updated_at = unixepoch(),
                reserved = 0, attempts = coalesce(?4, attempts),
                begins = iif(?5 AND result IS NULL AND NOT EXISTS
                  (SELECT 1 FROM posts WHERE job = ?1) AND NOT EXISTS (SELECT 1 FROM breakers
                    WHERE until > unixepoch() AND scope NOT GLOB '*:*'),
                  '[\"question:1\",\"answer:1\"]', NULL)
              WHERE id = ?1 AND generation = ?2 AND status = 'PROCESSING'
              RETURNING result, begins,
                (SELECT gone_at FROM webhooks WHERE id = ?6) AS gone,
                (SELECT id || '/' || token FROM webhooks
                  WHERE channel = ?7 AND gone_at IS NULL ORDER BY id LIMIT 1) AS own",
        values: vec![
            text(job.id().as_str()),
            generation(job),
            text(answer),
            booked(attempts),
            SqlValue::Integer(begins.into()),
            text(&discord.webhook_id),
            text(place.home().unwrap_or_default()),
        ],
    };
    let rows = host.query(statement).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    recent.kept(asked, row.get("begins").is_some_and(Value::is_string), Known::read(discord, row));
    Ok(row.get("result").and_then(Value::as_str).map(ToOwned::to_owned))
}
