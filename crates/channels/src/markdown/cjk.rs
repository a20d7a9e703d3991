//! Emphasis beside letters of Chinese, Japanese and Korean.
//!
//! `CommonMark` has a delimiter open or close by the spaces and punctuation around it, as in languages with spaces:
//! `これは**「注意」**です` has none there. So a letter that no text has goes between a delimiter and the punctuation
//! beside it, and out of what is written.

use std::borrow::Cow;

/// Counts as a letter, and is none: a noncharacter.
pub(super) const LETTER: char = '\u{fdd0}';

/// Delimiters that are meant.
const DELIMITERS: [&str; 4] = ["***", "**", "*", "~~"];

/// Returns Markdown in which delimiters beside CJK open and close as they were meant.
pub(super) fn spread(markdown: &str) -> Cow<'_, str> {
    if !markdown.contains(is_cjk) {
        return Cow::Borrowed(markdown);
    }
    let mut spread = String::with_capacity(markdown.len());
    let mut before = None;
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        let len = rest.len() - rest.trim_start_matches(c).len();
        let (run, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        let after = behind.chars().next();
        let gap = DELIMITERS.contains(&run).then(|| gap(before, after)).flatten();
        spread.extend((gap == Some(Gap::Before)).then_some(LETTER));
        spread.push_str(run);
        spread.extend((gap == Some(Gap::Behind)).then_some(LETTER));
        (before, rest) = (Some(c), behind);
    }
    Cow::Owned(spread)
}

/// Returns a text without what was put into it.
pub(super) fn joined(text: &str) -> String {
    text.replace(LETTER, "")
}

#[derive(PartialEq, Eq)]
enum Gap {
    Before,
    Behind,
}

/// Returns on which side of a delimiter a letter has to be.
fn gap(before: Option<char>, after: Option<char>) -> Option<Gap> {
    let (before, after) = (before?, after?);
    let is_letter = |c: char| !c.is_whitespace() && !is_punctuation(c);
    if !is_cjk(before) && !is_cjk(after) {
        None
    } else if is_letter(before) && is_punctuation(after) {
        Some(Gap::Behind)
    } else if is_punctuation(before) && is_letter(after) {
        Some(Gap::Before)
    } else {
        None
    }
}

fn is_punctuation(c: char) -> bool {
    !c.is_whitespace() && !c.is_alphanumeric() && !c.is_control()
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}
