//! Validates requests against Discord's published `OpenAPI` document.
//!
//! `data/discord-openapi.json` is an extract of it; see `data/README.md`.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use crate::discord::errors::Issue;

const DOCUMENT: &str = include_str!("../../data/discord-openapi.json");

/// Compiled schemas of the request bodies that the lab checks.
///
/// The execute endpoint's schema is a union of "new message" and "edit"; which one applies is known
/// from the address. The whole union would accept every error that one of its halves accepts.
#[derive(Debug)]
pub(crate) struct Schemas {
    /// A webhook's new message.
    pub(crate) execute: Validator,
    /// An edit, and an interaction's follow-up.
    pub(crate) update: Validator,
    /// A new webhook.
    pub(crate) webhook: Validator,
    /// A bulk registration of commands.
    pub(crate) commands: Validator,
    /// An interaction's reply with a message, now or later.
    pub(crate) callback: Validator,
    /// An interaction's reply with a form (a modal).
    pub(crate) form: Validator,
    /// An interaction's reply with completions.
    pub(crate) completions: Validator,
}

impl Schemas {
    /// The schemas, compiled on first use, once per process.
    ///
    /// # Errors
    /// The copied document is not the one this file was written for.
    pub(crate) fn shared() -> Result<&'static Self, String> {
        static SCHEMAS: OnceLock<Result<Schemas, String>> = OnceLock::new();
        SCHEMAS.get_or_init(Self::compile).as_ref().map_err(Clone::clone)
    }

    fn compile() -> Result<Self, String> {
        let document: Value = serde_json::from_str(DOCUMENT).map_err(|error| error.to_string())?;
        let component = |name: &str| compile(&document, &format!("#/components/schemas/{name}"));
        let body = |path: &str, method: &str| {
            let path = path.replace('/', "~1").replace('{', "%7B").replace('}', "%7D");
            let media = "requestBody/content/application~1json/schema";
            compile(&document, &format!("#/paths/{path}/{method}/{media}"))
        };
        Ok(Self {
            execute: component("IncomingWebhookRequestPartial")?,
            update: component("IncomingWebhookUpdateRequestPartial")?,
            callback: component("CreateMessageInteractionCallbackRequest")?,
            form: component("ModalInteractionCallbackRequest")?,
            completions: component("ApplicationCommandAutocompleteCallbackRequest")?,
            webhook: body("/channels/{channel_id}/webhooks", "post")?,
            commands: body("/applications/{application_id}/commands", "put")?,
        })
    }
}

fn compile(document: &Value, pointer: &str) -> Result<Validator, String> {
    let mut root = document.clone();
    root["$ref"] = json!(pointer);
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&root)
        .map_err(|error| format!("{pointer}: {error}"))
}

/// All errors of a body, as Discord reports them.
pub(crate) fn check(schema: &Validator, body: &Value) -> Vec<Issue> {
    schema.iter_errors(body).flat_map(|error| issues(&error, body)).collect()
}

/// Converts a schema error to issues; of a union, only the branch that was meant counts.
#[expect(clippy::wildcard_enum_match_arm, reason = "a library's open list; the rest is one case")]
fn issues(error: &ValidationError<'_>, body: &Value) -> Vec<Issue> {
    let (Kind::OneOfNotValid { context } | Kind::AnyOf { context }) = error.kind() else {
        return vec![issue(error, body)];
    };
    let here = error.instance_path().as_str();
    let is_other_kind = |inner: &ValidationError<'_>| match inner.kind() {
        Kind::Type { .. } => inner.instance_path().as_str() == here,
        Kind::Enum { .. } | Kind::Constant { .. } => {
            inner.instance_path().as_str() == format!("{here}/type")
        }
        _ => false,
    };
    let meant = context
        .iter()
        .filter(|branch| !branch.is_empty() && !branch.iter().any(is_other_kind))
        .min_by_key(|branch| branch.len());
    match meant {
        Some(branch) => branch.iter().flat_map(|inner| issues(inner, body)).collect(),
        None => vec![issue(error, body)],
    }
}

