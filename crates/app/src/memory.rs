//! What a job asks its conversation and its asker's object, and what it tells them.
//!
//! | when | what | why repeating it is safe |
//! | --- | --- | --- |
//! | in `claim` | the turn is running; what was said before and what is known of the asker comes back, and is stored with the claim | a turn has one row, a fact its question as its key, and what the model reads is the stored result |
//! | in `think:n` | which tools run and how they went; what the model has said so far; whether the turn has ended meanwhile | it is all of it: the longest stays; reads |
//! | after `claim`, at most once an hour | the conversation is in its person's list, if that is not done by asking | it is there already |
//! | in `finish` | the turn is done, with the answer that is delivered | an ended turn stays as it is |
//! | in `summarize`, only after a long conversation | the older turns have a summary | see [`summarize()`] |
//! | in `notify_asker` and `fail` | what came of what the question asks to remember | as in `claim` |
//! | in `fail` | the turn has failed, if the job has | an ended turn stays as it is |
//!
//! An object that cannot be reached costs its question the memory, and nothing else: that is tried a few
//! times, and then logged. Where people read the answer in its conversation
//! ([`Progress::Conversation`](miyabi_core::transport::Progress)), what it is told is the delivery, so there a
//! step that cannot reach it has failed.

pub mod command;
mod notes;
mod object;
pub mod owner;
mod summarize;

use core::future::{pending, poll_fn};
use core::task::Poll;
use core::time::Duration;

use futures::future::join;

pub use self::notes::{note_lines, sentence, with_notes};
pub(crate) use self::object::{once, once_within, persist};
pub use self::summarize::{Compaction, compaction, summarize};
use super::conversation::{Command, Outcome, Refusal, Reply, Submission};
use super::facts::{self, Note, Place, Recall, Recalled, Request};
use super::{Job, JobContext};
use super::{chat, conversations, temporary};
use miyabi_ai::answer;
use miyabi_ai::attempt::Measured;
use miyabi_ai::background::Background;
use miyabi_ai::history::Exchange;
use miyabi_ai::preview::PreviewOutcome;
use miyabi_core::config::Settings;
use miyabi_core::conversation::Step;
use miyabi_core::event::Event;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Clock, Conversations, Log, Sql};
use miyabi_core::question::Question;
use miyabi_core::transport::Transport;

/// Longest wait for a reply that an object holds back. It sends it sooner.
const HELD_BACK: Duration = Duration::from_secs(30);

/// Wait between two looks whether a turn has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Wait after a look that failed: the object may be moved or updated.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// After how long without a question a conversation is put at the head of its person's list again.
const LIST_AFTER: Duration = Duration::from_hours(1);

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
    /// When the asker has last had something forgotten.
    pub forgotten: Option<Millis>,
    /// Whether the turn has ended before its run began: its person wants no answer any more.
    pub is_stopped: bool,
}

impl Memory {
    /// Returns whether a question is answered with anything, so that no saved answer is its answer.
    pub fn is_something(&self) -> bool {
        !self.context.is_empty() || !self.background.is_empty() || !self.notes.is_empty()
    }
}

/// Says that a run of the job begins, and returns what it is answered with. Nothing where nothing is
/// remembered.
///
/// What was asked before the person has last had something forgotten is left out, since it may repeat that;
/// all of it, if nobody says when that was.
///
/// # Errors
/// A store fault, of the conversation only where people read it; worth a retry.
///
/// # Repeats
/// Finds the turn and the facts that are there. What was said before may have grown: the caller stores it.
pub async fn begin<S>(
    context: JobContext<'_, impl Conversations + Clock + Log + Sql, S, impl Transport>,
) -> Result<Memory, Fault> {
    let JobContext { host, transport, settings, job, .. } = context;
    let remembers = remembered_in(settings, &job.question).is_some();
    let begin = Command::Begin {
        submission: submission(job),
        generation: job.generation,
        budget_tokens: if remembers { answer::history_tokens(settings) } else { 0 },
        model: reader(settings),
        is_told: transport.capabilities().reads_conversation(),
    };
    let (reply, recalled) = join(tell(context, &begin), recall(host, settings, job)).await;
    let reply = reply?;
    // Also where the object has not replied: the turn may be there, and what is not listed is not found by
    // whoever has everything deleted.
    let before = match &reply {
        Some(Reply::Begun { asked, .. }) => asked.last().copied(),
        _ => None,
    };
    // One that is about to be deleted takes its place in the list with it.
    let forgotten = recalled.as_ref().map(|recalled| recalled.forgotten.unwrap_or_default());
    let before = before.filter(|before| forgotten.is_some_and(|forgotten| *before > forgotten));
    list(context, before).await?;
    let is_stopped = is_read_over(context.transport, reply.as_ref());
    let Some(recalled) = recalled else { return Ok(Memory { is_stopped, ..Memory::default() }) };
    let forgotten = recalled.forgotten.unwrap_or_default();
    // Deleted, or full: the question stands by itself.
    let mut memory = Memory {
        background: Background { facts: recalled.facts, summary: None },
        notes: recalled.notes,
        forgotten: recalled.forgotten,
        is_stopped,
        ..Memory::default()
    };
    if let Some(Reply::Begun { context, asked, summary, is_long, .. }) = reply {
        let pairs = context.into_iter().zip(asked);
        memory.context =
            pairs.filter(|(_, asked)| *asked > forgotten).map(|(exchange, _)| exchange).collect();
        let is_stale = summary.as_ref().is_some_and(|(_, since)| *since <= forgotten);
        let summary = summary.filter(|_| remembers && !is_stale);
        memory.background.summary = summary.map(|(summary, _)| summary);
        // A conversation that was not told takes a stale summary away when it is asked for a new one.
        memory.is_long = learned_in(settings, &job.question).is_some() && (is_long || is_stale);
    }
    Ok(memory)
}

