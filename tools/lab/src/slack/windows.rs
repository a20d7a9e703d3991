//! Windows with a form: `views.open`, and what comes of sending one.

use serde_json::{Value, json};

use super::blocks::count;
use super::deliveries::Kind;
use super::errors;
use super::interactions::{Form, Scene, payload};
use super::order::Submit;
use super::params::Params;
use super::state::State;
use super::world::{APP_ID, BOT_ID, TEAM_ID};
use crate::attempt::Attempt;
use crate::clock;
use crate::http::Reply;

/// How long a `trigger_id` opens a window.
const TRIGGER_MS: u64 = 3_000;
const MAX_TITLE: usize = 24;
const MAX_LABEL: usize = 2_000;
const MAX_HINT: usize = 150;
const MAX_METADATA: usize = 3_000;
const MAX_INPUT: u64 = 3_000;

/// `views.open`.
pub(super) fn open(state: &mut State, params: &Params) -> Result<Reply, Reply> {
    if !params.value("interactivity_pointer").is_null() {
        return Err(errors::stricter("`interactivity_pointer` is not emulated"));
    }
    let id = params.text("trigger_id").unwrap_or_default();
    let Some(trigger) = state.triggers.get_mut(id) else {
        return Err(errors::mistake("invalid_trigger_id"));
    };
    if trigger.is_used {
        return Err(errors::mistake("exchanged_trigger_id"));
    }
    if trigger.at_ms + TRIGGER_MS < clock::now_ms() {
        return Err(errors::refuse("expired_trigger_id"));
    }
    let view = params.value("view");
    let found = wrong(view);
    if !found.is_empty() {
        return Err(errors::detailed("invalid_arguments", &found));
    }
    trigger.is_used = true;
    let person = trigger.person;
    let number = state.next_number();
    let mut shown = view.clone();
    for (name, value) in [
        ("id", json!(format!("V{number:010}"))),
        ("team_id", json!(TEAM_ID)),
        ("app_id", json!(APP_ID)),
        ("bot_id", json!(BOT_ID)),
        ("hash", json!(format!("{number}.lab"))),
        ("state", json!({ "values": {} })),
    ] {
        shown[name] = value;
    }
    state.windows.insert(person, shown.clone());
    Ok(errors::ok(json!({ "view": shown })))
}

/// What is wrong with a window, in sentences.
fn wrong(view: &Value) -> Vec<String> {
    let mut found = Vec::new();
    fields(
        view,
        "/view",
        &["type", "title", "blocks", "submit", "close", "private_metadata", "callback_id"],
        &mut found,
    );
    if view["type"] != "modal" {
        found.push("must be a modal [json-pointer:/view/type]".to_owned());
    }
    plain(&view["title"], "/view/title", MAX_TITLE, &mut found);
    plain(&view["submit"], "/view/submit", MAX_TITLE, &mut found);
    if !view["close"].is_null() {
        plain(&view["close"], "/view/close", MAX_TITLE, &mut found);
    }
    for (name, most) in [("private_metadata", MAX_METADATA), ("callback_id", 255)] {
        if !view[name].is_null() && view[name].as_str().is_none_or(|text| count(text) > most) {
            found.push(format!("must be at most {most} characters [json-pointer:/view/{name}]"));
        }
    }
    let blocks = view["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    if blocks.len() != 1 {
        found.push("lab: a window has one field [json-pointer:/view/blocks]".to_owned());
    }
    for (at, block) in blocks.iter().enumerate() {
        let path = format!("/view/blocks/{at}");
        fields(block, &path, &["type", "block_id", "label", "element", "optional"], &mut found);
        plain(&block["label"], &format!("{path}/label"), MAX_LABEL, &mut found);
        let (element, path) = (&block["element"], format!("{path}/element"));
        fields(
            element,
            &path,
            &["type", "action_id", "multiline", "max_length", "placeholder"],
            &mut found,
        );
        if !element["placeholder"].is_null() {
            plain(&element["placeholder"], &format!("{path}/placeholder"), MAX_HINT, &mut found);
        }
        let is_named = block["block_id"].is_string() && element["action_id"].is_string();
        let is_input = block["type"] == "input" && element["type"] == "plain_text_input";
        if !is_named || !is_input || element["max_length"].as_u64().is_some_and(|it| it > MAX_INPUT)
        {
            found.push(format!("lab: must be a named input of text [json-pointer:{path}]"));
        }
    }
    found
}

fn fields(value: &Value, path: &str, known: &[&str], found: &mut Vec<String>) {
    for name in value.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if !known.contains(&name.as_str()) {
            found.push(format!("invalid additional property: {name} [json-pointer:{path}]"));
        }
    }
}

fn plain(value: &Value, path: &str, most: usize, found: &mut Vec<String>) {
    let length = value["text"].as_str().map_or(0, count);
    if value["type"] != "plain_text" || !(1..=most).contains(&length) {
        found.push(format!(
            "must be a plain text of at most {most} characters [json-pointer:{path}]"
        ));
    }
}

/// A person sends the window that they see.
///
/// # Errors
/// A sentence: they see none, or its field has to be filled.
pub(super) fn submit(state: &mut State, scene: Scene, submit: &Submit) -> Result<Form, String> {
    let person = scene.0.name;
    let mut view = state.windows.get(person).cloned().ok_or("there is no window")?;
    let block = view["blocks"][0].clone();
    if submit.text.is_empty() && block["optional"] != true {
        return Err("the field has to be filled".to_owned());
    }
    let id = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let value = (!submit.text.is_empty()).then_some(&submit.text);
    view["state"]["values"][id(&block["block_id"])][id(&block["element"]["action_id"])] =
        json!({ "type": "plain_text_input", "value": value });
    let mut body = payload(state, "view_submission", scene);
    if let Some(fields) = body.as_object_mut() {
        fields.remove("channel");
    }
    body["view"] = view;
    body["response_urls"] = json!([]);
    Ok((Kind::Submission(person), vec![("payload", body.to_string())]))
}

/// What is wrong with the answer to a form, in sentences.
pub(super) fn check(answer: &Value) -> Vec<String> {
    let is_text = |errors: &Value| {
        let all = errors.as_object();
        all.is_some_and(|all| !all.is_empty() && all.values().all(Value::is_string))
    };
    let is_empty = answer.is_null() || answer == "";
    let is_refusal = answer["response_action"] == "errors" && is_text(&answer["errors"]);
    let what = || vec![format!("slack: this is no answer to a form: {answer}")];
    if is_empty || is_refusal { Vec::new() } else { what() }
}

/// Closes a window that was taken; another one says what is wrong.
pub(super) fn settle(state: &mut State, person: &'static str, attempt: &Attempt) {
    if !attempt.is_success() {
        return;
    }
    if attempt.body["response_action"] == "errors" {
        if let Some(view) = state.windows.get_mut(person) {
            view["errors"] = attempt.body["errors"].clone();
        }
    } else {
        state.windows.remove(person);
    }
}
