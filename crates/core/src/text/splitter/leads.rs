//! Lines that lead to what follows them: headings, rules, list markers without a text, the header of a table,
//! and quote marks without a text. No message ends with one.
//!
//! A lead and the first character after it are held together, as a link is: a cut there is taken only
//! if nothing else fits.

use std::ops::Range;

use super::scan::Scan;
use crate::text::markup::{at, run_len};
use crate::text::work;

/// Most `#` of a heading.
const MAX_HASHES: usize = 6;

/// Longest line in bold type or brackets that counts as a heading, in code points.
const MAX_BOLD_CHARS: usize = 100;

/// Begin a heading of a Japanese text, if the line is short.
const SQUARES: &str = "■□◆◇▼▽▶▷★☆";

/// Longest such line, in code points.
const MAX_SQUARE_CHARS: usize = 40;

/// Longest marker of a list item, in code points.
const MAX_MARKER_CHARS: usize = 12;

/// Bullets of lists, `- [ ]` aside.
const BULLETS: [&str; 13] = ["-", "*", "+", "•", "・", "●", "○", "◦", "▪", "‣", "–", "—", "※"];

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
            || is_rule(scan, line)
            || below.is_some_and(|below| is_underlined(scan, above, line, below))
            || is_fence_of_tildes(scan, line)
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
    is_marked || is_bold(scan, line) || is_japanese_heading(scan, line)
}

/// `**Title**`, `__Title__`, `***1. Title***` and the like, maybe behind a number or before a colon: models
/// write headings so.
fn is_bold(scan: &Scan, line: &Line) -> bool {
    let Range { start, end } = line.text;
    if end - start > MAX_BOLD_CHARS {
        return false;
    }
    let text: String = scan.chars.get(start..end).unwrap_or_default().iter().collect();
    let text = text.trim_end_matches([':', '：']);
    let numbered = text.split_once(' ').filter(|(number, _)| is_number(number));
    let text = numbered.map_or(text, |(_, title)| title);
    let is_mark = |c: char| matches!(c, '*' | '_');
    let title = text.trim_matches(is_mark);
    let Some((before, after)) = text.split_once(title) else { return false };
    let is_strong = before.len() >= 2 && before.chars().rev().eq(after.chars());
    is_strong && !title.is_empty() && !title.contains("**") && !title.contains("__")
}

/// `【見出し】`, `■ 見出し`.
fn is_japanese_heading(scan: &Scan, line: &Line) -> bool {
    let Range { start, end } = line.text;
    let (first, len) = (at(&scan.chars, start), end - start);
    let is_enclosed = first == '【' && at(&scan.chars, end.saturating_sub(1)) == '】';
    is_enclosed && len <= MAX_BOLD_CHARS || SQUARES.contains(first) && len <= MAX_SQUARE_CHARS
}

/// `---`, `***`, `===`: a rule, or the line below a heading.
fn is_rule(scan: &Scan, line: &Line) -> bool {
    let first = at(&scan.chars, line.text.start);
    let is_drawn = matches!(first, '-' | '*' | '_' | '=' | '─' | '━' | '＝');
    is_drawn && line.text.len() >= 3 && run_len(&scan.chars, line.text.start) >= line.text.len()
}

/// The text of `Title` and `=====` or `-----` below it.
fn is_underlined(scan: &Scan, above: Option<&Line>, line: &Line, below: &Line) -> bool {
    let mark = at(&scan.chars, below.text.start);
    let begins_block = above.is_none_or(|above| above.text.is_empty());
    let is_title = begins_block && !line.text.is_empty() && line.text.len() <= MAX_BOLD_CHARS;
    matches!(mark, '=' | '-') && is_title && is_rule(scan, below)
}

/// `~~~rust`: for Discord it is text, but it opens a fence for whoever reads it.
fn is_fence_of_tildes(scan: &Scan, line: &Line) -> bool {
    let Range { start, end } = line.text;
    let tildes = if at(&scan.chars, start) == '~' { run_len(&scan.chars, start) } else { 0 };
    let language = chars_of(scan, start + tildes..end);
    tildes >= 3 && !language.is_empty() && language.iter().all(char::is_ascii_alphanumeric)
}

/// `-`, `1.`, `a)`, `①`, `- [ ]`: a list marker whose text is in the next line.
fn is_bare_marker(scan: &Scan, line: &Line) -> bool {
    if line.text.is_empty() || line.text.len() > MAX_MARKER_CHARS {
        return false;
    }
    let text: String = chars_of(scan, line.text.clone()).iter().collect();
    let boxes = ["[ ]", "[x]", "[X]"];
    let bullet = boxes.into_iter().find_map(|mark| text.strip_suffix(mark)).unwrap_or(&text);
    BULLETS.contains(&bullet.trim_end()) || is_number(&text) || is_circled(&text)
}

/// `1.`, `10)`, `(2)`, `１．`, `a)`, `iv.`
fn is_number(text: &str) -> bool {
    let Some(inside) = text.strip_suffix(['.', ')', '．', '）', ':']) else { return false };
    let inside = inside.trim_start_matches(['(', '（']);
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '０'..='９');
    let is_roman = |c: char| matches!(c.to_ascii_lowercase(), 'i' | 'v' | 'x');
    let is_letter = inside.len() == 1 && inside.chars().all(|c| c.is_ascii_alphabetic());
    !inside.is_empty() && (inside.chars().all(is_digit) || inside.chars().all(is_roman))
        || is_letter
}

fn is_circled(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some('①'..='⓿' | '❶'..='➓'), None))
}

fn chars_of(scan: &Scan, range: Range<usize>) -> &[char] {
    scan.chars.get(range).unwrap_or_default()
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
