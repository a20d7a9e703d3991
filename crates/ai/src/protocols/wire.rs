//! Pieces of JSON that several protocols share, read leniently: vendors that speak the same protocol
//! differ in details, and an odd detail must not cost a whole reply.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::surrogates;
use crate::ToolCall;

/// A value that counts as absent when it has another type than expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Expected(T),
            Other(IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Expected(value) => Some(value),
            Either::Other(_) => None,
        }))
    }
}

/// The content of a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    /// Text.
    Text(String),
    /// Parts, of which those with text count.
    Parts(Vec<Part>),
    /// What a model answers in JSON mode: an object, a number or a truth value.
    Json(Value),
}

/// A part of a message's content: a text, or something else, such as a thought.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Part(Value);

/// Kinds of parts whose text is for people. Others are thoughts, images and the like.
///
/// # Source
/// `OpenAI` API reference/Chat and Responses; Mistral Docs/Reasoning (`thinking`); read 2026-11-28.
const TEXT_KINDS: [&str; 4] = ["text", "output_text", "refusal", "input_text"];

impl Part {
    /// Returns the part's text, `None` if it has none for people.
    fn text(&self) -> Option<&str> {
        if let Some(text) = self.0.as_str() {
            return Some(text);
        }
        let is_text = self.kind().is_none_or(|kind| TEXT_KINDS.contains(&kind));
        let text = self.0.get("text").or_else(|| self.0.get("refusal"));
        text.and_then(Value::as_str).filter(|_| is_text)
    }

    /// Returns what kind of part it says that it is, `None` if it does not say.
    fn kind(&self) -> Option<&str> {
        self.0.get("type")?.as_str()
    }
}

impl Content {
    /// Returns the text; JSON that is no list of parts stays JSON text.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Json(Value::Null) => String::new(),
            Self::Json(value) => {
                let part = Part(value);
                let text = part.text().filter(|_| part.kind().is_some()).map(str::to_owned);
                text.unwrap_or_else(|| part.0.to_string())
            }
            Self::Parts(parts) if parts.is_empty() => String::new(),
            Self::Parts(parts) => {
                let is_part = |part: &Part| part.kind().is_some() || part.text().is_some();
                if !parts.iter().any(is_part) {
                    return serde_json::to_string(&parts).unwrap_or_default();
                }
                parts.iter().filter_map(Part::text).collect()
            }
        }
    }
}

/// Arguments of a call: JSON text, or the JSON itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Arguments {
    /// JSON text, or a part of it in a stream.
    Text(String),
    /// JSON.
    Json(Value),
}

impl Arguments {
    /// Returns the arguments as JSON text.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => arguments_or_none(&text),
            Self::Json(value) => arguments_or_none(&value.to_string()),
        }
    }
}

/// Reads JSON as vendors send it: with a byte order mark, and with halves of characters.
///
/// # Errors
/// Those of JSON.
pub(super) fn read_json<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(&surrogates::mend_json(text.trim_start_matches('\u{feff}')))
}

/// Returns arguments without blanks around them; nothing and `null` mean no arguments.
pub(super) fn arguments_or_none(text: &str) -> String {
    match text.trim() {
        "" | "null" => "{}".to_owned(),
        text => text.to_owned(),
    }
}

/// A tool call, or a part of one in a stream: with a `function` as `OpenAI` writes it, or flat as the
/// native models of Workers AI do.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallPart {
    /// Place among the calls of a stream.
    pub(super) index: Lenient<u64>,
    id: Lenient<String>,
    function: Lenient<Function>,
    #[serde(flatten)]
    flat: Function,
}

/// What is called.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Function {
    name: Lenient<String>,
    arguments: Option<Arguments>,
}

impl CallPart {
    /// Returns id, name and arguments, as far as this part has them.
    pub(super) fn into_parts(self) -> (String, String, Option<Arguments>) {
        let function = self.function.0.unwrap_or(self.flat);
        let id = self.id.0.unwrap_or_default();
        (id, function.name.0.unwrap_or_default(), function.arguments)
    }

    /// Returns the call; `None` without a name.
    pub(super) fn into_call(self) -> Option<ToolCall> {
        let (id, name, arguments) = self.into_parts();
        let name = name.trim();
        (!name.is_empty()).then(|| ToolCall {
            id,
            name: name.to_owned(),
            arguments: arguments.map_or_else(|| "{}".to_owned(), Arguments::into_text),
            ..ToolCall::default()
        })
    }
}

/// Returns the calls of a list; what is no call is left out.
pub(super) fn calls(parts: Lenient<Vec<Lenient<CallPart>>>) -> Vec<ToolCall> {
    let parts = parts.0.into_iter().flatten();
    parts.filter_map(|part| part.0?.into_call()).collect()
}

/// A number of tokens as a vendor reports it, perhaps as a float.
///
/// # Units
/// `0..=16_777_216` tokens: no vendor is believed more than any model reads, so that the cost of a
/// call, and the costs of all calls of a day, are exact in JavaScript and in JSON. A negative number
/// is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tokens(pub(super) u64);

const MAX_TOKENS: u64 = 1 << 24;

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Lenient::<f64>::deserialize(deserializer)?.0.unwrap_or_default();
        Ok(Self(rounded(number).min(MAX_TOKENS)))
    }
}

/// Returns a number as an integer, 0 if it is negative.
pub(crate) fn rounded(number: f64) -> u64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and a negative number is to be 0"
    )]
    let rounded = number.round() as u64;
    rounded
}
