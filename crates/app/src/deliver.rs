//! How does an answer get to the place of its question? One step per message.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `route` | reads where webhooks post, or makes one | one job at a time makes one: `webhooks` |
//! | `question:n`, `answer:n` | post by a webhook | the ledger's row: [`super::once`] |
//! | `settle:n` | looks whether the part is there, before another way is taken | reads only |
//! | `reply:n`, `confirm` | messages to the asker alone | edits; after silence no follow-up |
//! | `clear` | removes the deferred reply | gone is gone |
//!
//! The last two rows are in `private.rs`.

mod private;

use core::time::Duration;

use super::Job;
use super::chunks::{self, Chunk};
use super::post_once::PostOnce;
use super::recent::Recent;
use miyabi_channels::discord::post::{Message, Webhook};
use miyabi_channels::discord::route;
use miyabi_channels::discord::route::Route;
use miyabi_channels::discord::webhooks;
use miyabi_channels::discord::webhooks::Hook;
use miyabi_channels::discord::{MAX_CONTENT_CHARS, Ports, names};
use miyabi_core::config::Settings;
use miyabi_core::fault::{Cause, DiscordError, Fault};
use miyabi_core::ports::{Policy, Steps, Stop};
use miyabi_core::question::{Place, Question};
use miyabi_core::text::split::split_message;

/// Name under which answers are posted.
const MIYABI: &str = "Miyabi";

/// Posts may wait minutes for Discord's limits; five attempts take 15 seconds of backoff, and then
/// there is another way.
const POST: Policy =
    Policy { retries: 4, delay: Duration::from_secs(1), timeout: Duration::from_mins(5) };

/// The last way to the asker is worth two minutes of backoff: an outage of Discord may pass.
pub const LAST_WAY: Policy =
    Policy { retries: 7, delay: Duration::from_secs(1), timeout: Duration::from_mins(5) };

/// Without the route the answer still gets there, as a reply: not worth many tries. The time is that
/// of a call which waits for Discord's limits.
const ROUTE: Policy =
    Policy { retries: 2, delay: Duration::from_secs(1), timeout: Duration::from_mins(5) };

/// Longest time that a request which got no response is taken to be under way.
pub const UNDER_WAY: Duration = Duration::from_mins(1);

/// Why a delivery ended before its end.
#[derive(Debug)]
pub enum Undelivered {
    /// A message could not be delivered, or the engine ends this generation.
    Stopped {
        /// Why.
        stop: Stop,
        /// The part of the answer that stands in place of "thinking…", if it got that far.
        shown: Option<String>,
    },
    /// The job has ended or has a later generation: there is nothing to do.
    Superseded,
    /// Something that may pass lasted too long: the job's next generation goes on.
    Unfinished,
}

/// What was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Messages of the answer.
    pub parts: usize,
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
pub struct Delivery<'a, H, S> {
    /// Ports.
    pub host: &'a H,
    /// Durable steps.
    pub steps: &'a S,
    /// Settings.
    pub settings: &'a Settings,
    /// Job.
    pub job: &'a Job,
    /// What was done before, if the answer was there before.
    pub earlier: Option<Earlier>,
    /// Whether a preview of the answer may still be under way to where "thinking…" stands.
    pub is_unclear: bool,
    /// What need not be asked again.
    pub recent: &'a Recent,
}

/// What was done of a delivery before: by an earlier generation, or by this one if the engine forgot its
/// steps.
#[derive(Debug, Clone, Copy)]
pub struct Earlier {
    /// Messages of the answer that are in the channel.
    pub posted: usize,
    /// Whether the asker alone was to see the rest: then it stays so.
    pub is_private: bool,
}

