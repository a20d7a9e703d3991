//! Forwards calls to a real model: any server with `OpenAI`'s API, over plain HTTP.
//!
//! A local model may take minutes. So the server is asked for a stream, which shows when the first token
//! comes, and the stream is put together again for the caller; a server that does not stream is as good.

mod stream;

use std::time::Instant;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::watched::Watched;

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

/// How far the latest call of the model server has got.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    call: Option<Call>,
}

/// A call of the model server.
#[derive(Debug)]
struct Call {
    begun: Instant,
    first_token: Option<Instant>,
    /// Pieces of the answer, about one for each token.
    pieces: u64,
    has_ended: bool,
}

impl Progress {
    /// What `GET /lab/model` returns, `null` before the first call.
    ///
    /// # Shape
    /// `{"waited_ms":7200,"first_token_ms":5100,"pieces":31,"has_ended":false}`
    pub(crate) fn describe(&self) -> Value {
        let Some(call) = &self.call else { return Value::Null };
        let ms =
            |until: Instant| u64::try_from((until - call.begun).as_millis()).unwrap_or(u64::MAX);
        json!({
            "waited_ms": ms(Instant::now()), "first_token_ms": call.first_token.map(ms),
            "pieces": call.pieces, "has_ended": call.has_ended,
        })
    }
}

/// Forwards a call and returns the server's completion unchanged, or put together from its stream.
///
/// # Errors
/// A sentence about a server that cannot be reached or answers with an error.
pub(crate) async fn run(
    client: &Client,
    server: &Model,
    inputs: &Value,
    progress: &Watched<Progress>,
) -> Result<Value, String> {
    let begun = Instant::now();
    let call = Call { begun, first_token: None, pieces: 0, has_ended: false };
    progress.lock().call = Some(call);
    let url = format!("{}/v1/chat/completions", server.url);
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let mut seen = String::new();
    let watch = |piece: &[u8]| {
        seen.push_str(&String::from_utf8_lossy(piece));
        let tokens = stream::count_tokens(&mut seen);
        if let Some(call) = progress.lock().call.as_mut().filter(|_| tokens > 0) {
            call.first_token = call.first_token.or_else(|| Some(Instant::now()));
            call.pieces += tokens;
        }
    };
    let answer = client.post_and_watch(&url, &headers, request(server, inputs), watch).await;
    if let Some(call) = progress.lock().call.as_mut() {
        call.has_ended = true;
    }
    let answer = answer.map_err(|error| format!("3040: the model server is not there: {error}"))?;
    completion(&answer)
}

fn request(server: &Model, inputs: &Value) -> String {
    let options = json!({ "include_usage": true });
    let mut body = json!({ "model": server.name, "stream": true, "stream_options": options });
    for key in SHARED {
        if let Some(value) = inputs.get(key) {
            body[key] = value.clone();
        }
    }
    if let Some(tools) = inputs["tools"].as_array().filter(|tools| !tools.is_empty()) {
        body["tools"] = tools.iter().map(wrap).collect();
    }
    body.to_string()
}

fn completion(answer: &Answer) -> Result<Value, String> {
    let text = String::from_utf8_lossy(&answer.body);
    let is_stream = answer.header("content-type").is_some_and(|kind| kind.contains("event-stream"));
    let completion = if is_stream { stream::read(&text) } else { serde_json::from_str(&text).ok() };
    match completion {
        Some(completion) if answer.status == 200 => Ok(completion),
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
