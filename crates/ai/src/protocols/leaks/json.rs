//! Tool calls as JSON.

use serde_json::Value;

use super::calls::leaked;
use super::names::meant_tool;
use crate::ToolCall;

/// Names of the field with a tool's name, in the JSON of a call.
const NAME_FIELDS: [&str; 5] = ["name", "tool_name", "function_name", "tool", "action"];

/// Names of the field with the arguments.
const ARGUMENT_FIELDS: [&str; 6] =
    ["arguments", "parameters", "args", "input", "kwargs", "action_input"];

/// Names of the field with the calls, where a model writes the message that a server would make of it.
const CALLS_FIELDS: [&str; 3] = ["tool_calls", "tool_call", "function_call"];

/// Returns the calls that a value is: one, or a list of them.
pub(super) fn json_calls(value: &Value) -> Option<Vec<ToolCall>> {
    let value = CALLS_FIELDS.iter().find_map(|field| value.get(field)).unwrap_or(value);
    let items = value.as_array().map_or(core::slice::from_ref(value), Vec::as_slice);
    let calls: Option<Vec<_>> = items.iter().map(json_call).collect();
    calls.filter(|calls| !calls.is_empty())
}

/// Returns the calls that a value is behind a mark that says that it is one: there, the arguments may be
/// missing, and the name may be the only key.
pub(super) fn marked_calls(value: &Value, tools: &[&str]) -> Option<Vec<ToolCall>> {
    json_calls(value).or_else(|| {
        let items = value.as_array().map_or(core::slice::from_ref(value), Vec::as_slice);
        let calls: Option<Vec<_>> = items.iter().map(|item| short_call(item, tools)).collect();
        calls.filter(|calls| !calls.is_empty())
    })
}

/// A call object has a name and says its arguments, be they empty.
fn json_call(value: &Value) -> Option<ToolCall> {
    let function = value.get("function").filter(|function| function.is_object()).unwrap_or(value);
    let field = |names: &[&str]| names.iter().find_map(|name| function.get(name));
    let arguments = field(&ARGUMENT_FIELDS).filter(|arguments| !is_schema(arguments))?;
    let name = field(&NAME_FIELDS).or_else(|| function.get("function"))?.as_str()?.trim();
    let id = value.get("id").or_else(|| value.get("tool_call_id"));
    let id = id.and_then(Value::as_str).unwrap_or_default().to_owned();
    (!name.is_empty()).then(|| ToolCall { id, ..leaked(name, arguments) })
}

/// `{"name": NAME}`, or `{NAME: {…}}` as Apertus writes it.
fn short_call(value: &Value, tools: &[&str]) -> Option<ToolCall> {
    let fields = value.as_object()?;
    if let Some(name) = fields.get("name").and_then(Value::as_str) {
        let is_short = fields.keys().all(|key| matches!(key.as_str(), "name" | "id" | "type"));
        return is_short.then(|| leaked(name, &Value::Null));
    }
    let (name, arguments) = fields.iter().next().filter(|_| fields.len() == 1)?;
    let is_call = meant_tool(name, tools).is_some() && arguments.is_object();
    is_call.then(|| leaked(name, arguments))
}

/// Returns whether arguments are the schema of some: then a tool is described and not called.
fn is_schema(arguments: &Value) -> bool {
    arguments.get("type").and_then(Value::as_str) == Some("object")
        && arguments.get("properties").is_some_and(Value::is_object)
}
