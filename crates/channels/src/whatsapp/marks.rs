//! Markdown as WhatsApp shows it: a text with marks around words, and no escapes.
//!
//! | style | marks |
//! | --- | --- |
//! | bold, italic, struck through | `*words*`, `_words_`, `~words~`, within one line |
//! | code, block of code | `` `words` ``, ` ```lines``` ` |
//! | quote | `> ` before each line |
//! | link | its address in parentheses behind its words |
//!
//! A mark counts where no letter or digit stands before the opening or behind the closing one, and no space within:
//! where a letter would, a character that shows nothing keeps them apart. Words that would be read as marks though they
//! are none are shown as code.
//!
//! # Source
//! WhatsApp Help Center, How to format your messages, read 2026-11; where it is silent, what its apps do.

use crate::markdown::{Style, Styled, cut, read};
use miyabi_core::order::sort_by_place;
use miyabi_core::text::LengthUnit;

/// Stands between a letter and a mark, and shows nothing.
const APART: char = '\u{200b}';

/// Styles of a character, each a bit.
type Styles = u8;

const BOLD: Styles = 1;
const ITALIC: Styles = 2;
const STRIKE: Styles = 4;
const CODE: Styles = 8;
const BLOCK: Styles = 16;
const QUOTE: Styles = 32;
const ADDRESS: Styles = 64;

/// Styles that have nothing in them but characters as they are.
const VERBATIM: Styles = CODE | BLOCK;

/// What stands before and behind a block of code.
const FENCE: &str = "```";

/// Marks of styles, the outer one of two first.
const MARKS: [(Styles, &str); 5] =
    [(BOLD, "*"), (ITALIC, "_"), (STRIKE, "~"), (CODE, "`"), (BLOCK, FENCE)];

/// Formats Markdown for WhatsApp, cut to `limit` UTF-16 units.
pub fn format(markdown: &str, limit: usize) -> String {
    let styled = read(markdown);
    let unit = LengthUnit::Utf16Units;
    let written = |most| {
        let text = write(&cut(styled.clone(), most, unit));
        (unit.length(&text) <= limit).then_some(text)
    };
    if let Some(text) = written(limit) {
        return text;
    }
    // Marks are not counted before they are written: as much as fits with its own is looked for between two lengths.
    let (mut fits, mut is_long, mut best) = (0, limit, String::new());
    while is_long - fits > 1 {
        let most = usize::midpoint(fits, is_long);
        match written(most) {
            Some(text) => (fits, best) = (most, text),
            None => is_long = most,
        }
    }
    best
}

/// Returns how long a message of this Markdown is, in UTF-16 units.
pub fn length(markdown: &str) -> usize {
    LengthUnit::Utf16Units.length(&write(&read(markdown)))
}

/// A character and its styles.
type Cell = (char, Styles);

fn write(styled: &Styled) -> String {
    let mut cells = cells(styled);
    for line in cells.split_mut(|(c, _)| *c == '\n') {
        protect(line);
    }
    let mut writer = Writer { begins_line: true, ..Writer::default() };
    for (c, styles) in cells {
        writer.take(c, styles);
    }
    writer.turn_to(0, '\n');
    writer.text
}

/// Returns the characters of a text, and addresses behind the words of links.
fn cells(Styled { text, spans }: &Styled) -> Vec<Cell> {
    let mut styles: Vec<Styles> = vec![0; text.len() + 1];
    for span in spans {
        let words = text.get(span.range.clone()).unwrap_or_default();
        let style = style_of(&span.style, words);
        styles.iter_mut().take(span.range.end).skip(span.range.start).for_each(|it| *it |= style);
    }
    let mut links: Vec<_> =
        spans.iter().filter(|span| matches!(span.style, Style::Link(_))).collect();
    sort_by_place(&mut links, |span| (span.range.end, 0));
    let mut links = links.into_iter().peekable();
    let (mut cells, mut ticks) = (Vec::new(), 0);
    for (at, c) in text.char_indices() {
        let own = styles.get(at).copied().unwrap_or_default();
        // Code has no style but its own, and nothing in it ends it.
        let own = if own & VERBATIM == 0 { own } else { own & (VERBATIM | QUOTE) };
        ticks = if c == '`' && own & BLOCK != 0 { ticks + 1 } else { 0 };
        if ticks == FENCE.len() {
            cells.push((APART, own));
            ticks = 1;
        }
        cells.push((c, own));
        let end = at + c.len_utf8();
        while let Some(span) = links.next_if(|span| span.range.end <= end) {
            let Style::Link(address) = &span.style else { continue };
            if text.get(span.range.clone()) != Some(address) {
                let behind = [" (", address, ")"].concat();
                cells.extend(behind.chars().map(|c| (c, own & QUOTE | ADDRESS)));
            }
        }
    }
    cells
}