impl<H: Ports, S: Steps> Delivery<'_, H, S> {
    /// Posts the question and the answer, and removes the deferred reply.
    ///
    /// Where no webhook serves, or its posts fail for good, the answer becomes an edit of the deferred
    /// reply and follow-ups.
    ///
    /// # Errors
    /// [`Undelivered`] when a message cannot be delivered; nothing after it was posted.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn deliver(&self, answer: &str) -> Result<Delivered, Undelivered> {
        let language = self.question().language;
        let parts = chunks::split(answer, language);
        let parts = chunks::limit(parts, self.settings.max_parts, answer, language);
        let posted = match self.route().await? {
            Route::Reply => self.settle_earlier(&parts).await?,
            Route::Webhook { channel, thread } => {
                self.post_all(channel.as_deref(), thread.as_deref(), &parts).await?
            }
        };
        let rest = parts.get(posted..).unwrap_or_default();
        let is_settled = if rest.is_empty() {
            self.leave("clear", None).await?
        } else {
            self.reply(rest, answer).await?
        };
        Ok(Delivered { parts: parts.len(), is_unsettled: !is_settled })
    }

    const fn question(&self) -> &Question {
        &self.job.question
    }

    const fn place(&self) -> &Place {
        &self.job.question.place
    }

    async fn route(&self) -> Result<Route, Stop> {
        if self.earlier.is_some_and(|earlier| earlier.is_private) {
            return Ok(Route::Reply);
        }
        let decide = async || {
            let Self { host, settings, recent, .. } = self;
            if !recent.counts(*host) {
                recent.known.take();
            }
            route::decide(*host, &settings.discord, self.place(), &recent.known).await
        };
        match self.steps.step("route", ROUTE, decide).await {
            Err(Stop::Failed(_)) => Ok(Route::Reply),
            other => other,
        }
    }

    /// Posts by a webhook and returns how many parts of the answer are there: fewer than all if one
    /// cannot be posted.
    async fn post_all(
        &self,
        channel: Option<&str>,
        thread: Option<&str>,
        parts: &[Chunk],
    ) -> Result<usize, Undelivered> {
        let asker = &self.question().asker;
        let mut name = names::acceptable_username(&asker.name);
        if name.eq_ignore_ascii_case(MIYABI) {
            // Nobody speaks as the assistant but the assistant.
            name.push_str(" (member)");
        }
        let mut question = split_message(&self.question().text, MAX_CONTENT_CHARS);
        question.retain(|part| !names::shows_nothing(part));
        for (index, content) in question.iter().enumerate() {
            let step = format!("question:{}", index + 1);
            let message = Message { content, file: None };
            let author = (name.as_str(), asker.avatar_url.as_str());
            if !self.post(&step, (channel, thread), author, message).await? {
                return self.settle_earlier(parts).await;
            }
        }
        for (index, part) in parts.iter().enumerate() {
            let step = format!("answer:{}", index + 1);
            if !self.post(&step, (channel, thread), (MIYABI, ""), part.message()).await? {
                return self.settle_all(index, parts).await;
            }
        }
        Ok(parts.len())
    }

    /// Returns how many parts were there before this generation: what was begun may have arrived.
    async fn settle_earlier(&self, parts: &[Chunk]) -> Result<usize, Undelivered> {
        match self.earlier {
            None => Ok(0),
            // What was said to the asker alone began after these; a part that has arrived since then
            // would move all that follows.
            Some(earlier) if earlier.is_private => Ok(earlier.posted),
            Some(earlier) => self.settle_all(earlier.posted, parts).await,
        }
    }

    /// Returns how many parts are there, `posted` of which are known: what was sent last may have
    /// arrived although nobody said so.
    ///
    /// # Errors
    /// [`Undelivered::Unfinished`] when nobody could tell for minutes: the answer must not be sent
    /// again on a guess.
    async fn settle_all(&self, posted: usize, parts: &[Chunk]) -> Result<usize, Undelivered> {
        for (index, part) in parts.iter().enumerate().skip(posted) {
            let (name, answer) = (format!("settle:{}", index + 1), format!("answer:{}", index + 1));
            let settle = async || {
                let hook = route::known_hook(self.host, &self.settings.discord, self.place());
                let hook = hook.await?;
                let webhook = hook.in_thread(self.place().thread());
                let once = self.once(&answer, webhook, (MIYABI, ""), part.message());
                once.is_there().await
            };
            match self.steps.step(&name, LAST_WAY, settle).await {
                Ok(true) => {}
                Ok(false) => return Ok(index),
                Err(Stop::Failed(_)) => return Err(Undelivered::Unfinished),
                Err(Stop::Aborted) => return Err(Stop::Aborted.into()),
            }
        }
        Ok(parts.len())
    }

    const fn once<'b>(
        &'b self,
        part: &'b str,
        webhook: Webhook<'b>,
        author: (&'b str, &'b str),
        message: Message<'b>,
    ) -> PostOnce<'b, H> {
        let Self { host, settings, job, recent, .. } = self;
        PostOnce { host, settings, job, recent, part, webhook, author, message }
    }

    /// Posts one message; `false` if that fails for good: the interaction's own endpoints may be
    /// well when the webhook is not.
    async fn post(
        &self,
        part: &str,
        (channel, thread): (Option<&str>, Option<&str>),
        author: (&str, &str),
        message: Message<'_>,
    ) -> Result<bool, Undelivered> {
        let work = async || {
            let mut hook = self.hook(channel).await?;
            // By one webhook, and if it turns out to be gone by another.
            for _ in 0..2 {
                let Some(current) = hook else { break };
                let once = self.once(part, current.in_thread(thread), author, message);
                match once.post().await {
                    Err(fault) if is_gone(&fault) => {
                        self.recent.age();
                        webhooks::forget(self.host, &current.id).await?;
                        hook = self.own_hook().await?;
                    }
                    posted => return posted,
                }
            }
            Err(DiscordError::Refused { operation: "execute_webhook", status: 404, code: 10_015 }
                .into())
        };
        match self.steps.step(part, POST, work).await {
            Ok(Some(_)) => Ok(true),
            Ok(None) => Err(Undelivered::Superseded),
            Err(Stop::Failed(_)) => Ok(false),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }

    /// Returns the webhook of a route: the configured one, or the application's own in `channel`.
    async fn hook(&self, channel: Option<&str>) -> Result<Option<Hook>, Fault> {
        match channel {
            None => Ok(Some(Hook::configured(&self.settings.discord))),
            Some(_) => match self.recent.hook(self.host) {
                None => self.own_hook().await,
                own => Ok(own),
            },
        }
    }

    async fn own_hook(&self) -> Result<Option<Hook>, Fault> {
        route::own_hook(self.host, &self.settings.discord, self.place()).await
    }
}

/// Whether Discord says that the webhook is gone, or that its token is.
fn is_gone(fault: &Fault) -> bool {
    let Cause::Discord(DiscordError::Refused { code, .. }) = &fault.cause else {
        return false;
    };
    matches!(code, 10_015 | 50_027)
}
