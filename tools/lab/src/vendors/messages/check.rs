//! Validates requests as Anthropic's API does.
//!
//! # Source
//! Claude Docs/Messages, Claude Docs/Implement tool use; the error texts are those that users report.
//! The service has joined turns that do not alternate since 2024; the lab still refuses them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ai::images;

use super::super::is_tool_name;

const FIELDS: [&str; 14] = [
    "model",
    "messages",
    "system",
    "max_tokens",
    "tools",
    "tool_choice",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "stream",
    "metadata",
    "thinking",
    "service_tier",
];

/// Checks a request.
///
/// # Errors
/// The text of the refusal.
pub(super) fn check(request: &Value) -> Result<(), String> {
    for name in request.as_object().into_iter().flatten().map(|(name, _)| name) {
        if !FIELDS.contains(&name.as_str()) {
            return Err(format!("{name}: Extra inputs are not permitted"));
        }
    }
    for name in ["model", "max_tokens", "messages"] {
        if request[name].is_null() {
            return Err(format!("{name}: Field required"));
        }
    }
    if request["max_tokens"].as_u64().is_none_or(|number| number == 0) {
        return Err("max_tokens: Input should be greater than or equal to 1".to_owned());
    }
    let temperature = &request["temperature"];
    let is_warm = |number: f64| (0.0..=1.0).contains(&number);
    if !temperature.is_null() && !temperature.as_f64().is_some_and(is_warm) {
        return Err("temperature: range: 0..1".to_owned());
    }
    check_system(&request["system"])?;
    let tools = check_tools(request)?;
    let messages = request["messages"].as_array().filter(|list| !list.is_empty());
    let messages = messages.ok_or("messages: at least one message is required")?;
    check_messages(messages, tools)
}

fn check_system(system: &Value) -> Result<(), String> {
    match system {
        Value::Null | Value::String(_) => Ok(()),
        Value::Array(blocks) => blocks.iter().try_for_each(|block| check_text("system", block)),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err("system: Input should be a valid string".to_owned())
        }
    }
}

fn check_text(place: &str, block: &Value) -> Result<(), String> {
    match block["text"].as_str() {
        Some(text) if block["type"] == "text" && !text.trim().is_empty() => Ok(()),
        Some(_) => Err(format!("{place}: text content blocks must be non-empty")),
        None => Err(format!("{place}.text.text: Field required")),
    }
}

/// Whether there are tools.
fn check_tools(request: &Value) -> Result<bool, String> {
    let choice = &request["tool_choice"];
    let tools = request["tools"].as_array().filter(|tools| !tools.is_empty());
    let Some(tools) = tools else {
        if choice.is_null() {
            return Ok(false);
        }
        return Err("tool_choice: may only be specified while providing tools".to_owned());
    };
    let mut names = BTreeSet::new();
    for (index, tool) in tools.iter().enumerate() {
        let place = format!("tools.{index}.custom");
        let name = tool["name"].as_str().unwrap_or_default();
        if !is_tool_name(name) {
            return Err(format!(
                "{place}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
            ));
        }
        if !names.insert(name) {
            return Err("tools: Tool names must be unique.".to_owned());
        }
        if tool["input_schema"]["type"] != "object" {
            return Err(format!("{place}.input_schema.type: Input should be 'object'"));
        }
        for field in tool.as_object().into_iter().flatten().map(|(field, _)| field.as_str()) {
            if !["name", "description", "input_schema", "type", "cache_control"].contains(&field) {
                return Err(format!("{place}.{field}: Extra inputs are not permitted"));
            }
        }
    }
    let kind = choice["type"].as_str().unwrap_or_default();
    if choice.is_null() || ["auto", "any", "tool", "none"].contains(&kind) {
        return Ok(true);
    }
    Err("tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'"
        .to_owned())
}

