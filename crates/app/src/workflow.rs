//! The durable flow of one question. It may die at any await and runs again from the top; finished
//! steps return what they stored.
//!
//! | step | effect | result stored | why repeating it is safe |
//! | --- | --- | --- | --- |
//! | `claim` | row → PROCESSING, a turn of the conversation | whether there is work, what was said before, and what is known of the asker | moves only PENDING and PROCESSING; [`super::memory`] |
//! | `read_files` | downloads | see [`super::files`] | reads only |
//! | `think:n` | the tools that were asked for, then a model call | both results | reads, and costs again |
//! | `ask_person:n`, `await_person:n` | a question to the asker, and their decision | see [`super::consent`] | see there |
//! | `recall`, `remember` | saved answers | see [`super::cache`] |
//! | `save_answer` | the answer into the row | the answer that is delivered | the first answer stays |
//! | `route` … `clear` | messages | see [`super::deliver`] | see there |
//! | `finish` | the turn's answer, row → COMPLETED | whether it was ours | [`super::memory`]; moves only PROCESSING |
//! | `summarize` | a summary of older turns, only after a long conversation | whether there is one | [`super::memory`] |
//! | `retract` | removes a question without an answer | nothing, if that fails | removing twice has no further effect |
//! | `notify_asker`, `confirm` | edit of the placeholder | whether it was ours | an edit |
//! | `fail` | row → ERROR, or written if there is none and nobody was told | whether it was ours | moves only PENDING and PROCESSING |
//!
//! Each effect is made for one generation of the job: when the watchdog has given it another one, or has
//! ended it, this one stops without a word.
//!
//! Between the steps there is no effect, no clock and no chance: that code runs again on replay.

mod ending;
mod imagine;

use core::cell::Cell;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use futures::channel::oneshot;
use futures::future::{join, try_join};

use self::ending::{finish, give_up, retract};
use self::imagine::Saved;
use super::deliver::{Delivered, Delivery, Earlier, Prepared, Undelivered};
use super::errands::OwnErrands;
use super::jobs::{self, AlsoInBatch, Claim, Claimed, Grant, Saving};
use super::lease::{ANSWER, Leases, QUESTION};
use super::memory::{self, Compaction, Memory};
use super::preview::StreamingPreview;
use super::terms::{self, Terms};
use super::{JobContext, cache, files, placeholder, temporary};
use miyabi_ai::Ending;
use miyabi_ai::answer::{self, Run, RunRecord};
use miyabi_ai::files::Images;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::ports::{Host, Policy, Steps, Stop};
use miyabi_core::server::ServerSettings;
use miyabi_core::transport::Transport;

/// Statements are short; a database that is down for a minute is worth waiting for.
pub(super) const STORE: Policy =
    Policy { retries: 6, delay: Duration::from_secs(1), timeout: Duration::from_secs(30) };

/// Age of a question from which on no model is asked any more: the watchdog may give the job up before
/// the answer comes.
const LATEST_CALL: Duration = Duration::from_mins(9);

/// Time that the last model call and the delivery may take within the platform's time for a reply.
const LAST_CALL_AND_DELIVERY: Duration = Duration::from_mins(6);

/// Answers one question, or tells the asker why not.
///
/// # Errors
/// - [`Stop::Aborted`] when the engine ends this generation of the job: pass its error on unchanged.
/// - [`Stop::Failed`] only when the database stayed away to the end: the job's row is then not
///   terminal, and the watchdog finds it.
///
/// # Repeats
/// Running it again for a job that ended, or has a later generation, does nothing.
pub async fn run<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
) -> Result<(), Stop> {
    let operator = context.settings;
    let preferred = &operator.preferring(context.job.question.model.as_deref());
    let context = JobContext { settings: preferred, ..context };
    let JobContext { host, steps, job, .. } = context;
    let leases = Leases::default();
    let claimed =
        steps.step("claim", STORE, async || claim(context, operator, &leases).await).await;
    let (claimed, terms) = match claimed {
        Ok(Begun { claim, terms }) => (Ok(claim), terms),
        Err(stop) => (Err(stop), Terms::default()),
    };
    let (settings, job) = (&terms.narrow(preferred, job), &terms.apply(job));
    let context = JobContext { settings, job, ..context };
    let mut progress = Progress {
        leases: &leases,
        record: RunRecord::default(),
        stands_alone: false,
        compaction: None,
    };
    let answered = match claimed {
        Ok(claim) => answer(context, &terms, claim, &mut progress).await,
        Err(stop) => Err(stop.into()),
    };
    let is_ours = match answered {
        Ok(answered) => finish(context, answered, &progress).await?,
        Err(Undelivered::Stopped { stop: Stop::Failed(fault), shown }) => {
            let is_ours = give_up(context, &fault, shown.as_deref(), &progress.record).await?;
            // Also by a run that finds the job ended: it may be the one that ended it.
            if progress.stands_alone {
                retract(context, &leases).await?;
            }
            is_ours
        }
        Err(Undelivered::Stopped { stop: Stop::Aborted, .. }) => return Err(Stop::Aborted),
        Err(Undelivered::Superseded) => false,
        // The watchdog gives the job another generation.
        Err(Undelivered::Unfinished) => true,
    };
    if !is_ours {
        let (job, generation) = (job.id().clone(), job.generation);
        host.log(&Event::JobSuperseded { job, generation });
    }
    Ok(())
}

