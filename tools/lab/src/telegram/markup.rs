//! Inline keyboards, and prompts to reply.

use serde_json::Value;

use super::errors;
use super::params::Params;
use crate::http::Reply;

/// Most buttons of a keyboard, and most of a row.
const MAX_BUTTONS: usize = 100;
const MAX_ROW: usize = 8;
/// Longest words in the field of a prompt, in characters.
const MAX_PLACEHOLDER: usize = 64;
/// Longest data of a button, in bytes.
const MAX_DATA: usize = 64;

/// The inline keyboard of a call, checked.
///
/// # Errors
/// The refusal.
pub(super) fn keyboard(params: &Params) -> Result<Option<Value>, Reply> {
    let markup = params.value("reply_markup");
    if markup.is_null() {
        return Ok(None);
    }
    if markup["force_reply"] == true {
        let placeholder = markup["input_field_placeholder"].as_str().map(|it| it.chars().count());
        return if placeholder.is_none_or(|length| (1..=MAX_PLACEHOLDER).contains(&length)) {
            // It opens a field for somebody, and stands nowhere.
            Ok(None)
        } else {
            Err(errors::mistake("reply markup is too long"))
        };
    }
    let Some(rows) = markup["inline_keyboard"].as_array() else {
        return Err(errors::stricter("only inline keyboards and prompts to reply are emulated"));
    };
    let rows: Vec<&Vec<Value>> = rows.iter().filter_map(Value::as_array).collect();
    let count: usize = rows.iter().map(|row| row.len()).sum();
    if count > MAX_BUTTONS || rows.iter().any(|row| row.len() > MAX_ROW) {
        return Err(errors::mistake("reply markup is too long"));
    }
    for button in rows.into_iter().flatten() {
        check(button)?;
    }
    // An empty keyboard is none.
    Ok(if count == 0 { None } else { Some(markup.clone()) })
}

fn check(button: &Value) -> Result<(), Reply> {
    let text = |name: &str| button[name].as_str();
    if text("text").is_none_or(|text| text.trim().is_empty()) {
        return Err(errors::mistake("inline keyboard button text is empty"));
    }
    let beside = ["text", "style", "icon_custom_emoji_id"];
    let actions = button.as_object().into_iter().flatten();
    let actions = actions.filter(|(name, _)| !beside.contains(&name.as_str())).count();
    if actions != 1 {
        return Err(errors::mistake(
            "Text buttons are allowed in the inline keyboard only with one action",
        ));
    }
    if text("callback_data").is_some_and(|data| data.is_empty() || data.len() > MAX_DATA) {
        return Err(errors::mistake("BUTTON_DATA_INVALID"));
    }
    let schemes = ["http://", "https://", "tg://"];
    if text("url").is_some_and(|url| !schemes.iter().any(|scheme| url.starts_with(scheme))) {
        return Err(errors::mistake("BUTTON_URL_INVALID"));
    }
    if text("style").is_some_and(|style| !["danger", "success", "primary"].contains(&style)) {
        return Err(errors::mistake("BUTTON_STYLE_INVALID"));
    }
    Ok(())
}
