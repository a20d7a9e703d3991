//! Files: those that people send, those that the bot uploads, and the download.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::message::{Author, Message};
use super::params::{Params, authorize};
use super::posting::{put, remove};
use super::state::{Stage, State, Stored};
use super::world::{self, TEAM_DOMAIN, TEAM_ID};
use super::{errors, target};
use crate::clock;
use crate::http::{Content, Inbound, Payload, Reply};
use crate::sent::Sent;

/// Largest file that the lab takes; Slack's own limit is a gigabyte.
const MAX_UPLOAD: u64 = 64 * 1024 * 1024;

/// Keeps a file that a person sends: as the API returns it, and what readers see.
///
/// # Errors
/// A sentence about the order.
pub(super) fn send(
    state: &mut State,
    base: &str,
    user: &str,
    sent: &Sent,
) -> Result<(Value, Value), String> {
    let (bytes, size) = sent.read()?;
    let name = if sent.name.is_empty() { "image.png" } else { sent.name.as_str() };
    let kind = sent.kind.clone().unwrap_or_else(|| kind_of(name).to_owned());
    let file = Stored {
        id: next_id(state),
        name: name.to_owned(),
        kind,
        size,
        bytes: bytes.into(),
        stage: Stage::Complete,
    };
    let shown = (file.to_json(base, user, None), file.to_reader());
    state.files.push(file);
    Ok(shown)
}

fn next_id(state: &mut State) -> String {
    format!("F07180{:05}", state.next_number())
}

/// The type of a name.
fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("txt" | "md" | "csv") => "text/plain",
        Some("pdf") => "application/pdf",
        Some("json") => "application/json",
        Some("m4a") => "audio/mp4",
        Some("wav") => "audio/wav",
        _ => "application/octet-stream",
    }
}

impl Stored {
    /// As the API returns it.
    fn to_json(&self, base: &str, user: &str, title: Option<&str>) -> Value {
        let ending = self.name.rsplit_once('.').map_or("binary", |(_, ending)| ending);
        let seconds = clock::now_ms() / 1000;
        let at = format!("{base}/slack/files/{TEAM_ID}-{}", self.id);
        let name = form_urlencoded::byte_serialize(self.name.as_bytes()).collect::<String>();
        json!({
            "id": self.id, "created": seconds, "timestamp": seconds, "name": self.name,
            "title": title.unwrap_or(&self.name), "mimetype": self.kind, "filetype": ending,
            "pretty_type": ending.to_uppercase(), "user": user, "user_team": TEAM_ID,
            "editable": false, "size": self.size, "mode": "hosted", "is_external": false,
            "external_type": "", "is_public": true, "public_url_shared": false,
            "display_as_bot": false, "username": "", "url_private": format!("{at}/{name}"),
            "url_private_download": format!("{at}/download/{name}"), "media_display_type": "unknown",
            "file_access": "visible", "has_rich_preview": false, "channels": [], "groups": [], "ims": [],
            "permalink": format!("https://{TEAM_DOMAIN}.slack.com/files/{user}/{}/{name}", self.id),
        })
    }

    /// What readers see of it.
    fn to_reader(&self) -> Value {
        let text = std::str::from_utf8(&self.bytes).ok();
        let picture = self.kind.starts_with("image/");
        let picture =
            picture.then(|| format!("data:{};base64,{}", self.kind, STANDARD.encode(&self.bytes)));
        json!({
            "id": self.id, "name": self.name, "kind": self.kind, "size": self.size, "text": text,
            "picture": picture,
        })
    }
}

/// `files.getUploadURLExternal`.
pub(super) fn promise(state: &mut State, base: &str, params: &Params) -> Result<Reply, Reply> {
    let size = params.value("length").as_u64().unwrap_or_default();
    let Some(name) = params.text("filename") else {
        return Err(errors::arguments("missing required field: filename"));
    };
    if size == 0 {
        return Err(errors::arguments("must be greater than 0 [json-pointer:/length]"));
    }
    if size > MAX_UPLOAD {
        return Err(errors::mistake("file_upload_size_restricted"));
    }
    if !params.value("snippet_type").is_null() {
        return Err(errors::stricter("`snippet_type` is not emulated"));
    }
    let (id, key) = (next_id(state), format!("lab-upload-{}", state.next_number()));
    let file = Stored {
        id: id.clone(),
        name: name.to_owned(),
        kind: kind_of(name).to_owned(),
        size,
        bytes: Bytes::new(),
        stage: Stage::Promised(key.clone()),
    };
    state.files.push(file);
    let url = format!("{base}/slack/upload/{key}");
    Ok(errors::ok(json!({ "upload_url": url, "file_id": id })))
}

