//! The bodies of requests to Discord: JSON, or a form with files.

use serde_json::{Value, json};

use miyabi_core::http::{Body, Request};

/// Returns the JSON of a body, and what is attached if it is a form: the text of `answer.md` and of code, and of an
/// image its name and description, in lines.
pub(super) fn read_body(request: &Request) -> (Value, Option<String>) {
    let body = match &request.body {
        None => return (Value::Null, None),
        Some(Body::Text(text)) => text.as_bytes(),
        Some(Body::Bytes(bytes)) => bytes,
    };
    let kind = request.headers.iter().find(|(name, _)| *name == "content-type").unwrap();
    let Some((_, boundary)) = kind.1.split_once("boundary=") else {
        return (serde_json::from_slice(body).unwrap(), None);
    };
    assert!(boundary.len() <= 70, "RFC 2046 allows no longer boundary: {boundary}");
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut rest: &[u8] = &[b"\r\n", body].concat();
    let mut fields = Vec::new();
    while let Some(at) = rest.windows(delimiter.len()).position(|it| it == delimiter) {
        fields.push(&rest[..at]);
        rest = &rest[at + delimiter.len()..];
    }
    assert_eq!(rest, b"--\r\n", "the form has no end");
    let fields = fields.split_first().unwrap().1;
    let mut fields = fields.iter().map(|field| {
        let at = field.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
        (str::from_utf8(&field[..at]).unwrap(), &field[at + 4..])
    });
    let (head, json) = fields.next().unwrap();
    assert!(head.contains("name=\"payload_json\""), "{head}");
    let json: Value = serde_json::from_slice(json).unwrap();
    let mut entries = json["attachments"].as_array().unwrap().iter();
    let mut attached = Vec::new();
    for (index, (head, bytes)) in fields.enumerate() {
        let entry = entries.next().unwrap();
        let name = entry["filename"].as_str().unwrap();
        assert_eq!(entry["id"], json!(index));
        assert!(head.contains(&format!("name=\"files[{index}]\"; filename=\"{name}\"")), "{head}");
        attached.push(match (name, entry["description"].as_str()) {
            ("answer.md", None) => String::from_utf8(bytes.to_vec()).unwrap(),
            (name, None) if name.starts_with("code-") => String::from_utf8(bytes.to_vec()).unwrap(),
            ("image.jpg", Some(alt)) => {
                assert!(
                    bytes.starts_with(b"\xff\xd8\xff") && head.contains("image/jpeg"),
                    "{head}"
                );
                format!("[{name}] {alt}")
            }
            other => panic!("{other:?}"),
        });
    }
    assert!(!attached.is_empty() && entries.next().is_none(), "{json}");
    (json, Some(attached.join("\n")))
}
