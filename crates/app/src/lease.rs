//! Leases: what a run may do without asking the database again, for a moment after the database said so.
//!
//! | lease | granted by | what it allows | ends |
//! | --- | --- | --- | --- |
//! | first send of [`QUESTION`] | the batch that claimed the job began its row | this run sends it once, without asking the ledger who else does | when it is used, or after two seconds |
//! | first send of [`ANSWER`] | the batch that saved the answer began its row | the same | the same |
//! | current | a statement said that the job is still this generation's | changes that only the current generation may make | after two seconds |
//!
//! A lease is the memory of one run and never the result of a step: after a crash it is gone, and every
//! statement is made that it would have saved. Two seconds are safe, since the watchdog gives a job to
//! another generation only after a minute of silence.

use core::cell::{Cell, RefCell};

use miyabi_core::ids::Millis;
use miyabi_core::ports::Clock;

/// How long a lease counts: as long as a slow send takes that begins in time.
const LEASE_MS: u64 = 2_000;

/// Name of the question's first message in the ledger.
pub const QUESTION: &str = "question:1";
/// Name of the answer's first message in the ledger.
pub const ANSWER: &str = "answer:1";

/// The leases of one run.
#[derive(Debug, Default)]
pub struct Leases {
    /// When the first sends of [`QUESTION`] and [`ANSWER`] were granted, until they are used.
    first_sends: [Cell<Option<Millis>>; 2],
    /// When the job was last said to be this generation's.
    current: Cell<Millis>,
    /// Whether the question was sent by its lease.
    is_question_leased: Cell<bool>,
    /// Id of the message of [`QUESTION`], sent and not yet recorded: it is recorded with the next statement
    /// that is made anyway.
    pub unrecorded: RefCell<Option<String>>,
}

impl Leases {
    /// Grants the first send of a chunk, whose row was begun for this run. `asked` is when the statement was
    /// sent that began it.
    pub fn grant(&self, chunk: &str, asked: Millis) {
        if let Some(first_send) = self.first_send(chunk) {
            first_send.set(Some(asked));
        }
    }

    /// Takes note that the job was this generation's when that was asked.
    pub fn note_current(&self, asked: Millis) {
        self.current.set(asked);
    }

    /// Returns whether the job was this generation's a moment ago.
    pub fn is_current(&self, host: &impl Clock) -> bool {
        is_young(host, self.current.get())
    }

    /// Uses the lease of a first send, and returns whether it still counts; `None` if there was none.
    pub fn take(&self, host: &impl Clock, chunk: &str) -> Option<bool> {
        let granted = self.first_send(chunk)?.take()?;
        if chunk == QUESTION {
            self.is_question_leased.set(true);
        }
        Some(is_young(host, granted))
    }

    /// Keeps the id of a sent message, if it may be recorded later: the question's, whose row was begun by
    /// its lease, so that a run without this memory looks for it.
    pub fn defers(&self, chunk: &str, message_id: &str) -> bool {
        let defers = chunk == QUESTION && self.is_question_leased.get();
        if defers {
            self.unrecorded.replace(Some(message_id.to_owned()));
        }
        defers
    }

    /// Keeps the id of a message that a step has stored and did not send now: the run that sent it may have
    /// died before it recorded the id.
    pub fn found(&self, chunk: &str, message_id: &str) {
        if chunk == QUESTION && !message_id.is_empty() {
            self.unrecorded.replace(Some(message_id.to_owned()));
        }
    }

    fn first_send(&self, chunk: &str) -> Option<&Cell<Option<Millis>>> {
        let [question, answer] = &self.first_sends;
        match chunk {
            QUESTION => Some(question),
            ANSWER => Some(answer),
            _ => None,
        }
    }
}

fn is_young(host: &impl Clock, since: Millis) -> bool {
    host.now().0.saturating_sub(since.0) < LEASE_MS
}
