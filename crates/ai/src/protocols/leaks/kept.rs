//! The text that is kept, and where in it the next mark would stand.

use super::about;

/// Characters that end a sentence.
const SENTENCE_ENDS: &str = ".!?…。！？．」』~♪";

/// Characters that lead a line without being its text.
const LEADS: &str = "-*+>#|.0123456789)";

/// Longest part of a line that is looked at, in bytes.
const MAX_LINE_BYTES: usize = 240;

/// Where a mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// At the beginning of the reply.
    Start,
    /// At the beginning of a line.
    Line,
    /// After a sentence.
    Sentence,
    /// Within a sentence, or in a list or a table.
    Inside,
    /// Directly behind a letter, without a blank.
    Attached,
}

/// What the last line has so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Line {
    /// Nothing but blanks.
    #[default]
    Blank,
    /// Nothing but what leads lines.
    Lead,
    /// Text.
    Text,
}

/// Text for people, as it is put together.
#[derive(Debug, Default)]
pub(super) struct Kept {
    text: String,
    /// The last character that is no blank.
    last: Option<char>,
    is_spaced: bool,
    line: Line,
    /// Whether something was taken out here, so that what follows begins a line.
    breaks: bool,
}

impl Kept {
    /// Adds text.
    pub(super) fn push(&mut self, text: &str) {
        let text = if self.breaks { self.break_line(text) } else { text };
        for character in text.chars() {
            super::work::count(1);
            self.line = match character {
                '\n' => Line::Blank,
                _ if character.is_whitespace() => self.line,
                _ if LEADS.contains(character) => self.line.max(Line::Lead),
                _ => Line::Text,
            };
            self.is_spaced = character.is_whitespace();
            if !self.is_spaced {
                self.last = Some(character);
            }
            self.text.push(character);
        }
    }

    fn break_line<'a>(&mut self, text: &'a str) -> &'a str {
        let text = text.trim_start();
        if !text.is_empty() {
            self.breaks = false;
            self.text.truncate(self.text.trim_end().len());
            if self.last.is_some() {
                self.text.push('\n');
                self.line = Line::Blank;
            }
        }
        text
    }

    /// Lets what follows begin a line, since calls were taken out.
    pub(super) const fn break_here(&mut self) {
        self.breaks = true;
    }

    /// Drops all of it.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns where a mark would stand now.
    pub(super) fn edge(&self) -> Edge {
        match self.last {
            None => Edge::Start,
            Some(_) if self.line == Line::Blank || self.breaks => Edge::Line,
            Some(_) if self.line == Line::Lead => Edge::Inside,
            Some(last) if SENTENCE_ENDS.contains(last) => Edge::Sentence,
            Some(last) if !self.is_spaced && last.is_alphanumeric() => Edge::Attached,
            Some(_) => Edge::Inside,
        }
    }

    /// Returns whether the text so far leads over to something: it ends with a colon.
    pub(super) const fn announces(&self) -> bool {
        matches!(self.last, Some(':' | '：'))
    }

    /// Returns whether the text so far leads over to an example of what models write.
    pub(super) fn announces_example(&self) -> bool {
        let text = self.text.trim_end();
        let from = text.len().saturating_sub(MAX_LINE_BYTES);
        let from = (from..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let line = text.get(from..).and_then(|end| end.rsplit('\n').next());
        self.announces() && line.is_some_and(about::announces_example)
    }

    /// Takes this away from the end of the text, and blanks before it.
    pub(super) fn drop_end(&mut self, end: &str) {
        if let Some(before) = self.text.trim_end().strip_suffix(end) {
            let text = super::tokens::strip(before).to_owned();
            self.clear();
            self.push(&text);
            self.break_here();
        }
    }

    /// Returns whether a blank stands at the end.
    pub(super) const fn is_spaced(&self) -> bool {
        self.is_spaced
    }

    /// Returns whether the last character that is no blank is one of ASCII.
    pub(super) fn ends_in_ascii(&self) -> bool {
        self.last.is_some_and(|last| last.is_ascii())
    }

    /// Returns whether nothing but blanks has been kept.
    pub(super) const fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Returns the text.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}
