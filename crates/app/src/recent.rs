//! What has the database just said, so that this run of a job need not ask again?
//!
//! It is the memory of one run, and no result of a step: after a crash it is gone, and every
//! statement is made that it would have saved. What it holds counts for two seconds, in which the
//! watchdog has no reason to give the job to another generation: it waits for a minute of silence.

use core::cell::{Cell, RefCell};

use miyabi_channels::discord::webhooks::{Hook, Known};
use miyabi_core::ids::Millis;
use miyabi_core::ports::Clock;

/// How long something counts that was said of the job, of webhooks and of breakers: as long as a post
/// takes that is begun in time and slow.
const YOUNG_MS: u64 = 2_000;

/// The part that may be written down together with the answer's.
pub const QUESTION: &str = "question:1";

/// What this run knows without asking.
#[derive(Debug, Default)]
pub struct Recent {
    /// When the answer was kept, and all below was read.
    kept: Cell<Millis>,
    /// Whether `question:1`, and `answer:1`, was begun for this run and it has not tried to send it.
    begun: [Cell<bool>; 2],
    /// Webhooks of the place; once the route is decided, its own one, if that is the way.
    pub known: RefCell<Option<Known>>,
    /// When the job was last said to be ours.
    ours: Cell<Millis>,
    /// Id of the message of [`QUESTION`] that is there and not yet written down.
    pub unsaid: RefCell<Option<String>>,
}

impl Recent {
    /// Takes note of what came with the answer that is kept. `asked` is when it was asked for.
    pub fn kept(&self, asked: Millis, has_begun: bool, known: Known) {
        self.kept.set(asked);
        for part in &self.begun {
            part.set(has_begun);
        }
        self.known.replace(Some(known));
    }

    /// Takes note that the job was ours when that was asked.
    pub fn ours(&self, asked: Millis) {
        self.ours.set(asked);
    }

    /// Returns whether the job was ours a moment ago.
    pub fn is_ours(&self, host: &impl Clock) -> bool {
        is_young(host, self.ours.get())
    }

    /// Returns whether what came with the answer still counts.
    pub fn counts(&self, host: &impl Clock) -> bool {
        is_young(host, self.kept.get())
    }

    /// Returns whether a part was begun and nobody has tried to send it, and lets nobody else try.
    pub fn take(&self, part: &str) -> bool {
        let [question, answer] = &self.begun;
        match part {
            QUESTION => question.take(),
            "answer:1" => answer.take(),
            _ => false,
        }
    }

    /// Returns whether a message of this id, that was posted as this part, may be written down later: the
    /// question's, when the answer's can be sent at once, and both are written then.
    pub fn defers(&self, host: &impl Clock, part: &str, message_id: &str) -> bool {
        let [_, answer] = &self.begun;
        let defers = part == QUESTION && answer.get() && self.counts(host);
        if defers {
            self.unsaid.replace(Some(message_id.to_owned()));
        }
        defers
    }

    /// Returns the application's own webhook of the place.
    pub fn hook(&self, host: &impl Clock) -> Option<Hook> {
        let known = self.known.borrow();
        known.as_ref().filter(|_| self.counts(host))?.own.clone()
    }

    /// Lets what came with the answer not count any more.
    pub fn age(&self) {
        self.kept.set(Millis::default());
    }
}

fn is_young(host: &impl Clock, since: Millis) -> bool {
    host.now().0.saturating_sub(since.0) < YOUNG_MS
}
