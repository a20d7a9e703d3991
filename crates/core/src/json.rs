//! JSON text, through a reader and a writer of our own.
//!
//! They are a sixth of those of `serde_json`, whose `Value` they fill, and which is the tests' judge of
//! them (docs/decisions/0019).

use serde_json::{Map, Value};

mod document;
mod float;
mod read;
mod write;

pub use self::document::{Document, Json};
pub use self::write::Field;

/// About what a job's parameters take.
const RECORD_BYTES: usize = 1024;

/// Returns a value's JSON text.
///
/// Not `Value`'s `Display`, which is a second writer.
pub fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write::value(value, &mut text);
    text
}

/// Returns the JSON text of an object of plain values, in this order: a tree of it, read once
/// and dropped, is five times as dear. Names are without quotes and backslashes.
pub fn record(fields: &[(&str, Field<'_>)]) -> String {
    let mut text = String::with_capacity(RECORD_BYTES);
    write::record(fields, &mut text);
    text
}

/// Returns the JSON text of a list of plain values.
pub fn list(values: &[Field<'_>]) -> String {
    let mut text = String::with_capacity(RECORD_BYTES);
    write::list(values, &mut text);
    text
}

/// Reads JSON text; `None` if it is none.
///
/// Not `serde_json::from_str`, which is a second reader.
pub fn parse(text: &str) -> Option<Value> {
    document(text).map(Document::into_value)
}

/// Reads JSON text, to look at a few of its values; `None` if it is none.
pub fn document(text: &str) -> Option<Document<'_>> {
    let mut reader = read::Reader::new(text);
    let document = reader.document()?;
    reader.token().is_none().then_some(document)
}

/// Reads the value that a text begins with, and returns what stands after it.
///
/// # Example
///
/// ```
/// # use miyabi_core::json::{prefix, object};
/// assert_eq!(prefix(" {} and more"), Some((object([]), " and more")));
/// assert_eq!(prefix("truely"), None);
/// ```
pub fn prefix(text: &str) -> Option<(Value, &str)> {
    let mut reader = read::Reader::new(text);
    let value = reader.document()?.into_value();
    let rest = reader.rest()?;
    let has_end = matches!(value, Value::Object(_) | Value::Array(_) | Value::String(_));
    let next = rest.bytes().next().unwrap_or(b' ');
    let is_end = matches!(
        next,
        b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'[' | b']' | b'{' | b'}' | b',' | b':'
    );
    (has_end || is_end).then_some((value, rest))
}

/// Reads a decimal number as JSON writes it.
///
/// Not `f64::from_str`, which is a second reader, with tables of 5 kB.
pub fn number(text: &str) -> Option<f64> {
    parse(text)?.as_f64()
}

/// Returns the fields of an object.
pub fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

/// Returns an object. Each `json!` of several fields writes its insertions out; this is a loop.
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    gather(&mut fields.into_iter())
}

/// Not generic, so that it is in the program once.
fn gather(fields: &mut dyn Iterator<Item = (&str, Value)>) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
