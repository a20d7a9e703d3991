//! Discord behind the product's [`Transport`]: shared messages by a webhook, the deferred reply as the
//! placeholder, and follow-ups for the asker alone.

use core::cell::RefCell;
use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::buttons;
use super::deferred::{self, Interaction, Outcome};
use super::links::show_hosts;
use super::place::Place;
use super::post::{self, Content, Sender};
use super::route::{self, Way};
use super::webhooks::{self, Configured, Hook, Known};
use super::{MAX_CONTENT_CHARS, Ports, names::shows_nothing};
use crate::dialect::{Dialect, settle};
use crate::kaomoji::escape_kaomoji;
use miyabi_core::config;
use miyabi_core::fault::{Cause, Fault};
use miyabi_core::ids::Millis;
use miyabi_core::json;
use miyabi_core::ports::{Clock, Rows, Statement};
use miyabi_core::question::Question;
use miyabi_core::text::tables::lay_out;
use miyabi_core::text::{LengthUnit, split_message};
use miyabi_core::transport::{
    Author, Capabilities, EditOutcome, Message, Progress, RateLimitBudget, Route, Search,
    SendError, Transport,
};

mod markup;
mod message;

use self::message::{content, names, picture, without_controls};

/// Most messages that the asker alone sees: the deferred reply and five follow-ups, which is what Discord
/// allows an application that a user brought along.
///
/// # Source
/// Discord Docs/Create Followup Message, and error 40094, read 2026-11-21.
const MAX_PRIVATE: usize = 6;

/// How long an interaction's token counts.
///
/// # Source
/// Discord Docs/Receiving and Responding to Interactions, read 2026-11-20.
const TOKEN_LIFETIME: Duration = Duration::from_mins(15);

/// Age of a question below which Discord may not have seen our acknowledgement yet: Discord waits
/// 3 seconds for it; two more for its way and for clocks that differ.
const YOUNG_MS: u64 = 5_000;

/// Wait before the second try to change a reply that Discord does not know yet; doubles with each.
const PAUSE: Duration = Duration::from_millis(500);

/// How long what was read of a place's webhooks is used without reading it again: another job may find out
/// that one is gone, and calls to such a webhook are punished.
const MEMORY_MS: u64 = 2_000;

/// Discord, for the questions of one request or one run.
#[derive(Clone)]
pub struct Discord<H> {
    pub(super) host: H,
    pub(super) settings: Rc<config::Discord>,
    /// What was read last of a place's webhooks, when, and of which channel.
    memory: Rc<RefCell<Option<(Millis, String, Known)>>>,
    /// The application's own webhooks that Discord has listed, by id.
    pub(super) hooks: Rc<RefCell<BTreeMap<String, Hook>>>,
    /// What it can do for questions that have no token: they were asked elsewhere, see [`super::speak`], or are
    /// reminders.
    without_token: Option<Capabilities>,
    /// Whether its questions are answered once more, and stand there already.
    is_again: bool,
}

impl<H> fmt::Debug for Discord<H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Discord").finish_non_exhaustive()
    }
}

impl<H: Ports> Discord<H> {
    /// Returns Discord as it is configured.
    pub fn new(host: H, settings: Rc<config::Discord>) -> Self {
        let (memory, hooks) = Default::default();
        Self { host, settings, memory, hooks, without_token: None, is_again: false }
    }

    /// Returns Discord as it serves a question: one without a token was asked elsewhere, and is read there, or
    /// is a reminder, of which nothing but the answer is shown; and one that is answered once more is not posted
    /// again.
    #[must_use]
    pub fn of_question(self, question: &Question) -> Self {
        let without_token = if !question.token.reveal().is_empty() {
            None
        } else if question.id.is_of_reminder() {
            Some(Capabilities::sending_only(MAX_CONTENT_CHARS, LengthUnit::CodePoints))
        } else {
            Some(super::speak::CAPABILITIES)
        };
        Self { without_token, is_again: question.again.is_some(), ..self }
    }

    /// Returns the webhook of a way: the configured one, unless it is gone by now, or the application's own.
    async fn hook(&self, place: &Place, way: &Way) -> Result<Option<Hook>, Fault> {
        let configured = Hook::configured(&self.settings);
        let known = self.known(place).await?;
        if !way.is_own && known.configured != Configured::Gone {
            return Ok(Some(configured));
        }
        match known.own.as_ref().and_then(|id| self.listed(id)) {
            Some(own) => Ok(Some(own)),
            None => self.own_hook(place, known).await,
        }
    }

