//! Request bodies: JSON, or multipart with `payload_json` and files.

use http_body_util::{BodyDataStream, Full};
use serde_json::Value;

use crate::discord::errors::{self, Issue};
use crate::http::{File, Inbound, Payload, Reply};

/// Reads a body by its declared type; never fails, for even a broken body is recorded.
pub(crate) async fn read(inbound: &Inbound) -> Payload {
    if inbound.bytes.is_empty() {
        return Payload::Empty;
    }
    let kind = inbound.header("content-type").unwrap_or_default();
    if kind.starts_with("application/json") {
        return match serde_json::from_slice(&inbound.bytes) {
            Ok(value) => Payload::Json(value),
            Err(_) => Payload::Broken(String::from_utf8_lossy(&inbound.bytes).into_owned()),
        };
    }
    match multer::parse_boundary(kind) {
        Ok(boundary) => read_parts(inbound, boundary)
            .await
            .unwrap_or_else(|error| Payload::Broken(error.to_string())),
        Err(_) => Payload::Other(String::from_utf8_lossy(&inbound.bytes).into_owned()),
    }
}

async fn read_parts(inbound: &Inbound, boundary: String) -> Result<Payload, multer::Error> {
    let whole = BodyDataStream::new(Full::new(inbound.bytes.clone()));
    let mut parts = multer::Multipart::new(whole, boundary);
    let (mut json, mut files) = (Value::Null, Vec::new());
    while let Some(part) = parts.next_field().await? {
        let field = part.name().unwrap_or_default().to_owned();
        if field == "payload_json" {
            let text = part.text().await?;
            json = match serde_json::from_str(&text) {
                Ok(value) => value,
                Err(_) => return Ok(Payload::Broken(text)),
            };
            continue;
        }
        let filename = part.file_name().unwrap_or_default().to_owned();
        let content_type = part.content_type().map(ToString::to_string);
        files.push(File { field, filename, content_type, bytes: part.bytes().await? });
    }
    Ok(Payload::Multipart { json, files })
}

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

/// The JSON of a call that takes nothing else.
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