/// Claims the job on its terms, and begins its turn in the conversation.
async fn claim<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    operator: &Settings,
    leases: &Leases,
) -> Result<Begun, Fault> {
    let JobContext { host, transport, settings: preferred, job, .. } = context;
    let asked = host.now();
    let posts_question = transport.capabilities().posts_question;
    let begins = posts_question && transport.can_find(&job.question);
    let also = AlsoInBatch {
        first_chunks: if begins { &[QUESTION] } else { &[] },
        terms: Some(terms::settle(job, operator, transport)),
        lookup: transport.lookup(&job.question),
    };
    let claiming = jobs::claim_with(host, job, preferred, also);
    let (claimed, memory) = if job.question.server.is_none() {
        let (claimed, memory) = join(claiming, memory::begin(context)).await;
        (claimed?, memory)
    } else {
        // A server's settings may be that nothing is remembered there.
        let claimed = claiming.await?;
        let settings = &claimed.terms.narrow(preferred, job);
        let memory = memory::begin(JobContext { settings, ..context }).await;
        (claimed, memory)
    };
    let Claimed { mut claim, terms, has_begun, found } = claimed;
    add_memory(&mut claim, memory?);
    if let Claim::Answered { is_late, .. } = &mut claim {
        let lifetime = transport.capabilities().reply_lifetime;
        *is_late = lifetime.is_some_and(|lifetime| asked.since(job.question.asked) >= lifetime);
    }
    transport.looked_up(&job.question, &found);
    if has_begun {
        leases.grant(QUESTION, asked);
    }
    if claim != Claim::Ended {
        host.log(&Event::JobStarted { job: job.id().clone() });
    }
    Ok(Begun { claim, terms })
}

/// What a claim has found, as its step stores it.
///
/// # Shape
/// `{"claim":{"mine":{…}},"terms":{"is_quoted":true}}`, the terms only where they are not the default.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    claim: Claim,
    #[serde(default, skip_serializing_if = "Terms::is_default")]
    terms: Terms,
}

/// Stores what a question is answered with in the result of its claim, so that every run reads the same.
fn add_memory(claim: &mut Claim, memory: Memory) {
    match claim {
        Claim::Mine(grant) => {
            let Memory { context, background, notes, is_long, forgotten, is_stopped } = memory;
            (grant.is_long, grant.forgotten) = (is_long, forgotten);
            (grant.context, grant.background, grant.notes) = (context, background, notes);
            grant.is_stopped = is_stopped;
        }
        Claim::OverBudget { follows, .. } => *follows = memory.is_something(),
        Claim::Answered { .. }
        | Claim::Crowded(_)
        | Claim::Refused(_)
        | Claim::Cancelled
        | Claim::Ended => {}
    }
}

/// How far a run has come, also when it ends without an answer.
struct Progress<'a> {
    leases: &'a Leases,
    /// What was asked of models.
    record: RunRecord,
    /// Whether the question may stand in the channel without an answer.
    stands_alone: bool,
    /// How the older turns of the conversation are to be summarized, if they are.
    compaction: Option<Compaction>,
}

