//! The agent loop: what comes next in a conversation with a model, as a state machine without I/O.
//!
//! It is fed what models and tools returned and says what to do next. The same inputs give the same
//! outputs, so a job that is replayed from its stored steps takes the same way again; and its [`State`]
//! can be stored and read back.
//!
//! Rules, each with a test of its own:
//! - At most [`MAX_ROUNDS`] rounds; the last offers no tools, so there is always an answer.
//! - The last round comes early when a call repeats one of an earlier round, when more than
//!   [`MAX_REPAIRS`] rounds held invalid calls, when the context is nearly full, or when another round
//!   would pass a bound of [`Plan`]: money, [`MAX_RUN_TOKENS`], [`TOOLS_UNTIL_MS`]. A repeated call
//!   still runs: its result keeps the conversation whole, and one that failed gets a second chance.
//! - A model call without tools can only answer: calls in it are ignored.
//! - An empty answer is asked for once more, without tools and beside the rounds, of the next model if
//!   there is one; after that an honest sentence is the answer.
//! - Every call that is shown to the model has an id of its own and exactly one result.
//! - What a failure of a model means is decided in [`super::fallback`], and what a call may cost in
//!   [`super::budget`]: it is only made if the money that is left pays for it at its dearest.

mod bounds;
mod state;

use core::time::Duration;

pub use self::state::State;
use super::attempt::{Attempt, Measured};
use super::background::Background;
use super::fallback::{Candidate, NextAttempt};
use super::history::{self, Exchange};
use super::prompt;
use super::protocols::{Offer, meant_tool};
use super::{
    Answer, Completion, Ending, Failure, Message, ModelCall, ToolCall, ToolOutcome, ToolResult,
    Turn, wish,
};
use miyabi_core::fault::ModelError;
use miyabi_core::server::ServerSettings;

/// Rounds of one answer, the last one without tools.
pub const MAX_ROUNDS: u32 = 5;

/// Rounds whose invalid calls the model may repair; after one more, tools are taken away.
pub const MAX_REPAIRS: u32 = 2;

/// Calls of one round; further ones are dropped as if they had not been made. The requests that they send
/// have a bound of their own: [`crate::tools::MAX_REQUESTS`].
const MAX_CALLS: usize = 5;

/// Tokens of a whole run, prompts and completions, beyond which no further round of tools is begun: six
/// full contexts of the default model.
pub const MAX_RUN_TOKENS: u64 = 144_000;

/// Age of a question beyond which no further round of tools is begun, in milliseconds.
pub const TOOLS_UNTIL_MS: u64 = 5 * 60 * 1000;

/// Longest completion that is asked for when one had no room to say anything, in tokens.
const MOST_COMPLETION: u32 = 16_384;

/// Tokens kept free for the note of the last round, and for an estimate that is a little off.
const NOTE_TOKENS: u32 = 64;

/// What the model reads when a call has no result, so that no call stays without one.
const NO_RESULT: &str = "error: the tool did not answer";

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
    /// Names of the tools whose calls a person has to allow.
    pub needs_person: Vec<String>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Call a model.
    CallModel(PlannedCall),
    /// Run these tool calls, and then call a model with their results.
    RunTools {
        /// Ordinal of the model call that follows them.
        ordinal: u32,
        /// Calls, each with an id of its own.
        calls: Vec<ToolCall>,
    },
    /// Ask a person whether these calls may run; [`AgentLoop::take_decision`] then runs all of the round.
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
pub struct PlannedCall {
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
#[derive(Debug, Clone)]
pub struct AgentLoop {
    plan: Plan,
    state: State,
}

impl AgentLoop {
    /// Returns the conversation before its first model call.
    pub fn new(question: &str, plan: Plan) -> Self {
        let state = State::new(question, &plan);
        Self { plan, state }
    }

    /// Returns the conversation with what is known before it, and what was said before it, oldest first.
    #[must_use]
    pub fn after(mut self, background: &Background, history: &[Exchange]) -> Self {
        history::insert(&mut self.state.messages, history);
        history::introduce(&mut self.state.messages, background);
        self
    }

    /// Returns the conversation with what the people who manage its server wish.
    #[must_use]
    pub fn within(mut self, server: &ServerSettings) -> Self {
        self.state.messages.splice(1..1, wish::message(server));
        self
    }

    /// Returns the conversation with a state that was stored, `None` if the state is of another version.
    /// `plan` has to be the one that the conversation was made with.
    pub fn resume(state: State, plan: Plan) -> Option<Self> {
        state.is_of_this_version().then_some(Self { plan, state })
    }

