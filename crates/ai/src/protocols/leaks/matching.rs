//! How a text is compared with a mark.
//!
//! Models and servers spell marks in many ways, and all of them match: letters of any case, `｜` for `|`
//! and `▁` for `_` as `DeepSeek` writes them, a namespace before the name of a tag (`<seed:think>`), and
//! blanks or a checkpoint's number at its end (`<tool_calls:6124c78e>`).

use super::marks::{
    ANSWERS, CLOSERS, HARMONY, NAMED, OPENERS, RESULTS, THOUGHTS, TOKENS, TURN_STARTS,
};

/// How the beginning of a text compares with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// It is the mark, which takes so many bytes.
    Whole(usize),
    /// The text ends inside the mark, or before it.
    Begun,
    /// It is something else.
    Other,
}

/// Longest namespace, and longest end of a tag, in bytes.
const MAX_EXTRA_BYTES: usize = 16;

/// Compares the beginning of a text with a mark.
pub(super) fn compare(text: &str, mark: &str) -> Match {
    match compare_plain(text, mark) {
        Match::Other => compare_named(text, mark),
        found @ (Match::Whole(_) | Match::Begun) => found,
    }
}

fn compare_plain(text: &str, mark: &str) -> Match {
    // Most marks begin alike, and most differ in their second letter.
    let second = |text: &str| text.as_bytes().get(1).copied().filter(u8::is_ascii);
    if let (Some(has), Some(wants)) = (second(text), second(mark))
        && !has.eq_ignore_ascii_case(&wants)
        && text.starts_with(|c: char| c.is_ascii())
    {
        return Match::Other;
    }
    let mut bytes = 0;
    let mut characters = text.chars();
    let mut wanted = mark.chars().peekable();
    while let Some(wants) = wanted.next() {
        match characters.next() {
            None => return Match::Begun,
            Some(character) if is_same(character, wants) => bytes += character.len_utf8(),
            Some(_) if wants == '>' && wanted.peek().is_none() => {
                let rest = text.get(bytes..).unwrap_or_default();
                return match tag_end(rest) {
                    Match::Whole(more) => Match::Whole(bytes + more),
                    less @ (Match::Begun | Match::Other) => less,
                };
            }
            Some(_) => return Match::Other,
        }
    }
    Match::Whole(bytes)
}

/// Compares with a tag behind a namespace of its family.
fn compare_named(text: &str, mark: &str) -> Match {
    if !text.as_bytes().get(1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'/') {
        return Match::Other;
    }
    let open = if mark.starts_with("</") { "</" } else { "<" };
    let Some(name) =
        mark.strip_prefix(open).filter(|it| it.starts_with(|c: char| c.is_ascii_lowercase()))
    else {
        return Match::Other;
    };
    let Some(inner) = text.strip_prefix(open) else { return Match::Other };
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let length = inner.bytes().take(MAX_EXTRA_BYTES).take_while(|byte| is_letter(*byte)).count();
    let behind = inner.get(length..).unwrap_or_default();
    if length > 0 && behind.is_empty() {
        return Match::Begun;
    }
    let Some(rest) = behind.strip_prefix(':').filter(|_| length > 0) else { return Match::Other };
    match compare_plain(rest, name) {
        Match::Whole(bytes) => Match::Whole(open.len() + length + 1 + bytes),
        less @ (Match::Begun | Match::Other) => less,
    }
}

/// Compares with `>`, behind blanks or behind a colon and a number.
fn tag_end(text: &str) -> Match {
    let is_extra = |c: char| c.is_ascii_whitespace() || c == ':' || c.is_ascii_hexdigit();
    let is_number = text.starts_with(':');
    if !is_number && !text.starts_with(|c: char| c.is_ascii_whitespace()) {
        return Match::Other;
    }
    let end = text.find(|c: char| !is_extra(c) || !is_number && !c.is_ascii_whitespace());
    match end.unwrap_or(text.len()) {
        end if end > MAX_EXTRA_BYTES => Match::Other,
        end => match text.get(end..) {
            Some("") => Match::Begun,
            Some(rest) if rest.starts_with('>') => Match::Whole(end + 1),
            _ => Match::Other,
        },
    }
}

const fn is_same(character: char, wanted: char) -> bool {
    let plain = match character {
        '｜' => '|',
        '▁' => '_',
        other => other,
    };
    plain.eq_ignore_ascii_case(&wanted)
}

/// Returns the length of the first of these marks with which a text begins, in bytes of the text.
pub(super) fn starts_with_any(text: &str, marks: &[&str]) -> Option<usize> {
    marks.iter().find_map(|mark| match compare(text, mark) {
        Match::Whole(bytes) => Some(bytes),
        Match::Begun | Match::Other => None,
    })
}

/// Returns where a mark begins and ends in a text.
pub(super) fn find_mark(text: &str, mark: &str) -> Option<(usize, usize)> {
    let first = mark.chars().next()?;
    text.match_indices(first).find_map(|(index, _)| match compare(text.get(index..)?, mark) {
        Match::Whole(bytes) => Some((index, index + bytes)),
        Match::Begun | Match::Other => None,
    })
}

/// Returns whether a text that is not at its end may become one of the marks of this program.
pub(super) fn may_become_mark(text: &str) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let pairs = THOUGHTS.iter().chain(&ANSWERS).flat_map(|(open, close)| [*open, *close]);
    let single = [
        OPENERS.as_slice(),
        &CLOSERS,
        &NAMED,
        &TOKENS,
        &HARMONY,
        &TURN_STARTS,
        &RESULTS,
        &["</s>"],
    ];
    let mut all = single.into_iter().flatten().copied().chain(pairs);
    all.any(|mark| compare(text, mark) == Match::Begun)
}

/// Returns whether a mark can begin with this character.
pub(super) const fn can_begin_mark(character: char) -> bool {
    matches!(character, '<' | '[' | '◁')
}

/// More characters than the longest mark has.
pub(super) const LONGEST: usize = 80;

/// More bytes than the longest mark has, in its widest spelling.
const MAX_BYTES: usize = 3 * LONGEST;
