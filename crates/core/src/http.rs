//! HTTP requests and responses as plain values, without I/O.

mod form;

use core::time::Duration;
use std::borrow::Cow;

use serde::Serialize;
use serde_json::json;

pub use self::form::SentFile;

/// Method of an outbound request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// Returns the method's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// An outbound request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Absolute URL. It may hold a token: never log it.
    pub url: String,
    /// Header names (lowercase) and values.
    pub headers: Vec<(&'static str, String)>,
    /// Body: JSON text, or a form with files.
    pub body: Option<Body>,
    /// Longest wait for the whole response.
    pub timeout: Duration,
}

/// Body of an outbound request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text(String),
    /// What is no text, such as a form with an image.
    Bytes(Vec<u8>),
}

impl Request {
    /// Returns the body, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Some(Body::Text(text)) => Some(text),
            Some(Body::Bytes(_)) | None => None,
        }
    }

    /// Returns a request without headers and body.
    pub fn new(method: Method, url: String, timeout: Duration) -> Self {
        Self { method, url, headers: Vec::new(), body: None, timeout }
    }

    /// Returns the request with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Returns the request with a JSON body and its content type.
    #[must_use]
    pub fn json(self, body: &impl Serialize) -> Self {
        let mut request = self.header("content-type", "application/json".to_owned());
        request.body = Some(Body::Text(to_json(body)));
        request
    }

    /// Returns the request with a `multipart/form-data` body.
    ///
    /// Each field has the parameters of its `Content-Disposition`, its content type and its bytes.
    ///
    /// # Source
    /// RFC 7578.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str, &[u8])]) -> Self {
        let mut boundary = String::new();
        // Nothing holds every number, so the loop ends.
        for number in 0_u64.. {
            boundary = format!("miyabi{number}");
            let is_in =
                |bytes: &[u8]| bytes.windows(boundary.len()).any(|it| it == boundary.as_bytes());
            if !fields.iter().any(|(_, _, bytes)| is_in(bytes)) {
                break;
            }
        }
        let mut body = Vec::new();
        for (field, kind, bytes) in fields {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; {field}\r\nContent-Type: {kind}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        let mut request = self.header("content-type", kind);
        let body =
            String::from_utf8(body).map_or_else(|it| Body::Bytes(it.into_bytes()), Body::Text);
        request.body = Some(body);
        request
    }
}

/// A response to an outbound request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header names (lowercase) and values; only those named in [`READ_HEADERS`] are kept.
    pub headers: Vec<(&'static str, String)>,
    /// Body as text; at most [`MAX_BODY_BYTES`], or [`MAX_STREAM_BYTES`] of a stream.
    pub body: String,
}

/// Response headers that the program reads; others are not carried over from the platform.
pub const READ_HEADERS: [&str; 4] =
    ["retry-after", "content-type", "x-ratelimit-scope", "mcp-session-id"];

/// Longest response body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Longest stream that is read, in bytes: vendors wrap each word in up to 300.
pub const MAX_STREAM_BYTES: usize = 8 * MAX_BODY_BYTES;

impl Response {
    /// Returns a header's value by its lowercase name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A web page, as the platform has read it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Where a redirect leads, as it was written.
    pub location: Option<String>,
    /// Media type in small letters, without parameters.
    pub content_type: String,
    /// Title of a page of HTML.
    pub title: String,
    /// Its text; empty for a redirect, a failure and [`PageKind::Other`], which are not read.
    pub text: String,
    /// Whether the end was left out: at most [`MAX_PAGE_BYTES`] are read.
    pub is_cut: bool,
}

/// What can be read of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// HTML, whose text is read out.
    Html,
    /// Text, as it is.
    Text,
    /// Nothing.
    Other,
}

/// Longest page that is read, unpacked, in bytes.
pub const MAX_PAGE_BYTES: usize = 512 * 1024;

impl Page {
    /// Returns what can be read of it.
    pub fn kind(&self) -> PageKind {
        match self.content_type.as_str() {
            "text/html" | "application/xhtml+xml" => PageKind::Html,
            "text/plain" | "text/markdown" | "application/json" => PageKind::Text,
            _ => PageKind::Other,
        }
    }
}

/// Returns the media type of a `content-type`, and the character set that it names, both in small letters.
pub fn media_type(header: &str) -> (String, Option<String>) {
    let header = header.to_ascii_lowercase();
    let mut parts = header.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_owned();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    (kind, charset.map(|it| it.trim_matches(['"', '\'', ' ']).to_owned()))
}

