//! What a run has cost, what it may cost yet, and what one model call is booked at.
//!
//! Prices are in [`prices`]; how much is granted to a question is decided when its job is claimed.

use super::prices::{self, Cost, Price};
use super::{Attempt, Completion, Failure, Usage, prompt};
use miyabi_core::fault::Class;

/// Shortest completion that is worth asking for, in tokens.
pub const LEAST_COMPLETION: u32 = 128;

/// The money of a run.
///
/// # Units
/// Nano-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Most that the run may cost; `None` for no bound.
    pub granted: Option<u64>,
    /// What its attempts have cost.
    pub spent: u64,
}

impl Budget {
    /// Returns the money of a run after these attempts.
    pub fn after(attempts: &[Attempt], granted: Option<u64>) -> Self {
        let costs = attempts.iter().map(|attempt| attempt.cost.nano);
        Self { granted, spent: costs.fold(0, u64::saturating_add) }
    }

    /// Returns the longest completion up to `most` tokens that the rest of the money pays for after a
    /// prompt of so many tokens; `None` if not even a short one. What has no price costs nothing that
    /// is known.
    pub fn longest_completion(
        self,
        price: Option<Price>,
        prompt_tokens: u32,
        most: u32,
    ) -> Option<u32> {
        let (Some(granted), Some(price)) = (self.granted, price) else { return Some(most) };
        let left = granted.saturating_sub(self.spent);
        let tokens = price.completion_within(left, prompt_tokens.into());
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX).min(most);
        (tokens >= LEAST_COMPLETION.min(most)).then_some(tokens)
    }

    /// Returns whether the rest of the money pays for so many tokens.
    pub fn pays_for(
        self,
        price: Option<Price>,
        prompt_tokens: u32,
        completion_tokens: u32,
    ) -> bool {
        let (Some(granted), Some(price)) = (self.granted, price) else { return true };
        let cost = price.of(prompt_tokens.into(), completion_tokens.into());
        self.spent.saturating_add(cost) <= granted
    }
}

/// Returns the tokens of all attempts, prompts and completions.
pub fn used_tokens(attempts: &[Attempt]) -> u64 {
    let used = |attempt: &Attempt| {
        attempt.usage.prompt_tokens.saturating_add(attempt.usage.completion_tokens)
    };
    attempts.iter().map(used).fold(0, u64::saturating_add)
}

/// What is known of a model call when it is booked.
#[derive(Debug, Clone, Copy)]
pub struct CallAccount<'a> {
    /// Price of the model.
    pub price: Option<Price>,
    /// What the model returned, or why it did not.
    pub result: Result<&'a Completion, &'a Failure>,
    /// Estimate of the prompt, in tokens.
    pub prompt_tokens: u32,
    /// Longest completion that was asked for, in tokens.
    pub requested_tokens: u32,
}

impl CallAccount<'_> {
    /// Returns what the call took and cost.
    ///
    /// What nobody reported is counted from the texts, unless the model refused before it read them. A
    /// call that broke off or ran out of time may have written all that it was allowed to.
    pub fn settle(self) -> (Usage, Cost) {
        let usage = self.result.map_or_else(|failure| failure.usage, |completion| completion.usage);
        let is_reported = usage.prompt_tokens > 0 || usage.neurons_milli.is_some();
        if is_reported || self.result.is_err_and(|failure| !has_read(failure.class)) {
            return (usage, prices::cost(self.price, usage));
        }
        let counted = match self.result {
            Ok(completion) => prompt::estimate_tokens(&completion.text),
            // No status: no response said that it failed.
            Err(failure) if failure.code == 0 => self.requested_tokens,
            Err(_) => 0,
        };
        let usage = Usage {
            prompt_tokens: self.prompt_tokens.into(),
            // What of a broken stream has arrived was counted already.
            completion_tokens: usage.completion_tokens.max(counted.into()),
            ..usage
        };
        (usage, prices::estimate(self.price, usage))
    }
}

/// Returns whether a model that failed like this has read the messages, and so may bill them.
const fn has_read(class: Class) -> bool {
    matches!(class, Class::Transient | Class::Truncated | Class::Policy)
}
