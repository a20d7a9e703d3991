//! An MCP server in the fake world, with one tool, which acts.

use serde_json::{Value, json};

use miyabi_core::http::{Request, Response};

use super::response;

/// Its address.
pub const URL: &str = "https://books.example/mcp";

/// Its tool, as it lists it.
pub fn tool() -> Value {
    json!({ "name": "lend", "description": "Lends a book.", "inputSchema": schema() })
}

/// What its tool takes.
pub fn schema() -> Value {
    json!({ "type": "object", "properties": { "title": { "type": "string" } } })
}

/// Replies to a request, and notes the arguments of each call.
pub(super) fn serve(request: &Request, calls: &mut Vec<Value>) -> Response {
    let body: Value = serde_json::from_str(request.text().unwrap()).unwrap();
    let result = if body["method"] == "tools/list" {
        json!({ "tools": [tool()] })
    } else {
        calls.push(body["params"]["arguments"].clone());
        json!({ "content": [{ "type": "text", "text": format!("lent {}", calls.len()) }] })
    };
    response(200, &json!({ "jsonrpc": "2.0", "id": body["id"], "result": result }))
}
