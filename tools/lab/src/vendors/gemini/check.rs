//! Validates requests as Gemini's API does.
//!
//! # Source
//! Gemini API Docs/Generating content (fields), Function calling, Thought signatures;
//! google-gemini/gemini-cli#17208 and #26486 (the texts about turns).

use serde_json::Value;

use crate::ai::images;

use super::super::is_tool_name;
use super::{either, render};

const FIELDS: [&str; 11] = [
    "contents",
    "systemInstruction",
    "system_instruction",
    "tools",
    "toolConfig",
    "tool_config",
    "generationConfig",
    "generation_config",
    "safetySettings",
    "cachedContent",
    "model",
];
const GENERATION: [&str; 12] = [
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "candidateCount",
    "stopSequences",
    "seed",
    "responseMimeType",
    "responseSchema",
    "presencePenalty",
    "frequencyPenalty",
    "thinkingConfig",
];
/// The fields of JSON Schema that Gemini knows.
const SCHEMA: [&str; 20] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "anyOf",
    "propertyOrdering",
    "items",
    "minimum",
    "maximum",
];

/// Checks a request.
///
/// # Errors
/// The text of the refusal.
pub(super) fn check(model: &str, request: &Value) -> Result<(), String> {
    known(request, "", &FIELDS)?;
    let config = either(request, "generationConfig", "generation_config");
    known(config, " at 'generation_config'", &GENERATION)?;
    let system = either(request, "systemInstruction", "system_instruction");
    if !system.is_null() && !system["parts"][0]["text"].is_string() {
        return Err("Invalid value at 'system_instruction': it has no text".to_owned());
    }
    let tools = request["tools"].as_array().into_iter().flatten();
    for (index, tool) in tools.enumerate() {
        let list = either(tool, "functionDeclarations", "function_declarations").as_array();
        let Some(list) = list.filter(|list| !list.is_empty()) else {
            return Err(format!(
                "* GenerateContentRequest.tools[{index}].tool_type: required one_of \
                                'tool_type' must have one initialized field"
            ));
        };
        for (number, function) in list.iter().enumerate() {
            check_function(function, &format!("tools[{index}].function_declarations[{number}]"))?;
        }
    }
    let choice = either(request, "toolConfig", "tool_config");
    let mode = &either(choice, "functionCallingConfig", "function_calling_config")["mode"];
    if !mode.is_null() && !["AUTO", "ANY", "NONE"].iter().any(|known| mode == known) {
        return Err(format!("Invalid value at 'tool_config.function_calling_config.mode': {mode}"));
    }
    let contents = request["contents"].as_array().filter(|contents| !contents.is_empty());
    let contents =
        contents.ok_or("* GenerateContentRequest.contents: contents is not specified\n")?;
    check_contents(model, contents)
}

fn known(value: &Value, place: &str, names: &[&str]) -> Result<(), String> {
    let unknown = value.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    match unknown.into_iter().find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
        )),
    }
}

