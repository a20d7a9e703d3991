//! What comes next in a conversation with a model: a state machine without I/O.
//!
//! It is fed what models and tools returned and says what to do with it. The same inputs give the
//! same outputs, so a job that is replayed from its stored steps takes the same way again; and its
//! state has a JSON of its own, see `machine/state.rs`.
//!
//! Rules, each with a test of its own:
//! - At most [`MAX_ROUNDS`] rounds; the last offers no tools, so there is always an answer.
//! - The last round comes early when a call repeats an earlier round's, when more than
//!   [`MAX_REPAIRS`] rounds held invalid calls, when the context is nearly full, or when another round
//!   would pass a bound of [`Plan`]: money, [`MAX_RUN_TOKENS`], [`TOOLS_UNTIL_MS`]. A repeated call
//!   still runs: its result keeps the conversation whole, and one that failed gets its second chance.
//! - A call without tools can only answer: calls in it are ignored.
//! - An empty answer is asked for once more, without tools and beside the rounds, of the next model if
//!   there is one; after that an honest sentence is the answer.
//! - Every call that is echoed to the model has an id of its own and exactly one result.
//! - What a failure of a model means is `chain.rs`'s to say. A call is only made if the money that is
//!   left pays for it at its dearest.

mod account;
mod state;

use core::time::Duration;

use super::attempt::{self, Attempt};
use super::fallback::{Candidate, FallbackChain, Then};
use super::prompt::{self, Language};
use super::protocols::Offer;
use super::{Answer, Completion, Ending, Failure, Message, Outcome, ToolCall, ToolResult, Turn};
use miyabi_core::fault::ModelError;

/// Rounds of one answer, the last one without tools.
pub const MAX_ROUNDS: u32 = 5;

/// Rounds whose invalid calls the model may repair; after one more, tools are taken away.
pub const MAX_REPAIRS: u32 = 2;

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

/// Tokens of a whole run, prompts and completions, beyond which no further round of tools is begun: six
/// full contexts of the default model.
pub const MAX_RUN_TOKENS: u64 = 144_000;

/// Age of a question beyond which no further round of tools is begun, in milliseconds.
pub const TOOLS_UNTIL_MS: u64 = 5 * 60 * 1000;

/// Shortest completion that is worth asking for, in tokens.
const LEAST_COMPLETION: u32 = 128;

/// Longest completion that is asked for when one had no room to say anything, in tokens.
const MOST_COMPLETION: u32 = 16_384;

/// What a run may do: the same for every replay of it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Models, in the order in which they are tried.
    pub models: Vec<Candidate>,
    /// Longest completion of one call, in tokens.
    pub max_tokens: u32,
    /// Most that the run may cost, in nano-dollars; `None` for no bound.
    pub granted: Option<u64>,
    /// Vendors that are not asked: their allowance is used up.
    pub closed: Vec<String>,
    /// What the declarations of the tools take, in tokens.
    pub tools_tokens: u32,
    /// Whether a person has to allow a call of the tool with this name.
    pub needs_person: fn(&str) -> bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Call a model.
    Think(Thought),
    /// Run these tool calls.
    UseTools {
        /// Ordinal of the model call that asked for them.
        ordinal: u32,
        /// Calls, each with an id of its own.
        calls: Vec<ToolCall>,
    },
    /// Ask a person whether these calls may run.
    AskPerson {
        /// Ordinal of the model call that asked for them.
        ordinal: u32,
        /// Those of its calls that need a person.
        calls: Vec<ToolCall>,
    },
    /// It is over, with an answer.
    Finish(Answer),
    /// It is over: no model answered.
    Fail(ModelError),
}

/// A model call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thought {
    /// Ordinal among the run's model calls, failed ones too, from 1.
    pub ordinal: u32,
    /// Index of the model in the plan.
    pub model: usize,
    /// Messages to send.
    pub messages: Vec<Message>,
    /// Whether tools are offered.
    pub offer: Offer,
    /// Longest completion, in tokens.
    pub max_tokens: u32,
    /// Whether the call is better refused than kept waiting for capacity.
    pub rejects_if_busy: bool,
    /// Wait before it.
    pub wait: Duration,
}

