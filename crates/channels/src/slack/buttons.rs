//! The buttons below an answer. What is to be asked about an answer is asked in its thread, so there is none for that.
//!
//! # Source
//! docs.slack.dev/reference/block-kit/block-elements/button-element, May 2026.

use serde::Serialize;

use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::consent::{self, Decision};
use miyabi_core::ids::JobId;

/// The buttons, with the id of what each does. What is replied to a press its person alone sees.
const BUTTONS: [(Button, &str); 3] =
    [(Button::Regenerate, "again"), (Button::Why, "why"), (Button::Delete, "delete")];

/// The buttons of a question to the asker.
const DECIDING: [(Decision, &str); 2] = [(Decision::Approve, "approve"), (Decision::Deny, "deny")];

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
    let element =
        |(button, action_id): (Button, _)| element(action_id, button.label(language), job.as_str());
    BUTTONS.into_iter().map(element).collect()
}

/// Returns the buttons that decide about what is asked under an id.
pub(super) fn deciding(id: &str, language: Language) -> Vec<Element> {
    let element =
        |(decision, action_id): (Decision, _)| element(action_id, decision.label(language), id);
    DECIDING.into_iter().map(element).collect()
}

fn element(action_id: &'static str, text: &'static str, value: &str) -> Element {
    let text = PlainText { kind: "plain_text", text };
    Element { kind: "button", action_id, text, value: value.to_owned() }
}

/// Reads what was pressed: which button, and below the answer of which job, or the question about it.
pub(super) fn read(action_id: &str, value: &str) -> Option<(Button, JobId)> {
    let mut deciding = DECIDING.into_iter();
    if let Some((decision, _)) = deciding.find(|(_, known)| *known == action_id) {
        return consent::read(decision, value);
    }
    let (button, _) = BUTTONS.into_iter().find(|(_, known)| *known == action_id)?;
    Some((button, JobId::parse(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decision_names_what_was_asked() {
        let elements = deciding("slack_T1_C1_1700000000123456-2-3", Language::English);
        for (element, decision) in elements.iter().zip(Decision::ALL) {
            let (button, job) = read(element.action_id, &element.value).unwrap();
            assert_eq!(button, Button::Decide(decision, 2, 3));
            assert_eq!(job.as_str(), "slack_T1_C1_1700000000123456");
        }
        assert_eq!(read("approve", "slack_T1_C1_1700000000123456"), None);
    }

    #[test]
    fn each_button_names_its_job_and_fits() {
        let job = JobId::parse("slack_T1_C1_1700000000123456").unwrap();
        for language in Language::ALL {
            let elements = below(&job, language);
            assert_eq!(elements.len(), 3);
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
