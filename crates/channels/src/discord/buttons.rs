//! The buttons below an answer, as Discord's components, which only a webhook of the application's own may send; and
//! those of a question to the asker, in the place of "thinking…".
//!
//! # Source
//! Discord Docs/Execute Webhook, read 2026-11-29.

use serde_json::{Value, json};

use super::components::{self, Style};
use super::custom_id::{Action, CustomId};
use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::consent::Decision;
use miyabi_core::question::Question;

/// Returns the components of the last message of the answer to a question.
pub(super) fn below(question: &Question) -> Value {
    let buttons = Button::ALL.map(|button| {
        let style = if button == Button::Delete { Style::Danger } else { Style::Plain };
        let custom_id = CustomId { action: Action::Answer(button), id: question.id.as_str() };
        components::button(custom_id, button.label(question.language), style)
    });
    json!([components::row(&buttons)])
}

/// Returns the components by which a person decides about what is asked under this id; none below any other text
/// in the place of the placeholder, so that those of before go.
pub(super) fn deciding(asks: Option<&str>, language: Language) -> Value {
    let Some(id) = asks else { return json!([]) };
    let buttons = Decision::ALL.map(|decision| {
        let style = if decision == Decision::Approve { Style::Success } else { Style::Danger };
        let custom_id = CustomId { action: Action::Consent(decision), id };
        components::button(custom_id, decision.label(language), style)
    });
    json!([components::row(&buttons)])
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::question;

    #[test]
    fn each_button_names_the_job_and_fits_into_a_row() {
        let components = below(&question("hi"));
        let row = components[0]["components"].as_array().unwrap();
        let ids: Vec<_> = row.iter().map(|button| button["custom_id"].as_str().unwrap()).collect();
        let id = "1300000000000000000";
        let expected = ["again", "follow", "why", "delete"].map(|name| format!("1.{name}.{id}"));
        assert_eq!(ids, expected);
        assert_eq!(
            (row[3]["style"].as_u64(), row[0]["label"].as_str()),
            (Some(4), Some("もう一度答える"))
        );
    }
}
