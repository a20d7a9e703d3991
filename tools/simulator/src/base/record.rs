//! The record of a seed: everything that happened as seen from outside of the program, for the invariants.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::actor::Actor;
use super::marks::Mark;

/// Everything that was seen in one seed.
#[derive(Debug, Default)]
pub struct Record {
    /// Every message and private text that was sent, landed or not, in the order of sending.
    pub posts: Vec<Post>,
    /// Every look at a channel.
    pub looks: Vec<Look>,
    /// Every model call.
    pub model_calls: Vec<ModelCall>,
    /// Statuses of each job with the time of their begin, in order.
    pub statuses: BTreeMap<String, Vec<(u64, String)>>,
    /// Who ended each job.
    pub ended_by: BTreeMap<String, String>,
    /// Generations of each job with the time of their begin, in order.
    pub generations: BTreeMap<String, Vec<(u64, u32)>>,
    /// What already broke an invariant.
    pub violations: Vec<Violation>,
    /// Every round of the watchdog.
    pub rounds: Vec<Rc<Actor>>,
    /// Questions for which the database failed or a run died: their ledger may lack something.
    pub unsure: BTreeSet<usize>,
    /// When the ledger was told of each message, by its job and id.
    pub written: BTreeMap<(String, String), Written>,
    /// Runs for which the database failed, or took seconds, when the ledger was to be told of a message, each
    /// with its time.
    pub unwritten: Vec<(Rc<Actor>, u64)>,
    /// Questions on messengers.
    pub plain: BTreeSet<usize>,
    /// Questions on the web whose asker was told that the answer is stopped.
    pub stopped: BTreeSet<usize>,
    /// What acted outside, by its question and what it was called with.
    pub acts: Vec<(usize, String)>,
    /// Questions whose asker has pressed the button that lets it.
    pub allowed: BTreeSet<usize>,
    /// Answers that are wanted once more: number of the question, and that of the press, which is a question too.
    pub presses: Vec<(usize, usize)>,
    /// Ids of reminders whose asker was told that they are taken back.
    pub withdrawn: BTreeSet<String>,
    /// People who had everything deleted, until when, and whether that was confirmed.
    pub erased: BTreeMap<String, (u64, bool)>,
    /// Conversations that somebody wanted to be gone, and whether that was confirmed.
    pub deleted: BTreeMap<String, bool>,
    /// How often each log line was written, by its name.
    pub events: BTreeMap<String, u64>,
    /// How often each fault of those that have to come everywhere came somewhere.
    pub struck: BTreeMap<String, u64>,
    /// Numbers for the summary.
    pub counts: Counts,
}

/// What became of telling the ledger that a message is there.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// When the statement took effect.
    pub at_ms: u64,
    /// Whether the ledger had a row for the message.
    pub has_row: bool,
}

/// Numbers about one or many seeds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Questions.
    pub asked: u64,
    /// Questions on messengers.
    pub plain: u64,
    /// Accepted questions there that ended in a sentence.
    pub plain_told: u64,
    /// Messages there that came twice, by an allowed exception.
    pub plain_doubled: u64,
    /// Questions on the web.
    pub web: u64,
    /// Turns on the web that were read while they ran, and to their end.
    pub read: u64,
    /// Questions on the web that were stopped.
    pub stopped: u64,
    /// Questions that were promised an answer: on Discord their asker saw "thinking…".
    pub accepted: u64,
    /// Accepted questions that were answered.
    pub answered: u64,
    /// Accepted questions that ended in a sentence.
    pub told: u64,
    /// Accepted questions that ended in neither, by an exception that the invariants allow.
    pub excepted: u64,
    /// Acts outside.
    pub acts: u64,
    /// Reminders that were brought.
    pub reminded: u64,
    /// Reminders that were taken back.
    pub withdrawn: u64,
    /// Answers that were written once more.
    pub regenerated: u64,
    /// Messages that came twice, by an allowed exception.
    pub doubled: u64,
    /// People of whom nothing is left that they had deleted.
    pub erased: u64,
    /// Crashes.
    pub crashes: u64,
    /// Faults of any other kind.
    pub faults: u64,
    /// Generations beyond the first.
    pub revived: u64,
    /// Effects: calls of any port that does something.
    pub effects: u64,
}

