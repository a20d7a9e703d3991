//! What a model is told to do, in words that fit every vendor.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::output::{Call, End, Output};
use crate::stream::Pace;

/// What the model does instead of what the scripted one would.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cue {
    /// Its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    say: Option<String>,
    /// Its calls of tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<Call>,
    /// Why it stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
    /// Tokens of the prompt that it had read before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cached: Option<u32>,
    /// Whether it keeps to itself what it used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    without_usage: bool,
    /// It fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fails: Option<Failing>,
    /// What the failure asks to wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after_s: Option<u64>,
    /// Workers AI has no room for so long: who does not wait is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) queue_ms: Option<u64>,
    /// How its stream arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stream: Option<Pace>,
}

/// What goes wrong, whoever is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failing {
    /// No capacity at the moment.
    Busy,
    /// Too much within a minute.
    RateLimit,
    /// The day's allowance or the balance is used.
    Quota,
    /// The conversation does not fit the model.
    TooLong,
    /// The content is refused.
    Policy,
    /// The key is refused.
    BadKey,
    /// The request is wrong.
    BadRequest,
    /// There is no such model.
    NoModel,
    /// The service itself fails.
    Error,
}

impl Cue {
    /// A failure.
    pub(crate) fn failing(fails: Failing) -> Self {
        Self { fails: Some(fails), ..Self::default() }
    }

    /// A stream that ends after so many events.
    pub(crate) fn cut(ends_after: usize) -> Self {
        let pace = Pace { ends_after: Some(ends_after), ..Pace::default() };
        Self { stream: Some(pace), ..Self::default() }
    }

    /// The failure of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let fails = serde_json::from_value(Value::from(name)).ok()?;
        Some(Self::failing(fails))
    }

    /// Changes what the model was about to do.
    pub(crate) fn change(&self, mut output: Output) -> Output {
        if self.say.is_some() || !self.calls.is_empty() {
            output.text = self.say.clone().unwrap_or_default();
            output.calls.clone_from(&self.calls);
            output.thought.clear();
        }
        output.end = self.end.unwrap_or(output.end);
        output.cached = self.cached.unwrap_or(output.cached);
        output.is_silent |= self.without_usage;
        output
    }
}