/// Delivers the answer of an earlier generation, where that stopped.
async fn go_on<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    claim: &Claim,
    progress: &mut Progress<'_>,
) -> Result<Answered, Undelivered> {
    let Claim::Answered {
        ref answer,
        posted,
        is_private,
        has_buttons,
        is_drawn,
        is_shown,
        is_late,
    } = *claim
    else {
        return Err(Undelivered::Superseded);
    };
    let shows_image = is_drawn && is_shown;
    let lacks_image = is_drawn && posted == 0 && !is_shown;
    let earlier = Some(Earlier { posted, is_private, shows_image, is_late });
    let delivery = Delivery { context, earlier, is_unclear: false, leases: progress.leases };
    let saved = Saved { answer, has_buttons, lacks_image };
    Box::pin(imagine::deliver_saved(&delivery, saved, progress)).await
}

/// Finds an answer and delivers it.
async fn answer<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    terms: &Terms,
    claim: Claim,
    progress: &mut Progress<'_>,
) -> Result<Answered, Undelivered> {
    let JobContext { host, steps, settings, job, .. } = context;
    let (question, leases) = (&job.question, progress.leases);
    let delivery = |earlier| Delivery { context, earlier, is_unclear: false, leases };
    let grant = match claim {
        Claim::Answered { .. } => return go_on(context, &claim, progress).await,
        Claim::Ended => return Err(Undelivered::Superseded),
        Claim::Cancelled => {
            // An earlier generation may have posted the question.
            progress.stands_alone = true;
            return Err(Stop::Failed(EngineError::Cancelled.into()).into());
        }
        Claim::Crowded(running) => {
            return Err(Stop::Failed(EngineError::Crowded { running }.into()).into());
        }
        Claim::Refused(refusal) => {
            return Err(Stop::Failed(terms.refuse(refusal, settings).into()).into());
        }
        // Stopped before its run: nothing of it is shown to others. On the web nobody else sees it.
        Claim::Mine(grant)
            if grant.is_stopped && !context.transport.capabilities().is_read_alone() =>
        {
            progress.stands_alone = true;
            return Err(Stop::Failed(EngineError::Cancelled.into()).into());
        }
        Claim::Mine(grant) => Ok(grant),
        Claim::OverBudget { scope, until_s, follows } => {
            Err((EngineError::OverBudget { scope, until_s }, follows))
        }
    };
    if question.draws {
        let grant = grant.map_err(|(error, _)| Stop::Failed(error.into()))?;
        return Box::pin(imagine::imagine(&delivery(None), &grant, None, progress)).await;
    }
    // What was said before, or is asked about, may change what a question means: only one by itself has a
    // saved answer, and who wants another one does not want that. It costs nothing, so no budget is in its way.
    let stands_alone = question.quote.is_none()
        && question.again.is_none()
        && !terms.settings.shapes_answers()
        && question.files.is_empty()
        && match &grant {
            Ok(grant) => grant.stands_alone(),
            Err((_, follows)) => !follows,
        };
    let saved = if stands_alone { cache::recall(context).await? } else { None };
    if let Some(saved) = saved {
        let delivery = delivery(None);
        let prepared = delivery.prepare().await?;
        return save_and_deliver(&delivery, prepared, &saved, &progress.record).await;
    }
    let grant = grant.map_err(|(error, _)| Stop::Failed(error.into()))?;
    let (new, answered) = think_and_deliver(context, &terms.settings, &grant, progress).await?;
    progress.compaction = memory::compaction(settings, &grant, &progress.record.attempts);
    if stands_alone {
        cache::remember(host, steps, settings, question, &new).await?;
    }
    Ok(answered)
}

