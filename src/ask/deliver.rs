//! How does an answer get to the place of its question? One step per message.
//!
//! | step | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `route` | reads the webhook's channel | reads only |
//! | `question:n`, `answer:n` | post by the webhook | the ledger's row: see `post_once` |
//! | `reply:1` | edit of the deferred reply | an edit |
//! | `reply:n` | follow-up | the ledger's row |
//! | `clear` | removes the deferred reply | gone is gone |

use core::time::Duration;

use super::ledger::{self, Entry};
use super::reply;
use crate::channels::discord::post::{self, Outcome, Posted, Webhook};
use crate::channels::discord::route::{self, Route};
use crate::channels::discord::{MAX_CONTENT_CHARS, names};
use crate::channels::{Asker, Place, Question, sentence};
use crate::config::Settings;
use crate::fault::{DiscordError, Fault, Notice};
use crate::host::{Clock, Http, Policy, Sql, Steps, Stop};
use crate::ids::JobId;
use crate::text::kaomoji::escape_kaomoji;
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

/// Pages of a busy channel that are read to find a post; beyond them nobody can tell.
const MAX_PAGES: usize = 5;

/// Why a delivery ended before its end.
#[derive(Debug)]
pub struct Undelivered {
    /// Why.
    pub stop: Stop,
    /// The part of the answer that stands in place of "thinking…", if it got that far.
    pub shown: Option<String>,
}

impl From<Stop> for Undelivered {
    fn from(stop: Stop) -> Self {
        Self { stop, shown: None }
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
    /// Question.
    pub question: &'a Question,
}

impl<H: Http + Clock + Sql, S: Steps> Delivery<'_, H, S> {
    /// Posts the question and the answer, removes the deferred reply, and returns how many messages
    /// the answer took.
    ///
    /// Where the webhook does not serve, or its posts fail for good, the answer becomes an edit of the
    /// deferred reply and follow-ups.
    ///
    /// # Errors
    /// [`Undelivered`] when a message cannot be delivered; nothing after it was posted.
    ///
    /// # Repeats
    /// See the table of this module.
    pub async fn deliver(&self, answer: &str) -> Result<usize, Undelivered> {
        let mut parts = split_message(&escape_kaomoji(answer), MAX_CONTENT_CHARS);
        parts.retain(|part| !names::shows_nothing(part));
        if parts.is_empty() {
            parts.push(sentence(Notice::TryAgain, self.question.language).to_owned());
        }
        let route = match self.steps.step("route", ROUTE, async || self.decide_route().await).await
        {
            Err(Stop::Failed(_)) => Route::Reply,
            other => other?,
        };
        if route == Route::Reply {
            self.reply(&parts).await?;
            return Ok(parts.len());
        }
        let posted = self.post_all(&route, &parts).await?;
        match parts.get(posted..) {
            None | Some([]) => self.clear().await?,
            Some(rest) => self.reply(rest).await?,
        }
        Ok(parts.len())
    }

    async fn decide_route(&self) -> Result<Route, Fault> {
        Ok(route::decide(self.host, &self.settings.discord, &self.question.place).await?)
    }

    /// Posts by the webhook and returns how many parts of the answer are there: fewer than all if
    /// one cannot be posted.
    async fn post_all(&self, route: &Route, parts: &[String]) -> Result<usize, Stop> {
        let mut name = names::acceptable_username(&self.question.asker.name);
        if name.eq_ignore_ascii_case(MIYABI) {
            // Nobody speaks as the assistant but the assistant.
            name.push_str(" (member)");
        }
        let asker = Asker { name, avatar_url: self.question.asker.avatar_url.clone() };
        let mut question = split_message(&self.question.text, MAX_CONTENT_CHARS);
        question.retain(|part| !names::shows_nothing(part));
        for (index, content) in question.iter().enumerate() {
            let name = format!("question:{}", index + 1);
            if !self.post(&name, route, &asker, content).await? {
                return Ok(0);
            }
        }
        let miyabi = Asker { name: MIYABI.to_owned(), avatar_url: String::new() };
        for (index, content) in parts.iter().enumerate() {
            let name = format!("answer:{}", index + 1);
            if !self.post(&name, route, &miyabi, content).await? {
                return Ok(index);
            }
        }
        Ok(parts.len())
    }

    /// Posts one message; `false` if that fails for good: the interaction's own endpoints may be
    /// well when the webhook is not.
    async fn post(
        &self,
        name: &str,
        route: &Route,
        author: &Asker,
        content: &str,
    ) -> Result<bool, Stop> {
        let thread = match route {
            Route::Thread(id) => Some(id.as_str()),
            Route::Channel | Route::Reply => None,
        };
        let webhook = Webhook { discord: &self.settings.discord, thread };
        let work = async || {
            let post = Post {
                job: &self.question.id,
                part: name,
                // People forgive a question that is missing more easily than one posted twice.
                rather_lost: name.starts_with("question"),
            };
            let find = async || self.find(webhook, content).await;
            let send = async || post::execute_webhook(self.host, webhook, author, content).await;
            post_once(self.host, post, find, send).await
        };
        match self.steps.step(name, POST, work).await {
            Ok(_message_id) => Ok(true),
            Err(Stop::Failed(_)) => Ok(false),
            Err(Stop::Aborted) => Err(Stop::Aborted),
        }
    }

