//! What components and forms carry, and bring back when they are used: `VERSION.NAME.ID`.
//!
//! It says what is wanted, and of what; everything else is in the database, so that it works after any restart
//! and days later. It gives no right: it comes back from a client. Of another version, or with a name that is
//! not known any more, it is none.
//!
//! A new component or form is a variant of [`Action`], and its arm where [`super::parse`] reads it.

use miyabi_core::i18n::buttons::Button;
use miyabi_core::i18n::consent::Decision;

/// Version of what all of them carry.
const VERSION: &str = "1";

/// Longest id that is read, in bytes: that of a job.
const MAX_ID_BYTES: usize = 64;

/// What a component or a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A form: a question about the message that is kept under the id.
    Ask,
    /// A button below the answer of the job with the id.
    Answer(Button),
    /// A part of the panel of a server's settings; the id is the version that it shows, `-`, and what it changes.
    Settings,
    /// A button of the panel of what is kept of a person; the id is what it does.
    Privacy,
    /// A button that decides whether a tool may act; the id is the job's, its generation and an ordinal, with `-`
    /// between them.
    Consent(Decision),
}

impl Action {
    /// All of them, with their names, which never change their meaning.
    const NAMES: [(Self, &'static str); 9] = [
        (Self::Ask, "ask"),
        (Self::Answer(Button::Regenerate), "again"),
        (Self::Answer(Button::FollowUp), "follow"),
        (Self::Answer(Button::Why), "why"),
        (Self::Answer(Button::Delete), "delete"),
        (Self::Settings, "set"),
        (Self::Privacy, "privacy"),
        (Self::Consent(Decision::Approve), "approve"),
        (Self::Consent(Decision::Deny), "deny"),
    ];

    fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(action, _)| *action == self);
        named.map_or("", |(_, name)| name)
    }
}

/// What is wanted, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomId<'a> {
    /// What is wanted.
    pub action: Action,
    /// What it is about: an id of letters, digits, `_` and `-`.
    pub id: &'a str,
}

impl<'a> CustomId<'a> {
    /// Reads what came back; `None` if it is of another version, or nothing of ours.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (name, id) = text.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
        let (action, _) = Action::NAMES.into_iter().find(|(_, known)| *known == name)?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let fits = (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(is_word);
        fits.then_some(Self { action, id })
    }

    /// Returns the text that [`CustomId::parse`] reads.
    pub fn to_text(self) -> String {
        [VERSION, ".", self.action.name(), ".", self.id].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longest that Discord takes, in code points.
    ///
    /// # Source
    /// Discord Docs/Component Reference, Custom ID, read 2026-11-29.
    const MAX_CHARS: usize = 100;

    #[test]
    fn each_is_read_back_and_as_short_as_discord_wants_it() {
        let longest = "9".repeat(MAX_ID_BYTES);
        for (action, name) in Action::NAMES {
            for id in ["1300000000000000000", "a_b-C", longest.as_str()] {
                let text = CustomId { action, id }.to_text();
                assert!(
                    text.len() <= MAX_CHARS && text.starts_with(&format!("1.{name}.")),
                    "{text}"
                );
                assert_eq!(CustomId::parse(&text), Some(CustomId { action, id }));
            }
        }
        let mut names = Action::NAMES.map(|(_, name)| name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Action::NAMES.len());
    }

    #[test]
    fn what_is_of_another_version_or_no_id_is_none() {
        let long = format!("1.ask.{}", "9".repeat(MAX_ID_BYTES + 1));
        for text in [
            "",
            "1",
            "1.",
            "1.ask",
            "1.ask.",
            "0.ask.1",
            "2.ask.1",
            "11.ask.1",
            "1.old.1",
            "1..1",
            "ask:1",
            "1.ask.1/2",
            "1.ask.1.2",
            "1.ask.雅",
            "1.ask. 1",
            " 1.ask.1",
            &long,
        ] {
            assert_eq!(CustomId::parse(text), None, "{text}");
        }
    }
}
