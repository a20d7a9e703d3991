//! Thoughts in a text: what opens and closes them, and marks that are only talked about.

use super::kept::{Edge, Kept};
use super::marks::THOUGHTS;
use super::matching::find_mark;
use super::scan::{Extent, Scan, is_open};
use super::{about, work};

/// Longest example of a thought, in bytes.
const MAX_EXAMPLE_BYTES: usize = 80;

impl Scan<'_> {
    /// A mark that opens a thought, or names it.
    pub(super) fn thought(&mut self, rest: &str, open: usize, close: &'static str) -> bool {
        let after = rest.get(open..).unwrap_or_default();
        let edge = self.kept.edge();
        let is_begun = self.extent == Extent::Begun;
        if self.before_open_thought.is_some() {
            return self.mention(open);
        }
        let is_spaced = after.starts_with(' ');
        let has_own_lines = after.starts_with('\n');
        if is_begun && edge != Edge::Start && is_open(after) {
            return false;
        }
        let is_word = match edge {
            Edge::Start => false,
            Edge::Line | Edge::Sentence => is_spaced || about::reads_on(after),
            Edge::Inside | Edge::Attached => !has_own_lines && (!self.has_thought || is_spaced),
        };
        if is_word {
            return self.mention(open);
        }
        let Some((body, end)) = self.closed(rest, open, close) else {
            return self.unclosed_thought(after, open, edge);
        };
        let behind = after.get(end..).unwrap_or_default();
        if is_begun && edge == Edge::Start && is_open(behind) && may_be_about(after, body) {
            return false;
        }
        if self.is_about(edge, after, body, behind) {
            return self.mention(open + end);
        }
        self.has_thought = true;
        self.at += open + end;
        if edge == Edge::Line {
            self.at += behind.len() - behind.trim_start().len();
        }
        true
    }

    /// Returns whether a whole thought is an example of one.
    fn is_about(&self, edge: Edge, after: &str, body: &str, behind: &str) -> bool {
        match edge {
            Edge::Start => {
                let goes_on = |text: &str| {
                    let next = text.strip_prefix(' ');
                    next.is_some_and(|next| next.starts_with(char::is_lowercase))
                };
                let reads_on = about::reads_on(behind) || goes_on(behind);
                let is_short = !body.contains('\n') && body.len() < MAX_EXAMPLE_BYTES;
                (about::reads_on(after) || goes_on(after) || about::is_example(body)) && reads_on
                    || is_short && about::has_mark_as_subject(behind)
            }
            Edge::Line if self.kept.announces() && !self.has_thought => {
                body.trim().is_empty() || about::is_example(body) || self.kept.announces_example()
            }
            Edge::Line | Edge::Sentence => about::is_example(body),
            Edge::Inside | Edge::Attached => {
                let has_lines =
                    body.starts_with('\n') && !body.trim_end_matches(' ').ends_with('\n');
                about::is_example(body) || has_lines && !self.has_thought
            }
        }
    }

    /// A mark that opens a thought which nothing closes.
    fn unclosed_thought(&mut self, after: &str, open: usize, edge: Edge) -> bool {
        if self.extent == Extent::Begun {
            return false;
        }
        let stands_inside = matches!(edge, Edge::Inside | Edge::Attached);
        let is_about = edge == Edge::Start && about::reads_on(after);
        if stands_inside || is_about || edge != Edge::Start && after.trim().is_empty() {
            return self.mention(open);
        }
        // It was cut off within the thought, or calls without having closed it.
        self.before_open_thought = Some(core::mem::take(&mut self.kept));
        self.at += open;
        true
    }

    /// Returns the body of a thought, and where its end mark ends behind its opening one.
    ///
    /// Models close a thought with another mark than they opened it with, open one inside of it, and quote
    /// the mark that ends it.
    fn closed<'a>(
        &mut self,
        rest: &'a str,
        open: usize,
        close: &'static str,
    ) -> Option<(&'a str, usize)> {
        let after = rest.get(open..)?;
        let mark = rest.get(..open)?;
        let others = THOUGHTS.iter().map(|(_, other)| *other).filter(|other| *other != close);
        let closing = self.find_closing(after, close).or_else(|| {
            others.filter_map(|other| self.find_closing(after, other)).min_by_key(|it| it.start)
        })?;
        let closing = closing.outermost(after, mark);
        let is_inner = self.extent == Extent::Begun && closing.may_be_inner(after, mark);
        (!is_inner).then_some((after.get(..closing.start)?, closing.end))
    }

    /// Finds a mark that ends a thought. One that is not there is not looked for again further behind.
    fn find_closing(&mut self, text: &str, mark: &'static str) -> Option<Closing> {
        if self.absent.contains(&mark) {
            return None;
        }
        let found = Closing::find(text, mark);
        work::count(found.map_or(text.len(), |found| found.end));
        if found.is_none() {
            self.absent.push(mark);
        }
        found
    }

    pub(super) fn mention(&mut self, bytes: usize) -> bool {
        self.mentions_thought = true;
        self.keep(bytes);
        true
    }

    /// A mark that ends a thought whose beginning was part of the prompt, or names it.
    pub(super) fn thought_end(&mut self, rest: &str, bytes: usize) -> bool {
        let after = rest.get(bytes..).unwrap_or_default();
        let edge = self.kept.edge();
        if self.extent == Extent::Begun && after.is_empty() {
            return false;
        }
        let goes_on_at_once = after.starts_with(|c: char| c.is_alphanumeric() || "*#`".contains(c))
            && !self.kept.is_spaced()
            && !about::reads_on(after);
        let stands_alone = match edge {
            Edge::Start | Edge::Line => true,
            Edge::Sentence => after.starts_with('\n') || goes_on_at_once,
            Edge::Attached => {
                after.starts_with('\n')
                    || goes_on_at_once
                        && self.kept.ends_in_ascii()
                        && after.starts_with(|c: char| !c.is_lowercase())
            }
            Edge::Inside => after.starts_with("\n\n"),
        };
        let is_first = !self.has_thought && !self.mentions_thought;
        if is_first && after.trim().is_empty() && matches!(edge, Edge::Sentence | Edge::Line) {
            // Nothing but the answer stands before it.
            self.at = self.text.len();
            return false;
        }
        if stands_alone && is_first && !self.kept.announces() {
            self.kept = Kept::default();
            self.has_thought = true;
            self.at += bytes;
            return true;
        }
        if self.has_thought && matches!(edge, Edge::Start | Edge::Line) {
            // A second end of the same thought.
            self.at += bytes;
            return true;
        }
        self.mention(bytes)
    }
}