/// Asks models and delivers their answer.
///
/// Nobody waits for what can be done meanwhile: while the model thinks the question is posted, and taken
/// back if there is no answer (docs/decisions/0026).
async fn think_and_deliver<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    server: &ServerSettings,
    grant: &Grant,
    progress: &mut Progress<'_>,
) -> Result<(miyabi_ai::Answer, Answered), Undelivered> {
    let JobContext { host, steps, settings, job, .. } = context;
    let (question, leases) = (&job.question, progress.leases);
    let delivery = |is_unclear| Delivery { context, earlier: None, is_unclear, leases };
    let attachments: Vec<_> = question.attachments().collect();
    let images = Images::default();
    let run = Run {
        job: &question.id,
        asked: question.asked,
        question: &question.text,
        quote: question.quote.as_ref(),
        server,
        files: &[],
        attachments: &attachments,
        images: &images,
        background: &grant.background,
        history: &grant.context,
        granted: grant.granted,
        closed: &grant.closed,
        latest: latest_call(context.transport),
        is_stopped: grant.is_stopped,
    };
    let preview = StreamingPreview::new(context);
    let errands = OwnErrands::new(context, latest_call(context.transport));
    let early = delivery(false);
    let thinking = async {
        let files = files::read(context, grant.granted, &attachments, &images).await?;
        let (described, spent) = files::described(&files);
        let granted = grant.granted.map(|granted| granted.saturating_sub(spent));
        let question = errands.hear(&files);
        let run = Run { question, files: &files, granted, ..run };
        let (outcome, mut record) =
            answer::answer(host, steps, settings, run, (&preview, &errands)).await;
        record.attempts.extend(described);
        // A run that the engine ends has no further effect.
        if matches!(outcome, Err(Stop::Aborted)) {
            return Err(Undelivered::from(Stop::Aborted));
        }
        Ok((outcome, record, files))
    };
    // What is asked of models is paid, so it is known before a way that cannot be found ends the job.
    let preparing = early.prepare_unless_failed();
    progress.stands_alone = true;
    let ((outcome, record, files), prepared) = try_join(thinking, preparing).await?;
    progress.record = record;
    let new = outcome?;
    if new.ending == Ending::Stopped && !context.transport.capabilities().is_read_alone() {
        return Err(Stop::Failed(EngineError::Cancelled.into()).into());
    }
    let mut prepared = prepared.map_err(Stop::Failed)?;
    let delivery = delivery(progress.record.has_unconfirmed_preview);
    let notes = (grant.notes.as_slice(), progress.record.notes.as_slice());
    let text = memory::with_notes(context.transport, question, &new.text, notes);
    let text = files::with_lines(context.transport, question, text, &files);
    let below = imagine::below(context, grant, &mut progress.record, text);
    let (text, picture) = Box::pin(below).await?;
    prepared.image = picture.image;
    progress.stands_alone = false;
    let answered = save_and_deliver(&delivery, prepared, &text, &progress.record).await?;
    Ok((new, answered))
}

/// Returns the age of a question from which on no model is asked any more.
fn latest_call(transport: &impl Transport) -> Duration {
    let lifetime = placeholder::reply_lifetime(transport);
    LATEST_CALL.min(lifetime.saturating_sub(LAST_CALL_AND_DELIVERY))
}

/// An answer that was delivered.
struct Answered {
    delivered: Delivered,
    answer: String,
}

/// Saves an answer and delivers it: the answer that an earlier generation saved, if there is one.
async fn save_and_deliver<H: Host, S: Steps, T: Transport>(
    delivery: &Delivery<'_, H, S, T>,
    prepared: Prepared,
    found: &str,
    record: &RunRecord,
) -> Result<Answered, Undelivered> {
    let JobContext { host, steps, transport, job, .. } = delivery.context;
    let (sender, saved_answer) = oneshot::channel();
    let sender = Cell::new(Some(sender));
    let hand_over = |saved: Option<String>| {
        if let Some(sender) = sender.take() {
            // Nobody listens any more where the delivery has ended.
            let _unheard = sender.send(saved);
        }
    };
    let has_buttons = prepared.has_buttons;
    let is_explained = (has_buttons || transport.capabilities().reads_conversation())
        && !temporary::holds(&job.question);
    let tools = is_explained.then_some(record.tools.as_slice());
    let save = async || {
        let saving = Saving {
            job,
            leases: delivery.leases,
            first_chunks: if transport.can_find(&job.question) { &[ANSWER] } else { &[] },
            answer: found,
            attempts: &record.attempts,
            has_buttons,
            tools,
            lookup: transport.lookup(&job.question),
        };
        let (saved, rows) = jobs::save_answer(host, saving).await?;
        transport.looked_up(&job.question, &rows);
        // The answer is in the database: it need not wait until the engine has stored the step.
        hand_over(saved.clone());
        Ok(saved)
    };
    let saving = async {
        let saved = steps.step("save_answer", STORE, save).await?;
        hand_over(saved.clone());
        saved.map(drop).ok_or(Undelivered::Superseded)
    };
    let delivering = async {
        let answer = saved_answer.await.ok().flatten().ok_or(Undelivered::Superseded)?;
        let delivered = delivery.deliver(prepared, &answer).await?;
        Ok(Answered { delivered, answer })
    };
    let ((), answered) = try_join(saving, delivering).await?;
    Ok(answered)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
