//! What a run has cost, what it may cost yet, and what it has room for.

use super::{
    AgentLoop, Candidate, LEAST_COMPLETION, LEAST_FREE_TOKENS, MAX_RUN_TOKENS, NOTE_TOKENS,
};
use crate::attempt::Attempt;
use crate::protocols::Offer;
use crate::{Completion, Failure, prices, prompt};
use miyabi_core::fault::Class;

impl AgentLoop {
    /// Writes the model call last made into the account.
    ///
    /// What nobody reported is counted from the texts, unless the model refused before it read them. A call
    /// that broke off or ran out of time may have written all that it was allowed to.
    pub(super) fn book(
        &mut self,
        id: &str,
        outcome: &'static str,
        said: Result<&Completion, &Failure>,
    ) {
        let current = self.chain.current(&self.plan.models);
        let id = if id.is_empty() { current.map_or("", |(_, model)| &model.id) } else { id };
        let known = self.plan.models.iter().find(|model| model.id == id);
        let price = known.map_or_else(|| prices::price_of(id), |model| model.price);
        let mut usage = said.map_or_else(|failure| failure.usage, |completion| completion.usage);
        let is_reported = usage.prompt_tokens > 0 || usage.neurons_milli.is_some();
        let cost = if is_reported || said.is_err_and(|failure| !has_read(failure.class)) {
            prices::cost(price, usage)
        } else {
            usage.prompt_tokens = self.prompt_tokens(self.offer).into();
            let counted = match said {
                Ok(completion) => prompt::estimate_tokens(&completion.text).into(),
                // No status: nobody said that it failed.
                Err(failure) if failure.code == 0 => self.asked_tokens.into(),
                Err(_) => 0,
            };
            // What of a broken stream has arrived was counted already.
            usage.completion_tokens = usage.completion_tokens.max(counted);
            prices::estimate(price, usage)
        };
        let (ordinal, model) = (self.thoughts, id.to_owned());
        self.attempts.push(Attempt { ordinal, model, outcome, usage, cost });
    }

    /// Returns about what a call's prompt takes, in tokens.
    pub(super) fn prompt_tokens(&self, offer: Offer) -> u32 {
        let tools = if offer == Offer::Tools { self.plan.tools_tokens } else { 0 };
        prompt::estimate_messages(&self.messages).saturating_add(tools)
    }

    pub(super) fn spent(&self) -> u64 {
        self.attempts.iter().map(|attempt| attempt.cost.nano).fold(0, u64::saturating_add)
    }

    /// Returns the longest completion that can be paid for at this model, `None` if not even a short
    /// one. What has no price costs nothing that we know of.
    pub(super) fn affordable(&self, model: &Candidate, offer: Offer) -> Option<u32> {
        let (Some(granted), Some(price)) = (self.plan.granted, &model.price) else {
            return Some(self.max_tokens);
        };
        let left = granted.saturating_sub(self.spent());
        let prompt = self.prompt_tokens(offer).saturating_add(NOTE_TOKENS);
        let most = price.completion_within(left, prompt.into());
        let most = u32::try_from(most).unwrap_or(u32::MAX).min(self.max_tokens);
        (most >= LEAST_COMPLETION.min(self.max_tokens)).then_some(most)
    }

    /// Returns whether there is room for this round with tools and for the last one after it: in the
    /// context, in the tokens of a run and in its money.
    pub(super) fn has_room_for_tools(&self) -> bool {
        let Some((_, model)) = self.chain.current(&self.plan.models) else { return true };
        let prompt = self.prompt_tokens(Offer::Tools);
        let call = prompt.saturating_add(self.max_tokens);
        let is_roomy = call.saturating_add(LEAST_FREE_TOKENS) <= model.context;
        let used = |attempt: &Attempt| {
            attempt.usage.prompt_tokens.saturating_add(attempt.usage.completion_tokens)
        };
        let used = self.attempts.iter().map(used).fold(0, u64::saturating_add);
        let both = u64::from(call).saturating_mul(2).saturating_add(LEAST_FREE_TOKENS.into());
        let is_short = used.saturating_add(both) <= MAX_RUN_TOKENS;
        let is_paid = match (self.plan.granted, &model.price) {
            (Some(granted), Some(price)) => {
                let prompts = prompt.saturating_mul(2).saturating_add(LEAST_FREE_TOKENS);
                let completions = self.max_tokens.saturating_mul(2);
                let cost = price.of(prompts.into(), completions.into());
                self.spent().saturating_add(cost) <= granted
            }
            _ => true,
        };
        is_roomy && is_short && is_paid
    }
}

/// Returns whether a model that failed like this has read the messages, and so may bill them.
const fn has_read(class: Class) -> bool {
    matches!(class, Class::Transient | Class::Truncated | Class::Policy)
}
