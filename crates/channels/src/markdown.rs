//! Markdown as plain text with styles, for platforms that have marks or entities of their own.
//!
//! A model writes Markdown. What it means is read by a parser that others keep, and each channel writes the result
//! in its platform's way. The layout stays as it was written, so that a text can be split before it is read
//! ([`miyabi_core::text::split_message`]): it is longer afterwards only where a list counts on from numbers that have
//! fewer digits, or a tab becomes spaces.

mod address;
mod cjk;
mod fit;
mod instants;
mod styled;

use core::ops::Range;

pub(crate) use self::address::{addresses, is_followed, is_glued};
pub use self::fit::{cut, is_seen, split};
use self::instants::read_instant;
pub use self::instants::{in_words, instant};
pub use self::styled::{Span, Style, Styled, sort};
use crate::dialect::GAP;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// What a line of small print begins with, as the program writes it: it is italic here.
const SMALL_PRINT: &str = "-# ";

/// Stands before an item of a list without numbers.
const BULLET: &str = "• ";

/// Stands for a line across.
pub(crate) const RULE: &str = "———";

/// Box of a task that is done.
pub(crate) const DONE: &str = "☑";

/// Box of a task that is not.
pub(crate) const TO_DO: &str = "☐";

const TILDE: &str = "~";

/// Reads Markdown.
///
/// # Example
///
/// ```
/// # use miyabi_channels::markdown::{Style, read};
/// let read = read("- **two** `words`");
/// assert_eq!(read.text, "• two words");
/// assert_eq!(read.spans[0].style, Style::Bold);
/// assert_eq!(&read.text[read.spans[1].range.clone()], "words");
/// ```
pub fn read(markdown: &str) -> Styled {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let source = &cjk::spread(markdown);
    let mut writer = Writer { source, ..Writer::default() };
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        writer.take(event, &range);
    }
    let Styled { text, mut spans } = writer.styled;
    // Of two that begin and end together the outer one was closed last.
    spans.reverse();
    sort(&mut spans);
    Styled { text, spans }
}

/// A style that goes on.
struct Open {
    start: usize,
    style: Option<Style>,
}

#[derive(Default)]
struct Writer<'a> {
    source: &'a str,
    styled: Styled,
    open: Vec<Open>,
    /// Number of the next item of each list that goes on; `None` for one without numbers.
    lists: Vec<Option<u64>>,
    /// Where what was written last ends in the source.
    written: usize,
    /// Whether a block has begun of which nothing is written yet, so that the one in it begins in its line.
    has_begun: bool,
    /// Where the mark of an item begins, if nothing stands behind it yet.
    mark: Option<usize>,
    /// Quotes that go on.
    quotes: usize,
    /// Where a line of small print begins, while it goes on.
    small_print: Option<usize>,
}

