//! Tool calls in a text, in every grammar in which models write them.
//!
//! # Source
//! Issues about Groq's `tool_use_failed`, the tool parsers of vLLM, the chat templates of the model
//! families, and field reports on each model, gathered 2026-11-28.

use serde_json::{Map, Value};

use super::json::{json_calls, marked_calls};
use super::literal::{Cursor, Miss};
use super::marks::{CLOSERS, NAMED, OPENERS};
use super::matching::{Match, compare, starts_with_any};
use super::names::{may_become_name, meant_tool};
use super::python;
use super::scan::Extent;
use crate::ToolCall;
use crate::protocols::wire::arguments_or_none;

/// Most calls of one group: a hostile text may hold as many as it likes.
const MAX_CALLS: usize = 32;

/// Reads the calls that a text begins with, all marks around them included, and returns them with
/// the bytes that they take.
///
/// # Errors
/// [`Miss::Other`] if these are no calls of `tools`, [`Miss::Unfinished`] if the text ends within them.
pub(super) fn group(
    text: &str,
    extent: Extent,
    tools: &[&str],
) -> Result<(Vec<ToolCall>, usize), Miss> {
    let mut cursor = Cursor { rest: text };
    let mut calls = Vec::new();
    let mut end = 0;
    let mut is_opened = skip_openers(&mut cursor)?;
    while calls.len() < MAX_CALLS {
        let mut next = cursor;
        let read = body(&mut next, is_opened, tools).or_else(|miss| {
            next = cursor;
            mended(&mut next, extent).filter(|_| is_opened).ok_or(miss)?
        });
        match read {
            Ok(more) => calls.extend(more),
            Err(miss) if calls.is_empty() => return Err(miss),
            // A further call may be on its way.
            Err(Miss::Unfinished) if extent == Extent::Begun => return Err(Miss::Unfinished),
            Err(_) => break,
        }
        skip_closers(&mut next);
        cursor = next;
        end = text.len() - cursor.rest.len();
        cursor.rest =
            cursor.rest.trim_start_matches(|c: char| c.is_whitespace() || ",;".contains(c));
        is_opened |= skip_openers(&mut cursor).unwrap_or(false);
    }
    if cursor.rest.is_empty() {
        // A mark at the end that opens nothing any more.
        end = text.len();
    }
    checked(calls, tools).map(|calls| (calls, end)).ok_or(Miss::Other)
}

/// Returns the calls with the names of the tools that they mean, `None` unless all can run.
pub(super) fn checked(mut calls: Vec<ToolCall>, tools: &[&str]) -> Option<Vec<ToolCall>> {
    for call in &mut calls {
        call.object()?;
        meant_tool(&call.name, tools)?.clone_into(&mut call.name);
    }
    (!calls.is_empty()).then_some(calls)
}

fn skip_openers(cursor: &mut Cursor<'_>) -> Result<bool, Miss> {
    let mut is_opened = false;
    while let Some(bytes) = starts_with_any(cursor.rest, &OPENERS) {
        is_opened = true;
        cursor.skip(bytes);
        cursor.skip_blank();
    }
    let is_begun = |mark: &str| compare(cursor.rest, mark) == Match::Begun;
    if OPENERS.iter().chain(&NAMED).any(|mark| is_begun(mark)) {
        return Err(Miss::Unfinished);
    }
    Ok(is_opened)
}

pub(super) fn skip_closers(cursor: &mut Cursor<'_>) {
    loop {
        let mut next = *cursor;
        next.rest = next.rest.trim_start().trim_start_matches([')', '>', '}', ']']).trim_start();
        let Some(bytes) = starts_with_any(next.rest, &CLOSERS) else { break };
        next.skip(bytes);
        *cursor = next;
    }
    // A bracket that was opened before the arguments.
    let behind = cursor.rest.trim_start_matches([')', '>']);
    if behind.is_empty() {
        cursor.rest = behind;
    }
}

