//! A person's consent: what a tool wants to do outside is shown to the asker, who approves or denies it, and is
//! done once.
//!
//! The row of a call says all: that it was asked about, what was decided and by whom, that a run has claimed it, and
//! what came of it. An event only ends the wait for it, so one that is lost costs time and nothing else
//! (docs/decisions/0048).
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the rows of the calls, and the question with its buttons | `ask_person:n` | a row stays as it is, but for one that nobody decided, which is asked about anew by another step; an edit |
//! | that question, where it is a message of its own | the same | guarded by the ledger, as any message |
//! | it is removed | `unask_person:n`, when the wait has ended | removing twice has no further effect |
//! | the decision | a press | moves only ASKED, so the first one counts |
//! | an event to the instance | after that, another press, `/cancel`, the watchdog | it only ends the wait |
//! | the claim | `think:n`, before the call | moves only what is APPROVED and unclaimed, for the job's generation |
//! | the call | `think:n` | never repeated: who finds a claim without a result says that nobody knows |
//! | the result | after the call | the first one stays |

use core::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::inquiry;
use super::jobs::batch;
use super::lease::Leases;
use super::post_once::PostOnce;
use super::{Job, JobContext, ledger};
use miyabi_ai::ToolOutcome;
use miyabi_ai::tools::errands::{Act, Claimed, NOBODY};
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::i18n::consent::{self as words, Decided, Decision};
use miyabi_core::i18n::sentence;
use miyabi_core::ids::JobId;
use miyabi_core::json;
use miyabi_core::ports::{
    Clock, Host, Log, Policy, Sql, Statement, Steps, Stop, WaitUntil, Workflows,
};
use miyabi_core::question::Question;
use miyabi_core::transport::{Author, EditOutcome, Message, Transport};

/// Policy of the step that asks: statements, and an edit, which waits for limits.
const ASK: Policy =
    Policy { retries: 3, delay: Duration::from_secs(1), timeout: Duration::from_mins(2) };

/// Time that is left for models after a decision, before the age from which on none is asked.
const AFTER: Duration = Duration::from_mins(1);

/// Shortest time that is worth asking for, in seconds.
const LEAST_S: u64 = 20;

/// Most of all arguments that are asked about together, in characters: all of them have to be seen.
const MAX_SHOWN_CHARS: usize = 1_400;

/// Longest wait for the database: platforms wait three seconds for a reply.
const TIMEOUT: Duration = Duration::from_secs(2);

const UNCLEAR: &str = "error: an earlier attempt at this broke off, and nobody knows whether it was done. It is not tried again: say so, and have the asker look";
const DENIED: &str = "error: the asker does not allow this, so it was not done. Do not try it again; answer without it";
const EXPIRED: &str =
    "error: the asker did not decide in time, so it was not done. Answer without it, and say so";
const NOT_ASKED: &str = "error: the asker could not be asked whether this may be done, so it was not done: it is too late for that, or the arguments are too long to be shown. Answer without it, and say so";
const AWAY: &str = "error: it could not be looked up whether this may be done, so it was not done. Answer without it, and say so";

/// Returns what a call asks about: what its button names after the job, and its event.
fn asked(generation: u32, ordinal: u32) -> String {
    format!("{generation}-{ordinal}")
}

/// Returns the kind of the event that ends the wait for a decision.
fn event(asked: &str) -> String {
    ["person-", asked].concat()
}

/// Ends the wait for a decision, if there is one.
///
/// # Errors
/// A fault of the engine.
///
/// # Repeats
/// The second event finds no wait.
pub async fn wake(host: &impl Workflows, job: &Job, asked: &str) -> Result<(), Fault> {
    host.send_event(&job.instance(), &event(asked)).await
}

/// A job that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Wait {
    job: JobId,
    generation: u32,
    asked: String,
}

/// Reads which jobs of a person on a platform wait for a decision, and are cancelled.
pub(crate) fn waiting(asker: &str, platform: &str) -> Statement {
    Statement {
        name: "consents::waiting",
        sql: "SELECT DISTINCT jobs.id AS job, generation, asked
              FROM jobs JOIN consents ON consents.job = jobs.id
              WHERE jobs.asker = ?1 AND ?1 <> '' AND platform = ?2 AND status = 'PROCESSING'
                AND cancelled_at IS NOT NULL AND state = 'ASKED'
                AND asked GLOB generation || '-*'",
        values: vec![asker.into(), platform.into()],
    }
}

