//! What one conversation remembers, and the commands that it carries out.
//!
//! A conversation is an object with a database of its own ([`Store`]); it runs one command at a time, from
//! its beginning to its end, without waiting for anything. Turns are rows: a question, and the answer to it
//! once there is one. They form a tree, since an edited question and a second answer stand beside the first
//! and overwrite nothing.
//!
//! | command | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | [`Command::Submit`] | a turn, queued | the turn's id is its key: the second submission finds the first, unless that has failed |
//! | [`Command::Begin`] | the turn, running, and written if it is missing | the same; an ended turn stays as it is |
//! | [`Command::Append`] | what a model has said meanwhile | it is all that was said so far: the longest stays |
//! | [`Command::Step`] | which tools run meanwhile, and how they went | a step has an id, and is told once |
//! | [`Command::Withdraw`] | a queued turn is gone | gone is gone |
//! | [`Command::Settle`] | the turn, done or failed, and written if it is missing | an ended turn stays as it is; one that has failed may still be done |
//! | [`Command::Stop`] | the turn, stopped, with what was said so far | the same |
//! | [`Command::Look`], [`Command::Wait`], [`Command::Read`], [`Command::Share`], [`Command::Branch`] | none, but for turns whose run was interrupted, which have failed | reads |
//! | [`Command::Old`] | as [`Command::Unlearn`]; and when older turns were asked for | says the same to the same turn |
//! | [`Command::Summarize`] | a summary stands over older turns | it names where the one before ends |
//! | [`Command::Unlearn`] | earlier turns are not read by models any more | the latest time counts |
//! | [`Command::Delete`] | all turns are gone, and a mark stays | gone is gone; no later command brings one back |
//!
//! ```text
//! queued ─▶ running ─▶ done
//!    └─────────┴─────▶ failed, stopped
//! ```
//!
//! A turn that has failed is done when its answer comes after all.
//!
//! Each run of a turn has the generation of its job, and what an older generation still does is refused.

mod command;
mod context;
mod files;
mod forget;
mod log;
mod overlay;
mod pages;
mod place;
mod refusal;
mod schema;
mod shared;
mod submission;
mod turns;

use serde::{Deserialize, Serialize};

pub use self::command::{Command, Outcome, changes, look_of, reads};
use self::context::Context;
pub use self::context::MAX_CONTEXT_TURNS;
pub use self::forget::{Wake, forget, wake};
pub use self::log::Live;
pub use self::overlay::OldTurns;
pub use self::pages::{MAX_PAGE, Page, PageTurn};
pub(crate) use self::refusal::Denied;
pub use self::refusal::Refusal;
pub use self::submission::Submission;
use self::turns::Ending;
pub use self::turns::TurnState;
use super::facts;
use miyabi_ai::attempt::Measured;
use miyabi_ai::history::Exchange;
use miyabi_core::conversation::Entry;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ids::Millis;
use miyabi_core::json;
use miyabi_core::ports::Store;

/// Longest question that is stored, in bytes: the longest of Discord in the longest letters, and more than
/// a page of a book.
pub const MAX_QUESTION_BYTES: usize = 32 * 1024;

/// Longest answer that is stored, in bytes; a longer one loses its middle.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Most turns of a conversation: three a day for ten years.
pub const MAX_TURNS: u64 = 10_000;

/// Most that a conversation stores, in bytes of text.
pub const MAX_STORED_BYTES: u64 = 64 * 1024 * 1024;

/// Age at which a turn that has not ended was interrupted, in milliseconds: by then its job was given up.
pub const INTERRUPTED_MS: u64 = 15 * 60 * 1000;

/// What a conversation replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To [`Command::Submit`], [`Command::Append`], [`Command::Step`], [`Command::Settle`] and [`Command::Stop`].
    Turn(TurnState),
    /// To [`Command::Begin`].
    Begun {
        /// Turn.
        turn: TurnState,
        /// What was said before, oldest first.
        context: Vec<Exchange>,
        /// When each of that was asked.
        #[serde(default)]
        asked: Vec<Millis>,
        /// Summary of what was said before that, and when the oldest of what it is of was asked.
        #[serde(default)]
        summary: Option<(String, Millis)>,
        /// Whether so much was said that the older turns are to be summarized.
        #[serde(default)]
        is_long: bool,
    },
    /// To [`Command::Look`] and [`Command::Wait`].
    Seen {
        /// Turn.
        turn: TurnState,
        /// What was said in it.
        entries: Vec<Entry>,
    },
    /// To [`Command::Read`], and to [`Command::Branch`], where a cursor says that there is more.
    Page(Page),
    /// To [`Command::Share`].
    Snapshot {
        /// Id of the newest turn that has an answer.
        turn: String,
        /// Now.
        at: Millis,
    },
    /// To [`Command::Withdraw`].
    Withdrawn,
    /// To [`Command::Delete`].
    Deleted,
    /// To [`Command::Unlearn`].
    Unlearned,
    /// To [`Command::Erase`], also of one that was deleted before.
    Erased,
    /// To [`Command::Summarize`].
    Summarized,
    /// To [`Command::Old`]: nothing, if too few turns are left over.
    Old(Option<OldTurns>),
    /// To [`Command::Facts`].
    Facts(facts::Reply),
    /// It was not done.
    Refused(Refusal),
}

