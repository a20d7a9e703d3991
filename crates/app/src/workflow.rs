//! The durable flow of one question. It may die at any await and runs again from the top; finished
//! steps answer from what they stored.
//!
//! | step | effect | result stored | why repeating it is safe |
//! | --- | --- | --- | --- |
//! | `claim` | row → PROCESSING | whether there is work | moves only PENDING and PROCESSING |
//! | `think:n` | tools that were asked for, then a model call | both results | reads, and costs again |
//! | `recall`, `remember` | saved answers | see [`super::cache`] |
//! | `save_answer` | the answer into the row | the answer that is delivered | the first answer stays |
//! | `route` … `clear` | messages | see [`super::deliver`] | see there |
//! | `finish` | row → COMPLETED | whether it was ours | moves only PROCESSING |
//! | `notify_asker`, `confirm` | edit of the deferred reply | whether it was ours | an edit |
//! | `fail` | row → ERROR | whether it was ours | moves only PENDING and PROCESSING |
//!
//! Each effect is made for one generation of the job: when the watchdog has given it another one, or has
//! ended it, this one stops without a word.
//!
//! Between the steps there is no effect, no clock and no chance: that code runs again on replay.

use core::cell::Cell;
use core::time::Duration;

use super::deliver::{Delivered, Delivery, Earlier, LAST_WAY, UNDER_WAY, Undelivered};
use super::jobs::{self, Claim};
use super::preview::StreamingPreview;
use super::recent::Recent;
use super::{Job, Ours, cache, reply};
use miyabi_ai::answer;
use miyabi_ai::answer::{Run, RunRecord};
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, Notice};
use miyabi_core::ports::{Clock, Host, Policy, Steps, Stop};

/// Statements are short; a database that is down for a minute is worth waiting for.
const STORE: Policy =
    Policy { retries: 6, delay: Duration::from_secs(1), timeout: Duration::from_secs(30) };

/// How long an interaction's token counts.
///
/// # Source
/// Discord Docs/Receiving and Responding to Interactions, read 2026-11-20.
const TOKEN_MS: u64 = 15 * 60 * 1000;

/// Answers one question, or tells the asker why not.
///
/// # Errors
/// - [`Stop::Aborted`] when the engine ends this generation of the job: pass its error on unchanged.
/// - [`Stop::Failed`] only when the database stayed away to the end: the job's row is then not
///   terminal, and the watchdog finds it.
///
/// # Repeats
/// Running it again for a job that ended, or has a later generation, does nothing.
pub async fn run(
    host: &impl Host,
    steps: &impl Steps,
    settings: &Settings,
    job: &Job,
) -> Result<(), Stop> {
    let claimed = steps
        .step("claim", STORE, async || {
            let claim = jobs::claim(host, job, settings).await?;
            if claim != Claim::Ended {
                host.log(&Event::JobStarted { job: job.id().clone() });
            }
            Ok(claim)
        })
        .await;
    let mut record = RunRecord::default();
    let answered = match claimed {
        Ok(claim) => answer(host, steps, (settings, job), (claim, &mut record)).await,
        Err(stop) => Err(stop.into()),
    };
    let is_ours = match answered {
        Ok(delivered) => finish(host, steps, job, delivered).await?,
        Err(Undelivered::Stopped { stop: Stop::Failed(fault), shown }) => {
            let words = reply::apology(&fault, job.question.language, shown.as_deref());
            give_up(host, steps, (settings, job), (&fault, &words, &record)).await?
        }
        Err(Undelivered::Stopped { stop: Stop::Aborted, .. }) => return Err(Stop::Aborted),
        Err(Undelivered::Superseded) => false,
        // The watchdog gives the job another generation.
        Err(Undelivered::Unfinished) => true,
    };
    if !is_ours {
        host.log(&Event::JobSuperseded { job: job.id().clone(), generation: job.generation });
    }
    Ok(())
}

