//! `POST /mcp`: Miyabi as a server of the Model Context Protocol, with the tools `ask` and `recall`.
//!
//! Each request says all about itself, so there is no session, no stream, and nothing to `GET`. Clients of older
//! revisions begin with `initialize`, which only answers what there is.
//!
//! # Source
//! modelcontextprotocol.io, Specification, revisions 2026-07-28 and 2025-11-25; the SDKs for TypeScript 1.32.2
//! and Python 2.3.0; read 2026-11-29.

mod tools;

use serde_json::{Value, json};

use miyabi_app::keys::Principal;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::ports::Host;
use miyabi_core::problem::Problem;

use super::Api;
use super::origin;

/// The revision without sessions.
const STATELESS: &str = "2026-07-28";

/// The revisions before it, the newest first: to this server they are the same.
const OLDER: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// Codes of JSON-RPC, and those of MCP.
const UNKNOWN_METHOD: i32 = -32_601;
const INVALID_PARAMS: i32 = -32_602;
const HEADER_MISMATCH: i32 = -32_020;
const UNSUPPORTED_VERSION: i32 = -32_022;

/// What `initialize` answers, but for the revision. It is text, since a program that builds it takes more of the
/// upload.
const INITIALIZED: &str = concat!(
    r#"{"capabilities":{"tools":{}},"#,
    r#""instructions":"Miyabi answers questions with the memory of the person whose key this is.","#,
    r#""serverInfo":{"name":"miyabi","title":"Miyabi","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}}"#
);

/// What `server/discover` answers.
const DISCOVERED: &str = concat!(
    r#"{"supportedVersions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"#,
    r#""capabilities":{"tools":{}},"#,
    r#""instructions":"Miyabi answers questions with the memory of the person whose key this is.","#,
    r#""resultType":"complete","ttlMs":300000,"cacheScope":"private","#,
    r#""_meta":{"io.modelcontextprotocol/serverInfo":{"name":"miyabi","title":"Miyabi","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}}}"#
);

/// What `tools/list` answers, but for the tools.
const LISTED: &str = r#"{"resultType":"complete","ttlMs":300000,"cacheScope":"private"}"#;

/// Reads a text of this program.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Returns an object of this program's text with one more field.
fn parsed_with(text: &str, name: &str, value: Value) -> Value {
    let mut parsed = parsed(text);
    if let Some(object) = parsed.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
    parsed
}

/// Why a request has no result.
struct RpcError {
    code: i32,
    message: &'static str,
    data: Value,
}

impl RpcError {
    const fn new(code: i32, message: &'static str) -> Self {
        Self { code, message, data: Value::Null }
    }
}

/// Refuses pages of origins that are neither this one nor listed: a browser says where it is, and no other
/// client does.
///
/// # Errors
/// 403.
pub(super) fn check_origin(request: &impl Incoming, origins: &[String]) -> Result<(), Problem> {
    if origin::is_welcome(request, origins) { Ok(()) } else { Err(origin::cross_origin()) }
}

