//! Reminders: set by a tool, kept in a row, and brought as a job whose answer is known.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the reminder's row | `remind_me`, in `think:n` | its id is made of the job and of how many reminders the job had set before |
//! | the row is BROUGHT, and there is a job with its words as the answer | [`bring`], each minute | one batch, for a row that waits; the job's id is the reminder's |
//! | the job's instance is started | after that | its name is the job's id; the watchdog starts what was not |
//! | the row is CANCELLED | `/cancel` | only one that waits |
//! | the row is LOST | in place of BROUGHT, where it may not be posted any more | only one that waits |
//!
//! From there on it is a job like any other that has its answer: it is posted once, tried again, and given up
//! and recorded where that fails (docs/decisions/0046).

use serde::Deserialize;

use super::jobs::batch;
use super::terms::Terms;
use super::{Job, chat, from_params, to_params};
use miyabi_ai::tools::Tool;
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::i18n::Markup as _;
use miyabi_core::i18n::reminders::{self as words, Entry};
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::json;
use miyabi_core::ports::{Clock, Log, Sql, Statement, Workflows, read_flag, read_rows};
use miyabi_core::question::Question;
use miyabi_core::transport::{Transport as _, Transports};

/// Most reminders of one person that wait.
pub const MAX_WAITING: u32 = 25;

/// Longest words of a reminder, in characters: they fit into one message with all that stands around them.
pub const MAX_WORDS_CHARS: usize = 500;

/// Reminders that are brought in one minute, each with two calls: a Worker on the free plan has fifty, and the
/// watchdog needs some. The rest is a minute later.
const MAX_DUE: u32 = 10;

/// How long a reminder that was not brought is listed, in seconds.
const LOST_S: u32 = 7 * 24 * 60 * 60;

/// A reminder that is set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reminder {
    /// Id.
    pub id: String,
    /// What of.
    pub words: String,
    /// When, in Unix seconds.
    pub due_s: u64,
    /// Whether it was not brought, since it may not be posted any more.
    #[serde(default, deserialize_with = "read_flag")]
    pub is_lost: bool,
}

/// Sets the `nth` reminder of a job, and returns the one that is set.
///
/// It is an earlier run's, if there is one, or the same of this job. `None` if the asker has too many, or the
/// job is not this generation's any more.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Finds what is set, also if it was brought or taken back since.
pub async fn set(
    host: &impl Sql,
    job: &Job,
    nth: usize,
    words: &str,
    due_s: u64,
) -> Result<Option<Reminder>, Fault> {
    let Some(id) = JobId::of_reminder(job.id(), nth) else { return Ok(None) };
    let question = Question {
        id: id.clone(),
        token: Secret::new(String::new()),
        text: words.to_owned(),
        quote: None,
        again: None,
        conversation: None,
        is_fresh: true,
        model: None,
        ..job.question.clone()
    };
    let insert = Statement {
        name: "reminders::insert",
        sql: "INSERT INTO reminders (id, job, asker, words, due_at, params)
              SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM jobs
              WHERE jobs.id = ?2 AND generation = ?7 AND status = 'PROCESSING'
                AND cancelled_at IS NULL
                AND (SELECT count(*) FROM reminders WHERE asker = ?3 AND state = 'WAITING') < ?8
                AND NOT EXISTS (SELECT 1 FROM reminders AS same
                  WHERE same.job = ?2 AND same.words = ?4 AND same.due_at = ?5)
              ON CONFLICT (id) DO NOTHING",
        values: vec![
            id.as_str().into(),
            job.id().as_str().into(),
            question.asker.id.as_str().into(),
            words.into(),
            due_s.into(),
            to_params(&Job::first(question)).as_str().into(),
            job.generation.into(),
            MAX_WAITING.into(),
        ],
    };
    let read = Statement {
        name: "reminders::set",
        sql: "SELECT id, words, due_at AS due_s FROM reminders
              WHERE job = ?2 AND (id = ?1 OR (words = ?3 AND due_at = ?4))
              ORDER BY words = ?3 AND due_at = ?4 DESC LIMIT 1",
        values: vec![id.as_str().into(), job.id().as_str().into(), words.into(), due_s.into()],
    };
    let [_, found] = batch(host, [insert, read]).await?;
    let found: Vec<Reminder> = read_rows("reminders::set", found)?;
    Ok(found.into_iter().next())
}

