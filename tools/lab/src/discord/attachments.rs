//! The files of a message, which a multipart body uploads and `attachments` describes.

use serde_json::{Value, json};

use crate::discord::errors;
use crate::http::{File, Reply};

/// Largest file in a server without boosts; also the `attachment_size_limit` of interactions.
pub(crate) const MAX_BYTES: usize = 10_485_760;

/// A file of a message.
#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    id: String,
    /// As the API returns it.
    json: Value,
    /// The file's content, if it is UTF-8.
    text: Option<String>,
}

impl Attachment {
    /// A file under its id; its entry in `attachments` may rename and describe it.
    pub(crate) fn new(id: String, file: &File, entries: Option<&[Value]>) -> Self {
        let number = file.field.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'));
        let entry = entries.unwrap_or_default().iter().find(|entry| entry["id"].as_str() == number);
        let renamed = entry.and_then(|entry| entry["filename"].as_str());
        let filename = renamed.unwrap_or(&file.filename);
        let url = format!("https://cdn.discordapp.com/attachments/0/{id}/{filename}");
        let mut json = json!({
            "id": id, "filename": filename, "size": file.bytes.len(), "url": url, "proxy_url": url,
        });
        if let Some(kind) = &file.content_type {
            json["content_type"] = json!(kind);
        }
        if let Some(description) = entry.and_then(|entry| entry.get("description")) {
            json["description"] = description.clone();
        }
        let text = std::str::from_utf8(&file.bytes).ok().map(str::to_owned);
        Self { id, json, text }
    }

    /// A file as Discord tells of it.
    pub(crate) fn told(json: Value) -> Self {
        let id = json["id"].as_str().unwrap_or_default().to_owned();
        Self { id, json, text: None }
    }

    /// Whether it is one of those that an edit keeps.
    pub(crate) fn is_in(&self, kept: &[String]) -> bool {
        kept.contains(&self.id)
    }

    /// As the API returns it.
    pub(crate) fn to_json(&self) -> Value {
        self.json.clone()
    }

    /// As a reader sees it, with the content.
    pub(crate) fn to_reader(&self) -> Value {
        let mut seen = self.json.clone();
        seen["text"] = json!(self.text);
        seen
    }
}

/// Refuses files that are too large.
///
/// # Errors
/// 40005 for a file beyond the limit.
pub(crate) fn check(files: &[File]) -> Result<(), Reply> {
    if files.iter().any(|file| file.bytes.len() > MAX_BYTES) {
        return Err(errors::too_large());
    }
    Ok(())
}

/// Accepts numeric ids of attachments, as in the documentation; the schema has strings.
pub(crate) fn normalize_ids(body: &mut Value) {
    let entries = body.get_mut("attachments").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten() {
        if let Some(id) = entry.get("id").and_then(Value::as_u64) {
            entry["id"] = json!(id.to_string());
        }
    }
}
