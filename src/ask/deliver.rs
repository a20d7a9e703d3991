//! How does an answer get to the place of its question? One step per message.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `route` | reads where webhooks post, or makes one | one job at a time makes one: `webhooks` |
//! | `question:n`, `answer:n` | post by a webhook | the ledger's row: [`super::once`] |
//! | `settle:n` | looks whether the part is there, before another way is taken | reads only |
//! | `reply:1` | edit of the deferred reply | an edit |
//! | `reply:n` | follow-up | after silence it is not sent again: the first reply is edited |
//! | `confirm` | repeats an edit, a minute after one that may be under way | an edit |
//! | `clear` | removes the deferred reply | gone is gone |

use core::time::Duration;

use serde_json::Value;

use super::ledger::{self, Attempt, Entry};
use super::once::{self, Once};
use super::parts::{self, Part};
use super::{Job, Ours, jobs, reply};
use crate::channels::discord::post::{self, Message, Outcome, Webhook};
use crate::channels::discord::route::{self, Route};
use crate::channels::discord::webhooks::{self, Hook};
use crate::channels::discord::{MAX_CONTENT_CHARS, Ports, names};
use crate::channels::{Place, Question};
use crate::config::Settings;
use crate::fault::{Cause, DiscordError, Fault, Notice};
use crate::host::{Policy, Steps, Stop, Stored};
use crate::text::split::split_message;

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

/// What the ledger has for the message that stands in place of "thinking…".
const ORIGINAL: &str = "@original";

/// Why a delivery ended before its end.
#[derive(Debug)]
pub enum Undelivered {
    /// A message could not be delivered, or the engine ends this life.
    Stopped {
        /// Why.
        stop: Stop,
        /// The part of the answer that stands in place of "thinking…", if it got that far.
        shown: Option<String>,
    },
    /// The job has ended or has a later life: there is nothing to do.
    Superseded,
    /// Something that may pass lasted too long: the job's next life goes on.
    Unfinished,
}

/// What was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Messages of the answer.
    pub parts: usize,
    /// Whether "thinking…" may still stand there, for a reason that may pass.
    pub is_thinking: bool,
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
}

/// What was done of a delivery before: by an earlier life, or by this one if the engine forgot its
/// steps.
#[derive(Debug, Clone, Copy)]
pub struct Earlier {
    /// Messages of the answer that are in the channel.
    pub posted: usize,
    /// Whether the asker alone was to see the rest: then it stays so.
    pub is_private: bool,
}

/// What became of a part of a private answer. The result of a step: a stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// It stands in place of "thinking…".
    InPlace,
    /// It is a follow-up.
    Below,
    /// Follow-ups do not serve: the whole answer is a file in place of "thinking…".
    AsFile,
    /// It is not sent: the job has ended or has a later life.
    Superseded,
}

