//! The watchdog: once a minute, every job that has not ended and is silent is started, started again, or
//! given up.
//!
//! | found | done | why repeating it is safe |
//! | --- | --- | --- |
//! | no instance | started | a second start finds the first |
//! | an instance that has ended, or runs in silence | a new generation | compare-and-swap on `generation` |
//! | a job whose time has come that was put aside | a new generation | the same |
//! | too old, or too many generations | asker told, ERROR; or completed if all is there, or can be read in the conversation | a new generation first, so that no other writes; an edit; an ended turn stays |
//! | a row that cannot be read, too old | ERROR | a row that has ended is no longer found |
//! | old and ended | deleted | deleting twice has no further effect |
//! | a decision that the instance may not have heard of | an event | see [`super::consent`] |
//! | a reminder that is due | becomes a job | see [`super::reminders`] |
//! | a file that nobody wants any more | deleted | see [`super::uploads`] |
//!
//! Two sweeps at once have the effect of one. A round looks at a limited number of jobs for a limited time, first
//! at those that no round has looked at, then at those looked at longest ago: jobs that stay stuck, and
//! rows that cannot be read, hold up no others.

use core::pin::pin;
use core::time::Duration;

use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream;

use super::conversation::Outcome;
use super::jobs::{self, Overdue, Unreadable};
use super::lease::Leases;
use super::retract::retract_question;
use super::{
    Job, JobContext, aside, chunks, consent, from_params, ledger, memory, placeholder, reminders,
    to_params, uploads,
};
use miyabi_core::config::{Settings, Watch};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::ports::{Host, InstanceState};
use miyabi_core::question::{Asker, Question};
use miyabi_core::transport::{LONGEST_LIMIT, SendError, Transport, Transports};

/// Silence after which a job is looked at: most are answered by then.
const QUIET_S: u32 = 60;

/// Most generations of a job: one, and two more.
const MAX_GENERATIONS: u32 = 3;

/// Longest time to notify one asker, so that a platform's limits do not hold up the others.
const NOTIFY_TIMEOUT: Duration = Duration::from_secs(20);

/// Time after the end of the platform's time for a reply in which the asker is still worth a try: clocks
/// differ.
const CLOCK_MARGIN: Duration = Duration::from_mins(1);

/// Jobs that are looked at side by side: as many as there may be connections.
///
/// # Source
/// Cloudflare Docs/Workers limits, simultaneous open connections, read 2026-11-20.
const MAX_CONCURRENT: usize = 6;

/// Old jobs are deleted in the first minute of each hour, so many times as many as one statement does.
const FORGET_EVERY_MIN: u64 = 60;
const FORGET_ROUNDS: u32 = 10;

/// Longest time for one job in one round.
const JOB_TIMEOUT: Duration = Duration::from_secs(25);

/// Longest time for reminders that are due, so that services which do not answer hold up no job.
const REMINDERS_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest time for files that nobody wants any more.
const FILES_TIMEOUT: Duration = Duration::from_secs(15);

/// Time after which a round looks at no other job: the next round begins a minute after this one.
const ROUND_MS: u64 = 40_000;

/// Age up to which a silent job that has no answer yet is worth another generation: the model is not asked
/// after nine minutes.
const LAST_START_S: u64 = 8 * 60;

/// What is done about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Leave,
    Start,
    StartGeneration,
    GiveUp,
}

/// Does one round.
///
/// # Repeats
/// See this module.
pub async fn sweep(host: &impl Host, transports: &impl Transports, settings: &Settings) {
    let Watch { stall_s, deadline_s, .. } = settings.watch;
    let forgets = forgets(host.now());
    // What is not brought in this time is brought in the next minute, and what was begun is looked after there.
    let reminders = pin!(reminders::bring(host, transports));
    let _ended = select(reminders, pin!(host.sleep(REMINDERS_TIMEOUT))).await;
    let begin = host.now().0;
    let look = async |row| {
        if host.now().0.saturating_sub(begin) < ROUND_MS {
            match row {
                Ok(overdue) => look_after(host, transports, settings, &overdue).await,
                Err(row) => end_unreadable(host, &row, deadline_s).await,
            }
        }
    };
    match jobs::overdue(host, QUIET_S.min(stall_s), deadline_s).await {
        Ok(rows) => stream::iter(rows).for_each_concurrent(MAX_CONCURRENT, look).await,
        Err(fault) => host.log(&Event::SweepFailed { job: None, fault }),
    }
    if settings.files_quota.is_some() {
        let files = pin!(uploads::sweep(host));
        // A bucket that hangs holds up nothing of what comes after it.
        if let Either::Left((Err(fault), _)) = select(files, pin!(host.sleep(FILES_TIMEOUT))).await
        {
            host.log(&Event::SweepFailed { job: None, fault });
        }
    }
    if forgets {
        forget(host, settings).await;
    }
}

/// Returns whether what is too old is deleted in the round that begins now.
pub fn forgets(now: Millis) -> bool {
    (now.0 / 60_000).is_multiple_of(FORGET_EVERY_MIN)
}

