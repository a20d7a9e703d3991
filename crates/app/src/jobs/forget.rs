//! The batch that deletes what is old.

use super::batch;
use crate::{quotes, unserved, uploads};
use miyabi_core::fault::Fault;
use miyabi_core::ports::{Sql, Statement};

/// Days for which it is known what was spent: a year, and a month to look back at it.
const SPENDING_DAYS: u32 = 400;

/// Seconds of a day.
const DAY_S: u64 = 86_400;

/// Deletes what is old, and returns how many jobs.
///
/// These are the 500 oldest jobs that ended and are `days` old, with what they posted and asked of models;
/// old dead letters, breakers, reminders that wait no more, rows of the list of conversations, sums of
/// spending and updates that nobody served; and links, codes and quotes that are over.
/// Files whose latest question is forgotten are let go with it.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// What is gone is gone. A job goes in one transaction with all that hangs on it, so that nothing is
/// left behind.
pub async fn forget(host: &impl Sql, days: u32) -> Result<usize, Fault> {
    let older = |name, sql| Statement { name, sql, values: vec![(u64::from(days) * DAY_S).into()] };
    let spending = Statement {
        name: "spending::forget",
        sql: "DELETE FROM spending WHERE day < unixepoch() / 86400 - ?1",
        values: vec![SPENDING_DAYS.into()],
    };
    let shares = Statement {
        name: "shares::forget",
        sql: "DELETE FROM shares WHERE expires_at <= unixepoch()",
        values: Vec::new(),
    };
    let codes = Statement {
        name: "sign_in_codes::forget",
        sql: "DELETE FROM sign_in_codes WHERE expires_at <= unixepoch()",
        values: Vec::new(),
    };
    let quotes = Statement {
        name: "quotes::forget",
        sql: "DELETE FROM quotes WHERE created_at < unixepoch() - ?1",
        values: vec![quotes::LIFETIME_S.into()],
    };
    let updates = Statement {
        name: "unserved::forget",
        sql: unserved::FORGET,
        values: vec![unserved::LIFETIME_S.into()],
    };
    let statements = [
        spending,
        shares,
        codes,
        quotes,
        updates,
        older("dead_letters::forget", LETTERS),
        older("breakers::forget", BREAKERS),
        older("files::forget", uploads::FORGOTTEN),
        older("conversations::forget", CONVERSATIONS),
        older("reminders::forget", REMINDERS),
        older("consents::forget", CONSENTS),
        older("posts::forget", POSTS),
        older("attempts::forget", ATTEMPTS),
        older("jobs::forget", JOBS),
    ];
    let [.., jobs] = batch(host, statements).await?;
    Ok(jobs.len())
}

const LETTERS: &str = "DELETE FROM dead_letters WHERE created_at < unixepoch() - ?1";
const BREAKERS: &str = "DELETE FROM breakers WHERE closes_at < unixepoch() - ?1";

// The title is somebody's words. What was said in it has been forgotten by the conversation itself.
const CONVERSATIONS: &str = "DELETE FROM conversations
  WHERE max(updated_at, coalesce(deleted_at, 0)) < unixepoch() - ?1";

// A repeat of its job finds it for as long as there is that job.
const REMINDERS: &str = "DELETE FROM reminders
  WHERE state <> 'WAITING' AND max(due_at, created_at) < unixepoch() - ?1";

/// The jobs that are deleted, which every statement of the batch finds to be the same.
macro_rules! old_jobs {
    () => {
        "(SELECT id FROM jobs WHERE status IN ('COMPLETED', 'ERROR')
            AND created_at < unixepoch() - ?1 ORDER BY created_at, id LIMIT 500)"
    };
}

const CONSENTS: &str = concat!("DELETE FROM consents WHERE job IN ", old_jobs!());
const POSTS: &str = concat!("DELETE FROM posts WHERE job IN ", old_jobs!());
const ATTEMPTS: &str = concat!("DELETE FROM attempts WHERE job IN ", old_jobs!());
const JOBS: &str = concat!("DELETE FROM jobs WHERE id IN ", old_jobs!(), " RETURNING id");