    /// Returns the application's own webhook of a place, found or made, and remembers it.
    async fn own_hook(&self, place: &Place, known: Known) -> Result<Option<Hook>, Fault> {
        let configured = known.configured;
        let own = route::own_hook(&self.host, &self.settings, place, known).await?;
        self.remember(place, Known { own: own.as_ref().map(|own| own.id.clone()), configured });
        self.hooks.borrow_mut().extend(own.clone().map(|own| (own.id.clone(), own)));
        Ok(own)
    }

    /// Returns a webhook of the application's own that Discord has listed during this run.
    pub(super) fn listed(&self, id: &str) -> Option<Hook> {
        self.hooks.borrow().get(id).cloned()
    }

    /// Returns what is known of a place's webhooks, read again unless that was just done.
    pub(super) async fn known(&self, place: &Place) -> Result<Known, Fault> {
        match (self.remembered(place), place.home()) {
            (Some(known), _) => Ok(known),
            (None, Some(home)) => webhooks::known(&self.host, &self.settings, home).await,
            (None, None) => Ok(Known::default()),
        }
    }

    fn remember(&self, place: &Place, known: Known) {
        if let Some(home) = place.home() {
            self.memory.replace(Some((self.host.now(), home.to_owned(), known)));
        }
    }

    fn remembered(&self, place: &Place) -> Option<Known> {
        let memory = self.memory.borrow();
        let (at, channel, known) = memory.as_ref()?;
        let is_fresh = self.host.now().0.saturating_sub(at.0) < MEMORY_MS;
        (is_fresh && Some(channel.as_str()) == place.home()).then(|| known.clone())
    }

    /// Posts by the webhook of a way, and if it turns out to be gone by another.
    async fn post(
        &self,
        question: &Question,
        way: &Way,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        let [name, plain_name] = names(message.author, question);
        let sender = Sender {
            name: &name,
            plain_name: &plain_name,
            picture: picture(message.author, question),
        };
        let is_reminder = question.id.is_of_reminder();
        let buttons = (message.has_buttons && !is_reminder).then(|| buttons::below(question));
        let content = Content {
            components: buttons.as_ref(),
            pings: is_reminder.then_some(question.asker.id.as_str()),
            ..content(message)
        };
        let place = &Place::of(question);
        let mut hook = self.hook(place, way).await.map_err(unavailable)?;
        for _ in 0..2 {
            let Some(current) = hook else { break };
            let webhook = current.in_thread(way.thread.as_deref());
            let posted = post::execute_webhook(&self.host, budget, webhook, sender, content).await;
            match posted {
                Err(SendError::Refused { code: 10_015 | 50_027, .. }) => {
                    self.memory.take();
                    self.hooks.borrow_mut().remove(&current.id);
                    webhooks::forget(&self.host, &current.id).await.map_err(unavailable)?;
                    let known = self.known(place).await.map_err(unavailable)?;
                    hook = self.own_hook(place, known).await.map_err(unavailable)?;
                }
                posted => return posted,
            }
        }
        Err(SendError::Refused { operation: "execute_webhook", status: 404, code: 10_015 })
    }

    fn interaction<'a>(&'a self, question: &'a Question) -> Interaction<'a> {
        Interaction { discord: &self.settings, token: &question.token }
    }

    /// Calls until Discord knows the deferred reply or the question is young no more.
    ///
    /// Our acknowledgement travels to Discord while the job already runs. An edit or removal that comes
    /// first finds nothing; giving up then would leave the asker on "thinking…" for ever.
    async fn until_known(
        &self,
        question: &Question,
        call: impl AsyncFn() -> Result<Outcome, SendError>,
    ) -> Result<Outcome, SendError> {
        let mut pause = PAUSE;
        loop {
            let outcome = call().await?;
            if outcome == Outcome::Done || !is_young(&self.host, question) {
                return Ok(outcome);
            }
            self.host.sleep(pause).await;
            pause *= 2;
        }
    }
}

