//! Validates requests as `OpenAI`'s API does, and as the vendors that have the same API do.
//!
//! # Source
//! `OpenAI` Docs/Chat Completions/Create; Groq Docs/`OpenAI` Compatibility (fields that are refused);
//! `DeepSeek` Docs/Create Chat Completion (contents are strings). The error
//! texts are those that users report.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ai::images;

use super::super::is_tool_name;
use super::super::table::Vendor;
use super::errors::InvalidRequest;

/// Fields of a request that every vendor knows.
const FIELDS: [&str; 20] = [
    "model",
    "messages",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "stop",
    "seed",
    "n",
    "stream",
    "stream_options",
    "response_format",
    "reasoning_effort",
    "user",
    "presence_penalty",
    "frequency_penalty",
    "service_tier",
];
/// Fields that only `OpenAI` knows.
const OPENAI_FIELDS: [&str; 9] = [
    "store",
    "metadata",
    "prompt_cache_key",
    "safety_identifier",
    "verbosity",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "modalities",
];

/// Checks a request; returns the reason of a refusal, and violations that are not refused.
pub(super) fn check(vendor: &Vendor, request: &Value) -> (Option<InvalidRequest>, Vec<String>) {
    let mut violations = Vec::new();
    (find(vendor, request, &mut violations).err(), violations)
}

fn find(
    vendor: &Vendor,
    request: &Value,
    violations: &mut Vec<String>,
) -> Result<(), InvalidRequest> {
    let Some(model) = request["model"].as_str() else {
        return Err(InvalidRequest::new("you must provide a model parameter").at("model"));
    };
    for name in request.as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        let is_known =
            FIELDS.contains(&name) || (vendor.name == "openai" && OPENAI_FIELDS.contains(&name));
        if !is_known && vendor.is_strict {
            let message = match vendor.name {
                "groq" => format!("property '{name}' is unsupported"),
                _ => format!("Unknown parameter: '{name}'."),
            };
            return Err(InvalidRequest::new(message).at(name).code("unknown_parameter"));
        }
        if !is_known {
            violations.push(format!("{} ignores `{name}`", vendor.name));
        }
    }
    check_numbers(vendor, model, request)?;
    check_tools(request)?;
    let messages = request["messages"].as_array().filter(|list| !list.is_empty());
    let messages = messages.ok_or_else(|| {
        let message = "Invalid 'messages': expected an array with minimum length 1.";
        InvalidRequest::new(message).at("messages").code("empty_array")
    })?;
    check_messages(vendor, messages)?;
    if request.get("stream").is_some_and(|stream| !stream.is_boolean()) {
        return Err(
            InvalidRequest::new("Invalid type for 'stream': expected a boolean.").at("stream")
        );
    }
    if !request["stream_options"].is_null() && request["stream"] != true {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(InvalidRequest::new(message).at("stream_options"));
    }
    if limit(request).is_none() {
        violations
            .push("no limit of tokens: the answer may be as long as the model likes".to_owned());
    }
    Ok(())
}

fn limit(request: &Value) -> Option<u64> {
    request["max_completion_tokens"].as_u64().or_else(|| request["max_tokens"].as_u64())
}

/// Whether it is a reasoning model, which has other parameters for limits and no temperature.
fn is_reasoning_model(vendor: &Vendor, model: &str) -> bool {
    let is_named = ["gpt-5", "o1", "o3", "o4"].iter().any(|name| model.starts_with(name));
    vendor.name == "openai" && is_named && !model.contains("chat")
}

fn check_numbers(vendor: &Vendor, model: &str, request: &Value) -> Result<(), InvalidRequest> {
    for name in ["max_tokens", "max_completion_tokens"] {
        let value = &request[name];
        if !value.is_null() && value.as_u64().is_none_or(|number| number == 0) {
            let message = format!("Invalid '{name}': expected an integer of 1 or more.");
            return Err(InvalidRequest::new(message).at(name).code("integer_below_min_value"));
        }
    }
    let temperature = &request["temperature"];
    let is_in_range = |number: f64| (0.0..=2.0).contains(&number);
    if !temperature.is_null() && !temperature.as_f64().is_some_and(is_in_range) {
        let message = "Invalid 'temperature': expected a number from 0 to 2.";
        return Err(InvalidRequest::new(message).at("temperature").code("decimal_above_max_value"));
    }
    if !is_reasoning_model(vendor, model) {
        return Ok(());
    }
    if !request["max_tokens"].is_null() {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                       'max_completion_tokens' instead.";
        return Err(InvalidRequest::new(message).at("max_tokens").code("unsupported_parameter"));
    }
    if temperature.as_f64().is_some_and(|number| (number - 1.0).abs() > f64::EPSILON) {
        let message = format!(
            "Unsupported value: 'temperature' does not support {temperature} with this model. Only \
             the default (1) value is supported."
        );
        return Err(InvalidRequest::new(message).at("temperature").code("unsupported_value"));
    }
    Ok(())
}

