//! Messages by a template: which one, and whether its parameters fit.

use serde_json::Value;

use super::errors;
use super::state::State;
use super::world::{TEMPLATES, Template};
use crate::http::Reply;

/// Longest text of a body, its parameters included.
const MAX_BODY: usize = 1_024;

/// The template that a message names, and its text with the parameters.
///
/// # Errors
/// The refusal.
pub(super) fn fill(state: &State, template: &Value) -> Result<(Template, String), Reply> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, language) = (text(&template["name"]), text(&template["language"]["code"]));
    let is_it = |it: &Template| it.name == name && it.language == language;
    let Some(known) = TEMPLATES.into_iter().find(is_it) else {
        let what = format!("template name ({name}) does not exist in {language}");
        return Err(errors::refuse(132_001, &what));
    };
    if state.config.paused_templates.contains(&known.label()) {
        return Err(errors::refuse(132_015, "the template is paused due to low quality"));
    }
    let mut given = Vec::new();
    for component in template["components"].as_array().into_iter().flatten() {
        if component["type"] != "body" {
            return Err(errors::mistake(132_000, "the template has no part but its body"));
        }
        for parameter in component["parameters"].as_array().into_iter().flatten() {
            match (parameter["type"].as_str(), parameter["text"].as_str()) {
                (Some("text"), Some(text)) => given.push(text.to_owned()),
                _ => return Err(errors::mistake(131_009, "a parameter of a body is a text")),
            }
        }
    }
    if given.len() != known.places() {
        let what = format!(
            "body: number of localizable_params ({}) does not match the expected number of params ({})",
            given.len(),
            known.places()
        );
        return Err(errors::mistake(132_000, &what));
    }
    if given.iter().any(|text| text.trim().is_empty()) {
        return Err(errors::mistake(131_008, "Parameter of type text is missing text value"));
    }
    if given.iter().any(|text| is_broken(text)) {
        let what =
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
        return Err(errors::mistake(132_018, what));
    }
    let mut body = known.body.to_owned();
    for (at, text) in given.iter().enumerate() {
        body = body.replace(&format!("{{{{{}}}}}", at + 1), text);
    }
    if body.chars().count() > MAX_BODY {
        return Err(errors::mistake(132_005, "the body has more than 1,024 characters"));
    }
    Ok((known, body))
}

/// Whether a parameter has what none may have.
fn is_broken(text: &str) -> bool {
    text.contains(['\n', '\r', '\t']) || text.contains("     ")
}
