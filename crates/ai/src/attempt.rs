//! One attempt at one model, as it is booked.

use serde::{Deserialize, Serialize};

use super::Usage;
use super::prices::Cost;
use miyabi_core::fault::Class;

/// What an attempt at a model took, whether it brought a completion or not.
///
/// # Shape
/// A stored format, which SQL reads (`migrations/0005`):
/// `{"ordinal":1,"model":"@cf/…","outcome":"ok","usage":{…},"nano":1485000,"pricing":"exact"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Number among the attempts of one generation of a job, from 1.
    pub ordinal: u32,
    /// Model, as configured.
    pub model: String,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What it took, as far as that is known.
    pub usage: Usage,
    /// What that cost.
    #[serde(flatten)]
    pub cost: Cost,
}

/// How many tokens a prompt was estimated at, and how many its model has counted.
///
/// # Shape
/// A part of a command to a conversation: `{"model":"@cf/…","estimated":900,"counted":812}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Model, as configured.
    pub model: String,
    /// Estimate, in tokens.
    pub estimated: u32,
    /// What the model reports, in tokens.
    pub counted: u64,
}

/// How an attempt ended.
///
/// # Shape
/// `"ok"`, or the name of the failure's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum AttemptOutcome {
    /// With a completion.
    Ok,
    /// With a failure of this class.
    Failed(Class),
}

/// A name that no outcome has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no outcome of an attempt is named `{0}`")]
pub struct UnknownOutcome(String);

impl From<AttemptOutcome> for &'static str {
    fn from(outcome: AttemptOutcome) -> Self {
        match outcome {
            AttemptOutcome::Ok => "ok",
            AttemptOutcome::Failed(class) => class.name(),
        }
    }
}

impl TryFrom<String> for AttemptOutcome {
    type Error = UnknownOutcome;

    fn try_from(name: String) -> Result<Self, UnknownOutcome> {
        if name == "ok" {
            return Ok(Self::Ok);
        }
        Class::parse(&name).map(Self::Failed).ok_or(UnknownOutcome(name))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::prices::Pricing;

    #[test]
    fn an_attempt_is_stored_as_the_database_reads_it_and_reads_back() {
        let failures = Class::ALL.map(|class| (AttemptOutcome::Failed(class), class.name()));
        for (outcome, name) in failures.into_iter().chain([(AttemptOutcome::Ok, "ok")]) {
            let usage = Usage {
                prompt_tokens: 3,
                completion_tokens: 2,
                cached_tokens: 1,
                neurons_milli: Some(9),
            };
            let cost = Cost { nano: (1 << 53) - 1, pricing: Pricing::Exact };
            let attempt = Attempt { ordinal: 1, model: "@cf/a/b".to_owned(), outcome, usage, cost };
            let stored = json!({
                "ordinal": 1,
                "model": "@cf/a/b",
                "outcome": name,
                "usage": { "prompt": 3, "completion": 2, "cached": 1, "neurons": 9 },
                "nano": 9_007_199_254_740_991_u64,
                "pricing": "exact",
            });
            assert_eq!(serde_json::to_value(&attempt).unwrap(), stored);
            assert_eq!(serde_json::from_value::<Attempt>(stored.clone()).unwrap(), attempt);
            for (field, odd) in [("outcome", "odd"), ("pricing", "free"), ("usage", "")] {
                let mut other = stored.clone();
                other[field] = odd.into();
                assert!(serde_json::from_value::<Attempt>(other).is_err(), "{field}");
            }
        }
    }
}