    /// Returns what has to be stored to resume the conversation; the plan is not part of it.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Begins the next round.
    pub fn begin_round(&mut self) -> Next {
        self.state.rounds += 1;
        let is_last = self.state.rounds >= MAX_ROUNDS
            || self.state.has_repeated
            || self.state.invalid_rounds > MAX_REPAIRS
            || self.state.at_ms > TOOLS_UNTIL_MS
            || !self.has_room_for_tools();
        self.call_model(if is_last { Offer::Nothing } else { Offer::Tools }, Duration::ZERO)
    }

    /// Takes what a `think` step did: the results of tools, if there were any, and the model call.
    pub fn take_turn(&mut self, turn: Turn) -> Next {
        let planned = turn.tools.map(|round| {
            self.state.tool_requests = self.state.tool_requests.saturating_add(round.requests);
            self.take_results(&round.results)
        });
        match (turn.call, planned) {
            (Some(call), None | Some(Next::CallModel(_))) => self.take_call(call),
            // The settings have changed since the call was made: it is booked all the same.
            (Some(call), Some(_)) => {
                self.state.model_calls += 1;
                self.take_call(call)
            }
            (None, Some(ended @ (Next::Finish(_) | Next::Fail(_)))) => ended,
            (None, _) => Next::Fail(ModelError::Closed),
        }
    }

    /// Takes what became of the model call last asked for.
    pub fn take_call(&mut self, call: ModelCall) -> Next {
        self.state.at_ms = call.at_ms;
        self.state.has_unconfirmed_preview |= call.has_unconfirmed_preview;
        // The configured models may have been others when this call was made.
        self.state.fallback.stay_with(&call.model, &self.plan.models);
        self.book(&call);
        match call.result {
            result if call.is_stopped => self.stop(result.ok()),
            Ok(completion) => {
                self.state.fallback.answered();
                self.take_completion(completion)
            }
            Err(failure) => self.take_failure(&failure),
        }
    }

    /// Takes the results of the calls last asked for, and begins the next round.
    pub fn take_results(&mut self, results: &[ToolResult]) -> Next {
        let mut is_invalid = false;
        for call in core::mem::take(&mut self.state.pending_calls) {
            let result = results.iter().find(|result| result.id == call.id);
            is_invalid |= result.is_some_and(|result| result.outcome == ToolOutcome::Invalid);
            let note = result.map(|result| result.note.as_str()).unwrap_or_default();
            if !note.is_empty() && !self.state.notes.iter().any(|known| known == note) {
                self.state.notes.push(note.to_owned());
            }
            if let Some(result) = result.filter(|it| !it.prompt.is_empty()) {
                self.state.prompt.get_or_insert_with(|| result.prompt.clone());
            }
            let content = match result {
                Some(result) => result.content.as_str(),
                None => NO_RESULT,
            };
            let content = content.to_owned();
            self.state.messages.push(Message::Tool { call_id: call.id, name: call.name, content });
        }
        if is_invalid {
            self.state.invalid_rounds += 1;
        }
        self.begin_round()
    }

    /// Goes on after a person was asked. What they decided is read where a call is claimed, and is its result.
    pub fn take_decision(&mut self) -> Next {
        // An attempt at asking may arrive late, in place of the answer, as a preview may.
        self.state.has_unconfirmed_preview = true;
        self.run_tools(self.state.pending_calls.clone())
    }

    /// Returns whether a person was asked about a call of the round that runs now.
    pub fn has_asked(&self) -> bool {
        !self.needing_person(&self.state.pending_calls).is_empty()
    }

    /// Returns the age of the question at the end of the last model call, in milliseconds.
    pub const fn at_ms(&self) -> u64 {
        self.state.at_ms
    }

    /// Returns the requests that tools have sent so far.
    pub const fn tool_requests(&self) -> u32 {
        self.state.tool_requests
    }

    /// Returns every model call so far.
    pub fn into_attempts(self) -> Vec<Attempt> {
        self.state.attempts
    }

    /// Returns what the last prompt took that a model has counted.
    pub const fn measured(&self) -> Option<&Measured> {
        self.state.measured.as_ref()
    }

    /// Returns whether a streaming preview may still arrive at the asker.
    pub const fn has_unconfirmed_preview(&self) -> bool {
        self.state.has_unconfirmed_preview
    }

    fn take_completion(&mut self, completion: Completion) -> Next {
        if self.state.offer == Offer::Nothing || completion.calls.is_empty() {
            return self.finish(&completion);
        }
        let calls = self.name_calls(completion.calls);
        self.state.has_repeated = calls.iter().any(|call| self.was_made(call));
        self.state.used_tools = true;
        self.state.pending_calls.clone_from(&calls);
        let message = Message::Assistant { text: completion.text, calls: calls.clone() };
        self.state.messages.push(message);
        let asks = self.needing_person(&calls);
        if asks.is_empty() {
            self.run_tools(calls)
        } else {
            Next::AskPerson { ordinal: self.state.model_calls, calls: asks }
        }
    }