fn style_of(style: &Style, words: &str) -> Styles {
    match style {
        Style::Bold => BOLD,
        Style::Italic => ITALIC,
        Style::Strike => STRIKE,
        Style::Code if !words.contains('`') => CODE,
        Style::Code | Style::Block(_) => BLOCK,
        Style::Quote => QUOTE,
        Style::Link(_) | Style::Instant { .. } => 0,
    }
}

/// Shows words of a line as code that would be read as marks though they are none, such as `*args and **kwargs*`.
fn protect(line: &mut [Cell]) {
    for (style, mark) in MARKS.into_iter().filter(|(style, _)| style & VERBATIM == 0) {
        // Where the last mark is that closes: what is shown as code closes no more, and nothing else begins to.
        let (mut at, mut last) = (0, line.len());
        while at < line.len() {
            if !opens(line, at, mark) {
                at += 1;
                continue;
            }
            while last > at + 1 && !closes(line, last, (style, mark)) {
                last -= 1;
            }
            if last <= at + 1 {
                break;
            }
            at += show_as_code(line, at).max(1);
        }
    }
}

fn is_plain(cell: Option<&Cell>, mark: &str) -> bool {
    cell.is_some_and(|(c, styles)| styles & (VERBATIM | ADDRESS) == 0 && mark.starts_with(*c))
}

fn is_word(cell: Option<&Cell>) -> bool {
    cell.is_some_and(|(c, _)| c.is_alphanumeric())
}

fn is_space(cell: Option<&Cell>) -> bool {
    cell.is_none_or(|(c, _)| c.is_whitespace())
}

fn opens(line: &[Cell], at: usize, mark: &str) -> bool {
    let before = at.checked_sub(1).and_then(|before| line.get(before));
    is_plain(line.get(at), mark) && !is_word(before) && !is_space(line.get(at + 1))
}

/// Says whether a character closes a mark, or has its style, whose mark would.
fn closes(line: &[Cell], at: usize, (style, mark): (Styles, &str)) -> bool {
    let is_styled = line.get(at).is_some_and(|(_, styles)| styles & style != 0);
    let is_mark = is_plain(line.get(at), mark)
        && !is_space(at.checked_sub(1).and_then(|before| line.get(before)))
        && !is_word(line.get(at + 1));
    is_styled || is_mark
}

/// Shows the word of a character as code, and returns how many characters of it come from there on.
fn show_as_code(line: &mut [Cell], at: usize) -> usize {
    let is_of_word = |(c, styles): &Cell| !c.is_whitespace() && styles & (VERBATIM | ADDRESS) == 0;
    let begins = line.iter().take(at).rev().take_while(|it| is_of_word(it)).count();
    let ends = line.iter().skip(at).take_while(|it| is_of_word(it)).count();
    let Some(word) = line.get_mut(at - begins..at + ends) else { return ends };
    let text: String = word.iter().map(|(c, _)| *c).collect();
    // The marks of an address are none.
    if text.contains("://") {
        return ends;
    }
    let style = if text.contains('`') { BLOCK } else { CODE };
    for (_, styles) in word {
        *styles = *styles & QUOTE | style;
    }
    ends
}

/// Writes characters, and marks where their styles change.
#[derive(Default)]
struct Writer {
    text: String,
    /// Styles whose marks are open, the outer one of two first.
    open: Vec<(Styles, &'static str)>,
    /// Spaces that stand before or behind a mark, as it will turn out.
    spaces: String,
    begins_line: bool,
}

impl Writer {
    fn take(&mut self, c: char, styles: Styles) {
        if c == '\n' {
            self.spaces.clear();
            // Marks end with their line, but for those of a block.
            if styles & BLOCK == 0 {
                self.turn_to(0, c);
            }
            self.begin_line(styles);
            self.begins_line = true;
        } else if c.is_whitespace() && styles & VERBATIM == 0 {
            self.spaces.push(c);
            return;
        } else {
            self.begin_line(styles);
            self.turn_to(styles, c);
        }
        self.text.push(c);
    }

    fn begin_line(&mut self, styles: Styles) {
        if core::mem::take(&mut self.begins_line) && styles & QUOTE != 0 {
            self.text.push_str("> ");
        }
    }