/// Ends these waits, beside the reply. One that is not ended so is by the watchdog.
///
/// # Repeats
/// As [`wake`].
pub(crate) fn wake_all<H: Workflows + WaitUntil + Log + Clone + 'static>(
    host: &H,
    waits: Vec<Wait>,
) {
    for Wait { job, generation, asked } in waits {
        let (after, instance) = (host.clone(), Job::instance_of(&job, generation));
        host.wait_until(async move {
            if let Err(fault) = after.send_event(&instance, &event(&asked)).await {
                after.log(&Event::StatusFailed { fault });
            }
        });
    }
}

/// Returns whether a question's asker can be asked: they are known, and there is a place for it.
pub(crate) fn can_ask(transport: &impl Transport, question: &Question) -> bool {
    !question.asker.id.is_empty() && transport.asks(question)
}

/// What the names of questions to an asker begin with in the ledger, where they are messages of their own.
const ASKS: &str = "asks:";

/// Shows a question to the asker, and returns whether it is there.
async fn show(
    host: &(impl Sql + Clock + Log),
    transport: &impl Transport,
    job: &Job,
    (tag, id, text): (&str, &str, &str),
) -> Result<bool, Fault> {
    let question = &job.question;
    if transport.capabilities().has_placeholder {
        let message = Message { asks: Some(id), ..Message::text(text) };
        return Ok(transport.edit(question, &message).await? != EditOutcome::Missing);
    }
    let step = &[ASKS, tag].concat();
    // Of an earlier generation nobody waits for an answer.
    take_back(host, transport, job, step).await?;
    let [text] = &transport.render(Author::Assistant, text)[..] else { return Ok(false) };
    let message = Message { asks: Some(id), ..Message::text(text) };
    let route = &transport.route(question).await?;
    let leases = &Leases::default();
    let once = PostOnce { host, transport, job, leases, step, route, message };
    once.post().await.map(|id| id.is_some())
}

/// Removes the questions to the asker that are messages of their own, but for one. What the platform refuses to remove
/// stays, and its buttons decide nothing.
async fn take_back(
    host: &impl Sql,
    transport: &impl Transport,
    job: &Job,
    but: &str,
) -> Result<(), Fault> {
    let statement = Statement {
        name: "consents::shown",
        sql: "SELECT step, message_id FROM posts
              WHERE job = ?1 AND step GLOB ?2 || '*' AND step <> ?3 AND state = 'SENT'",
        values: vec![job.id().as_str().into(), ASKS.into(), but.into()],
    };
    for row in host.query(statement).await? {
        match transport.retract(&job.question, text(&row, "message_id")).await {
            Err(error) if error.may_pass() => return Err(error.into()),
            Ok(()) | Err(_) => ledger::removed(host, job.id(), text(&row, "step")).await?,
        }
    }
    Ok(())
}

/// Asks whether calls may be made, and waits for the decision, until the question has this age or a minute less.
///
/// # Errors
/// [`Stop::Aborted`] only.
///
/// # Repeats
/// See the table of this module.
pub(crate) async fn ask<H: Sql + Clock + Log, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    latest: Duration,
    (ordinal, acts, has_read): (u32, &[Act], bool),
) -> Result<(), Stop> {
    let JobContext { host, steps, transport, job, .. } = context;
    let question = &job.question;
    if acts.is_empty() || !can_ask(transport, question) {
        return Ok(());
    }
    let tag = &asked(job.generation, ordinal);
    let work = async || {
        let age_ms = host.now().0.saturating_sub(question.asked.0);
        let left_s = latest.saturating_sub(AFTER).as_secs().saturating_sub(age_ms / 1000);
        let mut room = MAX_SHOWN_CHARS;
        let mut statements = Vec::new();
        for act in acts {
            let arguments = Value::Object(act.arguments.clone()).to_string();
            let chars = words::legible(&arguments).chars().count();
            if left_s >= LEAST_S && chars <= room {
                room -= chars;
                statements.push(insert(job, tag, act, &arguments, left_s));
            }
        }
        statements.push(Statement {
            name: "consents::asked",
            sql: "SELECT tool, arguments, max(0, expires_at - unixepoch()) AS left_s,
                    expires_at AS until_s FROM consents
                  WHERE job = ?1 AND asked = ?2 AND state = 'ASKED' ORDER BY tool, key",
            values: vec![job.id().as_str().into(), tag.as_str().into()],
        });
        let rows = host.batch(statements).await?.pop().unwrap_or_default();
        let Some(row) = rows.first() else { return Ok(0) };
        let (left_s, until_s) = (number(row, "left_s"), number(row, "until_s"));
        let calls: Vec<_> =
            rows.iter().map(|row| (text(row, "tool"), text(row, "arguments"))).collect();
        let text = words::question(&calls, until_s, has_read, question.language, transport);
        let id = [job.id().as_str(), "-", tag].concat();
        let is_shown = show(host, transport, job, (tag, &id, &text)).await?;
        if is_shown {
            host.log(&Event::ConsentAsked { job: job.id().clone(), calls: calls.len() });
        }
        Ok(if is_shown { left_s } else { 0 })
    };
    match steps.step(&format!("ask_person:{ordinal}"), ASK, work).await {
        Ok(0) | Err(Stop::Failed(_)) => Ok(()),
        Ok(left_s) => {
            let timeout = Duration::from_secs(left_s);
            let waited = steps.wait(&format!("await_person:{ordinal}"), &event(tag), timeout).await;
            let ended = match waited {
                Ok(()) | Err(Stop::Failed(_)) if !transport.capabilities().has_placeholder => {
                    let take_back = async || take_back(host, transport, job, "").await;
                    steps.step(&format!("unask_person:{ordinal}"), ASK, take_back).await
                }
                waited => waited,
            };
            match ended {
                Ok(()) | Err(Stop::Failed(_)) => Ok(()),
                Err(Stop::Aborted) => Err(Stop::Aborted),
            }
        }
        Err(Stop::Aborted) => Err(Stop::Aborted),
    }
}

