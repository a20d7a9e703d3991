//! JSON text, through one reader and one writer: each further one is 5 kB more in the program.

use serde_json::{Map, Value};

/// Returns a value's JSON text.
///
/// Not `Value`'s `Display`, which is a second writer.
pub fn to_text(value: &Value) -> String {
    // A `Value` has text keys and no foreign types, the only causes of an error.
    serde_json::to_string(value).unwrap_or_default()
}

/// Reads JSON text; `None` if it is none.
///
/// Not `serde_json::from_slice`, which is a second reader.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
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
