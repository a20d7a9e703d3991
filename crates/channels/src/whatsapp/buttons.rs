//! The buttons below an answer. What was sent stays sent on WhatsApp, so there is none that deletes it, and what is to be
//! asked about an answer is asked by writing.
//!
//! # Source
//! WhatsApp Cloud API v23.0, interactive messages, read 2026-11-30: up to three buttons with ids of up to 256 and titles
//! of up to 20 characters.

use serde::Serialize;

use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::ids::JobId;

/// The buttons, with what the id of each begins with.
const BUTTONS: [(Button, &str); 2] = [(Button::Regenerate, "again:"), (Button::Why, "why:")];

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
    let button = |(button, begins): (Button, &str)| ReplyButton {
        kind: "reply",
        reply: Reply { id: [begins, job.as_str()].concat(), title: button.label(language) },
    };
    BUTTONS.into_iter().map(button).collect()
}

/// Reads what was pressed: which button, and below the answer of which job.
pub(super) fn read(id: &str) -> Option<(Button, JobId)> {
    BUTTONS
        .into_iter()
        .find_map(|(button, begins)| Some((button, JobId::parse(id.strip_prefix(begins)?)?)))
}

#[cfg(test)]
mod tests {
    use super::super::job_id;
    use super::*;

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