/// One call, or a list of them.
fn body(cursor: &mut Cursor<'_>, is_opened: bool, tools: &[&str]) -> Result<Vec<ToolCall>, Miss> {
    cursor.skip_blank();
    if cursor.take("<function=")? {
        return function_body(cursor).map(|call| vec![call]);
    }
    if let Some(bytes) = starts_with_any(cursor.rest, &NAMED) {
        cursor.skip(bytes);
        return invoke_body(cursor).map(|call| vec![call]);
    }
    if !is_opened {
        return Err(Miss::Other);
    }
    if skip_fence(cursor) {
        let calls = if cursor.rest.starts_with(['{', '[']) {
            value_calls(cursor, tools)?
        } else {
            python::row(cursor)?
        };
        cursor.skip_blank();
        cursor.skip_mark("```");
        return Ok(calls);
    }
    match cursor.rest.chars().next() {
        None => Err(Miss::Unfinished),
        Some('{') => value_calls(cursor, tools),
        Some('[') => {
            let mut list = *cursor;
            match value_calls(&mut list, tools) {
                Err(miss) => python::list(cursor).map_err(|other| finer(miss, other)),
                calls => calls.inspect(|_| *cursor = list),
            }
        }
        Some(_) if cursor.take("call:")? => gemma_body(cursor).map(|call| vec![call]),
        Some(_) => named_body(cursor, tools).map(|call| vec![call]),
    }
}

/// Of two readings that failed, the one that a longer text may finish counts.
fn finer(first: Miss, second: Miss) -> Miss {
    if first == Miss::Unfinished || second == Miss::Unfinished {
        Miss::Unfinished
    } else {
        Miss::Other
    }
}

/// Most brackets that a model leaves out at the end of a call.
const MISSING: [&str; 3] = ["", "}", "}}"];

/// Reads the JSON of a call up to the mark that ends it, with brackets that are missing at its end, or that
/// are doubled as in a template. `None` if it is not that either.
fn mended(cursor: &mut Cursor<'_>, extent: Extent) -> Option<Result<Vec<ToolCall>, Miss>> {
    cursor.skip_blank();
    if !cursor.rest.starts_with('{') {
        return None;
    }
    let Some((json, _)) = cursor.rest.split_once("</tool_call>") else {
        super::work::count(cursor.rest.len());
        // The mark may still come.
        return (extent == Extent::Begun).then_some(Err(Miss::Unfinished));
    };
    super::work::count(json.len());
    let single = json.replace("{{", "{").replace("}}", "}");
    let candidates = [json.trim_end(), single.trim_end()];
    let read = candidates.into_iter().find_map(|json| {
        MISSING.iter().find_map(|missing| {
            json_calls(&serde_json::from_str(&format!("{json}{missing}")).ok()?)
        })
    })?;
    cursor.skip(json.len());
    Some(Ok(read))
}

fn skip_fence(cursor: &mut Cursor<'_>) -> bool {
    ["```json", "```python", "```"]
        .into_iter()
        .any(|fence| cursor.skip_mark(fence))
        .then(|| cursor.skip_blank())
        .is_some()
}

/// `{"name":…,"arguments":…}`, a list of such objects, or several in a row.
fn value_calls(cursor: &mut Cursor<'_>, tools: &[&str]) -> Result<Vec<ToolCall>, Miss> {
    let value = cursor.value()?;
    marked_calls(&value, tools).ok_or(Miss::Other)
}

/// `NAME>{json}`, `NAME{json}`, `NAME({json})`, `NAME>` alone, or `NAME>` with
/// `<parameter=KEY>VALUE</parameter>`, after `<function=`.
fn function_body(cursor: &mut Cursor<'_>) -> Result<ToolCall, Miss> {
    cursor.skip_mark("\"");
    let name = named(cursor)?;
    cursor.rest = cursor.rest.trim_start_matches(['>', '(', ' ', '\n', '\r', '"']);
    if cursor.rest.is_empty() {
        return Err(Miss::Unfinished);
    }
    if cursor.rest.starts_with('{') {
        return Ok(leaked(name, &cursor.value()?));
    }
    let mut arguments = Map::new();
    while cursor.take("<parameter=")? {
        let key = cursor.up_to(">")?.trim_matches(['"', ' ']).to_owned();
        arguments
            .insert(key, parameter_value(cursor, &["</parameter>", "<parameter=", "</function>"])?);
        cursor.skip_blank();
        if cursor.rest.is_empty() {
            return Err(Miss::Unfinished);
        }
    }
    if arguments.is_empty() && !cursor.take("</function>")? {
        return Err(Miss::Other);
    }
    Ok(leaked(name, &Value::Object(arguments)))
}

