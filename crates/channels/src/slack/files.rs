//! Files that come with a message: which there are, and their bytes.
//!
//! Slack tells an address of each, which wants the bot's token: it is sent to Slack's own hosts and nowhere else.

use core::time::Duration;

use serde_json::Value;

use super::Ports;
use super::call::{bearer, is_at};
use crate::sent::SentFile;
use miyabi_core::config::Slack;
use miyabi_core::http::{Method, Request};

/// Longest wait for the bytes of a file, of which several are read at once. Slack waits three seconds, and then sends the
/// event again.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Where files are.
///
/// # Source
/// docs.slack.dev/reference/objects/file-object, May 2026.
pub(super) const HOST: &str = "https://files.slack.com/";

/// Returns the files of a message that may be read. What is kept elsewhere, hidden or deleted is none.
///
/// # Source
/// docs.slack.dev/reference/objects/file-object, May 2026.
pub(super) fn of_message(message: &Value) -> Vec<SentFile> {
    let files = message.get("files").and_then(Value::as_array);
    files.into_iter().flatten().filter_map(read).collect()
}

fn read(file: &Value) -> Option<SentFile> {
    let text = |field| file.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let is_here = text("mode").is_none_or(|mode| ["hosted", "snippet", "post"].contains(&mode));
    let url = text("url_private_download").or_else(|| text("url_private")).filter(|_| is_here)?;
    Some(SentFile {
        id: url.to_owned(),
        name: text("name").unwrap_or("file").to_owned(),
        kind: text("mimetype").unwrap_or_default().to_owned(),
        bytes: file.get("size").and_then(Value::as_u64).unwrap_or(0),
        // A clip that somebody recorded in Slack; a file that sounds may be anybody's.
        is_spoken: text("subtype") == Some("slack_audio"),
    })
}

/// Returns the bytes of a file; `None` if Slack does not have it, or not now, or it is longer than `limit_bytes`.
///
/// # Repeats
/// Reads only.
pub async fn download(
    host: &impl Ports,
    slack: &Slack,
    file: &SentFile,
    limit_bytes: usize,
) -> Option<Vec<u8>> {
    if !is_at(&file.id, HOST, slack) {
        return None;
    }
    let request = Request::new(Method::Get, file.id.clone(), TIMEOUT);
    let request = request.header("authorization", bearer(slack));
    match host.download(&request, limit_bytes).await {
        // Whom Slack does not know gets its page to sign in, as a success.
        Ok((200, bytes)) if !is_page(&bytes) || file.kind == "text/html" => Some(bytes),
        Ok(_) | Err(_) => None,
    }
}

/// Says whether bytes are a page of HTML.
fn is_page(bytes: &[u8]) -> bool {
    let begin = bytes.trim_ascii_start();
    ["<!doctype html", "<html"].iter().any(|mark| {
        begin.get(..mark.len()).is_some_and(|it| it.eq_ignore_ascii_case(mark.as_bytes()))
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::slack::slack;
    use miyabi_testing::{Fake, run};
    use serde_json::json;

    #[test]
    fn files_are_read_as_slack_tells_them() {
        let message = json!({ "files": [
            { "id": "F1", "mode": "hosted", "name": "a.pdf", "mimetype": "application/pdf", "size": 9,
              "url_private": "https://files.slack.com/a", "url_private_download": "https://files.slack.com/d/a" },
            { "id": "F2", "url_private": "https://files.slack.com/b" },
            { "id": "F3", "mode": "external", "url_private": "https://docs.example/c" },
            { "id": "F4", "mode": "tombstone" },
            5,
        ] });
        let files = of_message(&message);
        assert_eq!(files.len(), 2);
        assert_eq!((files[0].id.as_str(), files[0].bytes), ("https://files.slack.com/d/a", 9));
        assert_eq!((files[1].name.as_str(), files[1].kind.as_str()), ("file", ""));
        assert!(of_message(&json!({ "files": "x" })).is_empty());
    }

    #[test]
    fn what_was_recorded_is_told_from_what_sounds() {
        let spoken = |fields: Value| {
            let mut file = json!({ "url_private": "https://files.slack.com/a" });
            file.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            of_message(&json!({ "files": [file] }))[0].is_spoken
        };
        assert!(spoken(json!({ "subtype": "slack_audio" })));
        assert!(!spoken(json!({ "subtype": "slack_video" })));
        assert!(!spoken(json!({ "mimetype": "audio/mp4" })));
    }

    #[test]
    fn a_page_to_sign_in_is_no_file() {
        for page in ["<!DOCTYPE html><title>Slack", "\n <html>", "<!doctype HTML>"] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        for file in ["", "<htm", "<xml>", "hello <html>"] {
            assert!(!is_page(file.as_bytes()), "{file}");
        }
    }

    #[test]
    fn the_token_goes_to_slack_alone() {
        let slack = slack();
        for url in ["https://files.slack.com/a", "https://slack.test/files/a"] {
            assert!(is_at(url, HOST, &slack), "{url}");
        }
        for url in [
            "http://files.slack.com/a",
            "https://files.slack.com.evil.example/a",
            "https://files.slack.com@evil.example/a",
            "https://slack.test.evil.example/a",
            "https://evil.example/https://files.slack.com/",
            "",
        ] {
            assert!(!is_at(url, HOST, &slack), "{url}");
        }
    }

    #[test]
    fn bytes_are_read_with_the_token() {
        let world = Fake::new();
        let url = "https://slack.test/files/F1".to_owned();
        world.slack.borrow_mut().files.insert(url.clone(), "hello".to_owned());
        let file = SentFile {
            id: url,
            name: String::new(),
            kind: String::new(),
            bytes: 5,
            is_spoken: false,
        };
        let read = |file: &SentFile, limit| run(download(&world, &slack(), file, limit)).unwrap();
        assert_eq!(read(&file, 100), Some(b"hello".to_vec()));
        assert_eq!(read(&file, 4), None, "too long");
        let gone = SentFile { id: "https://slack.test/files/F2".to_owned(), ..file };
        assert_eq!(read(&gone, 100), None);
    }
}
