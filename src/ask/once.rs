//! How is a message sent at most once, though the program may die at any await and Discord has no
//! idempotency keys for webhooks?
//!
//! 1. The ledger's row is written before the post.
//! 2. A refusal takes it back; a success completes it with the message's id.
//! 3. An attempt that finds the row without an outcome looks at the channel first.
//! 4. Where nobody can look, a message that is better lost than doubled is not sent again, unless
//!    Discord said 5xx; any other is.

use core::time::Duration;

use super::ledger::{self, Attempt, Begun, Entry};
use super::{Job, jobs};
use crate::channels::Place;
use crate::channels::discord::post::{self, Message, Posted, Webhook};
use crate::channels::discord::{Ports, created, snowflake_at};
use crate::config::Settings;
use crate::fault::{DiscordError, Fault, Retry};
use crate::ids::JobId;

/// Pages of a busy channel that are read to find a post; beyond them nobody can tell.
const MAX_PAGES: usize = 5;

/// Age from which a message that no row claims is taken for ours: whoever else has just sent the same
/// has written its id by then.
const GRACE_MS: u64 = 20_000;

/// Longest wait for a breaker within one attempt: with the call's own it stays well below the step's
/// timeout. The step's attempts together outlast almost five minutes.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(55);

/// Jobs that waited for the same breaker go on within this time, not all at once.
const SPREAD_MS: u64 = 2_000;

/// A message that a webhook posts.
#[derive(Debug)]
pub struct Once<'a, H> {
    /// Ports.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
    /// Job.
    pub job: &'a Job,
    /// Name of the step that posts.
    pub part: &'a str,
    /// Webhook.
    pub webhook: Webhook<'a>,
    /// Name and picture.
    pub author: (&'a str, &'a str),
    /// What it says.
    pub message: Message<'a>,
}

/// What a look at the channel says about a post.
enum Finding {
    Found(String),
    Absent,
    Unreadable,
}

