//! Reads the markup of a text once, from left to right.
//!
//! Each reader looks at one kind of markup, marks its places, and returns where reading goes on.
//! What is scanned ahead is bounded, or consumed, or indexed: hostile text costs linear time.

use std::mem;
use std::ops::Range;

use super::scan::{Code, Place, Quote, SHORT_PAIR_CHARS, SPOILER, Scan};
use crate::text::markup::{Backticks, at, reads, run_len, url_end};
use crate::text::work;

const MENTION_CHARS: usize = 120;
const EMOJI_NAME_CHARS: usize = 32;
const LINK_TITLE_CHARS: usize = 200;
/// Longest host that is kept beside its link: no name is longer.
const NOTE_CHARS: usize = 253;
const LANGUAGE_CHARS: usize = 32;
const MENTIONS: [&str; 8] = ["<@", "<#", "<:", "<a:", "</", "<t:", "<id:", "<sound:"];
const PAIRED: [char; 3] = ['*', '_', '~'];

/// Ranges that can be settled only when the whole text has been read.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) spoilers: Vec<Range<usize>>,
    pub(super) codes: Vec<Code>,
}

/// The reader and its memory of what is still open.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    scan: &'a mut Scan,
    ticks: Backticks,
    quote: Quote,
    line_is_blank: bool,
    /// Places of `[` on this line.
    brackets: Vec<usize>,
    /// Where `**`, `__` and `~~` were opened.
    pairs: [Option<usize>; PAIRED.len()],
    spoiler: Option<usize>,
    found: Found,
}

impl<'a> Walk<'a> {
    /// Reads all markup of a text.
    pub(super) fn over(scan: &'a mut Scan) -> Found {
        let ticks = Backticks::find(&scan.chars, |_| false);
        let found = Found { spoilers: Vec::new(), codes: Vec::new() };
        let mut walk = Walk {
            scan,
            ticks,
            quote: Quote::None,
            line_is_blank: false,
            brackets: Vec::new(),
            pairs: [None; PAIRED.len()],
            spoiler: None,
            found,
        };
        let mut index = walk.line_start(0);
        while index < walk.scan.chars.len() {
            index = walk.step(index);
        }
        walk.found
    }

    fn char(&self, index: usize) -> char {
        at(&self.scan.chars, index)
    }

    fn step(&mut self, index: usize) -> usize {
        let c = self.char(index);
        if c == '\n' {
            return self.newline(index);
        }
        self.line_is_blank &= c.is_whitespace();
        match c {
            '\\' => self.escape(index),
            '`' => self.backticks(index),
            '<' => self.mention(index),
            'h' => self.url(index),
            ':' => self.emoji(index),
            '[' => {
                self.brackets.push(index);
                index + 1
            }
            ']' => self.masked_link(index),
            '|' => self.bars(index),
            '*' | '_' | '~' => self.pair(index),
            _ => index + 1,
        }
    }

    fn newline(&mut self, index: usize) -> usize {
        if mem::replace(&mut self.line_is_blank, true) {
            self.pairs = [None; PAIRED.len()];
        }
        self.brackets.clear();
        self.line_start(index + 1)
    }

    /// Reads `> `, `>>> `, and the marker of a heading or list item, which stays with its text.
    fn line_start(&mut self, line: usize) -> usize {
        let mut index = self.skip_spaces(line);
        if self.quote != Quote::Rest {
            self.quote = Quote::None;
            if reads(&self.scan.chars, index, ">>> ") && self.can_afford(Quote::Rest) {
                index += 4;
                self.enter(Quote::Rest, line..index, self.scan.chars.len());
            } else if reads(&self.scan.chars, index, "> ") && self.can_afford(Quote::Line) {
                index += 2;
                let end = self.line_end(index);
                self.enter(Quote::Line, line..index, end);
                let has_text = !self.scan.visible(index..end).is_empty();
                self.scan.set(line..index, |place| place.is_quote_mark = has_text);
            }
            index = self.skip_spaces(index);
        }
        let text = self.skip_marker(index);
        self.scan.forbid(index..text + 1);
        text
    }

    fn can_afford(&self, quote: Quote) -> bool {
        self.scan.can_afford(self.scan.count(&[quote.prefix()]))
    }

    fn enter(&mut self, quote: Quote, mark: Range<usize>, end: usize) {
        self.quote = quote;
        self.scan.forbid(mark.start..mark.end + 1);
        self.scan.set(mark.end..end + 1, |place| place.inside.quote = quote);
    }