/// Returns a person's reminders that wait, the next first; before them those of a week that were not brought.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// Reads only.
pub async fn waiting(host: &impl Sql, asker: &str) -> Result<Vec<Reminder>, Fault> {
    host.rows(Statement {
        name: "reminders::waiting",
        // Those that wait are never more than half of them, and come first into the limit.
        sql: "SELECT id, words, due_s, is_lost FROM
                (SELECT id, words, due_at AS due_s, state = 'LOST' AS is_lost FROM reminders
                 WHERE asker = ?1 AND (state = 'WAITING'
                   OR (state = 'LOST' AND due_at > unixepoch() - ?3))
                 ORDER BY is_lost, due_at, id LIMIT 2 * ?2)
              ORDER BY due_s, id",
        values: vec![asker.into(), MAX_WAITING.into(), LOST_S.into()],
    })
    .await
}

/// Takes a person's reminder back, and returns whether it has waited.
///
/// # Errors
/// A store fault.
///
/// # Repeats
/// The second time it does not wait.
pub async fn cancel(host: &impl Sql, asker: &str, id: &str) -> Result<bool, Fault> {
    host.hits(Statement {
        name: "reminders::cancel",
        sql: "UPDATE reminders SET state = 'CANCELLED'
              WHERE id = ?1 AND asker = ?2 AND state = 'WAITING' RETURNING id",
        values: vec![id.into(), asker.into()],
    })
    .await
}

/// Returns a reminder as a list shows it.
pub fn entry(Reminder { words, due_s, is_lost, .. }: Reminder) -> Entry {
    // It stands between marks of code.
    Entry { words: chat::title(&words).replace('`', "'"), due_s, is_lost }
}

#[derive(Deserialize)]
struct Due {
    id: String,
    params: String,
    /// Settings of its server, if there are any.
    settings: Option<String>,
}

/// Makes a job of each reminder that is due. Two at once have the effect of one.
///
/// # Repeats
/// See the table of this module.
pub async fn bring(host: &(impl Sql + Clock + Log + Workflows), transports: &impl Transports) {
    let due = Statement {
        name: "reminders::due",
        sql: "SELECT id, params, (SELECT settings FROM server_settings AS known
                WHERE json_valid(params) AND known.server = params ->> 'server'
                ORDER BY version DESC LIMIT 1) AS settings
              FROM reminders
              WHERE state = 'WAITING' AND due_at <= unixepoch() ORDER BY due_at LIMIT ?1",
        values: vec![MAX_DUE.into()],
    };
    match host.rows(due).await {
        Ok(rows) => {
            for due in rows {
                if let Err(fault) = bring_one(host, transports, &due).await {
                    host.log(&Event::SweepFailed { job: JobId::parse(&due.id), fault });
                }
            }
        }
        Err(fault) => host.log(&Event::SweepFailed { job: None, fault }),
    }
}

async fn bring_one(
    host: &(impl Sql + Clock + Workflows),
    transports: &impl Transports,
    Due { id, params, settings }: &Due,
) -> Result<(), Fault> {
    let id = id.as_str();
    let moves = |name, sql| Statement { name, sql, values: vec![id.into()] };
    let job = json::parse(params).and_then(|params| from_params(&params));
    let found = job.and_then(|job| Some((transports.of(&job.question)?, job)));
    let Some((transport, Job { question, .. })) = found else {
        // Its platform is not set up any more, or another version of the program has written it.
        return host.run(moves("reminders::lose", LOSE)).await;
    };
    // What has been settled there since is known only now.
    let settled = Terms::of(settings.as_deref(), false).settings;
    if !settled.allows(Tool::RemindMe.name(), &transport.places(&question)) {
        return host.run(moves("reminders::lose", LOSE)).await;
    }
    let person = transport.person(&question.asker.id);
    let answer = words::due(question.language, &person, &question.text);
    let job = Job::first(Question { asked: host.now(), ..question });
    let params = to_params(&job);
    let question = &job.question;
    let insert = Statement {
        name: "reminders::job",
        sql: "INSERT INTO jobs (id, platform, token, params, asker, server, created_at, status, result)
              SELECT id, ?2, '', ?3, ?4, ?5, ?6, 'PENDING', ?7 FROM reminders
              WHERE id = ?1 AND state = 'WAITING' ON CONFLICT (id) DO NOTHING",
        values: vec![
            id.into(),
            question.platform.as_str().into(),
            params.as_str().into(),
            question.asker.id.as_str().into(),
            question.server.as_deref().unwrap_or_default().into(),
            (question.asked.0 / 1000).into(),
            answer.into(),
        ],
    };
    let brought = moves("reminders::bring", BRING);
    let [_, brought] = batch(host, [insert, brought]).await?;
    // Somebody has taken it back meanwhile, or another tick was faster.
    if brought.is_empty() {
        return Ok(());
    }
    host.start(&job.instance(), &params).await
}

const BRING: &str =
    "UPDATE reminders SET state = 'BROUGHT' WHERE id = ?1 AND state = 'WAITING' RETURNING id";
const LOSE: &str = "UPDATE reminders SET state = 'LOST' WHERE id = ?1 AND state = 'WAITING'";

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
