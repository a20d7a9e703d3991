//! The buttons below an answer, as an inline keyboard, and the prompt that *Follow up* opens.
//!
//! # Source
//! Telegram Bot API/InlineKeyboardButton, read 2026-11-30: `callback_data` has 1 to 64 bytes.

use serde::Serialize;

use super::place::Place;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::{Language, chats};
use miyabi_core::ids::JobId;

/// The buttons of a private chat, with what the data of each begins with. How an answer came about, and what it cost,
/// is for who asked: a group sees all but a few words of a reply.
const ALONE: [(Button, &str); 4] = [
    (Button::Regenerate, "again:"),
    (Button::FollowUp, "ask:"),
    (Button::Why, "why:"),
    (Button::Delete, "delete:"),
];

/// What stands below a message, or is opened by it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Offered {
    Keyboard(Keyboard),
    Prompt(ForceReply),
}

/// Opens a reply to the message that has it, for who wrote the message that this one replies to.
#[derive(Debug, Serialize)]
pub(super) struct ForceReply {
    #[serde(rename = "force_reply")]
    is_forced: bool,
    #[serde(rename = "selective")]
    is_selective: bool,
    input_field_placeholder: &'static str,
}

impl ForceReply {
    /// Returns a prompt with what is shown in the empty field, 1 to 64 characters.
    pub(super) const fn of(input_field_placeholder: &'static str) -> Self {
        Self { is_forced: true, is_selective: true, input_field_placeholder }
    }
}

/// An inline keyboard.
#[derive(Debug, Serialize)]
pub(super) struct Keyboard {
    inline_keyboard: [Vec<Key>; 1],
}

#[derive(Debug, Serialize)]
struct Key {
    text: &'static str,
    #[serde(flatten)]
    does: Does,
}

/// What a button does.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Does {
    /// Tells the bot this.
    CallbackData(String),
    /// Has its person type behind the bot's name, this for a beginning.
    SwitchInlineQueryCurrentChat(&'static str),
}

impl Keyboard {
    /// Returns the button below a message whose answer is still to come: whoever reads it may ask too.
    pub(super) fn asking(language: Language) -> Self {
        let text = chats::ASK_ME.in_language(language);
        let does = Does::SwitchInlineQueryCurrentChat("");
        Self { inline_keyboard: [vec![Key { text, does }]] }
    }
}

/// Returns the buttons below the answer of a job.
pub(super) fn below(job: &JobId, place: Place, language: Language) -> Keyboard {
    let shown = ALONE.into_iter().filter(|(it, _)| !place.is_group || *it != Button::Why);
    let keys = shown.map(|(button, begins)| Key {
        text: button.label(language),
        does: Does::CallbackData(format!("{begins}{job}")),
    });
    Keyboard { inline_keyboard: [keys.collect()] }
}

/// Reads what a button carries: which one it is, and below the answer of which job.
pub(super) fn read(data: &str) -> Option<(Button, JobId)> {
    ALONE
        .into_iter()
        .find_map(|(button, begins)| Some((button, JobId::parse(data.strip_prefix(begins)?)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_button_names_its_job_and_fits() {
        let job = JobId::parse("telegram_9999999999_n1009999999999999_9999999999").unwrap();
        let place = |is_group| Place { chat: 1, topic: None, message: 1, is_group };
        for (is_group, count) in [(false, 4), (true, 3)] {
            let [row] = below(&job, place(is_group), Language::Japanese).inline_keyboard;
            assert_eq!(row.len(), count);
            for key in row {
                let Does::CallbackData(data) = key.does else { panic!("{key:?}") };
                assert!(data.len() <= 64, "{data}");
                assert_eq!(read(&data).unwrap().1, job);
            }
        }
        for data in ["", "again:", "again:a b", "other:1", "again"] {
            assert_eq!(read(data), None, "{data}");
        }
    }
}
