//! What this run may do without asking the database again, for a moment after the database said so.
//!
//! | lease | granted by | what it allows | ends |
//! | --- | --- | --- | --- |
//! | first send | the statement that saved the answer began the rows of [`QUESTION`] and [`ANSWER`] | this run sends each of them once, without asking the ledger who else does | when it is used, or after two seconds |
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
    /// When the first sends were granted.
    granted: Cell<Millis>,
    /// Whether [`QUESTION`], and [`ANSWER`], may be sent by this run without asking.
    first_sends: [Cell<bool>; 2],
    /// When the job was last said to be this generation's.
    current: Cell<Millis>,
    /// Id of the message of [`QUESTION`], sent and not yet recorded: it is recorded with the answer's.
    pub unrecorded: RefCell<Option<String>>,
}

impl Leases {
    /// Grants the first sends, if their rows were begun for this run. `asked` is when the statement was
    /// sent that began them.
    pub fn grant(&self, asked: Millis, has_begun: bool) {
        self.granted.set(asked);
        for first_send in &self.first_sends {
            first_send.set(has_begun);
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

    /// Returns whether the grant of the first sends still counts.
    pub fn counts(&self, host: &impl Clock) -> bool {
        is_young(host, self.granted.get())
    }

    /// Uses the lease of a first send, and returns whether there was one.
    pub fn take(&self, chunk: &str) -> bool {
        let [question, answer] = &self.first_sends;
        match chunk {
            QUESTION => question.take(),
            ANSWER => answer.take(),
            _ => false,
        }
    }

    /// Returns whether the id of a sent message may be recorded later: the question's, when the answer can
    /// be sent at once and both are recorded then.
    pub fn defers(&self, host: &impl Clock, chunk: &str, message_id: &str) -> bool {
        let [_, answer] = &self.first_sends;
        let defers = chunk == QUESTION && answer.get() && self.counts(host);
        if defers {
            self.unrecorded.replace(Some(message_id.to_owned()));
        }
        defers
    }
}

fn is_young(host: &impl Clock, since: Millis) -> bool {
    host.now().0.saturating_sub(since.0) < LEASE_MS
}
