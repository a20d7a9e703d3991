//! What tools may touch, and the tools that the product carries out itself: what is stored of the asker is
//! its own.
//!
//! | rule | enforced by |
//! | --- | --- |
//! | A tool that reads or changes what is the asker's is neither offered nor run once a model has read words that anybody may have written | [`offered`] |
//! | A call that acts outside is made when a person has allowed it, and once | [`Errands::claim`] (docs/decisions/0048) |
//! | The same call in a job has one effect, whichever run makes it | [`Errand::nth`] and the product's keys (docs/decisions/0046) |

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{Tool, UNKNOWN_TOOL};
use crate::{Message, ToolCall, ToolOutcome};
use miyabi_core::config::Settings;
use miyabi_core::ports::Stop;

/// What a tool may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touches {
    /// Nothing: it computes.
    Nothing,
    /// A service outside, which it asks for figures.
    Service,
    /// Words that anybody may have written.
    Strangers,
    /// What is stored of the asker, which it reads.
    Asker,
    /// What is stored of the asker, or shown in reply to them, which it changes.
    Writes,
    /// Something outside, which it changes: a person has to allow each call.
    Acts,
}

impl Touches {
    /// Returns whether it is the asker's: what others wrote must not have a model touch it.
    pub const fn is_the_askers(self) -> bool {
        matches!(self, Self::Asker | Self::Writes)
    }
}

/// A call that acts outside, which a person has to allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its key within its job, 32 hex digits: a hash of the tool and the arguments. The keys of objects are sorted
    /// in this program, so their order does not count.
    pub key: String,
    /// Tool, by its full name.
    pub tool: String,
    /// Arguments.
    pub arguments: Map<String, Value>,
}

impl Act {
    /// Returns a call with its key.
    pub fn of(tool: &str, arguments: &Map<String, Value>) -> Self {
        let mut key = hex::encode(Sha256::digest(json!([tool, arguments]).to_string()));
        key.truncate(32);
        Self { key, tool: tool.to_owned(), arguments: arguments.clone() }
    }
}

/// Whether a call may be made that acts outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// By this run, and by no other: at once.
    Mine,
    /// No; the model reads this.
    Told(ToolOutcome, String),
}

/// A call of a tool that the product carries out.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// Tool.
    pub tool: Tool,
    /// How many calls of this tool the job has made before: with the job and the tool the key of its effect.
    pub nth: usize,
    /// Arguments, checked.
    pub arguments: &'a Map<String, Value>,
}

/// What came of an errand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What the model reads.
    pub result: String,
    /// What the program itself says below the answer; blank for nothing.
    pub note: String,
    /// Prompt of an image that is to be drawn below the answer; blank for none.
    pub prompt: String,
}

/// The product's own tools, for one question.
pub trait Errands {
    /// Returns whether a tool can be carried out for this question.
    fn offers(&self, tool: Tool) -> bool;

    /// Carries a tool out.
    ///
    /// # Errors
    /// A sentence for the model.
    ///
    /// # Repeats
    /// Has no second effect.
    async fn carry_out(&self, errand: Errand<'_>) -> Result<Told, String>;

    /// Returns whether there is somebody who can be asked, and a place to ask them.
    ///
    /// This implementation says no.
    fn can_ask(&self) -> bool {
        false
    }

    /// Asks a person whether calls may be made that a model has asked for in its call of this ordinal, and waits for
    /// the decision, which [`Errands::claim`] reads. `has_read` says whether the model has read what strangers wrote.
    ///
    /// # Errors
    /// [`Stop::Aborted`] only: who could not be asked has allowed nothing.
    ///
    /// # Repeats
    /// Asks the same once.
    ///
    /// This implementation asks nobody.
    async fn ask_person(&self, _ordinal: u32, _acts: &[Act], _has_read: bool) -> Result<(), Stop> {
        Ok(())
    }

    /// Claims a call that a person has allowed.
    ///
    /// # Repeats
    /// The second claim is told what came of the first, or that nobody knows.
    ///
    /// This implementation lets nothing be called.
    async fn claim(&self, _act: &Act) -> Claimed {
        Claimed::Told(ToolOutcome::Failed, NOBODY.to_owned())
    }

    /// Records what came of a call that was claimed. If that fails, nobody knows it later.
    ///
    /// # Repeats
    /// The first record stays.
    async fn record(&self, _act: &Act, _outcome: ToolOutcome, _told: &str) {}
}

/// What a model reads of a call that nobody can be asked about.
pub const NOBODY: &str = "error: this needs the consent of whoever asks, who cannot be asked here; it was not done. Answer without it, and say so";

/// Carries out nothing.
impl Errands for () {
    fn offers(&self, _tool: Tool) -> bool {
        false
    }

    async fn carry_out(&self, _errand: Errand<'_>) -> Result<Told, String> {
        Err("this cannot be done here".to_owned())
    }
}

/// What a round of tools may do.
#[derive(Debug)]
pub struct Desk<'a, E> {
    /// The product's own tools.
    pub errands: &'a E,
    /// Tools that are offered.
    pub offered: Vec<Tool>,
    /// Every call that the job has made, those of this round included.
    pub made: Vec<&'a ToolCall>,
}

impl<E> Desk<'_, E> {
    /// Returns how many calls of the same tool the job has made before this one.
    pub fn nth(&self, tool: Tool, call: &ToolCall) -> usize {
        let of_tool = self.made.iter().filter(|made| Tool::parse(&made.name) == Some(tool));
        of_tool.take_while(|made| made.id != call.id).count()
    }
}

/// Returns the tools that a model is offered with these messages, or may call after them: those that the
/// settings switch on, and what is the asker's only as long as it has read nothing that others wrote.
pub fn offered(
    settings: &Settings,
    errands: &impl Errands,
    messages: &[Message],
    reads_others: bool,
) -> Vec<Tool> {
    let is_closed = reads_others || messages.iter().any(is_of_strangers);
    let opens =
        |tool: &Tool| !tool.touches().is_the_askers() || (!is_closed && errands.offers(*tool));
    let mut offered = Tool::offered(settings);
    offered.retain(opens);
    offered
}

/// Returns whether a message is words that anybody may have written.
pub(crate) fn is_of_strangers(message: &Message) -> bool {
    let Message::Tool { name, content, .. } = message else { return false };
    // A tool without a name of ours is of an MCP server, if there is one of this name.
    let touches = Tool::parse(name).map(Tool::touches);
    touches.map_or(!content.starts_with(UNKNOWN_TOOL), |it| it == Touches::Strangers)
}
