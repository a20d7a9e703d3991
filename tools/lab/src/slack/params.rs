//! The arguments of a call: JSON, a form, or the query.

use serde_json::{Map, Value};

use super::errors;
use super::route::{Method, Reads};
use super::schema::Schemas;
use super::world::BOT_TOKEN;
use crate::http::{Inbound, Payload, Reply};

/// What a call says.
#[derive(Debug, Default)]
pub(super) struct Params(Map<String, Value>);

/// Looks at the token of a call.
///
/// # Errors
/// The refusal: there is none, or another.
pub(super) fn authorize(inbound: &Inbound) -> Result<(), Reply> {
    let Some(header) = inbound.header("authorization") else {
        return Err(errors::mistake("not_authed"));
    };
    match header.strip_prefix("Bearer ") {
        Some(BOT_TOKEN) => Ok(()),
        Some(_) | None => Err(errors::mistake("invalid_auth")),
    }
}

impl Params {
    /// Reads and checks the arguments of a call.
    ///
    /// # Errors
    /// The refusal, if something is missing, of another type, unknown, or not read at all.
    pub(super) fn read(
        schemas: &Schemas,
        method: Method,
        inbound: &Inbound,
    ) -> Result<Self, Reply> {
        let is_form =
            |text: &str| inbound.header("content-type").is_some_and(|it| it.starts_with(text));
        let mut values = Map::new();
        let name = method.name();
        let mut of_pairs = |text: &str| {
            for (key, value) in form_urlencoded::parse(text.as_bytes()) {
                values.insert(key.clone().into_owned(), schemas.of_form(name, &key, &value));
            }
        };
        if !inbound.query.is_empty() {
            if method.reads() == Reads::Json {
                return Err(errors::stricter("arguments belong into the body"));
            }
            of_pairs(&inbound.query);
        }
        match (&inbound.body, method.reads()) {
            (Payload::Empty, _) => {}
            (Payload::Other(text), _) if is_form("application/x-www-form-urlencoded") => {
                of_pairs(text);
            }
            (Payload::Json(_), Reads::Form) => {
                return Err(errors::stricter("Slack ignores JSON here: send a form"));
            }
            (Payload::Json(Value::Object(fields)), Reads::Json) => values.extend(fields.clone()),
            (Payload::Json(_), _) => return Err(errors::mistake("json_not_object")),
            (Payload::Broken(_), _) => return Err(errors::mistake("invalid_json")),
            (Payload::Multipart { .. } | Payload::Other(_), _) => {
                return Err(errors::mistake("invalid_post_type"));
            }
        }
        let found = schemas.check(name, &values);
        if found.is_empty() {
            Ok(Self(values))
        } else {
            Err(errors::detailed("invalid_arguments", &found))
        }
    }

    /// An argument; null if it is not given.
    pub(super) fn value(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_str().filter(|text| !text.is_empty())
    }

    /// A list.
    pub(super) fn list(&self, name: &str) -> &[Value] {
        self.value(name).as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether a switch is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.value(name) == true
    }
}
