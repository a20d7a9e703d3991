//! The places of a text: how good a cut each one is, and which formatting a cut there has to close and
//! reopen.
//!
//! 1. `Place`s are laid: one before each code point and one at the end, ranked by grapheme.
//! 2. `Walk` reads the markup once, left to right, and forbids the places inside atoms.
//! 3. Spoilers, then fences and code spans, are settled: kept whole, or closed and reopened.
//! 4. `breaks::rank` raises the places at words, sentences, lines and paragraphs.
//! 5. `leads::hold` holds headings and their kind together with what follows them.

use std::ops::Range;

use super::walk::Walk;
use super::{breaks, leads};
use crate::text::LengthUnit;
use crate::text::markup::at;
use crate::text::work;
use unicode_segmentation::UnicodeSegmentation;

/// Formatting shorter than this is kept in one message where another cut will do.
pub(super) const SHORT_PAIR_CHARS: usize = 200;
pub(super) const SPOILER: &str = "||";

/// How good a cut at a place is, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// Inside a grapheme: only if one grapheme is longer than a message.
    Torn,
    /// Inside a link, mention, marker or short code span: only if it is longer than a message.
    Atom,
    Grapheme,
    Word,
    Sentence,
    Line,
    Paragraph,
}

/// Which kind of quote a place lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Quote {
    #[default]
    None,
    /// After `> `: ends with the line.
    Line,
    /// After `>>> `: ends with the message.
    Rest,
}

impl Quote {
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Line => "> ",
            Self::Rest => ">>> ",
        }
    }
}

/// Formatting that is open at a place; outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Inside {
    pub(super) quote: Quote,
    pub(super) is_spoiler: bool,
    /// Index into [`Scan::codes`].
    pub(super) code: Option<usize>,
}

/// The gap before a code point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) cut: Cut,
    pub(super) inside: Inside,
    /// Inside a short pair of `**`, `__`, `~~` or `||`.
    pub(super) is_soft: bool,
    /// Whitespace follows, as a grapheme of its own.
    pub(super) is_blank: bool,
    /// What follows belongs to the `> ` of a quoted line.
    pub(super) is_quote_mark: bool,
}

/// A fence or a code span.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) whole: Range<usize>,
    pub(super) content: Range<usize>,
    /// Fences only: the language, maybe empty.
    pub(super) fence: Option<String>,
    pub(super) ticks: String,
    /// Place of the last cut that leaves a fence whole in the next message.
    pub(super) before: usize,
}

/// A text with everything known about each of its places.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) chars: Vec<char>,
    /// One more than `chars`.
    pub(super) places: Vec<Place>,
    pub(super) codes: Vec<Code>,
    /// Length of the text before each place, in `unit`.
    offsets: Vec<usize>,
    unit: LengthUnit,
    /// Longest message, in `unit`.
    pub(super) limit: usize,
}

