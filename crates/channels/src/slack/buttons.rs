//! The buttons below an answer.
//!
//! # Source
//! docs.slack.dev/reference/block-kit/block-elements/button-element, May 2026.

use serde::Serialize;

use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::ids::JobId;

/// The buttons, with the id of what each does. What is replied to a press its person alone sees.
const BUTTONS: [(Button, &str); 4] = [
    (Button::Regenerate, "again"),
    (Button::FollowUp, "follow"),
    (Button::Why, "why"),
    (Button::Delete, "delete"),
];

/// A button.
#[derive(Debug, Serialize)]
pub(super) struct Element {
    #[serde(rename = "type")]
    kind: &'static str,
    action_id: &'static str,
    text: PlainText,
    value: String,
}

#[derive(Debug, Serialize)]
struct PlainText {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'static str,
}

/// Returns the buttons below the answer of a job.
pub(super) fn below(job: &JobId, language: Language) -> Vec<Element> {
    let element = |(button, action_id): (Button, &'static str)| Element {
        kind: "button",
        action_id,
        text: PlainText { kind: "plain_text", text: button.label(language) },
        value: job.to_string(),
    };
    BUTTONS.into_iter().map(element).collect()
}

/// Reads what was pressed: which button, and below the answer of which job.
pub(super) fn read(action_id: &str, value: &str) -> Option<(Button, JobId)> {
    let (button, _) = BUTTONS.into_iter().find(|(_, known)| *known == action_id)?;
    Some((button, JobId::parse(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_button_names_its_job_and_fits() {
        let job = JobId::parse("slack_T1_C1_1700000000123456").unwrap();
        for language in Language::ALL {
            let elements = below(&job, language);
            assert_eq!(elements.len(), 4);
            for element in elements {
                assert!(element.text.text.chars().count() <= 75 && element.value.len() <= 2_000);
                assert_eq!(read(element.action_id, &element.value).unwrap().1, job);
            }
        }
        for (action, value) in [("", "slack_1"), ("again", ""), ("again", "a b"), ("other", "x")] {
            assert_eq!(read(action, value), None, "{action} {value}");
        }
    }
}
