//! Markdown as models write it, in the words that a chat knows.
//!
//! Models write all of [CommonMark](https://spec.commonmark.org), and what they have seen of formulas. Chats know less:
//!
//! | what is written | what becomes of it |
//! | --- | --- |
//! | `[words][name]`, and `[name]: address` elsewhere | `[words](address)`; a definition that nothing names this way is shown |
//! | `2*3*4`, `2**8 + 3**8` | the same with escapes: these are no marks |
//! | a fence of tildes, a fence in a longer fence | a fence of three backticks; those in it have `GAP` between them, so that they end nothing |
//! | `<br>` | the end of a line; in a table `/` |
//! | a formula between `\(` and `\)`, `\[` and `\]`, or dollars | code |
//! | an address with Japanese right behind it | the address in angle brackets, which end it |
//!
//! and where a chat has Markdown of its own that lacks them ([`Dialect::Chat`]):
//!
//! | what is written | what becomes of it |
//! | --- | --- |
//! | `#### Heading`, a heading with a line below it | a heading of the third level at most |
//! | `---` | a line of dashes that are characters |
//! | `- [x]` | a box |
//! | `![words](address)` | a link |
//! | `+` before an item | `-` |
//! | a title or other attributes behind the language of a fence | the language alone |
//!
//! Everything else stays byte for byte.

mod formulas;

use core::ops::Range;

use miyabi_core::text::markup::FENCE;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::markdown::{DONE, RULE, TO_DO, addresses, is_glued};
use miyabi_core::order::sort_by_place;

/// What the Markdown of a platform has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// All of `CommonMark`.
    Common,
    /// What Discord has: three levels of headings, lists, links, fences of three backticks.
    Chat,
}

/// Shows nothing, and keeps backticks apart.
pub(crate) const GAP: &str = "\u{200b}";

/// Returns Markdown that reads in a dialect as it was meant.
///
/// # Example
///
/// ```
/// # use miyabi_channels::dialect::{Dialect, settle};
/// assert_eq!(settle("2*3*4 = 24", Dialect::Common), r"2\*3\*4 = 24");
/// assert_eq!(settle("#### Steps\n- [x] one", Dialect::Chat), "### Steps\n- ☑ one");
/// ```
pub fn settle(markdown: &str, dialect: Dialect) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut events = Parser::new_ext(markdown, options).into_offset_iter();
    let mut writer = Writer {
        source: markdown,
        dialect,
        edits: Vec::new(),
        links: 0,
        kept: Vec::new(),
        named: Vec::new(),
    };
    for (event, range) in events.by_ref() {
        writer.take(&event, range);
    }
    for (label, definition) in events.reference_definitions().iter() {
        writer.define(label, &definition.span);
    }
    writer.enclose();
    let formulas = formulas::formulas(markdown, |at| writer.is_kept(at));
    // What is within a formula stays: of two that begin together, the longer one comes first.
    writer.edits.extend(formulas);
    writer.written()
}

struct Writer<'a> {
    source: &'a str,
    dialect: Dialect,
    edits: Vec<(Range<usize>, String)>,
    /// Links that go on.
    links: usize,
    /// Where an address is none, or is marked.
    kept: Vec<Range<usize>>,
    /// Definitions that are named by links with words of their own.
    named: Vec<String>,
}

