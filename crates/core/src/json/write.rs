//! Writes JSON text, byte for byte as `serde_json` does, but for numbers of more than 15 digits.

use serde_json::{Number, Value};

use super::float;
use super::read::special;

/// A text, since a character is three calls more, twice for each string.
const QUOTE: &str = "\"";

/// A plain value, of a text that is written without a tree.
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
    /// What is JSON text already.
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

/// Names are the program's own, and need no escapes.
pub(super) fn record(fields: &[(&str, Field<'_>)], text: &mut String) {
    text.push('{');
    let mut before = "\"";
    for (name, field) in fields {
        text.push_str(before);
        text.push_str(name);
        text.push_str("\":");
        self::field(*field, text);
        before = ",\"";
    }
    text.push('}');
}

pub(super) fn list(fields: &[Field<'_>], text: &mut String) {
    text.push('[');
    let mut before = "";
    for field in fields {
        text.push_str(before);
        self::field(*field, text);
        before = ",";
    }
    text.push(']');
}

fn field(field: Field<'_>, text: &mut String) {
    match field {
        Field::Null => text.push_str("null"),
        Field::Bool(value) => self::value(&Value::Bool(value), text),
        Field::Number(value) => number(&value.into(), text),
        Field::Text(value) => string(value, text),
        Field::Json(value) => text.push_str(value),
    }
}

pub(super) fn value(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => self::number(number, text),
        Value::String(content) => string(content, text),
        Value::Array(items) => {
            let mut separator = '[';
            for item in items {
                text.push(separator);
                self::value(item, text);
                separator = ',';
            }
            close(separator, '[', ']', text);
        }
        Value::Object(fields) => {
            let mut separator = '{';
            for (name, field) in fields {
                text.push(separator);
                string(name, text);
                text.push(':');
                self::value(field, text);
                separator = ',';
            }
            close(separator, '{', '}', text);
        }
    }
}

/// Where there was nothing inside, the opening mark is still to be written.
fn close(separator: char, open: char, close: char, text: &mut String) {
    if separator == open {
        text.push(open);
    }
    text.push(close);
}

fn number(number: &Number, text: &mut String) {
    if let Some(number) = number.as_u64() {
        text.push_str(&number.to_string());
    } else if let Some(number) = number.as_i64() {
        text.push_str(&number.to_string());
    } else {
        float::write(number.as_f64().unwrap_or_default(), text);
    }
}

fn string(content: &str, text: &mut String) {
    text.push_str(QUOTE);
    let mut rest = content;
    // Every byte to escape is a character of its own.
    while let Some(at) = special(rest.as_bytes()) {
        let Some((plain, tail)) = rest.split_at_checked(at) else { break };
        text.push_str(plain);
        let mut tail = tail.chars();
        escape(tail.next().unwrap_or_default(), text);
        rest = tail.as_str();
    }
    text.push_str(rest);
    text.push_str(QUOTE);
}

fn escape(c: char, text: &mut String) {
    text.push('\\');
    let short = match c {
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '"' | '\\' => c,
        _ => {
            text.push_str("u00");
            let code = u32::from(c);
            for digit in [code >> 4, code & 15] {
                text.extend(char::from_digit(digit, 16));
            }
            return;
        }
    };
    text.push(short);
}