/// A conversation with a model.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
#[derive(Debug, Clone)]
pub struct AgentLoop {
    plan: Plan,
    messages: Vec<Message>,
    language: Language,
    /// Model calls so far, with those that failed.
    thoughts: u32,
    rounds: u32,
    /// Rounds that held an invalid call.
    invalid_rounds: u32,
    offer: Offer,
    max_tokens: u32,
    /// Longest completion of the call last asked for.
    asked_tokens: u32,
    has_repeated: bool,
    has_retried: bool,
    /// Whether a tool was called.
    used_tools: bool,
    /// Calls that wait for their results.
    pending: Vec<ToolCall>,
    /// Whether a person declined those of them that need one.
    is_declined: bool,
    chain: FallbackChain,
    attempts: Vec<Attempt>,
    /// Age of the question when something last happened, in milliseconds.
    at_ms: u64,
    /// Whether a preview may still be under way.
    is_unclear: bool,
}

impl AgentLoop {
    /// Returns the conversation before its first model call.
    pub fn new(question: &str, plan: Plan) -> Self {
        let chain = FallbackChain::new(plan.closed.clone(), &plan.models);
        let context = chain.current(&plan.models).map_or(0, |(_, model)| model.context);
        Self {
            messages: prompt::first_messages(question, plan.max_tokens, context),
            language: Language::of(question),
            max_tokens: plan.max_tokens,
            asked_tokens: plan.max_tokens,
            chain,
            plan,
            thoughts: 0,
            rounds: 0,
            invalid_rounds: 0,
            offer: Offer::Tools,
            has_repeated: false,
            has_retried: false,
            used_tools: false,
            pending: Vec::new(),
            is_declined: false,
            attempts: Vec::new(),
            at_ms: 0,
            is_unclear: false,
        }
    }

    /// Begins the next round.
    pub fn begin_round(&mut self) -> Next {
        self.rounds += 1;
        let is_last = self.rounds >= MAX_ROUNDS
            || self.has_repeated
            || self.invalid_rounds > MAX_REPAIRS
            || self.at_ms > TOOLS_UNTIL_MS
            || !self.has_room_for_tools();
        self.think(if is_last { Offer::Nothing } else { Offer::Tools }, Duration::ZERO)
    }

    /// Takes what became of the model call last asked for.
    pub fn take_turn(&mut self, turn: Turn) -> Next {
        self.at_ms = turn.at_ms;
        self.is_unclear |= turn.is_unclear;
        // The chain may have been another one when this call was made.
        self.chain.stay_with(&turn.model, &self.plan.models);
        match turn.said {
            Ok(completion) => {
                self.book(&turn.model, attempt::OK, Ok(&completion));
                self.chain.answered();
                self.take_completion(completion)
            }
            Err(failure) => {
                self.book(&turn.model, failure.class.name(), Err(&failure));
                self.take_failure(&failure)
            }
        }
    }

    /// Takes the results of the calls last asked for, and begins the next round.
    pub fn take_results(&mut self, results: &[ToolResult]) -> Next {
        let mut is_invalid = false;
        for call in core::mem::take(&mut self.pending) {
            let result = results.iter().find(|result| result.id == call.id);
            is_invalid |= result.is_some_and(|result| result.outcome == Outcome::Invalid);
            let content = match result {
                Some(result) => result.content.as_str(),
                None if self.is_declined && (self.plan.needs_person)(&call.name) => DECLINED,
                None => NO_RESULT,
            };
            let content = content.to_owned();
            self.messages.push(Message::Tool { call_id: call.id, name: call.name, content });
        }
        self.is_declined = false;
        if is_invalid {
            self.invalid_rounds += 1;
        }
        self.begin_round()
    }

    /// Takes a person's decision on the calls last asked about; the round's other calls run in any case.
    pub fn take_decision(&mut self, is_allowed: bool) -> Next {
        self.is_declined = !is_allowed;
        let runs = |call: &&ToolCall| is_allowed || !(self.plan.needs_person)(&call.name);
        let calls: Vec<ToolCall> = self.pending.iter().filter(runs).cloned().collect();
        if calls.is_empty() {
            return self.take_results(&[]);
        }
        Next::UseTools { ordinal: self.thoughts, calls }
    }

