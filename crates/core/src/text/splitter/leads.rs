//! Lines that lead to what follows them: headings, list markers without a text, the header of a table, and
//! quote marks without a text. No message ends with one.
//!
//! A lead and the first character after it are held together, as a link is: a cut there is taken only
//! if nothing else fits.

use std::ops::Range;

use super::scan::Scan;
use crate::text::markup::{at, run_len};
use crate::text::work;

/// Most `#` of a heading.
const MAX_HASHES: usize = 6;

/// Longest line in bold type that counts as a heading, in code points.
const MAX_BOLD_CHARS: usize = 100;

/// A line, without the blanks and quote marks before it and the blanks behind it.
#[derive(Debug, Clone)]
struct Line {
    /// Where the line begins, with its quote marks.
    start: usize,
    /// Its text; may be empty.
    text: Range<usize>,
    is_quoted: bool,
}

/// Holds every lead together with what follows it.
pub(super) fn hold(scan: &mut Scan) {
    let lines = lines(scan);
    let mut held: Vec<Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let below = lines.get(index + 1);
        let above = index.checked_sub(1).and_then(|above| lines.get(above));
        let is_header = |line: &Line, below: Option<&Line>| {
            below.is_some_and(|below| has_bar(scan, line) && is_delimiter_row(scan, below))
        };
        let is_lead = is_heading(scan, line)
            || is_bare_marker(scan, line)
            || line.is_quoted && line.text.is_empty()
            || is_header(line, below)
            || above.is_some_and(|above| is_header(above, Some(line)));
        if is_lead && let Some(end) = next_text(&lines, index) {
            held.push(line.start..end + 1);
        }
    }
    for range in &held {
        scan.forbid(range.clone());
    }
    // A fence under a heading begins with the heading.
    for index in 0..scan.codes.len() {
        let Some(before) = scan.codes.get(index).map(|code| code.before) else { continue };
        let start = start_of_held(&held, before);
        if start < before {
            let start = before_blanks(scan, start);
            if let Some(code) = scan.codes.get_mut(index) {
                code.before = start;
            }
        }
    }
}

/// Returns the lines outside of code.
fn lines(scan: &Scan) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut codes = scan.codes.iter().filter(|code| code.fence.is_some()).peekable();
    let mut start = 0;
    while start < scan.chars.len() {
        let rest = scan.chars.iter().skip(start);
        let end = start + rest.take_while(|c| **c != '\n').count();
        work::count(end - start);
        while codes.next_if(|code| code.whole.end <= start).is_some() {}
        let is_code = codes.peek().is_some_and(|code| code.whole.start < start);
        if !is_code {
            lines.push(line(scan, start..end));
        }
        start = end + 1;
    }
    lines
}

fn line(scan: &Scan, whole: Range<usize>) -> Line {
    let is_blank = |index: &usize| at(&scan.chars, *index).is_whitespace();
    let is_mark = |index: &usize| is_blank(index) || at(&scan.chars, *index) == '>';
    let lead = whole.clone().take_while(is_mark).count();
    let is_quoted = whole.clone().take(lead).any(|index| at(&scan.chars, index) == '>');
    let first = whole.start + lead;
    let end =
        (first..whole.end).rev().find(|index| !is_blank(index)).map_or(first, |last| last + 1);
    Line { start: whole.start, text: first..end, is_quoted }
}

/// Returns where the next text after a line begins.
fn next_text(lines: &[Line], index: usize) -> Option<usize> {
    let mut below = lines.iter().skip(index + 1);
    below.find(|line| !line.text.is_empty()).map(|line| line.text.start)
}

fn is_heading(scan: &Scan, line: &Line) -> bool {
    let Range { start, end } = line.text;
    let hashes = if at(&scan.chars, start) == '#' { run_len(&scan.chars, start) } else { 0 };
    let is_marked = (1..=MAX_HASHES).contains(&hashes)
        && (start + hashes == end || at(&scan.chars, start + hashes).is_whitespace());
    is_marked || is_bold(scan, line)
}

/// `**Title**`, maybe with a colon: models write headings so.
fn is_bold(scan: &Scan, line: &Line) -> bool {
    let Range { start, end } = line.text;
    let end = if at(&scan.chars, end.saturating_sub(1)) == ':' { end - 1 } else { end };
    let is_short = end > start + 4 && end - start <= MAX_BOLD_CHARS;
    let is_at = |index: usize| at(&scan.chars, index) == '*' && at(&scan.chars, index + 1) == '*';
    let has_more = || (start + 2..end - 2).any(|index| at(&scan.chars, index) == '*');
    is_short && is_at(start) && is_at(end - 2) && !has_more()
}

/// `-`, `1.`, `- [ ]`: a list marker whose text is in the next line.
fn is_bare_marker(scan: &Scan, line: &Line) -> bool {
    let text: String =
        scan.chars.get(line.text.clone()).unwrap_or_default().iter().take(16).collect();
    if line.text.len() > 12 {
        return false;
    }
    let bullet = text.strip_suffix("[ ]").or_else(|| text.strip_suffix("[x]")).unwrap_or(&text);
    let number = text.strip_suffix(['.', ')']).unwrap_or_default();
    matches!(bullet.trim_end(), "-" | "*" | "+" | "•")
        || !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_bar(scan: &Scan, line: &Line) -> bool {
    scan.chars.get(line.text.clone()).unwrap_or_default().contains(&'|')
}

/// `| --- | :-: |`
fn is_delimiter_row(scan: &Scan, line: &Line) -> bool {
    let row = scan.chars.get(line.text.clone()).unwrap_or_default();
    row.contains(&'-') && row.contains(&'|') && row.iter().all(|c| "|-: \t".contains(*c))
}

/// Returns where the leads begin that a place is held by; the place itself if there are none.
fn start_of_held(held: &[Range<usize>], mut place: usize) -> usize {
    let mut index = held.partition_point(|range| range.start < place);
    while let Some(range) = index.checked_sub(1).and_then(|index| held.get(index))
        && range.end > place
    {
        place = range.start;
        index -= 1;
    }
    place
}

fn before_blanks(scan: &Scan, mut index: usize) -> usize {
    while index > 0 && scan.place(index - 1).is_blank {
        index -= 1;
    }
    index
}
