//! Buttons and rows, as Discord takes them.
//!
//! # Source
//! Discord Docs/Component Reference, Action Row and Button, read 2026-11-29.

use serde_json::{Value, json};

use super::custom_id::CustomId;

/// Kinds of components.
const ROW: u32 = 1;
const BUTTON: u32 = 2;

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Like any other.
    Plain,
    /// It says yes.
    Success,
    /// It does what cannot be undone.
    Danger,
}

/// Returns a button.
pub(super) fn button(custom_id: CustomId<'_>, label: &str, style: Style) -> Value {
    let style = match style {
        Style::Plain => 2,
        Style::Success => 3,
        Style::Danger => 4,
    };
    json!({
        "type": BUTTON,
        "style": style,
        "custom_id": custom_id.to_text(),
        "label": label,
    })
}

/// Returns components beside each other.
pub(super) fn row(components: &[Value]) -> Value {
    json!({ "type": ROW, "components": components })
}