    /// Returns every model call so far.
    pub fn into_attempts(self) -> Vec<Attempt> {
        self.attempts
    }

    /// Returns whether a preview may still be under way.
    pub const fn is_unclear(&self) -> bool {
        self.is_unclear
    }

    fn take_completion(&mut self, completion: Completion) -> Next {
        if self.offer == Offer::Nothing || completion.calls.is_empty() {
            return self.finish(&completion);
        }
        let calls = self.name_calls(completion.calls);
        self.has_repeated = calls.iter().any(|call| self.was_made(call));
        self.used_tools = true;
        self.pending.clone_from(&calls);
        self.messages.push(Message::Assistant { text: completion.text, calls: calls.clone() });
        let asks: Vec<ToolCall> =
            calls.iter().filter(|call| (self.plan.needs_person)(&call.name)).cloned().collect();
        if asks.is_empty() {
            Next::UseTools { ordinal: self.thoughts, calls }
        } else {
            Next::AskPerson { ordinal: self.thoughts, calls: asks }
        }
    }

    fn take_failure(&mut self, failure: &Failure) -> Next {
        match self.chain.fail(failure, &self.plan.models) {
            Then::Ask(wait) => self.think(self.offer, wait),
            Then::Trim => {
                let fewer = prompt::estimate_messages(&self.messages) / 5 * 3;
                prompt::fit(&mut self.messages, fewer);
                self.think(self.offer, Duration::ZERO)
            }
            Then::GiveUp(error) => Next::Fail(error),
        }
    }

    fn think(&mut self, offer: Offer, wait: Duration) -> Next {
        let (model, max_tokens) = loop {
            let Some((model, candidate)) = self.chain.current(&self.plan.models) else {
                return Next::Fail(self.chain.error());
            };
            let room = candidate.context.saturating_sub(self.max_tokens);
            prompt::fit(&mut self.messages, room.saturating_sub(NOTE_TOKENS));
            match self.affordable(candidate, offer) {
                Some(max_tokens) => break (model, max_tokens),
                None if self.chain.pass(&self.plan.models) => {}
                None => return self.end(Ending::OutOfMoney, self.language.out_of_money()),
            }
        };
        self.thoughts += 1;
        self.offer = offer;
        self.asked_tokens = max_tokens;
        let mut messages = self.messages.clone();
        if offer == Offer::Nothing {
            messages.push(Message::System(prompt::FINAL_NOTE.to_owned()));
        }
        Next::Think(Thought {
            ordinal: self.thoughts,
            model,
            messages,
            offer,
            max_tokens,
            rejects_if_busy: !self.chain.is_last(&self.plan.models),
            wait,
        })
    }

    fn finish(&mut self, completion: &Completion) -> Next {
        let text = completion.text.trim();
        if !text.is_empty() {
            return if completion.is_cut {
                self.end(Ending::Cut, &[text, self.language.cut_note()].concat())
            } else {
                self.end(Ending::Answered, text)
            };
        }
        if self.has_retried {
            return self.end(Ending::Empty, self.language.empty_answer());
        }
        self.has_retried = true;
        if completion.is_cut {
            // It thought, and had no room left to speak.
            self.max_tokens = self.max_tokens.saturating_mul(2).min(MOST_COMPLETION);
        }
        self.chain.pass(&self.plan.models);
        self.think(Offer::Nothing, Duration::ZERO)
    }

    fn end(&self, ending: Ending, text: &str) -> Next {
        Next::Finish(Answer { text: text.to_owned(), ending, used_tools: self.used_tools })
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
}

/// Tokens kept free for the note of the last round, and for an estimate that is a little off.
const NOTE_TOKENS: u32 = 64;

/// What the model reads when a call has no result, so that no call stays without one.
const NO_RESULT: &str = "error: the tool did not answer";

/// What the model reads when a person was asked and said no.
const DECLINED: &str = "error: a person has to allow this, and did not";

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
