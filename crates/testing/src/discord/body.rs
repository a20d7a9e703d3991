//! The bodies of requests to Discord: JSON, or a form with a file.

use serde_json::{Value, json};

use miyabi_core::http::Request;

/// Returns the JSON of a body, and the attached text if it is a form.
pub(super) fn read_body(request: &Request) -> (Value, Option<String>) {
    let Some(body) = &request.body else {
        return (Value::Null, None);
    };
    let kind = request.headers.iter().find(|(name, _)| *name == "content-type").unwrap();
    let Some((_, boundary)) = kind.1.split_once("boundary=") else {
        return (serde_json::from_str(body).unwrap(), None);
    };
    assert!(boundary.len() <= 70, "RFC 2046 allows no longer boundary: {boundary}");
    let fields = format!("\r\n{body}");
    let fields = fields.strip_suffix("--\r\n").expect("the form has no end");
    let delimiter = format!("\r\n--{boundary}");
    let mut fields = fields.split(&delimiter).skip(1);
    let mut field = |name: &str| {
        let (head, text) = fields.next().unwrap().split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("name=\"{name}\"")), "{head}");
        text.to_owned()
    };
    let (json, file) = (field("payload_json"), field("files[0]"));
    assert_eq!(fields.collect::<Vec<_>>(), [""], "a form of two fields");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["attachments"], json!([{ "id": 0, "filename": "answer.md" }]));
    (json, Some(file))
}
