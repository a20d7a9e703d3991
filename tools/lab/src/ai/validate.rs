//! Validates the arguments of `AI.run` as the service does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::gateway::GATEWAY_ID;
use super::images;

/// Checks the inputs of a text model; returns violations that the service does not refuse.
///
/// # Errors
/// The service's refusal, `{code}: {description}`.
pub(crate) fn check(model: &str, inputs: &Value) -> Result<Vec<String>, String> {
    if !(model.starts_with("@cf/") || model.starts_with("@hf/")) {
        return Err(format!("5007: No such model {model} or task"));
    }
    if !inputs.is_object() {
        return Err("5004: Invalid data: inputs must be an object".to_owned());
    }
    let mut violations = Vec::new();
    match inputs.get("messages") {
        None if inputs["prompt"].is_string() => {}
        None => return Err(unmet("required properties at '/' are 'messages'")),
        Some(messages) => {
            let list = messages.as_array().filter(|list| !list.is_empty());
            let list = list.ok_or_else(|| unmet("'/messages' must be a list that is not empty"))?;
            check_messages(model, list, &mut violations)?;
        }
    }
    for (index, tool) in inputs["tools"].as_array().into_iter().flatten().enumerate() {
        check_tool(tool).map_err(|what| unmet(&format!("'/tools/{index}': {what}")))?;
    }
    if inputs.get("tools").is_some_and(|tools| !tools.is_array()) {
        return Err(unmet("'/tools' must be a list"));
    }
    if let Some(choice) = inputs["tool_choice"].as_str()
        && !["auto", "none", "required"].contains(&choice)
    {
        return Err(format!("8001: Invalid input: tool_choice `{choice}`"));
    }
    match inputs.get("max_tokens").or_else(|| inputs.get("max_completion_tokens")) {
        None => violations.push("no `max_tokens`: the service stops at 256".to_owned()),
        Some(Value::Number(number)) if number.as_u64().is_some_and(|n| n > 0) => {}
        Some(other) => return Err(unmet(&format!("'/max_tokens' is {other}"))),
    }
    if inputs.get("stream").is_some_and(|stream| !stream.is_boolean()) {
        return Err(unmet("'/stream' must be a boolean"));
    }
    if inputs["stream"] == true && inputs["response_format"].is_object() {
        return Err("5023: JSON Mode is not supported with stream mode.".to_owned());
    }
    Ok(violations)
}

/// Checks the third argument of `AI.run`; returns notes.
///
/// # Errors
/// The service's refusal of an AI Gateway that it does not know.
pub(crate) fn check_options(
    options: &Value,
    violations: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    const KNOWN: [&str; 8] = [
        "gateway",
        "returnRawResponse",
        "prefix",
        "extraHeaders",
        "signal",
        "queueRequest",
        "tags",
        "rejectIfBusy",
    ];
    let mut notes = Vec::new();
    for (name, value) in options.as_object().into_iter().flatten() {
        if !KNOWN.contains(&name.as_str()) {
            violations.push(format!("the option `{name}` does nothing"));
        }
        if name == "rejectIfBusy" && !value.is_boolean() {
            violations.push("the option `rejectIfBusy` must be a boolean".to_owned());
        }
    }
    if !options["gateway"].is_null() {
        if options["gateway"]["id"] != GATEWAY_ID {
            return Err("2001: Please configure AI Gateway in the Cloudflare dashboard".to_owned());
        }
        notes.push(format!("through the AI Gateway {GATEWAY_ID}"));
    }
    Ok(notes)
}

fn unmet(what: &str) -> String {
    format!("5006: Error: oneOf at '/' not met, 0 matches: {what}")
}

fn check_messages(
    model: &str,
    messages: &[Value],
    violations: &mut Vec<String>,
) -> Result<(), String> {
    // Calls of the last assistant message that have no result yet.
    let mut open = BTreeSet::new();
    for (index, message) in messages.iter().enumerate() {
        let place = format!("/messages/{index}");
        let role = message["role"].as_str();
        let role = role.ok_or_else(|| unmet(&format!("'{place}/role' must be a string")))?;
        if role == "user" && images::sees(model) && message["content"].is_array() {
            check_parts(&message["content"])
                .map_err(|what| unmet(&format!("'{place}': {what}")))?;
        } else if !message["content"].is_string() {
            let kind = kind(&message["content"]);
            let what = format!("Type mismatch of '{place}/content', 'string' not in '{kind}'");
            return Err(unmet(&what));
        }
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            if !open.remove(id) {
                let what = format!("'{place}': no open tool call `{id}` before this result");
                return Err(unmet(&what));
            }
            continue;
        }
        if !open.is_empty() {
            violations.push(format!("{place}: tool calls before it have no result: {open:?}"));
        }
        open = calls(message, &place)?;
    }
    Ok(())
}

/// Checks the parts of a message to a model that sees: texts, and images as data.
fn check_parts(parts: &Value) -> Result<(), String> {
    for part in parts.as_array().into_iter().flatten() {
        match part["type"].as_str() {
            Some("text") if part["text"].is_string() => {}
            Some("image_url") => {
                images::check_url(part["image_url"]["url"].as_str().unwrap_or_default())?;
            }
            _ => return Err("a part is neither text nor an image".to_owned()),
        }
    }
    Ok(())
}

