//! A file is kept for its person alone, read for a question, and refused in words where it could not be.

use serde_json::{Value, json};

use super::super::tests::{header, key, post, refusal, reply, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_ai::files::MAX_FILES;
use miyabi_app::conversation::{self, Live};
use miyabi_core::key::ApiKey;
use miyabi_core::ports::Limit;
use miyabi_testing::{Arrival, Fake};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn world() -> (Fake, ApiKey) {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let mio = key(&world, "mio", "chat,files");
    (world, mio)
}

fn upload(key: &ApiKey, name: &str, bytes: &[u8]) -> Arrival {
    with(key, "POST", &format!("/api/files?name={name}")).body(bytes)
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

fn sent(world: &Fake, key: &ApiKey) -> String {
    let kept = reply(world, &upload(key, "cat.png", PNG));
    json_of(&kept)["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_is_kept_under_the_type_of_its_bytes_and_given_back_to_its_person() {
    let (world, mio) = world();
    let kept = reply(&world, &upload(&mio, "..%2Fcat%0A%20*%22.jpg", PNG));
    let id = json_of(&kept)["id"].as_str().unwrap().to_owned();
    let url = format!("/api/files/{id}");
    let expected =
        json!({ "id": id, "name": "cat *\".jpg", "type": "image/png", "bytes": 12, "url": url });
    assert_eq!((kept.status, json_of(&kept)), (201, expected));
    assert_eq!(header(&kept, "location"), Some(url.as_str()));
    let read = reply(&world, &with(&mio, "GET", &url));
    assert_eq!((read.status, read.stored.clone()), (200, Some(format!("uploads/{id}"))));
    assert_eq!(header(&read, "content-type"), Some("image/png"));
    assert_eq!(
        header(&read, "content-disposition"),
        Some("inline; filename*=UTF-8''cat%20%2A%22.jpg")
    );
    assert_eq!(header(&read, "cache-control"), Some("private, no-cache"));
    let known = with(&mio, "GET", &url).header("if-none-match", header(&read, "etag").unwrap());
    let known = reply(&world, &known);
    assert_eq!((known.status, known.stored), (304, None));
    assert_eq!(reply(&world, &with(&mio, "DELETE", &url)).status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(refusal(&world, &with(&mio, method, &url)), (404, "not_found".to_owned()));
    }
}

#[test]
fn what_is_no_image_is_no_page_of_this_origin() {
    let (world, mio) = world();
    let page = b"<script>alert(1)</script>";
    let kept = json_of(&reply(&world, &upload(&mio, "a.html", page)));
    let read = reply(&world, &with(&mio, "GET", kept["url"].as_str().unwrap()));
    assert_eq!(header(&read, "content-type"), Some("text/plain"));
    assert!(header(&read, "content-disposition").unwrap().starts_with("attachment;"));
    assert_eq!(header(&read, "content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(header(&read, "x-content-type-options"), Some("nosniff"));
}

#[test]
fn what_could_not_be_read_is_refused_with_the_reason_and_not_kept() {
    let (world, mio) = world();
    for (arrival, expected) in [
        (upload(&mio, "a.exe", b"MZ"), (415, "unsupported_file")),
        // No text, under endings that say nothing.
        (upload(&mio, "a.dat", b"a\0b"), (415, "unsupported_file")),
        (upload(&mio, "a", b"\xff\xc0\x80\xc1"), (415, "unsupported_file")),
        (upload(&mio, "a.txt", b" \n\x07"), (422, "unreadable_file")),
        (upload(&mio, "a.txt", b""), (422, "unreadable_file")),
        (upload(&mio, "a.pdf", b"no pdf"), (422, "unreadable_file")),
        (upload(&mio, "a.png", b"no png"), (422, "unreadable_file")),
        (upload(&mio, "%20", PNG), (400, "no_name")),
        (with(&mio, "POST", "/api/files").body(PNG), (400, "no_name")),
        (upload(&mio, "a.txt", &vec![b'a'; MAX_BYTES + 1]), (413, "file_too_large")),
        (upload(&mio, "a.png", &[PNG, &vec![0; 4_000_000]].concat()), (413, "file_too_large")),
        (upload(&mio, "a.png", PNG).breaking_off(), (400, "body_incomplete")),
    ] {
        assert_eq!(refusal(&world, &arrival), (expected.0, expected.1.to_owned()));
    }
    let declared = upload(&mio, "a.txt", b"x").header("content-length", "999999999");
    assert_eq!(refusal(&world, &declared).0, 413);
    assert!(!declared.is_read());
    assert!(world.files.borrow().is_empty());
    let mut config = configured();
    config.settings.as_mut().unwrap().files_quota = None;
    assert_eq!(reply_by(&world, &config, &upload(&mio, "a.png", PNG)).status, 503);
    config.settings.as_mut().unwrap().files_quota = Some(3);
    assert_eq!(reply_by(&world, &config, &upload(&mio, "a.png", PNG)).status, 409);
}

#[test]
fn a_question_brings_files_of_its_person_and_shows_them_where_it_is_read() {
    let (world, mio) = world();
    let rin = key(&world, "rin", "chat,files");
    let (file, theirs) = (sent(&world, &mio), sent(&world, &rin));
    let ask = |key, body: &Value| {
        let arrival = post(key, "/api/chat", &body.to_string());
        arrival.header("accept", "text/event-stream")
    };
    let question =
        |files: Value| json!({ "message": "What is it?", "conversation": "c1", "files": files });
    for wrong in [json!(["../x"]), json!([""]), json!([file.to_uppercase() + "a"])] {
        assert_eq!(refusal(&world, &ask(&mio, &question(wrong))).0, 400);
    }
    let expected = (404, "unknown_file".to_owned());
    assert_eq!(refusal(&world, &ask(&mio, &question(json!([theirs])))), expected);
    assert!(world.started.borrow().is_empty());
    assert_eq!(reply(&world, &ask(&mio, &question(json!([file])))).status, 200);
    let (_, params) = world.started.borrow().first().cloned().unwrap();
    let expected = json!([{ "name": "cat.png", "url": format!("file:uploads/{file}"), "kind": "image/png", "bytes": 12 }]);
    assert_eq!(params["files"], expected);
    let read = json_of(&reply(&world, &with(&mio, "GET", "/api/conversations/c1")));
    let expected = json!({ "type": "file", "mediaType": "image/png", "filename": "cat.png", "url": format!("/api/files/{file}") });
    assert_eq!(read["messages"][0]["parts"][1], expected);
    // Who takes it off a question in another window does not mean that one.
    let discard = |how: &str| {
        let url = format!("/api/files/{file}?unasked={how}");
        reply(&world, &with(&mio, "DELETE", &url)).status
    };
    assert_eq!((discard("true"), discard("maybe")), (404, 400));
    // Another conversation does not take it, and in AI SDK's form it is a part.
    let parts = json!([
        { "type": "text", "text": "And this?" },
        { "type": "file", "url": format!("https://miyabi.example/api/files/{file}"), "mediaType": "image/png" },
    ]);
    let body =
        |id| json!({ "id": id, "messages": [{ "id": "m1", "role": "user", "parts": parts }] });
    assert_eq!(refusal(&world, &ask(&mio, &body("c2"))).0, 404);
    assert_eq!(reply(&world, &ask(&mio, &body("c1"))).status, 200);
}

#[test]
fn as_many_files_come_in_a_minute_as_questions_bring() {
    let (world, mio) = world();
    let rin = key(&world, "rin", "chat,files");
    let limit = |place: usize| (Limit::Asker, format!("file {place}:mio"));
    world.exhausted.borrow_mut().extend((0..MAX_FILES - 1).map(limit));
    let kept = reply(&world, &upload(&mio, "a.png", PNG));
    assert_eq!(kept.status, 201);
    assert_eq!(header(&kept, "ratelimit-policy"), Some("\"files\";q=20;w=60"));
    world.exhausted.borrow_mut().push(limit(MAX_FILES - 1));
    let arrival = upload(&mio, "a.png", PNG);
    let refused = reply(&world, &arrival);
    assert_eq!((refused.status, arrival.is_read()), (429, false));
    for (name, value) in [
        ("ratelimit-policy", "\"files\";q=20;w=60"),
        ("ratelimit", "\"files\";r=0;t=60"),
        ("retry-after", "60"),
    ] {
        assert_eq!(header(&refused, name), Some(value));
    }
    assert_eq!(json_of(&refused)["code"], "too_many_requests");
    assert_eq!(reply(&world, &upload(&rin, "a.png", PNG)).status, 201);
}

#[test]
fn a_file_comes_in_a_form_too() {
    let (world, mio) = world();
    let form = |file: &str| {
        let form =
            format!("--xx\r\nContent-Disposition: form-data; {file}\r\n\r\ncity\r\n--xx--\r\n");
        let arrival = with(&mio, "POST", "/api/files").body(form.as_bytes());
        arrival.header("content-type", "multipart/form-data; boundary=xx")
    };
    let kept = json_of(&reply(&world, &form("name=\"file\"; filename=\"a.csv\"")));
    assert_eq!((&kept["name"], &kept["bytes"]), (&json!("a.csv"), &json!(4)));
    let id = kept["id"].as_str().unwrap();
    assert_eq!(world.files.borrow()[&format!("uploads/{id}")], b"city");
    assert_eq!(refusal(&world, &form("name=\"file\"")), (400, "no_file".to_owned()));
}
