//! Texts that are nothing but calls, without any mark: bare JSON, a call of Python, or a name and JSON.

use serde_json::{Map, Value};

use super::calls::{self, checked, leaked};
use super::json::json_calls;
use super::literal::{Cursor, Miss};
use super::matching::{Match, compare, may_become_mark};
use super::names::{may_become_name, meant_tool};
use super::scan::Extent;
use super::{python, tokens};
use crate::ToolCall;
use crate::tools::Tool;

/// Words before a call, by which Phi 4 mini, the first Command R, Functionary and `GigaChat` begin it.
const LEADS: [&str; 5] = ["functools", "Action:", "action:", ">>>", "function call<|role_sep|>"];

/// Returns the calls that a whole text is, `None` if it is none.
pub(super) fn calls(text: &str, tools: &[&str]) -> Option<Vec<ToolCall>> {
    let text = LEADS.iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(text).trim();
    let plain = unfenced(text);
    let calls = if plain.starts_with(['{', '[']) {
        json_row(plain).or_else(|| flat_call(plain, tools)).or_else(|| python_list(plain))
    } else {
        named_call(text, tools)
    };
    checked(calls?, tools)
}

/// The text inside a code block that is all of it.
fn unfenced(text: &str) -> &str {
    let inside = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    inside.and_then(|inside| inside.strip_suffix("```")).map_or(text, str::trim)
}

/// One call, an array of calls, or several in a row.
fn json_row(text: &str) -> Option<Vec<ToolCall>> {
    let mut found = Vec::new();
    let mut cursor = Cursor { rest: text };
    while !cursor.rest.is_empty() {
        found.extend(json_calls(&cursor.value().ok()?)?);
        calls::skip_closers(&mut cursor);
        cursor.rest = cursor.rest.trim_start_matches(separates);
    }
    Some(found)
}

fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, ';' | ',')
}

/// `{"name": NAME, "x": 1}`: the arguments beside the name, as gpt-oss leaks them. Only for an
/// offered name and its parameters, since much JSON has a `name`.
fn flat_call(text: &str, tools: &[&str]) -> Option<Vec<ToolCall>> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    let name = fields.get("name")?.as_str()?.to_owned();
    let has_own = fields.contains_key("arguments") || fields.contains_key("parameters");
    fields.remove("name");
    fields.remove("type");
    let meant = meant_tool(&name, tools)?;
    let known = Tool::parse(meant).map(Tool::parameters).unwrap_or_default();
    let is_known = |key: &String| known.is_empty() || known.iter().any(|it| it.name == key);
    let is_flat = !fields.is_empty() && !has_own && fields.keys().all(is_known);
    is_flat.then(|| vec![leaked(&name, &Value::Object(fields))])
}

fn python_list(text: &str) -> Option<Vec<ToolCall>> {
    let mut cursor = Cursor { rest: text };
    let calls = python::list(&mut cursor).ok()?;
    cursor.rest.trim().is_empty().then_some(calls)
}

/// A name and then its arguments, in any of the forms behind a mark whose mark was dropped.
fn named_call(text: &str, tools: &[&str]) -> Option<Vec<ToolCall>> {
    let mut cursor = Cursor { rest: text };
    let call = calls::named_body(&mut cursor, tools).ok()?;
    calls::skip_closers(&mut cursor);
    cursor.rest.trim().is_empty().then(|| vec![call])
}

/// Fields of an object that may be a call.
const FIELDS: [&str; 8] = [
    "\"name\"",
    "\"type\"",
    "\"function\"",
    "\"tool_name\"",
    "\"function_name\"",
    "\"tool_calls\"",
    "\"arguments\"",
    "\"parameters\"",
];

/// Returns whether JSON or a list of Python begins here that may be a call.
pub(super) fn begins_call(rest: &str, extent: Extent, tools: &[&str]) -> bool {
    let list = rest.strip_prefix('[').map(str::trim_start);
    if list == Some("") {
        return extent == Extent::Begun;
    }
    let first = list.unwrap_or(rest);
    if let Some(inner) = first.strip_prefix('{') {
        let inner = inner.trim_start();
        return FIELDS.into_iter().any(|field| match compare(inner, field) {
            Match::Whole(_) => true,
            Match::Begun => extent == Extent::Begun,
            Match::Other => false,
        });
    }
    let mut cursor = Cursor { rest: first };
    let name = cursor.name();
    let is_cut = cursor.rest.is_empty();
    cursor.rest.starts_with('(') && meant_tool(name, tools).is_some()
        || extent == Extent::Begun && is_cut && may_become_name(name, tools)
}

/// Returns whether a text that is not at its end may become a row of calls and nothing else.
pub(super) fn may_be_row(text: &str, tools: &[&str]) -> bool {
    let mut cursor = Cursor { rest: text };
    loop {
        let mut list = cursor;
        let read = match cursor.value() {
            Ok(value) => json_calls(&value).ok_or(Miss::Other),
            Err(miss) => python::list(&mut list)
                .inspect(|_| cursor = list)
                .map_err(|other| if miss == Miss::Unfinished { miss } else { other }),
        };
        match read.map(|calls| checked(calls, tools)) {
            Err(miss) => return miss == Miss::Unfinished,
            Ok(None) => return false,
            Ok(Some(_)) => {}
        }
        cursor.rest = cursor.rest.trim_start_matches(separates);
        if !cursor.rest.starts_with(['{', '[']) {
            return may_become_mark(cursor.rest) || tokens::are_all(cursor.rest);
        }
    }
}

/// Returns whether a text that is not at its end may become such a call.
pub(super) fn may_become_call(text: &str, tools: &[&str]) -> bool {
    let may_go_on = |rest: &str| {
        let first = rest.trim_start().chars().next();
        matches!(first, None | Some('{' | '[' | '`' | '<' | '('))
    };
    let is_begun_name = |rest: &str| {
        let mut cursor = Cursor { rest: rest.trim_start() };
        let name = cursor.name();
        (cursor.rest.is_empty() || may_go_on(cursor.rest)) && may_become_name(name, tools)
    };
    let is_lead = |lead: &str| {
        let is_call = |rest: &str| may_go_on(rest) || is_begun_name(rest);
        lead.starts_with(text) || text.strip_prefix(lead).is_some_and(is_call)
    };
    let mut cursor = Cursor { rest: text };
    let name = cursor.name();
    let bare = name.strip_prefix("functions.").unwrap_or(name);
    let is_named = if meant_tool(name, tools).is_some() {
        let rest = cursor.rest.trim_start();
        rest.is_empty() || "```json".starts_with(rest) || may_be_named_call(text, tools)
    } else {
        let is_begun = |whole: &str| whole.starts_with(bare) || "functions.".starts_with(name);
        cursor.rest.is_empty() && tools.iter().any(|tool| is_begun(tool))
            || "function<|tool_sep|>".starts_with(text)
            || compare(text, "function<|tool_sep|>") != Match::Other
    };
    LEADS.iter().any(|lead| is_lead(lead)) || is_named
}

/// Returns whether a text that is not at its end may become a name with its arguments and nothing else.
fn may_be_named_call(text: &str, tools: &[&str]) -> bool {
    let mut cursor = Cursor { rest: text };
    match calls::named_body(&mut cursor, tools) {
        Ok(_) => {
            calls::skip_closers(&mut cursor);
            tokens::are_all(cursor.rest) || may_become_mark(cursor.rest.trim_start())
        }
        Err(miss) => miss == Miss::Unfinished,
    }
}
