//! What a job asks its conversation and its asker's object, and what it tells them.
//!
//! | when | what | why repeating it is safe |
//! | --- | --- | --- |
//! | in `claim` | the turn is running; what was said before and what is known of the asker comes back, and is stored with the claim | a turn has one row, a fact its question as its key, and what the model reads is the stored result |
//! | in `finish` | the turn is done, with the answer that is delivered | an ended turn stays as it is |
//! | in `summarize`, only after a long conversation | the older turns have a summary | see [`summarize()`] |
//! | in `fail` | the turn has failed, if the job has | the same |
//!
//! An object that cannot be reached costs its question the memory, and nothing else: that is tried a few
//! times, and then logged.

pub mod command;
pub mod owner;
mod summarize;

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, join, select};

pub use self::summarize::summarize;
use super::conversation::{Command, Context, Outcome, Reply, Submission};
use super::facts::{self, Note, Place, Recall, Recalled, Request};
use super::{Job, JobContext};
use miyabi_ai::answer;
use miyabi_ai::attempt::Measured;
use miyabi_ai::background::Background;
use miyabi_ai::history::Exchange;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::i18n::{Language, memory as words};
use miyabi_core::ports::{Clock, Conversations, Log};
use miyabi_core::question::Question;
use miyabi_core::transport::Transport;

/// Longest wait for an object: one that wakes up takes a tenth of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits before the second and third try. An object that was moved or updated is there again after the
/// first.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// What a question is answered with. By default, nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// What was said before, oldest first.
    pub context: Vec<Exchange>,
    /// What is known of the asker.
    pub background: Background,
    /// What came of what the question asks to remember.
    pub notes: Vec<Note>,
    /// Whether so much was said that the older turns are to be summarized.
    pub is_long: bool,
}

/// Says that a run of the job begins, and returns what it is answered with. Nothing where nothing is
/// remembered.
///
/// What was asked before the person has last had something forgotten is left out, since it may repeat that;
/// all of it, if nobody says when that was.
///
/// # Repeats
/// Finds the turn and the facts that are there. What was said before may have grown: the caller stores it.
pub async fn begin(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
) -> Memory {
    let begin = Command::Begin {
        submission: submission(job),
        generation: job.generation,
        budget_tokens: answer::history_tokens(settings),
        model: reader(settings),
    };
    let conversing = converse(host, settings, job, &begin);
    let (reply, recalled) = join(conversing, recall(host, settings, job)).await;
    let Some(recalled) = recalled else { return Memory::default() };
    let forgotten = recalled.forgotten.unwrap_or_default();
    // Deleted, or full: the question stands by itself.
    let Context { turns, asked, summary, is_long } =
        if let Some(Reply::Begun { context, .. }) = reply { context } else { Context::default() };
    let pairs = turns.into_iter().zip(asked);
    let context = pairs.filter(|(_, asked)| *asked > forgotten).map(|(turn, _)| turn).collect();
    let summary = summary.filter(|(_, since)| *since > forgotten).map(|(summary, _)| summary);
    let background = Background { facts: recalled.facts, summary };
    Memory { context, background, notes: recalled.notes, is_long }
}

/// Has the asker's object make facts of the question, and find those that bear on it. `None` if it does not
/// say; a person without an id has none.
async fn recall(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
) -> Option<Recalled> {
    let Question { id, text, asker, server, asked, .. } = &job.question;
    let Some(person) = facts::object(&asker.id) else { return Some(Recalled::default()) };
    let request = Request::Recall(Recall {
        turn: id.as_str().to_owned(),
        text: text.clone(),
        asked: *asked,
        place: Place::of(server.as_deref()),
        conversation: remembered_in(settings, &job.question)?.to_owned(),
        budget_tokens: answer::facts_tokens(settings),
    });
    let reply = persist(host, job, &person, &Command::Facts(request)).await?;
    if let Reply::Facts(facts::Reply::Recalled(recalled)) = reply { Some(recalled) } else { None }
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
    measured: Option<Measured>,
) {
    let (submission, generation) = (submission(job), job.generation);
    let settle = Command::Settle { submission, generation, outcome, measured };
    let _told = converse(host, settings, job, &settle).await;
}

/// Returns the name of the conversation that a question belongs to, if anything of it is remembered.
pub fn remembered_in<'q>(settings: &Settings, question: &'q Question) -> Option<&'q str> {
    let conversation = question.conversation.as_deref();
    conversation.filter(|_| settings.remembers_in(question.server.as_deref()))
}

/// Returns an answer with a line for each note. What a model says of the kind is left out: it does not know.
pub fn with_notes(
    transport: &impl Transport,
    question: &str,
    answer: &str,
    notes: &[Note],
) -> String {
    let language = Language::of_text(question);
    let line = |note: &Note| match note {
        Note::Remembered { text, instead } => words::remembered(language, text, instead.as_deref()),
        Note::TooLong => words::too_long(language, facts::MAX_FACT_CHARS),
        Note::Full => words::full(language, facts::MAX_FACTS),
        Note::Off => words::off(language),
    };
    let own = words::without_notes(answer);
    if own.is_empty() && notes.is_empty() {
        return answer.to_owned();
    }
    let lines = notes.iter().map(|note| transport.small_print(&line(note)));
    [own.to_owned()]
        .into_iter()
        .filter(|own| !own.is_empty())
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Returns the model that mostly reads what was said: the first of the chain.
fn reader(settings: &Settings) -> String {
    settings.models.first().map(|model| model.id.clone()).unwrap_or_default()
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

/// Sends a command to the question's conversation, if there is one.
async fn converse(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
    command: &Command,
) -> Option<Reply> {
    let conversation = remembered_in(settings, &job.question)?;
    persist(host, job, conversation, command).await
}

/// Sends a command, and again if there is no reply; `None` if there is none after all.
async fn persist(
    host: &(impl Conversations + Clock + Log),
    job: &Job,
    object: &str,
    command: &Command,
) -> Option<Reply> {
    let mut waits = RETRIES.into_iter();
    loop {
        let fault = match once(host, object, command).await {
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

/// Sends a command once.
pub(crate) async fn once(
    host: &(impl Conversations + Clock),
    object: &str,
    command: &Command,
) -> Result<Reply, Fault> {
    let unreadable = |_error| Fault::from(StoreError::Row { statement: "conversation::reply" });
    let command = serde_json::to_string(command).map_err(unreadable)?;
    let reply = pin!(host.converse(object, &command));
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
