//! The buttons below an answer, as an inline keyboard. What is to be asked about an answer is asked by replying to it,
//! so there is none for that.
//!
//! # Source
//! Telegram Bot API/InlineKeyboardButton, read 2026-11-30: `callback_data` has 1 to 64 bytes.

use serde::Serialize;

use super::place::Place;
use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::consent::{self, Decision};
use miyabi_core::ids::JobId;

/// The buttons of a private chat, with what the data of each begins with. How an answer came about, and what it cost,
/// is for who asked: a group sees all but a few words of a reply.
const ALONE: [(Button, &str); 3] =
    [(Button::Regenerate, "again:"), (Button::Why, "why:"), (Button::Delete, "delete:")];

/// The buttons of a question to the asker.
const DECIDING: [(Decision, &str); 2] = [(Decision::Approve, "ok:"), (Decision::Deny, "no:")];

/// An inline keyboard.
#[derive(Debug, Serialize)]
pub(super) struct Keyboard {
    inline_keyboard: [Vec<Key>; 1],
}

#[derive(Debug, Serialize)]
struct Key {
    text: &'static str,
    callback_data: String,
}

/// Returns the buttons below the answer of a job.
pub(super) fn below(job: &JobId, place: Place, language: Language) -> Keyboard {
    let shown = ALONE.into_iter().filter(|(it, _)| !place.is_group || *it != Button::Why);
    let keys = shown.map(|(button, begins)| Key {
        text: button.label(language),
        callback_data: format!("{begins}{job}"),
    });
    Keyboard { inline_keyboard: [keys.collect()] }
}

/// Returns the buttons that decide about what is asked under an id.
pub(super) fn deciding(id: &str, language: Language) -> Keyboard {
    let keys = DECIDING.map(|(decision, begins)| Key {
        text: decision.label(language),
        callback_data: [begins, id].concat(),
    });
    Keyboard { inline_keyboard: [keys.into()] }
}

/// Reads what a button carries: which one it is, and below the answer of which job, or the question about it.
pub(super) fn read(data: &str) -> Option<(Button, JobId)> {
    let below = |(button, begins)| Some((button, JobId::parse(data.strip_prefix(begins)?)?));
    let decides = |(decision, begins)| consent::read(decision, data.strip_prefix(begins)?);
    ALONE.into_iter().find_map(below).or_else(|| DECIDING.into_iter().find_map(decides))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decision_names_what_was_asked_and_fits() {
        let id = "telegram_9999999999_n1009999999999999_9999999999-99-12";
        let [row] = deciding(id, Language::Japanese).inline_keyboard;
        for (key, decision) in row.into_iter().zip(Decision::ALL) {
            assert!(key.callback_data.len() <= 64, "{}", key.callback_data);
            let (button, job) = read(&key.callback_data).unwrap();
            assert_eq!(button, Button::Decide(decision, 99, 12));
            assert!(id.starts_with(job.as_str()), "{job}");
        }
        for data in ["ok:", "ok:telegram_1_2_3", "no:telegram_1_2_3-1", "no:telegram_1_2_3-x-1"] {
            assert_eq!(read(data), None, "{data}");
        }
    }

    #[test]
    fn each_button_names_its_job_and_fits() {
        let job = JobId::parse("telegram_9999999999_n1009999999999999_9999999999").unwrap();
        let place = |is_group| Place { chat: 1, topic: None, message: 1, is_group };
        for (is_group, count) in [(false, 3), (true, 2)] {
            let [row] = below(&job, place(is_group), Language::Japanese).inline_keyboard;
            assert_eq!(row.len(), count);
            for key in row {
                assert!(key.callback_data.len() <= 64, "{}", key.callback_data);
                assert_eq!(read(&key.callback_data).unwrap().1, job);
            }
        }
        for data in ["", "again:", "again:a b", "other:1", "again"] {
            assert_eq!(read(data), None, "{data}");
        }
    }
}