fn issue(error: &ValidationError<'_>, body: &Value) -> Issue {
    let pointer = error.instance_path().as_str();
    let mut path: Vec<String> =
        pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    if let Kind::Required { property: Value::String(property) } = error.kind() {
        path.push(property.clone());
    }
    let value = body.pointer(pointer).unwrap_or(&Value::Null);
    let (code, message) = code_and_text(error.kind(), value, &error.to_string());
    Issue { path, code, message }
}

/// Discord's code and text for a schema error.
#[expect(clippy::wildcard_enum_match_arm, reason = "a library's open list; the rest is one case")]
fn code_and_text(kind: &Kind, value: &Value, fallback: &str) -> (&'static str, String) {
    match kind {
        Kind::MaxLength { limit } | Kind::MaxItems { limit } => {
            ("BASE_TYPE_MAX_LENGTH", format!("Must be {limit} or fewer in length."))
        }
        Kind::MinLength { limit } | Kind::MinItems { limit } => {
            ("BASE_TYPE_MIN_LENGTH", format!("Must be {limit} or more in length."))
        }
        Kind::Required { .. } => ("BASE_TYPE_REQUIRED", "This field is required".to_owned()),
        Kind::Maximum { limit } => {
            ("NUMBER_TYPE_MAX", format!("int value should be less than or equal to {limit}."))
        }
        Kind::Minimum { limit } => {
            ("NUMBER_TYPE_MIN", format!("int value should be greater than or equal to {limit}."))
        }
        Kind::Enum { options } => ("BASE_TYPE_CHOICES", format!("Value must be one of {options}.")),
        Kind::Constant { expected_value } => {
            ("BASE_TYPE_CHOICES", format!("Value must be one of {{{expected_value}}}."))
        }
        Kind::UniqueItems => {
            ("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value".to_owned())
        }
        Kind::Pattern { .. } => ("NUMBER_TYPE_COERCE", format!("Value {value} is not snowflake.")),
        Kind::Format { format } if format == "uri" => {
            ("URL_TYPE_INVALID_URL", "Not a well formed URL.".to_owned())
        }
        Kind::OneOfNotValid { .. } | Kind::AnyOf { .. } => {
            ("UNION_TYPE_CHOICES", format!("Value {value} is none of the allowed kinds."))
        }
        Kind::Type { .. } => ("BASE_TYPE_BAD_TYPE", fallback.to_owned()),
        _ => ("BASE_TYPE_INVALID", fallback.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Schemas, check};

    #[test]
    fn says_where_and_what_in_discords_words() {
        let schemas = Schemas::shared().unwrap();
        for (body, place, code) in [
            (json!({ "content": "a".repeat(2001) }), "content", "BASE_TYPE_MAX_LENGTH"),
            (json!({ "content": 5 }), "content", "BASE_TYPE_BAD_TYPE"),
            (
                json!({ "embeds": [{ "title": "a".repeat(257) }] }),
                "embeds.0.title",
                "BASE_TYPE_MAX_LENGTH",
            ),
            (
                json!({ "embeds": [{ "fields": [{ "name": "a" }] }] }),
                "embeds.0.fields.0.value",
                "BASE_TYPE_REQUIRED",
            ),
            (
                json!({ "allowed_mentions": { "parse": ["all"] } }),
                "allowed_mentions.parse.0",
                "BASE_TYPE_CHOICES",
            ),
            (
                json!({ "allowed_mentions": { "users": ["x"] } }),
                "allowed_mentions.users.0",
                "NUMBER_TYPE_COERCE",
            ),
            (json!({ "avatar_url": "not a url" }), "avatar_url", "URL_TYPE_INVALID_URL"),
            (
                json!({ "components": [{ "type": 1, "components": [] }] }),
                "components.0.components",
                "BASE_TYPE_MIN_LENGTH",
            ),
        ] {
            let found = check(&schemas.execute, &body);
            let found: Vec<_> = found.iter().map(|i| (i.path.join("."), i.code)).collect();
            assert_eq!(found, [(place.to_owned(), code)], "{body}");
        }
    }

    #[test]
    fn counts_code_points() {
        let schemas = Schemas::shared().unwrap();
        assert!(check(&schemas.execute, &json!({ "content": "雅".repeat(2000) })).is_empty());
        assert!(check(&schemas.execute, &json!({ "content": "🎋".repeat(2000) })).is_empty());
    }
}