/// Carries out a command, JSON text, in one transaction, and returns the reply, JSON text.
///
/// # Errors
/// A store fault: nothing was changed.
///
/// # Repeats
/// See the table of this module.
pub fn handle(
    store: &impl Store,
    live: &Live,
    now: Millis,
    command: &str,
) -> Result<String, Fault> {
    let unreadable = || Fault::from(StoreError::Row { statement: "conversation::command" });
    let command = json::parse(command).ok_or_else(unreadable)?;
    let reply = carry_out(store, live, now, command)?;
    serde_json::to_string(&reply).map_err(|_no_form| unreadable())
}

/// As [`handle`], with values.
///
/// # Errors
/// As [`handle`].
///
/// # Repeats
/// As [`handle`].
pub fn carry_out(
    store: &impl Store,
    live: &Live,
    now: Millis,
    command: Command,
) -> Result<Reply, Fault> {
    if let Command::Facts(request) = command {
        return facts::carry_out(store, now, request).map(Reply::Facts);
    }
    // Reading makes no tables, which nobody would ever forget.
    if reads(&command) && !schema::is_there(store)? {
        let nothing = Page { turns: Vec::new(), cursor: None };
        let is_page = matches!(command, Command::Read { .. });
        return Ok(if is_page { Reply::Page(nothing) } else { Reply::Refused(Refusal::Unknown) });
    }
    let reply = store.transaction(|| {
        schema::prepare(store)?;
        live.put_away(store, &turns::interrupt(store, now)?)?;
        match run(&Conversation { store, live, now }, command) {
            Ok(reply) => Ok(reply),
            Err(Denied::Refused(refusal)) => Ok(Reply::Refused(refusal)),
            Err(Denied::Failed(fault)) => Err(fault),
        }
    });
    live.keep(reply.is_ok());
    reply
}

/// The database, what the object remembers, and the time of the command.
pub(crate) struct Conversation<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) live: &'a Live,
    pub(crate) now: Millis,
}

fn run<S: Store>(it: &Conversation<'_, S>, command: Command) -> Result<Reply, Denied> {
    if let Some(reply) = forget::carry_out(it, &command)? {
        return Ok(reply);
    }
    if it.is_deleted()? {
        return Err(Refusal::Deleted.into());
    }
    Ok(match command {
        Command::Submit(submission) => Reply::Turn(it.submit_anew(&submission)?),
        Command::Begin { submission, generation, budget_tokens, model, is_told } => {
            let (turn, parent) = it.begin(&submission, generation, is_told)?;
            let Context { turns: context, asked, summary, is_long } =
                it.context(parent, budget_tokens, &model)?;
            Reply::Begun { turn, context, asked, summary, is_long }
        }
        Command::Append { turn, generation, text } => {
            Reply::Turn(it.append(&turn, generation, &text)?)
        }
        Command::Step { turn, generation, step } => Reply::Turn(it.step(&turn, generation, step)?),
        Command::Withdraw { turn } => {
            it.withdraw(&turn)?;
            Reply::Withdrawn
        }
        Command::Settle { submission, generation, outcome, measured, note } => {
            let ending = Ending { outcome, measured, note };
            Reply::Turn(it.settle(&submission, generation, ending)?)
        }
        Command::Stop { turn } => Reply::Turn(it.stop(&turn)?),
        Command::Look { turn, from } => {
            let (turn, entries) = it.look(turn.as_deref(), from)?;
            Reply::Seen { turn, entries }
        }
        Command::Wait { turn, from, is_asking } => {
            if is_asking {
                it.live.ask(&turn);
            }
            let (turn, entries) = it.look(Some(&turn), from)?;
            Reply::Seen { turn, entries }
        }
        Command::Read { before, limit } => Reply::Page(it.page(before, limit)?),
        Command::Share => Reply::Snapshot { turn: it.newest_answered()?, at: it.now },
        Command::Branch { turn, until } => Reply::Page(it.branch(&turn, until)?),
        Command::Unlearn { until } => {
            it.unlearn(until)?;
            Reply::Unlearned
        }
        Command::Old { budget_tokens, model, forgotten } => {
            if forgotten > it.overlay()?.floor_ms {
                it.unlearn(forgotten)?;
            }
            Reply::Old(it.old_turns(budget_tokens, &model)?)
        }
        Command::Summarize { after, until, since, text } => {
            it.summarize((after, until), since, &text)?;
            Reply::Summarized
        }
        // These were carried out before.
        Command::Erase { .. } | Command::Delete | Command::Facts(_) => Reply::Deleted,
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
