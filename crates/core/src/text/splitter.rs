//! Splits a long Markdown text into several messages.
//!
//! 1. `scan` finds out, for every place of the text, how good a cut there is and which formatting is
//!    open there.
//! 2. This file chooses the cuts, from left to right, and writes the messages.

mod breaks;
mod leads;
mod scan;
mod walk;

use std::ops::Range;

use self::scan::{Cut, Place, Quote, Scan};
use super::LengthUnit;

/// Splits a text into messages of at most `limit`, counted in `unit`, in order, nothing lost.
///
/// Cuts are made at the last paragraph end that leaves a message at least a third full, else at
/// the last line, sentence or word end, else between graphemes.
/// No message ends with a heading, a list marker, the header of a table or a quote mark alone.
/// The whitespace at a cut is dropped, since platforms trim every message.
/// Whitespace alone makes no message.
///
/// - A code fence is left whole for the next message if this one is half full.
///   Otherwise it is cut at a line end, closed, and reopened with its language; these additions
///   count.
///   A fence that the text leaves open is closed.
/// - Links with the host behind them, mentions, custom emoji, escapes and code spans are cut only if one alone is longer than
///   a message; such a code span is closed and reopened.
/// - A spoiler is closed and reopened too: nothing hidden is shown.
///   Bold, underlined and struck pairs of 200 code points or more may be cut and then show their
///   markers.
/// - `> ` and `>>> ` are repeated where a quote goes on.
///
/// Formatting whose repetition would take half of a message is cut like plain text.
///
/// # Units
///
/// `limit`: `unit`, `1..` (0 counts as 1).
/// A code point that is longer than `limit` is a message of its own.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::LengthUnit::{CodePoints, Utf16Units};
/// # use miyabi_core::text::split_message;
/// assert_eq!(split_message("one two three", 8, CodePoints), ["one two", "three"]);
/// assert_eq!(split_message("今日は。明日は。", 5, CodePoints), ["今日は。", "明日は。"]);
/// assert_eq!(
///     split_message("```py\nalpha = 1\nomega = 2\n```", 28, CodePoints),
///     ["```py\nalpha = 1\n```", "```py\nomega = 2\n```"],
/// );
/// assert_eq!(split_message("😀😀😀", 4, Utf16Units), ["😀😀", "😀"]);
/// assert!(split_message(" \n ", 2000, CodePoints).is_empty());
/// ```
pub fn split_message(text: &str, limit: usize, unit: LengthUnit) -> Vec<String> {
    let scan = Scan::new(text, limit.max(1), unit);
    let seen = scan.visible_text();
    let (mut start, end) = (seen.start, seen.end);
    let mut parts = Vec::new();
    while start < end {
        let cut = scan.choose_cut(start, end);
        parts.extend(scan.write_part(start, cut));
        start = if cut == end { end } else { scan.resume(cut, end) };
    }
    parts
}

impl Scan {
    fn visible_text(&self) -> Range<usize> {
        let is_seen = |place: &Place| !place.is_blank;
        let len = self.chars.len();
        let chars = self.places.get(..len).unwrap_or_default();
        let start = chars.iter().position(is_seen).unwrap_or(len);
        start..chars.iter().rposition(is_seen).map_or(start, |last| last + 1)
    }

    fn choose_cut(&self, start: usize, end: usize) -> usize {
        let limit = self.limit;
        let opening = self.count(&self.opening(self.place(start).inside));
        let size = |cut: usize| {
            let closing = self.count(&self.closing(self.place(cut).inside));
            opening + self.length(&(start..cut)) + closing
        };
        if size(end) <= limit {
            return end;
        }
        // No code point is shorter than 1 in any unit.
        let window = start + 1..end.min(start + limit + 1);
        let fitting = window.filter(|cut| size(*cut) <= limit);
        let best = fitting.max_by_key(|cut| preference(self.place(*cut), size(*cut) * 3 >= limit));
        let Some(best) = best else { return start + 1 };
        self.cut_before_fence(start, best)
            .filter(|cut| size(*cut) * 2 >= limit && size(*cut) <= limit)
            .unwrap_or(best)
    }

    /// Returns the place before the fence that a cut falls into, if a message can end there.
    fn cut_before_fence(&self, start: usize, cut: usize) -> Option<usize> {
        let code = self.codes.get(self.place(cut).inside.code?)?;
        let is_cut = self.place(code.before).cut >= Cut::Word;
        (code.fence.is_some() && code.before > start && is_cut).then_some(code.before)
    }

    /// Returns where the next message begins: after the whitespace at a cut, but inside a fence
    /// before the indentation of its next line.
    fn resume(&self, cut: usize, end: usize) -> usize {
        if self.is_fenced(cut) && self.place(cut).cut != Cut::Line {
            return cut;
        }
        let mut index = cut;
        let mut line = cut;
        while index < self.chars.len() && self.is_dropped(index) {
            index += 1;
            if self.chars.get(index - 1) == Some(&'\n') {
                line = index;
            }
        }
        let start = if self.is_fenced(cut) { line } else { index };
        // The mark of a quoted line is written anew, with whatever formatting is open behind it.
        let marks = (start..end).take_while(|at| self.place(*at).is_quote_mark).count();
        if start + marks == end { start } else { start + marks }
    }

    fn is_dropped(&self, index: usize) -> bool {
        self.place(index).is_blank && !self.place(index).is_quote_mark
    }

    fn is_fenced(&self, index: usize) -> bool {
        let code = self.place(index).inside.code.and_then(|code| self.codes.get(code));
        code.is_some_and(|code| code.fence.is_some())
    }

    fn write_part(&self, start: usize, cut: usize) -> Option<String> {
        let body: String = self.chars.get(start..cut).unwrap_or_default().iter().collect();
        if body.trim().is_empty() {
            // Whitespace makes no message, but the mark of an empty quoted line is not whitespace.
            let has_mark = start > 0 && self.place(start - 1).is_quote_mark;
            return has_mark.then(|| Quote::Line.prefix().trim_end().to_owned());
        }
        let mut part = self.opening(self.place(start).inside).concat();
        part.push_str(if self.is_fenced(cut) { &body } else { body.trim_end() });
        part.push_str(&self.closing(self.place(cut).inside).concat());
        Some(part)
    }
}

/// Orders places by how good a cut there is; among equals the last one is taken.
fn preference(place: Place, is_third_full: bool) -> (u8, Cut) {
    let is_word_end = place.cut >= Cut::Word;
    match (place.cut, is_third_full) {
        (Cut::Torn | Cut::Atom, _) => (0, place.cut),
        (_, true) if is_word_end && !place.is_soft => (6, place.cut),
        (_, true) if is_word_end => (5, place.cut),
        (_, true) if !place.is_soft => (4, place.cut),
        (_, true) => (3, place.cut),
        (_, false) if is_word_end => (2, Cut::Word),
        (_, false) => (1, place.cut),
    }
}

#[cfg(test)]
pub(super) mod tests;