    /// Returns those of these calls that need a person.
    fn needing_person(&self, calls: &[ToolCall]) -> Vec<ToolCall> {
        let names: Vec<&str> = self.plan.needs_person.iter().map(String::as_str).collect();
        let needs_person = |call: &&ToolCall| meant_tool(&call.name, &names).is_some();
        calls.iter().filter(needs_person).cloned().collect()
    }

    fn take_failure(&mut self, failure: &Failure) -> Next {
        match self.state.fallback.fail(failure, &self.plan.models) {
            NextAttempt::Ask(wait) => self.call_model(self.state.offer, wait),
            NextAttempt::Trim => {
                let fewer = prompt::estimate_messages(&self.state.messages) / 5 * 3;
                prompt::fit(&mut self.state.messages, fewer);
                self.call_model(self.state.offer, Duration::ZERO)
            }
            NextAttempt::GiveUp(error) => Next::Fail(error),
        }
    }

    const fn run_tools(&self, calls: Vec<ToolCall>) -> Next {
        Next::RunTools { ordinal: self.state.model_calls + 1, calls }
    }

    fn call_model(&mut self, offer: Offer, wait: Duration) -> Next {
        let (model, max_tokens) = loop {
            let Some((model, candidate)) = self.state.fallback.current(&self.plan.models) else {
                return Next::Fail(self.state.fallback.error());
            };
            let room = candidate.context.saturating_sub(self.state.max_tokens);
            prompt::fit(&mut self.state.messages, room.saturating_sub(NOTE_TOKENS));
            match self.longest_completion(candidate.price, offer) {
                Some(max_tokens) => break (model, max_tokens),
                // A question that is answered by itself is better than one that is not.
                None if history::drop_oldest(&mut self.state.messages) => {}
                None if self.state.fallback.pass(&self.plan.models) => {}
                None => return self.end(Ending::OutOfMoney, self.state.language.out_of_money()),
            }
        };
        self.state.model_calls += 1;
        self.state.offer = offer;
        self.state.requested_tokens = max_tokens;
        let mut messages = self.state.messages.clone();
        if offer == Offer::Nothing {
            messages.push(Message::System(prompt::FINAL_NOTE.to_owned()));
        }
        Next::CallModel(PlannedCall {
            ordinal: self.state.model_calls,
            model,
            messages,
            offer,
            max_tokens,
            rejects_if_busy: !self.state.fallback.is_last(&self.plan.models),
            wait,
        })
    }

    fn finish(&mut self, completion: &Completion) -> Next {
        let text = completion.text.trim();
        if !text.is_empty() {
            return if completion.is_cut {
                self.end(Ending::Cut, &format!("{text}{}", self.state.language.cut_note()))
            } else {
                self.end(Ending::Answered, text)
            };
        }
        if self.state.has_retried {
            return self.end(Ending::Empty, self.state.language.empty_answer());
        }
        self.state.has_retried = true;
        if completion.is_cut {
            // It reasoned, and had no room left for an answer.
            self.state.max_tokens = self.state.max_tokens.saturating_mul(2).min(MOST_COMPLETION);
        }
        self.state.fallback.pass(&self.plan.models);
        self.call_model(Offer::Nothing, Duration::ZERO)
    }

    /// Ends the run because the asker wants no more of the answer, with what was said of it.
    pub fn stop(&self, said: Option<Completion>) -> Next {
        let text = said.map(|completion| completion.text).unwrap_or_default();
        let text = Some(text.trim()).filter(|text| !text.is_empty());
        self.end(Ending::Stopped, text.unwrap_or_else(|| self.state.language.empty_answer()))
    }

    fn end(&self, ending: Ending, text: &str) -> Next {
        Next::Finish(Answer { text: text.to_owned(), ending, used_tools: self.state.used_tools })
    }

    /// Gives every call an id that no other call of the conversation has: the model's own if it is
    /// free, since some models read meaning into it, else `call_{ordinal}_{index}`.
    fn name_calls(&self, calls: Vec<ToolCall>) -> Vec<ToolCall> {
        let mut named: Vec<ToolCall> = Vec::new();
        for (index, mut call) in calls.into_iter().take(MAX_CALLS).enumerate() {
            let is_taken =
                |id: &str| named.iter().chain(self.calls_made()).any(|other| other.id == id);
            if call.id.trim().is_empty() || is_taken(&call.id) {
                call.id = format!("call_{}_{index}", self.state.model_calls);
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

    /// Returns every call so far, in their order.
    pub fn calls_made(&self) -> impl Iterator<Item = &ToolCall> {
        self.state.messages.iter().flat_map(|message| match message {
            Message::Assistant { calls, .. } => calls.as_slice(),
            Message::System(_) | Message::User(_) | Message::Tool { .. } => &[],
        })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
