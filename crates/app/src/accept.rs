//! Makes a question a job: one durable write before the reply, the others after it.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | start the Workflow, id = the event's id | before the reply | a second start finds the first |
//! | insert the job's row | after the reply, by `wait_until` | `ON CONFLICT DO NOTHING`; the Workflow's first step writes it too |
//! | put the job on the queue | when it did not start | its consumer does the two above |
//! | tell the asker, then mark the job ERROR | when that failed too | an edit; only PENDING moves: a start that seemed to fail may run |
//!
//! "Thinking…" is promised only when something durable is behind it: a Workflow, a row, which the
//! watchdog finds, or a message in the queue.

use core::cell::Cell;
use core::pin::pin;
use core::time::Duration;
use std::rc::Rc;

use futures::future::{Either, select};

use super::limits::{self, Limited};
use super::{Job, jobs, to_params};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, Notice};
use miyabi_core::i18n::sentence;
use miyabi_core::ports::{Clock, Host, Log, Queue, Workflows};
use miyabi_core::question::Question;
use miyabi_core::transport::{EditOutcome, SendError, Transport};

/// Longest that the reply waits for limits and Workflow, and then for the queue: Discord, the least patient
/// platform, gives up after 3 seconds.
const START_TIMEOUT: Duration = Duration::from_millis(1_800);
const QUEUE_TIMEOUT: Duration = Duration::from_millis(600);

/// Waits before the second and third try to start the Workflow.
const START_RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// Waits after each try to write the row: 24 seconds, and 30 are what a request has after its reply.
///
/// # Source
/// Cloudflare Docs/Workers limits, `waitUntil`, read 2026-11-20.
const RECORD_RETRIES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_millis(1_500),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(10),
];

/// Waits after each try to notify an asker after the reply.
const NOTIFY_RETRIES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
    Duration::from_secs(9),
];

/// How far the platform's clock may be from ours, before ours counts.
const SKEW_MS: u64 = 300_000;

/// What is known of the job's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    /// It is not written yet, or that failed.
    Unknown,
    /// It is there, and was not before.
    Ours,
    /// The row existed: an earlier delivery of this event is being handled.
    Theirs,
}

/// What becomes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is a job: the answer comes later.
    Deferred,
    /// It is none: the asker reads this at once.
    Refused(Notice),
}

/// Makes the question a job and says what the platform is to be told.
///
/// # Repeats
/// The same question twice is one job and the same reply, unless a limit refuses the second.
pub async fn accept<H, T>(host: &H, transport: &T, mut question: Question) -> Accepted
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    let now = host.now();
    if now.0.abs_diff(question.asked.0) > SKEW_MS {
        question.asked = now;
    }
    let mut timeout = pin!(host.sleep(limits::TIMEOUT));
    let server = question.server.as_deref();
    let is_waiting = match limits::count(host, &question.asker.id, server, timeout.as_mut()).await {
        Limited::Not => true,
        Limited::Unknown => false,
        Limited::By(limit) => {
            host.log(&Event::Limited { job: question.id, limit: limits::name(limit) });
            return Accepted::Refused(limits::notice(limit));
        }
    };
    let job = Job::first(question);
    let params: Rc<str> = to_params(&job).into();
    let row = Rc::new(Cell::new(Row::Unknown));
    host.wait_until(record(host.clone(), job.clone(), Rc::clone(&params), Rc::clone(&row)));
    let starting = {
        let (host, instance) = (host.clone(), job.instance());
        Box::pin(async move { start(&host, &instance, &params).await })
    };
    // A timer costs more than all of our own work: mostly the one that runs already is enough.
    let timeout = async {
        if is_waiting {
            timeout.await;
        }
        host.sleep(START_TIMEOUT.saturating_sub(limits::TIMEOUT)).await;
    };
    match select(starting, pin!(timeout)).await {
        Either::Left((Ok(()), _)) => Accepted::Deferred,
        Either::Left((Err(fault), _)) => {
            enqueue_or_notify(host, transport, NotStarted { job, row: &row, fault }).await
        }
        Either::Right(((), starting)) => {
            host.wait_until(go_on(host.clone(), job.clone(), starting));
            if row.get() == Row::Unknown {
                let fault = EngineError::Start.into();
                return enqueue_or_notify(host, transport, NotStarted { job, row: &row, fault })
                    .await;
            }
            Accepted::Deferred
        }
    }
}