impl<H: Ports> Once<'_, H> {
    /// Posts the message, unless it is there, and returns its id: blank if it is not known, `None` if
    /// the job has ended or has a later life.
    ///
    /// # Errors
    /// A store or Discord fault. That the webhook is gone is [`DiscordError::Refused`] with code
    /// 10015 or 50027.
    ///
    /// # Repeats
    /// See this module.
    pub async fn post(&self) -> Result<Option<String>, Fault> {
        let attempt = self.attempt();
        let Begun { entry, number, wait, is_gone } =
            ledger::begin(self.host, attempt, self.webhook.id).await?;
        match &entry {
            Entry::Superseded => return Ok(None),
            Entry::Sent(id) => return Ok(Some(id.clone())),
            Entry::Fresh => {}
            Entry::Unknown | Entry::Failed => match self.find().await? {
                Finding::Found(id) => return Ok(Some(id)),
                // People forgive a question that is missing more easily than one posted twice.
                Finding::Unreadable
                    if entry == Entry::Unknown && self.part.starts_with("question") =>
                {
                    return Ok(Some(String::new()));
                }
                Finding::Absent | Finding::Unreadable => {}
            },
        }
        let sent = if is_gone {
            Err(gone())
        } else if self.is_held_up(wait).await? {
            return Ok(None);
        } else if wait > LONGEST_PAUSE {
            Err(DiscordError::Limited { operation: "execute_webhook" })
        } else {
            post::execute_webhook(self.host, self.webhook, self.author, self.message).await
        };
        let is_limited = matches!(sent, Err(DiscordError::Limited { .. }));
        let settled = settle(self.host, attempt, number, sent).await.map(Some);
        // A limit is over some time, and the breaker says when.
        settled.map_err(
            |fault| if is_limited { Fault { retry: Retry::Backoff, ..fault } } else { fault },
        )
    }

    /// Waits for a breaker, and returns whether somebody else has the job by then.
    async fn is_held_up(&self, wait: Duration) -> Result<bool, Fault> {
        if wait.is_zero() {
            return Ok(false);
        }
        pause(self.host, self.job.id(), wait.min(LONGEST_PAUSE)).await;
        jobs::is_current(self.host, self.job).await.map(|is_current| !is_current)
    }

    /// Returns whether the message is there, without sending it: before the answer takes another way.
    /// Where nobody can look it is taken for missing: an answer is rather doubled than lost.
    ///
    /// # Errors
    /// A store fault, or a Discord fault that may pass.
    ///
    /// # Repeats
    /// Reads, and writes down what it finds.
    pub async fn is_there(&self) -> Result<bool, Fault> {
        match ledger::look_up(self.host, self.job.id(), self.part).await? {
            Entry::Sent(_) => Ok(true),
            Entry::Fresh | Entry::Superseded => Ok(false),
            Entry::Unknown | Entry::Failed => Ok(matches!(self.find().await?, Finding::Found(_))),
        }
    }

    fn attempt(&self) -> Attempt<'_> {
        Attempt { job: self.job.id(), life: self.job.life, part: self.part }
    }

    /// Looks for a post of ours in the channel since the question was asked, and writes down that it
    /// is this one. If another post took the one that we saw, ours may be there by now.
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
        let Place::Channel { id: Some(channel), rights, .. } = &question.place else {
            return Ok(Finding::Unreadable);
        };
        if !rights.reads {
            return Ok(Finding::Unreadable);
        }
        let discord = &self.settings.discord;
        let mut after = snowflake_at(question.asked).to_string();
        for _ in 0..MAX_PAGES {
            let page = post::channel_messages(self.host, discord, channel, &after).await;
            let Some(page) = readable(page)? else {
                return Ok(Finding::Unreadable);
            };
            // Oldest first: of several that are the same, each asker takes what nobody younger can.
            for message in page.iter().rev().filter(|message| !message.webhook_id.is_empty()) {
                let Some(posted) = self.content(message).await? else {
                    return Ok(Finding::Unreadable);
                };
                if posted.trim() != self.message.content.trim() {
                    continue;
                }
                if self.claim(message).await? {
                    return Ok(Finding::Found(message.id.clone()));
                }
                *was_taken = true;
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
    /// but the webhook reads its own posts; `None` if that fails too. A stranger's webhook's message
    /// says nothing here.
    async fn content(&self, message: &Posted) -> Result<Option<String>, Fault> {
        if !message.content.is_empty() || message.webhook_id != self.webhook.id {
            return Ok(Some(message.content.clone()));
        }
        let own = readable(post::webhook_message(self.host, self.webhook, &message.id).await)?;
        Ok(own.map(|own| own.content).filter(|content| !content.is_empty()))
    }

    async fn claim(&self, message: &Posted) -> Result<bool, Fault> {
        let posted = created(&message.id).unwrap_or_default();
        let age_ms = self.host.now().0.saturating_sub(posted.0);
        if age_ms < GRACE_MS {
            self.host.sleep(Duration::from_millis(GRACE_MS - age_ms)).await;
        }
        let configured = &self.settings.discord.webhook_id;
        let webhooks = (message.webhook_id.as_str(), configured.as_str());
        ledger::claim(self.host, self.attempt(), &message.id, webhooks).await
    }
}

/// Waits for a breaker, each job a little longer than another.
pub async fn pause(host: &impl Ports, job: &JobId, wait: Duration) {
    if wait.is_zero() {
        return;
    }
    let digits = job.as_str().bytes().map(u64::from);
    let spread_ms = digits.fold(7, |sum: u64, byte| (sum * 31 + byte) % SPREAD_MS);
    host.sleep(wait + Duration::from_millis(spread_ms)).await;
}

/// Writes down how the ledger's attempt of this number ended, and returns the message's id.
///
/// # Errors
/// The post's.
pub async fn settle(
    host: &impl Ports,
    attempt: Attempt<'_>,
    number: u64,
    sent: Result<String, DiscordError>,
) -> Result<String, Fault> {
    match sent {
        Ok(id) => {
            // The post is there: an error here must not repeat it. The step's result remembers it
            // too, and without either the next attempt looks at the channel.
            drop(ledger::sent(host, attempt, &id).await);
            Ok(id)
        }
        Err(error) => {
            let noted = match &error {
                DiscordError::NoResponse { .. } => Ok(()),
                DiscordError::Refused { status: 500.., .. } => {
                    ledger::failed(host, attempt, number).await
                }
                DiscordError::Refused { .. }
                | DiscordError::Limited { .. }
                | DiscordError::Expired => ledger::refused(host, attempt, number).await,
            };
            // Without the note the next attempt looks at the channel: slower, and as safe.
            drop(noted);
            Err(error.into())
        }
    }
}

/// What a call to a webhook that is known to be gone would say.
fn gone() -> DiscordError {
    DiscordError::Refused { operation: "execute_webhook", status: 404, code: 10_015 }
}

/// What Discord refuses to show is unreadable; a look that only failed is worth another.
fn readable<T>(look: Result<T, DiscordError>) -> Result<Option<T>, Fault> {
    match look {
        Ok(seen) => Ok(Some(seen)),
        Err(DiscordError::Refused { status: ..500, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
