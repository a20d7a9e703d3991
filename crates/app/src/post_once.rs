//! How is a message sent at most once, though the program may die at any await and Discord has no
//! idempotency keys for webhooks?
//!
//! 1. The ledger's row is written before the post; the first ones with the answer that is kept, for the
//!    run that keeps it: [`super::recent`].
//! 2. A refusal takes it back; a success completes it with the message's id.
//! 3. An attempt that finds the row without an outcome looks at the channel first, and then sends it if
//!    nobody else has begun to look meanwhile.
//! 4. Where nobody can look, a message that is better lost than doubled is not sent again, unless
//!    Discord said 5xx; any other is.
//! 5. Who has waited begins anew: meanwhile another run may have sent it.

use core::time::Duration;

use super::Job;
use super::ledger::{self, Attempt, Begun, Entry};
use super::recent::{QUESTION, Recent};
use miyabi_channels::discord::post;
use miyabi_channels::discord::post::{Message, POST_PATIENCE, Patience, Posted, Webhook};
use miyabi_channels::discord::{Ports, created, snowflake_at};
use miyabi_core::config::Settings;
use miyabi_core::fault::{DiscordError, Fault, Retry};
use miyabi_core::ids::JobId;
use miyabi_core::question::Place;

/// Pages of a busy channel that are read to find a post; beyond them nobody can tell.
const MAX_PAGES: usize = 5;

/// Age from which a message that no row claims is taken for ours: whoever else has just sent the same
/// has written its id by then.
const GRACE_MS: u64 = 20_000;

/// Wait for another run that began the same post later: it sends it.
const TURN: Duration = Duration::from_secs(3);

/// Jobs that waited for the same breaker go on within this time, not all at once.
const SPREAD_MS: u64 = 2_000;

/// A message that a webhook posts.
#[derive(Debug)]
pub struct PostOnce<'a, H> {
    /// Ports.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
    /// Job.
    pub job: &'a Job,
    /// What need not be asked again.
    pub recent: &'a Recent,
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

impl<H: Ports> PostOnce<'_, H> {
    /// Posts the message, unless it is there, and returns its id: blank if it is not known, `None` if
    /// the job has ended or has a later generation.
    ///
    /// # Errors
    /// A store or Discord fault. That the webhook is gone is [`DiscordError::Refused`] with code
    /// 10015 or 50027.
    ///
    /// # Repeats
    /// See this module.
    pub async fn post(&self) -> Result<Option<String>, Fault> {
        let mut patience = Patience::new(POST_PATIENCE);
        // What was begun with the answer is sent at most once without a look: by whoever takes it.
        let is_begun = self.recent.take(self.part);
        let mut is_told = is_begun && self.recent.counts(self.host);
        // What this run has begun itself, and certainly not sent.
        let (wait, is_gone) = (Duration::ZERO, false);
        let mut begun = Begun { entry: Entry::Fresh, number: is_begun.into(), wait, is_gone };
        loop {
            if !is_told {
                self.say(None).await;
                let next = ledger::begin(self.host, self.attempt(), self.webhook.id).await?;
                // If nobody else has begun it since, what was known before that is known still.
                let is_known = next.number == begun.number + 1;
                begun = if is_known { Begun { entry: begun.entry, ..next } } else { next };
            }
            match &begun.entry {
                Entry::Superseded => return Ok(None),
                Entry::Sent(id) => return Ok(Some(id.clone())),
                Entry::Fresh => {}
                entry @ (Entry::Unknown | Entry::Failed) => match self.find().await? {
                    Finding::Found(id) => return Ok(Some(id)),
                    // People forgive a question that is missing more easily than one posted twice.
                    Finding::Unreadable
                        if *entry == Entry::Unknown && self.part.starts_with("question") =>
                    {
                        return Ok(Some(String::new()));
                    }
                    Finding::Absent | Finding::Unreadable => {
                        // Of two that looked at the same time one may send it.
                        if !ledger::is_last(self.host, self.attempt(), begun.number).await? {
                            self.host.sleep(TURN).await;
                            is_told = false;
                            continue;
                        }
                    }
                },
            }
            let sent = self.send(&begun, &mut patience).await;
            let id = sent.as_deref().ok();
            if !id.is_some_and(|id| self.recent.defers(self.host, self.part, id)) {
                self.say(id).await;
            }
            match (sent, patience.due.take()) {
                (Ok(id), _) => return Ok(Some(id)),
                // Meanwhile another run may post it, or another generation.
                (Err(_), Some(wait)) => self.host.sleep(wait).await,
                (Err(error), None) => {
                    return Err(note(self.host, self.attempt(), begun.number, error).await);
                }
            }
            is_told = false;
        }
    }

    async fn send(&self, begun: &Begun, patience: &mut Patience) -> Result<String, DiscordError> {
        if begun.is_gone {
            return Err(gone());
        }
        check_breaker(begun, self.job.id(), patience)?;
        let Self { host, webhook, author, message, .. } = *self;
        post::execute_webhook(host, patience, webhook, author, message).await
    }

    /// Writes down that the message is there, if it has an id, and the question's, if that is not written
    /// yet. An error here must not repeat them: their steps' results remember them too, and without
    /// either the next attempt looks at the channel.
    async fn say(&self, id: Option<&str>) {
        let asked = self.host.now();
        let unsaid = self.recent.unsaid.take();
        let unsaid = unsaid.as_deref().map(|id| (QUESTION, id));
        let (Some((part, id)), another) = (match id {
            Some(id) => (Some((self.part, id)), unsaid),
            None => (unsaid, None),
        }) else {
            return;
        };
        let attempt = Attempt { part, ..self.attempt() };
        let another = another.unwrap_or(ledger::NO_OTHER);
        if ledger::sent(self.host, attempt, id, another).await == Ok(true) {
            self.recent.ours(asked);
        }
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
        Attempt { job: self.job.id(), generation: self.job.generation, part: self.part }
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

/// Fails if a breaker holds a post up, and takes what that is worth waiting for from patience: each job a
/// little longer than another.
///
/// # Errors
/// [`DiscordError::Limited`].
pub fn check_breaker(
    begun: &Begun,
    job: &JobId,
    patience: &mut Patience,
) -> Result<(), DiscordError> {
    if begun.wait.is_zero() {
        return Ok(());
    }
    let digits = job.as_str().bytes().map(u64::from);
    let spread_ms = digits.fold(7, |sum: u64, byte| (sum * 31 + byte) % SPREAD_MS);
    patience.take_some(begun.wait.saturating_add(Duration::from_millis(spread_ms)));
    Err(DiscordError::Limited { operation: "execute_webhook" })
}

/// Writes down how the ledger's attempt of this number failed, and returns the post's error.
pub async fn note(
    host: &impl Ports,
    attempt: Attempt<'_>,
    number: u64,
    error: DiscordError,
) -> Fault {
    let is_silent = matches!(error, DiscordError::NoResponse { .. });
    let is_refused = !matches!(error, DiscordError::Refused { status: 500.., .. });
    // A limit is over some time, and the breaker says when.
    let is_limited = matches!(error, DiscordError::Limited { .. });
    if !is_silent {
        // Without the note the next attempt looks at the channel: slower, and as safe.
        drop(ledger::failed(host, attempt, number, is_refused).await);
    }
    let mut fault = Fault::from(error);
    if is_limited {
        fault.retry = Retry::Backoff;
    }
    fault
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
