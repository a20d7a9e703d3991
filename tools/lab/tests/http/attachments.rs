//! Tests the files of messages, on every call that takes them.

use serde_json::{Value, json};

use crate::bench::{Bench, Got, USER_AGENT};

/// Sends a multipart body with one file.
async fn upload(bench: &Bench, method: &str, path: &str, payload: &Value, text: &str) -> Got {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\
         Content-Type: application/json\r\n\r\n{payload}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"answer.md\"\r\n\
         Content-Type: text/markdown\r\n\r\n{text}\r\n--x--\r\n"
    );
    let headers = [("user-agent", USER_AGENT), ("content-type", "multipart/form-data; boundary=x")];
    bench.send(method, path, &headers, body).await.unwrap()
}

#[tokio::test]
async fn every_call_that_speaks_takes_a_file() {
    let bench = Bench::start().await;
    let posted = bench.execute(&json!({ "content": "short" })).await.body;
    let message = format!("{}/messages/{}", bench.webhook(), posted["id"].as_str().unwrap());
    let (interaction, _) = bench.deferred(json!({ "ask": "why?", "in": "dm" })).await;
    let payload =
        json!({ "content": "all of it:", "attachments": [{ "id": "0", "filename": "answer.md" }] });
    for (method, path, operation) in [
        ("POST", format!("{}?wait=true", bench.webhook()), "execute_webhook"),
        ("PATCH", message, "edit_message"),
        ("PATCH", format!("{interaction}/messages/@original"), "edit_original"),
        ("POST", interaction, "follow_up"),
    ] {
        let text = format!("# {operation}\n雅\n");
        let got = upload(&bench, method, &path, &payload, &text).await;
        assert_eq!(got.status, 200, "{operation}: {}", got.body);
        let file = &got.body["attachments"][0];
        assert_eq!((&file["filename"], &file["size"]), (&json!("answer.md"), &json!(text.len())));
        assert!(file.get("text").is_none());
        let place = if path.contains(bench.text("webhook_id")) { "general" } else { "dm" };
        let seen = bench.seen(place).await;
        let message = seen.iter().find(|message| message["id"] == got.body["id"]).unwrap();
        assert_eq!(message["attachments"][0]["text"], text, "{operation}");
        assert_eq!(bench.calls(operation).await.last().unwrap()["body"]["files"][0]["text"], text);
    }
    assert_eq!(bench.violations().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_edit_keeps_the_files_it_names() {
    let bench = Bench::start().await;
    let path = format!("{}?wait=true", bench.webhook());
    let posted = upload(&bench, "POST", &path, &json!({ "content": "a" }), "one").await.body;
    let path = format!("{}/messages/{}", bench.webhook(), posted["id"].as_str().unwrap());
    let first = posted["attachments"][0]["id"].clone();
    let both = json!({ "attachments": [{ "id": first }, { "id": "0" }] });
    let edited = upload(&bench, "PATCH", &path, &both, "two").await.body;
    let texts = |seen: &Value| {
        let files = seen["attachments"].as_array().unwrap().clone();
        files.iter().map(|file| file["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&bench.seen("general").await[0]), ["one", "two"]);
    let second = edited["attachments"][1]["id"].clone();
    bench.call("PATCH", &path, &json!({ "attachments": [{ "id": second }] })).await;
    assert_eq!(texts(&bench.seen("general").await[0]), ["two"]);
    bench.call("PATCH", &path, &json!({ "attachments": [] })).await;
    assert_eq!(bench.seen("general").await[0]["attachments"], json!([]));
}

#[tokio::test]
async fn a_file_alone_is_a_message_and_a_large_one_is_refused() {
    let bench = Bench::start().await;
    let path = format!("{}?wait=true", bench.webhook());
    assert_eq!(upload(&bench, "POST", &path, &json!({}), "x").await.status, 200);
    let large = "x".repeat(10_485_761);
    let got = upload(&bench, "POST", &path, &json!({}), &large).await;
    assert_eq!((got.status, &got.body["code"]), (413, &json!(40005)));
    assert_eq!(bench.violations().await, ["40005 a file is too large"]);
}