impl<H: Ports> Transport for Discord<H> {
    fn name(&self) -> &'static str {
        super::PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        if let Some(capabilities) = self.without_token {
            return capabilities;
        }
        Capabilities {
            max_length: MAX_CONTENT_CHARS,
            unit: LengthUnit::CodePoints,
            progress: Progress::Placeholder,
            posts_question: !self.is_again,
            has_placeholder: true,
            max_private: MAX_PRIVATE,
            reply_lifetime: Some(TOKEN_LIFETIME),
            fresh_option: Some("fresh: True"),
            reminds: true,
        }
    }

    fn render(&self, author: Author, text: &str) -> Vec<String> {
        let text = &without_controls(text);
        let split = |text: &str| split_message(text, MAX_CONTENT_CHARS, LengthUnit::CodePoints);
        let mut contents = match author {
            // Backticks of a kaomoji hide no link once they are escaped.
            Author::Assistant => {
                let text = lay_out(&settle(text, Dialect::Chat));
                split(&show_hosts(&escape_kaomoji(&text)))
            }
            Author::Asker => split(text),
        };
        contents.retain(|content| !shows_nothing(content));
        contents
    }

    fn places(&self, question: &Question) -> Vec<String> {
        match Place::of(question) {
            Place::Channel { id, parent, .. } => id.into_iter().chain(parent).collect(),
            Place::Direct => Vec::new(),
        }
    }

    fn lookup(&self, question: &Question) -> Option<Statement> {
        let place = Place::of(question);
        place.home().map(|home| webhooks::known_statement(&self.settings, home))
    }

    fn looked_up(&self, question: &Question, rows: &Rows) {
        self.remember(&Place::of(question), webhooks::known_of(rows));
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        let place = &Place::of(question);
        let known = self.remembered(place);
        let decided = route::decide(&self.host, &self.settings, place, known).await;
        if decided.is_err() {
            // What was remembered may be older than what the failed attempt has written, such as that a
            // webhook is gone.
            self.memory.take();
        }
        let decision = decided?;
        if let Some(own) = decision.own {
            let known = Known { own: Some(own.id.clone()), configured: Configured::Elsewhere };
            self.remember(place, known);
            self.hooks.borrow_mut().insert(own.id.clone(), own);
        }
        Ok(decision.way.map_or(Route::Private, |way| Route::Shared {
            way: serde_json::to_string(&way).unwrap_or_default(),
        }))
    }

    fn shows_buttons(&self, route: &Route) -> bool {
        way(route).is_some_and(|way| way.is_own)
    }

    fn scope(&self, route: &Route) -> String {
        way(route).map(|way| way.webhook).unwrap_or_default()
    }

    async fn send(
        &self,
        question: &Question,
        route: &Route,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        if let Some(way) = way(route) {
            return self.post(question, &way, message, budget).await;
        }
        if question.token.reveal().is_empty() {
            return Err(SendError::Expired);
        }
        let interaction = self.interaction(question);
        deferred::follow_up(&self.host, budget, interaction, content(message)).await
    }

    async fn retract(&self, question: &Question, message_id: &str) -> Result<(), SendError> {
        self.remove_post(question, message_id).await
    }

    fn attaches_files(&self, question: &Question) -> bool {
        Place::of(question).takes_files()
    }

    fn can_find(&self, question: &Question) -> bool {
        let Place::Channel { id: Some(_), rights, .. } = Place::of(question) else { return false };
        rights.speaks && rights.reads
    }

    async fn find(&self, question: &Question, message: &Message<'_>) -> Result<Search, Fault> {
        self.search(question, message).await
    }

    async fn edit(
        &self,
        question: &Question,
        message: &Message<'_>,
    ) -> Result<EditOutcome, SendError> {
        let interaction = self.interaction(question);
        let components = buttons::deciding(message.asks, question.language);
        let content = Content { components: Some(&components), ..content(message) };
        let edit = async || deferred::edit_reply(&self.host, interaction, content).await;
        settled(self.until_known(question, edit).await?)
    }

    async fn edit_once(&self, question: &Question, text: &str) -> Result<EditOutcome, SendError> {
        let interaction = self.interaction(question);
        let edited =
            deferred::edit_reply_once(&self.host, "edit_original", interaction, text).await?;
        if edited != Outcome::Done && is_young(&self.host, question) {
            return Ok(EditOutcome::TooEarly);
        }
        settled(edited)
    }

    async fn remove(&self, question: &Question) -> Result<(), SendError> {
        let interaction = self.interaction(question);
        let delete = async || deferred::delete_reply(&self.host, interaction).await;
        self.until_known(question, delete).await.map(drop)
    }
}

/// Returns whether Discord may not have seen our acknowledgement yet.
fn is_young(host: &impl Clock, question: &Question) -> bool {
    host.now().0.abs_diff(question.asked.0) < YOUNG_MS
}

const fn settled(outcome: Outcome) -> Result<EditOutcome, SendError> {
    match outcome {
        Outcome::Done => Ok(EditOutcome::Done),
        Outcome::Missing => Ok(EditOutcome::Missing),
        Outcome::Expired => Err(SendError::Expired),
    }
}

/// Reads the way of a shared route.
fn way(route: &Route) -> Option<Way> {
    match route {
        Route::Shared { way } => json::parse(way),
        Route::Private => None,
    }
}

/// What kept a message from being sent, when that was not Discord: the message is not there.
pub(super) fn unavailable(fault: Fault) -> SendError {
    match fault.cause {
        Cause::Send(error) => error,
        Cause::Model(_) | Cause::Store(_) | Cause::Engine(_) | Cause::Recorded(_) => {
            SendError::Deferred { operation: "find_webhook", status: 0, code: 0 }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