impl Scan {
    pub(super) fn new(text: &str, limit: usize, unit: LengthUnit) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let (places, offsets) = (lay_places(text), measure(&chars, unit));
        let mut scan = Self { chars, places, codes: Vec::new(), offsets, unit, limit };
        let found = Walk::over(&mut scan);
        for spoiler in found.spoilers {
            scan.settle_spoiler(&spoiler);
        }
        scan.codes = found.codes;
        for index in 0..scan.codes.len() {
            scan.settle_code(index);
        }
        breaks::rank(&mut scan);
        leads::hold(&mut scan);
        scan
    }

    /// Returns the length of a part of the text.
    pub(super) fn length(&self, range: &Range<usize>) -> usize {
        let offset = |place: usize| self.offsets.get(place).copied().unwrap_or_default();
        offset(range.end).saturating_sub(offset(range.start))
    }

    /// Returns the length of some pieces of text together.
    pub(super) fn count(&self, pieces: &[&str]) -> usize {
        pieces.iter().map(|piece| self.unit.length(piece)).sum()
    }

    /// Says whether formatting may be closed and reopened: only if that leaves more than half of a
    /// message.
    ///
    /// So what one formatting reopens and another closes always leaves room for a code point.
    pub(super) fn can_afford(&self, added: usize) -> bool {
        added * 2 + self.unit.longest_char() <= self.limit
    }

    pub(super) fn place(&self, index: usize) -> Place {
        work::count(1);
        self.places.get(index).copied().unwrap_or(EDGE)
    }

    pub(super) fn set(&mut self, range: Range<usize>, mut change: impl FnMut(&mut Place)) {
        work::count(range.len());
        self.places.get_mut(range).unwrap_or_default().iter_mut().for_each(&mut change);
    }

    /// Makes one piece of a range: no cut strictly inside it.
    pub(super) fn forbid(&mut self, range: Range<usize>) {
        self.set(range.start + 1..range.end, |place| place.cut = place.cut.min(Cut::Atom));
    }

    /// Shrinks a range to what a reader sees of it.
    pub(super) fn visible(&self, range: Range<usize>) -> Range<usize> {
        let is_seen = |index: &usize| {
            let place = self.place(*index);
            !place.is_blank && !place.is_quote_mark
        };
        let Some(first) = range.clone().find(is_seen) else { return range.start..range.start };
        first..range.rev().find(is_seen).map_or(first, |last| last + 1)
    }

    /// The text that must begin a message which continues from inside formatting.
    pub(super) fn opening(&self, inside: Inside) -> [&str; 6] {
        let quote = inside.quote.prefix();
        let spoiler = if inside.is_spoiler { SPOILER } else { "" };
        match inside.code.and_then(|code| self.codes.get(code)) {
            Some(Code { ticks, fence: Some(language), .. }) => {
                let line = if inside.quote == Quote::Line { quote } else { "" };
                [quote, spoiler, ticks, language, "\n", line]
            }
            Some(code) => [quote, spoiler, &code.ticks, "", "", ""],
            None => [quote, spoiler, "", "", "", ""],
        }
    }

    /// The text that must end a message which is cut inside formatting.
    pub(super) fn closing(&self, inside: Inside) -> [&str; 4] {
        let spoiler = if inside.is_spoiler { SPOILER } else { "" };
        match inside.code.and_then(|code| self.codes.get(code)) {
            Some(Code { ticks, fence: Some(_), .. }) => {
                let line = if inside.quote == Quote::Line { inside.quote.prefix() } else { "" };
                ["\n", line, ticks, spoiler]
            }
            Some(code) => ["", "", &code.ticks, spoiler],
            None => ["", "", "", spoiler],
        }
    }

    fn is_affordable(&self, inside: Inside) -> bool {
        self.can_afford(self.count(&self.opening(inside)) + self.count(&self.closing(inside)))
    }

    fn settle_spoiler(&mut self, whole: &Range<usize>) {
        let width = SPOILER.len();
        let seen = self.visible(whole.start + width..whole.end - width);
        if seen.is_empty() {
            return self.forbid(whole.clone());
        }
        let inside = Inside { is_spoiler: true, ..self.place(whole.start).inside };
        if !self.is_affordable(inside) {
            return;
        }
        let is_short = whole.len() < SHORT_PAIR_CHARS;
        self.set(whole.start + 1..whole.end, |place| {
            place.inside.is_spoiler = true;
            place.is_soft |= is_short;
        });
        self.forbid_beside('|', &seen);
        self.forbid(whole.start..seen.start + 1);
        self.forbid(seen.end - 1..whole.end);
    }

    fn settle_code(&mut self, index: usize) {
        let Some(code) = self.codes.get(index) else { return };
        let (whole, is_fence) = (code.whole.clone(), code.fence.is_some());
        let seen = self.visible(code.content.clone());
        let is_unclosed = code.content.end == whole.end;
        let outside = self.place(whole.start).inside;
        let around = self.count(&self.opening(outside)) + self.count(&self.closing(outside));
        let is_kept =
            if is_fence { seen.is_empty() } else { self.length(&whole) + around <= self.limit };
        if is_kept && !is_unclosed {
            return self.forbid(whole);
        }
        let inside = Inside { code: Some(index), ..outside };
        if !self.is_affordable(inside) {
            return;
        }
        let end = if is_unclosed { whole.end + 1 } else { whole.end };
        self.set(whole.start + 1..end, |place| place.inside.code = Some(index));
        if seen.is_empty() {
            return self.forbid(whole);
        }
        if !is_fence {
            self.forbid_beside('`', &seen);
        }
        self.forbid(whole.start..seen.start + 1);
        self.forbid(seen.end - 1..whole.end);
    }

    /// A delimiter added beside its own character would be read as a longer one.
    fn forbid_beside(&mut self, delimiter: char, range: &Range<usize>) {
        for index in range.clone() {
            if at(&self.chars, index) == delimiter {
                self.set(index..index + 2, |place| place.cut = place.cut.min(Cut::Atom));
            }
        }
    }
}

const EDGE: Place = Place {
    cut: Cut::Grapheme,
    inside: Inside { quote: Quote::None, is_spoiler: false, code: None },
    is_soft: false,
    is_blank: false,
    is_quote_mark: false,
};

fn lay_places(text: &str) -> Vec<Place> {
    let mut places = Vec::with_capacity(text.len() + 1);
    for grapheme in text.graphemes(true) {
        let is_blank = grapheme.chars().all(char::is_whitespace);
        let mut cut = Cut::Grapheme;
        for _ in grapheme.chars() {
            places.push(Place { cut, is_blank, ..EDGE });
            cut = Cut::Torn;
        }
    }
    places.push(EDGE);
    places
}

fn measure(chars: &[char], unit: LengthUnit) -> Vec<usize> {
    let mut length = 0;
    let mut offsets = vec![0];
    offsets.extend(chars.iter().map(|c| {
        length += unit.of_char(*c);
        length
    }));
    offsets
}
