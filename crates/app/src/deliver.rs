//! Brings an answer to the place of its question, one step per message.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `route` | finds where messages go, or prepares it | [`Transport::route`] |
//! | `question:n`, `answer:n` | send a message | the ledger's row: [`super::post_once`] |
//! | `settle:n` | looks whether a chunk is there, before another way is taken | reads only |
//! | `put_aside` | the job waits for the end of a limit, see [`super::aside`] | see there |
//! | `reply:n`, `confirm` | messages to the asker alone | edits; after a send without a response nothing more is sent |
//! | `clear` | removes the placeholder | removing twice has no further effect |
//!
//! The last two rows are in `private.rs`.

mod private;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use core::cell::Cell;
use core::time::Duration;
use std::rc::Rc;

use super::chunks::{self, Chunk};
use super::lease::Leases;
use super::post_once::PostOnce;
use super::workflow::STORE;
use super::{JobContext, aside};
pub use miyabi_ai::preview::UNDER_WAY;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::ports::{Host, Policy, Steps, Stop};
use miyabi_core::question::{Drawing, Question};
use miyabi_core::transport::{Author, Message, Route, SendError, Transport};

/// A send may wait a minute for limits; five attempts take 15 seconds of backoff, and then there is
/// another way.
const POST: Policy =
    Policy { retries: 4, delay: Duration::from_secs(1), timeout: Duration::from_mins(5) };

/// The last way to the asker is worth two minutes of backoff: an outage of the platform may pass.
pub const LAST_WAY: Policy =
    Policy { retries: 7, delay: Duration::from_secs(1), timeout: Duration::from_mins(5) };

/// Without the route the answer still gets there, to the asker alone: not worth many tries, unless the
/// platform has no such way. The time is that of a call which waits for limits.
const ROUTE: Policy =
    Policy { retries: 2, delay: Duration::from_secs(1), timeout: Duration::from_mins(5) };

/// What fails where a transport names the asker alone as the way, and its platform has no such way.
const NO_WAY: SendError = SendError::Refused { operation: "route", status: 0, code: 0 };

/// Why a delivery ended before its end.
#[derive(Debug)]
pub enum Undelivered {
    /// A message could not be delivered, or the engine ends this run.
    Stopped {
        /// Why.
        stop: Stop,
        /// The chunk of the answer that stands in place of "thinking…", if it got that far.
        shown: Option<String>,
    },
    /// The job has ended or has a later generation: there is nothing to do.
    Superseded,
    /// Something that may pass lasted too long, or the job is put aside: its next generation goes on.
    Unfinished,
}

/// What was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Messages of the answer.
    pub chunks: usize,
    /// Whether "thinking…", or a beginning of the answer, may stand where it should not, for a reason
    /// that may pass.
    pub is_unsettled: bool,
}

impl From<Stop> for Undelivered {
    fn from(stop: Stop) -> Self {
        Self::Stopped { stop, shown: None }
    }
}

/// What a delivery needs to know.
#[derive(Debug)]
pub struct Delivery<'a, H, S, T> {
    /// Job, and what it runs on.
    pub context: JobContext<'a, H, S, T>,
    /// What was done before, if the answer was there before.
    pub earlier: Option<Earlier>,
    /// Whether a preview of the answer may still be under way to where "thinking…" stands.
    pub is_unclear: bool,
    /// What this run may do without asking.
    pub leases: &'a Leases,
}

/// What was done of a delivery before: by an earlier generation, or by this one if the engine forgot its
/// steps.
#[derive(Debug, Clone, Copy)]
pub struct Earlier {
    /// Messages of the answer that are in the channel.
    pub posted: usize,
    /// Whether the asker alone was to see the rest: then it stays so.
    pub is_private: bool,
    /// Whether they see its image, in place of the placeholder: this run has it no more.
    pub shows_image: bool,
    /// Whether nothing can be shown to the asker alone any more: then all of it goes where everybody sees it.
    pub is_late: bool,
}

/// What was done of a delivery while the answer was being found and saved.
#[derive(Debug)]
pub struct Prepared {
    /// Where the messages go.
    pub route: Route,
    /// Whether the question is there, or stands there anyway; `false` if it could not be sent.
    pub is_asked: bool,
    /// Whether buttons stand below the answer's last message.
    pub has_buttons: bool,
    /// Image that comes with the answer's first message.
    pub image: Option<Rc<Drawing>>,
}

