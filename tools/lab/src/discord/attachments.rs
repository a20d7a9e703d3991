//! The files of a message, which a multipart body uploads and `attachments` describes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
    /// An image as an address that a page can show.
    picture: Option<String>,
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
        let kind = file.content_type.as_deref().unwrap_or_default();
        let picture = kind.starts_with("image/").then(|| picture(kind, &file.bytes));
        Self { id, json, text, picture }
    }

    /// A file as Discord tells of it.
    pub(crate) fn told(json: Value) -> Self {
        let id = json["id"].as_str().unwrap_or_default().to_owned();
        Self { id, json, text: None, picture: None }
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
        seen["picture"] = json!(self.picture);
        seen
    }
}

fn picture(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", STANDARD.encode(bytes))
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

/// What a correct client would not have sent with a message: files that are not `files[n]`, or without an entry of
/// that number and name, images that are none, and entries without a file.
pub(crate) fn odd_files(files: &[File], entries: Option<&[Value]>) -> Vec<String> {
    let mut odd = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let File { field, filename, content_type, bytes } = file;
        let kind = content_type.as_deref().unwrap_or_default();
        if *field != format!("files[{index}]") || filename.is_empty() {
            odd.push(format!("the part `{field}` is not `files[{index}]` with a name"));
        }
        let of_kind = match kind {
            "image/jpeg" => bytes.starts_with(&[0xff, 0xd8, 0xff]) && filename == "image.jpg",
            "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n") && filename == "image.png",
            _ => !kind.starts_with("image/"),
        };
        if !of_kind {
            odd.push(format!("`{filename}` is no {kind}"));
        }
        let Some(entries) = entries else { continue };
        let is_its = |entry: &&Value| entry["id"].as_str() == Some(&index.to_string());
        match entries.iter().find(is_its) {
            None => odd.push(format!("`{field}` has no entry in `attachments`")),
            Some(entry) if kind.starts_with("image/") && !entry["description"].is_string() => {
                odd.push(format!("`{filename}` has no description"));
            }
            Some(_) => {}
        }
    }
    odd
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
