//! Reads request bodies: JSON, or multipart with `payload_json` and files.

use http_body_util::{BodyDataStream, Full};
use serde_json::Value;

use super::{File, Inbound, Payload};

/// Reads a body by its declared type. It never fails, because a broken body is recorded too.
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