/// Returns whether people who read a conversation want no answer to its turn any more. Elsewhere what a
/// conversation says of a turn changes nothing for its job.
fn is_read_over(transport: &impl Transport, reply: Option<&Reply>) -> bool {
    transport.capabilities().reads_conversation() && reply.is_some_and(is_over)
}

/// Returns whether nothing can be added to a turn any more. One that has failed may still have its answer.
fn is_over(reply: &Reply) -> bool {
    if let Reply::Begun { turn, .. } | Reply::Seen { turn, .. } = reply {
        return turn.has_ended() && turn.state != "failed";
    }
    matches!(reply, Reply::Refused(Refusal::Deleted | Refusal::Unknown))
}

/// Puts a conversation of another platform into its person's list, at most once an hour: whoever has a key
/// reads it there too. `before` is when the question before was asked.
async fn list<S>(
    context: JobContext<'_, impl Clock + Sql, S, impl Transport>,
    before: Option<Millis>,
) -> Result<(), Fault> {
    let JobContext { host, transport, settings, job, .. } = context;
    let Question { text, asked, .. } = &job.question;
    let conversation = remembered_in(settings, &job.question);
    // One that is the delivery was listed when it was asked in.
    let is_listed = transport.capabilities().reads_conversation()
        || before.is_some_and(|before| host.now().since(before) < LIST_AFTER);
    let found = conversation.and_then(conversations::elsewhere);
    if let Some((owner, id)) = found.filter(|_| !is_listed) {
        // One that is full, or was deleted, has its turn all the same.
        let _touched = conversations::touch(host, owner, &id, &chat::title(text), *asked).await?;
    }
    Ok(())
}

/// Has the asker's object make facts of the question, and find those that bear on it. `None` if it does not
/// say; a person without an id has none, and a temporary conversation has nothing to do with them.
async fn recall(
    host: &(impl Conversations + Clock + Log),
    settings: &Settings,
    job: &Job,
) -> Option<Recalled> {
    let person = facts::object(&job.question.asker.id);
    let Some(person) = person.filter(|_| !temporary::holds(&job.question)) else {
        return Some(Recalled::default());
    };
    let question = question_of(settings, job)?;
    // What is answered once more was said when it was asked first, and something may have superseded it.
    let is_new = job.question.again.is_none();
    let request = if is_new { Request::Recall(question) } else { Request::Find(question) };
    let reply = persist_for(host, job, &person, &Command::Facts(request)).await.ok()?;
    if let Reply::Facts(facts::Reply::Recalled(recalled)) = reply { Some(recalled) } else { None }
}

/// Returns a question as facts are made from it and sought for it; `None` where nothing is remembered of its
/// person.
pub(crate) fn question_of(settings: &Settings, job: &Job) -> Option<Recall> {
    let Question { id, text, server, is_private, asked, .. } = &job.question;
    Some(Recall {
        turn: id.as_str().to_owned(),
        text: text.clone(),
        asked: *asked,
        place: Place::of(server.as_deref().filter(|_| !is_private)),
        conversation: learned_in(settings, &job.question)?.to_owned(),
        budget_tokens: answer::facts_tokens(settings),
    })
}

/// Says how a run of the job ended; without an answer, with what came of what the question asks to remember,
/// where people read the conversation.
///
/// # Errors
/// As [`begin`].
///
/// # Repeats
/// A turn that has ended stays as it is.
pub async fn settle<S>(
    context: JobContext<'_, impl Conversations + Clock + Log + Sql, S, impl Transport>,
    outcome: Outcome,
    measured: Option<Measured>,
) -> Result<(), Fault> {
    let JobContext { host, transport, settings, job, .. } = context;
    let is_read = transport.capabilities().reads_conversation();
    let note = match outcome {
        Outcome::Failed(_) if is_read => note_lines(host, transport, settings, job, &[]).await,
        Outcome::Failed(_) | Outcome::Done(_) => String::new(),
    };
    let (submission, generation) = (submission(job), job.generation);
    let is_failed = matches!(outcome, Outcome::Failed(_));
    let settle = Command::Settle { submission, generation, outcome, measured, note };
    tell(context, &settle).await?;
    // One that never began has its turn now.
    if is_failed { list(context, None).await } else { Ok(()) }
}