impl Writer<'_> {
    fn take(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(end) => self.end(end, range),
            // What keeps backticks apart there is not needed where code is told from its marks.
            Event::Text(text) if self.is_in_block() => {
                self.write(&text.replace([GAP, "`"].concat().as_str(), "`"), range);
            }
            Event::Text(text) => {
                let text = self.begin_small_print(&text);
                self.write(text, range);
            }
            // HTML is not rendered: people read it as it is.
            Event::InlineHtml(text) | Event::Html(text) => self.write(&text, range),
            Event::Code(text) => {
                let start = self.styled.text.len();
                self.write(&text, range);
                self.style(start, Style::Code);
            }
            Event::SoftBreak | Event::HardBreak => {
                self.end_small_print();
                self.write("\n", range);
                self.indent(range.end);
            }
            Event::Rule => {
                let _ended = self.begin_block(range.start);
                // Its range has the end of its line too.
                self.write(RULE, &(range.start..range.start));
            }
            Event::TaskListMarker(is_done) => {
                // The box is the mark of its item.
                if let Some(mark) = self.mark {
                    self.styled.text.truncate(mark);
                }
                self.write(if is_done { DONE } else { TO_DO }, range);
                self.styled.text.push(' ');
            }
            // These are extensions that are not switched on.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.write(&text, range);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => {
                if self.begin_block(range.start) && !self.lists.is_empty() {
                    let line = self.source.get(..range.start).unwrap_or_default();
                    self.indent(line.rfind('\n').map_or(0, |end| end + 1));
                }
            }
            Tag::Heading { .. } => {
                let _ended = self.begin_block(range.start);
                self.open(Some(Style::Bold));
            }
            Tag::BlockQuote(_) => {
                let _ended = self.begin_block(range.start);
                self.quotes += 1;
                self.open((self.quotes == 1).then_some(Style::Quote));
            }
            Tag::CodeBlock(kind) => {
                let _ended = self.begin_block(range.start);
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => language(info),
                    CodeBlockKind::Indented => "",
                };
                self.open(Some(Style::Block(language.to_owned())));
            }
            Tag::List(first) => self.lists.push(first),
            Tag::Item => self.begin_item(range.start),
            Tag::Emphasis => self.open(Some(Style::Italic)),
            Tag::Strong => self.open(Some(Style::Bold)),
            Tag::Strikethrough => {
                let is_pair = self.is_struck(range);
                if !is_pair {
                    self.write(TILDE, &(range.start..range.start + 1));
                }
                self.open(is_pair.then_some(Style::Strike));
            }
            Tag::Link { link_type, dest_url, .. } => {
                let is_shown = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.open((!is_shown).then(|| Style::Link(cjk::joined(&dest_url))));
            }
            Tag::Image { dest_url, .. } => self.open(Some(Style::Link(cjk::joined(&dest_url)))),
            // These are extensions that are not switched on.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, end: TagEnd, range: &Range<usize>) {
        match end {
            TagEnd::BlockQuote(_) => {
                self.has_begun = false;
                self.quotes = self.quotes.saturating_sub(1);
                self.close(range);
            }
            TagEnd::CodeBlock => {
                // The end of its last line is the end of the block.
                if self.styled.text.ends_with('\n') {
                    self.styled.text.pop();
                }
                self.close(range);
                // Empty lines behind one that is indented are in its range.
                let block = self.source.get(range.clone()).unwrap_or_default();
                self.written = range.start + block.trim_end().len();
            }
            TagEnd::Heading(_)
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Link
            | TagEnd::Image => self.close(range),
            TagEnd::Strikethrough => {
                self.close(range);
                if !self.is_struck(range) {
                    self.write(TILDE, range);
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => {
                if self.mark.take().is_some() && self.styled.text.ends_with(' ') {
                    self.styled.text.pop();
                }
                self.has_begun = false;
            }
            TagEnd::HtmlBlock => {
                if self.styled.text.ends_with('\n') {
                    self.styled.text.pop();
                    self.written = self.written.saturating_sub(1);
                }
            }
            TagEnd::Paragraph => self.end_small_print(),
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// Says whether what is struck through has two tildes. One is how Japanese writes from here to there.
    fn is_struck(&self, range: &Range<usize>) -> bool {
        self.source.get(range.clone()).is_some_and(|it| it.starts_with("~~"))
    }

    /// Indents a line that goes on as its source at this place does.
    fn indent(&mut self, at: usize) {
        let line = self.source.get(at..).unwrap_or_default();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        self.styled.text.extend(core::iter::repeat_n(' ', spaces));
    }

    /// Ends the line before a block, with as many line ends as the source has there, two at most, and says whether
    /// there was one.
    fn begin_block(&mut self, at: usize) -> bool {
        if core::mem::replace(&mut self.has_begun, true) || self.styled.text.is_empty() {
            return false;
        }
        let between = self.source.get(self.written..at).unwrap_or_default();
        let ends = between.bytes().filter(|byte| *byte == b'\n').count().clamp(1, 2);
        self.styled.text.extend(core::iter::repeat_n('\n', ends));
        self.written = self.written.max(at);
        true
    }

    fn begin_item(&mut self, at: usize) {
        // An item may begin with another list: both marks stand in one line, as they are written.
        let is_within = self.mark.is_some();
        let _ended = self.begin_block(at);
        if !is_within {
            let depth = self.lists.len().saturating_sub(1);
            self.styled.text.extend(core::iter::repeat_n("  ", depth));
        }
        let start = self.styled.text.len();
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.styled.text.extend([&number.to_string(), ". "]);
                *number = number.saturating_add(1);
            }
            Some(None) | None => self.styled.text.push_str(BULLET),
        }
        self.mark = Some(start);
        self.written = self.written.max(at);
    }

    fn write(&mut self, text: &str, range: &Range<usize>) {
        self.styled.text.extend(text.split(cjk::LETTER));
        (self.mark, self.has_begun) = (None, false);
        self.written = self.written.max(range.end);
    }

    fn is_in_block(&self) -> bool {
        self.open.iter().any(|open| matches!(open.style, Some(Style::Block(_))))
    }

    /// Takes the mark of small print off a text that begins a line.
    fn begin_small_print<'t>(&mut self, text: &'t str) -> &'t str {
        let begins = self.styled.text.is_empty() || self.styled.text.ends_with('\n');
        match text.strip_prefix(SMALL_PRINT) {
            Some(rest) if begins => {
                self.small_print = Some(self.styled.text.len());
                rest
            }
            Some(_) | None => text,
        }
    }

    fn end_small_print(&mut self) {
        if let Some(start) = self.small_print.take() {
            self.style(start, Style::Italic);
        }
    }

    fn open(&mut self, style: Option<Style>) {
        self.open.push(Open { start: self.styled.text.len(), style });
    }

    fn close(&mut self, range: &Range<usize>) {
        let Some(Open { start, style }) = self.open.pop() else { return };
        match style {
            Some(Style::Link(address)) => self.close_link(start, address, range),
            Some(style) => self.style(start, style),
            None => {}
        }
    }

    fn close_link(&mut self, start: usize, address: String, range: &Range<usize>) {
        if self.styled.text.len() == start {
            // Nothing is shown of it: its address is.
            self.write(&address, range);
        } else if let Some(style) = read_instant(&address) {
            self.style(start, style);
        } else if is_followed(&address) {
            self.style(start, Style::Link(address));
        } else if range.len() >= self.styled.text.len() - start + address.len() + 3 {
            self.write(&format!(" ({address})"), range);
        }
    }

    /// Gives what was written since `start` a style.
    fn style(&mut self, start: usize, style: Style) {
        let range = start..self.styled.text.len();
        if !range.is_empty() {
            self.styled.spans.push(Span { range, style });
        }
    }
}

/// Returns the language of a block of code, the first word behind its fence.
fn language<'a>(info: &'a CowStr<'_>) -> &'a str {
    info.split(|c: char| c.is_whitespace() || c == ',').next().unwrap_or_default()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
