//! How do values cross between JavaScript and Rust? As JSON text, in one code path.
//!
//! `serde_wasm_bindgen` turns JSON objects into `Map`s, which encode as `{}` further on; text has no
//! such surprise, and the engine's own JSON is fast.

use core::cell::RefCell;

use futures::future::LocalBoxFuture;
use js_sys::{JSON, Promise, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use super::tasks::{self, Settling};
use miyabi_core::json;

/// Returns a value as the plain JavaScript object that its JSON describes.
///
/// # Errors
/// The engine's error, if the value has no JSON form.
pub fn to_js(value: &Value) -> Result<JsValue, JsValue> {
    JSON::parse(&json::to_text(value))
}

/// Reads a plain JavaScript value; `undefined` reads as `null`.
///
/// # Errors
/// The engine's or the parser's error, if the value has no JSON form.
pub fn from_js(value: &JsValue) -> Result<Value, JsValue> {
    let text = if value.is_undefined() { None } else { JSON::stringify(value)?.as_string() };
    let text = text.unwrap_or_else(|| "null".to_owned());
    json::parse(&text).ok_or_else(|| JsValue::from("unreadable JSON"))
}

/// Waits for a promise, or for anything that only behaves like one, as an RPC stub's results do.
///
/// # Errors
/// What it was rejected with.
pub async fn settle(value: JsValue) -> Result<JsValue, JsValue> {
    Settling::new(&value).await
}

/// Starts a future and returns its promise.
///
/// One instantiation for all futures: a boxed one is 16 bytes more at work and 5 kB less in the
/// program.
pub fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let work: LocalBoxFuture<'static, _> = Box::pin(work);
    start(work)
}

fn start(work: LocalBoxFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    let mut work = Some(work);
    Promise::new(&mut |resolve, reject| {
        let Some(work) = work.take() else { return };
        tasks::spawn(Box::pin(async move {
            let settled = match work.await {
                Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
                Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
            };
            // Neither ever throws.
            drop(settled);
        }));
    })
}

thread_local! {
    /// Constant texts as JavaScript has them, by their place in the program.
    static CONSTANTS: RefCell<Vec<((usize, usize), JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// Returns a text that is part of the program: it crosses once and is found again from then on.
pub fn constant(text: &'static str) -> JsValue {
    let place = (text.as_ptr().addr(), text.len());
    CONSTANTS.with_borrow_mut(|all| {
        let known = all.iter().find(|(known, _)| *known == place);
        if let Some((_, value)) = known {
            return value.clone();
        }
        let value = JsValue::from_str(text);
        all.push((place, value.clone()));
        value
    })
}

/// Returns a property's text.
pub fn text(value: &JsValue, name: &'static str) -> Option<String> {
    property(value, name).as_string()
}

/// Returns a property, `undefined` if the value has none or is no object.
pub fn property(value: &JsValue, name: &'static str) -> JsValue {
    Reflect::get(value, &constant(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Returns an error's message, whatever was thrown.
pub fn message(error: &JsValue) -> String {
    if let Some(error) = error.dyn_ref::<js_sys::Error>() {
        return error.message().into();
    }
    error.as_string().or_else(|| text(error, "message")).unwrap_or_default()
}

/// Reads a stream of bytes to its end, at most `limit_bytes`; no stream is an empty one. Each piece
/// also goes to `pieces` when it arrives.
///
/// # Errors
/// - [`StreamError::TooLarge`] above the limit; the rest is not read.
/// - [`StreamError::Broken`] when the other side, or a timeout, ended it.
pub async fn read_stream(
    stream: Option<ReadableStream>,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
) -> Result<Vec<u8>, StreamError> {
    let Some(stream) = stream else {
        return Ok(Vec::new());
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let chunk = Settling::new(&reader.read()).await.map_err(StreamError::Broken)?;
        if property(&chunk, "done").is_truthy() {
            return Ok(bytes);
        }
        let chunk = Uint8Array::new(&property(&chunk, "value")).to_vec();
        pieces(&chunk);
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limit_bytes {
            // Whoever sends learns that nobody reads; an error of that changes nothing.
            drop(reader.cancel());
            return Err(StreamError::TooLarge);
        }
    }
}

/// Why a stream was not read to its end.
#[derive(Debug)]
pub enum StreamError {
    /// Longer than the limit.
    TooLarge,
    /// Ended by an error, which is inside.
    Broken(JsValue),
}

/// Returns an object of these fields.
#[cfg(test)]
pub fn record(fields: &[(&'static str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        // It only fails for what is no object.
        drop(Reflect::set(&object, &constant(name), value));
    }
    object.into()
}

#[cfg(test)]
mod tests;
