//! Every channel, and how its messages reach people: the one place that knows them all.
//!
//! A trait with async methods cannot be an object, so the channels are an enum, and each method of the
//! [`Transport`] is passed on to the one that is meant.

use std::rc::Rc;

use miyabi_channels::discord;
use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::Settings;
use miyabi_core::fault::Fault;
use miyabi_core::i18n::Language;
use miyabi_core::ports::{Host, Rows, Statement};
use miyabi_core::question::Question;
use miyabi_core::transport::{
    Author, Capabilities, EditOutcome, Message, RateLimitBudget, Route, Search, SendError,
    Transport, Transports,
};

/// A channel.
#[derive(Debug, Clone)]
pub enum Channel<H> {
    /// Discord.
    Discord(Discord<H>),
}

/// The channels that are set up.
#[derive(Debug)]
pub struct Channels<'a, H> {
    /// Ports.
    pub host: &'a H,
    /// Settings.
    pub settings: &'a Settings,
}

impl<H: Host + Clone> Transports for Channels<'_, H> {
    type One = Channel<H>;

    fn of(&self, platform: &str) -> Option<Channel<H>> {
        match platform {
            discord::PLATFORM => {
                let settings = Rc::clone(&self.settings.discord);
                Some(Channel::Discord(Discord::new(self.host.clone(), settings)))
            }
            _ => None,
        }
    }
}

/// Calls a method of the channel that it is.
macro_rules! each {
    ($self:ident, $channel:ident => $call:expr) => {
        match $self {
            Self::Discord($channel) => $call,
        }
    };
}

impl<H: Host + Clone> Transport for Channel<H> {
    fn name(&self) -> &'static str {
        each!(self, channel => channel.name())
    }

    fn capabilities(&self) -> Capabilities {
        each!(self, channel => channel.capabilities())
    }

    fn render(&self, author: Author, text: &str) -> Vec<String> {
        each!(self, channel => channel.render(author, text))
    }

    fn truncate(&self, text: &str, room: usize) -> String {
        each!(self, channel => channel.truncate(text, room))
    }

    fn time(&self, unix_s: u64, language: Language) -> String {
        each!(self, channel => channel.time(unix_s, language))
    }

    fn small_print(&self, line: &str) -> String {
        each!(self, channel => channel.small_print(line))
    }

    fn lookup(&self, question: &Question) -> Option<Statement> {
        each!(self, channel => channel.lookup(question))
    }

    fn looked_up(&self, question: &Question, rows: &Rows) {
        each!(self, channel => channel.looked_up(question, rows));
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        each!(self, channel => channel.route(question).await)
    }

    fn scope(&self, route: &Route) -> String {
        each!(self, channel => channel.scope(route))
    }

    async fn send(
        &self,
        question: &Question,
        route: &Route,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        each!(self, channel => channel.send(question, route, message, budget).await)
    }

    async fn retract(&self, question: &Question, message_id: &str) -> Result<(), SendError> {
        each!(self, channel => channel.retract(question, message_id).await)
    }

    fn can_find(&self, question: &Question) -> bool {
        each!(self, channel => channel.can_find(question))
    }

    async fn find(&self, question: &Question, message: &Message<'_>) -> Result<Search, Fault> {
        each!(self, channel => channel.find(question, message).await)
    }

    async fn edit(
        &self,
        question: &Question,
        message: &Message<'_>,
    ) -> Result<EditOutcome, SendError> {
        each!(self, channel => channel.edit(question, message).await)
    }

    async fn edit_once(
        &self,
        question: &Question,
        content: &str,
    ) -> Result<EditOutcome, SendError> {
        each!(self, channel => channel.edit_once(question, content).await)
    }

    async fn remove(&self, question: &Question) -> Result<(), SendError> {
        each!(self, channel => channel.remove(question).await)
    }
}
