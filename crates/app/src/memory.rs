//! What a job asks its conversation, and what it tells it.
//!
//! | when | what | why repeating it is safe |
//! | --- | --- | --- |
//! | in `claim` | the turn is running; what was said before comes back, and is stored with the claim | a turn has one row, and what the model reads is the stored result |
//! | in `finish` | the turn is done, with the answer that is delivered | an ended turn stays as it is |
//! | in `fail` | the turn has failed, if the job has | the same |
//!
//! A conversation that cannot be reached costs its question the memory, and nothing else: that is tried a
//! few times, and then logged.

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};

use super::Job;
use super::conversation::{Command, Outcome, Reply, Submission};
use miyabi_ai::answer;
use miyabi_ai::history::Exchange;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Clock, Conversations, Log};

/// Longest wait for a conversation: one that wakes up takes a tenth of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits before the second and third try. An object that was moved or updated is there again after the
/// first.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Says that a run of the job begins, and returns what was said before, oldest first. Nothing where
/// nothing is remembered.
///
/// # Repeats
/// Finds the turn that is there. What was said before may have grown: the caller stores it.
pub async fn begin(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
) -> Vec<Exchange> {
    let begin = Command::Begin {
        submission: submission(job),
        generation: job.generation,
        budget_tokens: answer::history_tokens(settings),
    };
    match converse(host, settings, job, &begin).await {
        Some(Reply::Begun { context, .. }) => context,
        // Deleted, or full: the question stands by itself.
        _ => Vec::new(),
    }
}

/// Says how a run of the job ended.
///
/// # Repeats
/// A turn that has ended stays as it is.
pub async fn settle(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
    outcome: Outcome,
) {
    let settle =
        Command::Settle { submission: submission(job), generation: job.generation, outcome };
    let _told = converse(host, settings, job, &settle).await;
}

fn submission(job: &Job) -> Submission {
    Submission {
        turn: job.id().as_str().to_owned(),
        text: job.question.text.clone(),
        asked: job.question.asked,
        message: None,
        replaces: None,
        again: None,
    }
}

/// Sends a command, and again if there is no reply; `None` if there is none after all.
async fn converse(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
    command: &Command,
) -> Option<Reply> {
    let conversation = job.question.conversation.as_deref().filter(|_| settings.is_remembering)?;
    let command = serde_json::to_string(command).ok()?;
    let mut waits = RETRIES.into_iter();
    loop {
        let fault = match once(host, conversation, &command).await {
            Ok(reply) => return Some(reply),
            Err(fault) => fault,
        };
        let Some(wait) = waits.next() else {
            host.log(&Event::ConversationUnavailable { job: job.id().clone(), fault });
            return None;
        };
        host.sleep(wait).await;
    }
}

async fn once(
    host: &(impl Conversations + Clock),
    conversation: &str,
    command: &str,
) -> Result<Reply, Fault> {
    let reply = pin!(host.converse(conversation, command));
    let reply = match select(reply, pin!(host.sleep(PATIENCE))).await {
        Either::Left((reply, _)) => reply?,
        Either::Right(_) => {
            return Err(StoreError::Failed { statement: "conversation::converse" }.into());
        }
    };
    let unreadable = |_error| StoreError::Row { statement: "conversation::reply" }.into();
    serde_json::from_str(&reply).map_err(unreadable)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
