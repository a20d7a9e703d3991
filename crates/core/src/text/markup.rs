//! Code and links in chat Markdown: where they begin and end.
//!
//! Shared by the splitter and the kaomoji escaper, so that both see the same code.
//! All positions are indices into the code points of the text.
//! No chat platform publishes a grammar. The rules are those of Discord's client: a fence runs from
//! three or more backticks to the next three, and a code span to the next run of equal length.

use super::work;

const FENCE_TICKS: usize = 3;
/// What a block of code stands between, as it is written.
pub const FENCE: &str = "```";
const LINE_LEADS: &str = " \t>-*+.0123456789";
/// What no link goes on with: one pasted into Japanese ends where the Japanese punctuation begins.
pub const URL_ENDS: &str = "<>\"`|。、，！？「」『』（）【】〈〉《》";

/// Returns the code point at an index; past the end NUL, which no markup contains.
pub fn at(chars: &[char], index: usize) -> char {
    work::count(1);
    chars.get(index).copied().unwrap_or('\0')
}

/// Says whether the text at an index reads `expected`.
pub fn reads(chars: &[char], index: usize, expected: &str) -> bool {
    expected.chars().enumerate().all(|(offset, c)| at(chars, index + offset) == c)
}

/// Counts how often the code point at an index is repeated from there on.
pub fn run_len(chars: &[char], index: usize) -> usize {
    let wanted = at(chars, index);
    let len = chars.iter().skip(index).take_while(|c| **c == wanted).count();
    work::count(len);
    len
}

/// Returns the end of the `http` link that begins at an index.
pub fn url_end(chars: &[char], start: usize) -> Option<usize> {
    let scheme = ["https://", "http://"].into_iter().find(|s| reads(chars, start, s))?;
    let mut end = start + scheme.len();
    let mut depth = 0_usize;
    loop {
        match at(chars, end) {
            '\0' => break,
            '(' => depth += 1,
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            '*' | '~' if at(chars, end) == at(chars, end + 1) => break,
            c if c.is_whitespace() || URL_ENDS.contains(c) => break,
            _ => {}
        }
        end += 1;
    }
    Some(end)
}

/// Every run of backticks in a text, indexed so that each question costs a binary search.
///
/// Hostile text may hold a million runs; looking ahead for each would be quadratic.
#[derive(Debug, Default)]
pub struct Backticks {
    /// In the order of the lengths.
    starts_by_len: Vec<(usize, Vec<usize>)>,
    fences: Vec<usize>,
    fences_at_line_start: Vec<usize>,
    paragraph_breaks: Vec<usize>,
}

impl Backticks {
    /// Finds the runs, without those at an index that `is_hidden` claims.
    pub fn find(chars: &[char], is_hidden: impl Fn(usize) -> bool) -> Self {
        let mut ticks = Self::default();
        let mut line_is_blank = false;
        let mut index = 0;
        while index < chars.len() {
            let mut len = 1;
            match at(chars, index) {
                '\n' if line_is_blank => ticks.paragraph_breaks.push(index),
                '\n' => line_is_blank = true,
                '`' => {
                    line_is_blank = false;
                    len = run_len(chars, index);
                    if !is_hidden(index) {
                        ticks.note(chars, index, len);
                    }
                }
                c => line_is_blank &= c.is_whitespace(),
            }
            index += len;
        }
        ticks
    }

    fn note(&mut self, chars: &[char], start: usize, len: usize) {
        match self.with_len(len) {
            Ok(known) => {
                if let Some((_, starts)) = self.starts_by_len.get_mut(known) {
                    starts.push(start);
                }
            }
            Err(place) => self.starts_by_len.insert(place, (len, vec![start])),
        }
        if len >= FENCE_TICKS {
            self.fences.push(start);
            if begins_line(chars, start) {
                self.fences_at_line_start.push(start);
            }
        }
    }

    fn with_len(&self, len: usize) -> Result<usize, usize> {
        self.starts_by_len.binary_search_by_key(&len, |(known, _)| *known)
    }

    /// Returns where the fence opened by the run at `start` has its closing run and its end.
    ///
    /// Without a closing run both are the end of the text if the fence begins a line, as an answer
    /// that was cut off leaves it; elsewhere such backticks are only backticks.
    pub fn fence(&self, chars: &[char], start: usize) -> Option<(usize, usize)> {
        let len = run_len(chars, start);
        if len < FENCE_TICKS {
            return None;
        }
        if let Some(close) = first_from(&self.fences, start + len) {
            return Some((close, close + len.min(run_len(chars, close))));
        }
        let is_open = self.fences_at_line_start.binary_search(&start).is_ok();
        is_open.then_some((chars.len(), chars.len()))
    }

    /// Returns the closing run of the code span whose opening run of `len` ends at `from`.
    ///
    /// A span stays within its paragraph and never swallows a fence that begins a line.
    pub fn span_close(&self, from: usize, len: usize) -> Option<usize> {
        let (_, starts) = self.starts_by_len.get(self.with_len(len).ok()?)?;
        let close = first_from(starts, from)?;
        let is_crossed = |marks: &[usize]| first_from(marks, from).is_some_and(|mark| mark < close);
        let is_span =
            !is_crossed(&self.paragraph_breaks) && !is_crossed(&self.fences_at_line_start);
        is_span.then_some(close)
    }
}

fn first_from(sorted: &[usize], from: usize) -> Option<usize> {
    sorted.get(sorted.partition_point(|index| *index < from)).copied()
}

fn begins_line(chars: &[char], index: usize) -> bool {
    let lead = chars.get(..index).unwrap_or_default().iter().rev();
    lead.take_while(|c| **c != '\n').inspect(|_| work::count(1)).all(|c| LINE_LEADS.contains(*c))
}
