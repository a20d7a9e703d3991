//! Files: those that people send, those that the business uploads, their addresses, and the download.
//!
//! Types and sizes are those of developers.facebook.com/docs/whatsapp/cloud-api/reference/media.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::errors;
use super::params::authorize;
use super::state::{State, Stored};
use super::world::{MESSAGING, PHONE_NUMBER_ID};
use crate::clock;
use crate::http::{Content, Inbound, Payload, Reply};
use crate::sent::Sent;

/// A mebibyte.
const MIB: usize = 1024 * 1024;
/// Types that WhatsApp takes as what they are, and the largest file of each; any other is a document.
const TYPES: [(&str, &str, usize); 11] = [
    ("image/jpeg", "image", 5 * MIB),
    ("image/png", "image", 5 * MIB),
    ("image/webp", "sticker", MIB / 2),
    ("audio/aac", "audio", 16 * MIB),
    ("audio/amr", "audio", 16 * MIB),
    ("audio/mp4", "audio", 16 * MIB),
    ("audio/mpeg", "audio", 16 * MIB),
    ("audio/ogg", "audio", 16 * MIB),
    ("video/3gpp", "video", 16 * MIB),
    ("video/mp4", "video", 16 * MIB),
    ("text/plain", "document", 100 * MIB),
];
/// Types of documents that can be uploaded, beside `text/plain`.
const DOCUMENTS: [&str; 7] = [
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
];

/// The type of message that a type of file is sent as.
pub(super) fn message_type(mime: &str) -> &'static str {
    let bare = mime.split(';').next().unwrap_or(mime).trim();
    TYPES.into_iter().find(|(known, ..)| *known == bare).map_or("document", |(_, kind, _)| kind)
}

/// The type of a name.
fn mime_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("txt" | "md" | "csv") => "text/plain",
        Some("pdf") => "application/pdf",
        Some("ogg" | "oga") => "audio/ogg; codecs=opus",
        Some("m4a") => "audio/mp4",
        Some("mp4") => "video/mp4",
        _ => "application/octet-stream",
    }
}

/// Keeps a file that a person sends: its type of message, what the webhook has of it, and what readers see.
///
/// # Errors
/// A sentence about the order.
pub(super) fn send(
    state: &mut State,
    sent: &Sent,
    is_voice: bool,
) -> Result<(&'static str, Value, Value), String> {
    let (bytes, size) = sent.read()?;
    let mime = match &sent.kind {
        Some(kind) => kind.clone(),
        None if is_voice => "audio/ogg; codecs=opus".to_owned(),
        None => mime_of(&sent.name).to_owned(),
    };
    let kind = message_type(&mime);
    if is_voice && kind != "audio" {
        return Err(format!("a voice message is no {mime}"));
    }
    let file = keep(state, mime, size, bytes.into());
    let mut told = json!({
        "id": file.id, "mime_type": file.kind, "sha256": STANDARD.encode(Sha256::digest(&file.bytes)),
    });
    match kind {
        "document" if !sent.name.is_empty() => told["filename"] = json!(sent.name),
        "audio" => told["voice"] = json!(is_voice),
        "sticker" => told["animated"] = json!(false),
        _ => {}
    }
    let seen = file.to_reader(Some(&sent.name), is_voice);
    state.files.push(file);
    Ok((kind, told, seen))
}

fn keep(state: &mut State, kind: String, size: u64, bytes: Bytes) -> Stored {
    let id = format!("718{:012}", state.next_number());
    Stored { id, kind, size, bytes }
}

impl Stored {
    /// What readers see of it.
    pub(super) fn to_reader(&self, name: Option<&str>, is_voice: bool) -> Value {
        let text = std::str::from_utf8(&self.bytes).ok();
        let picture = self.kind.starts_with("image/");
        let picture =
            picture.then(|| format!("data:{};base64,{}", self.kind, STANDARD.encode(&self.bytes)));
        json!({
            "id": self.id, "name": name.filter(|name| !name.is_empty()), "kind": self.kind,
            "size": self.size, "text": text, "picture": picture, "voice": is_voice,
        })
    }
}

