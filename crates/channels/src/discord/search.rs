//! The search for a message whose post had an unknown outcome, in the channel where it may stand.
//!
//! A message is known by what cannot change: a webhook of ours, the time since the question, the name that
//! marks its author, and what Discord keeps of its text. Of several, the ledger gives each chunk the oldest
//! that no other has.

use super::kept::kept;
use super::names::{self, ASSISTANT, FALLBACK_NAME};
use super::place::Place;
use super::post::{self, Posted};
use super::transport::Discord;
use super::webhooks::{self, Hook};
use super::{Ports, created, snowflake_at};
use miyabi_core::fault::Fault;
use miyabi_core::question::Question;
use miyabi_core::transport::{Author, Candidate, Message, Search, SendError};

/// Pages of a busy channel that are read to find a post.
const MAX_PAGES: usize = 5;

/// What is looked for.
struct Wanted<'a> {
    question: &'a Question,
    place: &'a Place,
    author: Author,
    /// What Discord keeps of the text.
    kept: String,
    /// Webhooks that may have posted it.
    hooks: Vec<Hook>,
}

impl Wanted<'_> {
    /// Says whether a webhook posted a message, and under a name that its author may have.
    fn may_be_by(&self, message: &Posted) -> bool {
        let name = message.author.as_str();
        let is_author = match self.author {
            Author::Assistant => [ASSISTANT, FALLBACK_NAME].contains(&name),
            Author::Asker => names::is_of(name, &self.question.asker),
        };
        !message.webhook_id.is_empty() && (is_author || name.is_empty())
    }
}

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
        let place = Place::of(question);
        let Place::Channel { id: Some(channel), rights, .. } = &place else {
            return Ok(Search::default());
        };
        if !rights.reads {
            return Ok(Search::default());
        }
        let hooks = self.hooks(&place).await?;
        let wanted = Wanted {
            question,
            place: &place,
            author: message.author,
            kept: kept(message.content),
            hooks,
        };
        let mut after = snowflake_at(question.asked).to_string();
        let (mut found, mut is_complete) = (Vec::new(), false);
        for _ in 0..MAX_PAGES {
            let page = post::channel_messages(&self.host, &self.settings, channel, &after).await;
            let Some(page) = readable(page)? else { break };
            if !self.add_matches(&page, &wanted, &mut found).await? {
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

    /// Returns the webhooks that may have posted in a place, as far as their posts can be read by them.
    pub(super) async fn hooks(&self, place: &Place) -> Result<Vec<Hook>, Fault> {
        let (Place::Channel { rights, .. }, Some(home)) = (place, place.home()) else {
            return Ok(Vec::new());
        };
        let known = webhooks::known(&self.host, &self.settings, home).await?;
        let own = match known.own {
            Some(id) if rights.manages_webhooks => {
                let listed = self.listed(&id);
                if listed.is_some() {
                    listed
                } else {
                    let list = webhooks::listed(&self.host, &self.settings, home, &id).await;
                    let listed = readable(list)?.flatten();
                    let noted = listed.clone().map(|hook| (hook.id.clone(), hook));
                    self.hooks.borrow_mut().extend(noted);
                    listed
                }
            }
            Some(_) | None => None,
        };
        Ok(own.into_iter().chain([Hook::configured(&self.settings)]).collect())
    }

    /// Returns a message's content. Without the Message Content intent the channel's list has none, but a
    /// webhook reads its own posts; `None` if that fails too. A message of a webhook that is not ours
    /// has nothing to compare.
    async fn content_of(
        &self,
        message: &Posted,
        wanted: &Wanted<'_>,
    ) -> Result<Option<String>, Fault> {
        let hook = wanted.hooks.iter().find(|hook| hook.id == message.webhook_id);
        let (true, Some(hook)) = (message.content.is_empty(), hook) else {
            return Ok(Some(message.content.clone()));
        };
        let webhook = hook.in_thread(wanted.place.thread());
        let own = readable(post::webhook_message(&self.host, webhook, &message.id).await)?;
        Ok(own.map(|own| own.content).filter(|content| !content.is_empty()))
    }

    /// Adds those of a page that are what is looked for; `false` if one could not be read.
    async fn add_matches(
        &self,
        page: &[Posted],
        wanted: &Wanted<'_>,
        found: &mut Vec<Posted>,
    ) -> Result<bool, Fault> {
        // Oldest first: of several that are the same, each asker takes what nobody younger can.
        let by_author = page.iter().rev().filter(|message| wanted.may_be_by(message));
        for message in by_author {
            match self.content_of(message, wanted).await? {
                None => return Ok(false),
                Some(content) if kept(&content) == wanted.kept => found.push(message.clone()),
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
