//! The way of an answer to the web: none of its own. The conversation is told what a model says and what
//! the answer is, and its readers read it there, so nothing is sent, edited or removed here.

use miyabi_core::fault::Fault;
use miyabi_core::i18n::{Language, Markup};
use miyabi_core::question::Question;
use miyabi_core::text::LengthUnit;
use miyabi_core::transport::{
    Author, Capabilities, Message, Progress, RateLimitBudget, Route, SendError, Transport,
};

/// Longest answer in one message, in characters: more than any model writes.
const MAX_LENGTH: usize = 1_000_000;

/// The web. See the module.
#[derive(Debug, Clone, Copy)]
pub struct Web;

impl Markup for Web {
    fn date(&self, unix_s: u64, _language: Language) -> String {
        miyabi_core::time::to_iso(unix_s)
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        miyabi_core::time::to_iso(unix_s)
    }
}

impl Transport for Web {
    fn name(&self) -> &'static str {
        super::PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            progress: Progress::Conversation,
            reminds: false,
            ..Capabilities::sending_only(MAX_LENGTH, LengthUnit::CodePoints)
        }
    }

    fn render(&self, _author: Author, text: &str) -> Vec<String> {
        if text.trim().is_empty() { Vec::new() } else { vec![text.to_owned()] }
    }

    async fn route(&self, _question: &Question) -> Result<Route, Fault> {
        Ok(Route::Shared { way: super::PLATFORM.to_owned() })
    }

    fn scope(&self, _route: &Route) -> String {
        String::new()
    }

    async fn send(
        &self,
        _question: &Question,
        _route: &Route,
        _message: &Message<'_>,
        _budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        Ok(String::new())
    }

    async fn retract(&self, _question: &Question, _message_id: &str) -> Result<(), SendError> {
        Ok(())
    }
}
