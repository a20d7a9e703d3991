//! Tool calls that leaked into a text, in every grammar in which models write them.
//!
//! # Source
//! Issues about Groq's `tool_use_failed`, and field reports on each model, gathered 2026-11-20.

use serde_json::{Deserializer, Map, Value};

use super::{FUNCTION, TOOL_CALL};
use crate::ToolCall;
use crate::protocols::wire::arguments_or_none;

/// Returns the calls that a cleaned text really is, and the text around them; `None` if there are
/// none.
pub(in crate::protocols) fn find_calls(
    text: &str,
    tool_names: &[&str],
) -> Option<(String, Vec<ToolCall>)> {
    let whole = json_calls(unfenced(text))
        .or_else(|| flat_call(text, tool_names))
        .or_else(|| named_body(text))
        .or_else(|| pythonic_calls(text));
    let (rest, calls) = match whole {
        Some(calls) => (String::new(), calls),
        None => tagged_calls(text, TOOL_CALL, tool_call_body)
            .or_else(|| tagged_calls(text, FUNCTION, function_body))?,
    };
    let are_offered = calls
        .iter()
        .all(|call| tool_names.contains(&call.name.as_str()) && call.object().is_some());
    (!calls.is_empty() && are_offered).then_some((rest, calls))
}

/// The text inside a code block that is all of it.
fn unfenced(text: &str) -> &str {
    let inside = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    inside.and_then(|inside| inside.strip_suffix("```")).map_or(text, str::trim)
}

/// `{"name": NAME, "x": 1}`: the arguments beside the name, as gpt-oss leaks them. Only for an
/// offered name, since much JSON has a `name`.
fn flat_call(text: &str, tool_names: &[&str]) -> Option<Vec<ToolCall>> {
    let mut fields: Map<String, Value> = serde_json::from_str(unfenced(text)).ok()?;
    let name = fields.get("name")?.as_str()?.to_owned();
    let has_own = fields.contains_key("arguments") || fields.contains_key("parameters");
    fields.remove("name");
    fields.remove("type");
    let is_flat = !fields.is_empty() && !has_own && tool_names.contains(&name.as_str());
    is_flat.then(|| vec![leaked(&name, &Value::Object(fields))])
}

/// The whole text as JSON: one call, an array of calls, or several in a row.
fn json_calls(text: &str) -> Option<Vec<ToolCall>> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut calls = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (value, after) = json_prefix(rest)?;
        let items = value.as_array().map_or(core::slice::from_ref(&value), Vec::as_slice);
        calls.extend(items.iter().map(json_call).collect::<Option<Vec<_>>>()?);
        rest = after.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == ',');
    }
    Some(calls)
}

/// A call object has a name and says its arguments, be they empty.
fn json_call(value: &Value) -> Option<ToolCall> {
    let function = value.get("function").filter(|function| function.is_object()).unwrap_or(value);
    let arguments = function.get("arguments").or_else(|| function.get("parameters"))?;
    let name = function.get("name")?.as_str()?.trim();
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    (!name.is_empty()).then(|| ToolCall { id, ..leaked(name, arguments) })
}

/// `NAME{json}</function>`
fn named_body(text: &str) -> Option<Vec<ToolCall>> {
    let body = text.strip_suffix(FUNCTION.1)?;
    let (name, after) = name_prefix(body)?;
    let (arguments, after) = json_prefix(after)?;
    after.trim().is_empty().then(|| vec![leaked(name, &arguments)])
}

/// Returns whether a code block begins in the text and does not end.
fn ends_in_code(text: &str) -> bool {
    let (mut rest, mut is_inside) = (text, false);
    while let Some((_, after)) = rest.split_once("```") {
        (rest, is_inside) = (after, !is_inside);
    }
    is_inside
}

