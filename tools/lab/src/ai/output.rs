//! The output of a model in no vendor's format, and the tokens that it uses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A tool call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// An object, or a string that is not valid JSON.
    #[serde(default)]
    pub(crate) arguments: Value,
}

impl Call {
    /// A tool call.
    pub(crate) fn new(name: &str, arguments: Value) -> Self {
        Self { name: name.to_owned(), arguments }
    }

    /// Its arguments as most vendors write them.
    pub(crate) fn arguments_text(&self) -> String {
        self.arguments.as_str().map_or_else(|| self.arguments.to_string(), str::to_owned)
    }
}

/// Why a model stops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// The answer is complete.
    #[default]
    Done,
    /// The limit of tokens is reached.
    Length,
    /// The model or its vendor refuses the content.
    Refused,
}

/// What a model answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) calls: Vec<Call>,
    /// Its reasoning, which comes before the text.
    pub(crate) reasoning: String,
    pub(crate) end: End,
    /// Tokens of the prompt that were cached.
    pub(crate) cached: u32,
    /// Whether the reply has no `usage`.
    pub(crate) without_usage: bool,
}

impl Output {
    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Tool calls without a text.
    pub(crate) fn calls(calls: Vec<Call>) -> Self {
        Self { calls, ..Self::default() }
    }

    /// Reads a completion of `OpenAI`'s API.
    pub(crate) fn from_chat(completion: &Value) -> Self {
        let choice = &completion["choices"][0];
        let message = &choice["message"];
        let calls = message["tool_calls"].as_array().into_iter().flatten().map(|call| {
            let function = &call["function"];
            let text = function["arguments"].as_str().unwrap_or_default();
            let arguments = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            Call::new(function["name"].as_str().unwrap_or_default(), arguments)
        });
        let end = if choice["finish_reason"] == "length" { End::Length } else { End::Done };
        Self {
            calls: calls.collect(),
            end,
            ..Self::text(message["content"].as_str().unwrap_or_default())
        }
    }
}

/// The tokens that an answer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) prompt: u32,
    pub(crate) completion: u32,
    /// Part of the prompt.
    pub(crate) cached: u32,
}

impl Usage {
    /// Counts tokens by a rule of thumb: four characters each.
    ///
    /// A service never bills more than the caller's `max_tokens`, though the lab's answers may be longer.
    pub(crate) fn of(inputs: &Value, output: &Output) -> Self {
        let calls = output.calls.iter();
        let calls: u32 =
            calls.map(|call| tokens(&call.name) + tokens(&call.arguments_text())).sum();
        let completion = calls + tokens(&output.text) + tokens(&output.reasoning);
        let most =
            inputs["max_tokens"].as_u64().or_else(|| inputs["max_completion_tokens"].as_u64());
        let most = most.and_then(|most| u32::try_from(most).ok()).unwrap_or(u32::MAX);
        let prompt = tokens(&inputs["messages"].to_string());
        Self { prompt, completion: completion.min(most), cached: output.cached.min(prompt) }
    }

    /// The sum of prompt and completion.
    pub(crate) fn total(self) -> u32 {
        self.prompt.saturating_add(self.completion)
    }
}

fn tokens(text: &str) -> u32 {
    u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX)
}
