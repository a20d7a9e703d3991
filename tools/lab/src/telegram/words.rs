//! The text of a call with its formatting: `entities`, or `parse_mode`.

use serde_json::Value;

use super::entities::{self, Formatted};
use super::params::Params;
use super::{errors, html};
use crate::http::Reply;

/// Longest text after parsing, in code points.
///
/// # Source
/// core.telegram.org/bots/api#sendmessage says "characters"; that these are code points, and not the UTF-16 units
/// of entities, was measured with 4096 characters beyond the first plane (FerroxLabs/wayland#934).
const MAX_TEXT: usize = 4096;
/// Longest caption.
const MAX_CAPTION: usize = 1024;

/// Reads the text of a message, which may be missing.
///
/// # Errors
/// The refusal.
pub(super) fn text(params: &Params) -> Result<Formatted, Reply> {
    let words = read(params, "text", "entities")?;
    if words.text.chars().count() > MAX_TEXT {
        return Err(errors::mistake("message is too long"));
    }
    Ok(words)
}

/// Reads the text of a message, which may not be empty.
///
/// # Errors
/// The refusal.
pub(super) fn some_text(params: &Params) -> Result<Formatted, Reply> {
    let words = text(params)?;
    if words.text.is_empty() {
        return Err(errors::mistake("message text is empty"));
    }
    Ok(words)
}

/// Reads a caption.
///
/// # Errors
/// The refusal.
pub(super) fn caption(params: &Params) -> Result<Formatted, Reply> {
    let words = read(params, "caption", "caption_entities")?;
    if words.text.chars().count() > MAX_CAPTION {
        return Err(errors::mistake("message caption is too long"));
    }
    Ok(words)
}

fn read(params: &Params, name: &str, list: &str) -> Result<Formatted, Reply> {
    let text = params.text(name).unwrap_or_default();
    let given = params.list(list);
    let (text, found): (String, Vec<Value>) = match params.text("parse_mode") {
        None | Some("") => (text.to_owned(), given.to_vec()),
        Some(_) if !given.is_empty() => {
            return Err(errors::stricter(&format!("`{list}` and `parse_mode` at once")));
        }
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(text)
            .map_err(|why| errors::mistake(format!("can't parse entities: {why}")))?,
        Some(mode) if ["markdown", "markdownv2"].contains(&mode.to_lowercase().as_str()) => {
            return Err(errors::stricter(&format!("`parse_mode` {mode} is not emulated")));
        }
        Some(_) => return Err(errors::mistake("unsupported parse_mode")),
    };
    entities::format(&text, &found).map_err(errors::mistake)
}
