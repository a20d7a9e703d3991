//! Text of a model that is not meant for people: reasoning, special tokens, and tool calls that
//! leaked into it.
//!
//! A leaked call is believed only if all of it parses and it names an offered tool; anything else
//! stays text, so that an answer about JSON or tags is not swallowed.

use serde_json::{Map, Value};

use super::decode::call_in;
use crate::ToolCall;
use crate::tools::Tool;
use miyabi_core::json;
use miyabi_core::text::{contains, split_once};

/// Tokens of chat templates that decoders sometimes let through at the ends of a text.
const SPECIAL_TOKENS: [&str; 11] = [
    "<|start_header_id|>assistant<|end_header_id|>",
    "<|python_tag|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<end_of_turn>",
];

/// Mistral's end token; without its partner, since together they are strike-through in HTML.
const END: (&str, &str) = ("<s>", "</s>");

const THINK: (&str, &str) = ("<think>", "</think>");

const FUNCTION: (&str, &str) = ("<function=", "</function>");

const TOOL_CALL: (&str, &str) = ("<tool_call>", "</tool_call>");

/// Returns the text without reasoning blocks and without special tokens at its ends, trimmed.
pub(super) fn clean(text: &str) -> String {
    strip_ends(&without_thoughts(strip_ends(text))).to_owned()
}

/// Returns what people may see of a text that has not ended yet; `None` if that is nothing, or if it may
/// still turn out to be a call.
///
/// Of a thought that begins without `<think>`, since the template has it in the prompt, nobody knows before
/// its end that it is one: it is shown until then.
pub(super) fn shown(text: &str) -> Option<String> {
    let text = clean(text);
    let mut rest = text.as_str();
    for (open, _) in [THINK, TOOL_CALL, FUNCTION] {
        rest = split_once(rest, open).map_or(rest, |(before, _)| before);
    }
    let rest = rest.trim_end();
    let is_plain = !rest.is_empty() && !rest.starts_with(['{', '[', '<', '`']);
    (is_plain && !begins_named_body(rest)).then(|| rest.to_owned())
}

/// Returns whether a text may become `NAME{json}</function>`, also before all of the name is there.
fn begins_named_body(text: &str) -> bool {
    Tool::ALL.iter().any(|tool| match text.strip_prefix(tool.name()) {
        Some(after) => matches!(after.trim_start().chars().next(), None | Some('{')),
        None => tool.name().starts_with(text),
    })
}

/// Returns the calls that a cleaned text really is, and the text around them; `None` if there are
/// none.
pub(super) fn find_calls(text: &str, tool_names: &[&str]) -> Option<(String, Vec<ToolCall>)> {
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

fn strip_ends(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let before = rest.len();
        for token in SPECIAL_TOKENS {
            rest = rest.strip_prefix(token).unwrap_or(rest).trim_start();
            rest = rest.strip_suffix(token).unwrap_or(rest).trim_end();
        }
        if !contains(rest, END.0) {
            rest = rest.strip_suffix(END.1).unwrap_or(rest).trim_end();
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// Drops whole blocks anywhere, a block without its end at the start, and whatever stands before
/// a lone end on a line's edge (templates that open the block in the prompt).
fn without_thoughts(text: &str) -> String {
    let (open, close) = THINK;
    let mut kept = String::new();
    let mut rest = text;
    if let Some((before, after)) = split_once(rest, close)
        && !contains(before, open)
        && (before.is_empty() || before.ends_with('\n') || after.starts_with('\n'))
    {
        rest = after;
    }
    while let Some((before, after)) = split_once(rest, open) {
        match split_once(after, close) {
            Some((_, tail)) => {
                kept.push_str(before);
                rest = tail;
            }
            None if kept.trim().is_empty() && before.trim().is_empty() => return String::new(),
            None => break,
        }
    }
    kept.push_str(rest);
    kept
}

/// The text inside a code block that is all of it.
fn unfenced(text: &str) -> &str {
    let inside = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    inside.and_then(|inside| inside.strip_suffix("```")).map_or(text, str::trim)
}

/// `{"name": NAME, "x": 1}`: the arguments beside the name, as gpt-oss leaks them. Only for an
/// offered name, since much JSON has a `name`.
fn flat_call(text: &str, tool_names: &[&str]) -> Option<Vec<ToolCall>> {
    let Some(Value::Object(fields)) = json::parse(unfenced(text)) else { return None };
    let name = fields.get("name")?.as_str()?.to_owned();
    let has_own = fields.contains_key("arguments") || fields.contains_key("parameters");
    // Not `remove`, which is 1 kB gzip more.
    let mut arguments = Map::new();
    for (key, value) in fields {
        if key != "name" && key != "type" {
            arguments.insert(key, value);
        }
    }
    let is_flat = !arguments.is_empty() && !has_own && tool_names.contains(&name.as_str());
    is_flat.then(|| vec![leaked(&name, &Value::Object(arguments))])
}

/// The whole text as JSON: one call, an array of calls, or several in a row.
fn json_calls(text: &str) -> Option<Vec<ToolCall>> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut calls = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (value, after) = json::prefix(rest)?;
        let items = value.as_array().map_or(core::slice::from_ref(&value), Vec::as_slice);
        calls.extend(items.iter().map(json_call).collect::<Option<Vec<_>>>()?);
        rest = after.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == ',');
    }
    Some(calls)
}

/// A call object has a name and says its arguments, be they empty.
fn json_call(value: &Value) -> Option<ToolCall> {
    let function = value.get("function").filter(|function| function.is_object()).unwrap_or(value);
    let has_arguments = function.get("arguments").is_some() || function.get("parameters").is_some();
    if has_arguments { call_in(value) } else { None }
}

/// `NAME{json}</function>`
fn named_body(text: &str) -> Option<Vec<ToolCall>> {
    let body = text.strip_suffix(FUNCTION.1)?;
    let (name, after) = name_prefix(body)?;
    let (arguments, after) = json::prefix(after)?;
    after.trim().is_empty().then(|| vec![leaked(name, &arguments)])
}

/// Returns whether a code block begins in the text and does not end.
fn ends_in_code(text: &str) -> bool {
    let (mut rest, mut is_inside) = (text, false);
    while let Some((_, after)) = split_once(rest, "```") {
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
    while let Some((before, after)) = split_once(rest, open) {
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
    let (value, after) = json::prefix(text)?;
    Some((json_call(&value)?, after))
}

/// `NAME>{json}`, `NAME{json}`, `NAME({json})` or only `NAME>`, after `<function=`
fn function_body(text: &str) -> Option<(ToolCall, &str)> {
    let (name, after) = name_prefix(text)?;
    let inner = after.trim_start_matches(['>', '(', ' ', '\n']);
    match json::prefix(inner) {
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
        return json::prefix(text);
    }
    let Some(quoted) = text.strip_prefix('\'') else {
        let (number, after) = text.split_at_checked(text.find([',', ')'])?)?;
        return Some((json::parse(number.trim())?, after));
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
    let arguments = super::decode::arguments_text(Some(arguments));
    ToolCall { name: name.to_owned(), arguments, ..ToolCall::default() }
}

/// Splits off a tool's or argument's name.
fn name_prefix(text: &str) -> Option<(&str, &str)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (!name.is_empty()).then_some((name, rest))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