async fn forget(host: &impl Host, settings: &Settings) {
    for _ in 0..FORGET_ROUNDS {
        match jobs::forget(host, settings.watch.retention_days).await {
            Ok(0) => return,
            Ok(jobs) => host.log(&Event::Forgotten { jobs }),
            Err(fault) => return host.log(&Event::SweepFailed { job: None, fault }),
        }
    }
}

/// Ends a job whose row cannot be read, once it is too old: until then another version of the program may
/// read it, as in the middle of a deployment. Nobody can be told.
async fn end_unreadable(host: &impl Host, row: &Unreadable, deadline_s: u32) {
    let job = JobId::parse(&row.id);
    host.log(&Event::SweepFailed { job: job.clone(), fault: Unreadable::fault() });
    let done = if row.age_s >= deadline_s.into() {
        jobs::end_unreadable(host, row).await.map(drop)
    } else {
        jobs::look_at(host, &row.id).await
    };
    if let Err(fault) = done {
        host.log(&Event::SweepFailed { job, fault });
    }
}

/// Looks after one job, for a time: what hangs must not hold up the others, and the next round comes
/// in a minute.
async fn look_after(
    host: &impl Host,
    transports: &impl Transports,
    settings: &Settings,
    overdue: &Overdue,
) {
    let acting = async {
        // First, so that also a job that takes all of its time makes room for others in the next round.
        jobs::look_at(host, overdue.id.as_str()).await?;
        act(host, transports, settings, overdue).await
    };
    let acted = match select(pin!(acting), pin!(host.sleep(JOB_TIMEOUT))).await {
        Either::Left((acted, _)) => acted,
        Either::Right(_) => Err(EngineError::State.into()),
    };
    if let Err(fault) = acted {
        host.log(&Event::SweepFailed { job: Some(overdue.id.clone()), fault });
    }
}

async fn act(
    host: &impl Host,
    transports: &impl Transports,
    settings: &Settings,
    overdue: &Overdue,
) -> Result<(), Fault> {
    let mut job = job(overdue);
    let is_late = is_late(overdue, settings.watch);
    // A late job is given up whatever its instance's state.
    let state = if is_late { InstanceState::Ended } else { host.state(&job.instance()).await? };
    if let Some(asked) = overdue.asked.as_deref().filter(|_| state == InstanceState::Alive) {
        // It may not have heard that a person has decided, or wants no answer any more.
        if let Err(fault) = consent::wake(host, &job, asked).await {
            host.log(&Event::SweepFailed { job: Some(job.id().clone()), fault });
        }
    }
    match decide(&job, overdue, state, settings.watch) {
        Action::Start => start(host, &job).await,
        Action::StartGeneration if jobs::start_generation(host, &job).await? => {
            job.generation += 1;
            start(host, &job).await
        }
        Action::GiveUp if jobs::start_generation(host, &job).await? => {
            job.generation += 1;
            match transports.of(&job.question) {
                Some(transport) => {
                    let (transport, job, steps) = (&transport, &job, &());
                    let (settings, job) =
                        (&overdue.terms.narrow(settings, job), &overdue.terms.apply(job));
                    give_up(JobContext { host, steps, transport, settings, job }, overdue).await
                }
                // Nobody can be told: the platform is not set up any more.
                None => {
                    fail(host, &job, EngineError::Late { generation: overdue.generation }).await
                }
            }
        }
        // Nothing to do, or another watchdog was faster, or the job has ended.
        Action::Leave | Action::StartGeneration | Action::GiveUp => Ok(()),
    }
}

/// Returns whether a job is too old: by what it was asked, or by when it goes on after it was put aside.
fn is_late(overdue: &Overdue, watch: Watch) -> bool {
    if overdue.is_due {
        return overdue.age_s >= LONGEST_LIMIT.as_secs();
    }
    overdue.late_s >= watch.deadline_s.into()
}

fn decide(job: &Job, overdue: &Overdue, state: InstanceState, watch: Watch) -> Action {
    let is_late = is_late(overdue, watch);
    // Without its parameters it can only be told of.
    let is_known = !job.question.text.is_empty();
    let has_stalled = match state {
        _ if overdue.is_due => true,
        InstanceState::Missing
            if is_known
                && (overdue.generation <= MAX_GENERATIONS || overdue.was_aside)
                && !overdue.is_due
                && !is_late =>
        {
            return Action::Start;
        }
        InstanceState::Missing | InstanceState::Ended => true,
        // One that thinks for long may still answer, when another generation could not any more.
        InstanceState::Alive => {
            let may_answer = overdue.answer.is_some() || overdue.age_s < LAST_START_S;
            is_known && may_answer && overdue.idle_s >= watch.stall_s.into()
        }
    };
    match has_stalled {
        false => Action::Leave,
        // One that was put aside has had others, and ends by its time.
        true if is_late
            || !is_known
            || (overdue.generation >= MAX_GENERATIONS && !overdue.was_aside) =>
        {
            Action::GiveUp
        }
        true => Action::StartGeneration,
    }
}

