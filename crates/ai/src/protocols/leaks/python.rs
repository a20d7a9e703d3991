//! Tool calls that are written as calls of Python: by Llama 4, and by Gemma in a block of `tool_code`.

use std::collections::BTreeSet;

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

/// Reads calls in lines of their own, as Olmo writes them, up to something else.
pub(super) fn row(cursor: &mut Cursor<'_>) -> Result<Vec<ToolCall>, Miss> {
    let mut calls = vec![call(cursor)?];
    loop {
        let mut next = *cursor;
        next.skip_blank();
        let Ok(more) = call(&mut next) else { return Ok(calls) };
        calls.push(more);
        *cursor = next;
    }
}

/// Reads a block of `tool_code`: a call per line, maybe printed or assigned.
pub(super) fn block(text: &str) -> Option<Vec<ToolCall>> {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let lines = text.lines().map(str::trim).filter(is_code);
    let mut assigned: BTreeSet<&str> = BTreeSet::new();
    let mut calls = Vec::new();
    for line in lines {
        let printed = printed(line);
        if printed.is_some_and(|name| assigned.contains(name)) {
            continue;
        }
        let (name, value) = split_assignment(line);
        assigned.extend(name);
        calls.extend(line_calls(printed.unwrap_or(value))?);
    }
    Some(calls).filter(|calls| !calls.is_empty())
}

fn printed(line: &str) -> Option<&str> {
    line.strip_prefix("print(")?.strip_suffix(')').map(str::trim)
}

fn split_assignment(line: &str) -> (Option<&str>, &str) {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match line.split_once('=') {
        Some((name, value)) if is_name(name.trim()) => (Some(name.trim()), value.trim()),
        _ => (None, line),
    }
}

fn line_calls(text: &str) -> Option<Vec<ToolCall>> {
    let mut cursor = Cursor { rest: text };
    let calls = if cursor.rest.starts_with('[') {
        list(&mut cursor)
    } else {
        call(&mut cursor).map(|call| vec![call])
    };
    calls.ok().filter(|_| cursor.rest.trim().is_empty())
}

pub(super) fn call(cursor: &mut Cursor<'_>) -> Result<ToolCall, Miss> {
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