/// `POST /{number}/media`.
pub(super) fn upload(state: &mut State, id: &str, inbound: &Inbound) -> Result<Reply, Reply> {
    authorize(state, inbound, MESSAGING)?;
    if id != PHONE_NUMBER_ID {
        return Err(errors::no_object(id));
    }
    let Payload::Multipart { files: parts, .. } = &inbound.body else {
        return Err(errors::mistake(100, "the body is no form of parts"));
    };
    let part = |name: &str| parts.iter().find(|part| part.field == name);
    let text = |name: &str| {
        part(name).map(|part| String::from_utf8_lossy(&part.bytes).into_owned()).unwrap_or_default()
    };
    let is_known = |field: &str| matches!(field, "messaging_product" | "type" | "file");
    if let Some(odd) = parts.iter().find(|part| !is_known(&part.field)) {
        return Err(errors::stricter(&format!("a part `{}`", odd.field)));
    }
    if text("messaging_product") != "whatsapp" {
        return Err(errors::mistake(100, "The parameter messaging_product is required."));
    }
    let Some(file) = part("file").filter(|file| !file.filename.is_empty()) else {
        return Err(errors::mistake(131_008, "file is required, with a name"));
    };
    let mime = text("type");
    let declared = file.content_type.clone().unwrap_or_default();
    if mime.is_empty() || !declared.starts_with(&mime) {
        let what = format!("type is `{mime}`, and the file's own `{declared}`");
        return Err(errors::mistake(131_009, &what));
    }
    let known = TYPES.into_iter().find(|(known, ..)| *known == mime);
    let most = match known {
        Some((.., most)) => most,
        None if DOCUMENTS.contains(&mime.as_str()) => 100 * MIB,
        None => return Err(errors::refuse(131_053, &format!("{mime} is not supported"))),
    };
    if file.bytes.is_empty() || file.bytes.len() > most {
        let what = format!("{} bytes of {mime}, of which {most} are allowed", file.bytes.len());
        return Err(errors::refuse(131_053, &what));
    }
    let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    let stored = keep(state, mime, size, file.bytes.clone());
    let id = stored.id.clone();
    state.files.push(stored);
    Ok(Reply::json(200, json!({ "id": id })))
}

/// `GET /{medium}`: an address of it, which works for some minutes.
pub(super) fn address(
    state: &mut State,
    base: &str,
    id: &str,
    inbound: &Inbound,
) -> Result<Reply, Reply> {
    authorize(state, inbound, MESSAGING)?;
    let number = inbound.parameter("phone_number_id");
    if number.is_some_and(|number| number != PHONE_NUMBER_ID) {
        return Err(errors::mistake(100, "the medium is of another number"));
    }
    let Some(file) = state.file(id).cloned() else { return Err(errors::no_object(id)) };
    let until_ms = clock::now_ms() + state.config.media_url_ms;
    let key = format!("lab-medium-{}", state.next_number());
    state.links.insert(key.clone(), (file.id.clone(), until_ms));
    let url = format!("{base}/whatsapp/media/{key}?ext={}", until_ms / 1_000);
    // The size is a number, though the published schema says a text.
    Ok(Reply::json(
        200,
        json!({
            "messaging_product": "whatsapp", "url": url, "mime_type": file.kind, "id": file.id,
            "sha256": hex::encode(Sha256::digest(&file.bytes)), "file_size": file.size,
        }),
    ))
}

/// Downloads a file by an address that still works, with the token.
pub(super) fn download(state: &State, key: &str, inbound: &Inbound) -> Reply {
    if let Err(refusal) = authorize(state, inbound, MESSAGING) {
        return refusal;
    }
    let known = state.links.get(key).filter(|(_, until_ms)| *until_ms > clock::now_ms());
    let Some(file) = known.and_then(|(id, _)| state.file(id)) else {
        let body = Content::Text("URL signature expired".to_owned());
        return Reply { status: 404, body, ..Reply::default() };
    };
    let body = Content::Bytes(file.bytes.clone());
    let reply = Reply { status: 200, body, ..Reply::default() };
    reply.header("content-type", &file.kind)
}
