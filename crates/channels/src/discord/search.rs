//! The search for a message whose post had an unknown outcome, in the channel where it may stand.

use super::post::{self, Posted};
use super::transport::Discord;
use super::webhooks::{self, Hook};
use super::{Ports, created, snowflake_at};
use miyabi_core::fault::Fault;
use miyabi_core::question::{Place, Question};
use miyabi_core::transport::{Candidate, Message, Search, SendError};

/// Pages of a busy channel that are read to find a post.
const MAX_PAGES: usize = 5;

impl<H: Ports> Discord<H> {
    /// Looks for messages of ours that have the content of a message, in the place of a question since it
    /// was asked: see [`Transport::find`](miyabi_core::transport::Transport::find).
    ///
    /// # Errors
    /// What may pass.
    ///
    /// # Repeats
    /// Reads only.
    pub(super) async fn search(
        &self,
        question: &Question,
        message: &Message<'_>,
    ) -> Result<Search, Fault> {
        let Place::Channel { id: Some(channel), rights, .. } = &question.place else {
            return Ok(Search::default());
        };
        if !rights.reads {
            return Ok(Search::default());
        }
        let hooks = self.hooks(&question.place).await?;
        let mut after = snowflake_at(question.asked).to_string();
        let (mut found, mut is_complete) = (Vec::new(), false);
        for _ in 0..MAX_PAGES {
            let page = post::channel_messages(&self.host, &self.settings, channel, &after).await;
            let Some(page) = readable(page)? else { break };
            let wanted = (&question.place, message.content.trim());
            if !self.add_matches(&page, wanted, &hooks, &mut found).await? {
                break;
            }
            // Newest first.
            match page.first() {
                Some(newest) if page.len() == post::PAGE_MESSAGES => after.clone_from(&newest.id),
                _ => {
                    is_complete = true;
                    break;
                }
            }
        }
        Ok(Search { candidates: self.ours(found).await?, is_complete })
    }

    /// Returns the webhooks that may have posted in a place.
    async fn hooks(&self, place: &Place) -> Result<Vec<Hook>, Fault> {
        let home = place.home().unwrap_or_default();
        let known = webhooks::known(&self.host, &self.settings, home).await?;
        Ok(known.own.into_iter().chain([Hook::configured(&self.settings)]).collect())
    }

    /// Returns a message's content. Without the Message Content intent the channel's list has none, but a
    /// webhook reads its own posts; `None` if that fails too. A message of a webhook that is not ours
    /// has nothing to compare.
    async fn content_of(
        &self,
        message: &Posted,
        place: &Place,
        hooks: &[Hook],
    ) -> Result<Option<String>, Fault> {
        let hook = hooks.iter().find(|hook| hook.id == message.webhook_id);
        let (true, Some(hook)) = (message.content.is_empty(), hook) else {
            return Ok(Some(message.content.clone()));
        };
        let webhook = hook.in_thread(place.thread());
        let own = readable(post::webhook_message(&self.host, webhook, &message.id).await)?;
        Ok(own.map(|own| own.content).filter(|content| !content.is_empty()))
    }

    /// Adds those of a page that have the content looked for; `false` if one could not be read.
    async fn add_matches(
        &self,
        page: &[Posted],
        (place, wanted): (&Place, &str),
        hooks: &[Hook],
        found: &mut Vec<Posted>,
    ) -> Result<bool, Fault> {
        // Oldest first: of several that are the same, each asker takes what nobody younger can.
        for message in page.iter().rev().filter(|message| !message.webhook_id.is_empty()) {
            match self.content_of(message, place, hooks).await? {
                None => return Ok(false),
                Some(posted) if posted.trim() == wanted => found.push(message.clone()),
                Some(_) => {}
            }
        }
        Ok(true)
    }

    /// Returns those that webhooks of ours posted.
    async fn ours(&self, found: Vec<Posted>) -> Result<Vec<Candidate>, Fault> {
        let configured = &self.settings.webhook_id;
        let others: Vec<&str> = found
            .iter()
            .map(|message| message.webhook_id.as_str())
            .filter(|id| id != configured)
            .collect();
        let own = if others.is_empty() {
            Vec::new()
        } else {
            webhooks::ours(&self.host, &others).await?
        };
        let is_ours = |message: &Posted| {
            message.webhook_id == *configured || own.contains(&message.webhook_id)
        };
        let ours = found.into_iter().filter(is_ours);
        Ok(ours
            .map(|message| Candidate {
                posted: created(&message.id).unwrap_or_default(),
                id: message.id,
            })
            .collect())
    }
}

/// What Discord refuses to show is unreadable; a look that only failed is worth another.
fn readable<T>(look: Result<T, SendError>) -> Result<Option<T>, Fault> {
    match look {
        Ok(seen) => Ok(Some(seen)),
        Err(SendError::Refused { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
