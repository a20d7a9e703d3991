//! The seam between the product and the platforms: how messages reach people, whichever channel they use.
//!
//! Delivery calls a [`Transport`] and asks its [`Capabilities`]; each channel implements one. No word of a
//! platform crosses this seam, so a new channel changes nothing in the crates that use it.

mod delegate;
mod errors;

pub use self::errors::{RateLimitBudget, SendError};

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::conversation::Step;
use crate::fault::Fault;
use crate::i18n::Markup;
use crate::ids::Millis;
use crate::ports::{Rows, Statement};
use crate::question::{Drawing, Question};
use crate::text::listings::TextFile;
use crate::text::{LengthUnit, truncate};

/// What a platform can do with messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Longest message, in `unit`.
    pub max_length: usize,
    /// What the length of a message is counted in.
    pub unit: LengthUnit,
    /// The question has to be posted in the asker's name, since nobody else sees what was typed.
    pub posts_question: bool,
    /// A placeholder such as "thinking…" stands where the asker looks, and can be edited and removed.
    pub has_placeholder: bool,
    /// Where an answer is read while a model still writes it.
    pub progress: Progress,
    /// Most messages that can be shown to the asker alone, the placeholder included; 0 for none.
    pub max_private: usize,
    /// How long after a question its asker can be replied to; `None` if the platform sets no limit.
    pub reply_lifetime: Option<Duration>,
    /// What an asker adds to a question to get a new answer instead of a saved one, as it is typed; `None`
    /// if they cannot ask for that.
    pub fresh_option: Option<&'static str>,
    /// A message can be sent to the place of a question long after it was asked.
    pub reminds: bool,
}

/// Where an answer is read while a model still writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nowhere: it comes whole.
    Nowhere,
    /// In place of the placeholder, in a few steps.
    Placeholder,
    /// In a message that grows and becomes the answer, with the tools that run: [`Transport::show_step`].
    Growing,
    /// In its conversation, where it is read later too: what the conversation is told is the delivery.
    Conversation,
}

impl Capabilities {
    /// Returns whether people read the answer in its conversation.
    pub fn reads_conversation(&self) -> bool {
        self.progress == Progress::Conversation
    }

    /// Returns whether people read the answer there and nowhere else.
    pub fn is_read_alone(&self) -> bool {
        self.reads_conversation() && !self.posts_question
    }

    /// Returns those of a platform that can send messages and do nothing else with them.
    pub const fn sending_only(max_length: usize, unit: LengthUnit) -> Self {
        Self {
            max_length,
            unit,
            posts_question: false,
            has_placeholder: false,
            progress: Progress::Nowhere,
            max_private: 0,
            reply_lifetime: None,
            fresh_option: None,
            reminds: true,
        }
    }
}

/// Where the messages of one question go. The stored result of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// To the place of the question, where everybody there sees them.
    Shared {
        /// The transport's own description of the way, opaque to everybody else; holds no secret.
        way: String,
    },
    /// To the asker alone: in the placeholder, and below it.
    Private,
}

/// In whose name a message appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The assistant.
    Assistant,
    /// The person who asked.
    Asker,
}

/// A message to send.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// In whose name.
    pub author: Author,
    /// Text, one element of what [`Transport::render`] returned.
    pub content: &'a str,
    /// Text of an attached file.
    pub file: Option<&'a str>,
    /// Attached files that a part of the text became.
    pub listings: &'a [TextFile],
    /// An attached image.
    pub image: Option<&'a Drawing>,
    /// Whether the buttons of an answer stand below it, see [`Transport::shows_buttons`].
    pub has_buttons: bool,
    /// What buttons below it decide, where it is put in the place of the placeholder: see
    /// [`crate::i18n::consent`].
    pub asks: Option<&'a str>,
}

impl<'a> Message<'a> {
    /// Returns a message of the assistant without a file.
    pub const fn text(content: &'a str) -> Self {
        Self {
            author: Author::Assistant,
            content,
            file: None,
            listings: &[],
            image: None,
            has_buttons: false,
            asks: None,
        }
    }
}

/// What became of an edit or removal of the placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditOutcome {
    /// It is done.
    Done,
    /// The platform does not know the placeholder yet: our acknowledgement may still be on its way.
    TooEarly,
    /// There is no placeholder: the asker dismissed it, or it was removed.
    Missing,
}

/// Messages that may be the one that was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// Messages of ours that may be it, by their author and what the platform keeps of their content,
    /// oldest first.
    pub candidates: Vec<Candidate>,
    /// Whether all messages since the question could be read: only then is a missing one not there.
    pub is_complete: bool,
}

/// A message of ours that may be the one that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Message's id.
    pub id: String,
    /// When it was posted, by the platform's clock.
    pub posted: Millis,
}

/// One platform's way to people.
///
/// Every method that sends may be called again after a crash; [`Transport::send`] alone is not repeatable,
/// and the ledger of the product guards it.
pub trait Transport: Markup {
    /// Returns the platform's short name: the scope of rate limits that are about all of it.
    fn name(&self) -> &'static str;

    /// Returns what the platform can do.
    fn capabilities(&self) -> Capabilities;

    /// Returns a text as the platform's messages: its markup, each within its length; none if the text
    /// would show nothing.
    fn render(&self, author: Author, text: &str) -> Vec<String>;

    /// Returns a text cut so that it fits into one message together with another one.
    fn truncate(&self, text: &str, other: &str) -> String {
        let Capabilities { max_length, unit, .. } = self.capabilities();
        truncate(text, max_length.saturating_sub(unit.length(other)), unit)
    }

