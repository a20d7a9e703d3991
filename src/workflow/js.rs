//! JavaScript values as JSON text, promises, and errors.
//!
//! `serde_wasm_bindgen` turns maps and `serde_json` objects into JavaScript's `Map`, which bindings and
//! `JSON.stringify` read as `{}`. JSON text becomes plain objects.

use js_sys::{JSON, Promise, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Returns a value as the plain JavaScript object that its JSON describes.
///
/// # Errors
/// An `Error` of JavaScript, if the value has no JSON form.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    JSON::parse(&serde_json::to_string(value).map_err(|error| to_error(&error))?)
}

/// Reads a plain JavaScript value; `undefined` and functions read as `null`.
///
/// # Errors
/// An `Error` of JavaScript, if the value has no JSON form or `T` another shape.
pub fn from_js<T: DeserializeOwned>(value: &JsValue) -> Result<T, JsValue> {
    serde_json::from_str(&to_json(value)?).map_err(|error| to_error(&error))
}

/// Returns the JSON of a plain JavaScript value; that of `undefined` and functions is `null`.
///
/// # Errors
/// An `Error` of JavaScript, if the value has no JSON form.
pub fn to_json(value: &JsValue) -> Result<String, JsValue> {
    let text = if value.is_undefined() { None } else { JSON::stringify(value)?.as_string() };
    Ok(text.unwrap_or_else(|| "null".to_owned()))
}

/// Says what is wrong and where, and never quotes the value.
fn to_error(error: &serde_json::Error) -> JsValue {
    let text = format!("unreadable JSON: {:?} in column {}", error.classify(), error.column());
    js_sys::Error::new(&text).into()
}

/// Waits for a promise, or for an object that only behaves like one, as the results of RPC stubs do.
///
/// # Errors
/// What it was rejected with.
pub async fn settle(value: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&value)).await
}

/// Returns a property, `undefined` if the value has none or is no object.
pub fn property(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Returns a property's text.
pub fn text(value: &JsValue, name: &str) -> Option<String> {
    property(value, name).as_string()
}

/// Returns an error's message, whatever was thrown; empty if it has none.
pub fn message(error: &JsValue) -> String {
    error.as_string().or_else(|| text(error, "message")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