/// Ids of a message's tool calls, which must have the shape of `OpenAI`'s API.
fn calls(message: &Value, place: &str) -> Result<BTreeSet<String>, String> {
    let mut ids = BTreeSet::new();
    for (index, call) in message["tool_calls"].as_array().into_iter().flatten().enumerate() {
        let place = format!("{place}/tool_calls/{index}");
        let function = &call["function"];
        if call["type"] != "function" || !function["name"].is_string() {
            return Err(unmet(&format!("'{place}' is not {{id, type, function}}")));
        }
        if !function["arguments"].is_string() {
            return Err(unmet(&format!("'{place}/function/arguments' must be a string")));
        }
        let id = call["id"].as_str().filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| unmet(&format!("'{place}/id' must be a string")))?;
        if !ids.insert(id.to_owned()) {
            return Err(unmet(&format!("'{place}/id' is used twice")));
        }
    }
    Ok(ids)
}

fn check_tool(tool: &Value) -> Result<(), String> {
    let tool = if tool["type"] == "function" { &tool["function"] } else { tool };
    if tool["name"].as_str().is_none_or(str::is_empty) {
        return Err("`name` must be a string".to_owned());
    }
    if !tool["description"].is_string() {
        return Err("`description` must be a string".to_owned());
    }
    let parameters = &tool["parameters"];
    let properties = parameters["properties"].as_object();
    let (Some(properties), true) = (properties, parameters["type"] == "object") else {
        return Err("`parameters` must be {type: \"object\", properties}".to_owned());
    };
    for (name, property) in properties {
        if !property["type"].is_string() || !property["description"].is_string() {
            return Err(format!("property `{name}` needs `type` and `description`"));
        }
    }
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{GATEWAY_ID, check, check_options};

    fn ask(content: &Value) -> Value {
        json!({ "messages": [{ "role": "user", "content": content }], "max_tokens": 9 })
    }

    fn refusal(inputs: &Value) -> String {
        check("@cf/a/b", inputs).unwrap_err().chars().take(4).collect()
    }

    #[test]
    fn takes_plain_text_and_a_round_of_tools() {
        assert_eq!(check("@cf/a/b", &ask(&json!("hi"))), Ok(vec![]));
        let call = json!({ "id": "1", "type": "function", "function": { "name": "t", "arguments": "{}" } });
        let round = json!({ "max_tokens": 9, "messages": [
            { "role": "user", "content": "hi" },
            { "role": "assistant", "content": "", "tool_calls": [call] },
            { "role": "tool", "tool_call_id": "1", "name": "t", "content": "12:00" },
        ] });
        assert_eq!(check("@hf/a/b", &round), Ok(vec![]));
    }

    #[test]
    fn refuses_what_the_service_refuses() {
        assert!(check("gpt-4o", &ask(&json!("hi"))).unwrap_err().starts_with("5007"));
        for inputs in [
            json!({ "max_tokens": 9 }),
            json!({ "messages": [], "max_tokens": 9 }),
            ask(&Value::Null),
            ask(&json!([{ "type": "text", "text": "hi" }])),
            ask(
                &json!([{ "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } }]),
            ),
            json!({ "max_tokens": 9, "messages": [{ "role": "tool", "tool_call_id": "1", "content": "" }] }),
            json!({ "max_tokens": 9, "messages": [{ "role": "assistant", "content": "", "tool_calls": [{ "name": "t", "arguments": {} }] }] }),
            json!({ "max_tokens": 0, "messages": [{ "role": "user", "content": "" }] }),
        ] {
            assert_eq!(refusal(&inputs), "5006", "{inputs}");
        }
        let mut any = ask(&json!("hi"));
        any["tool_choice"] = json!("any");
        assert_eq!(refusal(&any), "8001");
    }

    #[test]
    fn only_a_model_that_sees_takes_images_and_only_as_data() {
        let image = |url: &str| {
            ask(
                &json!([{ "type": "text", "text": "hi" }, { "type": "image_url", "image_url": { "url": url } }]),
            )
        };
        let seeing = "@cf/meta/llama-4-scout-17b-16e-instruct";
        assert_eq!(check(seeing, &image("data:image/png;base64,iVBORw0KGgo=")), Ok(vec![]));
        assert!(check(seeing, &image("https://cdn.example/a.png")).is_err());
        assert!(check("@cf/a/b", &image("data:image/png;base64,iVBORw0KGgo=")).is_err());
    }

    #[test]
    fn takes_both_forms_of_tools_and_wants_every_property_described() {
        let flat = |property: Value| {
            json!({ "name": "t", "description": "d",
                "parameters": { "type": "object", "properties": { "zone": property } } })
        };
        let good = flat(json!({ "type": "string", "description": "zone" }));
        let mut inputs = ask(&json!("hi"));
        inputs["tools"] = json!([good, { "type": "function", "function": good }]);
        assert_eq!(check("@cf/a/b", &inputs), Ok(vec![]));
        inputs["tools"] = json!([flat(json!({ "type": "string" }))]);
        assert_eq!(refusal(&inputs), "5006");
        // A JavaScript `Map` that was not converted to an object arrives like this.
        inputs["tools"] = json!([{ "name": "t", "description": "d", "parameters": {} }]);
        assert_eq!(refusal(&inputs), "5006");
    }

    #[test]
    fn blames_what_passes_to_the_callers_loss() {
        let inputs = json!({ "messages": [{ "role": "user", "content": "hi" }] });
        assert_eq!(check("@cf/a/b", &inputs).unwrap().len(), 1);
        let mut violations = Vec::new();
        let gateway = json!({ "id": GATEWAY_ID });
        let options = json!({ "rejectIfBusy": 1, "surprise": true, "gateway": gateway });
        assert_eq!(check_options(&options, &mut violations).unwrap().len(), 1);
        assert_eq!(violations.len(), 2);
        let unknown = check_options(&json!({ "gateway": { "id": "x" } }), &mut violations);
        assert!(unknown.unwrap_err().starts_with("2001"));
    }
}