/// Returns the job of a row; of a row whose parameters cannot be read, what its asker can be told by.
fn job(overdue: &Overdue) -> Job {
    let question = from_params(&overdue.params).map(|job| job.question);
    let question = question.unwrap_or_else(|| Question {
        id: overdue.id.clone(),
        token: Secret::new(overdue.token.clone()),
        text: String::new(),
        asker: Asker {
            id: String::new(),
            name: String::new(),
            handle: String::new(),
            avatar_url: String::new(),
        },
        place: String::new(),
        server: None,
        platform: overdue.platform.clone(),
        conversation: None,
        quote: None,
        again: None,
        files: Vec::new(),
        is_private: false,
        draws: false,
        is_quoted: false,
        is_fresh: false,
        model: None,
        language: Language::English,
        asked: Millis(0),
    });
    Job { question, generation: overdue.generation }
}

async fn start(host: &impl Host, job: &Job) -> Result<(), Fault> {
    host.start(&job.instance(), &to_params(job)).await?;
    host.log(&Event::JobRevived { job: job.id().clone(), generation: job.generation });
    Ok(())
}

/// Ends a job that no other generation writes for any more. One whose answer is all there is completed.
async fn give_up<H: Host, S, T: Transport>(
    context: JobContext<'_, H, S, T>,
    overdue: &Overdue,
) -> Result<(), Fault> {
    let JobContext { host, transport, settings, job, .. } = context;
    let mut shown = None;
    let lifetime = placeholder::reply_lifetime(transport);
    let has_limit = transport.capabilities().reply_lifetime.is_some();
    let age_s = if has_limit { overdue.age_s } else { overdue.late_s };
    let is_in_time = age_s < lifetime.saturating_add(CLOCK_MARGIN).as_secs();
    if let Some(answer) = &overdue.answer {
        let chunks = chunks::split_within(transport, &job.question, answer, settings.max_chunks);
        let there = ledger::progress(host, job.id()).await?;
        let capabilities = transport.capabilities();
        if capabilities.is_read_alone() || there.is_all_of(chunks.len(), capabilities.max_private) {
            if !there.shows_reply
                && capabilities.has_placeholder
                && is_in_time
                && let Err(error) = in_time(host, transport.remove(&job.question)).await
            {
                // The next round tries again.
                return Err(error);
            }
            // Where people read the conversation alone this is the delivery.
            memory::settle(context, Outcome::Done(answer.clone()), None).await?;
            return complete(host, job, chunks.len()).await;
        }
        let first = chunks.into_iter().nth(there.answers);
        shown = first.filter(|_| there.shows_reply).map(|chunk| chunk.content);
    }
    let fault: Fault = EngineError::Late { generation: overdue.generation }.into();
    let notes = memory::note_lines(host, transport, settings, job, &[]).await;
    let (language, shown) = (job.question.language, shown.as_deref());
    let words = placeholder::apology(transport, &fault, language, shown, &notes);
    let notified = in_time(host, placeholder::notify_asker(host, transport, job, &words)).await;
    if let Err(fault) = notified {
        if aside::put_aside(host, transport, job, &fault, (None, &[])).await? {
            return Ok(());
        }
        if is_in_time {
            // The next round tries again.
            return Err(fault);
        }
        host.log(&Event::AskerNotNotified { job: job.id().clone(), fault });
    }
    let told = memory::settle(context, Outcome::Failed(fault.notice), None).await;
    if is_in_time {
        // The next round tries again.
        told?;
    }
    fail(host, job, fault).await?;
    if overdue.answer.is_none() {
        let leases = Leases::default();
        let retracting = retract_question(host, transport, job, &leases);
        // The asker has been told and the job has ended: a question that stays is no reason to look again.
        if let Err(fault) = in_time(host, retracting).await {
            host.log(&Event::SweepFailed { job: Some(job.id().clone()), fault });
        }
    }
    Ok(())
}

async fn fail(host: &impl Host, job: &Job, fault: impl Into<Fault>) -> Result<(), Fault> {
    let fault = fault.into();
    if jobs::fail(host, job, &fault, &[]).await? {
        host.log(&Event::JobFailed { job: job.id().clone(), fault });
    }
    Ok(())
}

/// Gives up waiting after [`NOTIFY_TIMEOUT`].
async fn in_time<E: Into<Fault>>(
    host: &impl Host,
    work: impl Future<Output = Result<(), E>>,
) -> Result<(), Fault> {
    match select(pin!(work), pin!(host.sleep(NOTIFY_TIMEOUT))).await {
        Either::Left((done, _)) => done.map_err(Into::into),
        Either::Right(_) => Err(SendError::RateLimited { operation: "edit" }.into()),
    }
}

async fn complete(host: &impl Host, job: &Job, chunks: usize) -> Result<(), Fault> {
    if jobs::complete(host, job).await? {
        host.log(&Event::JobCompleted { job: job.id().clone(), chunks });
    }
    Ok(())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