/// Why there is no response. Each leaves it open whether the request took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No complete response came within the request's timeout.
    #[error("no response in time")]
    Timeout,
    /// The connection could not be made or broke.
    #[error("the connection was lost")]
    Lost,
    /// The response's body is longer than [`MAX_BODY_BYTES`].
    #[error("the response is too large")]
    TooLarge,
}

/// The longest inbound body that is read, in bytes.
///
/// The longest question has 6,000 characters, each of which takes up to 12 bytes where JSON escapes it;
/// everything else of an event takes a few thousand.
pub const MAX_INBOUND_BYTES: usize = 128 * 1024;

/// An inbound request, read piece by piece so that it can be refused before its body is read.
pub trait Incoming {
    /// Returns the method, in upper case.
    fn method(&self) -> &str;
    /// Returns the path without the query.
    fn path(&self) -> &str;
    /// Returns the query without its `?`, empty if there is none.
    fn query(&self) -> &str;
    /// Returns the origin under which it came: scheme, host and port, as in `https://miyabi.example`.
    fn origin(&self) -> &str;
    /// Returns a header by its lowercase name.
    fn header(&self, name: &str) -> Option<String>;
    /// Returns how long the body is, as its sender declares it; `None` where that is no number.
    fn declared_bytes(&self) -> Option<usize> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// Reads the whole body, at most `limit_bytes`; can be called once.
    ///
    /// # Errors
    /// - [`BodyError::TooLarge`] above the limit.
    /// - [`BodyError::Broken`] when the sender went away.
    async fn body(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError>;

    /// As [`Incoming::body`], also where the body is no text.
    ///
    /// # Errors
    /// As for [`Incoming::body`].
    async fn bytes(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        self.body(limit_bytes).await
    }

    /// Reads the whole body as a file: of a form (`multipart/form-data`) the first one in it, of anything else
    /// all of it; at most `limit_bytes` of body. `None` for a form without one. Can be called once, instead of
    /// [`Incoming::body`].
    ///
    /// # Errors
    /// As for [`Incoming::body`].
    async fn file(&self, limit_bytes: usize) -> Result<Option<SentFile>, BodyError> {
        let kind = self.header("content-type").unwrap_or_default();
        let bytes = self.bytes(limit_bytes).await?;
        if !form::is_form(&kind) {
            return Ok(Some(SentFile { name: None, kind, bytes }));
        }
        Ok(form::first_file(&kind, bytes))
    }
}

/// Why an inbound body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Longer than the limit.
    #[error("body too large")]
    TooLarge,
    /// The sender went away in the middle.
    #[error("body incomplete")]
    Broken,
}

/// A reply to an inbound request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// JSON text, if no `content-type` is among the headers; empty for no body at all.
    pub body: Cow<'static, str>,
    /// Header names (lowercase) and values.
    pub headers: Vec<(&'static str, String)>,
    /// What writes the body meanwhile, in place of `body`.
    pub stream: Option<ConversationStream>,
    /// What becomes of the socket that was asked for, in place of status, headers and body.
    pub socket: Option<SocketReply>,
    /// Key of the kept file that is the body, in place of `body`.
    pub stored: Option<String>,
}

/// What becomes of a socket that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketReply {
    /// A conversation takes it.
    Conversation(ConversationStream),
    /// It is told why not, and closed. A browser shows its page nothing of a reply that is no socket.
    Refused {
        /// Frame that says why, if there is one.
        frame: Option<String>,
        /// Code of the close.
        code: u16,
        /// Words of the close, at most 123 bytes.
        reason: String,
        /// Subprotocol that was chosen, if one was offered.
        protocol: Option<&'static str>,
    },
}

/// A stream that a conversation writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationStream {
    /// Name of the conversation.
    pub conversation: String,
    /// What its object is asked for, JSON text.
    pub request: String,
}

impl Reply {
    /// Returns a reply with a text that is JSON.
    pub const fn text(status: u16, body: Cow<'static, str>) -> Self {
        Self { status, body, headers: Vec::new(), stream: None, socket: None, stored: None }
    }

    /// Returns a reply with a JSON body.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::text(status, to_json(body).into())
    }

    /// Returns a reply whose body is a kept file, by its key.
    pub fn stored(key: &str) -> Self {
        Self { stored: Some(key.to_owned()), ..Self::empty(200) }
    }

    /// Returns a reply without a body.
    pub const fn empty(status: u16) -> Self {
        Self::text(status, Cow::Borrowed(""))
    }

    /// Returns the reply with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Returns a reply of the shape `{"error": sentence}`.
    pub fn error(status: u16, sentence: &str) -> Self {
        Self::json(status, &json!({ "error": sentence }))
    }
}

/// Only a map with keys that are no strings has no JSON text, and no type of this program has one.
fn to_json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

#[cfg(test)]
mod tests;