/// The row of a call, asked about now unless there is a decision, or a claim.
fn insert(job: &Job, asked: &str, act: &Act, arguments: &str, left_s: u64) -> Statement {
    Statement {
        name: "consents::insert",
        sql: "INSERT INTO consents (job, key, asked, asker, tool, arguments, expires_at)
              SELECT id, ?2, ?3, asker, ?4, ?5, unixepoch() + ?6 FROM jobs
              WHERE id = ?1 AND generation = ?7 AND status = 'PROCESSING' AND cancelled_at IS NULL
                AND asker <> ''
              ON CONFLICT (job, key) DO UPDATE SET state = 'ASKED', asked = excluded.asked,
                expires_at = excluded.expires_at
              WHERE state IN ('ASKED', 'EXPIRED') AND asked <> excluded.asked",
        values: vec![
            job.id().as_str().into(),
            act.key.as_str().into(),
            asked.into(),
            act.tool.as_str().into(),
            arguments.into(),
            left_s.into(),
            job.generation.into(),
        ],
    }
}

/// A row, as the database returns it.
type Row = Map<String, Value>;

fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

fn number(row: &Row, column: &str) -> u64 {
    row.get(column).and_then(Value::as_u64).unwrap_or_default()
}

/// Claims a call that is approved, and takes it that nobody decides any more about one that is not.
///
/// # Repeats
/// The second claim is told what came of the first, or that nobody knows.
pub(crate) async fn claim<H: Sql, S, T: Transport>(
    JobContext { host, transport, job, .. }: JobContext<'_, H, S, T>,
    act: &Act,
) -> Claimed {
    let values = || vec![job.id().as_str().into(), act.key.as_str().into()];
    let of_generation = || [values(), vec![job.generation.into()]].concat();
    let statements = [
        Statement { name: "consents::claim", sql: CLAIM, values: of_generation() },
        Statement { name: "consents::expire", sql: EXPIRE, values: of_generation() },
        Statement {
            name: "consents::known",
            sql: "SELECT state, claimed_at IS NOT NULL AS is_claimed,
                    coalesce(result, '') AS result FROM consents WHERE job = ?1 AND key = ?2",
            values: values(),
        },
    ];
    let told = |words: &str| Claimed::Told(ToolOutcome::Failed, words.to_owned());
    let Ok([claimed, _, known]) = batch(host, statements).await else { return told(AWAY) };
    if !claimed.is_empty() {
        return Claimed::Mine;
    }
    let Some(known) = known.first() else {
        return told(if can_ask(transport, &job.question) { NOT_ASKED } else { NOBODY });
    };
    match (text(known, "state"), number(known, "is_claimed") != 0) {
        (_, true) => json::parse::<Value>(text(known, "result"))
            .and_then(|it| {
                let outcome = match it.get(0)?.as_str()? {
                    "done" => ToolOutcome::Done,
                    _ => ToolOutcome::Failed,
                };
                Some(Claimed::Told(outcome, it.get(1)?.as_str()?.to_owned()))
            })
            .unwrap_or_else(|| told(UNCLEAR)),
        ("DENIED", false) => told(DENIED),
        ("EXPIRED", false) => told(EXPIRED),
        // It is approved, and the job is another generation's, or is cancelled.
        _ => told(AWAY),
    }
}

// A later generation may have asked about the same call, and waits for the decision.
const EXPIRE: &str = "UPDATE consents SET state = 'EXPIRED'
  WHERE job = ?1 AND key = ?2 AND state = 'ASKED'
    AND EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND generation = ?3 AND status = 'PROCESSING')";

