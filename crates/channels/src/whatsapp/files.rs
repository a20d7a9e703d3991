//! Files that come with a message: which there are, and their bytes.
//!
//! Meta names a file by an id, and tells for five minutes from where it can be read: an address that wants the access
//! token, which is sent to Meta's own hosts and nowhere else.

use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Ports;
use super::call::{bearer, call, request};
use crate::sent::SentFile;
use miyabi_core::config::WhatsApp;
use miyabi_core::http::{Method, Request};
use miyabi_core::transport::RateLimitBudget;

/// Longest wait for the bytes of a file.
const TIMEOUT: Duration = Duration::from_secs(12);

/// Domains of the hosts that have files.
///
/// # Source
/// WhatsApp Cloud API, Media, read 2026-11: the examples' `lookaside.fbsbx.com`, and the domains of Meta's own apps.
const DOMAINS: [&str; 4] = [".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com"];

/// Stands between the id of a file and its digest, as Meta tells it, in Base64.
const BEFORE_DIGEST: char = ' ';

/// Returns the file of a message that may be read: an image, a document, what was recorded and what sounds. What moves is
/// none.
pub(super) fn of_message(message: &Value, kind: &str) -> Option<SentFile> {
    let (name, media) = match kind {
        "image" => ("image.jpg", "image/jpeg"),
        "document" => ("file", ""),
        "audio" => ("audio.ogg", "audio/ogg"),
        _ => return None,
    };
    let file = message.get(kind)?;
    let text = |field| file.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("id").filter(|id| is_id(id))?;
    let digest = text("sha256").unwrap_or_default();
    Some(SentFile {
        id: format!("{id}{BEFORE_DIGEST}{digest}"),
        name: text("filename").unwrap_or(name).to_owned(),
        kind: text("mime_type").unwrap_or(media).to_owned(),
        bytes: 0,
        // What somebody recorded in the chat; a file that sounds may be anybody's.
        is_spoken: file.get("voice").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// Says whether an id leads nowhere else when it stands in a path.
fn is_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Returns the bytes of a file; `None` if Meta does not have it, or not now, it is longer than `limit_bytes`, or it is not
/// what was sent.
///
/// # Repeats
/// Reads only.
pub async fn download(
    host: &impl Ports,
    whatsapp: &WhatsApp,
    file: &SentFile,
    limit_bytes: usize,
) -> Option<Vec<u8>> {
    let (id, digest) = file.id.split_once(BEFORE_DIGEST)?;
    let path = [id, "?phone_number_id=", &whatsapp.phone_number_id].concat();
    let mut budget = RateLimitBudget::new(Duration::ZERO);
    let asked = request(whatsapp, Method::Get, &path);
    let told = call(host, "", "media", &asked, &mut budget).await.ok()?;
    let too_long = told.get("file_size").and_then(Value::as_u64);
    if too_long.is_some_and(|bytes| usize::try_from(bytes).is_ok_and(|it| it > limit_bytes)) {
        return None;
    }
    let url = told.get("url")?.as_str().filter(|url| is_metas(url, whatsapp))?;
    let request = Request::new(Method::Get, url.to_owned(), TIMEOUT);
    let request = request.header("authorization", bearer(whatsapp));
    match host.download(&request, limit_bytes).await {
        Ok((200, bytes)) if is_same(&bytes, digest) => Some(bytes),
        Ok(_) | Err(_) => None,
    }
}

/// Says whether an address is one of Meta's, or of the base to which the token is sent anyway.
fn is_metas(url: &str, whatsapp: &WhatsApp) -> bool {
    let origin = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        Some((scheme.to_owned(), rest.split(['/', '?', '#']).next()?.to_owned()))
    };
    let Some((scheme, host)) = origin(url) else { return false };
    let is_of_meta = scheme == "https"
        && host.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'.')
        && DOMAINS.iter().any(|domain| host.ends_with(domain));
    is_of_meta || origin(&whatsapp.api_base) == Some((scheme, host))
}

/// Says whether bytes have the digest that Meta told of them, if it told one.
fn is_same(bytes: &[u8], digest: &str) -> bool {
    digest.is_empty() || STANDARD.encode(Sha256::digest(bytes)) == digest
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::whatsapp::whatsapp;
    use miyabi_testing::{Fake, run};
    use serde_json::json;

    #[test]
    fn files_are_read_as_meta_tells_them() {
        let file = |kind: &str, fields: Value| of_message(&json!({ kind: fields }), kind);
        let image =
            file("image", json!({ "id": "1003", "mime_type": "image/png", "sha256": "x=" }));
        let image = image.unwrap();
        assert_eq!((image.id.as_str(), image.name.as_str()), ("1003 x=", "image.jpg"));
        assert_eq!(image.kind, "image/png");
        let document = file("document", json!({ "id": "7", "filename": "a.pdf" })).unwrap();
        assert_eq!((document.name.as_str(), document.kind.as_str()), ("a.pdf", ""));
        assert!(file("audio", json!({ "id": "7", "voice": true })).unwrap().is_spoken);
        assert!(!file("audio", json!({ "id": "7" })).unwrap().is_spoken);
        for (kind, fields) in [
            ("video", json!({ "id": "7" })),
            ("sticker", json!({ "id": "7" })),
            ("image", json!({ "id": "../me" })),
            ("image", json!({})),
            ("image", json!(5)),
        ] {
            assert_eq!(file(kind, fields), None);
        }
    }

    #[test]
    fn bytes_are_read_where_meta_says_and_are_those_that_were_sent() {
        let world = Fake::new();
        world.whatsapp.borrow_mut().files.insert("7".to_owned(), b"hello".to_vec());
        let digest = STANDARD.encode(Sha256::digest(b"hello"));
        let read = |id: &str, digest: &str, limit| {
            let fields = json!({ "document": { "id": id, "sha256": digest } });
            let file = of_message(&fields, "document").unwrap();
            run(download(&world, &whatsapp(), &file, limit)).unwrap()
        };
        assert_eq!(read("7", &digest, 100), Some(b"hello".to_vec()));
        assert_eq!(read("7", "", 100), Some(b"hello".to_vec()));
        assert_eq!(read("7", &digest, 4), None, "too long");
        assert_eq!(read("7", "another", 100), None, "not what was sent");
        assert_eq!(read("8", "", 100), None, "not there");
    }

    #[test]
    fn the_token_goes_to_metas_hosts_alone() {
        let whatsapp = whatsapp();
        for url in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://mmg.whatsapp.net/v/x",
            &format!("{}/media", whatsapp.api_base),
        ] {
            assert!(is_metas(url, &whatsapp), "{url}");
        }
        for url in [
            "http://lookaside.fbsbx.com/x",
            "https://fbsbx.com.evil.example/x",
            "https://evil.example/.fbsbx.com",
            "https://evil.example#.fbsbx.com",
            "https://evil.example:443@lookaside.fbsbx.com/",
            "https://evil.example\\.fbsbx.com/",
            "file:///x",
            "",
        ] {
            assert!(!is_metas(url, &whatsapp), "{url}");
        }
    }
}
