//! Tool calls that are written as calls of Python: by Llama 4, and by Gemma in a block of `tool_code`.

use serde_json::{Map, Value};

use super::calls::leaked;
use super::literal::{Cursor, Miss};
use crate::ToolCall;
use crate::tools::Tool;

/// Reads `[name(arg=1, b="x"), other()]`.
pub(super) fn list(cursor: &mut Cursor<'_>) -> Result<Vec<ToolCall>, Miss> {
    let mut calls = Vec::new();
    if !cursor.take("[")? {
        return Err(Miss::Other);
    }
    loop {
        cursor.skip_blank();
        if cursor.take("]")? {
            return if calls.is_empty() { Err(Miss::Other) } else { Ok(calls) };
        }
        calls.push(call(cursor)?);
        cursor.separator("]")?;
    }
}

/// Reads a block of `tool_code`: a call per line, maybe printed or assigned.
pub(super) fn block(text: &str) -> Option<Vec<ToolCall>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let calls: Option<Vec<Vec<ToolCall>>> = lines.map(line).collect();
    calls.map(|calls| calls.concat()).filter(|calls| !calls.is_empty())
}

fn line(text: &str) -> Option<Vec<ToolCall>> {
    let assigned = text
        .split_once('=')
        .filter(|(name, _)| name.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    let text = assigned.map_or(text, |(_, value)| value.trim());
    let printed = text.strip_prefix("print(").and_then(|inner| inner.strip_suffix(')'));
    let mut cursor = Cursor { rest: printed.unwrap_or(text) };
    let calls = if cursor.rest.starts_with('[') {
        list(&mut cursor)
    } else {
        call(&mut cursor).map(|call| vec![call])
    };
    calls.ok().filter(|_| cursor.rest.trim().is_empty())
}

fn call(cursor: &mut Cursor<'_>) -> Result<ToolCall, Miss> {
    let name = cursor.name();
    if cursor.rest.is_empty() {
        return Err(Miss::Unfinished);
    }
    if name.is_empty() || !cursor.take("(")? {
        return Err(Miss::Other);
    }
    Ok(leaked(name, &Value::Object(arguments(cursor, name)?)))
}

/// Reads `a=1, b="x")`, after the parenthesis. Arguments without a name are those of the tool, in its order.
///
/// # Errors
/// See [`Miss`].
pub(super) fn arguments(cursor: &mut Cursor<'_>, name: &str) -> Result<Map<String, Value>, Miss> {
    let mut arguments = Map::new();
    let mut unnamed = Tool::parse(name).map(Tool::parameters).unwrap_or_default().iter();
    loop {
        cursor.skip_blank();
        if cursor.take(")")? {
            return Ok(arguments);
        }
        let mut named = *cursor;
        let key = named.name();
        named.skip_blank();
        let key = if !key.is_empty() && named.skip_mark("=") {
            *cursor = named;
            key
        } else if named.rest.is_empty() {
            return Err(Miss::Unfinished);
        } else {
            unnamed.next().ok_or(Miss::Other)?.name
        };
        arguments.insert(key.to_owned(), cursor.literal(0)?);
        cursor.separator(")")?;
    }
}
