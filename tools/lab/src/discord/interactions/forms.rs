//! Builds what Discord sends of a command in the menu of a message, and of a form that is sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::discord::message::Message;

/// A form's part with a label.
const LABEL: u64 = 18;
/// A field for text.
const TEXT_INPUT: u64 = 4;
/// Longest text of a field that says nothing else.
const LONGEST: u64 = 4000;

/// The data of a command in the menu of a message.
pub(super) fn on_message(data: &Value, command: &str, about: &Message) -> Value {
    let mut data = data.clone();
    data["name"] = json!(command);
    data["type"] = json!(3);
    data["target_id"] = json!(about.id);
    data["resolved"] = json!({ "messages": { about.id.as_str(): about.to_json() } });
    if let Some(fields) = data.as_object_mut() {
        fields.remove("options");
    }
    data
}

/// The data of a form that is sent with these values.
///
/// # Errors
/// A sentence: the client would not let it be sent.
pub(super) fn sent(form: &Value, values: &BTreeMap<String, String>) -> Result<Value, String> {
    let mut unknown = values.clone();
    let mut components = Vec::new();
    let parts = form["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (id, part) in (1..).step_by(2).zip(parts) {
        if part["type"] == LABEL {
            let input = filled(&part["component"], values, id + 1)?;
            components.push(json!({ "type": LABEL, "id": id, "component": input }));
        } else if let Some(inputs) = part["components"].as_array() {
            let inputs: Result<Vec<Value>, String> =
                inputs.iter().map(|input| filled(input, values, id + 1)).collect();
            components.push(json!({ "type": part["type"], "id": id, "components": inputs? }));
        }
        for input in [&part["component"], &part["components"][0]] {
            unknown.remove(input["custom_id"].as_str().unwrap_or_default());
        }
    }
    if let Some(name) = unknown.keys().next() {
        return Err(format!("the form has no field `{name}`"));
    }
    Ok(json!({ "custom_id": form["custom_id"], "components": components }))
}

fn filled(input: &Value, values: &BTreeMap<String, String>, id: u64) -> Result<Value, String> {
    if input["type"] != TEXT_INPUT {
        return Err("the lab fills fields for text only".to_owned());
    }
    let name = input["custom_id"].as_str().unwrap_or_default();
    let value = values.get(name).map(String::as_str).unwrap_or_default();
    let chars = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
    if chars == 0 && input["required"].as_bool().unwrap_or(true) {
        return Err(format!("the field `{name}` must not be empty"));
    }
    let (least, most) = (&input["min_length"], &input["max_length"]);
    let least = if chars == 0 { 0 } else { least.as_u64().unwrap_or(0) };
    if !(least..=most.as_u64().unwrap_or(LONGEST)).contains(&chars) {
        return Err(format!("the text in the field `{name}` has a wrong length"));
    }
    Ok(json!({ "type": TEXT_INPUT, "id": id, "custom_id": name, "value": value }))
}