/// Writes the row, and if that fails puts the job on the queue, whose consumer writes it; again for
/// as long as `wait_until` lasts. If all fails, the Workflow's first step is left.
async fn record<H: Host>(host: H, job: Job, params: Rc<str>, row: Rc<Cell<Row>>) {
    for wait in RECORD_RETRIES {
        match jobs::insert(&host, &job, &params).await {
            Ok(is_new) => return row.set(if is_new { Row::Ours } else { Row::Theirs }),
            Err(fault) => host.log(&Event::JobRecordDelayed { job: job.id().clone(), fault }),
        }
        if host.enqueue(&params).await.is_ok() {
            return;
        }
        host.sleep(wait).await;
    }
}

async fn start(host: &(impl Workflows + Clock), instance: &str, params: &str) -> Result<(), Fault> {
    for wait in START_RETRIES {
        if host.start(instance, params).await.is_ok() {
            return Ok(());
        }
        host.sleep(wait).await;
    }
    host.start(instance, params).await
}

/// A job whose Workflow did not start in time.
struct NotStarted<'a> {
    job: Job,
    row: &'a Cell<Row>,
    fault: Fault,
}

/// Puts the job on the queue; if that fails or takes too long the asker is told at once.
async fn enqueue_or_notify<H, T>(
    host: &H,
    transport: &T,
    NotStarted { job, row, fault }: NotStarted<'_>,
) -> Accepted
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    let queued = async { enqueue(host, &job, fault).await };
    let refused = match select(pin!(queued), pin!(host.sleep(QUEUE_TIMEOUT))).await {
        Either::Left((Ok(()), _)) => return Accepted::Deferred,
        _ if row.get() == Row::Theirs => return Accepted::Deferred,
        Either::Left((Err(fault), _)) => fault,
        Either::Right(_) => EngineError::Queue.into(),
    };
    let notice = refused.notice;
    host.wait_until(give_up(host.clone(), transport.clone(), job, refused));
    Accepted::Refused(notice)
}

async fn enqueue(host: &(impl Queue + Log), job: &Job, fault: Fault) -> Result<(), Fault> {
    host.enqueue(&to_params(job)).await?;
    host.log(&Event::JobQueued { job: job.id().clone(), fault });
    Ok(())
}

/// Waits on for a start that takes long. What fails goes to the queue; if that fails too, what the
/// reply relied on is left: a row, which the watchdog finds, or a message that is there already.
async fn go_on<H: Host>(host: H, job: Job, starting: impl Future<Output = Result<(), Fault>>) {
    if let Err(fault) = starting.await {
        drop(enqueue(&host, &job, fault).await);
    }
}

/// Tells the asker in place of "thinking…", which another delivery of the same event may have
/// promised, and gives the job up. Where it is our own sentence the edit changes nothing.
///
/// The order matters: nobody looks after a job that has ended, and one that stays PENDING because its
/// asker could not be told is the watchdog's to start.
async fn give_up<H: Host, T: Transport>(host: H, transport: T, job: Job, fault: Fault) {
    let words = sentence(fault.notice, job.question.language);
    for wait in NOTIFY_RETRIES {
        // A start that seemed to fail may have worked. Without a database nobody knows, and what stands
        // there may be the answer: whoever promised it has a row or an instance, and keeps it.
        match jobs::is_pending(&host, job.id()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(_fault) => {
                host.sleep(wait).await;
                continue;
            }
        }
        // Nothing is waited for between the two: meanwhile the answer might come to stand there.
        let edited = if transport.capabilities().has_placeholder {
            transport.edit_once(&job.question, words).await
        } else {
            Ok(EditOutcome::Missing)
        };
        let is_settled = matches!(
            edited,
            Ok(EditOutcome::Done | EditOutcome::Missing) | Err(SendError::Refused { .. })
        );
        if let Err(error) = edited {
            host.log(&Event::AskerNotNotified { job: job.id().clone(), fault: error.into() });
        }
        if is_settled {
            match jobs::abandon(&host, &job, &fault).await {
                Ok(false) => return,
                Ok(true) => return host.log(&Event::JobFailed { job: job.id().clone(), fault }),
                Err(fault) => {
                    host.log(&Event::JobRecordDelayed { job: job.id().clone(), fault });
                }
            }
        }
        host.sleep(wait).await;
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