    /// Closes the marks of the styles that `next` does not have, and opens those of the others that it has.
    fn turn_to(&mut self, styles: Styles, next: char) {
        let wanted = || MARKS.into_iter().filter(|(style, _)| styles & style != 0);
        let kept =
            self.open.iter().zip(wanted()).take_while(|(one, other)| **one == *other).count();
        let (closes, opens) = (self.open.len() > kept, wanted().count() > kept);
        for (_, mark) in self.open.drain(kept..).rev() {
            self.text.push_str(mark);
        }
        let is_beside_word = match (closes, opens) {
            (true, false) => next.is_alphanumeric(),
            (false, true) => self.text.ends_with(char::is_alphanumeric),
            (true, true) | (false, false) => false,
        };
        if is_beside_word && self.spaces.is_empty() {
            self.text.push(APART);
        }
        self.text.push_str(&core::mem::take(&mut self.spaces));
        for (style, mark) in wanted().skip(kept) {
            self.text.push_str(mark);
            self.open.push((style, mark));
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::MAX_TEXT;
    use super::*;
    use miyabi_testing::fuzz::{Numbers, rounds};

    fn check(markdown: &str, expected: &str) {
        let shown = format(markdown, MAX_TEXT).replace(APART, "|");
        assert_eq!(shown, expected, "{markdown:?}");
        assert_eq!(length(markdown), LengthUnit::Utf16Units.length(&format(markdown, MAX_TEXT)));
    }

    #[test]
    fn styles_have_whatsapps_marks() {
        check("**b** *i* ~~s~~ `c`", "*b* _i_ ~s~ `c`");
        check("***both*** and **bold *italic***", "*_both_* and *bold _italic_*");
        check("*italic **bold***", "_italic_ *_bold_*");
        check("# Title\n\ntext", "*Title*\n\ntext");
        check("- one\n- two", "• one\n• two");
        check("-# small", "_small_");
    }

    #[test]
    fn marks_stand_apart_from_letters() {
        check("これは**重要**です", "これは|*重要*|です");
        check("un**believ**able", "un|*believ*|able");
        check("(**a**), **b**.", "(*a*), *b*.");
        check("**a** b", "*a* b");
    }

    #[test]
    fn marks_end_with_their_line() {
        check("**one\ntwo**", "*one*\n*two*");
        check("> **one\n> two**\n>\n> three\n\nfour", "> *one*\n> *two*\n> \n> three\n\nfour");
    }

    #[test]
    fn code_is_as_it_was_written() {
        check("```rust\n  fn a() {\n    *b*\n}\n```\nend", "```  fn a() {\n    *b*\n}```\nend");
        check("**a `b_c_` d**", "*a* `b_c_` *d*");
        check("`` a`b ``", "```a`b```");
        check("````\n```\nx\n````", "```\u{60}\u{60}|\u{60}\nx```");
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        check("[docs](https://x.example/a_b_c)", "docs (https://x.example/a_b_c)");
        check("[**docs**](https://x.example) too", "*docs* (https://x.example) too");
        check("<https://x.example/_a_>", "https://x.example/_a_");
        check("https://x.example/_a_/b", "https://x.example/_a_/b");
    }

    #[test]
    fn what_is_no_mark_is_shown() {
        check("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name");
        check(r"\*args and \*\*kwargs\*", "`*args` and `**kwargs*`");
        check(r"call \_private\_ now", "call `_private_` now");
        check(r"\*note: **this**", "`*note:` *this*");
        check("5* hotel, 3* hostel", "5* hotel, 3* hostel");
        check("~5 minutes", "~5 minutes");
    }

    #[test]
    fn what_is_too_long_is_cut_with_its_marks() {
        for limit in [0, 1, 2, 3, 10, 50] {
            let text = format(&"**雅😀** ".repeat(30), limit);
            assert!(LengthUnit::Utf16Units.length(&text) <= limit, "{limit} {text}");
            assert!(text.matches('*').count().is_multiple_of(2), "{text}");
        }
    }

    #[test]
    fn no_more_is_cut_than_has_to_be() {
        for markdown in ["a*a*".repeat(1024), "> ***~~a\nb\nc~~***\n\n".repeat(200)] {
            let shown = LengthUnit::Utf16Units.length(&format(&markdown, MAX_TEXT));
            assert!((MAX_TEXT - 20..=MAX_TEXT).contains(&shown), "{shown}");
        }
    }

    #[test]
    fn hostile_text_is_written_in_linear_time() {
        let address = ["://", &r"\_(".repeat(30_000)].concat();
        let patterns = ["*a ", r"\*a ", "_(", "[a](http://x.example) "];
        let texts = patterns.map(|pattern| pattern.repeat(100_000 / pattern.len()));
        for text in texts.into_iter().chain([address]) {
            assert!(length(&text) > 60_000);
        }
    }

    #[test]
    fn any_markdown_has_marks_in_pairs_and_loses_nothing() {
        const PIECES: [&str; 20] = [
            "**",
            "*",
            "_",
            "~~",
            "`",
            "```",
            "\n",
            "\n\n",
            "> ",
            "- ",
            "1. ",
            " ",
            "a",
            "雅",
            "😀",
            "[g](https://x.example)",
            "# ",
            "word",
            "()",
            "\\*",
        ];
        let mut numbers = Numbers::new(7);
        for _ in 0..rounds(3_000) {
            let count = numbers.below(40);
            let text = numbers.text(&PIECES, count);
            let shown = format(&text, MAX_TEXT);
            assert!(LengthUnit::Utf16Units.length(&shown) <= MAX_TEXT);
            let read: String = read(&text).text.chars().filter(|c| c.is_alphanumeric()).collect();
            let mut rest = shown.chars();
            assert!(read.chars().all(|c| rest.any(|it| it == c)), "{text:?} became {shown:?}");
        }
    }
}
