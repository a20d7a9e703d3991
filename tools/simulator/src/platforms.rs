//! The platforms of the simulated world behind one type: the program picks by the question's platform.

use std::rc::Rc;

use miyabi_channels::discord::{self, transport};
use miyabi_core::fault::Fault;
use miyabi_core::i18n::Language;
use miyabi_core::ports::{Rows, Statement};
use miyabi_core::question::Question;
use miyabi_core::transport::{
    Author, Capabilities, EditOutcome, Message, RateLimitBudget, Route, Search, SendError,
    Transport,
};

use crate::services::plain;
use crate::world::Sim;

/// A platform, as one run of the program sees it.
#[derive(Debug, Clone)]
pub enum Platform {
    /// Discord, through the program's own transport.
    Discord(transport::Discord<Sim>),
    /// The platform that can only send.
    Plain(plain::Transport),
}

impl Sim {
    /// Returns the platform of a name; `None` if there is none.
    pub fn transport(&self, platform: &str) -> Option<Platform> {
        match platform {
            discord::PLATFORM => {
                let settings = Rc::clone(&self.world.settings.discord);
                Some(Platform::Discord(transport::Discord::new(self.clone(), settings)))
            }
            plain::PLATFORM => {
                Some(Platform::Plain(plain::Transport::new(&self.world.plain, &self.run)))
            }
            _ => None,
        }
    }
}

/// Calls a method of whichever platform it is.
macro_rules! each {
    ($self:ident, $platform:ident => $call:expr) => {
        match $self {
            Self::Discord($platform) => $call,
            Self::Plain($platform) => $call,
        }
    };
}

impl Transport for Platform {
    fn name(&self) -> &'static str {
        each!(self, platform => platform.name())
    }

    fn capabilities(&self) -> Capabilities {
        each!(self, platform => platform.capabilities())
    }

    fn render(&self, author: Author, text: &str) -> Vec<String> {
        each!(self, platform => platform.render(author, text))
    }

    fn truncate(&self, text: &str, room: usize) -> String {
        each!(self, platform => platform.truncate(text, room))
    }

    fn time(&self, unix_s: u64, language: Language) -> String {
        each!(self, platform => platform.time(unix_s, language))
    }

    fn small_print(&self, line: &str) -> String {
        each!(self, platform => platform.small_print(line))
    }

    fn lookup(&self, question: &Question) -> Option<Statement> {
        each!(self, platform => platform.lookup(question))
    }

    fn looked_up(&self, question: &Question, rows: &Rows) {
        each!(self, platform => platform.looked_up(question, rows));
    }

    async fn route(&self, question: &Question) -> Result<Route, Fault> {
        each!(self, platform => platform.route(question).await)
    }

    fn scope(&self, route: &Route) -> String {
        each!(self, platform => platform.scope(route))
    }

    async fn send(
        &self,
        question: &Question,
        route: &Route,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        each!(self, platform => platform.send(question, route, message, budget).await)
    }

    async fn retract(&self, question: &Question, message_id: &str) -> Result<(), SendError> {
        each!(self, platform => platform.retract(question, message_id).await)
    }

    fn can_find(&self, question: &Question) -> bool {
        each!(self, platform => platform.can_find(question))
    }

    async fn find(&self, question: &Question, message: &Message<'_>) -> Result<Search, Fault> {
        each!(self, platform => platform.find(question, message).await)
    }

    async fn edit(
        &self,
        question: &Question,
        message: &Message<'_>,
    ) -> Result<EditOutcome, SendError> {
        each!(self, platform => platform.edit(question, message).await)
    }

    async fn edit_once(
        &self,
        question: &Question,
        content: &str,
    ) -> Result<EditOutcome, SendError> {
        each!(self, platform => platform.edit_once(question, content).await)
    }

    async fn remove(&self, question: &Question) -> Result<(), SendError> {
        each!(self, platform => platform.remove(question).await)
    }
}
