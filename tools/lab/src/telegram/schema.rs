//! Checks values against the published description of the Bot API.
//!
//! `data/telegram-bot-api.json` is an extract of it; see `data/README.md`. Telegram ignores a parameter that it
//! does not know; the lab refuses it, because it is a mistake of the client that nobody would see otherwise.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

const DOCUMENT: &str = include_str!("../../data/telegram-bot-api.json");

/// The part of the Bot API that the lab has.
#[derive(Debug, Deserialize)]
pub(super) struct Schemas {
    methods: BTreeMap<String, Method>,
    types: BTreeMap<String, Type>,
}

#[derive(Debug, Deserialize)]
struct Method {
    fields: Fields,
}

type Fields = BTreeMap<String, Field>;

/// A parameter of a method, or a field of an object.
#[derive(Debug, Deserialize)]
pub(super) struct Field {
    /// It is of one of these types.
    types: Vec<String>,
    #[serde(default)]
    required: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Type {
    /// One of several objects.
    Union {
        subtypes: Vec<String>,
    },
    Object {
        fields: Fields,
    },
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

    /// A parameter of a method.
    pub(super) fn parameter(&self, method: &str, name: &str) -> Option<&Field> {
        self.methods.get(method)?.fields.get(name)
    }

    /// What is wrong with the parameters of a call, in sentences.
    pub(super) fn check_call(&self, method: &str, values: &Map<String, Value>) -> Vec<String> {
        self.methods
            .get(method)
            .map_or_else(Vec::new, |known| self.check_fields(&known.fields, values, ""))
    }

    /// What is wrong with a value that is to be of a type.
    pub(super) fn check(&self, name: &str, value: &Value, path: &str) -> Vec<String> {
        if let Some(item) = name.strip_prefix("Array of ") {
            let Some(list) = value.as_array() else { return vec![not_a(path, "an array")] };
            let items = list.iter().enumerate();
            return items
                .flat_map(|(at, v)| self.check(item, v, &format!("{path}[{at}]")))
                .collect();
        }
        let is_one = match name {
            "Integer" => value.is_i64() || value.is_u64(),
            "Float" => value.is_number(),
            "String" | "InputFile" => value.is_string(),
            "Boolean" => value.is_boolean(),
            "True" => *value == Value::Bool(true),
            _ => return self.check_object(name, value, path),
        };
        if is_one { Vec::new() } else { vec![not_a(path, name)] }
    }

    fn check_object(&self, name: &str, value: &Value, path: &str) -> Vec<String> {
        match self.types.get(name) {
            None => vec![format!("`{path}`: the lab knows no type {name}")],
            Some(Type::Union { subtypes }) => self.check_any(subtypes, value, path),
            Some(Type::Object { fields }) => match value.as_object() {
                Some(object) => self.check_fields(fields, object, path),
                None => vec![not_a(path, name)],
            },
        }
    }

    /// Of several types, the one that fits best counts.
    fn check_any(&self, types: &[String], value: &Value, path: &str) -> Vec<String> {
        let branches = types.iter().map(|name| self.check(name, value, path));
        branches.min_by_key(Vec::len).unwrap_or_default()
    }

    fn check_fields(
        &self,
        fields: &Fields,
        object: &Map<String, Value>,
        path: &str,
    ) -> Vec<String> {
        let place =
            |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let is_missing =
            |(name, field): &(&String, &Field)| field.required && !object.contains_key(*name);
        let missing = fields.iter().filter(is_missing);
        let mut found: Vec<String> =
            missing.map(|(name, _)| format!("`{}` is missing", place(name))).collect();
        for (name, value) in object {
            match fields.get(name) {
                None => found
                    .push(format!("`{}` is unknown, and Telegram would ignore it", place(name))),
                Some(field) => found.extend(self.check_any(&field.types, value, &place(name))),
            }
        }
        found
    }
}

impl Field {
    /// Whether a text is a value of it as it is; otherwise the text is JSON.
    pub(super) fn takes_text(&self) -> bool {
        self.types.iter().any(|name| name == "String")
    }

    /// Whether a file may be uploaded for it.
    pub(super) fn takes_file(&self) -> bool {
        self.types.iter().any(|name| name == "InputFile")
    }
}

fn not_a(path: &str, what: &str) -> String {
    format!("`{path}` is not {what}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::Schemas;

    fn check(method: &str, values: Value) -> Vec<String> {
        let values: Map<String, Value> = serde_json::from_value(values).unwrap();
        Schemas::shared().unwrap().check_call(method, &values)
    }

    #[test]
    fn names_what_is_missing_unknown_or_of_another_type() {
        let button = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "b" }]] });
        for (values, expected) in [
            (json!({ "chat_id": 1, "text": "a" }), &[][..]),
            (json!({ "chat_id": "@a", "text": "a", "reply_markup": button }), &[]),
            (json!({ "text": "a" }), &["`chat_id` is missing"]),
            (json!({ "chat_id": 1, "text": 5 }), &["`text` is not String"]),
            (
                json!({ "chat_id": 1, "text": "a", "reply_to_message_id": 5 }),
                &["`reply_to_message_id` is unknown, and Telegram would ignore it"],
            ),
            (
                json!({ "chat_id": 1, "text": "a", "entities": [{ "type": "bold", "offset": "0" }] }),
                &["`entities[0].length` is missing", "`entities[0].offset` is not Integer"],
            ),
            (
                json!({ "chat_id": 1, "text": "a", "reply_parameters": { "message_id": 1, "x": 1 } }),
                &["`reply_parameters.x` is unknown, and Telegram would ignore it"],
            ),
        ] {
            assert_eq!(check("sendMessage", values.clone()), expected, "{values}");
        }
    }

    #[test]
    fn of_a_union_the_branch_that_fits_best_counts() {
        let scope =
            |scope: Value| check("setMyCommands", json!({ "commands": [], "scope": scope }));
        assert!(scope(json!({ "type": "default" })).is_empty());
        assert!(scope(json!({ "type": "chat", "chat_id": 5 })).is_empty());
        assert_eq!(scope(json!({ "x": 5, "type": "default" })).len(), 1);
    }
}
