//! The older turns of a long conversation get a summary, when the asker has the answer.
//!
//! | effect | why repeating it is safe |
//! | --- | --- |
//! | the conversation says which turns, and keeps in mind that it was asked | says the same to the same question |
//! | the summary is booked, at the most that it costs | booked once for each generation of a job |
//! | a model writes it | only who has booked it asks |
//! | it is put over the turns | it names where the one before ends |
//!
//! Whatever fails, the turns stay as they are, and a later question of a long conversation tries again, not
//! each of them: a run that dies here costs one call that was booked, and no question.

use core::time::Duration;

use super::{JobContext, learned_in, once, reader};
use crate::conversation::{Command, OldTurns, Reply};
use crate::jobs::{self, Grant};
use miyabi_ai::summary::{self, Source};
use miyabi_ai::{Attempt, AttemptOutcome, answer};
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Class, Fault};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Host, Policy, Steps, Stop};
use miyabi_core::transport::Transport;

/// A summary is not worth a second try: the next question makes one.
const ONCE: Policy =
    Policy { retries: 0, delay: Duration::from_secs(1), timeout: Duration::from_mins(3) };

/// Number of a summary among the attempts of a job, which has far fewer others.
const ORDINAL: u32 = 1_000;

/// How older turns are to be summarized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compaction {
    /// Vendors whose allowance is used up.
    closed: Vec<String>,
    /// How many tokens what was said before may take from now on.
    budget_tokens: u32,
    /// When the asker has last had something forgotten.
    forgotten: Millis,
}

/// Returns how the older turns are to be summarized after a run, if they are.
///
/// They are when what was said before takes much of its room, and when a model has found it too long. Then it
/// gets half of its room, so that the next question need not be refused first.
pub fn compaction(settings: &Settings, grant: &Grant, attempts: &[Attempt]) -> Option<Compaction> {
    let budget_tokens = answer::history_tokens(settings);
    let is_too_long = |attempt: &Attempt| attempt.outcome == AttemptOutcome::Failed(Class::TooLong);
    let budget_tokens = if !grant.context.is_empty() && attempts.iter().any(is_too_long) {
        budget_tokens / 2
    } else if grant.is_long {
        budget_tokens
    } else {
        return None;
    };
    let forgotten = grant.forgotten.unwrap_or_default();
    Some(Compaction { closed: grant.closed.clone(), budget_tokens, forgotten })
}

/// Has the older turns of a job's conversation summarized.
///
/// # Errors
/// [`Stop::Aborted`] only: a question does without.
///
/// # Repeats
/// See the table of this module.
pub async fn summarize<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    compaction: &Compaction,
) -> Result<(), Stop> {
    let work = async || {
        let outcome = attempt(context, compaction).await?;
        if let Some((turns, outcome)) = outcome {
            let job = context.job.id().clone();
            context.host.log(&Event::SummaryEnded { job, turns, outcome });
        }
        Ok(outcome.is_some_and(|(_, outcome)| outcome == KEPT))
    };
    match context.steps.step("summarize", ONCE, work).await {
        Err(Stop::Aborted) => Err(Stop::Aborted),
        Ok(_) | Err(Stop::Failed(_)) => Ok(()),
    }
}

const KEPT: &str = "kept";

/// Returns how many turns were to be summarized, and what became of that; `None` if there are too few.
async fn attempt<H: Host, S: Steps, T: Transport>(
    JobContext { host, settings, job, .. }: JobContext<'_, H, S, T>,
    Compaction { closed, budget_tokens, forgotten }: &Compaction,
) -> Result<Option<(usize, &'static str)>, Fault> {
    let Some(conversation) = learned_in(settings, &job.question) else { return Ok(None) };
    let old = Command::Old {
        budget_tokens: *budget_tokens,
        model: reader(settings),
        forgotten: *forgotten,
    };
    let Reply::Old(Some(old)) = once(host, conversation, &old).await? else { return Ok(None) };
    let OldTurns { after, until, since, summary, turns } = old;
    let source = Source { summary: summary.as_deref(), turns: &turns };
    let count = turns.len();
    let Some(call) = summary::plan(settings, closed, source) else {
        return Ok(Some((count, "unanswered")));
    };
    let booked = Attempt {
        ordinal: ORDINAL,
        model: call.model.clone(),
        outcome: AttemptOutcome::Ok,
        usage: call.usage,
        cost: call.cost,
    };
    if !jobs::book_summary(host, settings, job, &booked).await? {
        return Ok(Some((count, "unpaid")));
    }
    let Some(text) = summary::write(host, settings, &call, source).await else {
        return Ok(Some((count, "unanswered")));
    };
    let command = Command::Summarize { after, until, since, text };
    let is_kept = once(host, conversation, &command).await? == Reply::Summarized;
    Ok(Some((count, if is_kept { KEPT } else { "superseded" })))
}
