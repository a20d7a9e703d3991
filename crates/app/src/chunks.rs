//! The messages that an answer takes: at most so many, and a file for what does not fit.

use std::rc::Rc;

use super::terms::below_question;
use miyabi_core::fault::Notice;
use miyabi_core::i18n::{Language, attached, listing, sentence};
use miyabi_core::question::{Drawing, Question};
use miyabi_core::text::listings::{TextFile, take_out};
use miyabi_core::transport::{Author, Message, Transport};

/// What stands after a text that is not at its end.
pub const MORE: &str = " …";

/// One message of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Content.
    pub content: String,
    /// Text of the attached file.
    pub file: Option<String>,
    /// Attached files of code.
    pub listings: Vec<TextFile>,
    /// An attached image.
    pub image: Option<Rc<Drawing>>,
}

impl Chunk {
    /// Returns it as what is sent.
    pub fn message(&self) -> Message<'_> {
        Message {
            file: self.file.as_deref(),
            listings: &self.listings,
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
    contents.into_iter().map(|content| Chunk { content, ..Chunk::default() }).collect()
}

/// Splits an answer, below its question where that is quoted, into at most `most` messages.
///
/// Long blocks of code are files, with their first lines in the text. The last message has the whole answer as a
/// file if they are not enough all the same. Where files cannot be attached, or may not, there is no limit, and
/// code stays where it is.
pub fn split_within(
    transport: &impl Transport,
    question: &Question,
    answer: &str,
    most: usize,
) -> Vec<Chunk> {
    let language = question.language;
    let answer = &below_question(transport, question, answer);
    if !transport.attaches_files(question) {
        let mut chunks = split(transport, answer, language);
        if transport.is_one_message(question)
            && let [first, _, ..] = chunks.as_mut_slice()
        {
            first.content = transport.truncate(&first.content, MORE) + MORE;
            chunks.truncate(1);
        }
        return chunks;
    }
    if !transport.takes_out_code(question) {
        return limit(split(transport, answer, language), most, answer, language);
    }
    let note = |name: &str, lines: usize| transport.small_print(&listing(language, name, lines));
    let (text, files) = take_out(answer, &note);
    let mut chunks = split(transport, &text, language);
    for file in files {
        let name = format!("`{}`", file.name);
        let at = chunks.iter().position(|chunk| chunk.content.contains(&name));
        if let Some(chunk) = chunks.get_mut(at.unwrap_or_default()) {
            chunk.listings.push(file);
        }
    }
    limit(chunks, most, answer, language)
}

/// Returns the first of `chunks` if there are more than `most`, and in the last place the file with the
/// whole answer.
pub fn limit(mut chunks: Vec<Chunk>, most: usize, answer: &str, language: Language) -> Vec<Chunk> {
    if chunks.len() > most {
        chunks.truncate(most.saturating_sub(1));
        let content = attached(language).to_owned();
        chunks.push(Chunk { content, file: Some(answer.to_owned()), ..Chunk::default() });
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
        assert_eq!(chunks[0], Chunk { content: "あ".repeat(2000), ..Chunk::default() });
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
    fn long_code_is_a_file_below_its_first_lines_where_files_may_be_attached() {
        let lines: Vec<_> = (1..=120).map(|nth| format!("let line_{nth} = {nth};\n")).collect();
        let code = lines.concat();
        let answer = format!("{}\n```rust\n{code}```\nDone.", "Words. ".repeat(280));
        let chunks = split_into(&answer, 5);
        assert_eq!(chunks.len(), 2);
        assert!(chunks[0].listings.is_empty());
        let shown = &chunks[1].content;
        let note = "-# 一部だけ表示しています。全体（120行）は `code-1.rs` にあります。";
        assert!(shown.contains(note) && !shown.contains("line_11 "), "{shown}");
        let whole = TextFile { name: "code-1.rs".to_owned(), text: code };
        assert_eq!(chunks[1].listings, [whole]);

        let mut asked = question("?");
        set_rights(&mut asked, Rights { attaches: false, ..Rights::ALL });
        let chunks = split_within(&discord(&Fake::new()), &asked, &answer, 5);
        assert!(chunks.iter().all(|chunk| chunk.listings.is_empty()));
        assert!(chunks.iter().any(|chunk| chunk.content.contains("line_120")));
    }

    #[test]
    fn an_answer_that_shows_nothing_is_a_sentence() {
        let chunks = split_into("\u{200b}", 5);
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].content, sentence(Notice::TryAgain, Language::Japanese));
    }
}
