//! Sends a message at most once, though the program may die at any await and platforms have no
//! idempotency keys.
//!
//! 1. The ledger's row is written before the send; the first ones together with the answer, for the run
//!    that saves it: [`super::lease`].
//! 2. A refusal takes the row back; a success completes it with the message's id.
//! 3. An attempt that finds the row without an outcome looks for the message first, and then sends it if
//!    nobody else has begun to look meanwhile.
//! 4. Where nobody can look, the question is not sent again, since a missing one is forgiven more easily
//!    than one posted twice, unless the platform failed with an error of its own; an answer is, after a
//!    moment in which a run that is sending it would have written that it did.
//! 5. An attempt that has waited begins anew: meanwhile another run may have sent the message.

use core::time::Duration;

use super::Job;
use super::lease::{Leases, QUESTION};
use super::ledger::{self, Attempt, Begun, Entry};
use miyabi_core::fault::{Fault, Retry};
use miyabi_core::ids::JobId;
use miyabi_core::ports::{Clock, Log, Sql};
use miyabi_core::transport::{
    Candidate, Message, RateLimitBudget, Route, Search, SendError, Transport,
};

/// Longest total wait for rate limits within one attempt of a step, what other jobs were told by the
/// breaker included; the step has five attempts.
pub const MAX_WAIT: Duration = Duration::from_secs(55);

/// Age from which a message that no row claims is taken for ours: whoever else has just sent the same
/// has written its id by then.
const GRACE_MS: u64 = 20_000;

/// Wait for another run that began the same post later, and sends it; or that began it before, and may be
/// sending it.
const TURN: Duration = Duration::from_secs(3);

/// Jobs that waited for the same breaker go on within this time, not all at once.
const JITTER_MS: u64 = 2_000;

/// A message and where it goes.
#[derive(Debug)]
pub struct PostOnce<'a, H, T> {
    /// Ports.
    pub host: &'a H,
    /// Platform.
    pub transport: &'a T,
    /// Job.
    pub job: &'a Job,
    /// What this run may do without asking.
    pub leases: &'a Leases,
    /// Name of the message in the ledger, and of the step that sends it.
    pub step: &'a str,
    /// Where it goes.
    pub route: &'a Route,
    /// Message.
    pub message: Message<'a>,
}

/// What a look for a message says.
enum Finding {
    Found(String),
    Absent,
    Unreadable,
}

