//! Requests and replies as plain values.

pub(crate) mod body;

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde_json::Value;

use crate::stream::Pieces;

/// A request with its whole body.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Query without the question mark; empty when there is none.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) bytes: Bytes,
    pub(crate) body: Payload,
}

impl Inbound {
    /// What the lab itself delivers to the Worker, for the record.
    pub(crate) fn delivered(path: &str, body: &str, headers: &[(String, String)]) -> Self {
        Self {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: headers.iter().cloned().collect(),
            bytes: Bytes::new(),
            body: serde_json::from_str(body)
                .map_or_else(|_odd| Payload::Other(body.to_owned()), Payload::Json),
        }
    }

    /// Header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// First query parameter of that name, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// A parsed request body.
#[derive(Debug, Clone, Default)]
pub(crate) enum Payload {
    #[default]
    Empty,
    Json(Value),
    Multipart {
        json: Value,
        files: Vec<File>,
    },
    /// Declared as JSON or multipart but not readable as such: the text, or why.
    Broken(String),
    /// Any other content type.
    Other(String),
}

impl Payload {
    /// What the inspection API shows.
    pub(crate) fn to_record(&self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Json(value) => value.clone(),
            Self::Multipart { json, files } => {
                let files: Vec<Value> = files.iter().map(File::to_record).collect();
                serde_json::json!({ "payload_json": json, "files": files })
            }
            Self::Broken(text) | Self::Other(text) => Value::String(text.clone()),
        }
    }
}

/// One `files[n]` part of a multipart body.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) field: String,
    pub(crate) filename: String,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl File {
    fn to_record(&self) -> Value {
        serde_json::json!({
            "field": self.field,
            "filename": self.filename,
            "content_type": self.content_type,
            "bytes": self.bytes.len(),
            "text": std::str::from_utf8(&self.bytes).ok(),
        })
    }
}

/// A reply, and what the record says about the request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Content,
    /// What a correct client would not have sent.
    pub(crate) violations: Vec<String>,
    /// What the service did other than asked, without saying so.
    pub(crate) notes: Vec<String>,
}

/// A reply's body.
#[derive(Debug, Clone, Default)]
pub(crate) enum Content {
    #[default]
    Empty,
    Json(Value),
    Text(String),
    Bytes(Bytes),
    /// Sent piece by piece.
    Pieces(Box<Pieces>),
}

impl Content {
    /// What the inspection API shows.
    pub(crate) fn to_record(&self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Json(value) => value.clone(),
            Self::Text(text) => Value::String(text.clone()),
            Self::Bytes(bytes) => Value::String(format!("{} bytes", bytes.len())),
            Self::Pieces(pieces) => Value::String(pieces.text()),
        }
    }
}

impl Reply {
    /// A JSON reply.
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self { status, body: Content::Json(value), ..Self::default() }
    }

    /// Server-sent events.
    pub(crate) fn events(pieces: Pieces) -> Self {
        let reply =
            Self { status: 200, body: Content::Pieces(Box::new(pieces)), ..Self::default() };
        reply.header("content-type", "text/event-stream; charset=utf-8")
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A reply without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// The same with another status.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a violation by the client.
    pub(crate) fn violation(mut self, what: impl Into<String>) -> Self {
        self.violations.push(what.into());
        self
    }

    /// The error code in a JSON body, if there is one.
    pub(crate) fn code(&self) -> Option<u64> {
        match &self.body {
            Content::Json(value) => value.get("code").and_then(Value::as_u64),
            Content::Empty | Content::Text(_) | Content::Bytes(_) | Content::Pieces(_) => None,
        }
    }
}

/// Removes the percent-encoding of a path segment.
pub(crate) fn decode_segment(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    let pair = format!("x={}", segment.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(|| segment.to_owned(), |(_, value)| value.into_owned())
}
