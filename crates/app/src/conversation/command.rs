//! What a conversation is told.

use serde::{Deserialize, Serialize};

use super::Submission;
use crate::facts;
use miyabi_ai::attempt::Measured;
use miyabi_core::conversation::Step;
use miyabi_core::fault::Notice;
use miyabi_core::ids::Millis;

/// What a conversation is told.
///
/// # Shape
/// JSON: `{"settle":{"submission":{…},"generation":1,"outcome":{"done":"…"}}}`, `"delete"`. The Worker and
/// the object may be of two versions for some minutes: fields are only added, with a default when absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A person has asked: the turn is queued.
    Submit(Submission),
    /// A run begins: the turn is running. Returns what was said before, newest first.
    Begin {
        /// Turn, which is written if it is missing.
        submission: Submission,
        /// Generation of its job.
        generation: u32,
        /// How many tokens what was said before may take.
        budget_tokens: u32,
        /// Model that reads it, as configured.
        #[serde(default)]
        model: String,
        /// Whether what a model says will be told while it is said.
        #[serde(default)]
        is_told: bool,
    },
    /// A model says something.
    Append {
        /// Turn's id.
        turn: String,
        /// Generation of its job.
        generation: u32,
        /// All that it has said so far.
        text: String,
    },
    /// Tools run, or have run.
    Step {
        /// Turn's id.
        turn: String,
        /// Generation of its job.
        generation: u32,
        /// Which, and where they are.
        step: Step,
    },
    /// A run ends.
    Settle {
        /// Turn, which is written if it is missing.
        submission: Submission,
        /// Generation of its job.
        generation: u32,
        /// How it ends.
        outcome: Outcome,
        /// What its prompt took.
        #[serde(default)]
        measured: Option<Measured>,
        /// What is said in it besides, where it fails; blank for nothing.
        #[serde(default)]
        note: String,
    },
    /// Which turns are to be summarized.
    Old {
        /// How many tokens what was said before may take.
        budget_tokens: u32,
        /// Model that reads it, as configured.
        model: String,
        /// When the person has last had something forgotten, as [`Command::Unlearn`] says it.
        #[serde(default)]
        forgotten: Millis,
    },
    /// A summary is put over the turns until one of them.
    Summarize {
        /// [`super::OldTurns::after`]
        after: u64,
        /// [`super::OldTurns::until`]
        until: u64,
        /// [`super::OldTurns::since`]
        since: Millis,
        /// Summary.
        text: String,
    },
    /// The person wants no more of it.
    Stop {
        /// Turn's id.
        turn: String,
    },
    /// The question is no job after all: the turn is gone, unless it runs.
    Withdraw {
        /// Turn's id.
        turn: String,
    },
    /// What a turn has come to, and what was said in it from a place on.
    Look {
        /// Turn's id; `None` for the newest.
        turn: Option<String>,
        /// Place up to which it is known, 0 for nothing.
        from: u64,
    },
    /// As [`Command::Look`], but the object may hold its reply back until there is more, or the turn has
    /// ended; from 0 on, also until its model is asked.
    Wait {
        /// Turn's id.
        turn: String,
        /// Place up to which it is known, 0 for nothing.
        from: u64,
        /// Whether it is the turn's run that waits, while its model is asked.
        #[serde(default)]
        is_asking: bool,
    },
    /// The newest turns before a place.
    Read {
        /// [`super::Page::cursor`] of the page before; `None` for the newest.
        before: Option<u64>,
        /// How many, at most [`super::MAX_PAGE`].
        limit: u32,
    },
    /// The person shows to others what was said until now.
    Share,
    /// What was said on one branch until a moment.
    Branch {
        /// Id of its newest turn.
        turn: String,
        /// What ended later is not returned.
        until: Millis,
    },
    /// The person had something forgotten: what was asked until then is not read by models any more.
    Unlearn {
        /// When.
        until: Millis,
    },
    /// The person wants everything gone that was asked until then, also what still runs.
    Erase {
        /// When.
        until: Millis,
    },
    /// The person wants it gone.
    Delete,
    /// A request about a person's facts: what is told to the object of a person, and to no conversation.
    Facts(facts::Request),
}

/// How a run ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With an answer.
    Done(String),
    /// Without: the name of the sentence that its asker reads.
    Failed(Notice),
}

/// Returns whether a command only reads, but for turns whose run was interrupted.
pub const fn reads(command: &Command) -> bool {
    matches!(
        command,
        Command::Look { .. }
            | Command::Wait { .. }
            | Command::Read { .. }
            | Command::Share
            | Command::Branch { .. }
    )
}

/// Returns whether a command may change what a reader is told.
pub const fn changes(command: &Command) -> bool {
    !reads(command) || matches!(command, Command::Wait { is_asking: true, .. })
}

/// Returns the look that a command which waits takes again whenever something has changed; it changes nothing,
/// so nobody is woken by it. `None` for a command that does not wait.
pub fn look_of(command: &Command) -> Option<Command> {
    let Command::Wait { turn, from, .. } = command else { return None };
    Some(Command::Wait { turn: turn.clone(), from: *from, is_asking: false })
}
