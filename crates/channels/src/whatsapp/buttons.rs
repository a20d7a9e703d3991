//! The buttons below an answer. What was sent stays sent on WhatsApp, so there is none that deletes it, and what is to be
//! asked about an answer is asked by writing.
//!
//! # Source
//! WhatsApp Cloud API v23.0, interactive messages, read 2026-11-30: up to three buttons with ids of up to 256 and titles
//! of up to 20 characters.

use serde::Serialize;

use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::consent::{self, Decision};
use miyabi_core::ids::JobId;

/// The buttons, with what the id of each begins with.
const BUTTONS: [(Button, &str); 2] = [(Button::Regenerate, "again:"), (Button::Why, "why:")];

/// The buttons of a question to the asker.
const DECIDING: [(Decision, &str); 2] =
    [(Decision::Approve, "approve:"), (Decision::Deny, "deny:")];

/// A button.
#[derive(Debug, Serialize)]
pub(super) struct ReplyButton {
    #[serde(rename = "type")]
    kind: &'static str,
    reply: Reply,
}

#[derive(Debug, Serialize)]
struct Reply {
    id: String,
    title: &'static str,
}

/// Returns the buttons below the answer of a job.
pub(super) fn below(job: &JobId, language: Language) -> Vec<ReplyButton> {
    let button = |(button, begins): (Button, _)| {
        reply_button([begins, job.as_str()], button.label(language))
    };
    BUTTONS.into_iter().map(button).collect()
}

/// Returns the buttons that decide about what is asked under an id.
pub(super) fn deciding(id: &str, language: Language) -> Vec<ReplyButton> {
    let button =
        |(decision, begins): (Decision, _)| reply_button([begins, id], decision.label(language));
    DECIDING.into_iter().map(button).collect()
}

fn reply_button(id: [&str; 2], title: &'static str) -> ReplyButton {
    ReplyButton { kind: "reply", reply: Reply { id: id.concat(), title } }
}

/// Reads what was pressed: which button, and below the answer of which job, or the question about it.
pub(super) fn read(id: &str) -> Option<(Button, JobId)> {
    let below = |(button, begins)| Some((button, JobId::parse(id.strip_prefix(begins)?)?));
    let decides = |(decision, begins)| consent::read(decision, id.strip_prefix(begins)?);
    BUTTONS.into_iter().find_map(below).or_else(|| DECIDING.into_iter().find_map(decides))
}

#[cfg(test)]
mod tests {
    use super::super::job_id;
    use super::*;

    #[test]
    fn each_decision_names_what_was_asked_and_fits() {
        let job = job_id("106540352242922", "wamid.x").unwrap();
        for language in Language::ALL {
            let buttons = deciding(&format!("{job}-1-2"), language);
            for (button, decision) in buttons.into_iter().zip(Decision::ALL) {
                let Reply { id, title } = button.reply;
                assert!(id.len() <= 256 && title.chars().count() <= 20, "{title}");
                assert_eq!(read(&id), Some((Button::Decide(decision, 1, 2), job.clone())));
            }
        }
        assert_eq!(read(&format!("deny:{job}")), None);
    }

    #[test]
    fn each_button_names_its_job_and_fits() {
        let job = job_id("106540352242922", "wamid.x").unwrap();
        for language in Language::ALL {
            for button in below(&job, language) {
                let Reply { id, title } = button.reply;
                assert!(id.len() <= 256 && title.chars().count() <= 20, "{title}");
                assert_eq!(read(&id).unwrap().1, job);
            }
        }
        for id in ["", "again:", "again:a b", "delete:x", "/status"] {
            assert_eq!(read(id), None, "{id}");
        }
    }
}
