//! [`Ai`] over the Workers AI binding, called as `run(model, inputs, options)`.
//!
//! Not `worker::Ai`, which checks the binding's class, takes no options, and turns JSON objects into
//! `Map`s, so that tool parameters reach the model as `{}` (workers-rs issue 1050).

use js_sys::Promise;
use serde_json::Value;
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, Response};

use super::env::Cloudflare;
use super::executor;
use super::stream::read_stream;
use crate::workflow::js;
use miyabi_ai::protocols::workers_ai;
use miyabi_core::http::MAX_STREAM_BYTES;
use miyabi_core::ports::Ai;

#[wasm_bindgen(module = "/src/platform/ai.js")]
extern "C" {
    #[wasm_bindgen(js_name = toMarkdown)]
    fn to_markdown(ai: &AiBinding, name: &str, kind: &str, bytes: &[u8], limit: usize) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// The AI binding, or anything that has its method.
    type AiBinding;
    #[wasm_bindgen(method, catch)]
    fn run(
        this: &AiBinding,
        model: &str,
        inputs: JsValue,
        options: JsValue,
    ) -> Result<JsValue, JsValue>;
}

impl Ai for Cloudflare {
    async fn run(
        &self,
        model: &str,
        inputs: &Value,
        options: &Value,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        // Without a binding the call throws, as any other failure.
        let binding = self.binding("AI").unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into());
        call(&binding, model, inputs, options, pieces).await.map_err(|error| {
            // There is no status on the exception, only the code in its message; the message may
            // quote the input, so it goes no further.
            workers_ai::error_code(&js::message(&error))
        })
    }

    async fn to_markdown(
        &self,
        name: &str,
        kind: &str,
        bytes: &[u8],
        limit: usize,
    ) -> Result<Option<(String, bool)>, u32> {
        let binding = self.binding("AI").unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into());
        let converted = js::settle(to_markdown(&binding, name, kind, bytes, limit).into()).await;
        let converted = converted.map_err(|error| workers_ai::error_code(&js::message(&error)))?;
        let is_cut = js::property(&converted, "isCut").is_truthy();
        Ok(js::text(&converted, "text").map(|text| (text, is_cut)))
    }
}

async fn call(
    binding: &AiBinding,
    model: &str,
    inputs: &Value,
    options: &Value,
    pieces: &dyn Fn(&[u8]),
) -> Result<Value, JsValue> {
    let mut asked = Asked(Some(binding.run(model, js::to_js(inputs)?, js::to_js(options)?)?));
    let output = js::settle(asked.0.clone().unwrap_or_default()).await;
    asked.0 = None;
    let output = output?;
    let stream = stream_of(&output);
    if stream.is_none() {
        // Halves of characters pass: JavaScript writes them as escapes.
        return workers_ai::read_json(&js::to_json(&output)?)
            .ok_or_else(|| JsValue::from("unreadable JSON"));
    }
    let bytes = read_stream(stream, MAX_STREAM_BYTES, pieces).await;
    let bytes = bytes.map_err(|_broken| JsValue::from("stream broken"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // JSON may come although a stream was expected, and the reverse.
    Ok(workers_ai::read_json(&text).unwrap_or(Value::String(text)))
}

/// Returns the stream that an output is, if it is one.
fn stream_of(output: &JsValue) -> Option<ReadableStream> {
    match output.dyn_ref::<Response>() {
        Some(response) => response.body(),
        None => output.dyn_ref::<ReadableStream>().cloned(),
    }
}

/// A call without an output yet. Where nobody waits for it any more, a stream that it becomes is closed; the
/// binding takes no signal that would end it sooner.
struct Asked(Option<JsValue>);

impl Drop for Asked {
    fn drop(&mut self) {
        let Some(call) = self.0.take() else { return };
        let _settled = executor::spawn(async move {
            let output = js::settle(call).await.unwrap_or_default();
            if let Some(stream) = stream_of(&output) {
                drop(stream.cancel());
            }
            Ok(JsValue::UNDEFINED)
        });
    }
}

#[cfg(test)]
mod tests;
