//! The watchdog: once a minute, every job that has not ended and is silent is started, started again, or
//! given up.
//!
//! | found | done | why repeating it is safe |
//! | --- | --- | --- |
//! | no instance | started | a second start finds the first |
//! | an instance that has ended, or runs in silence | a new generation | compare-and-swap on `generation` |
//! | too old, or too many generations | asker told, ERROR; or completed if all is there | a new generation first, so that no other writes; an edit |
//! | old and ended | deleted | gone is gone |
//!
//! Two rounds at once do what one does.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, join_all, select};

use super::jobs::{self, Overdue};
use super::{Job, chunks, from_params, ledger, placeholder, to_params};
use miyabi_core::config::{Settings, Watch};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::i18n::Language;
use miyabi_core::ids::{Millis, Secret};
use miyabi_core::ports::{Host, InstanceState};
use miyabi_core::question::{Asker, Place, Question};
use miyabi_core::transport::{SendError, Transport, Transports};

/// Silence after which a job is looked at: most are answered by then.
const QUIET_S: u32 = 60;

/// Most generations of a job: one, and two more.
const MAX_GENERATIONS: u32 = 3;

/// Longest time for one asker's reply, so that Discord's limits do not hold up the others.
const TELLING: Duration = Duration::from_secs(20);

/// Age from which on an interaction's token does not count: 15 minutes, and one for clocks that
/// differ.
///
/// # Source
/// Discord Docs/Receiving and Responding to Interactions, read 2026-11-20.
const TOKEN_S: u64 = 16 * 60;

/// Jobs that are looked at side by side: as many as there may be connections.
///
/// # Source
/// Cloudflare Docs/Workers limits, simultaneous open connections, read 2026-11-20.
const AT_ONCE: usize = 6;

/// Old jobs are deleted in the first minute of each hour, so many times as many as one statement does.
const FORGET_EVERY_MIN: u64 = 60;
const FORGET_ROUNDS: u32 = 10;

/// Longest time for one job in one round.
const LOOKING: Duration = Duration::from_secs(25);

/// Age up to which a silent job that has no answer yet is worth another generation: the model is not asked
/// after nine minutes.
const LAST_START_S: u64 = 8 * 60;

/// What is done about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Leave,
    Start,
    Revive,
    GiveUp,
}

