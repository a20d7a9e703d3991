//! Reads what the chat page suggests to ask.

use serde_json::Value;

use super::Environment;
use super::reader::Reader;

/// Most suggestions: as many as a page shows without scrolling.
const MAX_SUGGESTIONS: usize = 8;

/// Longest one, in characters.
const MAX_CHARS: usize = 200;

impl<E: Environment> Reader<'_, E> {
    /// Returns the suggestions, in the order of the setting; none if something is wrong with it.
    pub(super) fn suggestions(&mut self) -> Vec<String> {
        let name = "MIYABI_SUGGESTIONS";
        let text = self.text(name);
        if text.is_empty() {
            return Vec::new();
        }
        let listed: Value = serde_json::from_str(&text).unwrap_or_default();
        let listed = listed.as_array().filter(|it| it.len() <= MAX_SUGGESTIONS);
        let texts = listed.and_then(|it| it.iter().map(|it| it.as_str().and_then(good)).collect());
        texts.unwrap_or_else(|| {
            let wrong =
                "is not a JSON list of at most 8 texts of 1 to 200 characters, each on one line";
            self.problem(name, Some(wrong));
            Vec::new()
        })
    }
}

/// Each is shown on a button, and asked as it is.
fn good(text: &str) -> Option<String> {
    let is_blank = text.trim().is_empty();
    let is_good =
        !is_blank && text.chars().count() <= MAX_CHARS && !text.contains(char::is_control);
    is_good.then(|| text.to_owned())
}