fn check_function(function: &Value, place: &str) -> Result<(), String> {
    known(function, &format!(" at '{place}'"), &["name", "description", "parameters"])?;
    if !is_tool_name(function["name"].as_str().unwrap_or_default()) {
        return Err(format!("* GenerateContentRequest.{place}.name: Invalid function name."));
    }
    let Some(parameters) = function.get("parameters") else { return Ok(()) };
    let is_object =
        parameters["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("object"));
    if !is_object {
        return Err(format!("* GenerateContentRequest.{place}.parameters.type: should be OBJECT"));
    }
    check_schema(parameters, &format!("{place}.parameters"))
}

fn check_schema(schema: &Value, place: &str) -> Result<(), String> {
    known(schema, &format!(" at '{place}'"), &SCHEMA)?;
    let kind = schema["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let properties = schema["properties"].as_object();
    if kind == "object" && properties.is_none_or(serde_json::Map::is_empty) {
        return Err(format!(
            "* GenerateContentRequest.{place}.properties: should be non-empty for OBJECT type\n"
        ));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !properties.is_some_and(|properties| properties.contains_key(required)) {
            return Err(format!(
                "* GenerateContentRequest.{place}.required[0]: property is not defined\n"
            ));
        }
    }
    for (name, inner) in properties.into_iter().flatten() {
        check_schema(inner, &format!("{place}.properties[{name}]"))?;
    }
    match schema.get("items") {
        Some(items) => check_schema(items, &format!("{place}.items")),
        None if kind == "array" => {
            Err(format!("* GenerateContentRequest.{place}.items: missing field.\n"))
        }
        None => Ok(()),
    }
}

fn check_contents(model: &str, contents: &[Value]) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut last = "";
    for (index, content) in contents.iter().enumerate() {
        let role = content["role"].as_str().unwrap_or("user");
        if !["user", "model"].contains(&role) {
            return Err("Please use a valid role: user, model.".to_owned());
        }
        let parts = content["parts"].as_array().filter(|parts| !parts.is_empty());
        let parts = parts.ok_or_else(|| {
            format!("* GenerateContentRequest.contents[{index}].parts: contents.parts must not be empty.")
        })?;
        let (mut calls, mut answers) = (Vec::new(), Vec::new());
        for (number, part) in parts.iter().enumerate() {
            let place = format!("contents[{index}].parts[{number}]");
            check_part(part, &place)?;
            calls.extend(part["functionCall"]["name"].as_str());
            answers.extend(part["functionResponse"]["name"].as_str());
        }
        if !calls.is_empty() && (role != "model" || last != "user") {
            return Err(
                "Please ensure that function call turn comes immediately after a user turn or \
                        after a function response turn."
                    .to_owned(),
            );
        }
        if !answers.is_empty() && open.is_empty() {
            return Err(
                "Please ensure that function response turn comes immediately after a function \
                        call turn."
                    .to_owned(),
            );
        }
        if answers != open {
            return Err(
                "Please ensure that the number of function response parts is equal to the \
                        number of function call parts of the function call turn."
                    .to_owned(),
            );
        }
        let first = parts.iter().find(|part| part["functionCall"].is_object());
        let is_signed = |part: &Value| part["thoughtSignature"] == render::SIGNATURE;
        if model.starts_with("gemini-3") && first.is_some_and(|part| !is_signed(part)) {
            return Err(format!(
                "Function call is missing a thought_signature in functionCall parts. This is required \
                 for tools to work correctly, and missing thought_signature may lead to degraded model \
                 performance. Additional data, function call `default_api:{}`, position {index}.",
                calls.first().copied().unwrap_or_default()
            ));
        }
        open = calls;
        last = role;
    }
    if open.is_empty() { Ok(()) } else { Err("Please ensure that calls are answered.".to_owned()) }
}

fn check_part(part: &Value, place: &str) -> Result<(), String> {
    let names =
        ["text", "inlineData", "thought", "thoughtSignature", "functionCall", "functionResponse"];
    known(part, &format!(" at '{place}'"), &names)?;
    let kinds = [
        part["text"].is_string(),
        part["inlineData"].is_object(),
        part["functionCall"].is_object(),
        part["functionResponse"].is_object(),
    ];
    if kinds.iter().filter(|is_one| **is_one).count() != 1 {
        return Err(format!(
            "* GenerateContentRequest.{place}.data: required oneof field 'data' must \
                            have one initialized field\n"
        ));
    }
    let data = &part["inlineData"];
    if data.is_object() {
        let text = |name: &str| data[name].as_str().unwrap_or_default();
        images::check(text("mimeType"), text("data"))
            .map_err(|what| format!("Invalid value at '{place}.inline_data': {what}"))?;
    }
    let (call, answer) = (&part["functionCall"], &part["functionResponse"]);
    known(call, &format!(" at '{place}.function_call'"), &["id", "name", "args"])?;
    known(answer, &format!(" at '{place}.function_response'"), &["id", "name", "response"])?;
    if !(call["args"].is_null() || call["args"].is_object()) {
        return Err(format!(
            "Invalid value at '{place}.function_call.args' \
                            (type.googleapis.com/google.protobuf.Struct), {}",
            call["args"]
        ));
    }
    if answer.is_object() && !answer["response"].is_object() {
        return Err(format!(
            "Invalid value at '{place}.function_response.response' \
                            (type.googleapis.com/google.protobuf.Struct), {}",
            answer["response"]
        ));
    }
    Ok(())
}
