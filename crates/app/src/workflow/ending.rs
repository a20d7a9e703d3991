//! The last steps of a job: it is done, or its asker is told why not.

use core::time::Duration;

use super::{Answered, Progress, STORE};
use crate::conversation::Outcome;
use crate::deliver::{Delivered, LAST_WAY, UNDER_WAY};
use crate::lease::Leases;
use crate::retract::retract_question;
use crate::{Job, JobContext, aside, jobs, memory, placeholder, to_params};
use miyabi_ai::answer::RunRecord;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ports::{Clock, Host, Policy, Steps, Stop};
use miyabi_core::transport::Transport;

/// Nothing comes after the last step, and a job without a row is known to nobody else: with the steps before
/// it a database may be away for ten minutes. After that the token is about to expire.
const LAST_WORD: Policy =
    Policy { retries: 9, delay: Duration::from_secs(1), timeout: Duration::from_secs(30) };

/// Takes the question back that stands without an answer. That it stays is no reason to fail: the asker
/// has been told, and the job has ended.
pub(super) async fn retract<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    leases: &Leases,
) -> Result<(), Stop> {
    let JobContext { host, steps, transport, job, .. } = context;
    let retract = async || retract_question(host, transport, job, leases).await;
    match steps.step("retract", LAST_WAY, retract).await {
        Err(Stop::Aborted) => Err(Stop::Aborted),
        Ok(()) | Err(Stop::Failed(_)) => Ok(()),
    }
}

/// Moves the job to COMPLETED, and returns whether it was ours. One whose asker may still read
/// "thinking…", or a beginning of the answer, is left to the watchdog while that can be changed.
pub(super) async fn finish<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    Answered { delivered: Delivered { chunks, is_unsettled }, answer }: Answered,
    Progress { record, compaction, .. }: &Progress<'_>,
) -> Result<bool, Stop> {
    let JobContext { host, steps, transport, job, .. } = context;
    let complete = async || {
        // Before the job ends: nobody looks after one that has.
        memory::settle(context, Outcome::Done(answer.clone()), record.measured.clone()).await?;
        if is_unsettled && can_reply(host, transport, job) {
            return Ok(true);
        }
        let is_ours = jobs::complete(host, job).await?;
        if is_ours {
            host.log(&Event::JobCompleted { job: job.id().clone(), chunks });
        }
        Ok(is_ours)
    };
    let is_ours = steps.step("finish", STORE, complete).await?;
    if let Some(compaction) = compaction.as_ref().filter(|_| is_ours) {
        memory::summarize(context, compaction).await?;
    }
    Ok(is_ours)
}

/// Tells the asker, then moves the job to ERROR, and returns whether it was ours. The order matters:
/// a job in ERROR is done with, so one whose asker could not be told yet is left to the watchdog.
///
/// What the question asks to remember is remembered all the same, and said below the apology
/// (docs/decisions/0034).
pub(super) async fn give_up<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    fault: &Fault,
    shown: Option<&str>,
    record: &RunRecord,
) -> Result<bool, Stop> {
    let JobContext { host, steps, transport, settings, job } = context;
    let is_read = transport.capabilities().reads_conversation();
    let tell = async || {
        // Without a database nobody knows what stands there: it may be the answer of another run. The
        // step is tried again, and then the watchdog tells the asker.
        if !jobs::is_current(host, job).await? {
            return Ok(false);
        }
        let notes = if is_read {
            String::new()
        } else {
            memory::note_lines(host, transport, settings, job, &record.notes).await
        };
        let language = job.question.language;
        let words = placeholder::apology(transport, fault, language, shown, &notes);
        placeholder::notify_asker(host, transport, job, &words).await?;
        Ok(true)
    };
    let mut limit = None;
    let is_told = match steps.step("notify_asker", LAST_WAY, &tell).await {
        Err(Stop::Aborted) => return Err(Stop::Aborted),
        Err(Stop::Failed(untold)) => {
            // Refused is refused; anything else may pass.
            let is_settled = untold.notice == Notice::Blocked;
            limit = Some(untold.clone());
            host.log(&Event::AskerNotNotified { job: job.id().clone(), fault: untold });
            is_settled
        }
        Ok(false) => return Ok(false),
        Ok(true) => true,
    };
    if is_told && record.has_unconfirmed_preview {
        // A preview may arrive yet, and the last to arrive is the one that stays.
        steps.sleep("confirm-wait", UNDER_WAY).await?;
        if let Err(Stop::Aborted) = steps.step("confirm", LAST_WAY, &tell).await {
            return Err(Stop::Aborted);
        }
    }
    let fail = async || {
        if let Some(untold) = &limit {
            let attempts = &record.attempts;
            if aside::put_aside(host, transport, job, untold, (None, attempts)).await? {
                return Ok(true);
            }
        }
        if !is_told && can_reply(host, transport, job) {
            // The watchdog has the job's next generation tell it, or tells it. It finds what has a row, and
            // a database that was away may have kept this job from having one.
            let _is_new = jobs::insert(host, job, &to_params(job)).await?;
            return Ok(true);
        }
        if is_read {
            // Before the job ends: the step that could not say it is tried again, and nobody looks after a
            // job that has ended.
            memory::settle(context, Outcome::Failed(fault.notice), None).await?;
        }
        let is_ours = jobs::fail(host, job, fault, &record.attempts).await?;
        if is_ours {
            memory::settle(context, Outcome::Failed(fault.notice), None).await?;
            host.log(&Event::JobFailed { job: job.id().clone(), fault: fault.clone() });
        }
        Ok(is_ours)
    };
    steps.step("fail", LAST_WORD, fail).await
}

/// Returns whether the asker can still be reached. It reads the clock, so it belongs into a step.
fn can_reply(host: &impl Clock, transport: &impl Transport, job: &Job) -> bool {
    host.now().since(job.question.asked) < placeholder::reply_lifetime(transport)
}