    /// Looks for a post of ours in the channel since the question was asked.
    async fn find(&self, webhook: Webhook<'_>, content: &str) -> Result<Finding, Fault> {
        let Place::Channel { id: Some(channel), .. } = &self.question.place else {
            return Ok(Finding::Unreadable);
        };
        let discord = &self.settings.discord;
        let mut after = self.question.id.as_str().to_owned();
        for _ in 0..MAX_PAGES {
            let page = post::channel_messages(self.host, discord, channel, &after).await;
            let Some(page) = readable(page)? else {
                return Ok(Finding::Unreadable);
            };
            for message in page.iter().filter(|message| message.webhook_id == discord.webhook_id) {
                let Some(posted) = self.content(webhook, message).await? else {
                    return Ok(Finding::Unreadable);
                };
                let is_same = posted.trim() == content.trim();
                if is_same && !ledger::is_known(self.host, &message.id).await? {
                    return Ok(Finding::Found(message.id.clone()));
                }
            }
            if page.len() < post::PAGE_MESSAGES {
                return Ok(Finding::Absent);
            }
            // Newest first.
            match page.first() {
                Some(newest) => after.clone_from(&newest.id),
                None => return Ok(Finding::Absent),
            }
        }
        Ok(Finding::Unreadable)
    }

    /// Returns a message's content. Without the Message Content intent the channel's list has none,
    /// but the webhook reads its own posts; `None` if that fails too.
    async fn content(
        &self,
        webhook: Webhook<'_>,
        message: &Posted,
    ) -> Result<Option<String>, Fault> {
        if !message.content.is_empty() {
            return Ok(Some(message.content.clone()));
        }
        let own = readable(post::webhook_message(self.host, webhook, &message.id).await)?;
        Ok(own.map(|own| own.content).filter(|content| !content.is_empty()))
    }

    /// Delivers by the interaction's token: the first part in place of "thinking…", the rest after.
    async fn reply(&self, parts: &[String]) -> Result<(), Undelivered> {
        let mut shown = None;
        for (index, content) in parts.iter().enumerate() {
            let name = format!("reply:{}", index + 1);
            match self
                .steps
                .step(&name, LAST_WAY, async || self.reply_part(&name, content).await)
                .await
            {
                Ok(true) => shown = Some(content.clone()),
                Ok(false) => {}
                Err(stop) => return Err(Undelivered { stop, shown }),
            }
        }
        Ok(())
    }

    /// Delivers one part; `true` if it stands in place of "thinking…".
    async fn reply_part(&self, name: &str, content: &str) -> Result<bool, Fault> {
        if name == "reply:1" {
            let edited = reply::edit(self.host, self.settings, self.question, content);
            if edited.await? == Outcome::Done {
                return Ok(true);
            }
        }
        let interaction = reply::interaction(self.settings, self.question);
        let post = Post { job: &self.question.id, part: name, rather_lost: false };
        let find = async || Ok(Finding::Unreadable);
        let send = async || post::follow_up(self.host, interaction, content).await;
        post_once(self.host, post, find, send).await.map(|_id| false)
    }

    /// Removes the deferred reply. The answer is there: if this fails for good, the asker keeps a
    /// "thinking…" that only they see, and the job is still answered.
    async fn clear(&self) -> Result<(), Stop> {
        let work = async || Ok(reply::remove(self.host, self.settings, self.question).await?);
        match self.steps.step("clear", LAST_WAY, work).await {
            Err(Stop::Failed(_)) => Ok(()),
            other => other,
        }
    }
}

/// A message that cannot be repeated safely.
struct Post<'a> {
    job: &'a JobId,
    part: &'a str,
    /// Whether, if nobody can tell, it is better lost than doubled.
    rather_lost: bool,
}

/// What a look at the channel says about a post.
enum Finding {
    Found(String),
    Absent,
    Unreadable,
}

/// What Discord refuses to show is unreadable; a look that only failed is worth another.
fn readable<T>(look: Result<T, DiscordError>) -> Result<Option<T>, Fault> {
    match look {
        Ok(seen) => Ok(Some(seen)),
        Err(DiscordError::Refused { status: ..500, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Sends a message at most once where the channel can be read, and returns its id.
///
/// The ledger's row is written before the post. When a later attempt finds it without an outcome,
/// it looks at the channel first. Where that cannot be read, a message that may be lost rather than
/// doubled (`rather_lost`) is not sent again unless Discord said 5xx, and any other is.
async fn post_once(
    host: &impl Sql,
    post: Post<'_>,
    find: impl AsyncFn() -> Result<Finding, Fault>,
    send: impl AsyncFn() -> Result<String, DiscordError>,
) -> Result<String, Fault> {
    let Post { job, part, rather_lost } = post;
    let entry = ledger::begin(host, job, part).await?;
    match &entry {
        Entry::Fresh => {}
        Entry::Sent(id) => return Ok(id.clone()),
        Entry::Unknown | Entry::Failed => match find().await? {
            Finding::Found(id) => {
                ledger::sent(host, job, part, &id).await?;
                return Ok(id);
            }
            Finding::Unreadable if rather_lost && entry == Entry::Unknown => {
                return Ok(String::new());
            }
            Finding::Absent | Finding::Unreadable => {}
        },
    }
    match send().await {
        Ok(id) => {
            // The post is there: an error here must not repeat it. The step's result remembers it
            // too, and without either the next attempt looks at the channel.
            drop(ledger::sent(host, job, part, &id).await);
            Ok(id)
        }
        Err(error) => {
            let noted = match &error {
                DiscordError::NoResponse { .. } => Ok(()),
                DiscordError::Refused { status: 500.., .. } => {
                    ledger::failed(host, job, part).await
                }
                DiscordError::Refused { .. }
                | DiscordError::Limited { .. }
                | DiscordError::Expired => ledger::refused(host, job, part).await,
            };
            // Without the note the next attempt looks at the channel: slower, and as safe.
            drop(noted);
            Err(error.into())
        }
    }
}
