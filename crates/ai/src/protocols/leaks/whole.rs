//! Texts that are nothing but calls, without any mark: bare JSON, a call of Python, or a name and JSON.

use serde_json::{Map, Value};

use super::calls::{checked, json_calls, leaked};
use super::literal::Cursor;
use super::names::meant_tool;
use super::python;
use crate::ToolCall;

/// Words before the JSON of a call, by which Phi 4 mini and the first Command R begin it.
const LEADS: [&str; 3] = ["functools", "Action:", "action:"];

/// Returns the calls that a whole text is, `None` if it is none.
pub(super) fn calls(text: &str, tools: &[&str]) -> Option<Vec<ToolCall>> {
    let text = LEADS.iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(text).trim();
    let plain = unfenced(text);
    let calls = if plain.starts_with(['{', '[']) {
        json_row(plain).or_else(|| flat_call(plain, tools)).or_else(|| python_list(plain))
    } else {
        named_body(text, tools)
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
    let mut calls = Vec::new();
    let mut cursor = Cursor { rest: text };
    while !cursor.rest.is_empty() {
        calls.extend(json_calls(&cursor.value().ok()?)?);
        cursor.rest =
            cursor.rest.trim_start_matches(|c: char| c.is_whitespace() || ";,".contains(c));
    }
    Some(calls)
}

/// `{"name": NAME, "x": 1}`: the arguments beside the name, as gpt-oss leaks them. Only for an
/// offered name, since much JSON has a `name`.
fn flat_call(text: &str, tools: &[&str]) -> Option<Vec<ToolCall>> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    let name = fields.get("name")?.as_str()?.to_owned();
    let has_own = fields.contains_key("arguments") || fields.contains_key("parameters");
    fields.remove("name");
    fields.remove("type");
    let is_flat = !fields.is_empty() && !has_own && meant_tool(&name, tools).is_some();
    is_flat.then(|| vec![leaked(&name, &Value::Object(fields))])
}

fn python_list(text: &str) -> Option<Vec<ToolCall>> {
    let mut cursor = Cursor { rest: text };
    let calls = python::list(&mut cursor).ok()?;
    cursor.rest.trim().is_empty().then_some(calls)
}

/// `NAME{json}</function>`, and `NAME` and then `{json}` in a line of its own, as GLM 4 writes it.
fn named_body(text: &str, tools: &[&str]) -> Option<Vec<ToolCall>> {
    let mut cursor = Cursor { rest: text };
    let name = cursor.name();
    meant_tool(name, tools)?;
    cursor.skip_blank();
    if !cursor.rest.starts_with('{') {
        return None;
    }
    let arguments = cursor.value().ok()?;
    let rest = cursor.rest.trim();
    let is_all = rest.is_empty() || rest == "</function>";
    is_all.then(|| vec![leaked(name, &arguments)])
}

/// Returns whether a text that is not at its end may become such a call.
pub(super) fn may_become_call(text: &str, tools: &[&str]) -> bool {
    let may_go_on =
        |rest: &str| matches!(rest.trim_start().chars().next(), None | Some('{' | '[' | '`'));
    let is_lead =
        |lead: &str| lead.starts_with(text) || text.strip_prefix(lead).is_some_and(may_go_on);
    let mut cursor = Cursor { rest: text };
    let name = cursor.name();
    let bare = name.strip_prefix("functions.").unwrap_or(name);
    let is_named = if meant_tool(name, tools).is_some() {
        may_go_on(cursor.rest)
    } else {
        let is_begun = |whole: &str| whole.starts_with(bare) || "functions.".starts_with(name);
        cursor.rest.is_empty() && tools.iter().any(|tool| is_begun(tool))
    };
    LEADS.iter().any(|lead| is_lead(lead)) || is_named
}