impl Stored for Shown {
    fn to_json(&self) -> Value {
        match self {
            Self::InPlace => true.into(),
            Self::Below => false.into(),
            Self::AsFile => "file".into(),
            Self::Superseded => Value::Null,
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(true) => Some(Self::InPlace),
            Value::Bool(false) => Some(Self::Below),
            Value::String(_) => Some(Self::AsFile),
            Value::Null => Some(Self::Superseded),
            Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
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
        let parts = parts::split(answer, language);
        let parts = parts::limit(parts, self.settings.max_parts, answer, language);
        let posted = match self.route().await? {
            Route::Reply => self.settle_earlier(&parts).await?,
            Route::Webhook { channel, thread } => {
                self.post_all(channel.as_deref(), thread.as_deref(), &parts).await?
            }
        };
        let rest = parts.get(posted..).unwrap_or_default();
        let is_thinking = if rest.is_empty() {
            !self.clear().await?
        } else {
            self.reply(rest, answer).await?;
            false
        };
        Ok(Delivered { parts: parts.len(), is_thinking })
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
        let decide =
            async || route::decide(self.host, &self.settings.discord, &self.question().place).await;
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
        parts: &[Part],
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

    /// Returns how many parts were there before this life: what was begun may have arrived.
    async fn settle_earlier(&self, parts: &[Part]) -> Result<usize, Undelivered> {
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
    async fn settle_all(&self, posted: usize, parts: &[Part]) -> Result<usize, Undelivered> {
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
    ) -> Once<'b, H> {
        let Self { host, settings, job, .. } = self;
        Once { host, settings, job, part, webhook, author, message }
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
            Ok(Some(_message_id)) => Ok(true),
            Ok(None) => Err(Undelivered::Superseded),
            Err(Stop::Failed(_)) => Ok(false),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }

    /// Returns the webhook of a route: the configured one, or the application's own in `channel`.
    async fn hook(&self, channel: Option<&str>) -> Result<Option<Hook>, Fault> {
        match channel {
            None => Ok(Some(Hook::configured(&self.settings.discord))),
            Some(_) => self.own_hook().await,
        }
    }

    async fn own_hook(&self) -> Result<Option<Hook>, Fault> {
        route::own_hook(self.host, &self.settings.discord, self.place()).await
    }

    /// Delivers by the interaction's token: the first part in place of "thinking…", the rest after.
    async fn reply(&self, rest: &[Part], answer: &str) -> Result<(), Undelivered> {
        let language = self.question().language;
        let parts = parts::limit(rest.to_vec(), parts::MAX_PRIVATE, answer, language);
        let mut shown: Option<&str> = None;
        for (index, part) in parts.iter().enumerate() {
            let name = format!("reply:{}", index + 1);
            let whole = Message { content: shown.unwrap_or(&part.content), file: Some(answer) };
            let work = async || self.reply_part(&name, part.message(), whole).await;
            match self.steps.step(&name, LAST_WAY, work).await {
                Ok(Shown::InPlace) => shown = Some(&part.content),
                Ok(Shown::Below) => {}
                Ok(Shown::AsFile) => return self.confirm(whole).await,
                Ok(Shown::Superseded) => return Err(Undelivered::Superseded),
                Err(stop) => {
                    return Err(Undelivered::Stopped { stop, shown: shown.map(ToOwned::to_owned) });
                }
            }
        }
        match parts.first() {
            Some(first) if self.is_unclear && shown.is_some() => {
                self.confirm(first.message()).await
            }
            _ => Ok(()),
        }
    }

    /// Delivers one part. `whole` is what stands in place of "thinking…" with all of the answer: an
    /// edit, so it serves where a follow-up must not be repeated or is one too many.
    async fn reply_part(
        &self,
        name: &str,
        message: Message<'_>,
        whole: Message<'_>,
    ) -> Result<Shown, Fault> {
        let attempt = Attempt { job: self.job.id(), life: self.job.life, part: name };
        let begun = ledger::begin(self.host, attempt, "").await?;
        let is_first = name == "reply:1";
        match &begun.entry {
            Entry::Superseded => return Ok(Shown::Superseded),
            Entry::Sent(id) if id == ORIGINAL && is_first => {
                // An earlier run may have put an apology over it since, or a file into it.
                self.edit(attempt, whole).await?;
                return Ok(Shown::InPlace);
            }
            Entry::Sent(id) if id == ORIGINAL => return Ok(Shown::AsFile),
            Entry::Sent(_) => return Ok(Shown::Below),
            Entry::Fresh | Entry::Unknown | Entry::Failed => {}
        }
        once::pause(self.host, self.job.id(), begun.wait.min(once::LONGEST_PAUSE)).await;
        if is_first && self.edit(attempt, message).await? {
            return Ok(Shown::InPlace);
        }
        if !is_first && begun.entry != Entry::Fresh && self.edit(attempt, whole).await? {
            return Ok(Shown::AsFile);
        }
        let interaction = reply::interaction(self.settings, self.question());
        match post::follow_up(self.host, interaction, message).await {
            // One too many.
            Err(DiscordError::Refused { code: 40_094, .. })
                if self.edit(attempt, whole).await? =>
            {
                Ok(Shown::AsFile)
            }
            sent => {
                once::settle(self.host, attempt, begun.number, sent).await.map(|_id| Shown::Below)
            }
        }
    }

    /// Repeats the last edit: an earlier one that got no response may still be under way, and the last to
    /// arrive is the one that stays.
    async fn confirm(&self, message: Message<'_>) -> Result<(), Undelivered> {
        self.steps.sleep("confirm-wait", UNDER_WAY).await?;
        let work = async || {
            // Without a database nobody can say whose it is; then rather edit twice than not at all.
            if !jobs::is_current(self.host, self.job).await.unwrap_or(true) {
                return Ok(Ours(false));
            }
            reply::edit(self.host, self.settings, self.question(), message).await?;
            Ok(Ours(true))
        };
        match self.steps.step("confirm", LAST_WAY, work).await {
            Ok(Ours(false)) => Err(Undelivered::Superseded),
            // It was there a minute ago.
            Ok(Ours(true)) | Err(Stop::Failed(_)) => Ok(()),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }

    /// Edits the deferred reply; `false` if there is none.
    async fn edit(&self, attempt: Attempt<'_>, message: Message<'_>) -> Result<bool, Fault> {
        let edited = reply::edit(self.host, self.settings, self.question(), message).await?;
        if edited == Outcome::Done {
            drop(ledger::sent(self.host, attempt, ORIGINAL).await);
        }
        Ok(edited == Outcome::Done)
    }

    /// Removes the deferred reply; `false` if that failed for a reason that may pass. One that Discord
    /// refuses to remove stays, a "thinking…" that only the asker sees beside the answer.
    async fn clear(&self) -> Result<bool, Undelivered> {
        let work = async || {
            if !jobs::is_current(self.host, self.job).await? {
                return Ok(Ours(false));
            }
            reply::remove(self.host, self.settings, self.question()).await?;
            Ok(Ours(true))
        };
        match self.steps.step("clear", LAST_WAY, work).await {
            Ok(Ours(false)) => Err(Undelivered::Superseded),
            Ok(Ours(true)) => Ok(true),
            Err(Stop::Failed(fault)) => Ok(fault.notice == Notice::Blocked),
            Err(Stop::Aborted) => Err(Stop::Aborted.into()),
        }
    }
}

/// Whether Discord says that the webhook is gone, or that its token is.
fn is_gone(fault: &Fault) -> bool {
    let Cause::Discord(DiscordError::Refused { code, .. }) = &fault.cause else {
        return false;
    };
    matches!(code, 10_015 | 50_027)
}
