//! Reads JSON leniently: what is missing is empty.

use serde_json::Value;

/// Returns a field's text; empty if there is none.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the items of a list; none if it is no list.
pub fn list(value: Value) -> Vec<Value> {
    if let Value::Array(list) = value { list } else { Vec::new() }
}
