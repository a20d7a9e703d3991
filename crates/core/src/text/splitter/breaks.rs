//! The ends of words, sentences, lines and paragraphs.
//!
//! A run of whitespace has one place for a cut, before it: the rest of the run is dropped there.

use super::scan::{Cut, Scan};
use crate::text::markup::at;

/// End a sentence if whitespace follows.
const STOPS: &str = ".!?…।؟";
/// End a sentence whatever follows.
const FULL_STOPS: &str = "。！？．｡";
/// Belong to the sentence or word before them.
const CLOSERS: &str = "\"')]}*_~|`”’»」』）】〉》〕］｝";
/// Never begin a message.
const NEVER_FIRST: &str = "。、，．！？｡､」』）】〉》〕］｝”’…";
/// End a word although no whitespace follows.
const WORD_ENDS: &str = "、，､；：」』）】〉》〕］｝";
const CLOSERS_LOOKED_AT: usize = 8;

/// Raises the places at the ends of words, sentences, lines and paragraphs.
pub(super) fn rank(scan: &mut Scan) {
    let mut index = 1;
    while index < scan.chars.len() {
        if is_space(scan, index) {
            index = rank_space(scan, index);
        } else {
            rank_letter(scan, index);
            index += 1;
        }
    }
}

fn is_space(scan: &Scan, index: usize) -> bool {
    let place = scan.place(index);
    place.is_blank && !place.is_quote_mark
}

fn rank_space(scan: &mut Scan, start: usize) -> usize {
    let len = (start..scan.chars.len()).take_while(|index| is_space(scan, *index)).count();
    let end = start + len;
    let run = scan.chars.get(start..end).unwrap_or_default();
    let newlines = run.iter().filter(|c| **c == '\n').count();
    let is_code = is_fenced(scan, start);
    let rank = match newlines {
        0 if is_code => return end,
        0 if follows(scan, start, STOPS) || follows(scan, start, FULL_STOPS) => Cut::Sentence,
        0 => Cut::Word,
        1 => Cut::Line,
        _ if is_code => Cut::Line,
        _ => Cut::Paragraph,
    };
    if scan.place(start).cut == Cut::Grapheme {
        scan.set(start..start + 1, |place| place.cut = rank);
    }
    scan.forbid(start..end + 1);
    end
}

fn rank_letter(scan: &mut Scan, index: usize) {
    let place = scan.place(index);
    if place.cut != Cut::Grapheme || is_fenced(scan, index) {
        return;
    }
    let (before, after) = (at(&scan.chars, index - 1), at(&scan.chars, index));
    let cut = if NEVER_FIRST.contains(after) {
        Cut::Atom
    } else if follows(scan, index, FULL_STOPS) && !is_decimal(before, after) {
        Cut::Sentence
    } else if WORD_ENDS.contains(before) {
        Cut::Word
    } else {
        Cut::Grapheme
    };
    scan.set(index..index + 1, |place| place.cut = cut);
}

fn is_fenced(scan: &Scan, index: usize) -> bool {
    let code = scan.place(index).inside.code.and_then(|code| scan.codes.get(code));
    code.is_some_and(|code| code.fence.is_some())
}

/// Says whether one of `ends` stands before a place, maybe with closing quotes or brackets.
fn follows(scan: &Scan, index: usize, ends: &str) -> bool {
    let before = scan.chars.get(..index).unwrap_or_default().iter().rev();
    let mut before = before.take(CLOSERS_LOOKED_AT).skip_while(|c| CLOSERS.contains(**c));
    before.next().is_some_and(|c| ends.contains(*c))
}

/// `３．１４` is one number.
fn is_decimal(before: char, after: char) -> bool {
    before == '．' && after.is_numeric()
}
