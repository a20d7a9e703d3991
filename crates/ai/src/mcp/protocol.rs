//! What requests to an MCP server and its replies are: JSON-RPC over Streamable HTTP.
//!
//! Two generations of the protocol are spoken. The newer one has no sessions: each request says all about
//! itself. The older one begins with `initialize`, may have a session, and is asked for where a server refuses
//! the newer one.
//!
//! # Source
//! modelcontextprotocol.io, Specification, revisions 2026-07-28 and 2025-11-25: Transports, Lifecycle, Tools;
//! the SDKs for TypeScript 1.32.2 and Python 2.3.0; read 2026-11-29.

use serde_json::{Value, json};

use crate::sse::SseReader;
use miyabi_core::http::{HttpError, Response};

/// The revision without sessions.
pub(super) const STATELESS: &str = "2026-07-28";

/// The revision that is proposed where there are sessions; the server may choose an older one.
pub(super) const WITH_SESSIONS: &str = "2025-11-25";

/// Why an MCP server gave nothing; each is a sentence for the model, and all but [`McpError::Told`] have no
/// word of the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum McpError {
    /// No response.
    #[error("the MCP server did not answer: {0}")]
    NoResponse(#[from] HttpError),
    /// It wants another token.
    #[error("the MCP server refuses this server's token, which only its operator can set right")]
    Unauthorized,
    /// It refuses.
    #[error("the MCP server answered with status {0}")]
    Refused(u16),
    /// It refuses by JSON-RPC.
    #[error("the MCP server answered with error {0}")]
    Rpc(i64),
    /// What it answers is nothing that is known.
    #[error("the MCP server answered in an unknown shape")]
    Shape,
    /// The tool is not allowed any more.
    #[error("this tool is not there any more; answer without it")]
    Gone,
    /// The tool wants to ask a person, or a model, something.
    #[error("this tool wants to ask somebody back, which is not possible here; answer without it")]
    AsksBack,
    /// The run may send no more requests.
    #[error("the requests that one question may send are used up; answer with what is known")]
    NoRequestsLeft,
    /// A tool that acts was called, and did not answer.
    #[error(
        "the MCP server did not say whether this was done, so nobody knows. It is not tried again: say so, and have the asker look"
    )]
    Unclear,
    /// What the tool says of its failure.
    #[error("{0}")]
    Told(String),
}

/// What a tool returned.
pub(super) struct Called {
    pub(super) text: String,
    pub(super) is_error: bool,
}

/// Returns a request, or a notification without an id.
pub(super) fn message(id: Option<u32>, method: &str, params: &Value) -> Value {
    let mut message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
    if let (Some(id), Some(message)) = (id, message.as_object_mut()) {
        message.insert("id".to_owned(), id.into());
    }
    message
}

/// Returns who we are.
pub(super) fn client() -> Value {
    json!({ "name": "miyabi", "version": env!("CARGO_PKG_VERSION") })
}

/// Returns what each request without a session says about itself.
pub(super) fn envelope() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": client(),
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Reads the result of a request.
///
/// # Errors
/// An [`McpError`].
pub(super) fn read(response: &Response, id: u32) -> Result<Value, McpError> {
    if matches!(response.status, 401 | 403) {
        return Err(McpError::Unauthorized);
    }
    let Some(mut reply) = find_reply(&response.body, id) else {
        let is_shape = response.is_success();
        return Err(if is_shape { McpError::Shape } else { McpError::Refused(response.status) });
    };
    if let Some(error) = reply.get("error") {
        return Err(McpError::Rpc(error.get("code").and_then(Value::as_i64).unwrap_or(0)));
    }
    if !response.is_success() {
        return Err(McpError::Refused(response.status));
    }
    reply.get_mut("result").map(Value::take).ok_or(McpError::Shape)
}

/// Returns the reply to a request: in a stream it comes after notifications and requests of the server.
fn find_reply(body: &str, id: u32) -> Option<Value> {
    let mut reader = SseReader::default();
    let mut found = None;
    let mut take = |text: &str| {
        let message = serde_json::from_str(text).ok();
        // An error of what could not be read has no id.
        let is_reply = |it: &Value| {
            let theirs = it.get("id").unwrap_or(&Value::Null);
            it.get("method").is_none() && (theirs.is_null() || *theirs == id)
        };
        found = found.take().or(message.filter(is_reply));
    };
    reader.push(body.as_bytes(), &mut take);
    reader.end(&mut take);
    if reader.is_event_stream() {
        return found;
    }
    take(body);
    found
}

/// Reads what a tool returned: its texts, and else its structured content. Images, sounds and files are named.
///
/// # Errors
/// [`McpError::AsksBack`] and [`McpError::Shape`].
pub(super) fn read_called(result: &Value) -> Result<Called, McpError> {
    if result.get("resultType").is_some_and(|kind| kind == "input_required") {
        return Err(McpError::AsksBack);
    }
    let parts = result.get("content").and_then(Value::as_array).map(Vec::as_slice);
    let structured = result.get("structuredContent").filter(|it| !it.is_null());
    let mut text = String::new();
    for part in parts.unwrap_or_default() {
        if !text.is_empty() {
            text.push('\n');
        }
        add_part(part, &mut text);
    }
    match (parts, structured) {
        (None, None) => return Err(McpError::Shape),
        (_, Some(structured)) if text.is_empty() => text = structured.to_string(),
        _ => {}
    }
    let is_error = result.get("isError").and_then(Value::as_bool) == Some(true);
    Ok(Called { text, is_error })
}

fn add_part(part: &Value, text: &mut String) {
    let of = |pointer: &str| part.pointer(pointer).and_then(Value::as_str);
    let kind = of("/type").unwrap_or_default();
    let words = of("/text").or_else(|| of("/resource/text"));
    let words = words.filter(|_| matches!(kind, "text" | "resource"));
    if let Some(words) = words {
        text.push_str(words);
        return;
    }
    let name = of("/uri").or_else(|| of("/resource/uri")).or_else(|| of("/mimeType"));
    text.extend(["[", kind, " ", name.unwrap_or_default(), ": not shown]"]);
}