const CLAIM: &str = "UPDATE consents SET claimed_at = unixepoch()
  WHERE job = ?1 AND key = ?2 AND state = 'APPROVED' AND claimed_at IS NULL
    AND EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND generation = ?3 AND status = 'PROCESSING'
      AND cancelled_at IS NULL)
  RETURNING key";

/// Records what came of a call that was claimed.
///
/// # Repeats
/// The first record stays.
pub(crate) async fn record(
    host: &impl Sql,
    job: &Job,
    act: &Act,
    outcome: ToolOutcome,
    told: &str,
) {
    let outcome = if outcome == ToolOutcome::Done { "done" } else { "failed" };
    let result = Value::from(vec![outcome, told]).to_string();
    let recorded = host.run(Statement {
        name: "consents::record",
        sql: "UPDATE consents SET result = ?3
              WHERE job = ?1 AND key = ?2 AND claimed_at IS NOT NULL AND result IS NULL",
        values: vec![job.id().as_str().into(), act.key.as_str().into(), result.into()],
    });
    // Without it nobody knows later, and it is not made again.
    drop(recorded.await);
}

/// What becomes of a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// It is decided; this stands in the place of the question.
    Done(&'static str),
    /// Who pressed reads this, alone.
    Told(&'static str),
}

/// Decides, unless that is done, and has the job go on.
///
/// # Repeats
/// The first decision stays; each later press only has the job go on, which may not have heard of it.
pub async fn decide<H: Host + Clone + 'static>(host: &H, decided: Decided) -> Pressed {
    let language = decided.language;
    let tag = asked(decided.generation, decided.ordinal);
    let (is_new, row) = match write(host, &decided, &tag).await {
        Ok(written) => written,
        Err(fault) => {
            host.log(&Event::ButtonFailed { fault });
            return Pressed::Told(sentence(Notice::TryAgain, language));
        }
    };
    let told =
        |sentence: miyabi_core::i18n::Sentence| Pressed::Told(sentence.in_language(language));
    let Some(row) = row else { return told(words::OVER) };
    let is = |column, id: &str| !id.is_empty() && text(&row, column) == id;
    if !is("asker", &decided.person) && !is("server", decided.server.as_deref().unwrap_or_default())
    {
        return told(words::NOT_YOURS);
    }
    let is_decided = matches!(text(&row, "state"), "APPROVED" | "DENIED");
    if is_new {
        let is_approved = decided.decision == Decision::Approve;
        host.log(&Event::ConsentDecided { job: decided.job, is_approved });
        return Pressed::Done(decided.decision.done(language));
    }
    told(if is_decided { words::DECIDED } else { words::OVER })
}

async fn write<H: Host + Clone + 'static>(
    host: &H,
    decided: &Decided,
    tag: &str,
) -> Result<(bool, Option<Row>), Fault> {
    let state = match decided.decision {
        Decision::Approve => "APPROVED",
        Decision::Deny => "DENIED",
    };
    let job = decided.job.as_str();
    let decide = Statement {
        name: "consents::decide",
        sql: "UPDATE consents SET state = ?3, decided_by = ?4, decided_at = unixepoch()
              WHERE job = ?1 AND asked = ?2 AND state = 'ASKED' AND expires_at > unixepoch()
                AND EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND generation = ?6
                  AND status = 'PROCESSING' AND cancelled_at IS NULL
                  AND ((jobs.asker = ?4 AND ?4 <> '') OR (jobs.server = ?5 AND ?5 <> '')))
              RETURNING key",
        values: vec![
            job.into(),
            tag.into(),
            state.into(),
            decided.person.as_str().into(),
            decided.server.as_deref().unwrap_or_default().into(),
            decided.generation.into(),
        ],
    };
    let look = Statement {
        name: "consents::look",
        sql: "SELECT asker, server, status,
                (SELECT state FROM consents WHERE job = ?1 AND asked = ?2 LIMIT 1) AS state
              FROM jobs WHERE id = ?1",
        values: vec![job.into(), tag.into()],
    };
    let written = batch(host, [decide, look]);
    let [moved, rows] = inquiry::in_time(host, "consents::decide", TIMEOUT, written).await?;
    let row = rows.into_iter().next();
    let is_decided = |row: &Row| matches!(text(row, "state"), "APPROVED" | "DENIED");
    if row.as_ref().is_some_and(|row| is_decided(row) && text(row, "status") == "PROCESSING") {
        // It is decided in any case; one that was not sent is sent by the next press, or the watchdog.
        let instance = Job::instance_of(&decided.job, decided.generation);
        let (host_after, kind) = (host.clone(), event(tag));
        host.wait_until(async move {
            if let Err(fault) = host_after.send_event(&instance, &kind).await {
                host_after.log(&Event::ButtonFailed { fault });
            }
        });
    }
    Ok((!moved.is_empty(), row))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