impl<H: Host, S: Steps, T: Transport> Delivery<'_, H, S, T> {
    /// Finds where the messages go, and posts the question there.
    ///
    /// # Errors
    /// [`Undelivered`] when the job has ended, or the engine ends this run.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn prepare(&self) -> Result<Prepared, Undelivered> {
        let is_saved = self.earlier.is_some();
        let unknown = Route::Shared { way: String::new() };
        let route = self.route().await.map_err(Undelivered::from);
        let route = self.unless_limited((&unknown, is_saved), route).await?;
        let asked = self.post_question(&route).await;
        let is_asked = self.unless_limited((&route, is_saved), asked).await?;
        let has_buttons = is_asked && self.context.transport.shows_buttons(&route);
        Ok(Prepared { route, is_asked, has_buttons, image: None })
    }

    /// As [`Delivery::prepare`], with a failure of the way as a value: what runs meanwhile goes on.
    ///
    /// # Errors
    /// [`Undelivered`] when the job has ended, or the engine ends this run.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn prepare_unless_failed(&self) -> Result<Result<Prepared, Fault>, Undelivered> {
        match self.prepare().await {
            Err(Undelivered::Stopped { stop: Stop::Failed(fault), .. }) => Ok(Err(fault)),
            prepared => prepared.map(Ok),
        }
    }

    /// Sends the answer, and removes the placeholder.
    ///
    /// Where messages cannot be shared, or sending them fails for good, the answer goes to the asker
    /// alone.
    ///
    /// # Errors
    /// [`Undelivered`] when a message cannot be delivered; nothing after it was sent.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn deliver(
        &self,
        prepared: Prepared,
        answer: &str,
    ) -> Result<Delivered, Undelivered> {
        let route = prepared.route.clone();
        let delivered = self.deliver_once(prepared, answer).await;
        self.unless_limited((&route, true), delivered).await
    }

    /// Puts a job aside whose answer is saved, where a limit has stopped its delivery that lasts longer than this run.
    async fn unless_limited<V>(
        &self,
        (route, is_saved): (&Route, bool),
        delivered: Result<V, Undelivered>,
    ) -> Result<V, Undelivered> {
        let fault = match &delivered {
            Err(Undelivered::Stopped { stop: Stop::Failed(fault), .. })
                if is_saved && fault.notice == Notice::Busy =>
            {
                fault
            }
            _ => return delivered,
        };
        let JobContext { host, steps, transport, job, .. } = self.context;
        let put_aside =
            async || aside::put_aside(host, transport, job, fault, (Some(route), &[])).await;
        match steps.step("put_aside", STORE, put_aside).await {
            Ok(true) => Err(Undelivered::Unfinished),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
            Ok(false) | Err(Stop::Failed(_)) => delivered,
        }
    }

    async fn deliver_once(
        &self,
        Prepared { route, is_asked, has_buttons, image }: Prepared,
        answer: &str,
    ) -> Result<Delivered, Undelivered> {
        let JobContext { transport, settings, .. } = self.context;
        let mut chunks =
            chunks::split_within(transport, self.question(), answer, settings.max_chunks);
        if let Some(first) = chunks.first_mut() {
            first.image = image;
        }
        let posted = match route {
            route @ Route::Shared { .. } if is_asked => {
                self.post_answer(&route, &chunks, has_buttons).await?
            }
            Route::Shared { .. } | Route::Private => self.settle_earlier(&chunks).await?,
        };
        let rest = chunks.get(posted..).unwrap_or_default();
        let is_settled =
            if rest.is_empty() { self.clear().await? } else { self.reply(rest, answer).await? };
        Ok(Delivered { chunks: chunks.len(), is_unsettled: !is_settled })
    }

    /// Removes the placeholder, if there is one; `false` if that failed for a reason that may pass.
    async fn clear(&self) -> Result<bool, Undelivered> {
        if !self.context.transport.capabilities().has_placeholder {
            return Ok(true);
        }
        self.leave("clear", None).await
    }

    const fn question(&self) -> &Question {
        &self.context.job.question
    }

    /// Finds where the messages go. What cannot be found out in a few tries is the asker alone; where
    /// nothing can be shown to the asker alone it is worth more tries, and then no way is left.
    ///
    /// # Errors
    /// [`Stop::Aborted`] when the engine ends this run; [`Stop::Failed`] when there is no way.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn route(&self) -> Result<Route, Stop> {
        if self.earlier.is_some_and(|earlier| earlier.is_private && !earlier.is_late) {
            return Ok(Route::Private);
        }
        let is_only_way = self.lacks_private();
        let policy = if is_only_way { LAST_WAY } else { ROUTE };
        let decide = async || self.context.transport.route(self.question()).await;
        match self.context.steps.step("route", policy, decide).await {
            Err(Stop::Failed(_)) if !is_only_way => Ok(Route::Private),
            Ok(Route::Private) if is_only_way => Err(Stop::Failed(NO_WAY.into())),
            other => other,
        }
    }

    /// Returns whether the platform can show nothing to the asker alone, or no more.
    fn lacks_private(&self) -> bool {
        let is_late = self.earlier.is_some_and(|earlier| earlier.is_late);
        is_late || self.context.transport.capabilities().max_private == 0
    }

    /// Posts the question in the asker's name, where the platform does not show it itself; `false` if it
    /// cannot be posted.
    ///
    /// # Errors
    /// [`Undelivered`] when the job has ended, or the engine ends this run.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn post_question(&self, route: &Route) -> Result<bool, Undelivered> {
        let transport = self.context.transport;
        let is_posted = transport.capabilities().posts_question && !self.question().is_quoted;
        if *route == Route::Private || !is_posted {
            return Ok(true);
        }
        let question = transport.render(Author::Asker, &self.question().text);
        for (index, content) in question.iter().enumerate() {
            let step = format!("question:{}", index + 1);
            let message = Message { author: Author::Asker, ..Message::text(content) };
            if !self.post(&step, route, message).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends the answer's chunks and returns how many of them are there: fewer than all if one cannot be
    /// sent.
    async fn post_answer(
        &self,
        route: &Route,
        chunks: &[Chunk],
        has_buttons: bool,
    ) -> Result<usize, Undelivered> {
        for (index, chunk) in chunks.iter().enumerate() {
            let step = format!("answer:{}", index + 1);
            let has_buttons = has_buttons && index + 1 == chunks.len();
            let message = Message { has_buttons, ..chunk.message() };
            if !self.post(&step, route, message).await? {
                return self.settle_all(index, chunks).await;
            }
        }
        Ok(chunks.len())
    }

    /// Returns how many chunks were there before this generation: what was begun may have arrived.
    async fn settle_earlier(&self, chunks: &[Chunk]) -> Result<usize, Undelivered> {
        match self.earlier {
            None => Ok(0),
            // What was said to the asker alone began after these; a chunk that has arrived since then
            // would move all that follows.
            Some(earlier) if earlier.is_private => Ok(earlier.posted),
            Some(earlier) => self.settle_all(earlier.posted, chunks).await,
        }
    }

    /// Returns how many chunks are there, `posted` of which are known: what was sent last may have
    /// arrived although nobody said so.
    ///
    /// # Errors
    /// [`Undelivered::Unfinished`] when nobody could tell for minutes: the answer must not be sent
    /// again on a guess.
    async fn settle_all(&self, posted: usize, chunks: &[Chunk]) -> Result<usize, Undelivered> {
        for (index, chunk) in chunks.iter().enumerate().skip(posted) {
            let (name, answer) = (format!("settle:{}", index + 1), format!("answer:{}", index + 1));
            let settle = async || {
                let once = self.post_once(&answer, &Route::Private, chunk.message());
                once.message_id().await.map(|id| id.is_some())
            };
            match self.context.steps.step(&name, LAST_WAY, settle).await {
                Ok(true) => {}
                Ok(false) => return Ok(index),
                Err(Stop::Failed(_)) => return Err(Undelivered::Unfinished),
                Err(Stop::Aborted) => return Err(Stop::Aborted.into()),
            }
        }
        Ok(chunks.len())
    }

    const fn post_once<'b>(
        &'b self,
        step: &'b str,
        route: &'b Route,
        message: Message<'b>,
    ) -> PostOnce<'b, H, T> {
        let JobContext { host, transport, job, .. } = self.context;
        PostOnce { host, transport, job, leases: self.leases, step, route, message }
    }

    /// Sends one message; `false` if that fails for good and the answer can still reach the asker alone,
    /// since that way may serve when the shared one does not.
    async fn post(
        &self,
        step: &str,
        route: &Route,
        message: Message<'_>,
    ) -> Result<bool, Undelivered> {
        let is_replayed = Cell::new(true);
        let work = async || -> Result<Option<String>, Fault> {
            is_replayed.set(false);
            self.post_once(step, route, message).post().await
        };
        match self.context.steps.step(step, POST, work).await {
            Ok(Some(id)) => {
                if is_replayed.get() {
                    self.leases.found(step, &id);
                }
                Ok(true)
            }
            Ok(None) => Err(Undelivered::Superseded),
            Err(Stop::Failed(fault)) if self.lacks_private() => Err(Stop::Failed(fault).into()),
            Err(Stop::Failed(_)) => Ok(false),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }
}
