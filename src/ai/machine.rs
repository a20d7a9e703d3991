//! What comes next in a conversation with a model: a state machine without I/O.
//!
//! It is fed completions and tool results and says what to do with them. The same inputs give the
//! same outputs, so a job that is replayed from its stored steps takes the same way again.
//!
//! Rules, each with a test of its own:
//! - At most [`MAX_ROUNDS`] model calls; the last offers no tools, so there is always an answer.
//! - The last call comes early when a call repeats an earlier round's, when [`MAX_INVALID_ROUNDS`]
//!   rounds held only invalid calls, or when the context is nearly full. A repeated call still
//!   runs: its result keeps the conversation whole, and one that failed gets its second chance.
//! - A call without tools can only answer: calls in it are ignored.
//! - An empty answer is asked for once more, without tools and beside the rounds; after that an
//!   honest sentence is the answer.
//! - Every call that is echoed to the model has an id of its own and exactly one result.

use crate::ai::prompt::{self, CONTEXT_TOKENS, Language};
use crate::ai::providers::Offer;
use crate::ai::{Answer, Completion, Ending, Message, Outcome, ToolCall, ToolResult, Usage};

/// Rounds of one answer, the last one without tools.
pub(super) const MAX_ROUNDS: u32 = 5;

/// Rounds with only invalid calls before tools are taken away.
const MAX_INVALID_ROUNDS: u32 = 2;

/// Calls of one round; further ones are dropped as if they had not been made.
///
/// Four rounds of five calls of two requests stay below the 50 requests that a Worker on the free
/// plan may send.
///
/// # Source
/// Cloudflare Docs/Workers limits, read 2026-11-20.
const MAX_CALLS: usize = 5;

/// Free context below which no further round of tools is begun, in tokens.
const LEAST_FREE_TOKENS: u32 = 2_000;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Call the model.
    Think(Thought),
    /// Run these tool calls.
    UseTools {
        /// Ordinal of the model call that asked for them.
        ordinal: u32,
        /// Calls, each with an id of its own.
        calls: Vec<ToolCall>,
    },
    /// It is over.
    Finish(Answer),
}

/// A model call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thought {
    /// Ordinal among the job's model calls, from 1.
    pub(super) ordinal: u32,
    /// Messages to send.
    pub(super) messages: Vec<Message>,
    /// Whether tools are offered.
    pub(super) offer: Offer,
}

/// A conversation with a model.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    messages: Vec<Message>,
    language: Language,
    max_tokens: u32,
    /// Model calls so far, with the retry of an empty one.
    thoughts: u32,
    /// Rounds so far.
    rounds: u32,
    invalid_rounds: u32,
    offer: Offer,
    has_repeated: bool,
    has_retried: bool,
    pending: Vec<ToolCall>,
    usage: Usage,
}

impl Machine {
    /// Returns the conversation before its first model call.
    pub(super) fn new(question: &str, max_tokens: u32) -> Self {
        Self {
            messages: prompt::first_messages(question, max_tokens),
            language: Language::of(question),
            max_tokens,
            thoughts: 0,
            rounds: 0,
            invalid_rounds: 0,
            offer: Offer::Tools,
            has_repeated: false,
            has_retried: false,
            pending: Vec::new(),
            usage: Usage::default(),
        }
    }

    /// Begins the next round.
    pub(super) fn begin_round(&mut self) -> Next {
        self.rounds += 1;
        let is_last = self.rounds >= MAX_ROUNDS
            || self.has_repeated
            || self.invalid_rounds >= MAX_INVALID_ROUNDS
            || self.is_nearly_full();
        self.think(if is_last { Offer::Nothing } else { Offer::Tools })
    }

    /// Takes what the model said.
    pub(super) fn take_completion(&mut self, completion: Completion) -> Next {
        self.usage = self.usage.plus(completion.usage);
        if self.offer == Offer::Nothing || completion.calls.is_empty() {
            return self.finish(&completion);
        }
        let calls = self.name_calls(completion.calls);
        self.has_repeated = calls.iter().any(|call| self.was_made(call));
        self.pending.clone_from(&calls);
        self.messages.push(Message::Assistant { text: completion.text, calls: calls.clone() });
        Next::UseTools { ordinal: self.thoughts, calls }
    }

    /// Takes the results of the calls last asked for, and begins the next round.
    pub(super) fn take_results(&mut self, results: &[ToolResult]) -> Next {
        let mut are_all_invalid = true;
        for call in core::mem::take(&mut self.pending) {
            let result = results.iter().find(|result| result.id == call.id);
            are_all_invalid &= result.is_some_and(|result| result.outcome == Outcome::Invalid);
            let content = result.map_or(NO_RESULT, |result| result.content.as_str()).to_owned();
            self.messages.push(Message::Tool { call_id: call.id, name: call.name, content });
        }
        if are_all_invalid {
            self.invalid_rounds += 1;
        }
        self.begin_round()
    }

    fn think(&mut self, offer: Offer) -> Next {
        self.thoughts += 1;
        self.offer = offer;
        let mut messages = self.messages.clone();
        if offer == Offer::Nothing {
            messages.push(Message::System(prompt::FINAL_NOTE.to_owned()));
        }
        Next::Think(Thought { ordinal: self.thoughts, messages, offer })
    }

    fn finish(&mut self, completion: &Completion) -> Next {
        let text = completion.text.trim();
        if text.is_empty() && !self.has_retried {
            self.has_retried = true;
            return self.think(Offer::Nothing);
        }
        let (ending, text) = if text.is_empty() {
            (Ending::Empty, self.language.empty_answer().to_owned())
        } else if completion.is_cut {
            (Ending::Cut, format!("{text}{}", self.language.cut_note()))
        } else {
            (Ending::Answered, text.to_owned())
        };
        Next::Finish(Answer { text, ending, thoughts: self.thoughts, usage: self.usage })
    }

    /// Gives every call an id that no other call of the conversation has: the provider's own if it
    /// is free, since some models read meaning into it, else `call_{ordinal}_{index}`.
    fn name_calls(&self, calls: Vec<ToolCall>) -> Vec<ToolCall> {
        let mut named: Vec<ToolCall> = Vec::new();
        for (index, mut call) in calls.into_iter().take(MAX_CALLS).enumerate() {
            let is_taken =
                |id: &str| named.iter().chain(self.calls_made()).any(|other| other.id == id);
            if call.id.trim().is_empty() || is_taken(&call.id) {
                call.id = format!("call_{}_{index}", self.thoughts);
            }
            while is_taken(&call.id) {
                call.id.push('_');
            }
            named.push(call);
        }
        named
    }

    fn was_made(&self, call: &ToolCall) -> bool {
        self.calls_made().any(|made| made.asks_the_same_as(call))
    }

    /// Calls of earlier rounds.
    fn calls_made(&self) -> impl Iterator<Item = &ToolCall> {
        self.messages.iter().flat_map(|message| match message {
            Message::Assistant { calls, .. } => calls.as_slice(),
            Message::System(_) | Message::User(_) | Message::Tool { .. } => &[],
        })
    }

    fn is_nearly_full(&self) -> bool {
        let taken = prompt::estimate_messages(&self.messages).saturating_add(self.max_tokens);
        taken.saturating_add(LEAST_FREE_TOKENS) > CONTEXT_TOKENS
    }
}

/// What the model reads when a call has no result, so that no call stays without one.
const NO_RESULT: &str = "error: the tool did not answer";

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
