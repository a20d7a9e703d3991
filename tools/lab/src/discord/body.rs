//! Takes the JSON and the files out of a request, or refuses its body.

use serde_json::Value;

use crate::discord::errors::{self, Issue};
use crate::http::{File, Inbound, Payload, Reply};

/// The JSON of a message, and its files.
pub(crate) fn message(inbound: &Inbound) -> Result<(Value, Vec<File>), Reply> {
    match &inbound.body {
        Payload::Multipart { json, files } => {
            let json = if json.is_null() { serde_json::json!({}) } else { json.clone() };
            Ok((json, files.clone()))
        }
        Payload::Empty | Payload::Json(_) | Payload::Broken(_) | Payload::Other(_) => {
            Ok((json(inbound)?.clone(), Vec::new()))
        }
    }
}

/// The JSON of a call that accepts no other body.
pub(crate) fn json(inbound: &Inbound) -> Result<&Value, Reply> {
    match &inbound.body {
        Payload::Json(value) => Ok(value),
        Payload::Broken(_) => Err(errors::invalid_json("the body is not what its type says")),
        Payload::Empty => Err(errors::invalid_json("the body is empty")),
        Payload::Other(_) | Payload::Multipart { .. } => {
            let message = "Expected \"Content-Type\" header to be one of {'application/json'}.";
            Err(errors::form(&[Issue::at("", "CONTENT_TYPE_INVALID", message)]))
        }
    }
}
