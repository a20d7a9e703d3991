//! JSON text, through one reader and one writer: each further one is 5 kB more in the program.

use serde_json::Value;

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
