//! Plays `AI.toMarkdown(files)`, as `ai-binding/worker.mjs` sends it: `[{name, type, hex}]`.
//!
//! It takes what the service takes and reads little of it: of a PDF the texts in parentheses before `Tj`, of any
//! other document its name.

use serde_json::{Value, json};

use crate::http::{Inbound, Payload, Reply};

/// Name of the operation.
pub(crate) const OPERATION: &str = "to_markdown";

/// Media types that the service lists.
const KINDS: [&str; 12] = [
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.apple.numbers",
    "text/html",
    "application/xml",
    "text/csv",
    "image/svg+xml",
];

/// Converts each document.
pub(crate) fn answer(inbound: &Inbound) -> Reply {
    let Payload::Json(Value::Array(files)) = &inbound.body else {
        return Reply::json(400, json!({ "name": "AiInternalError", "message": "no files" }))
            .violation("toMarkdown: no list of files");
    };
    let results: Vec<Value> = files.iter().map(convert).collect();
    let odd = files.iter().filter(|file| !is_known(file));
    let violations: Vec<String> = odd
        .map(|file| format!("toMarkdown: `{}` has no type that it takes", file["name"]))
        .collect();
    let mut reply = Reply::json(200, Value::Array(results));
    reply.violations.extend(violations);
    reply
}

fn is_known(file: &Value) -> bool {
    file["type"].as_str().is_some_and(|kind| KINDS.contains(&kind))
}

fn convert(file: &Value) -> Value {
    let bytes = hex::decode(file["hex"].as_str().unwrap_or_default()).unwrap_or_default();
    let (name, kind) = (&file["name"], &file["type"]);
    let refuse = |why: &str| json!({ "id": "lab", "name": name, "mimeType": kind, "format": "error", "error": why });
    let data = if kind == "application/pdf" {
        let Some(text) = pdf(&bytes) else { return refuse("Invalid PDF structure") };
        text
    } else if !is_known(file) {
        return refuse("Unsupported file type");
    } else {
        format!("Converted from {}: {} bytes", name.as_str().unwrap_or_default(), bytes.len())
    };
    json!({
        "id": "lab", "name": name, "mimeType": kind, "format": "markdown",
        "tokens": data.len() / 4, "data": data,
    })
}

/// The texts of a PDF that packs nothing; `None` if it does not end as one.
fn pdf(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    if !text.trim_end().ends_with("%%EOF") {
        return None;
    }
    let shown = text.split("Tj").filter_map(|part| {
        let (_, words) = part.rsplit_once('(')?;
        Some(words.rsplit_once(')')?.0.to_owned())
    });
    Some(shown.collect::<Vec<_>>().join("\n"))
}
