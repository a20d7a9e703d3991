//! Asking models: the agent loop, fallback between models, budgets, prompts, tools and API protocols.
//!
//! Nothing here knows which platform a question came from. The flow of one question, each step a call
//! down:
//!
//! 1. [`answer::answer`] runs the agent loop, one durable step per model call.
//! 2. [`prompt`] writes the first messages, [`history`] what came before. [`agent_loop`] decides what comes next, [`fallback`] which
//!    model is asked, and [`budget`] what it may cost, all without I/O. [`preview`] shows the beginning
//!    of an answer while it arrives.
//! 3. [`protocols`] turns messages into a vendor's JSON and the vendor's reply into a [`Completion`].
//! 4. [`tools`] checks the arguments of a call and runs it.
//!
//! # Stored values
//! [`Turn`] is the result of a durable step, and [`Attempt`] is written into the job's row: their JSON
//! outlives a deployment, so a renamed or retyped field is a migration.

pub mod agent_loop;
pub mod answer;
pub mod attempt;
pub mod background;
pub mod breaker;
pub mod budget;
pub mod draw;
pub mod fallback;
pub mod files;
pub mod history;
pub mod mcp;
pub mod preview;
pub mod prices;
pub mod prompt;
pub mod protocols;
pub mod quote;
pub mod sse;
pub mod summary;
pub mod tools;
mod wish;

use core::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::attempt::{Attempt, AttemptOutcome};
use miyabi_core::fault::{Class, ModelError};

/// One message of a conversation with a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", content = "content", rename_all = "snake_case")]
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
    /// What a tool returned.
    Tool {
        /// Id of the call that this is the result of.
        call_id: String,
        /// Tool's name, as the model called it.
        name: String,
        /// Result, or a sentence that begins with `error:`.
        content: String,
    },
}

/// A model's request to run a tool.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToolCall {
    /// Id that ties the result to the call; empty until the agent loop names it, if the model gave none.
    pub id: String,
    /// Tool's name, known or not.
    pub name: String,
    /// Arguments as JSON text: kept as they came, so that unreadable ones stay visible.
    pub arguments: String,
    /// Signature that Gemini wants back beside the call; mostly empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
    /// What the model thought before the call, for vendors that want it back; with the first call of
    /// a message only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thoughts: Vec<Thought>,
}

/// A part of what a model thought before it called a tool.
///
/// # Shape
/// `{"kind":"plain","text":"…"}`, `{"kind":"signed","text":"…","signature":"…"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "StoredThought")]
pub enum Thought {
    /// Text alone, as `DeepSeek` sends it.
    Plain {
        /// Text.
        text: String,
    },
    /// Text that Anthropic has signed.
    Signed {
        /// Text; may be empty.
        text: String,
        /// Signature.
        signature: String,
    },
    /// A thought that only Anthropic can read.
    Sealed {
        /// What it sent in its place.
        data: String,
    },
}

/// A thought as it is stored, with the fields of all kinds.
#[derive(Deserialize)]
struct StoredThought {
    kind: String,
    text: Option<String>,
    signature: Option<String>,
    data: Option<String>,
}

impl TryFrom<StoredThought> for Thought {
    type Error = &'static str;

    fn try_from(stored: StoredThought) -> Result<Self, Self::Error> {
        let StoredThought { kind, text, signature, data } = stored;
        match (kind.as_str(), text, signature, data) {
            ("plain", Some(text), _, _) => Ok(Self::Plain { text }),
            ("signed", Some(text), Some(signature), _) => Ok(Self::Signed { text, signature }),
            ("sealed", _, _, Some(data)) => Ok(Self::Sealed { data }),
            _ => Err("no thought has this kind and these fields"),
        }
    }
}

impl Thought {
    /// Returns how long it is, in bytes.
    pub const fn bytes(&self) -> usize {
        match self {
            Self::Plain { text } => text.len(),
            Self::Signed { text, signature } => text.len() + signature.len(),
            Self::Sealed { data } => data.len(),
        }
    }
}

impl ToolCall {
    /// Returns the arguments if they are a JSON object, also one that is quoted twice.
    pub fn object(&self) -> Option<Map<String, Value>> {
        match serde_json::from_str(&self.arguments).ok()? {
            Value::Object(object) => Some(object),
            Value::String(inner) => serde_json::from_str(&inner).ok(),
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

/// What one `think` step did: the step's stored result.
///
/// # Shape
/// `{"tools":null,"call":{"model":"@cf/…","result":{"Ok":{…}},"at_ms":1250,…}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Results of the tools that the model call before asked for; `None` if it asked for none.
    pub tools: Option<ToolRound>,
    /// The model call; `None` if the run ends after the tools without one, such as for lack of money.
    pub call: Option<ModelCall>,
}

/// A model call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCall {
    /// Model's id, as it is configured.
    pub model: String,
    /// What the model returned, or why it did not.
    pub result: Result<Completion, Failure>,
    /// Age of the question at the end of the call, in milliseconds.
    pub at_ms: u64,
    /// Whether a streaming preview of it may still arrive at the asker.
    pub has_unconfirmed_preview: bool,
    /// Whether it ended because the asker wants no more of the answer.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_stopped: bool,
}

/// What a model returned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, 0 if not reported.
    #[serde(rename = "prompt")]
    pub prompt_tokens: u64,
    /// Tokens of the completion, those of reasoning included, 0 if not reported.
    #[serde(rename = "completion")]
    pub completion_tokens: u64,
    /// Tokens of the prompt that came from the vendor's cache: a part of `prompt_tokens`.
    #[serde(rename = "cached")]
    pub cached_tokens: u64,
    /// Thousandths of a neuron, the unit that Workers AI bills; `None` if not reported.
    #[serde(rename = "neurons")]
    pub neurons_milli: Option<u64>,
}

/// Why a model call has no completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// What one round of tools returned.
///
/// # Shape
/// `{"results":[{"id":"call_1_0","content":"{…}","outcome":"done","took_ms":310}],"requests":2}`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ToolRound {
    /// One result per call, in the calls' order.
    pub results: Vec<ToolResult>,
    /// Requests that the tools sent for them.
    pub requests: u32,
}

/// What one tool call returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// Id of the call.
    pub id: String,
    /// What the model reads.
    pub content: String,
    /// How it went.
    pub outcome: ToolOutcome,
    /// What the program itself says of it below the answer; mostly blank.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Prompt of an image that is to be drawn; mostly blank.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub took_ms: u64,
}

#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")
)]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How a tool call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolOutcome {
    /// The tool returned what was asked for.
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
    /// The asker wanted no more of it; the text is what was said until then, if anything was.
    Stopped,
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod script;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