impl Writer<'_> {
    fn take(&mut self, event: &Event<'_>, range: Range<usize>) {
        let is_chat = self.dialect == Dialect::Chat;
        if matches!(
            event,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_))
                | Event::Code(_)
                | Event::Html(_)
                | Event::InlineHtml(_)
        ) {
            self.kept.push(range.clone());
        }
        match event {
            Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
                self.links += 1;
                self.resolve(*link_type, dest_url, id, &range);
            }
            Event::End(TagEnd::Link) => self.links = self.links.saturating_sub(1),
            Event::Start(Tag::Image { link_type, dest_url, id, .. }) => {
                self.resolve(*link_type, dest_url, id, &range);
                if is_chat && *link_type == LinkType::Inline {
                    self.unframe(dest_url, range);
                }
            }
            Event::Start(Tag::Emphasis) => self.multiply(&range, 1),
            Event::Start(Tag::Strong) => self.multiply(&range, 2),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => self.fence(&range),
            Event::InlineHtml(tag) if is_line_end(tag) => self.end_line(range),
            Event::Start(Tag::Heading { .. }) if is_chat => self.head(range),
            Event::Start(Tag::Item) if is_chat && self.at(&range).starts_with('+') => {
                self.edit(range.start..range.start + 1, "-");
            }
            Event::TaskListMarker(is_done) if is_chat => {
                self.edit(range, if *is_done { DONE } else { TO_DO });
            }
            Event::Rule if is_chat => {
                let end = range.start + self.at(&range).trim_end().len();
                self.edit(range.start..end, RULE);
            }
            Event::Start(_)
            | Event::End(_)
            | Event::Text(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }

    fn at(&self, range: &Range<usize>) -> &str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    fn edit(&mut self, range: Range<usize>, by: &str) {
        self.edits.push((range, by.to_owned()));
    }

    /// Writes a link that names its address as one that has it.
    fn resolve(&mut self, kind: LinkType, address: &str, name: &str, range: &Range<usize>) {
        if !matches!(kind, LinkType::Reference | LinkType::Collapsed) {
            return;
        }
        self.named.push(name.to_lowercase());
        let is_plain = !address.contains(|c: char| c.is_whitespace() || "()<>".contains(c));
        let written = if is_plain { format!("({address})") } else { format!("(<{address}>)") };
        // Of a collapsed one the range has the words alone.
        let behind = self.source.get(range.end..).unwrap_or_default();
        let tail = match self.at(range).rfind("][") {
            Some(words) => range.start + words + 1..range.end,
            None if behind.starts_with("[]") => range.end..range.end + 2,
            None => return,
        };
        self.edit(tail, &written);
    }

    fn is_kept(&self, at: usize) -> bool {
        self.kept.iter().any(|it| it.contains(&at))
    }

    /// Puts addresses in angle brackets that go on in a language without spaces.
    fn enclose(&mut self) {
        for address in addresses(self.source) {
            if !self.is_kept(address.start) && is_glued(self.source, &address) {
                self.edit(address.start..address.start, "<");
                self.edit(address.end..address.end, ">");
            }
        }
    }

    /// Takes a definition away whose links have its address by now, and shows any other one: it may be a list of
    /// sources, or a line of a dialogue.
    fn define(&mut self, label: &str, span: &Range<usize>) {
        self.kept.push(span.clone());
        if self.named.contains(&label.to_lowercase()) {
            let rest = self.source.get(span.end..).unwrap_or_default();
            let end = span.end + usize::from(rest.starts_with('\n'));
            self.edit(span.start..end, "");
        } else {
            self.edit(span.start..span.start, "\\");
        }
    }

    /// Writes an image as a link, within another link as its words, and without words as its address.
    fn unframe(&mut self, address: &str, range: Range<usize>) {
        let written = self.at(&range);
        if written.starts_with("![]") {
            return self.edit(range, address);
        }
        let words = written.rfind("](").filter(|_| self.links > 0);
        let marks = if words.is_some() { 2 } else { 1 };
        self.edit(range.start..range.start + marks, "");
        if let Some(words) = words {
            self.edit(range.start + words..range.end, "");
        }
    }

    /// Escapes marks of emphasis that multiply.
    fn multiply(&mut self, range: &Range<usize>, len: usize) {
        let first = range.start..range.start + len;
        let last = range.end - len..range.end;
        if self.is_operator(&first) || self.is_operator(&last) {
            for mark in [first, last] {
                let escaped = self.at(&mark).chars().flat_map(|c| ['\\', c]).collect::<String>();
                self.edit(mark, &escaped);
            }
        }
    }

    /// Says whether stars stand between two operands: numbers, names of one letter, what is in parentheses.
    fn is_operator(&self, stars: &Range<usize>) -> bool {
        let before = self.source.get(..stars.start).unwrap_or_default();
        let after = self.source.get(stars.end..).unwrap_or_default();
        let is_letter = |c: char| c.is_ascii_alphanumeric();
        let word = |chars: &mut dyn Iterator<Item = char>| -> String {
            chars.take_while(|c| is_letter(*c)).collect()
        };
        let is_operand = |word: &str| {
            word.len() == 1 || word.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        };
        // From the end: a number that is read backwards begins with a digit too.
        let left = is_operand(&word(&mut before.chars().rev())) || before.ends_with(')');
        let right = is_operand(&word(&mut after.chars())) || after.starts_with('(');
        let is_star = self.at(stars).starts_with('*');
        is_star && left && right
    }

    fn fence(&mut self, range: &Range<usize>) {
        let block = self.at(range).trim_end().to_owned();
        let is_tick = block.starts_with('`');
        let mark = if is_tick { '`' } else { '~' };
        let open = block.len() - block.trim_start_matches(mark).len();
        self.name_language(&block, range.start + open);
        if open < FENCE.len() || (is_tick && open == FENCE.len()) {
            return;
        }
        let close = block.len() - block.trim_end_matches(mark).len();
        let close = if close >= open && close < block.len() { close } else { 0 };
        let inner = open..block.len() - close;
        let runs = runs(block.get(inner.clone()).unwrap_or_default());
        self.edit(range.start..range.start + open, FENCE);
        for run in runs.iter().filter(|run| run.len() >= FENCE.len()) {
            let start = range.start + inner.start + run.start;
            let apart = vec!["`"; run.len()].join(GAP);
            self.edit(start..start + run.len(), &apart);
        }
        let end = range.start + inner.end;
        self.edit(end..end + close, if close > 0 { FENCE } else { "" });
    }

    /// Takes attributes away from behind the language of a fence: Discord shows the whole line as code.
    fn name_language(&mut self, block: &str, start: usize) {
        let head = block.split('\n').next().unwrap_or_default();
        let words = head.trim_start_matches(['`', '~']);
        let language = words.split([' ', ',', '{']).next().unwrap_or_default();
        let rest = words.get(language.len()..).unwrap_or_default().trim_start();
        let name = rest.split("=\"").next().unwrap_or_default();
        let is_attribute = name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let has_attributes = rest.starts_with('{') || (is_attribute && name.len() < rest.len());
        if self.dialect == Dialect::Chat && !language.is_empty() && has_attributes {
            self.edit(start + language.len()..start + words.len(), "");
        }
    }

    fn end_line(&mut self, range: Range<usize>) {
        let line = self.source.get(..range.start).unwrap_or_default().rsplit('\n').next();
        let is_cell = line.is_some_and(|line| line.contains('|'));
        let spaces = line.unwrap_or_default();
        let start = range.start - (spaces.len() - spaces.trim_end_matches(' ').len());
        let rest = self.source.get(range.end..).unwrap_or_default();
        let behind = rest.trim_start_matches(' ');
        let end = range.end + rest.len() - behind.len();
        // An end of a line that is written behind it is the same one.
        let by = if behind.starts_with('\n') { "" } else { "\n" };
        self.edit(start..end, if is_cell { " / " } else { by });
    }

    fn head(&mut self, range: Range<usize>) {
        const DEEPEST: usize = 3;
        let written = self.at(&range).trim_end();
        let level = written.len() - written.trim_start_matches('#').len();
        if level > DEEPEST {
            let marks = range.start..range.start + level;
            return self.edit(marks, "###");
        }
        let mut lines = written.split('\n');
        if let (0, Some(words), Some(line), None) =
            (level, lines.next(), lines.next(), lines.next())
        {
            let mark = if line.contains('=') { "# " } else { "## " };
            let below = range.start + words.len()..range.start + written.len();
            self.edit(range.start..range.start, mark);
            self.edit(below, "");
        }
    }

    fn written(mut self) -> String {
        sort_by_place(&mut self.edits, |(range, _)| (range.start, range.end));
        let (mut written, mut at) = (String::with_capacity(self.source.len()), 0);
        for (range, by) in self.edits {
            // Of two that meet the first one counts.
            if range.start >= at {
                written.push_str(self.source.get(at..range.start).unwrap_or_default());
                written.push_str(&by);
                at = range.end;
            }
        }
        written.push_str(self.source.get(at..).unwrap_or_default());
        written
    }
}

fn is_line_end(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}

/// Returns where backticks stand, those side by side together.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('`') {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end = at + 1,
            None => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
