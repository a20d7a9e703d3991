//! What tools may touch, and the tools that the product carries out itself: what is stored of the asker is
//! its own.
//!
//! | rule | enforced by |
//! | --- | --- |
//! | A tool that reads or changes what is the asker's is neither offered nor run once a model has read words that anybody may have written | [`offered`] |
//! | The same call in a job has one effect, whichever run makes it | [`Errand::nth`] and the product's keys (docs/decisions/0046) |

use serde_json::{Map, Value};

use super::{Tool, UNKNOWN_TOOL};
use crate::{Message, ToolCall};
use miyabi_core::config::Settings;

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
    /// What is stored of the asker, which it changes.
    Writes,
}

impl Touches {
    /// Returns whether it is the asker's: what others wrote must not have a model touch it.
    pub const fn is_the_askers(self) -> bool {
        matches!(self, Self::Asker | Self::Writes)
    }
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
}

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

fn is_of_strangers(message: &Message) -> bool {
    let Message::Tool { name, content, .. } = message else { return false };
    // A tool without a name of ours is of an MCP server, if there is one of this name.
    let touches = Tool::parse(name).map(Tool::touches);
    touches.map_or(!content.starts_with(UNKNOWN_TOOL), |it| it == Touches::Strangers)
}