    /// Returns the ids by which a server's settings name the place of a question: its own, and that of what it
    /// belongs to. None where nobody else reads along.
    ///
    /// This implementation has none.
    fn places(&self, _question: &Question) -> Vec<String> {
        Vec::new()
    }

    /// Returns a statement that reads what is remembered of the question's place, if anything is: it runs
    /// together with the statement that claims the job, and saves [`Transport::route`] a look.
    ///
    /// This implementation remembers nothing.
    fn lookup(&self, _question: &Question) -> Option<Statement> {
        None
    }

    /// Takes what [`Transport::lookup`]'s statement has read.
    fn looked_up(&self, _question: &Question, _rows: &Rows) {}

    /// Finds out where the messages of a question go. May prepare that way.
    ///
    /// # Errors
    /// Only what may pass; what the platform refuses is [`Route::Private`]. A platform that can show
    /// nothing to the asker alone has no such route: there a refusal is an error too, and ends the job.
    ///
    /// # Repeats
    /// The second call finds what the first has prepared.
    async fn route(&self, question: &Question) -> Result<Route, Fault>;

    /// Returns whether buttons can stand below an answer that goes this way: [`crate::i18n::buttons`].
    ///
    /// This implementation has none.
    fn shows_buttons(&self, _route: &Route) -> bool {
        false
    }

    /// Returns the scope of the rate limits of a route; blank if it has none of its own.
    fn scope(&self, route: &Route) -> String;

    /// Sends a message and returns its id, blank if the platform does not tell. A limit is not waited for:
    /// `budget.due` says how long to wait, since meanwhile somebody else may send the same.
    ///
    /// # Errors
    /// See [`SendError`].
    ///
    /// # Repeats
    /// Sends it again.
    async fn send(
        &self,
        question: &Question,
        route: &Route,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError>;

    /// Returns whether an answer to a question may come with a file.
    ///
    /// This implementation says no.
    fn attaches_files(&self, _question: &Question) -> bool {
        false
    }

    /// Returns whether long blocks of code become files below a message, where files may be attached: one call has to
    /// send both.
    ///
    /// This implementation says yes.
    fn takes_out_code(&self, _question: &Question) -> bool {
        true
    }

    /// Returns whether [`Transport::find`] can see the messages in the place of a question.
    ///
    /// This implementation says no.
    fn can_find(&self, _question: &Question) -> bool {
        false
    }

    /// Removes a shared message of ours. One that is not there needs no removal.
    ///
    /// # Errors
    /// See [`SendError`].
    ///
    /// # Repeats
    /// The second removal finds nothing and succeeds.
    async fn retract(&self, question: &Question, message_id: &str) -> Result<(), SendError>;

    /// Looks for messages of ours in the place of a question that may be `message`: by the same author, and
    /// with its content as the platform may have rewritten it.
    ///
    /// # Errors
    /// What may pass, the database included; what the platform refuses to show is an incomplete search.
    ///
    /// # Repeats
    /// Reads only.
    ///
    /// This implementation sees nothing.
    async fn find(&self, _question: &Question, _message: &Message<'_>) -> Result<Search, Fault> {
        Ok(Search::default())
    }

    /// Puts a message in the place of the placeholder, waiting for limits, and for the platform to know it.
    ///
    /// # Errors
    /// See [`SendError`].
    ///
    /// # Repeats
    /// The second edit changes nothing.
    ///
    /// This implementation has no placeholder.
    async fn edit(
        &self,
        _question: &Question,
        _message: &Message<'_>,
    ) -> Result<EditOutcome, SendError> {
        Ok(EditOutcome::Missing)
    }

    /// As [`Transport::edit`], but waits for nothing: for a text that another one will replace, or must
    /// not be replaced by.
    ///
    /// # Errors
    /// [`SendError::RateLimited`] when the platform wants us to wait, and else as [`Transport::edit`].
    ///
    /// # Repeats
    /// The second edit changes nothing.
    ///
    /// This implementation has no placeholder.
    async fn edit_once(
        &self,
        _question: &Question,
        _content: &str,
    ) -> Result<EditOutcome, SendError> {
        Ok(EditOutcome::Missing)
    }

    /// Shows which tools run, or how they went, where the answer will stand; waits for nothing.
    ///
    /// # Errors
    /// As [`Transport::edit_once`].
    ///
    /// # Repeats
    /// A step is shown once: it has an id.
    ///
    /// This implementation shows none.
    async fn show_step(
        &self,
        _question: &Question,
        _step: &Step,
    ) -> Result<EditOutcome, SendError> {
        Ok(EditOutcome::Missing)
    }

    /// Removes the placeholder, waiting for limits, and for the platform to know it.
    ///
    /// # Errors
    /// See [`SendError`].
    ///
    /// # Repeats
    /// The second removal finds nothing and succeeds.
    ///
    /// This implementation has no placeholder.
    async fn remove(&self, _question: &Question) -> Result<(), SendError> {
        Ok(())
    }
}

/// Finds the transport of a platform, for those who look after the jobs of all of them.
pub trait Transports {
    /// A transport.
    type One: Transport;

    /// Returns the transport of a question's platform; `None` if there is none, or it is not set up.
    fn of(&self, question: &Question) -> Option<Self::One>;
}

impl<T: Transport, F: Fn(&str) -> Option<T>> Transports for F {
    type One = T;

    fn of(&self, question: &Question) -> Option<T> {
        self(&question.platform)
    }
}