/// `"NAME">` with `<parameter name="KEY">VALUE</parameter>`, after `<invoke name=`.
fn invoke_body(cursor: &mut Cursor<'_>) -> Result<ToolCall, Miss> {
    cursor.skip_mark("\"");
    let name = named(cursor)?;
    cursor.up_to(">")?;
    cursor.skip_blank();
    if cursor.rest.starts_with('{') {
        return Ok(leaked(name, &cursor.value()?));
    }
    let mut arguments = Map::new();
    loop {
        cursor.skip_blank();
        if cursor.rest.is_empty() {
            return Err(Miss::Unfinished);
        }
        if cursor.take("<parameter name=")? || cursor.take("<|DSML|parameter name=")? {
            let tag = cursor.up_to(">")?;
            let key = tag.trim_start_matches('"').split('"').next().unwrap_or_default();
            let ends = ["</parameter>", "</|DSML|parameter>", "</invoke>"];
            arguments.insert(key.to_owned(), parameter_value(cursor, &ends)?);
        } else if let Some(key) = element(cursor)? {
            let end = format!("</{key}>");
            arguments.insert(key.to_owned(), scalar(cursor.up_to(&end)?));
        } else {
            break;
        }
    }
    if arguments.is_empty() && starts_with_any(cursor.rest, &CLOSERS).is_none() {
        return Err(Miss::Other);
    }
    Ok(leaked(name, &Value::Object(arguments)))
}

/// Reads the tag `<KEY>`, by which `MiniMax` M3 begins a parameter; `None` if there is another tag.
fn element<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a str>, Miss> {
    let mut next = *cursor;
    if starts_with_any(next.rest, &CLOSERS).is_some() || !next.take("<")? {
        return Ok(None);
    }
    let key = next.name();
    if key.is_empty() || key.starts_with('/') || !next.take(">")? {
        return Ok(None);
    }
    *cursor = next;
    Ok(Some(key))
}

/// Reads a value up to the first of these marks; the first of them is skipped.
fn parameter_value(cursor: &mut Cursor<'_>, ends: &[&str]) -> Result<Value, Miss> {
    let text = cursor.rest;
    let found = text.char_indices().filter(|(_, c)| *c == '<').find_map(|(index, _)| {
        let rest = text.get(index..)?;
        let end = ends.iter().find(|end| matches!(compare(rest, end), Match::Whole(_)))?;
        Some((index, rest, *end))
    });
    super::work::count(found.map_or(text.len(), |(index, ..)| index));
    let Some((index, rest, end)) = found else { return Err(Miss::Unfinished) };
    cursor.rest = rest;
    if end.contains("parameter>") {
        cursor.skip_mark(end);
    }
    Ok(scalar(text.get(..index).unwrap_or_default()))
}

/// A value without quotes: JSON if it is a list or an object, otherwise a text.
fn scalar(text: &str) -> Value {
    let text = text.trim();
    let is_nested = text.starts_with(['[', '{']);
    let nested = is_nested.then(|| serde_json::from_str(text).ok()).flatten();
    nested.unwrap_or_else(|| text.into())
}

/// `NAME{key:<escape>VALUE<escape>}`, after `call:`.
fn gemma_body(cursor: &mut Cursor<'_>) -> Result<ToolCall, Miss> {
    let name = named(cursor)?;
    cursor.skip_blank();
    match cursor.rest.chars().next() {
        None => Err(Miss::Unfinished),
        Some('{') => cursor.literal(0).map(|arguments| leaked(name, &arguments)),
        Some(_) => Err(Miss::Other),
    }
}

