//! Forwards calls to a real model: any server with `OpenAI`'s API, over plain HTTP.

use serde_json::{Value, json};

use crate::client::Client;

/// A server with `OpenAI`'s API, reached at `{url}/v1/chat/completions`.
#[derive(Debug, Clone)]
pub struct Model {
    /// Base URL; `http` only.
    pub url: String,
    /// Model name sent in each request.
    pub name: String,
}

/// Inputs that have the same meaning for a server with `OpenAI`'s API.
const SHARED: [&str; 8] = [
    "messages",
    "max_tokens",
    "temperature",
    "top_p",
    "seed",
    "stop",
    "tool_choice",
    "response_format",
];

/// Forwards a call and returns the server's completion unchanged.
///
/// # Errors
/// A sentence about a server that cannot be reached or answers with an error.
pub(crate) async fn run(client: &Client, server: &Model, inputs: &Value) -> Result<Value, String> {
    let mut body = json!({ "model": server.name });
    for key in SHARED {
        if let Some(value) = inputs.get(key) {
            body[key] = value.clone();
        }
    }
    if let Some(tools) = inputs["tools"].as_array().filter(|tools| !tools.is_empty()) {
        body["tools"] = tools.iter().map(wrap).collect();
    }
    let url = format!("{}/v1/chat/completions", server.url);
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let answer = client.post(&url, &headers, body.to_string()).await;
    let answer = answer.map_err(|error| format!("3040: the model server is not there: {error}"))?;
    let text = String::from_utf8_lossy(&answer.body);
    match serde_json::from_str(&text) {
        Ok(completion) if answer.status == 200 => Ok(completion),
        _ => Err(format!("3040: the model server answered {}: {text}", answer.status)),
    }
}

/// A tool in the format of `OpenAI`'s API.
fn wrap(tool: &Value) -> Value {
    if tool["type"] == "function" {
        return tool.clone();
    }
    json!({ "type": "function", "function": tool })
}
