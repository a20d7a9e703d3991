//! Tests files: those of the bot, those of people, and their links.

use serde_json::{Value, json};

use super::Telegram;
use crate::bench::{Got, Worker};

/// Uploads a file with its parameters.
async fn upload(
    telegram: &Telegram,
    method: &str,
    (field, name, content): (&str, &str, &str),
) -> Got {
    let chat = telegram.chat("mio");
    let entities = r#"[{"type":"bold","offset":0,"length":1}]"#;
    let part = |head: &str, content: &str| {
        format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let body = [
        part("name=\"chat_id\"", &chat.to_string()),
        part("name=\"caption\"", "c"),
        part("name=\"caption_entities\"", entities),
        part(&format!("name=\"{field}\"; filename=\"{name}\""), content),
        "--x--\r\n".to_owned(),
    ]
    .concat();
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    telegram.bench.send("POST", &telegram.path(method), &headers, body).await.unwrap()
}

#[tokio::test]
async fn a_document_is_uploaded_sent_again_and_read() {
    let telegram = Telegram::start().await;
    let got = upload(&telegram, "sendDocument", ("document", "a.md", "# Hi")).await;
    let sent = &got.body["result"];
    assert_eq!((&sent["caption"], &sent["document"]["file_name"]), (&json!("c"), &json!("a.md")));
    assert_eq!(sent["caption_entities"][0]["type"], "bold");
    let again =
        json!({ "chat_id": telegram.chat("alex"), "document": sent["document"]["file_id"] });
    telegram.done("sendDocument", again).await;
    let seen = &telegram.seen("alex").await["messages"][0]["medium"];
    assert_eq!(
        (&seen["name"], &seen["text"], &seen["kind"]),
        (&json!("a.md"), &json!("# Hi"), &json!("document"))
    );
    assert_eq!(telegram.bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_image_is_no_photo_and_what_takes_no_file_gets_none() {
    let telegram = Telegram::start().await;
    let got = upload(&telegram, "sendPhoto", ("photo", "a.png", "text")).await;
    assert_eq!(got.body["description"], "Bad Request: IMAGE_PROCESS_FAILED");
    let got = upload(&telegram, "sendDocument", ("caption", "a.md", "text")).await;
    assert_eq!(got.body["description"], "Bad Request: lab: `caption` takes no file");
    let got = upload(&telegram, "sendDocument", ("document", "a.md", "")).await;
    assert_eq!(got.body["description"], "Bad Request: file must be non-empty");
    let unknown = json!({ "chat_id": telegram.chat("mio"), "document": "nothing" });
    let found = telegram.refused("sendDocument", unknown).await;
    assert_eq!(found, "Bad Request: wrong file identifier/HTTP URL specified");
}

#[tokio::test]
async fn a_person_s_file_has_a_link_after_get_file_only() {
    let telegram = Telegram::start().await;
    let worker = Worker::start(json!({})).await;
    let order = json!({ "document": { "name": "雅.txt", "text": "Hi", "kind": "text/plain" }, "text": "read" });
    let done = telegram.order(&worker, order).await;
    let message = &done["updates"][0]["update"]["message"];
    assert_eq!(message["caption"], "read");
    let file = &message["document"];
    assert_eq!((&file["file_name"], &file["file_size"]), (&json!("雅.txt"), &json!(2)));
    let token = telegram.bench.world["telegram"]["bot_token"].as_str().unwrap();
    let get = |path: &Value| format!("/telegram/file/bot{token}/{}", path.as_str().unwrap());
    let early = telegram.bench.get(&get(&json!("documents/file_1.txt"))).await;
    assert_eq!(early.status, 404);
    let ready = telegram.done("getFile", json!({ "file_id": file["file_id"] })).await;
    assert_eq!(ready["file_unique_id"], file["file_unique_id"]);
    let got = telegram.bench.get(&get(&ready["file_path"])).await;
    assert_eq!((got.status, got.body), (200, json!("Hi")));
    let large = json!({ "voice": { "size": 20_971_521 } });
    let done = telegram.order(&worker, large).await;
    let id = &done["updates"][0]["update"]["message"]["voice"]["file_id"];
    let found = telegram.refused("getFile", json!({ "file_id": id })).await;
    assert_eq!(found, "Bad Request: file is too big");
}