impl Counts {
    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.plain += other.plain;
        self.plain_told += other.plain_told;
        self.plain_doubled += other.plain_doubled;
        self.web += other.web;
        self.read += other.read;
        self.stopped += other.stopped;
        self.accepted += other.accepted;
        self.answered += other.answered;
        self.told += other.told;
        self.excepted += other.excepted;
        self.acts += other.acts;
        self.reminded += other.reminded;
        self.withdrawn += other.withdrawn;
        self.regenerated += other.regenerated;
        self.doubled += other.doubled;
        self.erased += other.erased;
        self.crashes += other.crashes;
        self.faults += other.faults;
        self.revived += other.revived;
        self.effects += other.effects;
    }
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// What was seen.
    pub what: String,
}

/// What has to hold, whatever happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Every accepted question ends, in time.
    Ends,
    /// A message appears once, wherever anybody could have known.
    Once,
    /// A completed answer is there, whole and in order.
    Whole,
    /// The asker of an accepted question reads an answer or a sentence.
    Told,
    /// A job that ended begins nothing any more.
    Fenced,
    /// A terminal status stays, and holds no token.
    Final,
    /// No secret, question or answer is in a log line, and none is shown to the wrong person.
    Silent,
    /// Nothing goes wrong where no fault was.
    FaultFree,
    /// A webhook that is gone is left alone.
    Gone,
    /// What has ended is forgotten in time.
    Forgets,
    /// Each attempt at a model and each question is in the sums, once.
    Booked,
    /// Nothing is left of what a person had deleted, once that is told as done and nothing comes late any more.
    Erased,
    /// What the buttons below an answer need is kept exactly where they stand.
    Kept,
    /// What acts outside was allowed by who may, and is done once.
    Consent,
    /// A reminder is set once, and brought once, when it is due, unless it was taken back.
    Reminded,
    /// An answer is written once more by whoever may want that, and not twice at once.
    Again,
    /// The program does nothing that its platform does not allow.
    Sane,
}

/// A message or private text on its way.
#[derive(Debug, Clone)]
pub struct Post {
    /// Marks in it.
    pub marks: Vec<Mark>,
    /// Channel; `None` for what only the asker sees.
    pub channel: Option<u64>,
    /// For which question.
    pub ask: Option<usize>,
    /// When it was sent.
    pub sent_ms: u64,
    /// When it appeared, if it did.
    pub landed_ms: Option<u64>,
    /// When the step's attempt that sent it began.
    pub attempt_began_ms: u64,
    /// Who sent it.
    pub sender: Rc<Actor>,
    /// Message's id, where the platform that can only send has taken it.
    pub message_id: Option<String>,
    /// Fault that kept the sender from knowing whether it is there, on the platform that can only send.
    pub hidden_by: Option<&'static str>,
}

/// A look at a channel by the program.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// For which question; `None` if that cannot be told.
    pub ask: Option<usize>,
    /// Channel.
    pub channel: u64,
    /// When it was asked for.
    pub began_ms: u64,
    /// When Discord read the channel; `None` if it did not, or its answer was lost.
    pub read_ms: Option<u64>,
}

/// A model call.
#[derive(Debug, Clone)]
pub struct ModelCall {
    /// For which question.
    pub ask: usize,
    /// When.
    pub at_ms: u64,
    /// When the step's attempt began.
    pub attempt_began_ms: u64,
    /// When the run of the program began.
    pub run_began_ms: u64,
    /// Who.
    pub who: String,
}

impl Record {
    /// Notes a broken invariant.
    pub fn violate(&mut self, invariant: Invariant, what: String) {
        self.violations.push(Violation { invariant, what });
    }

    /// Returns the status of a job, `None` if it has no row.
    pub fn status(&self, job: &str) -> Option<&str> {
        let (_, status) = self.statuses.get(job)?.last()?;
        (!status.is_empty()).then_some(status)
    }

    /// Returns the generation that a job had at a time.
    pub fn generation_at(&self, job: &str, at_ms: u64) -> u32 {
        let generations = self.generations.get(job).map(Vec::as_slice).unwrap_or_default();
        generations
            .iter()
            .rfind(|(from_ms, _)| *from_ms <= at_ms)
            .map_or(1, |(_, generation)| *generation)
    }

    /// Returns when a job ended, if it did.
    pub fn ended_ms(&self, job: &str) -> Option<u64> {
        let statuses = self.statuses.get(job)?;
        statuses.iter().find(|(_, status)| is_terminal(status)).map(|(at_ms, _)| *at_ms)
    }
}

/// Returns whether a status is one that stays.
pub fn is_terminal(status: &str) -> bool {
    status == "COMPLETED" || status == "ERROR"
}
