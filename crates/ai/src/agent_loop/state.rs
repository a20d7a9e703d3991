//! The state of the agent loop, as it is stored.

use serde::{Deserialize, Serialize};

use super::{AgentLoop, Plan};
use crate::attempt::Measured;
use crate::fallback::FallbackChain;
use crate::files::{self, ReadFile};
use crate::protocols::Offer;
use crate::{Attempt, Message, ToolCall};
use crate::{prompt, quote};
use miyabi_core::i18n::Language;
use miyabi_core::question::Quote;

/// Version of the stored shape: a state of another one is refused instead of misread.
const VERSION: u32 = 1;

/// Everything that the agent loop remembers between two moves, without its plan.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    pub(super) messages: Vec<Message>,
    pub(super) language: Language,
    /// Model calls so far, with those that failed.
    pub(super) model_calls: u32,
    pub(super) rounds: u32,
    /// Rounds that held an invalid call.
    pub(super) invalid_rounds: u32,
    /// Whether the call last asked for offers tools.
    pub(super) offer: Offer,
    /// Longest completion, in tokens.
    pub(super) max_tokens: u32,
    /// Longest completion of the call last asked for, in tokens: less where money is short.
    pub(super) requested_tokens: u32,
    /// Whether a call repeated one of an earlier round.
    pub(super) has_repeated: bool,
    /// Whether an empty answer was asked for once more.
    pub(super) has_retried: bool,
    /// Whether a tool was called.
    pub(super) used_tools: bool,
    /// Requests that tools have sent.
    pub(super) tool_requests: u32,
    /// Calls that wait for their results.
    pub(super) pending_calls: Vec<ToolCall>,
    pub(super) fallback: FallbackChain,
    pub(super) attempts: Vec<Attempt>,
    /// Age of the question at the end of the last model call, in milliseconds.
    pub(super) at_ms: u64,
    /// Whether a streaming preview may still arrive at the asker.
    pub(super) has_unconfirmed_preview: bool,
    /// What the last prompt took that a model has counted.
    #[serde(default)]
    pub(super) measured: Option<Measured>,
    /// What the program says below the answer of what tools have done.
    #[serde(default)]
    pub(super) notes: Vec<String>,
    /// Prompt of the image that is drawn below the answer: the first that was asked for.
    #[serde(default)]
    pub(super) prompt: Option<String>,
}

impl State {
    /// Returns the state before the first model call.
    pub(super) fn new(question: &str, plan: &Plan) -> Self {
        let fallback = FallbackChain::new(plan.closed.clone(), &plan.models);
        let context = fallback.current(&plan.models).map_or(0, |(_, model)| model.context);
        Self {
            version: VERSION,
            messages: prompt::first_messages(question, plan.max_tokens, context),
            language: Language::of_text(question),
            model_calls: 0,
            rounds: 0,
            invalid_rounds: 0,
            offer: Offer::Tools,
            max_tokens: plan.max_tokens,
            requested_tokens: plan.max_tokens,
            has_repeated: false,
            has_retried: false,
            used_tools: false,
            tool_requests: 0,
            pending_calls: Vec::new(),
            fallback,
            attempts: Vec::new(),
            at_ms: 0,
            has_unconfirmed_preview: false,
            measured: None,
            notes: Vec::new(),
            prompt: None,
        }
    }

    pub(super) const fn is_of_this_version(&self) -> bool {
        self.version == VERSION
    }
}

impl AgentLoop {
    /// Returns what was said so far.
    pub fn messages(&self) -> &[Message] {
        &self.state.messages
    }

    /// Returns what the program says below the answer of what tools have done.
    pub fn notes(&self) -> &[String] {
        &self.state.notes
    }

    /// Returns the prompt of the image that is to be drawn below the answer.
    pub fn image_prompt(&self) -> Option<&str> {
        self.state.prompt.as_deref()
    }

    /// Returns the conversation with the message that its question is about, and the files, before anything is put between
    /// the two.
    #[must_use]
    pub fn about(mut self, message: Option<&Quote>, files: &[ReadFile]) -> Self {
        if let Some(Message::User(question)) = self.state.messages.last_mut() {
            *question = files::with_question(files, question);
            if let Some(message) = message {
                *question = quote::with_question(message, question);
            }
        }
        self
    }
}
