//! Prices of models from a table, and costs of calls in integers.
//!
//! `build.rs` makes the table out of `data/model_prices.json`. A model that is not in it is unpriced,
//! which is not the same as free.

use serde::{Deserialize, Serialize};

use super::Usage;

/// One line per model: id, pico-dollars per token of input, output and cached input, and the tokens
/// that it reads.
const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/prices.txt"));

/// One line per model that hears: id, and pico-dollars per second.
const VOICES: &str = include_str!(concat!(env!("OUT_DIR"), "/voices.txt"));

/// Nano-dollars of a thousandth of a neuron.
///
/// # Source
/// Cloudflare Docs/Workers AI pricing, $0.011 per 1,000 neurons, read 2026-11-20.
const NANO_PER_MILLI_NEURON: u64 = 11;

/// Most nano-dollars of a call, nine million dollars: the largest integer that a JavaScript number holds.
const MOST_NANO: u64 = (1 << 53) - 1;

/// What a model takes for a token, in pico-dollars, and how much it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// A token of the prompt.
    pub input: u64,
    /// A token of the completion.
    pub output: u64,
    /// A token of the prompt that came from the vendor's cache.
    pub cached: u64,
    /// Tokens that the model reads.
    pub context: u32,
}

impl Price {
    /// Returns what a call costs without a cache, in nano-dollars.
    pub const fn of(&self, prompt_tokens: u64, completion_tokens: u64) -> u64 {
        let input = self.input.saturating_mul(prompt_tokens);
        input.saturating_add(self.output.saturating_mul(completion_tokens)).div_ceil(1_000)
    }

    /// Returns the longest completion after a prompt that so many nano-dollars pay for, in tokens; 0 if
    /// they do not pay for the prompt.
    pub const fn completion_within(&self, nano: u64, prompt_tokens: u64) -> u64 {
        let left =
            nano.saturating_mul(1_000).saturating_sub(self.input.saturating_mul(prompt_tokens));
        match left.checked_div(self.output) {
            Some(tokens) => tokens,
            None => u64::MAX,
        }
    }
}

/// How a cost is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// By the neurons that Workers AI reports and bills, or because nothing was taken.
    Exact,
    /// By reported tokens and the table.
    Table,
    /// By tokens that nobody reported, or by what was set aside.
    Estimated,
    /// There is no price: the cost is not known, and counts as nothing.
    Unpriced,
}

/// What a call cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Nano-dollars, rounded up; 0 if unpriced, and below 2^53.
    pub nano: u64,
    /// How that is known.
    pub pricing: Pricing,
}

/// Returns the price of a configured model such as `openai/gpt-5-mini` or `@cf/…`; `None` if the table
/// has none. A dated name, or one that ends in `-latest`, has the price of the name without that.
pub fn price_of(model_id: &str) -> Option<Price> {
    let mut longest = 0;
    let mut price = None;
    for line in TABLE.lines() {
        let Some((id, numbers)) = line.split_once(' ') else { continue };
        let is_it = model_id.strip_prefix(id).is_some_and(names_a_version);
        if is_it && id.len() > longest {
            longest = id.len();
            price = read(numbers);
        }
    }
    price
}

/// Returns whether the rest of a name only says which version it is: `-latest`, `-2026-03-17`,
/// `-20251001` or `-001`. `-5` may be another model.
fn names_a_version(rest: &str) -> bool {
    let is_digit_or_hyphen = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    match rest.strip_prefix('-') {
        None => rest.is_empty(),
        Some("latest") => true,
        Some(version) => {
            let first = version.bytes().take_while(u8::is_ascii_digit).count();
            first >= 3 && version.bytes().all(is_digit_or_hyphen)
        }
    }
}

fn read(numbers: &str) -> Option<Price> {
    let mut numbers = numbers.split(' ');
    let mut next = || -> Option<u64> { numbers.next()?.parse().ok() };
    Some(Price {
        input: next()?,
        output: next()?,
        cached: next()?,
        context: next()?.try_into().ok()?,
    })
}

/// Returns what hearing so many milliseconds costs, in nano-dollars; `None` if the table has no price of the model.
pub fn hearing(model_id: &str, length_ms: u64) -> Option<u64> {
    let mut rows = VOICES.lines().filter_map(|line| line.split_once(' '));
    let (_, pico) = rows.find(|(id, _)| *id == model_id)?;
    let pico: u64 = pico.parse().ok()?;
    Some(pico.saturating_mul(length_ms).div_ceil(1_000_000).min(MOST_NANO))
}

/// Returns what a call cost by what was reported of it. Who reports nothing took nothing: a completion
/// without usage is one for [`estimate`].
pub fn cost(price: Option<Price>, usage: Usage) -> Cost {
    if let Some(neurons_milli) = usage.neurons_milli {
        let nano = neurons_milli.saturating_mul(NANO_PER_MILLI_NEURON);
        return Cost { nano: nano.min(MOST_NANO), pricing: Pricing::Exact };
    }
    if usage.prompt_tokens == 0 && usage.completion_tokens == 0 {
        return Cost { nano: 0, pricing: Pricing::Exact };
    }
    by_table(price, usage, Pricing::Table)
}

/// Returns what a call cost by tokens that were counted from the texts.
pub fn estimate(price: Option<Price>, usage: Usage) -> Cost {
    by_table(price, usage, Pricing::Estimated)
}

fn by_table(price: Option<Price>, usage: Usage, pricing: Pricing) -> Cost {
    let Some(price) = price else {
        return Cost { nano: 0, pricing: Pricing::Unpriced };
    };
    let cached = usage.cached_tokens.min(usage.prompt_tokens);
    let pico = price
        .input
        .saturating_mul(usage.prompt_tokens - cached)
        .saturating_add(price.cached.saturating_mul(cached))
        .saturating_add(price.output.saturating_mul(usage.completion_tokens));
    Cost { nano: pico.div_ceil(1_000).min(MOST_NANO), pricing }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
