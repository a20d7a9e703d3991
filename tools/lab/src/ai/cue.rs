//! Cues: what a model is told to do, in terms that fit every vendor.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::output::{Call, End, Output};
use crate::stream::Pace;

/// What the model does in place of what the scripted model decides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cue {
    /// The text that it answers with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    say: Option<String>,
    /// Its tool calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<Call>,
    /// Why it stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
    /// Tokens of the prompt that were cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cached: Option<u32>,
    /// Whether the reply has no `usage`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    without_usage: bool,
    /// The failure that it answers with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fails: Option<Failure>,
    /// Seconds that the failure asks to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after_s: Option<u64>,
    /// How long Workers AI has no capacity; a call with `rejectIfBusy` is refused meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) queue_ms: Option<u64>,
    /// How its stream arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stream: Option<Pace>,
}

/// A kind of failure that every vendor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    /// No capacity at the moment.
    Busy,
    /// Too many requests within a minute.
    RateLimit,
    /// The daily allocation or the balance is used up.
    Quota,
    /// The conversation is longer than the model's context.
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
    /// A cue to fail.
    pub(crate) fn failure(fails: Failure) -> Self {
        Self { fails: Some(fails), ..Self::default() }
    }

    /// A cue to end the stream after so many events.
    pub(crate) fn cut(ends_after: usize) -> Self {
        let pace = Pace { ends_after: Some(ends_after), ..Pace::default() };
        Self { stream: Some(pace), ..Self::default() }
    }

    /// A cue to fail, by the name of the failure.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let fails = serde_json::from_value(Value::from(name)).ok()?;
        Some(Self::failure(fails))
    }

    /// Applies the cue to what the model was about to do.
    pub(crate) fn change(&self, mut output: Output) -> Output {
        if self.say.is_some() || !self.calls.is_empty() {
            output.text = self.say.clone().unwrap_or_default();
            output.calls.clone_from(&self.calls);
            output.reasoning.clear();
        }
        output.end = self.end.unwrap_or(output.end);
        output.cached = self.cached.unwrap_or(output.cached);
        output.without_usage |= self.without_usage;
        output
    }
}
