//! Pieces of JSON that several protocols share, read leniently: vendors that speak the same protocol
//! differ in details, and an odd detail must not cost a whole reply.
//!
//! A text is parsed once, by [`read_json`], and what protocols expect in it is taken from the value by
//! [`read`]: so the code that reads a type is in the program once.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{ModelRequest, surrogates};
use crate::ToolCall;
pub(super) use miyabi_core::json::read;

/// Parses JSON as vendors send it: with a byte order mark, and with halves of characters.
///
/// # Errors
/// Those of JSON.
pub(super) fn read_json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(&surrogates::mend_json(text.trim_start_matches('\u{feff}')))
}

/// Writes an object. Fields that are null are left out: no vendor wants one.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fn write(fields: Vec<(&str, Value)>) -> Map<String, Value> {
        let mut object = Map::new();
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
            object.insert(name.to_owned(), value);
        }
        object
    }
    Value::Object(write(fields.into()))
}

/// Declares tools to a model. `parameters` is the vendor's name of the field with their JSON schema, and `any`
/// that of one with whatever a schema may have, as tools of others do.
pub(super) fn declarations(request: &ModelRequest<'_>, parameters: &str, any: &str) -> Vec<Value> {
    let declare = |name: &str, description: &str, field, schema| {
        object([("name", name.into()), ("description", description.into()), (field, schema)])
    };
    let own = request.tools.iter();
    let own = own.map(|tool| declare(tool.name(), tool.description(), parameters, tool.schema()));
    let mcp = request.mcp.iter();
    let mcp = mcp.map(|tool| declare(&tool.name, &tool.description, any, tool.schema.clone()));
    own.chain(mcp).collect()
}

/// A value that counts as absent when it has another type than expected; a field of this type may also be
/// missing. Only [`read`] reads it: a reader of text would go on in the middle of what is odd.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

/// The content of a message: text, a list of parts of which those with text count, or what a model
/// answers in JSON mode: an object, a number or a truth value.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Content(Value);

/// Kinds of parts whose text is for people. Others are thoughts, images and the like.
///
/// # Source
/// `OpenAI` API reference/Chat and Responses; Mistral Docs/Reasoning (`thinking`); read 2026-11-28.
const TEXT_KINDS: [&str; 4] = ["text", "output_text", "refusal", "input_text"];

/// Returns the text of a part, `None` if it has none for people: it may be a thought.
fn part_text(part: &Value) -> Option<&str> {
    if let Some(text) = part.as_str() {
        return Some(text);
    }
    let is_text = part_kind(part).is_none_or(|kind| TEXT_KINDS.contains(&kind));
    let text = part.get("text").or_else(|| part.get("refusal"));
    text.and_then(Value::as_str).filter(|_| is_text)
}

/// Returns what kind of part it says that it is, `None` if it does not say.
fn part_kind(part: &Value) -> Option<&str> {
    part.get("type")?.as_str()
}

impl Content {
    /// Returns the text; JSON that is no list of parts stays JSON text.
    pub(super) fn into_text(self) -> String {
        let is_part = |part: &Value| part_kind(part).is_some() || part_text(part).is_some();
        match self.0 {
            Value::String(text) => text,
            Value::Null => String::new(),
            Value::Array(parts) if parts.is_empty() || parts.iter().any(is_part) => {
                parts.iter().filter_map(part_text).collect()
            }
            json @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                let text = part_text(&json).filter(|_| part_kind(&json).is_some());
                text.map_or_else(|| json.to_string(), str::to_owned)
            }
        }
    }
}

/// Arguments of a call: JSON text, in a stream a part of it, or the JSON itself.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Arguments(pub(super) Value);

impl Arguments {
    /// Returns the arguments as JSON text.
    pub(super) fn into_text(self) -> String {
        match self.0.as_str() {
            Some(text) => arguments_or_none(text),
            None => arguments_or_none(&self.0.to_string()),
        }
    }
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
#[derive(Debug, Default, Deserialize)]
pub(super) struct CallPart {
    /// Place among the calls of a stream.
    pub(super) index: Lenient<u64>,
    id: Lenient<String>,
    function: Lenient<Function>,
    name: Lenient<String>,
    arguments: Option<Arguments>,
}

/// What is called.
#[derive(Debug, Default, Deserialize)]
struct Function {
    name: Lenient<String>,
    arguments: Option<Arguments>,
}

impl CallPart {
    /// Returns id, name and arguments, as far as this part has them.
    pub(super) fn into_parts(self) -> (String, String, Option<Arguments>) {
        let flat = Function { name: self.name, arguments: self.arguments };
        let Function { name, arguments } = self.function.0.unwrap_or(flat);
        (self.id.0.unwrap_or_default(), name.0.unwrap_or_default(), arguments)
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

/// A code: a number, such as an HTTP status, or a word.
#[derive(Debug)]
pub(super) enum Code {
    /// Number.
    Number(u32),
    /// Word; perhaps a number in quotes.
    Word(String),
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = Value::deserialize(deserializer)?;
        let word = code.as_str().map(|word| Self::Word(word.to_owned()));
        let code = word.or_else(|| read(&code).map(Self::Number));
        code.ok_or_else(|| D::Error::custom("neither a number nor a word"))
    }
}

impl Code {
    /// Returns the number, also one in quotes.
    pub(super) fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(word) => word.parse().ok(),
        }
    }

    /// Returns the word.
    pub(super) fn word(&self) -> Option<&String> {
        match self {
            Self::Number(_) => None,
            Self::Word(word) => Some(word),
        }
    }
}

/// An error where its shape is not fixed.
#[derive(Debug)]
pub(super) enum Reported<T> {
    /// A message.
    Text(String),
    /// An object.
    Fields(T),
    /// Several.
    List(Vec<Reported<T>>),
    /// Something else: null, a number or a truth value.
    Other(Value),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Reported<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&Value::deserialize(deserializer)?))
    }
}

impl<T: DeserializeOwned> Reported<T> {
    /// Returns the error that a value is.
    fn of(value: &Value) -> Self {
        match value {
            Value::String(message) => Self::Text(message.clone()),
            Value::Array(list) => Self::List(list.iter().map(Self::of).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Other(value.clone()),
            Value::Object(_) => match read(value) {
                Some(fields) => Self::Fields(fields),
                None => Self::Other(value.clone()),
            },
        }
    }
}

/// A number of tokens as a vendor reports it, perhaps as a float; 0 if it is missing or odd.
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
        let number = f64::deserialize(deserializer).unwrap_or_default();
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
