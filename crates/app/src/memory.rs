//! What a job asks its conversation, and what it tells it.
//!
//! | when | what | why repeating it is safe |
//! | --- | --- | --- |
//! | in `claim` | the turn is running; what was said before comes back, and is stored with the claim | a turn has one row, and what the model reads is the stored result |
//! | in `think:n` | what the model has said so far | it is all of it: the longest stays |
//! | in `finish` | the turn is done, with the answer that is delivered | an ended turn stays as it is |
//! | in `fail` | the turn has failed, if the job has | the same |
//!
//! A conversation that cannot be reached costs its question the memory, and nothing else: that is tried a
//! few times, and then logged. Where people read the answer in its conversation
//! ([`Progress::Conversation`](miyabi_core::transport::Progress)), what it is told is the delivery, so there a
//! step that cannot reach it has failed.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use super::conversation::{Command, Outcome, Reply, Submission};
use super::{Job, JobContext};
use miyabi_ai::answer;
use miyabi_ai::history::Exchange;
use miyabi_ai::preview::PreviewOutcome;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Clock, Conversations, Log};
use miyabi_core::transport::Transport;

/// Longest wait for a conversation: one that wakes up takes a tenth of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits before the second and third try. An object that was moved or updated is there again after the
/// first.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Says that a run of the job begins, and returns what was said before, oldest first. Nothing where
/// nothing is remembered.
///
/// # Errors
/// A store fault, only where people read the conversation; worth a retry.
///
/// # Repeats
/// Finds the turn that is there. What was said before may have grown: the caller stores it.
pub async fn begin<S>(
    context: JobContext<'_, impl Conversations + Clock + Log, S, impl Transport>,
) -> Result<Vec<Exchange>, Fault> {
    let JobContext { settings, job, .. } = context;
    let remembers = settings.is_remembering;
    let begin = Command::Begin {
        submission: submission(job),
        generation: job.generation,
        budget_tokens: if remembers { answer::history_tokens(settings) } else { 0 },
    };
    Ok(match tell(context, &begin).await? {
        Some(Reply::Begun { context, .. }) => context,
        // Deleted, or full: the question stands by itself.
        _ => Vec::new(),
    })
}

/// Says how a run of the job ended.
///
/// # Errors
/// As [`begin`].
///
/// # Repeats
/// A turn that has ended stays as it is.
pub async fn settle<S>(
    context: JobContext<'_, impl Conversations + Clock + Log, S, impl Transport>,
    outcome: Outcome,
) -> Result<(), Fault> {
    let job = context.job;
    let settle =
        Command::Settle { submission: submission(job), generation: job.generation, outcome };
    tell(context, &settle).await.map(drop)
}

/// Says what a model has said so far, where people read it meanwhile.
///
/// # Repeats
/// It is all that was said: the longest stays.
pub async fn say(host: &(impl Conversations + Clock), job: &Job, text: &str) -> PreviewOutcome {
    let Some(conversation) = job.question.conversation.as_deref() else {
        return PreviewOutcome::Refused;
    };
    let (turn, text) = (job.id().as_str().to_owned(), text.to_owned());
    let append = Command::Append { turn, generation: job.generation, text };
    match converse(host, conversation, &append).await {
        Ok(Reply::Turn(_)) => PreviewOutcome::Shown,
        // It has ended: its person wanted no more of it, or deleted it.
        Ok(_) => PreviewOutcome::Refused,
        Err(_) => PreviewOutcome::RateLimited,
    }
}

fn submission(job: &Job) -> Submission {
    Submission {
        turn: job.id().as_str().to_owned(),
        text: job.question.text.clone(),
        asked: job.question.asked,
        message: None,
        replaces: None,
        again: None,
        is_keyed: false,
    }
}

/// Tells the conversation of a job something, if it has one; `None` if it could not be told, or there is
/// nothing to tell.
async fn tell<S>(
    context: JobContext<'_, impl Conversations + Clock + Log, S, impl Transport>,
    command: &Command,
) -> Result<Option<Reply>, Fault> {
    let JobContext { host, transport, settings, job, .. } = context;
    let is_read = transport.capabilities().reads_conversation();
    let conversation = job.question.conversation.as_deref();
    let Some(conversation) = conversation.filter(|_| settings.is_remembering || is_read) else {
        return Ok(None);
    };
    let mut waits = RETRIES.into_iter();
    loop {
        let fault = match converse(host, conversation, command).await {
            Ok(reply) => return Ok(Some(reply)),
            Err(fault) => fault,
        };
        let Some(wait) = waits.next() else {
            let job = job.id().clone();
            host.log(&Event::ConversationUnavailable { job, fault: fault.clone() });
            return if is_read { Err(fault) } else { Ok(None) };
        };
        host.sleep(wait).await;
    }
}

/// Sends a command to a conversation and returns its reply, if that comes in time.
///
/// # Errors
/// A store fault; worth a retry. The command may have taken effect.
///
/// # Repeats
/// As the command.
pub(crate) async fn converse(
    host: &(impl Conversations + Clock),
    conversation: &str,
    command: &Command,
) -> Result<Reply, Fault> {
    let unreadable = |_error| Fault::from(StoreError::Row { statement: "conversation::reply" });
    let command = serde_json::to_string(command).map_err(unreadable)?;
    let reply = pin!(host.converse(conversation, &command));
    let reply = match select(reply, pin!(host.sleep(PATIENCE))).await {
        Either::Left((reply, _)) => reply?,
        Either::Right(_) => {
            return Err(StoreError::Failed { statement: "conversation::converse" }.into());
        }
    };
    serde_json::from_str(&reply).map_err(unreadable)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
