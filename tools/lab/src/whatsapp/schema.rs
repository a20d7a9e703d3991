//! Checks what is sent against the published schema of messages.
//!
//! `data/whatsapp-messages.json` is taken from Meta's description of its interface, and repaired; see `data/README.md`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

pub(super) const DOCUMENT: &str = include_str!("../../data/whatsapp-messages.json");

/// What marks a message as read is no message.
const READ: &str = "MarkRead";

/// A validator for each type of message.
#[derive(Debug)]
pub(super) struct Schemas(BTreeMap<String, Validator>);

/// A definition of the document as a schema of its own.
pub(super) fn definition(name: &str) -> Result<Value, String> {
    let mut document: Value = serde_json::from_str(DOCUMENT).map_err(|error| error.to_string())?;
    document.as_object_mut().into_iter().for_each(|fields| drop(fields.remove("examples")));
    document["$ref"] = json!(format!("#/$defs/{name}"));
    Ok(document)
}

impl Schemas {
    /// The description, read on first use, once per process.
    ///
    /// # Errors
    /// The copied document is not the one this file was written for.
    pub(super) fn shared() -> Result<&'static Self, String> {
        static SCHEMAS: OnceLock<Result<Schemas, String>> = OnceLock::new();
        SCHEMAS.get_or_init(Self::read).as_ref().map_err(Clone::clone)
    }

    fn read() -> Result<Self, String> {
        let document: Value = serde_json::from_str(DOCUMENT).map_err(|error| error.to_string())?;
        let names = document["$defs"].as_object().into_iter().flatten().map(|(name, _)| name);
        let mut all = BTreeMap::new();
        for name in names.filter(|name| name.starts_with("Out_") || *name == READ) {
            let validator = jsonschema::draft202012::new(&definition(name)?)
                .map_err(|error| error.to_string())?;
            all.insert(name.clone(), validator);
        }
        Ok(Self(all))
    }

    /// What is wrong with a body of `POST /{number}/messages`: a code, and a sentence.
    pub(super) fn check(&self, body: &Value) -> Option<(u32, String)> {
        if body["messaging_product"] != "whatsapp" {
            return Some((100, "The parameter messaging_product is required.".to_owned()));
        }
        let kind = body["type"].as_str().unwrap_or("text");
        let name = if body["status"].is_null() { format!("Out_{kind}") } else { READ.to_owned() };
        let Some(validator) = self.0.get(&name) else {
            return Some((131_051, format!("`{kind}` is no type of messages")));
        };
        let mut errors = validator.iter_errors(body);
        let first = errors.next()?;
        let is_missing = first.to_string().contains("is a required property");
        let code = if is_missing { 131_008 } else { 131_009 };
        let place = first.instance_path().to_string();
        Some((code, format!("{}: {first}", if place.is_empty() { "/" } else { &place })))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{DOCUMENT, Schemas};

    #[test]
    fn what_meta_publishes_as_examples_is_taken() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let schemas = Schemas::shared().unwrap();
        let all = document["examples"]["outbound"].as_object().unwrap();
        assert_eq!(all.len(), 50);
        for (name, body) in all {
            // One of them forgets its type, and is no text.
            let is_whole = name != "Send Reply to List Message";
            assert_eq!(schemas.check(body).is_none(), is_whole, "{name}");
        }
    }

    #[test]
    fn what_is_missing_unknown_or_too_long_is_refused() {
        let text = |fields: Value| {
            let mut body = json!({
                "messaging_product": "whatsapp", "to": "16505551234", "type": "text",
                "text": { "body": "a" },
            });
            crate::merge::merge(&mut body, &fields);
            Schemas::shared().unwrap().check(&body).map(|(code, _)| code)
        };
        assert_eq!(text(json!({})), None);
        assert_eq!(text(json!({ "text": { "body": "あ".repeat(4_096) } })), None);
        for (fields, code) in [
            (json!({ "messaging_product": null }), 100),
            (json!({ "text": null }), 131_008),
            (json!({ "to": null }), 131_009),
            (json!({ "text": { "body": "" } }), 131_009),
            (json!({ "text": { "body": "あ".repeat(4_097) } }), 131_009),
            (json!({ "text": { "mentions": [] } }), 131_009),
            (json!({ "biz_opaque_callback_data": "a".repeat(513) }), 131_009),
            (json!({ "streaming": true }), 131_009),
            (json!({ "type": "poll" }), 131_051),
            (json!({ "status": "read", "type": null, "text": null, "to": null }), 131_008),
        ] {
            assert_eq!(text(fields.clone()), Some(code), "{fields}");
        }
    }
}
