//! Files: those that people and the bot send, `getFile`, and the download.
//!
//! Sizes are those of core.telegram.org/bots/api#sending-files and #getfile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::errors;
use super::message::{Medium, MediumKind};
use super::params::Params;
use super::state::{State, Stored};
use crate::http::{Content, File, Reply};
use crate::merge::without_nulls;
use crate::sent::Sent;

/// Largest file that `getFile` prepares.
const MAX_DOWNLOAD: u64 = 20 * 1024 * 1024;
/// Largest document that a bot uploads.
const MAX_UPLOAD: usize = 50 * 1024 * 1024;
/// Largest photo that a bot uploads.
const MAX_PHOTO: usize = 10 * 1024 * 1024;

/// Keeps a file that a person sends.
///
/// # Errors
/// A sentence about the order.
pub(super) fn send(state: &mut State, kind: MediumKind, sent: Sent) -> Result<Medium, String> {
    let (bytes, size) = sent.read()?;
    let file = (Some(sent.name).filter(|name| !name.is_empty()), sent.kind, Bytes::from(bytes));
    Ok(keep(state, kind, file, size))
}

/// A file as it arrives: its name, its type, its bytes.
type Arrived = (Option<String>, Option<String>, Bytes);

fn keep(state: &mut State, kind: MediumKind, file: Arrived, size: u64) -> Medium {
    let (name, mime, bytes) = file;
    let number = state.next_number();
    let (id, unique) = (format!("LABfile-{number}-that-downloads"), format!("LAB{number}"));
    let folder = match kind {
        MediumKind::Photo => "photos",
        MediumKind::Document => "documents",
        MediumKind::Voice => "voice",
    };
    let ending = match (kind, name.as_deref().and_then(|name| name.rsplit_once('.'))) {
        (MediumKind::Photo, _) => ".jpg".to_owned(),
        (MediumKind::Voice, _) => ".oga".to_owned(),
        (MediumKind::Document, Some((_, ending))) if ending.is_ascii() => format!(".{ending}"),
        (MediumKind::Document, _) => String::new(),
    };
    let path = format!("{folder}/file_{number}{ending}");
    let told = |more: Value| {
        let mut value = json!({ "file_id": id, "file_unique_id": unique, "file_size": size });
        for (field, more) in more.as_object().into_iter().flatten() {
            value[field] = more.clone();
        }
        without_nulls(value)
    };
    let value = match kind {
        MediumKind::Document => told(json!({ "file_name": name, "mime_type": mime })),
        MediumKind::Voice => {
            told(json!({ "duration": 3, "mime_type": mime.unwrap_or("audio/ogg".to_owned()) }))
        }
        MediumKind::Photo => {
            // A photo comes in several sizes, the largest last.
            let thumb = json!({
                "file_id": format!("{id}-small"), "file_unique_id": format!("{unique}s"),
                "width": 90, "height": 60, "file_size": 1_000.min(size),
            });
            json!([thumb, told(json!({ "width": 900, "height": 600 }))])
        }
    };
    let text = std::str::from_utf8(&bytes).ok();
    // As an address that a page can show.
    let picture = (kind == MediumKind::Photo)
        .then(|| format!("data:image/jpeg;base64,{}", STANDARD.encode(&bytes)));
    let seen = json!({
        "name": name, "size": size, "text": text, "file_id": id, "picture": picture,
    });
    state.files.push(Stored { id, unique_id: unique, path, size, bytes, is_ready: false });
    Medium { kind, value, seen }
}

/// The medium of `sendDocument` or `sendPhoto`: an upload, or a file that Telegram has.
///
/// # Errors
/// The refusal.
pub(super) fn of_call(
    state: &mut State,
    kind: MediumKind,
    params: &Params,
) -> Result<Medium, Reply> {
    let value = params.text(kind.field()).unwrap_or_default();
    if let Some(File { filename, content_type, bytes, .. }) = params.upload(value) {
        if bytes.is_empty() {
            return Err(errors::mistake("file must be non-empty"));
        }
        let is_photo = kind == MediumKind::Photo;
        if bytes.len() > if is_photo { MAX_PHOTO } else { MAX_UPLOAD } {
            return Err(errors::refuse(413, "Request Entity Too Large")
                .violation("telegram: the upload is too large"));
        }
        let magic: [&[u8]; 3] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"];
        if is_photo && !magic.iter().any(|magic| bytes.starts_with(magic)) {
            return Err(errors::mistake("IMAGE_PROCESS_FAILED"));
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let file = (Some(filename.clone()), content_type.clone(), bytes.clone());
        return Ok(keep(state, kind, file, size));
    }
    if value.starts_with("attach://") {
        return Err(errors::mistake(format!("{value} names no uploaded file")));
    }
    let known = state.messages.iter().filter_map(|message| message.medium.as_ref());
    let mut known = known.filter(|medium| medium.kind == kind);
    let known = known.find(|medium| medium.seen["file_id"] == value);
    known.cloned().ok_or_else(|| {
        let why = "wrong file identifier/HTTP URL specified";
        if value.starts_with("http") {
            errors::stricter("files by URL are not emulated")
        } else {
            errors::mistake(why)
        }
    })
}

/// `getFile`: makes a link to a file of at most 20 MB.
pub(super) fn get(state: &mut State, params: &Params) -> Reply {
    let id = params.text("file_id").unwrap_or_default();
    let known = state.files.iter_mut().find(|file| {
        file.id == id || id.strip_suffix("-small").is_some_and(|large| large == file.id)
    });
    let Some(file) = known else {
        return errors::mistake("invalid file_id");
    };
    if file.size > MAX_DOWNLOAD {
        return errors::bad("file is too big");
    }
    file.is_ready = true;
    errors::ok(json!({
        "file_id": id, "file_unique_id": file.unique_id, "file_size": file.size,
        "file_path": file.path,
    }))
}

/// Downloads a file by the link that `getFile` has made.
pub(super) fn download(state: &State, path: &str) -> Reply {
    let known = state.files.iter().find(|file| file.is_ready && file.path == path);
    match known {
        Some(file) => {
            let body = Content::Bytes(file.bytes.clone());
            let reply = Reply { status: 200, body, ..Reply::default() };
            reply.header("content-type", "application/octet-stream")
        }
        None => {
            errors::refuse(404, "Not Found").violation("telegram: no link to this file was made")
        }
    }
}