/// Finds an answer and delivers it. What was asked of models on the way is in `record` then, also when
/// there is no answer.
async fn answer(
    host: &impl Host,
    steps: &impl Steps,
    (settings, job): (&Settings, &Job),
    (claim, record): (Claim, &mut RunRecord),
) -> Result<Delivered, Undelivered> {
    let recent = Recent::default();
    let question = &job.question;
    let mut new = None;
    let saved = match &claim {
        Claim::Mine(_) | Claim::OverBudget { .. } => {
            cache::recall(host, steps, settings, question).await?
        }
        Claim::Answered { .. } | Claim::Ended | Claim::Crowded(_) => None,
    };
    let (found, earlier) = match (claim, saved) {
        (Claim::Answered { answer, posted, is_private }, _) => {
            (answer, Some(Earlier { posted, is_private }))
        }
        (Claim::Ended, _) => return Err(Undelivered::Superseded),
        (Claim::Crowded(running), _) => {
            return Err(Stop::Failed(EngineError::Crowded { running }.into()).into());
        }
        // It costs nothing, so no budget is in its way.
        (Claim::Mine(_) | Claim::OverBudget { .. }, Some(saved)) => (saved, None),
        (Claim::OverBudget { scope, until_s }, None) => {
            return Err(Stop::Failed(EngineError::OverBudget { scope, until_s }.into()).into());
        }
        (Claim::Mine(grant), None) => {
            let run = Run {
                job: &question.id,
                asked: question.asked,
                question: &question.text,
                granted: grant.granted,
                closed: &grant.closed,
            };
            let preview = StreamingPreview { host, settings, job, shown: Cell::default() };
            let outcome;
            (outcome, *record) = answer::answer(host, steps, settings, run, &preview).await;
            (new.insert(outcome?).text.clone(), None)
        }
    };
    let answer = if earlier.is_some() {
        found
    } else {
        let save = async || {
            jobs::save_answer(host, &settings.discord, (job, &recent), &found, &record.attempts)
                .await
        };
        let Some(kept) = steps.step("save_answer", STORE, save).await? else {
            return Err(Undelivered::Superseded);
        };
        kept
    };
    let is_unclear = record.has_unconfirmed_preview;
    let recent = &recent;
    let delivery = Delivery { host, steps, settings, job, earlier, is_unclear, recent };
    let delivered = delivery.deliver(&answer).await?;
    if let Some(new) = new {
        cache::remember(host, steps, settings, question, &new).await?;
    }
    Ok(delivered)
}

/// Moves the job to COMPLETED, and returns whether it was ours. One whose asker may still read
/// "thinking…", or a beginning of the answer, is left to the watchdog while that can be changed.
async fn finish(
    host: &impl Host,
    steps: &impl Steps,
    job: &Job,
    Delivered { parts, is_unsettled }: Delivered,
) -> Result<bool, Stop> {
    let complete = async || {
        if is_unsettled && token_counts(host, job) {
            return Ok(Ours(true));
        }
        let is_ours = jobs::complete(host, job).await?;
        if is_ours {
            host.log(&Event::JobCompleted { job: job.id().clone(), parts });
        }
        Ok(Ours(is_ours))
    };
    steps.step("finish", STORE, complete).await.map(|ours| ours.0)
}

/// Tells the asker, then moves the job to ERROR, and returns whether it was ours. The order matters:
/// a job in ERROR is done with, so one whose asker could not be told yet is left to the watchdog.
async fn give_up(
    host: &impl Host,
    steps: &impl Steps,
    (settings, job): (&Settings, &Job),
    (fault, words, record): (&Fault, &str, &RunRecord),
) -> Result<bool, Stop> {
    let tell = async || {
        // Without a database nobody can say whose it is; then rather tell twice than not at all.
        if !jobs::is_current(host, job).await.unwrap_or(true) {
            return Ok(Ours(false));
        }
        reply::notify_asker(host, settings, &job.question, words).await?;
        Ok(Ours(true))
    };
    let is_told = match steps.step("notify_asker", LAST_WAY, &tell).await {
        Err(Stop::Aborted) => return Err(Stop::Aborted),
        Err(Stop::Failed(untold)) => {
            // Refused is refused; anything else may pass.
            let is_settled = untold.notice == Notice::Blocked;
            host.log(&Event::AskerNotNotified { job: job.id().clone(), fault: untold });
            is_settled
        }
        Ok(Ours(false)) => return Ok(false),
        Ok(Ours(true)) => true,
    };
    if is_told && record.has_unconfirmed_preview {
        // A preview may arrive yet, and the last to arrive is the one that stays.
        steps.sleep("confirm-wait", UNDER_WAY).await?;
        if let Err(Stop::Aborted) = steps.step("confirm", LAST_WAY, &tell).await {
            return Err(Stop::Aborted);
        }
    }
    let fail = async || {
        if !is_told && token_counts(host, job) {
            // The watchdog has the job's next generation tell it, or tells it.
            return Ok(Ours(true));
        }
        let is_ours = jobs::fail(host, job, fault, &record.attempts).await?;
        if is_ours {
            host.log(&Event::JobFailed { job: job.id().clone(), fault: fault.clone() });
        }
        Ok(Ours(is_ours))
    };
    steps.step("fail", STORE, fail).await.map(|ours| ours.0)
}

/// Returns whether the asker can still be reached. It reads the clock, so it belongs into a step.
fn token_counts(host: &impl Clock, job: &Job) -> bool {
    host.now().0.saturating_sub(job.question.asked.0) < TOKEN_MS
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
