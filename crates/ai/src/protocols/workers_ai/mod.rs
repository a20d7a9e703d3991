//! Workers AI, called by its binding and not over HTTP.

mod error;
mod image;
mod request;
mod response;
mod stream;
mod voice;

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde_json::Value;

pub(super) use self::error::classify;
pub use self::error::error_code;
pub use self::image::draw;
pub(super) use self::stream::take_event;
pub use self::voice::{Transcript, transcribe};
use super::{ModelReply, ModelRequest, wire};
use crate::Failure;
use miyabi_core::config::models::Model;
use miyabi_core::fault::Class;
use miyabi_core::ports::{Ai, Clock};

/// Families of models that call tools in a stream. Some of the others, the default model among them,
/// write the call as text there, so that they stream only where no tools are offered.
///
/// # Source
/// Field reports on each model, gathered 2026-11-20.
const STREAMS_CALLS: [&str; 7] =
    ["qwen3", "glm-", "kimi-", "gemma-4", "gpt-oss", "nemotron", "deepseek-v4"];

/// Returns whether the model with this name calls tools in a stream.
pub(super) fn streams_calls(name: &str) -> bool {
    STREAMS_CALLS.iter().any(|family| name.contains(family))
}

/// Reads the JSON of a result, also with halves of characters: each becomes a stand-in that the reply's text
/// is cleaned of. `None` for what is no JSON.
pub fn read_json(text: &str) -> Option<Value> {
    wire::read_json(text).ok()
}

/// Runs a model that makes one text of its inputs, and returns that field of its reply, and the rest.
///
/// # Errors
/// As for [`send`]; [`Class::Transient`] for a reply without the field.
///
/// # Repeats
/// As for [`send`].
async fn field(
    host: &(impl Ai + Clock),
    model: &Model,
    inputs: &Value,
    (name, timeout): (&str, Duration),
) -> Result<(String, Value), Failure> {
    let options = request::options(model, false);
    let mut reply = run(host, model, (inputs, &options), timeout, &|_piece| {}).await?;
    match reply.get_mut(name).map(Value::take) {
        Some(Value::String(text)) => Ok((text, reply)),
        _ => Err(error::read_error(&reply).unwrap_or_else(|| Failure::new(Class::Transient, 0))),
    }
}

/// Runs a model and returns the reply, if it came as one document and not as a stream.
///
/// # Errors
/// The failure that the thrown code is, or [`Class::Transient`] after the timeout.
///
/// # Repeats
/// Costs again; has no other effect.
pub(super) async fn send(
    host: &(impl Ai + Clock),
    model: &Model,
    request: &ModelRequest<'_>,
    on_chunk: &dyn Fn(&[u8]),
) -> Result<ModelReply, Failure> {
    let inputs = request::inputs(model, request);
    let options = request::options(model, request.rejects_if_busy);
    let result = run(host, model, (&inputs, &options), request.timeout, on_chunk).await?;
    let is_blank = result.as_str().is_some_and(|text| text.trim().is_empty());
    if request.streams && is_blank {
        // A stream that broke off before its first event.
        return Err(Failure::new(Class::Truncated, 0));
    }
    response::read(&result)
}

/// Runs a model with inputs and options for so long at most, and returns what it says.
async fn run(
    host: &(impl Ai + Clock),
    model: &Model,
    (inputs, options): (&Value, &Value),
    timeout: Duration,
    on_chunk: &dyn Fn(&[u8]),
) -> Result<Value, Failure> {
    let run = pin!(host.run(&model.name, inputs, options, on_chunk));
    match select(run, pin!(host.sleep(timeout))).await {
        Either::Left((result, _)) => result.map_err(|code| Failure::new(classify(code), code)),
        Either::Right(_) => Err(Failure::new(Class::Transient, 0)),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