    /// Marks the quoted lines that begin inside a range which is read in one go.
    fn quote_lines(&mut self, range: Range<usize>) {
        if self.quote != Quote::Line {
            return;
        }
        for index in range.filter(|index| at(&self.scan.chars, *index) == '\n').collect::<Vec<_>>()
        {
            let mark = self.skip_spaces(index + 1);
            if reads(&self.scan.chars, mark, "> ") {
                let end = self.line_end(mark);
                self.enter(Quote::Line, index + 1..mark + 2, end);
                self.scan.set(index + 1..mark + 2, |place| place.is_quote_mark = true);
            }
        }
    }

    fn skip_spaces(&self, index: usize) -> usize {
        let rest = self.scan.chars.iter().skip(index);
        let blanks = rest.take_while(|c| matches!(c, ' ' | '\t')).count();
        work::count(blanks);
        index + blanks
    }

    fn line_end(&self, index: usize) -> usize {
        let len = self.scan.chars.iter().skip(index).take_while(|c| **c != '\n').count();
        work::count(len);
        index + len
    }

    fn skip_marker(&self, index: usize) -> usize {
        let symbols =
            ["- ", "* ", "+ ", "• ", "# ", "## ", "### ", "#### ", "##### ", "###### ", "-# "];
        let chars = &self.scan.chars;
        if let Some(symbol) = symbols.into_iter().find(|symbol| reads(chars, index, symbol)) {
            let text = index + symbol.chars().count();
            let boxes = ["[ ] ", "[x] ", "[X] "];
            let has_box = boxes.into_iter().any(|mark| reads(chars, text, mark));
            return if has_box { text + boxes[0].len() } else { text };
        }
        let digits = chars.iter().skip(index).take(9).take_while(|c| c.is_ascii_digit()).count();
        let is_number = digits > 0
            && (reads(chars, index + digits, ". ") || reads(chars, index + digits, ") "));
        if is_number { index + digits + 2 } else { index }
    }

    fn escape(&mut self, index: usize) -> usize {
        let escaped = self.char(index + 1);
        if !escaped.is_whitespace() {
            self.scan.forbid(index..index + 2);
        }
        // An escaped mention still mentions.
        if escaped.is_ascii_punctuation() && escaped != '<' { index + 2 } else { index + 1 }
    }

    fn backticks(&mut self, index: usize) -> usize {
        let len = run_len(&self.scan.chars, index);
        let fence = self.ticks.fence(&self.scan.chars, index);
        let code = match fence.filter(|(close, _)| self.is_one_quote(index..*close)) {
            Some((close, end)) => self.fence(index..end, index + len..close),
            None => match self.ticks.span_close(index + len, len) {
                Some(close) => Code {
                    whole: index..close + len,
                    content: index + len..close,
                    fence: None,
                    ticks: "`".repeat(len),
                    before: index,
                },
                None => return index + len,
            },
        };
        let end = code.whole.end;
        self.quote_lines(code.whole.clone());
        self.found.codes.push(code);
        end
    }

    /// A fence in quoted lines ends with the quote.
    fn is_one_quote(&self, range: Range<usize>) -> bool {
        let is_quoted = |line: usize| reads(&self.scan.chars, self.skip_spaces(line), "> ");
        self.quote != Quote::Line
            || range.into_iter().all(|index| self.char(index) != '\n' || is_quoted(index + 1))
    }

    fn fence(&self, whole: Range<usize>, inner: Range<usize>) -> Code {
        let is_in_name = |c: &&char| c.is_ascii_alphanumeric() || "_+-.#".contains(**c);
        let name = self.scan.chars.iter().skip(inner.start).take(LANGUAGE_CHARS);
        let language: String = name.take_while(is_in_name).collect();
        let line_end = inner.start + language.len();
        let line_end = line_end + usize::from(self.char(line_end) == '\r');
        let has_language = self.char(line_end) == '\n';
        Code {
            content: if has_language { line_end } else { inner.start }..inner.end,
            fence: Some(if has_language { language } else { String::new() }),
            ticks: "`".repeat(inner.start - whole.start),
            before: self.before_line(whole.start),
            whole,
        }
    }

    fn before_line(&self, mut index: usize) -> usize {
        let is_lead = |place: Place| place.is_blank || place.is_quote_mark;
        while index > 0 && is_lead(self.scan.place(index - 1)) {
            index -= 1;
        }
        index
    }

