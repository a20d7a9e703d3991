//! Asking models, independent of who asked: chat in the program's own words.
//!
//! The flow of one question, each arrow a call down:
//!
//! 1. [`converse::answer`] runs the loop, one durable step per model call and per round of tools.
//! 2. [`prompt`] writes the first messages; [`machine`] decides what comes next and [`chain`] which
//!    model is asked, without I/O. [`growing`] shows an answer that is not at its end yet.
//! 3. [`protocols`] turns chat into a vendor's JSON and the vendor's JSON into a [`Completion`].
//! 4. [`tools`] checks a call's arguments and runs it.
//!
//! # Stored values
//! [`Turn`] and [`ToolRound`] are results of durable steps: their JSON outlives a deployment.
//! Their field names are therefore fixed, a new field is one that may be missing, and a
//! renamed or retyped field is a migration. Nothing else here is stored; see `stored.rs`.

pub mod agent_loop;
pub mod attempt;
pub mod breaker;
pub mod converse;
pub mod fallback;
pub mod preview;
pub mod prices;
pub mod prompt;
pub mod protocols;
pub mod sse;
mod stored;
pub mod tools;

use core::time::Duration;

use serde_json::{Map, Value};

pub use self::attempt::Attempt;
use miyabi_core::fault::{Class, ModelError};
use miyabi_core::json;

/// One message of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// What the program tells the model.
    System(String),
    /// What the asker wrote.
    User(String),
    /// What the model said, and the tools it called.
    Assistant {
        /// Text; often empty beside calls.
        text: String,
        /// Calls, in the model's order.
        calls: Vec<ToolCall>,
    },
    /// What a tool answered.
    Tool {
        /// Id of the call that this answers.
        call_id: String,
        /// Tool's name, as the model called it.
        name: String,
        /// Result, or a sentence that begins with `error:`.
        content: String,
    },
}

/// A model's wish to have a tool run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolCall {
    /// Id that ties the result to the call; empty until the loop names it, if the model gave none.
    pub id: String,
    /// Tool's name, known or not.
    pub name: String,
    /// Arguments as JSON text: kept as they came, so that unparsable ones stay visible.
    pub arguments: String,
    /// What Gemini wants to see again beside the call; mostly empty.
    pub signature: String,
}

impl ToolCall {
    /// Returns the arguments if they are a JSON object, also one that is quoted twice.
    pub fn object(&self) -> Option<Map<String, Value>> {
        match json::parse(&self.arguments)? {
            Value::Object(object) => Some(object),
            Value::String(inner) => json::parse(&inner).and_then(json::into_object),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        }
    }

    /// Returns whether both calls ask the same: same tool, same arguments in any order and spacing.
    pub fn asks_the_same_as(&self, other: &Self) -> bool {
        let same_arguments = match (self.object(), other.object()) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, None) => self.arguments == other.arguments,
            (Some(_), None) | (None, Some(_)) => false,
        };
        self.name == other.name && same_arguments
    }
}

/// What became of one model call: the stored result of a `think` step.
///
/// # Shape
/// [`Completion`]'s with two more fields, `"model":"@cf/…","at":1250`, or
/// `{"failed":"busy","code":3040,"after":null,"usage":{…},"model":"@cf/…","at":1250}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// What the model said, or why it did not.
    pub said: Result<Completion, Failure>,
    /// Model's id; empty in what was stored when there was one model.
    pub model: String,
    /// Age of the question at the end of the call, in milliseconds.
    pub at_ms: u64,
    /// Whether a preview of it may still be under way.
    pub is_unclear: bool,
}

/// What one model call returned.
///
/// # Shape
/// `{"text":"","calls":[{"id":"","name":"weather","arguments":"{\"place\":\"Kyoto\"}"}],"usage":{…},"cut":false}`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// Text, without reasoning and special tokens; may be empty.
    pub text: String,
    /// Calls, in the model's order.
    pub calls: Vec<ToolCall>,
    /// What it took.
    pub usage: Usage,
    /// Whether it ended at the limit of tokens instead of at its end.
    pub is_cut: bool,
}

/// What model calls took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the prompt, 0 if not reported.
    pub prompt_tokens: u64,
    /// Tokens of the completion, those of reasoning included, 0 if not reported.
    pub completion_tokens: u64,
    /// Tokens of the prompt that came from the vendor's cache: a part of `prompt_tokens`.
    pub cached_tokens: u64,
    /// Thousandths of a neuron, the unit that Workers AI bills; `None` if not reported.
    pub neurons_milli: Option<u64>,
}

/// Why one model call has no completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: Class,
    /// HTTP status, or an internal code of Workers AI, 0 if there was none.
    pub code: u32,
    /// How long the vendor asks to wait.
    pub after: Option<Duration>,
    /// What it took until it failed, as far as that was reported.
    pub usage: Usage,
}

impl Failure {
    /// Returns a failure that took nothing.
    pub fn new(class: Class, code: u32) -> Self {
        Self { class, code, after: None, usage: Usage::default() }
    }

    /// Returns the error that a vendor's failure is.
    pub const fn error(self, vendor: &'static str) -> ModelError {
        ModelError::Refused { vendor, class: self.class, code: self.code }
    }
}

/// What one round of tools returned: the stored result of a `tools` step.
///
/// # Shape
/// `{"results":[{"id":"call_1_0","content":"{…}","outcome":"done"}]}`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolRound {
    /// One result per call, in the calls' order.
    pub results: Vec<ToolResult>,
}

/// What one tool call returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// Id of the call.
    pub id: String,
    /// What the model reads.
    pub content: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a tool call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// The tool answered.
    #[default]
    Done,
    /// The tool ran and failed; the content says why.
    Failed,
    /// The call was wrong and nothing ran; the content says what is expected.
    Invalid,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Text; never empty.
    pub text: String,
    /// How it came about.
    pub ending: Ending,
    /// Whether a tool was called: what it returned may be another thing tomorrow.
    pub used_tools: bool,
}

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The model answered to its end.
    Answered,
    /// The model's answer ended at the limit of tokens; the text says so.
    Cut,
    /// The model had nothing to say, twice; the text is an honest sentence of the program.
    Empty,
    /// What the question may cost was used up; the text is an honest sentence of the program.
    OutOfMoney,
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod script;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &str) -> ToolCall {
        ToolCall { name: name.to_owned(), arguments: arguments.to_owned(), ..ToolCall::default() }
    }

    #[test]
    fn a_call_is_the_same_whatever_the_order_and_spacing_of_its_arguments() {
        let first = call("weather", r#"{"place":"Kyoto","days":1}"#);
        assert!(first.asks_the_same_as(&call("weather", r#"{ "days": 1, "place": "Kyoto" }"#)));
        assert!(!first.asks_the_same_as(&call("weather", r#"{"place":"Nara","days":1}"#)));
        assert!(!first.asks_the_same_as(&call("current_time", r#"{"place":"Kyoto","days":1}"#)));
        assert!(!first.asks_the_same_as(&call("weather", "{")));
        assert!(call("weather", "{").asks_the_same_as(&call("weather", "{")));
    }

    #[test]
    fn reads_arguments_that_are_quoted_twice() {
        assert_eq!(call("x", r#""{\"a\":1}""#).object(), call("x", r#"{"a":1}"#).object());
        assert_eq!(call("x", "[1]").object(), None);
        assert_eq!(call("x", "{\"y\": ").object(), None);
    }
}