/// Does one round.
///
/// # Repeats
/// See this module.
pub async fn sweep(host: &impl Host, transports: &impl Transports, settings: &Settings) {
    let Watch { stall_s, deadline_s, .. } = settings.watch;
    let minute = host.now().0 / 60_000;
    match jobs::overdue(host, QUIET_S.min(stall_s), deadline_s).await {
        Ok(overdue) => {
            for some in overdue.chunks(AT_ONCE) {
                let rounds = some.iter().map(|job| look_after(host, transports, settings, job));
                join_all(rounds).await;
            }
        }
        Err(fault) => host.log(&Event::SweepFailed { job: None, fault }),
    }
    if minute.is_multiple_of(FORGET_EVERY_MIN) {
        forget(host, settings).await;
    }
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

/// Looks after one job, for a time: what hangs must not hold up the others, and the next round comes
/// in a minute.
async fn look_after(
    host: &impl Host,
    transports: &impl Transports,
    settings: &Settings,
    overdue: &Overdue,
) {
    let acted =
        match select(pin!(act(host, transports, settings, overdue)), pin!(host.sleep(LOOKING)))
            .await
        {
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
    let is_late = overdue.age_s >= settings.watch.deadline_s.into();
    // Whoever is late is given up whatever the engine says.
    let state = if is_late { InstanceState::Ended } else { host.state(&job.instance()).await? };
    match decide(&job, overdue, state, (is_late, settings.watch.stall_s)) {
        Action::Start => start(host, &job).await,
        Action::Revive if jobs::revive(host, &job).await? => {
            job.generation += 1;
            start(host, &job).await
        }
        Action::GiveUp if jobs::revive(host, &job).await? => {
            job.generation += 1;
            match transports.of(&job.question.platform) {
                Some(transport) => give_up(host, &transport, settings, &job, overdue).await,
                // Nobody can be told: the platform is not set up any more.
                None => {
                    fail(host, &job, EngineError::Late { generation: overdue.generation }).await
                }
            }
        }
        // Nothing to do, or another watchdog was faster, or the job has ended.
        Action::Leave | Action::Revive | Action::GiveUp => Ok(()),
    }
}

fn decide(
    job: &Job,
    overdue: &Overdue,
    state: InstanceState,
    (is_late, stall_s): (bool, u32),
) -> Action {
    // Without its parameters it can only be told of.
    let is_known = !job.question.text.is_empty();
    let has_stalled = match state {
        InstanceState::Missing if is_known && overdue.generation <= MAX_GENERATIONS && !is_late => {
            return Action::Start;
        }
        InstanceState::Missing | InstanceState::Ended => true,
        // One that thinks for long may still answer, when another generation could not any more.
        InstanceState::Alive => {
            let may_answer = overdue.answer.is_some() || overdue.age_s < LAST_START_S;
            is_known && may_answer && overdue.idle_s >= stall_s.into()
        }
    };
    match has_stalled {
        false => Action::Leave,
        true if is_late || !is_known || overdue.generation >= MAX_GENERATIONS => Action::GiveUp,
        true => Action::Revive,
    }
}

/// Returns the job of a row; of a row from before there were parameters, what can be told.
fn job(overdue: &Overdue) -> Job {
    let question = from_params(&overdue.params).map(|job| job.question);
    let question = question.unwrap_or_else(|| Question {
        id: overdue.id.clone(),
        token: Secret::new(overdue.token.clone()),
        text: String::new(),
        asker: Asker { id: String::new(), name: String::new(), avatar_url: String::new() },
        place: Place::Direct,
        server: None,
        platform: String::new(),
        is_fresh: false,
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
async fn give_up(
    host: &impl Host,
    transport: &impl Transport,
    settings: &Settings,
    job: &Job,
    overdue: &Overdue,
) -> Result<(), Fault> {
    let mut shown = None;
    if let Some(answer) = &overdue.answer {
        let language = job.question.language;
        let parts = chunks::split_within(transport, answer, language, settings.max_parts);
        let there = ledger::progress(host, job.id()).await?;
        if there.is_all_of(parts.len(), transport.capabilities().max_private) {
            if !there.shows_reply
                && transport.capabilities().has_placeholder
                && overdue.age_s < TOKEN_S
                && let Err(error) = in_time(host, transport.remove(&job.question)).await
            {
                // The next round tries again.
                return Err(error);
            }
            return complete(host, job, parts.len()).await;
        }
        let first = parts.into_iter().nth(there.answers);
        shown = first.filter(|_| there.shows_reply).map(|part| part.content);
    }
    let fault: Fault = EngineError::Late { generation: overdue.generation }.into();
    let words = placeholder::apology(transport, &fault, job.question.language, shown.as_deref());
    let told = in_time(host, placeholder::notify_asker(host, transport, job, &words)).await;
    if let Err(fault) = told {
        if overdue.age_s < TOKEN_S {
            // The next round tries again.
            return Err(fault);
        }
        host.log(&Event::AskerNotNotified { job: job.id().clone(), fault });
    }
    fail(host, job, fault).await
}

async fn fail(host: &impl Host, job: &Job, fault: impl Into<Fault>) -> Result<(), Fault> {
    let fault = fault.into();
    if jobs::fail(host, job, &fault, &[]).await? {
        host.log(&Event::JobFailed { job: job.id().clone(), fault });
    }
    Ok(())
}

/// Gives up waiting after [`TELLING`].
async fn in_time<E: Into<Fault>>(
    host: &impl Host,
    work: impl Future<Output = Result<(), E>>,
) -> Result<(), Fault> {
    match select(pin!(work), pin!(host.sleep(TELLING))).await {
        Either::Left((done, _)) => done.map_err(Into::into),
        Either::Right(_) => Err(SendError::RateLimited { operation: "edit" }.into()),
    }
}

async fn complete(host: &impl Host, job: &Job, parts: usize) -> Result<(), Fault> {
    if jobs::complete(host, job).await? {
        host.log(&Event::JobCompleted { job: job.id().clone(), parts });
    }
    Ok(())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
