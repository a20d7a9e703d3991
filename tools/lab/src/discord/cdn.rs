//! Discord's store of files: `cdn.discordapp.com`, whose addresses are signed and expire.
//!
//! The Worker reaches it below `/pages/https/cdn.discordapp.com`, as every host of the web.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{State, Upload};
use super::world::{APPLICATION_ID, sign};
use crate::clock;
use crate::http::{Content, Inbound, Reply};

/// Name of the operation.
pub(crate) const OPERATION: &str = "attachment";
/// Its host.
const HOST: &str = "cdn.discordapp.com";
/// How long an address counts.
const LIFETIME_S: u64 = 86_400;
/// Largest file that a member can send without Nitro is 10 MiB; with it 500 MiB. The lab keeps less.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A file that a person sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    name: String,
    /// Its text, or else its bytes in hexadecimal.
    text: Option<String>,
    #[serde(default)]
    hex: String,
    /// Zeros after that.
    #[serde(default)]
    padding: usize,
    /// `content_type`, which Discord leaves out where it does not know one.
    kind: Option<String>,
    /// Size that Discord tells, if not the true one.
    size: Option<u64>,
    /// Whether its address has expired already.
    #[serde(default)]
    expired: bool,
}

impl Sent {
    /// A file by its name alone.
    pub(crate) fn named(name: String) -> Self {
        let (text, hex, kind) = (None, String::new(), None);
        Self { name, text, hex, padding: 0, kind, size: None, expired: false }
    }
}

/// Returns the path of a file, if the request is for one.
pub(crate) fn find(method: &str, segments: &[&str]) -> Option<String> {
    match (method, segments) {
        ("GET", ["pages", "https", HOST, path @ ..]) => Some(path.join("/")),
        _ => None,
    }
}

/// Keeps a file and returns its address.
pub(super) fn keep(
    state: &mut State,
    (folder, id, name): (&str, &str, &str),
    (kind, bytes): (Option<String>, Bytes),
    is_expired: bool,
) -> String {
    let path = format!("{folder}/{APPLICATION_ID}/{id}/{name}");
    let issued_s = clock::now_ms() / 1000 - if is_expired { LIFETIME_S + 1 } else { 0 };
    let times = format!("ex={:x}&is={issued_s:x}", issued_s + LIFETIME_S);
    let url = format!("https://{HOST}/{path}?{times}&hm={}&", mark(&path, &times));
    state.uploads.push(Upload { path, kind, bytes });
    url
}

/// Keeps a file that a person sends, and returns what Discord says of it.
///
/// # Errors
/// A sentence about the request.
pub(super) fn send(state: &mut State, folder: &str, sent: Sent) -> Result<Value, String> {
    let mut bytes = match sent.text {
        Some(text) => text.into_bytes(),
        None => hex::decode(&sent.hex).map_err(|_odd| "`hex` is not hexadecimal".to_owned())?,
    };
    let length = bytes.len().saturating_add(sent.padding);
    if length > MAX_BYTES {
        return Err(format!("the lab keeps files of at most {MAX_BYTES} bytes"));
    }
    bytes.resize(length, 0);
    let id = state.snowflake();
    let name: String =
        sent.name.chars().map(|c| if c.is_ascii_graphic() && c != '/' { c } else { '_' }).collect();
    let kept = (sent.kind.clone(), Bytes::from(bytes));
    let url = keep(state, (folder, &id, &name), kept, sent.expired);
    let size = u64::try_from(length).unwrap_or(u64::MAX);
    let mut told = json!({
        "id": id, "filename": name, "size": sent.size.unwrap_or(size), "url": url,
        "proxy_url": url.replace(HOST, "media.discordapp.net"),
        "ephemeral": folder == EPHEMERAL,
    });
    if let Some(kind) = sent.kind {
        told["content_type"] = json!(kind);
    }
    Ok(told)
}

/// Folder of files that come with a command.
pub(super) const EPHEMERAL: &str = "ephemeral-attachments";

/// Folder of files of messages.
pub(super) const OF_MESSAGES: &str = "attachments";

/// `GET` of a file: only by the address that Discord gave out, until that expires.
pub(crate) fn answer(state: &State, path: &str, inbound: &Inbound) -> Reply {
    let parameter = |name: &str| inbound.parameter(name).unwrap_or_default();
    let (ex, is) = (parameter("ex"), parameter("is"));
    let is_signed = parameter("hm") == mark(path, &format!("ex={ex}&is={is}"));
    let expires_s = u64::from_str_radix(&ex, 16).unwrap_or_default();
    let upload = state.uploads.iter().find(|upload| upload.path == path);
    let mut reply = match upload {
        Some(upload) if is_signed && expires_s > clock::now_ms() / 1000 => {
            let body = Content::Bytes(upload.bytes.clone());
            let reply = Reply { status: 200, body, ..Reply::default() };
            reply.header(
                "content-type",
                upload.kind.as_deref().unwrap_or("application/octet-stream"),
            )
        }
        _ => Reply {
            status: 404,
            body: Content::Text("This content is no longer available.".to_owned()),
            ..Reply::default()
        },
    };
    if upload.is_some() && !is_signed {
        reply = reply.violation("cdn: an address that Discord did not sign");
    }
    for name in ["cookie", "authorization"] {
        if inbound.header(name).is_some() {
            reply = reply.violation(format!("cdn: a request with `{name}`"));
        }
    }
    if inbound.header("user-agent").is_none() {
        reply = reply.violation("cdn: a request that does not say who asks");
    }
    reply
}

fn mark(path: &str, times: &str) -> String {
    sign(times, path.as_bytes()).chars().take(64).collect()
}