fn check_tools(request: &Value) -> Result<(), InvalidRequest> {
    let Some(tools) = request.get("tools") else {
        for name in ["tool_choice", "parallel_tool_calls"] {
            if !request[name].is_null() {
                let message = format!(
                    "Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
                );
                return Err(InvalidRequest::new(message).at(name));
            }
        }
        return Ok(());
    };
    let tools = tools.as_array().filter(|tools| !tools.is_empty());
    let Some(tools) = tools else {
        let message = "Invalid 'tools': empty array. Expected an array with minimum length 1, but got \
                       an empty array instead.";
        return Err(InvalidRequest::new(message).at("tools").code("empty_array"));
    };
    for (index, tool) in tools.iter().enumerate() {
        let place = format!("tools[{index}]");
        if tool["type"] != "function" {
            let message = format!("Missing required parameter: '{place}.type'.");
            return Err(InvalidRequest::new(message).at(place).code("missing_required_parameter"));
        }
        let function = &tool["function"];
        let name = function["name"].as_str().unwrap_or_default();
        if !is_tool_name(name) {
            let place = format!("{place}.function.name");
            let message = format!(
                "Invalid '{place}': string does not match pattern. Expected a string that matches the \
                 pattern '^[a-zA-Z0-9_-]+$'."
            );
            return Err(InvalidRequest::new(message).at(place).code("invalid_value"));
        }
        if let Some(parameters) = function.get("parameters") {
            check_schema(name, parameters, true).map_err(|why| {
                let message = format!("Invalid schema for function '{name}': {why}");
                InvalidRequest::new(message)
                    .at(format!("{place}.function.parameters"))
                    .code("invalid_function_parameters")
            })?;
        }
    }
    let choice = &request["tool_choice"];
    let is_choice = match choice.as_str() {
        Some(word) => ["none", "auto", "required"].contains(&word),
        None => choice.is_null() || choice["function"]["name"].is_string(),
    };
    if is_choice {
        return Ok(());
    }
    Err(InvalidRequest::new(format!("Invalid value: '{choice}'."))
        .at("tool_choice")
        .code("invalid_value"))
}

/// Checks the parts of a JSON Schema that tools use.
fn check_schema(name: &str, schema: &Value, is_top: bool) -> Result<(), String> {
    let kind = schema["type"].as_str();
    if is_top && kind != Some("object") {
        let given = kind.map_or_else(|| "None".to_owned(), str::to_owned);
        return Err(format!(
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{given}\"'."
        ));
    }
    if kind == Some("array") && !schema["items"].is_object() {
        return Err("In context=(), array schema missing items.".to_owned());
    }
    if kind == Some("object") && is_top && !schema["properties"].is_object() {
        return Err("object schema missing properties.".to_owned());
    }
    let properties = schema["properties"].as_object();
    for required in schema["required"].as_array().into_iter().flatten() {
        let is_there = required
            .as_str()
            .is_some_and(|key| properties.is_some_and(|properties| properties.contains_key(key)));
        if !is_there {
            return Err(format!("{required} is required and no property of `{name}`."));
        }
    }
    let inner = properties.into_iter().flatten().map(|(_, schema)| schema);
    inner.chain(schema.get("items")).try_for_each(|schema| check_schema(name, schema, false))
}

