//! Files that come with a message: which there are, and their bytes.
//!
//! Telegram names a file by an id, and tells for an hour from where it can be read: an address that holds the bot's
//! token, so it is requested at once and kept nowhere.

use core::time::Duration;

use serde_json::Value;

use super::Ports;
use super::call::once;
use super::methods::GetFile;
use crate::sent::SentFile;
use miyabi_core::config::Telegram;
use miyabi_core::http::{Method, Request};

/// Longest wait for the bytes of a file.
const TIMEOUT: Duration = Duration::from_secs(12);

/// Size up to which a photo is taken, in bytes: larger images are not read. Telegram has each in several sizes.
const PHOTO_BYTES: u64 = 3_700_000;

/// Returns the files of a message that may be read: a photo in its largest size that is, a document, what was recorded
/// and what sounds. What moves is none.
///
/// # Source
/// Telegram Bot API 10.1/Message, `PhotoSize`, `Document`, `Voice` and `Audio`, read 2026-11-30.
pub(super) fn of_message(message: &Value) -> Vec<SentFile> {
    let sizes = message.get("photo").and_then(Value::as_array);
    let fits = |size: &&Value| size_of(size) <= PHOTO_BYTES;
    let largest = sizes.into_iter().flatten().filter(fits).max_by_key(|size| size_of(size));
    let photo = largest.and_then(|size| read(size, "photo.jpg", "image/jpeg"));
    // A moving picture comes as a document too.
    let document = message.get("document").filter(|_| message.get("animation").is_none());
    let document = document.and_then(|it| read(it, "file", ""));
    let voice = message.get("voice").and_then(|it| read(it, "voice.ogg", "audio/ogg"));
    let audio = message.get("audio").and_then(|it| read(it, "audio.mp3", "audio/mpeg"));
    [photo, document, voice, audio].into_iter().flatten().collect()
}

fn size_of(file: &Value) -> u64 {
    file.get("file_size").and_then(Value::as_u64).unwrap_or(0)
}

fn read(file: &Value, name: &str, kind: &str) -> Option<SentFile> {
    let text = |field, or: &str| {
        let text = file.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.unwrap_or(or).to_owned()
    };
    Some(SentFile {
        id: file.get("file_id")?.as_str()?.to_owned(),
        name: text("file_name", name),
        kind: text("mime_type", kind),
        bytes: size_of(file),
        is_spoken: false,
    })
}

/// Returns the bytes of a file; `None` if Telegram does not have it, or not now, or it is longer than `limit_bytes`.
///
/// # Repeats
/// Reads only.
pub async fn download(
    host: &impl Ports,
    telegram: &Telegram,
    file: &SentFile,
    limit_bytes: usize,
) -> Option<Vec<u8>> {
    let found = once(host, telegram, &GetFile { file_id: &file.id }).await.ok()?;
    let path = found.get("file_path")?.as_str().filter(|path| is_path(path))?;
    let Telegram { api_base, bot_token, .. } = telegram;
    let url = format!("{api_base}/file/bot{}/{path}", bot_token.reveal());
    let request = Request::new(Method::Get, url, TIMEOUT);
    match host.download(&request, limit_bytes).await {
        Ok((200, bytes)) => Some(bytes),
        Ok(_) | Err(_) => None,
    }
}

/// Says whether a path leads nowhere else when it stands behind the API's address.
fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    !path.is_empty() && !path.contains("..") && path.bytes().all(is_plain)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::telegram::telegram;
    use miyabi_testing::{Fake, run};
    use serde_json::json;

    fn names(message: &Value) -> Vec<String> {
        of_message(message).into_iter().map(|file| format!("{} {}", file.id, file.name)).collect()
    }

    #[test]
    fn a_photo_is_taken_in_its_largest_size_that_is_read() {
        let sizes = json!([
            { "file_id": "s", "file_size": 900 },
            { "file_id": "l", "file_size": 3_000_000 },
            { "file_id": "x", "file_size": 9_007_199_254_740_993_u64 },
        ]);
        assert_eq!(names(&json!({ "photo": sizes })), ["l photo.jpg"]);
        assert_eq!(names(&json!({ "photo": [{ "file_id": "only" }] })), ["only photo.jpg"]);
        assert!(names(&json!({ "photo": [] })).is_empty());
    }

    #[test]
    fn a_document_is_one_unless_it_moves() {
        let document =
            json!({ "file_id": "d", "file_name": "a.pdf", "mime_type": "application/pdf" });
        assert_eq!(names(&json!({ "document": document })), ["d a.pdf"]);
        assert!(names(&json!({ "document": document, "animation": {} })).is_empty());
        assert!(
            names(&json!({ "document": { "file_name": "a" }, "video": { "file_id": "v" } }))
                .is_empty()
        );
    }

    #[test]
    fn what_was_recorded_and_what_sounds_are_files() {
        let voice = json!({ "file_id": "v", "duration": 3, "mime_type": "audio/ogg" });
        assert_eq!(names(&json!({ "voice": voice })), ["v voice.ogg"]);
        let audio = json!({ "file_id": "a", "file_name": "talk.m4a", "mime_type": "audio/mp4" });
        let read = of_message(&json!({ "audio": audio }));
        assert_eq!((read[0].name.as_str(), read[0].kind.as_str()), ("talk.m4a", "audio/mp4"));
        assert_eq!(names(&json!({ "audio": { "file_id": "a" } })), ["a audio.mp3"]);
        assert!(names(&json!({ "video_note": voice })).is_empty());
    }

    #[test]
    fn bytes_are_read_by_the_path_that_telegram_tells() {
        let world = Fake::new();
        let file = of_message(&json!({ "document": { "file_id": "d" } })).remove(0);
        world.telegram.borrow_mut().files.insert("d".to_owned(), b"hello".to_vec());
        let read = |limit| run(download(&world, &telegram(), &file, limit)).unwrap();
        assert_eq!(read(100), Some(b"hello".to_vec()));
        assert_eq!(read(4), None, "too long");
        let gone = SentFile { id: "gone".to_owned(), ..file.clone() };
        assert_eq!(run(download(&world, &telegram(), &gone, 100)).unwrap(), None);
    }

    #[test]
    fn no_path_leads_elsewhere() {
        assert!(is_path("photos/file_0.jpg"));
        for path in ["", "../x", "a/../../b", "a?b", "a#b", "a b", "a%2e", "http://x"] {
            assert!(!is_path(path), "{path}");
        }
    }
}
