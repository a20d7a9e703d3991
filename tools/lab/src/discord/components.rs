//! The components of a message: what Discord demands of them beyond its schema, and a button that is pressed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::discord::errors::Issue;

/// Kinds of components.
const ROW: u64 = 1;
const BUTTON: u64 = 2;
/// Styles of a button that opens an address, and of one that sells something.
const LINK: u64 = 5;
const PREMIUM: u64 = 6;
/// Most buttons of a row, rows of a message, and the longest texts, in code points.
const ROW_BUTTONS: usize = 5;
const ROWS: usize = 5;
const CUSTOM_ID_CHARS: usize = 100;
const LABEL_CHARS: usize = 80;

/// Every component with those inside of it.
fn all(components: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    for component in components {
        found.push(component);
        found.extend(all(inner(component)));
        found.extend(component.get("accessory"));
    }
    found
}

fn inner(component: &Value) -> &[Value] {
    component["components"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether somebody can use one of them, so that the application hears of it.
pub(crate) fn has_interactive(components: &[Value]) -> bool {
    all(components).iter().any(|component| component.get("custom_id").is_some())
}

/// Rules that the schema does not state, or states for all kinds at once.
///
/// Source: Discord Docs/Component Reference, Action Row and Button, read 2026-11-29.
pub(crate) fn check(body: &Value) -> Vec<Issue> {
    let components = body["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut issues = Vec::new();
    let mut wrong = |what: String| {
        issues.push(Issue::at("components", "COMPONENT_INVALID", what));
    };
    let rows: Vec<&Value> = components.iter().filter(|part| part["type"] == ROW).collect();
    if rows.len() > ROWS {
        wrong(format!("more than {ROWS} rows"));
    }
    for row in rows {
        let buttons = inner(row);
        if buttons.is_empty() || buttons.len() > ROW_BUTTONS {
            wrong(format!("a row has {} components, not 1 to {ROW_BUTTONS}", buttons.len()));
        }
    }
    let mut known = BTreeSet::new();
    for part in all(components) {
        if let Some(id) = part.get("custom_id") {
            let chars = id.as_str().map_or(0, |id| id.chars().count());
            if !(1..=CUSTOM_ID_CHARS).contains(&chars) {
                wrong(format!("`custom_id` has {chars} characters, not 1 to {CUSTOM_ID_CHARS}"));
            }
            if !known.insert(id.to_string()) {
                wrong(format!("Component custom id cannot be duplicated: {id}"));
            }
        }
        if part["type"] == BUTTON {
            check_button(part, &mut wrong);
        }
    }
    issues
}

fn check_button(button: &Value, wrong: &mut impl FnMut(String)) {
    let style = button["style"].as_u64().unwrap_or(0);
    if !(1..=PREMIUM).contains(&style) {
        wrong(format!("a button has the style {style}"));
    }
    let has = |name: &str| button.get(name).is_some_and(|value| !value.is_null());
    if has("custom_id") == (style >= LINK) || has("url") != (style == LINK) {
        wrong("a button has either a `custom_id` or, as a link, a `url`".to_owned());
    }
    let label = button["label"].as_str().unwrap_or_default().chars().count();
    if label > LABEL_CHARS {
        wrong(format!("a label has {label} characters, not at most {LABEL_CHARS}"));
    }
    if label == 0 && !has("emoji") && style != PREMIUM {
        wrong("a button has neither a label nor an emoji".to_owned());
    }
}

/// The data of a button that is pressed.
///
/// # Errors
/// A sentence: there is no such button, or nobody can press it.
pub(crate) fn pressed(components: &[Value], custom_id: &str) -> Result<Value, String> {
    let button = find(components, custom_id);
    let button = button.ok_or_else(|| format!("no button there carries `{custom_id}`"))?;
    if button["disabled"] == true {
        return Err(format!("the button `{custom_id}` is disabled"));
    }
    Ok(json!({ "component_type": BUTTON, "custom_id": custom_id, "id": button["id"] }))
}

/// The label of a button.
pub(crate) fn label(components: &[Value], custom_id: &str) -> Option<String> {
    find(components, custom_id)?["label"].as_str().map(str::to_owned)
}

fn find<'c>(components: &'c [Value], custom_id: &str) -> Option<&'c Value> {
    let is_it = |part: &&Value| part["type"] == BUTTON && part["custom_id"] == custom_id;
    all(components).into_iter().find(is_it)
}