    /// Reads `<@id>`, `<#id>`, `<:name:id>`, `</name:id>`, `<t:unix:R>` and `<https://…>`.
    fn mention(&mut self, index: usize) -> usize {
        let chars = &self.scan.chars;
        if let Some(end) = url_end(chars, index + 1) {
            let end = end + usize::from(at(chars, end) == '>');
            self.scan.forbid(index..end);
            return end;
        }
        if MENTIONS.into_iter().any(|mention| reads(chars, index, mention)) {
            let rest = chars.iter().skip(index + 1).take(MENTION_CHARS);
            let len = rest.take_while(|c| !matches!(c, '>' | '<' | '\n')).count();
            if self.char(index + 1 + len) == '>' {
                self.scan.forbid(index..index + len + 2);
                return index + len + 2;
            }
        }
        index + 1
    }

    fn url(&mut self, index: usize) -> usize {
        let Some(end) = url_end(&self.scan.chars, index) else { return index + 1 };
        self.scan.forbid(index..end);
        end
    }

    fn emoji(&mut self, index: usize) -> usize {
        let name = self.scan.chars.iter().skip(index + 1).take(EMOJI_NAME_CHARS);
        let is_in_name = |c: &&char| c.is_ascii_alphanumeric() || "_-+~".contains(**c);
        let end = index + 1 + name.take_while(is_in_name).count();
        if end == index + 1 || self.char(end) != ':' {
            return index + 1;
        }
        self.scan.forbid(index..end + 1);
        end + 1
    }

    /// Reads the rest of `[text](url)` or `[text](<url> "title")` from its `]` on.
    fn masked_link(&mut self, index: usize) -> usize {
        let Some(open) = self.brackets.pop() else { return index + 1 };
        if self.char(index + 1) != '(' {
            return index + 1;
        }
        let is_bracketed = self.char(index + 2) == '<';
        let url = index + 2 + usize::from(is_bracketed);
        let Some(url_end) = url_end(&self.scan.chars, url) else { return index + 1 };
        let closed = url_end + usize::from(is_bracketed && self.char(url_end) == '>');
        let end = closed + self.title_chars(closed);
        if self.char(end) != ')' {
            self.scan.forbid(url..url_end);
            return url_end;
        }
        let is_image = open > 0 && self.char(open - 1) == '!';
        let end = self.note_end(end + 1);
        self.scan.forbid(open - usize::from(is_image)..end);
        end
    }

    /// Returns the end of the host in parentheses that says where a masked link leads: ` (example.com)`.
    fn note_end(&self, index: usize) -> usize {
        if !reads(&self.scan.chars, index, " (") {
            return index;
        }
        let rest = self.scan.chars.iter().skip(index + 2).take(NOTE_CHARS);
        let is_host = |c: &&char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '`' | '|');
        let len = rest.take_while(is_host).count();
        work::count(len);
        if len > 0 && self.char(index + 2 + len) == ')' { index + len + 3 } else { index }
    }

    fn title_chars(&self, index: usize) -> usize {
        if !reads(&self.scan.chars, index, " \"") {
            return 0;
        }
        let rest = self.scan.chars.iter().skip(index + 2).take(LINK_TITLE_CHARS);
        let len = rest.take_while(|c| !matches!(c, '"' | '\n')).count();
        if self.char(index + 2 + len) == '"' { len + 3 } else { 0 }
    }

    fn bars(&mut self, index: usize) -> usize {
        if !reads(&self.scan.chars, index, SPOILER) {
            return index + 1;
        }
        let end = index + SPOILER.len();
        self.scan.forbid(index..end);
        match self.spoiler.take() {
            Some(open) if open + SPOILER.len() < index => self.found.spoilers.push(open..end),
            // A second `||` at once opens anew: nothing lies between to hide.
            _ => self.spoiler = Some(index),
        }
        end
    }

    fn pair(&mut self, index: usize) -> usize {
        let len = run_len(&self.scan.chars, index);
        if !(2..=3).contains(&len) {
            return index + len;
        }
        let end = index + len;
        self.scan.forbid(index..end);
        let kind = PAIRED.iter().position(|c| *c == self.char(index));
        let Some(open) = kind.and_then(|kind| self.pairs.get_mut(kind)) else { return end };
        match open.take() {
            Some(start) if end - start < SHORT_PAIR_CHARS => {
                self.scan.set(start + 1..end, |place| place.is_soft = true);
                self.scan.forbid(start..start + len + 1);
                self.scan.forbid(index - 1..end);
            }
            _ => *open = Some(index),
        }
        end
    }
}
