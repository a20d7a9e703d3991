//! Which messages does an answer take? At most so many, and what does not fit is a file.

use miyabi_channels::discord::post::Message;
use miyabi_channels::discord::{MAX_CONTENT_CHARS, names};
use miyabi_core::fault::Notice;
use miyabi_core::i18n::{Language, attached, sentence};
use miyabi_core::text::kaomoji::escape_kaomoji;
use miyabi_core::text::split::split_message;

/// Most messages of an answer that only the asker sees: the deferred reply and five follow-ups, which
/// is what Discord allows an application that a user brought along.
///
/// # Source
/// Discord Docs/Create Followup Message, and error 40094, read 2026-11-21.
pub const MAX_PRIVATE: usize = 6;

/// One message of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Content.
    pub content: String,
    /// Text of the attached file.
    pub file: Option<String>,
}

impl Chunk {
    /// Returns it as what is posted.
    pub fn message(&self) -> Message<'_> {
        Message { content: &self.content, file: self.file.as_deref() }
    }
}

/// Splits an answer into messages; never none.
pub fn split(answer: &str, language: Language) -> Vec<Chunk> {
    let mut contents = split_message(&escape_kaomoji(answer), MAX_CONTENT_CHARS);
    contents.retain(|content| !names::shows_nothing(content));
    if contents.is_empty() {
        contents.push(sentence(Notice::TryAgain, language).to_owned());
    }
    contents.into_iter().map(|content| Chunk { content, file: None }).collect()
}

/// Returns the first of `parts` if there are more than `most`, and in the last place the file with the
/// whole answer.
pub fn limit(mut parts: Vec<Chunk>, most: usize, answer: &str, language: Language) -> Vec<Chunk> {
    if parts.len() > most {
        parts.truncate(most.saturating_sub(1));
        let content = attached(language).to_owned();
        parts.push(Chunk { content, file: Some(answer.to_owned()) });
    }
    parts
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn lengths(answer: &str, most: usize) -> Vec<(usize, bool)> {
        let parts = limit(split(answer, Language::English), most, answer, Language::English);
        parts.iter().map(|part| (part.content.chars().count(), part.file.is_some())).collect()
    }

    #[test]
    fn an_answer_that_fits_has_no_file() {
        assert_eq!(lengths(&"あ".repeat(4000), 2), [(2000, false), (2000, false)]);
    }

    #[test]
    fn one_message_too_many_becomes_a_file_with_all_of_it() {
        let answer = "あ".repeat(4001);
        let parts = limit(split(&answer, Language::Japanese), 2, &answer, Language::Japanese);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], Chunk { content: "あ".repeat(2000), file: None });
        assert_eq!(parts[1].content, attached(Language::Japanese));
        assert_eq!(parts[1].file.as_deref(), Some(answer.as_str()));
        assert_eq!(lengths(&answer, 1).len(), 1);
    }

    #[test]
    fn an_answer_that_shows_nothing_is_a_sentence() {
        let parts = split("\u{200b}", Language::English);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].content, sentence(Notice::TryAgain, Language::English));
    }
}
