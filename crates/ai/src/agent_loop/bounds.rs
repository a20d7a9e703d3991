//! What a run of the agent loop has taken, and whether there is room for more.

use super::{AgentLoop, MAX_RUN_TOKENS, NOTE_TOKENS};
use crate::attempt::{Attempt, AttemptOutcome, Measured};
use crate::budget::{self, Budget, CallAccount};
use crate::prices::{self, Price};
use crate::protocols::Offer;
use crate::{ModelCall, prompt};

/// Free context below which no further round of tools is begun, in tokens.
const LEAST_FREE_TOKENS: u32 = 2_000;

impl AgentLoop {
    /// Writes a model call into the account.
    pub(super) fn book(&mut self, call: &ModelCall) {
        let known = self.plan.models.iter().find(|model| model.id == call.model);
        let price = known.map_or_else(|| prices::price_of(&call.model), |model| model.price);
        let account = CallAccount {
            price,
            result: call.result.as_ref(),
            prompt_tokens: self.prompt_tokens(self.state.offer),
            requested_tokens: self.state.requested_tokens,
        };
        if let Ok(completion) = &call.result
            && completion.usage.prompt_tokens > 0
        {
            self.state.measured = Some(Measured {
                model: call.model.clone(),
                estimated: account.prompt_tokens,
                counted: completion.usage.prompt_tokens,
            });
        }
        let (usage, cost) = account.settle();
        let outcome = match &call.result {
            Ok(_) => AttemptOutcome::Ok,
            Err(failure) => AttemptOutcome::Failed(failure.class),
        };
        let (ordinal, model) = (self.state.model_calls, call.model.clone());
        self.state.attempts.push(Attempt { ordinal, model, outcome, usage, cost });
    }

    fn budget(&self) -> Budget {
        Budget::after(&self.state.attempts, self.plan.granted)
    }

    /// Returns about what a call's prompt takes, in tokens.
    fn prompt_tokens(&self, offer: Offer) -> u32 {
        // Some vendors want the tools declared as long as the messages show calls.
        let declares = offer == Offer::Tools || self.state.used_tools;
        let tools = if declares { self.plan.tools_tokens } else { 0 };
        prompt::estimate_messages(&self.state.messages).saturating_add(tools)
    }

    /// Returns the longest completion that can be paid for, in tokens; `None` if not even a short one.
    pub(super) fn longest_completion(&self, price: Option<Price>, offer: Offer) -> Option<u32> {
        let prompt = self.prompt_tokens(offer).saturating_add(NOTE_TOKENS);
        self.budget().longest_completion(price, prompt, self.state.max_tokens)
    }

    /// Returns whether there is room for this round with tools and for the last one after it: in the
    /// context, in the tokens of a run and in its money.
    pub(super) fn has_room_for_tools(&self) -> bool {
        let Some((_, model)) = self.state.fallback.current(&self.plan.models) else { return true };
        let prompt = self.prompt_tokens(Offer::Tools);
        let call = prompt.saturating_add(self.state.max_tokens);
        let both = u64::from(call).saturating_mul(2).saturating_add(LEAST_FREE_TOKENS.into());
        let used = budget::used_tokens(&self.state.attempts);
        let prompts = prompt.saturating_mul(2).saturating_add(LEAST_FREE_TOKENS);
        let completions = self.state.max_tokens.saturating_mul(2);
        call.saturating_add(LEAST_FREE_TOKENS) <= model.context
            && used.saturating_add(both) <= MAX_RUN_TOKENS
            && self.budget().pays_for(model.price, prompts, completions)
    }
}
