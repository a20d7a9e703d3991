//! The components of a message: what Discord demands of them beyond its schema, and one that is used.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::discord::errors::Issue;
use crate::discord::world;

/// Kinds of components.
const ROW: u64 = 1;
const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
const CHANNEL_SELECT: u64 = 8;
/// Styles of a button that opens an address, and of one that sells something.
const LINK: u64 = 5;
const PREMIUM: u64 = 6;
/// Most buttons of a row, rows of a message, and the longest texts, in code points.
const ROW_BUTTONS: usize = 5;
const ROWS: usize = 5;
const CUSTOM_ID_CHARS: usize = 100;
const LABEL_CHARS: usize = 80;
const OPTION_CHARS: usize = 100;
/// Most values of a menu.
const MENU_VALUES: u64 = 25;

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
        let parts = inner(row);
        if parts.is_empty() || parts.len() > ROW_BUTTONS {
            wrong(format!("a row has {} components, not 1 to {ROW_BUTTONS}", parts.len()));
        }
        if parts.len() > 1 && parts.iter().any(|part| part["type"] != BUTTON) {
            wrong("a menu is alone in its row".to_owned());
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
        if is_menu(part) {
            check_menu(part, &mut wrong);
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

fn is_menu(part: &Value) -> bool {
    part["type"] == STRING_SELECT || part["type"] == CHANNEL_SELECT
}

/// How many values a menu takes.
fn bounds(menu: &Value) -> (u64, u64) {
    (menu["min_values"].as_u64().unwrap_or(1), menu["max_values"].as_u64().unwrap_or(1))
}

/// Source: Discord Docs/Component Reference, String Select and Channel Select, read 2026-11-29.
fn check_menu(menu: &Value, wrong: &mut impl FnMut(String)) {
    let (least, most) = bounds(menu);
    if least > most || most > MENU_VALUES {
        wrong(format!("a menu takes {least} to {most} values"));
    }
    let defaults = menu["default_values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut chosen = u64::try_from(defaults.len()).unwrap_or(u64::MAX);
    if menu["type"] == STRING_SELECT {
        let options = menu["options"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut values = BTreeSet::new();
        for option in options {
            for name in ["label", "value"] {
                let chars = option[name].as_str().map_or(0, |text| text.chars().count());
                if !(1..=OPTION_CHARS).contains(&chars) {
                    wrong(format!("the {name} of an option has {chars} characters"));
                }
            }
            if !values.insert(option["value"].to_string()) {
                wrong(format!("two options have the value {}", option["value"]));
            }
        }
        if most > u64::try_from(options.len()).unwrap_or(0) {
            wrong(format!("a menu takes {most} values and has {} options", options.len()));
        }
        let marked = options.iter().filter(|option| option["default"] == true).count();
        chosen = u64::try_from(marked).unwrap_or(u64::MAX);
    }
    if chosen > 0 && !(least..=most).contains(&chosen) {
        wrong(format!("a menu has {chosen} values by default, not {least} to {most}"));
    }
}

/// The data of a button that is pressed, or of a menu in which these values are chosen.
///
/// # Errors
/// A sentence: there is no such component, nobody can use it, or its values cannot be chosen.
pub(crate) fn used(
    components: &[Value],
    custom_id: &str,
    values: Option<&[String]>,
) -> Result<Value, String> {
    let part = find(components, custom_id);
    let part = part.ok_or_else(|| format!("no button there carries `{custom_id}`"))?;
    if part["disabled"] == true {
        return Err(format!("the button `{custom_id}` is disabled"));
    }
    let mut data =
        json!({ "component_type": part["type"], "custom_id": custom_id, "id": part["id"] });
    if !is_menu(part) {
        let pressed = values.is_none().then_some(data);
        return pressed.ok_or_else(|| format!("`{custom_id}` is no menu"));
    }
    let values = values.ok_or_else(|| format!("`{custom_id}` is a menu: it takes `values`"))?;
    let (least, most) = bounds(part);
    if !(least..=most).contains(&u64::try_from(values.len()).unwrap_or(u64::MAX)) {
        return Err(format!("`{custom_id}` takes {least} to {most} values"));
    }
    let mut resolved = Map::new();
    for value in values {
        if part["type"] == STRING_SELECT {
            let mut options = part["options"].as_array().into_iter().flatten();
            if !options.any(|option| option["value"] == value.as_str()) {
                return Err(format!("`{custom_id}` has no option `{value}`"));
            }
            continue;
        }
        let channel = world::channel(value)
            .filter(|channel| {
                part["channel_types"]
                    .as_array()
                    .is_none_or(|kinds| kinds.contains(&json!(channel.kind.number())))
            })
            .ok_or_else(|| format!("`{custom_id}` does not offer the channel `{value}`"))?;
        let shown =
            json!({ "id": channel.id, "type": channel.kind.number(), "name": channel.name });
        resolved.insert(value.clone(), shown);
    }
    data["values"] = json!(values);
    if !resolved.is_empty() {
        data["resolved"] = json!({ "channels": resolved });
    }
    Ok(data)
}

/// What a button or menu says of itself.
pub(crate) fn label(components: &[Value], custom_id: &str) -> Option<String> {
    let part = find(components, custom_id)?;
    part["label"].as_str().or(part["placeholder"].as_str()).map(str::to_owned)
}

fn find<'c>(components: &'c [Value], custom_id: &str) -> Option<&'c Value> {
    let is_it = |part: &&Value| part["custom_id"] == custom_id;
    all(components).into_iter().find(is_it)
}