/// Answers a message of a client.
///
/// # Errors
/// What is no message of JSON-RPC is 400. A failure of a store is a problem too: it says nothing of the tool.
///
/// # Repeats
/// See each tool; all else only reads.
pub(super) async fn serve<H: Host + Clone + 'static>(
    api: &Api<'_, H>,
    principal: &Principal,
    request: &impl Incoming,
) -> Result<Reply, Problem> {
    let message: Value = api.json()?;
    let is_reply = message.get("result").or_else(|| message.get("error")).is_some();
    let method = message.get("method").and_then(Value::as_str);
    let is_rpc = message.get("jsonrpc").is_some_and(|version| version == "2.0");
    let id = message.get("id");
    // Above that a client in JavaScript would read another number in the reply.
    let is_exact = |id: i64| id.unsigned_abs() < 1 << 53;
    let is_id = id.is_none_or(|id| id.is_string() || id.as_i64().is_some_and(is_exact));
    let params = message.get("params").unwrap_or(&Value::Null);
    let is_method = method.is_some_and(|method| !method.is_empty()) || is_reply;
    if !is_rpc || !is_method || !is_id || !(params.is_null() || params.is_object()) {
        let detail =
            "the body is no message of JSON-RPC 2.0 with an id that is a text or an integer";
        return Err(Problem::new(400, "invalid_body", detail));
    }
    // Notifications and replies ask for nothing.
    let (Some(id), Some(method)) = (id, method) else { return Ok(Reply::empty(202)) };
    let header = request.header("mcp-protocol-version");
    let is_stateless = header.as_deref() == Some(STATELESS);
    let answered = match check(request, header.as_deref(), method, params) {
        Ok(()) => answer(api, principal, method, params).await?,
        Err(error) => Err(error),
    };
    Ok(match answered {
        Ok(result) => Reply::json(200, &json!({ "jsonrpc": "2.0", "id": id, "result": result })),
        Err(RpcError { code, message, data }) => {
            let status = match code {
                UNKNOWN_METHOD | INVALID_PARAMS if !is_stateless => 200,
                UNKNOWN_METHOD => 404,
                _ => 400,
            };
            let mut error = json!({ "code": code, "message": message });
            if let (Some(error), false) = (error.as_object_mut(), data.is_null()) {
                error.insert("data".to_owned(), data);
            }
            Reply::json(status, &json!({ "jsonrpc": "2.0", "id": id, "error": error }))
        }
    })
}

/// Checks that headers and body say the same, and that the revision is one that is known. An older one than
/// those that are known is taken for one of them.
fn check(
    request: &impl Incoming,
    version: Option<&str>,
    method: &str,
    params: &Value,
) -> Result<(), RpcError> {
    let envelope = params.pointer("/_meta/io.modelcontextprotocol~1protocolVersion");
    let says_otherwise = |name: &str, value: Option<&Value>| {
        let header = request.header(name);
        header.is_some_and(|header| value.is_some_and(|value| *value != header))
    };
    let method = Value::from(method);
    if says_otherwise("mcp-protocol-version", envelope)
        || says_otherwise("mcp-method", Some(&method))
        || says_otherwise("mcp-name", params.get("name"))
    {
        return Err(RpcError::new(HEADER_MISMATCH, "the headers and the body differ"));
    }
    let version = version.or_else(|| envelope.and_then(Value::as_str)).unwrap_or(STATELESS);
    let is_date = version.len() == STATELESS.len() && version.starts_with("20");
    if is_date && version <= STATELESS {
        return Ok(());
    }
    let mut supported = vec![STATELESS];
    supported.extend(OLDER);
    let data = json!({ "supported": supported, "requested": version });
    Err(RpcError { data, ..RpcError::new(UNSUPPORTED_VERSION, "unsupported protocol version") })
}

async fn answer<H: Host + Clone + 'static>(
    api: &Api<'_, H>,
    principal: &Principal,
    method: &str,
    params: &Value,
) -> Result<Result<Value, RpcError>, Problem> {
    Ok(Ok(match method {
        "initialize" => {
            let proposed = params.get("protocolVersion").and_then(Value::as_str);
            let known = OLDER.into_iter().find(|version| Some(*version) == proposed);
            parsed_with(INITIALIZED, "protocolVersion", known.unwrap_or(OLDER[0]).into())
        }
        "server/discover" => parsed(DISCOVERED),
        "ping" => parsed("{}"),
        "tools/list" => parsed_with(LISTED, "tools", tools::list(principal).into()),
        "tools/call" => {
            let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
            let nothing = json!({});
            let arguments = params.get("arguments").unwrap_or(&nothing);
            let Some(tool) = tools::Tool::named(name, principal) else {
                let words = "there is no such tool, or the key does not grant it";
                return Ok(Err(RpcError::new(INVALID_PARAMS, words)));
            };
            tools::call(api, principal, tool, arguments).await?
        }
        _ => return Ok(Err(RpcError::new(UNKNOWN_METHOD, "there is no such method"))),
    }))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