/// A tool's name and then its arguments, in one of the forms of GLM, Kimi, Mistral, `DeepSeek` and Llama.
pub(super) fn named_body(cursor: &mut Cursor<'_>, tools: &[&str]) -> Result<ToolCall, Miss> {
    let mut name = cursor.name();
    if name == "function" && cursor.take("<|tool_sep|>")? {
        cursor.skip_blank();
        if let Some(bytes) = starts_with_any(cursor.rest, &NAMED) {
            cursor.skip(bytes);
            return invoke_body(cursor);
        }
        name = cursor.name();
    }
    if meant_tool(name, tools).is_none() || cursor.rest.is_empty() {
        let may_grow = cursor.rest.is_empty() && may_become_name(name, tools);
        return Err(if may_grow { Miss::Unfinished } else { Miss::Other });
    }
    cursor.skip_blank();
    let mut id = "";
    if cursor.take("[CALL_ID]")? {
        cursor.skip_blank();
        id = cursor.name();
        cursor.skip_blank();
    }
    let _is_separated = cursor.take("[ARGS]")?
        || cursor.take("<|tool_sep|>")?
        || cursor.take("<tool_sep>")?
        || cursor.take("<|tool_call_argument_begin|>")?;
    cursor.skip_blank();
    if cursor.rest.is_empty() {
        return Err(Miss::Unfinished);
    }
    let is_fenced = skip_fence(cursor);
    let arguments = if cursor.rest.starts_with('{') {
        cursor.value()?
    } else if cursor.take("(")? {
        Value::Object(python::arguments(cursor, name)?)
    } else if cursor.take("<arg_key>")? {
        Value::Object(argument_pairs(cursor, "")?)
    } else if cursor.take("<longcat_arg_key>")? {
        Value::Object(argument_pairs(cursor, "longcat_")?)
    } else if starts_with_any(cursor.rest, &CLOSERS).is_some() {
        Value::Object(Map::new())
    } else {
        let is_begun = |mark: &str| compare(cursor.rest, mark) == Match::Begun;
        let may_close = CLOSERS.iter().any(|mark| is_begun(mark));
        return Err(if may_close { Miss::Unfinished } else { Miss::Other });
    };
    if is_fenced {
        cursor.skip_blank();
        cursor.skip_mark("```");
    }
    Ok(ToolCall { id: id.to_owned(), ..leaked(name, &arguments) })
}

/// `KEY</arg_key><arg_value>VALUE</arg_value>`, again and again, after `<arg_key>`; `family` stands before
/// the names of all tags.
fn argument_pairs(cursor: &mut Cursor<'_>, family: &str) -> Result<Map<String, Value>, Miss> {
    let mut arguments = Map::new();
    loop {
        let key = cursor.up_to(&format!("</{family}arg_key>"))?.trim().to_owned();
        cursor.skip_blank();
        if !cursor.take(&format!("<{family}arg_value>"))? {
            return Err(Miss::Other);
        }
        arguments.insert(key, scalar(cursor.up_to(&format!("</{family}arg_value>"))?));
        cursor.skip_blank();
        if !cursor.skip_mark(&format!("<{family}arg_key>")) {
            return Ok(arguments);
        }
    }
}

/// Reads a name that something follows.
fn named<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Miss> {
    let name = cursor.name();
    match (name.is_empty(), cursor.rest.is_empty()) {
        (_, true) => Err(Miss::Unfinished),
        (true, false) => Err(Miss::Other),
        (false, false) => Ok(name),
    }
}

/// Returns a call as it was written in a text.
pub(super) fn leaked(name: &str, arguments: &Value) -> ToolCall {
    let arguments = match arguments.as_str() {
        Some(text) => arguments_or_none(text),
        None => arguments_or_none(&arguments.to_string()),
    };
    ToolCall { name: name.to_owned(), arguments, ..ToolCall::default() }
}
