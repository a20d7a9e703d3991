//! Compatibility functions over `serde_json`, for crates that still call them.
//!
//! New code uses `serde_json` and serde derive; this module is deleted with its last caller.

use serde_json::{Deserializer, Map, Value};

/// Returns a value's JSON text.
pub fn to_text(value: &Value) -> String {
    value.to_string()
}

/// A plain value of [`record`] and [`list`].
#[derive(Debug, Clone, Copy)]
pub enum Field<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Whole number.
    Number(i64),
    /// String.
    Text(&'a str),
    /// JSON text.
    Json(&'a str),
}

impl From<bool> for Field<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<Option<&'a str>> for Field<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

impl Field<'_> {
    fn to_text(self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => Value::from(value).to_string(),
            Self::Json(value) => value.to_owned(),
        }
    }
}

/// Returns the JSON text of an object of plain values.
pub fn record(fields: &[(&str, Field<'_>)]) -> String {
    let written = |(name, field): &(&str, Field<'_>)| {
        [Value::from(*name).to_string(), field.to_text()].join(":")
    };
    ["{", &fields.iter().map(written).collect::<Vec<_>>().join(","), "}"].concat()
}

/// Returns the JSON text of a list of plain values.
pub fn list(values: &[Field<'_>]) -> String {
    let written: Vec<String> = values.iter().map(|field| field.to_text()).collect();
    ["[", &written.join(","), "]"].concat()
}

/// Reads JSON text; `None` if it is none.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
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
    let mut values = Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    Some((value, text.get(values.byte_offset()..)?))
}

/// Reads a number as JSON writes it.
pub fn number(text: &str) -> Option<f64> {
    serde_json::from_str(text).ok()
}

/// Returns the fields of an object.
pub fn into_object(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(fields) = value { Some(fields) } else { None }
}

/// Returns an object of these fields.
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