fn check_messages(messages: &[Value], has_tools: bool) -> Result<(), String> {
    let mut open: BTreeSet<&str> = BTreeSet::new();
    let mut last = "assistant";
    for (index, message) in messages.iter().enumerate() {
        let place = format!("messages.{index}");
        let role = message["role"].as_str().unwrap_or_default();
        match role {
            "system" => {
                return Err(
                    "messages: Unexpected role \"system\". The Messages API accepts a top-level \
                            `system` parameter, not \"system\" as an input message role."
                        .to_owned(),
                );
            }
            "user" | "assistant" => {}
            _ => return Err(format!("{place}.role: Input should be 'user' or 'assistant'")),
        }
        if role == last {
            return Err(if index == 0 {
                "messages: first message must use the \"user\" role".to_owned()
            } else {
                format!(
                    "messages: roles must alternate between \"user\" and \"assistant\", but found \
                     multiple \"{role}\" roles in a row"
                )
            });
        }
        let called = check_content(message, role, &place, &mut open)?;
        if !open.is_empty() {
            let ids: Vec<&str> = open.iter().copied().collect();
            return Err(format!(
                "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately \
                 after: {}. Each `tool_use` block must have a corresponding `tool_result` block in the \
                 next message.",
                index.saturating_sub(1),
                ids.join(", ")
            ));
        }
        if !called.is_empty() && !has_tools {
            return Err(
                "Requests which include `tool_use` or `tool_result` blocks must define tools."
                    .to_owned(),
            );
        }
        open = called;
        last = role;
    }
    if open.is_empty() { Ok(()) } else { Err("messages: ends with calls".to_owned()) }
}

fn check_image(place: &str, source: &Value) -> Result<(), String> {
    let text = |name: &str| source[name].as_str().unwrap_or_default();
    if source["type"] != "base64" {
        return Err(format!("{place}.image.source: the lab takes base64 only"));
    }
    let checked = images::check(text("media_type"), text("data"));
    checked.map_err(|what| format!("{place}.image.source: {what}"))
}

/// Checks a message's content, closes the calls that it answers, and returns those that it makes.
fn check_content<'a>(
    message: &'a Value,
    role: &str,
    place: &str,
    open: &mut BTreeSet<&str>,
) -> Result<BTreeSet<&'a str>, String> {
    let mut called = BTreeSet::new();
    let blocks = match &message["content"] {
        Value::String(text) if !text.trim().is_empty() => return Ok(called),
        Value::Array(blocks) if !blocks.is_empty() => blocks,
        Value::String(_) | Value::Array(_) => {
            return Err(format!(
                "{place}: all messages must have non-empty content except for the optional final \
                 assistant message"
            ));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            return Err(format!("{place}.content: Input should be a valid string"));
        }
    };
    let mut has_other = false;
    for (index, block) in blocks.iter().enumerate() {
        let place = format!("{place}.content.{index}");
        match (block["type"].as_str().unwrap_or_default(), role) {
            ("text", _) => {
                check_text(&place, block)?;
                has_other = true;
            }
            ("image", "user") => {
                check_image(&place, &block["source"])?;
                has_other = true;
            }
            ("tool_use", "assistant") => {
                called.insert(check_call(block, &place)?);
            }
            ("tool_result", "user") => {
                let id = block["tool_use_id"].as_str().unwrap_or_default();
                if !open.remove(id) {
                    return Err(format!(
                        "{place}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each \
                         `tool_result` block must have a corresponding `tool_use` block in the previous \
                         message."
                    ));
                }
                if has_other {
                    return Err(format!("{place}: `tool_result` blocks must come first"));
                }
                let content = &block["content"];
                if !(content.is_null() || content.is_string() || content.is_array()) {
                    return Err(format!(
                        "{place}.tool_result.content: Input should be a valid string"
                    ));
                }
            }
            ("thinking" | "redacted_thinking", "assistant") => {}
            (kind, _) => {
                return Err(format!(
                    "{place}: Input tag '{kind}' does not match any of the expected tags"
                ));
            }
        }
    }
    Ok(called)
}

fn check_call<'a>(block: &'a Value, place: &str) -> Result<&'a str, String> {
    let id = block["id"].as_str().unwrap_or_default();
    if !is_tool_name(id) {
        return Err(format!("{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"));
    }
    if !is_tool_name(block["name"].as_str().unwrap_or_default()) {
        return Err(format!("{place}.tool_use.name: Field required"));
    }
    if !block["input"].is_object() {
        return Err(format!("{place}.tool_use.input: Input should be a valid dictionary"));
    }
    Ok(id)
}