/// Takes the bytes of a file: as they are, or as the part of a form. The address is the secret.
pub(super) fn upload(state: &mut State, key: &str, inbound: &Inbound) -> Reply {
    let is_it = |it: &&mut Stored| it.stage == Stage::Promised(key.to_owned());
    let Some(file) = state.files.iter_mut().find(is_it) else {
        return Reply {
            status: 404,
            body: Content::Text("not found".to_owned()),
            ..Reply::default()
        };
    };
    let bytes = match &inbound.body {
        Payload::Multipart { files, .. } => match files.as_slice() {
            [part] => part.bytes.clone(),
            _ => Bytes::new(),
        },
        Payload::Empty | Payload::Json(_) | Payload::Broken(_) | Payload::Other(_) => {
            inbound.bytes.clone()
        }
    };
    if u64::try_from(bytes.len()) != Ok(file.size) {
        let what =
            format!("slack: {} bytes were uploaded, and {} promised", bytes.len(), file.size);
        let body = Content::Text("size mismatch".to_owned());
        return Reply { status: 400, body, ..Reply::default() }.violation(what);
    }
    file.bytes = bytes;
    file.stage = Stage::Uploaded;
    let body = Content::Text(format!("OK - {}", file.size));
    Reply { status: 200, body, ..Reply::default() }
}

/// `files.completeUploadExternal`: shares files that were uploaded, in one message.
///
/// A second time it finds no file that waits for it; the reference does not say what Slack does then.
pub(super) fn complete(state: &mut State, base: &str, params: &Params) -> Result<Reply, Reply> {
    for argument in ["channels", "blocks"] {
        if !params.value(argument).is_null() {
            return Err(errors::stricter(&format!("`{argument}` is not emulated")));
        }
    }
    let mut channel = None;
    if params.text("channel_id").is_some() {
        let named = target::channel(state, params, "channel_id")?;
        if state.is_archived(named) {
            return Err(errors::refuse("posting_to_channel_denied"));
        }
        channel = Some(target::member(state, named)?);
    }
    let thread = match channel {
        Some(channel) => target::thread(state, channel, params, "invalid_arguments")?,
        None => None,
    };
    let mut ids = Vec::new();
    for (at, file) in params.list("files").iter().enumerate() {
        let fields = file.as_object().into_iter().flatten();
        let is_known = |name: &str| matches!(name, "id" | "title" | "highlight_type");
        let (Some(id), true) =
            (file["id"].as_str(), fields.map(|(name, _)| name.as_str()).all(is_known))
        else {
            return Err(errors::arguments(format!(
                "must be `id` and `title` [json-pointer:/files/{at}]"
            )));
        };
        let is_ready = |it: &&Stored| it.id == id && it.stage == Stage::Uploaded;
        if !state.files.iter().any(|it| is_ready(&it)) {
            return Err(errors::refuse("file_not_found"));
        }
        ids.push((id.to_owned(), file["title"].as_str().map(str::to_owned)));
    }
    if ids.is_empty() {
        return Err(errors::arguments(
            "must be an array with more than 0 items [json-pointer:/files]",
        ));
    }
    let mut shown = Vec::new();
    for (id, title) in &ids {
        if let Some(file) = state.files.iter_mut().find(|it| it.id == *id) {
            file.stage = Stage::Complete;
            let json = file.to_json(base, world::BOT_USER_ID, title.as_deref());
            shown.push((json, file.to_reader()));
        }
    }
    let list: Vec<Value> = shown.iter().map(|(file, _)| file.clone()).collect();
    if let Some(channel) = channel {
        let text = params.text("initial_comment").unwrap_or_default().to_owned();
        let mut message = Message::new(state.next_ts(), channel, Author::Bot, text);
        message.thread = thread;
        message.files = shown;
        drop(put(state, message));
    }
    Ok(errors::ok(json!({ "files": list })))
}

/// `files.delete`: the file, and the message that has nothing else.
pub(super) fn delete(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    let id = params.text("file").unwrap_or_default().to_owned();
    if !state.files.iter().any(|it| it.id == id && it.stage == Stage::Complete) {
        return Err(errors::refuse("file_not_found"));
    }
    state.files.retain(|it| it.id != id);
    let has = |it: &Message| it.files.iter().any(|(file, _)| file["id"] == id.as_str());
    if let Some(message) = state.messages.iter().find(|it| has(it)).cloned() {
        if message.author != Author::Bot {
            return Err(errors::mistake("cant_delete_file"));
        }
        remove(state, &message);
    }
    Ok(errors::ok(json!({})))
}

/// Downloads a file. Who has no right gets the page to sign in, which is no error of HTTP.
pub(super) fn download(state: &State, path: &str, inbound: &Inbound) -> Reply {
    if let Err(refusal) = authorize(inbound) {
        let page = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head></html>";
        let body = Content::Bytes(page.into());
        let reply = Reply { status: 200, body, violations: refusal.violations, ..Reply::default() };
        return reply.header("content-type", "text/html; charset=utf-8");
    }
    let id = path.split('/').next().and_then(|part| part.strip_prefix(TEAM_ID)?.strip_prefix('-'));
    let known = state.files.iter().find(|it| Some(it.id.as_str()) == id);
    match known {
        Some(file) if file.stage == Stage::Complete => {
            let reply =
                Reply { status: 200, body: Content::Bytes(file.bytes.clone()), ..Reply::default() };
            reply.header("content-type", &file.kind)
        }
        _ => Reply { status: 404, body: Content::Text("not found".to_owned()), ..Reply::default() },
    }
}