fn check_messages(vendor: &Vendor, messages: &[Value]) -> Result<(), InvalidRequest> {
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for (index, message) in messages.iter().enumerate() {
        let place = format!("messages.[{index}]");
        let role = message["role"].as_str().unwrap_or_default();
        let roles: &[&str] = match vendor.name {
            "openai" => &["system", "developer", "user", "assistant", "tool"],
            _ => &["system", "user", "assistant", "tool"],
        };
        if !roles.contains(&role) {
            let message = format!("Invalid value: '{role}'. Supported values are: {roles:?}.");
            return Err(InvalidRequest::new(message)
                .at(format!("{place}.role"))
                .code("invalid_value"));
        }
        check_fields(vendor, message, role, &place)?;
        check_content(vendor, message, role, &place)?;
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            if !open.remove(id) {
                let message = "Invalid parameter: messages with role 'tool' must be a response to a \
                               preceeding message with 'tool_calls'.";
                return Err(InvalidRequest::new(message).at(format!("{place}.role")));
            }
            continue;
        }
        unanswered(&open, &place)?;
        open = check_calls(message, role, &place)?;
    }
    unanswered(&open, "messages")
}

fn unanswered(open: &BTreeSet<&str>, place: &str) -> Result<(), InvalidRequest> {
    if open.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = open.iter().copied().collect();
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        ids.join(", ")
    );
    Err(InvalidRequest::new(message).at(place))
}

fn check_fields(
    vendor: &Vendor,
    message: &Value,
    role: &str,
    place: &str,
) -> Result<(), InvalidRequest> {
    let known: &[&str] = match role {
        "assistant" => &["role", "content", "tool_calls", "name", "refusal"],
        "tool" => &["role", "content", "tool_call_id", "name"],
        _ => &["role", "content", "name"],
    };
    for name in message.as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        // A vendor that returns the reasoning of a model also accepts it in later requests.
        let is_thought = vendor.name != "openai" && name.starts_with("reasoning");
        let is_refused = vendor.name == "groq" && name == "name" && role != "tool";
        if is_refused || !(known.contains(&name) || is_thought) {
            let message = match vendor.name {
                "groq" => format!("'{place}' : property '{name}' is unsupported"),
                _ => format!("Unknown parameter: '{place}.{name}'."),
            };
            return Err(InvalidRequest::new(message).at(place).code("unknown_parameter"));
        }
    }
    Ok(())
}

fn check_content(
    vendor: &Vendor,
    message: &Value,
    role: &str,
    place: &str,
) -> Result<(), InvalidRequest> {
    let content = &message["content"];
    let is_call = role == "assistant" && message["tool_calls"].is_array();
    let takes_parts = vendor.name != "deepseek" && (role == "user" || vendor.name == "openai");
    let is_part = |part: &Value| match part["type"].as_str() {
        Some("image_url") => {
            let url = part["image_url"]["url"].as_str().unwrap_or_default();
            images::check_url(url).is_ok()
        }
        kind => kind.is_some(),
    };
    let is_right = match content {
        Value::String(_) => true,
        Value::Array(parts) => takes_parts && !parts.is_empty() && parts.iter().all(is_part),
        Value::Null => is_call,
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    if is_right {
        return Ok(());
    }
    let message = "Invalid value for 'content': expected a string, got another type.";
    Err(InvalidRequest::new(message).at(format!("{place}.content")))
}

/// Ids of a message's tool calls.
fn check_calls<'a>(
    message: &'a Value,
    role: &str,
    place: &str,
) -> Result<BTreeSet<&'a str>, InvalidRequest> {
    let mut ids = BTreeSet::new();
    let Some(calls) = message.get("tool_calls") else { return Ok(ids) };
    let calls = calls.as_array().filter(|calls| !calls.is_empty() && role == "assistant");
    let Some(calls) = calls else {
        let message = format!("Invalid '{place}.tool_calls': empty array.");
        return Err(InvalidRequest::new(message)
            .at(format!("{place}.tool_calls"))
            .code("empty_array"));
    };
    for (index, call) in calls.iter().enumerate() {
        let place = format!("{place}.tool_calls[{index}]");
        let function = &call["function"];
        let is_right = call["type"] == "function"
            && is_tool_name(function["name"].as_str().unwrap_or_default())
            && function["arguments"].is_string();
        let id = call["id"].as_str().filter(|id| (1..=40).contains(&id.len()));
        match id {
            Some(id) if is_right && ids.insert(id) => {}
            _ => {
                let message = format!("Invalid '{place}': not {{id, type, function}}.");
                return Err(InvalidRequest::new(message).at(place).code("invalid_value"));
            }
        }
    }
    Ok(ids)
}
