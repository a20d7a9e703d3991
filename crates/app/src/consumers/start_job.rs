//! Jobs whose Workflow could not be started at once: they are started from a queue, and a job for which
//! that fails too is kept as a dead letter, where an operator finds it.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | insert the job's row | for each delivery | `ON CONFLICT DO NOTHING` |
//! | start the Workflow | for each delivery | a second start finds the first; a job that ended ends there |
//! | write the dead letter | when the queue has given up | one per job, and none for a job that runs |
//! | tell the asker | then | an edit |
//! | mark the job ERROR | then | only PENDING moves |

use serde_json::Value;

use super::super::conversation::Outcome;
use super::super::{Job, from_params, jobs, memory, placeholder, to_params};
use super::{Consumer, Verdict};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, Notice};
use miyabi_core::i18n::sentence;
use miyabi_core::ports::{Host, Sql, Workflows};
use miyabi_core::transport::{EditOutcome, SendError, Transport as _, Transports};

/// Starts jobs whose Workflow could not be started at once.
#[derive(Debug)]
pub enum StartJob {}

impl Consumer for StartJob {
    const QUEUE: &'static str = "miyabi-jobs";
    const DEAD_QUEUE: &'static str = "miyabi-jobs-dead";

    /// A job, as its Workflow's parameters.
    type Message = Job;

    fn read(body: &Value) -> Option<Job> {
        from_params(body)
    }

    /// Starts the job.
    ///
    /// # Repeats
    /// The same job twice is one job.
    async fn run(host: &impl Host, _transports: &impl Transports, job: &Job) -> Verdict {
        match start(host, job).await {
            Ok(()) => Verdict::Ack,
            Err(fault) => {
                host.log(&Event::JobQueued { job: job.id().clone(), fault });
                Verdict::Retry
            }
        }
    }

    /// Ends a job that the queue could not start: a dead letter, a sentence for the asker, and ERROR.
    ///
    /// # Repeats
    /// A job that runs after all, or has ended, is left alone.
    async fn dead(host: &impl Host, transports: &impl Transports, job: &Job) -> Verdict {
        match give_up(host, transports, job).await {
            Ok(()) => Verdict::Ack,
            Err(fault) => {
                host.log(&Event::SweepFailed { job: Some(job.id().clone()), fault });
                Verdict::Retry
            }
        }
    }
}

/// The row first: from then on the watchdog knows of the job.
async fn start(host: &(impl Sql + Workflows), job: &Job) -> Result<(), Fault> {
    let params = to_params(job);
    let _is_new = jobs::insert(host, job, &params).await?;
    host.start(&job.instance(), &params).await
}

async fn give_up(host: &impl Host, transports: &impl Transports, job: &Job) -> Result<(), Fault> {
    let fault: Fault = EngineError::Dead.into();
    if !jobs::dead_letter(host, job, &fault).await? {
        return Ok(());
    }
    let words = sentence(fault.notice, job.question.language);
    // Where the platform is not set up any more nobody can be told.
    let transport = transports.of(&job.question);
    let notified = match &transport {
        // Nothing is waited for: meanwhile the answer of a run that began after all might come to stand there.
        Some(transport) if transport.capabilities().has_placeholder => {
            match transport.edit_once(&job.question, words).await {
                Ok(EditOutcome::TooEarly) => {
                    Err(SendError::Deferred { operation: "edit", status: 0, code: 0 }.into())
                }
                edited => edited.map(drop).map_err(Into::into),
            }
        }
        Some(transport) => placeholder::notify_asker(host, transport, job, words).await,
        None => Ok(()),
    };
    match notified {
        Ok(()) => {}
        // Refused for good: the letter is kept, and the job ends without the asker.
        Err(untold) if untold.notice == Notice::Blocked => {
            host.log(&Event::AskerNotNotified { job: job.id().clone(), fault: untold });
        }
        Err(untold) => return Err(untold),
    }
    if let Some(transport) = &transport {
        memory::tell_readers(host, transport, job, Outcome::Failed(fault.notice)).await?;
    }
    if jobs::abandon(host, job, &fault).await? {
        host.log(&Event::JobDeadLettered { job: job.id().clone() });
    }
    Ok(())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
