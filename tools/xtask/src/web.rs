//! HTTPS to the world, through the pinned Node's `fetch`: a TLS stack in Rust would double the build
//! of this tool, and `curl` would take a token on its command line, where others can read it.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use crate::http::Reply;
use crate::problem::problem;
use crate::setup::Npm;

/// Reads one request from standard input and prints its status and body. Redirects are answers: a
/// token must not be led elsewhere.
const SCRIPT: &str = r#"
const { readFileSync } = require("node:fs");
const { url, ...request } = JSON.parse(readFileSync(0, "utf8"));
request.redirect = "manual";
fetch(url, { ...request, signal: AbortSignal.timeout(60000) }).then(
  async (reply) => console.log(JSON.stringify({ status: reply.status, body: await reply.text() })),
  (error) => console.log(JSON.stringify({ error: String(error.cause ?? error) })),
);
"#;
/// Identifies the program, in the form that Discord asks for.
const USER_AGENT: &str =
    concat!("DiscordBot (https://miyabi.example, ", env!("CARGO_PKG_VERSION"), ")");

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Method.
    pub method: &'a str,
    /// URL. It may hold a secret: it is never printed.
    pub url: &'a str,
    /// Headers besides the kind of the body and the user agent.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body, if any: JSON text.
    pub body: Option<&'a str>,
}

/// Sends a request and returns the answer, whatever its status.
///
/// # Errors
/// When nothing answers within a minute.
pub fn send(npm: &Npm, request: Request<'_>) -> Result<Reply> {
    let mut headers = Map::new();
    headers.insert("content-type".to_owned(), "application/json".into());
    headers.insert("user-agent".to_owned(), USER_AGENT.into());
    headers.extend(request.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    let order = json!({
        "url": request.url, "method": request.method, "headers": headers, "body": request.body,
    });
    // Short, and with its own time limit: it needs no group of its own.
    let mut child = npm
        .node()
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start node")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(order.to_string().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let reply: Value = serde_json::from_slice(&output.stdout).context("node printed no reply")?;
    if let Some(error) = reply.get("error").and_then(Value::as_str) {
        return Err(problem(format!("no answer: {error}"), "is the network up?"));
    }
    let status = reply.get("status").and_then(Value::as_u64).unwrap_or_default();
    let body = reply.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Reply { status: status.try_into().unwrap_or_default(), body })
}
