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
pub mod fallback;
pub mod history;
pub mod preview;
pub mod prices;
pub mod prompt;
pub mod protocols;
pub mod sse;
pub mod summary;
pub mod tools;

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
#[serde(tag = "kind", rename_all = "snake_case")]
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
/// `{"results":[{"id":"call_1_0","content":"{…}","outcome":"done"}],"requests":2}`
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
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod script;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

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

    fn completion() -> Completion {
        let usage = Usage {
            prompt_tokens: 1,
            completion_tokens: 2,
            cached_tokens: 1,
            neurons_milli: Some(u64::MAX),
        };
        let calls = vec![call("weather", "{}")];
        Completion { text: "hm".to_owned(), calls, usage, is_cut: true }
    }

    /// Writes a value, reads it back, and returns its JSON.
    fn stored<T: Serialize + for<'a> Deserialize<'a> + PartialEq + core::fmt::Debug>(
        value: &T,
    ) -> Value {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
        serde_json::to_value(value).unwrap()
    }

    #[test]
    fn a_turn_reads_back_whatever_its_call_returned() {
        let results = [ToolOutcome::Done, ToolOutcome::Failed, ToolOutcome::Invalid]
            .map(|outcome| ToolResult { id: "a".to_owned(), content: "x".to_owned(), outcome });
        let tools = Some(ToolRound { results: results.to_vec(), requests: 3 });
        let turn = |result| {
            let model = "@cf/a/b".to_owned();
            let call = ModelCall { model, result, at_ms: 1_250, has_unconfirmed_preview: true };
            Turn { tools: tools.clone(), call: Some(call) }
        };
        stored(&turn(Ok(completion())));
        for class in Class::ALL {
            for after in [None, Some(Duration::from_secs(7))] {
                let failure = Failure { after, ..Failure::new(class, 3040) };
                let json = stored(&turn(Err(failure)));
                assert_eq!(json["call"]["result"]["Err"]["class"], class.name());
            }
        }
        assert_eq!(
            stored(&Turn { tools: None, call: None }),
            json!({ "tools": null, "call": null })
        );
    }

    #[test]
    fn every_message_reads_back() {
        let (call_id, name) = ("call_1_0".to_owned(), "weather".to_owned());
        let [text, signature, data] = ["hm", "c2ln", "c2VhbA=="].map(ToOwned::to_owned);
        let plain = Thought::Plain { text: text.clone() };
        let thoughts = vec![plain, Thought::Signed { text, signature }, Thought::Sealed { data }];
        let signed = ToolCall { signature: "c2ln".to_owned(), thoughts, ..call("weather", "{oh") };
        for message in [
            Message::System("You are Miyabi.".to_owned()),
            Message::User("京都の天気は？".to_owned()),
            Message::Assistant { text: String::new(), calls: vec![call("weather", "{}"), signed] },
            Message::Tool { call_id, name, content: "sunny".to_owned() },
        ] {
            stored(&message);
        }
    }

    #[test]
    fn usage_is_stored_as_the_database_reads_it() {
        let expected = json!({ "prompt": 1, "completion": 2, "cached": 1, "neurons": u64::MAX });
        assert_eq!(stored(&completion().usage), expected);
        let unreported = json!({ "prompt": 0, "completion": 0, "cached": 0, "neurons": null });
        assert_eq!(stored(&Usage::default()), unreported);
    }

    #[test]
    fn a_value_of_another_shape_is_unreadable() {
        let known = serde_json::to_value(completion()).unwrap();
        for (field, other) in [
            ("text", json!(1)),
            ("calls", json!({})),
            ("calls", json!([{ "name": "weather" }])),
            ("usage", json!({ "prompt": -1 })),
            ("is_cut", json!("yes")),
        ] {
            let mut value = known.clone();
            value[field] = other;
            assert!(serde_json::from_value::<Completion>(value.clone()).is_err(), "{value}");
        }
        let late = json!({ "id": "1", "content": "", "outcome": "late" });
        assert!(serde_json::from_value::<ToolResult>(late).is_err());
        let odd = json!({ "class": "odd", "code": 1, "after": null, "usage": known["usage"] });
        assert!(serde_json::from_value::<Failure>(odd).is_err());
    }
}
