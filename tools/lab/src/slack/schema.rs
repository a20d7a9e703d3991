//! Checks the arguments of a call against the published reference of the methods.
//!
//! `data/slack-web-api.json` is an extract of it; see `data/README.md`. Slack ignores most arguments that it does not
//! know; the lab refuses them, because they are a mistake of the client that nobody would see otherwise.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

const DOCUMENT: &str = include_str!("../../data/slack-web-api.json");

/// The part of the Web API that the lab has.
#[derive(Debug, Deserialize)]
pub(super) struct Schemas {
    /// Errors that every method may return.
    common_errors: Vec<String>,
    methods: BTreeMap<String, Known>,
}

/// A method.
#[derive(Debug, Deserialize)]
struct Known {
    args: BTreeMap<String, Argument>,
    errors: Vec<String>,
    /// A bot needs one of them.
    #[serde(default)]
    scopes: Vec<String>,
    /// Calls in a minute; without it the reference says that it has a limit of its own.
    per_minute: Option<usize>,
}

/// An argument.
#[derive(Debug, Deserialize)]
struct Argument {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    required: bool,
}

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Boolean,
    Array,
    Object,
}

impl Schemas {
    /// The description, read on first use, once per process.
    ///
    /// # Errors
    /// The copied document is not the one this file was written for.
    pub(super) fn shared() -> Result<&'static Self, String> {
        static SCHEMAS: OnceLock<Result<Schemas, String>> = OnceLock::new();
        let read = || serde_json::from_str(DOCUMENT).map_err(|error| error.to_string());
        SCHEMAS.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// What is wrong with the arguments of a call, in sentences.
    pub(super) fn check(&self, method: &str, values: &Map<String, Value>) -> Vec<String> {
        let Some(known) = self.methods.get(method) else { return Vec::new() };
        let is_missing = |(name, argument): &(&String, &Argument)| {
            argument.required && !values.contains_key(*name)
        };
        let missing = known.args.iter().filter(is_missing);
        let mut found: Vec<String> =
            missing.map(|(name, _)| format!("missing required field: {name}")).collect();
        for (name, value) in values {
            match known.args.get(name) {
                None => found.push(format!("lab: `{name}` is unknown, and Slack would ignore it")),
                Some(argument) if argument.kind.is_kind_of(value) => {}
                Some(argument) => {
                    found.push(format!("must be {} [json-pointer:/{name}]", argument.kind.name()));
                }
            }
        }
        found
    }

    /// An argument of a form as a value, if it is of its type.
    pub(super) fn of_form(&self, method: &str, name: &str, text: &str) -> Value {
        let kind = self.methods.get(method).and_then(|known| Some(known.args.get(name)?.kind));
        let read = match kind {
            Some(Kind::Boolean) => match text {
                "true" | "1" => Some(Value::Bool(true)),
                "false" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
            Some(Kind::Integer | Kind::Array | Kind::Object) => serde_json::from_str(text).ok(),
            Some(Kind::String) | None => None,
        };
        read.unwrap_or_else(|| Value::String(text.to_owned()))
    }

    /// The scopes of which a method needs one; none if it needs none.
    pub(super) fn scopes(&self, method: &str) -> &[String] {
        self.methods.get(method).map_or(&[], |known| &known.scopes)
    }

    /// Calls of a method in a minute.
    pub(super) fn per_minute(&self, method: &str) -> Option<usize> {
        self.methods.get(method)?.per_minute
    }

    /// Whether the reference says that a method returns an error.
    pub(super) fn has_error(&self, method: &str, error: &str) -> bool {
        let own = self.methods.get(method).into_iter().flat_map(|known| &known.errors);
        self.common_errors.iter().chain(own).any(|known| known == error)
    }
}

impl Kind {
    fn is_kind_of(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Boolean => "a boolean",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::Schemas;

    #[test]
    fn names_what_is_missing_unknown_or_of_another_type() {
        for (values, expected) in [
            (json!({ "channel": "C1", "text": "a" }), &[][..]),
            (json!({ "text": "a" }), &["missing required field: channel"]),
            (
                json!({ "channel": "C1", "blocks": "[]", "x": 1 }),
                &[
                    "must be an array [json-pointer:/blocks]",
                    "lab: `x` is unknown, and Slack would ignore it",
                ],
            ),
        ] {
            let values: Map<String, Value> = serde_json::from_value(values).unwrap();
            let found = Schemas::shared().unwrap().check("chat.postMessage", &values);
            assert_eq!(found, expected, "{values:?}");
        }
    }

    #[test]
    fn arguments_of_a_form_are_of_their_type() {
        let schemas = Schemas::shared().unwrap();
        let read = |name: &str, text: &str| schemas.of_form("conversations.history", name, text);
        assert_eq!(read("limit", "5"), json!(5));
        assert_eq!(read("inclusive", "true"), json!(true));
        assert_eq!(read("inclusive", "yes"), json!("yes"));
        assert_eq!(read("oldest", "1"), json!("1"));
    }
}