/// All of a tag's calls, and the text around them.
fn tagged_calls(
    text: &str,
    (open, close): (&str, &str),
    body: impl Fn(&str) -> Option<(ToolCall, &str)>,
) -> Option<(String, Vec<ToolCall>)> {
    let mut around = Vec::new();
    let mut calls = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        // In a code block it is shown to somebody, not called.
        if ends_in_code(before) {
            return None;
        }
        around.push(before.trim());
        let (call, after) = body(after.trim_start())?;
        calls.push(call);
        let after = after.trim_start().trim_start_matches([')', '>']).trim_start();
        rest = after.strip_prefix(close).unwrap_or(after);
    }
    around.push(rest.trim());
    around.retain(|text| !text.is_empty());
    (!calls.is_empty()).then(|| (around.join("\n"), calls))
}

/// `{"name":…,"arguments":…}`, after `<tool_call>`
fn tool_call_body(text: &str) -> Option<(ToolCall, &str)> {
    let (value, after) = json_prefix(text)?;
    Some((json_call(&value)?, after))
}

/// `NAME>{json}`, `NAME{json}`, `NAME({json})` or only `NAME>`, after `<function=`
fn function_body(text: &str) -> Option<(ToolCall, &str)> {
    let (name, after) = name_prefix(text)?;
    let inner = after.trim_start_matches(['>', '(', ' ', '\n']);
    match json_prefix(inner) {
        Some((arguments, after)) => Some((leaked(name, &arguments), after)),
        None if inner.starts_with(FUNCTION.1) => {
            Some((leaked(name, &Value::Object(Map::new())), inner))
        }
        None => None,
    }
}

/// `[name(arg=1, b="x"), other()]`
fn pythonic_calls(text: &str) -> Option<Vec<ToolCall>> {
    let mut rest = text.strip_prefix('[')?.strip_suffix(']')?.trim();
    let mut calls = Vec::new();
    while !rest.is_empty() {
        let (name, after) = name_prefix(rest)?;
        let (arguments, after) = pythonic_arguments(after.strip_prefix('(')?)?;
        calls.push(leaked(name, &Value::Object(arguments)));
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(calls)
}

/// Reads `a=1, b="x")` and returns what stands after the parenthesis.
fn pythonic_arguments(text: &str) -> Option<(Map<String, Value>, &str)> {
    let mut arguments = Map::new();
    let mut rest = text.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return Some((arguments, after));
        }
        let (name, after) = name_prefix(rest)?;
        let (value, after) = pythonic_value(after.trim_start().strip_prefix('=')?.trim_start())?;
        arguments.insert(name.to_owned(), value);
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
}

/// Reads a literal: Python's words and single quotes, otherwise JSON's.
fn pythonic_value(text: &str) -> Option<(Value, &str)> {
    let words = [("True", Value::Bool(true)), ("False", Value::Bool(false)), ("None", Value::Null)];
    for (word, value) in words {
        if let Some(after) = text.strip_prefix(word) {
            return Some((value, after));
        }
    }
    if text.starts_with(['"', '[', '{']) {
        return json_prefix(text);
    }
    let Some(quoted) = text.strip_prefix('\'') else {
        let (number, after) = text.split_at_checked(text.find([',', ')'])?)?;
        return Some((serde_json::from_str(number.trim()).ok()?, after));
    };
    let mut content = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '\'' => return Some((content.into(), characters.as_str())),
            '\\' => content.push(characters.next()?),
            other => content.push(other),
        }
    }
}

fn leaked(name: &str, arguments: &Value) -> ToolCall {
    let arguments = match arguments.as_str() {
        Some(text) => arguments_or_none(text),
        None => arguments_or_none(&arguments.to_string()),
    };
    ToolCall { name: name.to_owned(), arguments, ..ToolCall::default() }
}

/// Reads the JSON value that a text begins with, and returns what stands after it.
fn json_prefix(text: &str) -> Option<(Value, &str)> {
    let mut values = Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    let rest = text.get(values.byte_offset()..)?;
    Some((value, rest))
}

/// Splits off a tool's or argument's name.
fn name_prefix(text: &str) -> Option<(&str, &str)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty()).then_some((name, rest))
}