/// As [`settle`], where people read the conversation, for a job that nothing of ours has run.
///
/// # Errors
/// As [`begin`].
///
/// # Repeats
/// A turn that has ended stays as it is.
pub async fn tell_readers(
    host: &(impl Conversations + Clock + Log),
    transport: &impl Transport,
    job: &Job,
    outcome: Outcome,
) -> Result<(), Fault> {
    let conversation = job.question.conversation.as_deref();
    let is_read = transport.capabilities().reads_conversation();
    let Some(conversation) = conversation.filter(|_| is_read) else { return Ok(()) };
    let (submission, generation, note) = (submission(job), job.generation, String::new());
    let settle = Command::Settle { submission, generation, outcome, measured: None, note };
    persist_for(host, job, conversation, &settle).await.map(drop)
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
    match once(host, conversation, &append).await {
        Ok(Reply::Turn(_)) => PreviewOutcome::Shown,
        // It has ended: its person wanted no more of it, or deleted it.
        Ok(_) => PreviewOutcome::Refused,
        Err(_) => PreviewOutcome::RateLimited,
    }
}

/// Says which tools run, or how they went, where people read it meanwhile. Nothing depends on it.
///
/// # Repeats
/// Each round is told once.
pub async fn work(host: &(impl Conversations + Clock), job: &Job, step: Step) {
    let Some(conversation) = job.question.conversation.as_deref() else { return };
    let turn = job.id().as_str().to_owned();
    let command = Command::Step { turn, generation: job.generation, step };
    let _untold = once(host, conversation, &command).await;
}

/// Returns as soon as the turn of a job has ended otherwise than by this run: its person has stopped it, or
/// deleted the conversation. A conversation that does not answer is asked again.
///
/// # Repeats
/// Reads only.
pub async fn ended(host: &(impl Conversations + Clock), job: &Job) {
    let Some(conversation) = job.question.conversation.as_deref() else { return pending().await };
    // The object holds its reply back until the turn has ended, or for a while.
    let wait =
        Command::Wait { turn: job.id().as_str().to_owned(), from: u64::MAX, is_asking: true };
    loop {
        let reply = once_within(host, conversation, &wait, HELD_BACK).await;
        if reply.as_ref().is_ok_and(is_over) {
            return;
        }
        // The call that is made meanwhile goes on also where each reply is there at once.
        yield_once().await;
        host.sleep(if reply.is_ok() { BETWEEN_LOOKS } else { AFTER_FAILURE }).await;
    }
}

/// Lets whatever else is awaited go on once.
pub(crate) async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if core::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Returns the name of the conversation that a question belongs to, if anything of it is remembered.
pub fn remembered_in<'q>(settings: &Settings, question: &'q Question) -> Option<&'q str> {
    let conversation = question.conversation.as_deref();
    conversation.filter(|_| settings.remembers_in(question.server.as_deref()))
}

/// Returns the name of the conversation that a question belongs to, if anything of it is remembered of its person,
/// beyond the conversation itself.
pub fn learned_in<'q>(settings: &Settings, question: &'q Question) -> Option<&'q str> {
    remembered_in(settings, question).filter(|_| !temporary::holds(question))
}

/// Returns the model that mostly reads what was said: the first of the chain.
fn reader(settings: &Settings) -> String {
    settings.models.first().map(|model| model.id.clone()).unwrap_or_default()
}

fn submission(job: &Job) -> Submission {
    // What is answered once more stands where it stood, if the conversation knows it; else it is a new message.
    let again = job.question.again.as_ref().map(|again| format!("{}-q", again.of));
    Submission {
        message: again.clone(),
        again,
        is_fresh: job.question.is_fresh,
        ..Submission::new(
            job.id().as_str().to_owned(),
            job.question.text.clone(),
            job.question.asked,
        )
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
    let conversation = if is_read {
        job.question.conversation.as_deref()
    } else {
        remembered_in(settings, &job.question)
    };
    let Some(conversation) = conversation else { return Ok(None) };
    match persist_for(host, job, conversation, command).await {
        Ok(reply) => Ok(Some(reply)),
        Err(fault) if is_read => Err(fault),
        Err(_) => Ok(None),
    }
}

/// As [`persist`], and says in the log that it failed.
pub(crate) async fn persist_for(
    host: &(impl Conversations + Clock + Log),
    job: &Job,
    object: &str,
    command: &Command,
) -> Result<Reply, Fault> {
    let reply = persist(host, object, command).await;
    if let Err(fault) = &reply {
        let (job, fault) = (job.id().clone(), fault.clone());
        host.log(&Event::ConversationUnavailable { job, fault });
    }
    reply
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
