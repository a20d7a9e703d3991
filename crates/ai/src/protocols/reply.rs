//! A model's reply in the program's own words, before its text is cleaned.

use super::leaks;
use crate::{Completion, Failure, ToolCall, Usage};
use miyabi_core::fault::Class;

/// What a model replied.
#[derive(Debug, Default)]
pub(super) struct ModelReply {
    /// Text as it came, with reasoning and special tokens.
    pub(super) text: String,
    /// Calls, in the model's order.
    pub(super) calls: Vec<ToolCall>,
    /// What it took.
    pub(super) usage: Usage,
    /// Why it ended.
    pub(super) finish: Finish,
}

/// Why a reply ended. Each protocol maps its own finish reasons to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Finish {
    /// The reply does not say; native models of Workers AI never do.
    #[default]
    Unstated,
    /// The model had no more to say.
    Complete,
    /// The limit of tokens was reached.
    TokenLimit,
    /// A reason that this program does not know: nothing says that the reply is whole.
    Unrecognized,
    /// The reply is no answer.
    Failed(Class),
}

impl ModelReply {
    /// Cleans the text, finds calls that leaked into it, and drops calls that were cut off.
    ///
    /// A reply without a reason for its end was cut if it took all its tokens, and one with an
    /// unknown reason is taken for cut. Leaked calls are taken out of the text also when no tools
    /// were offered: the agent loop ignores them there, and the asker does not read them.
    ///
    /// # Errors
    /// The failure that its end is.
    pub(super) fn into_completion(
        mut self,
        tool_names: &[&str],
        max_tokens: u32,
    ) -> Result<Completion, Failure> {
        let is_cut = match self.finish {
            Finish::TokenLimit | Finish::Unrecognized => true,
            Finish::Complete => false,
            Finish::Unstated => self.usage.completion_tokens >= u64::from(max_tokens),
            Finish::Failed(class) => {
                return Err(Failure { usage: self.usage, ..Failure::new(class, 0) });
            }
        };
        let mut text = leaks::clean(&self.text);
        if is_cut {
            self.calls.retain(|call| call.object().is_some());
        }
        if self.calls.is_empty()
            && let Some((rest, calls)) = leaks::find_calls(&text, tool_names)
        {
            text = rest;
            self.calls = calls;
        }
        Ok(Completion { text, calls: self.calls, usage: self.usage, is_cut })
    }
}