impl<H: Sql + Clock + Log, T: Transport> PostOnce<'_, H, T> {
    /// Sends the message, unless it is there, and returns its id: blank if it is not known, `None` if
    /// the job has ended or has a later generation.
    ///
    /// # Errors
    /// A store fault or a [`SendError`].
    ///
    /// # Repeats
    /// See this module.
    pub async fn post(&self) -> Result<Option<String>, Fault> {
        let mut budget = RateLimitBudget::new(MAX_WAIT);
        let scope = self.transport.scope(self.route);
        // What was begun with the answer is sent at most once without a look: by whoever takes the lease.
        let lease = self.leases.take(self.host, self.step);
        let mut needs_begin = lease != Some(true);
        // What this run has begun itself, and certainly not sent.
        let mut begun =
            Begun { entry: Entry::Fresh, number: lease.is_some().into(), wait: Duration::ZERO };
        loop {
            if needs_begin {
                self.record(None).await;
                let scopes = [self.transport.name(), &scope];
                let next = ledger::begin(self.host, self.attempt(), scopes).await?;
                // If nobody else has begun it since, what was known before that is known still.
                let is_known = next.number == begun.number + 1;
                begun = if is_known { Begun { entry: begun.entry, ..next } } else { next };
            }
            match self.before_send(&begun).await? {
                Before::Ended(end) => return Ok(end),
                Before::Wait => {
                    self.host.sleep(TURN).await;
                    needs_begin = true;
                    continue;
                }
                Before::Send => {}
            }
            let sent = self.send(&begun, &mut budget).await;
            let id = sent.as_deref().ok();
            if !id.is_some_and(|id| self.leases.defers(self.step, id)) {
                self.record(id).await;
            }
            match (sent, budget.due.take()) {
                (Ok(id), _) => return Ok(Some(id)),
                // Meanwhile another run may send it, or another generation.
                (Err(_), Some(wait)) => self.host.sleep(wait).await,
                (Err(error), None) => {
                    let attempt = (self.attempt(), begun.number);
                    return Err(note(self.host, attempt, error, budget.is_exceeded).await);
                }
            }
            needs_begin = true;
        }
    }

    /// Decides what comes before a send, from what the ledger knows.
    async fn before_send(&self, begun: &Begun) -> Result<Before, Fault> {
        let entry = match &begun.entry {
            Entry::Superseded => return Ok(Before::Ended(None)),
            Entry::Sent(id) => return Ok(Before::Ended(Some(id.clone()))),
            Entry::Fresh => return Ok(Before::Send),
            entry @ (Entry::Unknown | Entry::Failed) => entry,
        };
        match self.find().await? {
            Finding::Found(id) => Ok(Before::Ended(Some(id))),
            Finding::Unreadable
                if *entry == Entry::Unknown && self.step.starts_with("question") =>
            {
                Ok(Before::Ended(Some(String::new())))
            }
            // Whoever began it before may be sending it at this moment, and nobody can see that.
            Finding::Unreadable if *entry == Entry::Unknown => {
                self.host.sleep(TURN).await;
                let known = ledger::look_up(self.host, self.job.id(), self.step).await?;
                if let Entry::Sent(id) = known {
                    return Ok(Before::Ended(Some(id)));
                }
                self.turn(begun).await
            }
            // Of two that looked at the same time one may send it.
            Finding::Absent | Finding::Unreadable => self.turn(begun).await,
        }
    }

    /// Decides whose turn it is to send the message: that of the attempt that began last.
    async fn turn(&self, begun: &Begun) -> Result<Before, Fault> {
        let is_last = ledger::is_last(self.host, self.attempt(), begun.number).await?;
        Ok(if is_last { Before::Send } else { Before::Wait })
    }

    async fn send(&self, begun: &Begun, budget: &mut RateLimitBudget) -> Result<String, SendError> {
        check_breaker(begun, self.job.id(), budget)?;
        self.transport.send(&self.job.question, self.route, &self.message, budget).await
    }

    /// Records that the message is there, if it has an id, and so is the question's, if that is not
    /// recorded yet. An error here must not repeat them: their steps' results remember them too, and
    /// without either the next attempt looks for them.
    async fn record(&self, id: Option<&str>) {
        let asked = self.host.now();
        let unrecorded = self.leases.unrecorded.take();
        let unrecorded = unrecorded.as_deref().map(|id| (QUESTION, id));
        let (Some((step, id)), another) = (match id {
            Some(id) => (Some((self.step, id)), unrecorded),
            None => (unrecorded, None),
        }) else {
            return;
        };
        let attempt = Attempt { step, ..self.attempt() };
        if ledger::sent(self.host, attempt, id, another).await == Ok(true) {
            self.leases.note_current(asked);
        }
    }

    /// Returns the id of the message if it is there, without sending it: blank if it is not known. Where
    /// nobody can look it is taken for missing.
    ///
    /// # Errors
    /// A store fault, or a [`SendError`] that may pass.
    ///
    /// # Repeats
    /// Reads, and writes down what it finds.
    pub async fn message_id(&self) -> Result<Option<String>, Fault> {
        match ledger::look_up(self.host, self.job.id(), self.step).await? {
            Entry::Sent(id) => Ok(Some(id)),
            Entry::Fresh | Entry::Superseded => Ok(None),
            Entry::Unknown | Entry::Failed => match self.find().await? {
                Finding::Found(id) => Ok(Some(id)),
                Finding::Absent | Finding::Unreadable => Ok(None),
            },
        }
    }

    fn attempt(&self) -> Attempt<'_> {
        Attempt { job: self.job.id(), generation: self.job.generation, step: self.step }
    }

    /// Looks for the message since the question was asked, and records that it is this one. If another
    /// message's row took the one that was seen, this one may be there by now.
    async fn find(&self) -> Result<Finding, Fault> {
        let mut was_taken = false;
        let finding = self.look(&mut was_taken).await?;
        if was_taken && matches!(finding, Finding::Absent) {
            return self.look(&mut was_taken).await;
        }
        Ok(finding)
    }

    async fn look(&self, was_taken: &mut bool) -> Result<Finding, Fault> {
        let question = &self.job.question;
        let Search { candidates, is_complete } =
            self.transport.find(question, &self.message).await?;
        for candidate in candidates {
            if self.claim(&candidate).await? {
                return Ok(Finding::Found(candidate.id));
            }
            *was_taken = true;
        }
        Ok(if is_complete { Finding::Absent } else { Finding::Unreadable })
    }

    async fn claim(&self, candidate: &Candidate) -> Result<bool, Fault> {
        let age_ms = self.host.now().0.saturating_sub(candidate.posted.0);
        if age_ms < GRACE_MS {
            self.host.sleep(Duration::from_millis(GRACE_MS - age_ms)).await;
        }
        ledger::claim(self.host, self.attempt(), &candidate.id).await
    }
}

/// What comes before a send.
enum Before {
    /// The message is there, under this id, or the job is somebody else's.
    Ended(Option<String>),
    /// Another run began later: it sends the message.
    Wait,
    /// It is to be sent.
    Send,
}

/// Fails if a breaker holds a message up, and takes what that is worth waiting for from the budget: each
/// job a little longer than another.
///
/// # Errors
/// [`SendError::RateLimited`].
pub fn check_breaker(
    begun: &Begun,
    job: &JobId,
    budget: &mut RateLimitBudget,
) -> Result<(), SendError> {
    if begun.wait.is_zero() {
        return Ok(());
    }
    let digits = job.as_str().bytes().map(u64::from);
    let jitter_ms = digits.fold(7, |sum: u64, byte| (sum * 31 + byte) % JITTER_MS);
    budget.take_some(begun.wait.saturating_add(Duration::from_millis(jitter_ms)));
    Err(SendError::RateLimited { operation: "send" })
}

/// Records how the ledger's attempt of a number failed, and returns the send's error. A limit that lasts long is met by
/// each further attempt: the job is put aside ([`super::aside`]).
pub async fn note(
    host: &impl Sql,
    (attempt, number): (Attempt<'_>, u64),
    error: SendError,
    lasts_long: bool,
) -> Fault {
    // A limit is over some time, and the breaker says when.
    let is_limited = matches!(error, SendError::RateLimited { .. });
    // Without the record the next attempt looks for the message: slower, and as safe.
    match error {
        SendError::NoResponse { .. } => {}
        SendError::ServerError { .. } => drop(ledger::failed(host, attempt, number).await),
        SendError::Refused { .. }
        | SendError::Deferred { .. }
        | SendError::RateLimited { .. }
        | SendError::Expired => drop(ledger::refused(host, attempt, number).await),
    }
    let mut fault = Fault::from(error);
    if is_limited && !lasts_long {
        fault.retry = Retry::Backoff;
    }
    fault
}