/// Returns whether what follows may still say that a thought at the beginning is an example.
fn may_be_about(after: &str, body: &str) -> bool {
    body.len() < MAX_EXAMPLE_BYTES
        || after.starts_with(' ')
        || about::reads_on(after)
        || about::is_example(body)
}

/// The mark that ends a thought.
#[derive(Clone, Copy)]
struct Closing {
    mark: &'static str,
    start: usize,
    end: usize,
}

/// Characters around a mark that is quoted.
const QUOTES: [(char, char); 6] =
    [('`', '`'), ('"', '"'), ('\'', '\''), ('「', '」'), ('“', '”'), ('(', ')')];

/// Most thoughts that stand inside of one another.
const MAX_NESTED: usize = 8;

impl Closing {
    fn find(text: &str, mark: &'static str) -> Option<Self> {
        find_mark(text, mark).map(|(start, end)| Self { mark, start, end })
    }

    /// Returns the next one of the same mark.
    fn next(self, text: &str) -> Option<Self> {
        let next = Self::find(text.get(self.end..)?, self.mark)?;
        Some(Self { start: self.end + next.start, end: self.end + next.end, ..next })
    }

    fn is_quoted(self, text: &str) -> bool {
        let before = text.get(..self.start).and_then(|it| it.chars().next_back());
        let behind = text.get(self.end..).and_then(|it| it.chars().next());
        QUOTES.iter().any(|(open, close)| before == Some(*open) && behind == Some(*close))
    }

    /// Returns whether a longer text may show that the thought does not end here.
    fn may_be_inner(self, text: &str, open: &str) -> bool {
        let body = text.get(..self.start).unwrap_or_default();
        let is_last = text.get(self.end..).is_some_and(str::is_empty);
        work::count(body.len());
        let opened = body.matches(open).count();
        let ended = body.matches(self.mark).count();
        opened > ended
            || self.is_quoted(text)
            || is_last && body.ends_with(|c| QUOTES.iter().any(|(open, _)| *open == c))
    }

    /// Returns the mark that ends the thought: not one in quotes, nor that of a thought inside.
    fn outermost(mut self, text: &str, open: &str) -> Self {
        let mut from = 0;
        for _ in 0..MAX_NESTED {
            let body = text.get(from..self.start).unwrap_or_default();
            work::count(body.len());
            let is_inner = self.is_quoted(text) || body.contains(open);
            let Some(next) = self.next(text).filter(|next| is_inner && !next.is_quoted(text))
            else {
                break;
            };
            from = self.end;
            self = next;
        }
        self
    }
}
