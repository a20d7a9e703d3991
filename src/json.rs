//! JSON text, through a reader and a writer of our own.
//!
//! They are a sixth of those of `serde_json`, whose `Value` they fill, and which is the tests' judge of
//! them (docs/decisions/0019).

use serde_json::{Map, Value};

mod float;
mod read;
mod write;

/// Returns a value's JSON text.
///
/// Not `Value`'s `Display`, which is a second writer.
pub fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write::value(value, &mut text);
    text
}

/// Reads JSON text; `None` if it is none.
///
/// Not `serde_json::from_str`, which is a second reader.
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = read::Reader::new(text);
    let value = reader.value()?;
    reader.token().is_none().then_some(value)
}

/// Reads the value that a text begins with, and returns what stands after it.
///
/// # Example
///
/// ```
/// # use miyabi::json::{prefix, object};
/// assert_eq!(prefix(" {} and more"), Some((object([]), " and more")));
/// assert_eq!(prefix("truely"), None);
/// ```
pub fn prefix(text: &str) -> Option<(Value, &str)> {
    let mut reader = read::Reader::new(text);
    let value = reader.value()?;
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
