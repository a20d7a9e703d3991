//! Tests files: those of people, those of the business, their addresses and the download.

use serde_json::{Value, json};

use super::WhatsApp;
use crate::bench::{Got, Worker};

/// A form of parts with a file.
fn form(mime: &str, declared: &str, bytes: &str) -> String {
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    format!(
        "{}{}--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: {declared}\r\n\r\n\
         {bytes}\r\n--b--\r\n",
        part("messaging_product", "whatsapp"),
        part("type", mime),
    )
}

impl WhatsApp {
    async fn upload(&self, form: String) -> Got {
        let path = format!("/whatsapp/v23.0/{}/media", self.world("/phone_number_id"));
        let kind = "multipart/form-data; boundary=b";
        self.send(("POST", &path), &self.world("/access_token"), kind, form).await
    }

    async fn download(&self, url: &Value) -> Got {
        let path = url.as_str().unwrap().strip_prefix(&self.bench.url).unwrap().to_owned();
        self.send(("GET", &path), &self.world("/access_token"), "text/plain", "").await
    }
}

#[tokio::test]
async fn a_file_of_a_person_is_asked_for_and_downloaded_with_the_token() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    let files = json!([{ "name": "a.txt", "text": "content" }]);
    whatsapp.order(&worker, json!({ "text": "read", "files": files })).await;
    let told = super::received(&worker)[0]["messages"][0].clone();
    assert_eq!(told["type"], "document");
    let document = &told["document"];
    assert_eq!((&document["caption"], &document["filename"]), (&json!("read"), &json!("a.txt")));
    // echo -n content | openssl dgst -sha256 -binary | base64
    assert_eq!(document["sha256"], "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=");
    let path = format!(
        "{}?phone_number_id={}",
        document["id"].as_str().unwrap(),
        whatsapp.world("/phone_number_id")
    );
    let got = whatsapp.call("GET", &path, &Value::Null).await;
    let sha256 = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
    assert_eq!((&got.body["sha256"], &got.body["file_size"]), (&json!(sha256), &json!(7)));
    assert_eq!(whatsapp.download(&got.body["url"]).await.body, "content");
    assert_eq!(whatsapp.bench.violations().await, Vec::<String>::new());
    let page = got.body["url"].as_str().unwrap().strip_prefix(&whatsapp.bench.url).unwrap();
    assert_eq!(whatsapp.bench.get(page).await.status, 401);
    // Its address ends after a while, and another one is given out.
    whatsapp.configure(json!({ "media_url_ms": 0 })).await;
    let got = whatsapp.call("GET", &path, &Value::Null).await;
    assert_eq!(whatsapp.download(&got.body["url"]).await.status, 404);
    let got = whatsapp.call("GET", "718999999999999", &Value::Null).await;
    assert_eq!((got.status, &got.body["error"]["error_subcode"]), (400, &json!(33)));
}

#[tokio::test]
async fn a_spoken_message_says_that_it_is_one() {
    let whatsapp = WhatsApp::start().await;
    let worker = Worker::start(json!({})).await;
    let order = json!({ "files": [{ "hex": "4f676753" }], "voice": true });
    whatsapp.order(&worker, order).await;
    let told = super::received(&worker)[0]["messages"][0].clone();
    assert_eq!((&told["type"], &told["audio"]["voice"]), (&json!("audio"), &json!(true)));
    assert_eq!(told["audio"]["mime_type"], "audio/ogg; codecs=opus");
}

#[tokio::test]
async fn a_file_of_the_business_is_uploaded_and_sent() {
    let whatsapp = WhatsApp::start().await;
    whatsapp.write(json!({ "text": "a" })).await;
    let got = whatsapp.upload(form("text/plain", "text/plain; charset=utf-8", "content")).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let document = json!({ "id": got.body["id"], "filename": "answer.txt", "caption": "*All*" });
    whatsapp.sent(json!({ "type": "document", "document": document })).await;
    let seen = whatsapp.seen("mio").await["messages"][1].clone();
    assert_eq!(
        (&seen["medium"]["text"], &seen["medium"]["name"]),
        (&json!("content"), &json!("answer.txt"))
    );
    assert_eq!(seen["plain"], "All");
    assert_eq!(whatsapp.bench.violations().await, Vec::<String>::new());
    // A text is no image.
    let image = json!({ "id": got.body["id"] });
    assert_eq!(whatsapp.refused(json!({ "type": "image", "image": image })).await, (400, 131_053));
    for (form, code) in [
        (form("text/plain", "text/html", "a"), 131_009),
        (form("text/html", "text/html", "a"), 131_053),
        (form("text/plain", "text/plain", ""), 131_053),
        (form("", "text/plain", "a"), 131_009),
        (form("image/webp", "image/webp", &"a".repeat(600_000)), 131_053),
    ] {
        let got = whatsapp.upload(form).await;
        assert_eq!((got.status, got.body["error"]["code"].as_u64()), (400, Some(code)));
    }
}
