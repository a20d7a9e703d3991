//! One attempt at one model, as it is booked.

use serde_json::Value;

use super::Usage;
use super::prices::{Cost, Pricing};
use super::stored::required;
use miyabi_core::json::object;
use miyabi_core::ports::Stored;

/// Outcome of an attempt that brought a completion.
pub const OK: &str = "ok";

/// What an attempt at a model took, whether it brought a completion or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Number among the attempts of one generation of a job, from 1.
    pub ordinal: u32,
    /// Model, as configured.
    pub model: String,
    /// [`OK`], or the name of the failure's class.
    pub outcome: &'static str,
    /// What it took, as far as that is known.
    pub usage: Usage,
    /// What that cost.
    pub cost: Cost,
}

/// # Shape
/// A stored format, which migration 0005's trigger reads:
/// `{"ordinal":1,"model":"@cf/…","outcome":"ok","usage":{…},"nano":1485000,"pricing":"exact"}`
impl Stored for Attempt {
    fn to_json(&self) -> Value {
        object([
            ("ordinal", self.ordinal.into()),
            ("model", self.model.as_str().into()),
            ("outcome", self.outcome.into()),
            ("usage", self.usage.to_json()),
            ("nano", self.cost.nano.into()),
            ("pricing", self.cost.pricing.name().into()),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let outcome = text("outcome")?;
        Some(Self {
            ordinal: required(value, "ordinal")?,
            model: required(value, "model")?,
            outcome: OUTCOMES.into_iter().find(|known| *known == outcome)?,
            usage: required(value, "usage")?,
            cost: Cost {
                nano: required(value, "nano")?,
                pricing: Pricing::parse(text("pricing")?)?,
            },
        })
    }
}

/// Every outcome of an attempt: the classes' names, and [`OK`].
pub const OUTCOMES: [&str; 10] = [
    OK,
    "bad-request",
    "config",
    "quota",
    "rate-limit",
    "busy",
    "transient",
    "too-long",
    "policy",
    "truncated",
];

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn attempts_keep_their_shape_and_read_back() {
        for outcome in OUTCOMES {
            let usage = Usage {
                prompt_tokens: 3,
                completion_tokens: 2,
                cached_tokens: 1,
                neurons_milli: Some(9),
            };
            let cost = Cost { nano: 99, pricing: Pricing::Exact };
            let attempt = Attempt { ordinal: 1, model: "@cf/a/b".to_owned(), outcome, usage, cost };
            let stored = json!({
                "ordinal": 1,
                "model": "@cf/a/b",
                "outcome": outcome,
                "usage": { "prompt": 3, "completion": 2, "cached": 1, "neurons": 9 },
                "nano": 99,
                "pricing": "exact",
            });
            assert_eq!(attempt.to_json(), stored);
            assert_eq!(Attempt::from_json(&stored), Some(attempt));
        }
        assert_eq!(Attempt::from_json(&json!({})), None);
    }
}
