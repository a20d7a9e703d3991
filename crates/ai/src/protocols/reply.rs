//! A model's reply in the program's own words, before its text is cleaned.

use super::{leaks, surrogates};
use crate::{Completion, Failure, Thought, ToolCall, Usage};
use miyabi_core::fault::Class;

/// What a model replied.
#[derive(Debug, Default)]
pub(super) struct ModelReply {
    /// Text as it came, with reasoning and special tokens.
    pub(super) text: String,
    /// Calls, in the model's order.
    pub(super) calls: Vec<ToolCall>,
    /// What the model thought, as far as it was sent apart from the text.
    pub(super) thoughts: Vec<Thought>,
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

/// How the text of a model begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// With the answer, or with a mark.
    Plain,
    /// With a thought whose mark is part of the prompt: only its end says that there was one.
    Thought,
}

/// Parts of the names of models whose chat template opens the thought in the prompt.
///
/// # Source
/// Chat templates of `DeepSeek` R1, `QwQ` and the Thinking models of Qwen and Kimi, read 2026-11-28.
const THINKERS: [&str; 4] = ["deepseek-r1", "qwq", "-thinking", "r1-distill"];

impl Opening {
    /// Returns how the text of the model with this name begins.
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let thinks = THINKERS.iter().any(|family| name.contains(family));
        if thinks { Self::Thought } else { Self::Plain }
    }
}

impl ModelReply {
    /// Marks the beginning of a thought that the text ends, but does not begin.
    pub(super) fn reopen(&mut self, opening: Opening) {
        let ends_thought = self.thoughts.is_empty() && leaks::has_thought_end(&self.text);
        if opening == Opening::Thought && ends_thought {
            self.text = leaks::reopened(&self.text).into_owned();
        }
    }

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
        for call in &mut self.calls {
            tidy(call, tool_names);
        }
        if is_cut {
            self.calls.retain(|call| call.object().is_some());
        }
        let text = surrogates::join(&self.text);
        let (text, mut calls) = if self.calls.is_empty() {
            let said = leaks::read(&text, tool_names);
            (said.text, said.calls)
        } else {
            (leaks::clean(&text), self.calls)
        };
        if let Some(first) = calls.first_mut() {
            first.thoughts = kept_thoughts(self.thoughts);
        }
        Ok(Completion { text, calls, usage: self.usage, is_cut })
    }
}

/// Gives a call the name of the tool that it means, and arguments without halves of characters.
fn tidy(call: &mut ToolCall, tool_names: &[&str]) {
    if let Some(tool) = leaks::meant_tool(&call.name, tool_names) {
        tool.clone_into(&mut call.name);
    }
    let mended = surrogates::mend_json(&call.arguments).into_owned();
    call.arguments = surrogates::join(&mended).into_owned();
}

/// Most bytes of the thoughts of one reply that are kept: they are part of the result of a step.
const MAX_THOUGHT_BYTES: usize = 128 * 1024;

/// Returns the thoughts that go back with the calls: none that is empty, and none at all if they are
/// too long to be stored. A vendor checks their signatures, so none is shortened.
fn kept_thoughts(thoughts: Vec<Thought>) -> Vec<Thought> {
    let joined = |thought| match thought {
        Thought::Plain { text } => Thought::Plain { text: surrogates::join(&text).into_owned() },
        signed @ (Thought::Signed { .. } | Thought::Sealed { .. }) => signed,
    };
    let thoughts: Vec<Thought> = thoughts.into_iter().map(joined).collect();
    let bytes: usize = thoughts.iter().map(Thought::bytes).sum();
    if bytes > MAX_THOUGHT_BYTES {
        return Vec::new();
    }
    thoughts.into_iter().filter(|thought| thought.bytes() > 0).collect()
}
