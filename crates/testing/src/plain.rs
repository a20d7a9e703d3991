//! A platform that can do little: it sends, and that is all. Messages are counted in UTF-16 units, cannot
//! be edited or found again, and files cannot be attached; the question stands in the chat already.

use miyabi_core::fault::Fault;
use miyabi_core::http::HttpError;
use miyabi_core::i18n::{Language, Markup};
use miyabi_core::question::Question;
use miyabi_core::text::{LengthUnit, split_message};
use miyabi_core::transport::{
    Author, Capabilities, EditOutcome, Message, RateLimitBudget, Route, SendError, Transport,
};

use super::Fake;

/// Longest message, in UTF-16 units.
pub const LIMIT_UTF16: usize = 4096;

/// The platform in the fake world.
#[derive(Clone)]
pub struct Plain(pub Fake);

/// What happens to the next message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainFate {
    /// It is refused.
    Refused(SendError),
    /// It is sent, and nobody says so.
    SentInSilence,
}

impl Markup for Plain {
    fn date(&self, unix_s: u64, _language: Language) -> String {
        unix_s.to_string()
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        unix_s.to_string()
    }
}

impl Transport for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::sending_only(LIMIT_UTF16, LengthUnit::Utf16Units)
    }

    fn render(&self, _author: Author, text: &str) -> Vec<String> {
        split_message(text, LIMIT_UTF16, LengthUnit::Utf16Units)
    }

    async fn route(&self, _question: &Question) -> Result<Route, Fault> {
        match self.0.plain_routes.borrow_mut().pop_front() {
            Some(fated) => Ok(fated?),
            None => Ok(Route::Shared { way: "chat".to_owned() }),
        }
    }

    fn scope(&self, _route: &Route) -> String {
        String::new()
    }

    async fn send(
        &self,
        _question: &Question,
        route: &Route,
        message: &Message<'_>,
        _budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        assert_eq!(*route, Route::Shared { way: "chat".to_owned() });
        assert!(message.file.is_none() && message.author == Author::Assistant);
        assert!(message.content.encode_utf16().count() <= LIMIT_UTF16);
        self.0
            .effect(|| {
                let fate = self.0.plain_fates.borrow_mut().pop_front();
                if let Some(PlainFate::Refused(error)) = fate {
                    return Err(error);
                }
                let mut sent = self.0.plain.borrow_mut();
                sent.push(message.content.to_owned());
                match fate {
                    Some(_) => {
                        Err(SendError::NoResponse { operation: "send", source: HttpError::Timeout })
                    }
                    None => Ok(sent.len().to_string()),
                }
            })
            .await
    }

    async fn retract(&self, _question: &Question, _message_id: &str) -> Result<(), SendError> {
        panic!("this platform removes nothing")
    }

    async fn edit(
        &self,
        _question: &Question,
        _message: &Message<'_>,
    ) -> Result<EditOutcome, SendError> {
        panic!("this platform edits nothing")
    }

    async fn edit_once(
        &self,
        _question: &Question,
        _content: &str,
    ) -> Result<EditOutcome, SendError> {
        panic!("this platform edits nothing")
    }

    async fn remove(&self, _question: &Question) -> Result<(), SendError> {
        panic!("this platform removes nothing")
    }
}
