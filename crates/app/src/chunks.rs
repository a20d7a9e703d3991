//! The messages that an answer takes: at most so many, and a file for what does not fit.

use std::rc::Rc;

use super::terms::below_question;
use miyabi_core::fault::Notice;
use miyabi_core::i18n::{Language, attached, sentence};
use miyabi_core::question::{Drawing, Question};
use miyabi_core::transport::{Author, Message, Transport};

/// One message of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Content.
    pub content: String,
    /// Text of the attached file.
    pub file: Option<String>,
    /// An attached image.
    pub image: Option<Rc<Drawing>>,
}

impl Chunk {
    /// Returns it as what is sent.
    pub fn message(&self) -> Message<'_> {
        Message {
            file: self.file.as_deref(),
            image: self.image.as_deref(),
            ..Message::text(&self.content)
        }
    }
}

/// Splits an answer into messages; never none.
pub fn split(transport: &impl Transport, answer: &str, language: Language) -> Vec<Chunk> {
    let mut contents = transport.render(Author::Assistant, answer);
    if contents.is_empty() {
        contents.push(sentence(Notice::TryAgain, language).to_owned());
    }
    contents.into_iter().map(|content| Chunk { content, file: None, image: None }).collect()
}

/// Splits an answer, below its question where that is quoted, into at most `most` messages.
///
/// The last of them has the whole answer as a file if they are not enough. Where files cannot be attached, or may
/// not, there is no limit.
pub fn split_within(
    transport: &impl Transport,
    question: &Question,
    answer: &str,
    most: usize,
) -> Vec<Chunk> {
    let language = question.language;
    let answer = &below_question(transport, question, answer);
    let chunks = split(transport, answer, language);
    if transport.attaches_files(question) { limit(chunks, most, answer, language) } else { chunks }
}

/// Returns the first of `chunks` if there are more than `most`, and in the last place the file with the
/// whole answer.
pub fn limit(mut chunks: Vec<Chunk>, most: usize, answer: &str, language: Language) -> Vec<Chunk> {
    if chunks.len() > most {
        chunks.truncate(most.saturating_sub(1));
        let content = attached(language).to_owned();
        chunks.push(Chunk { content, file: Some(answer.to_owned()), image: None });
    }
    chunks
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::testing::{discord, set_rights};
    use miyabi_channels::discord::place::Rights;
    use miyabi_testing::{Fake, question};

    fn split_into(answer: &str, most: usize) -> Vec<Chunk> {
        split_within(&discord(&Fake::new()), &question("?"), answer, most)
    }

    fn lengths(answer: &str, most: usize) -> Vec<(usize, bool)> {
        let chunks = split_into(answer, most);
        chunks.iter().map(|chunk| (chunk.content.chars().count(), chunk.file.is_some())).collect()
    }

    #[test]
    fn an_answer_that_fits_has_no_file() {
        assert_eq!(lengths(&"あ".repeat(4000), 2), [(2000, false), (2000, false)]);
    }

    #[test]
    fn one_message_too_many_becomes_a_file_with_all_of_it() {
        let answer = "あ".repeat(4001);
        let chunks = split_into(&answer, 2);
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[0], Chunk { content: "あ".repeat(2000), file: None, image: None });
        assert_eq!(chunks[1].content, attached(Language::Japanese));
        assert_eq!(chunks[1].file.as_deref(), Some(answer.as_str()));
        assert_eq!(lengths(&answer, 1).len(), 1);
    }

    #[test]
    fn where_no_file_may_be_attached_there_are_more_messages() {
        let (transport, answer) = (discord(&Fake::new()), "あ".repeat(9000));
        for (speaks, attaches, messages, has_file) in [
            (true, true, 2, true),
            (true, false, 5, false),
            // The asker alone sees it.
            (false, false, 2, true),
        ] {
            let mut asked = question("?");
            set_rights(&mut asked, Rights { speaks, attaches, ..Rights::ALL });
            let chunks = split_within(&transport, &asked, &answer, 2);
            let files = chunks.iter().any(|chunk| chunk.file.is_some());
            assert_eq!((chunks.len(), files), (messages, has_file), "{speaks} {attaches}");
        }
    }

    #[test]
    fn an_answer_that_shows_nothing_is_a_sentence() {
        let chunks = split_into("\u{200b}", 5);
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].content, sentence(Notice::TryAgain, Language::Japanese));
    }
}
