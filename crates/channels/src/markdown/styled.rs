//! A text and its styles.

use core::ops::Range;
use miyabi_core::order::sort_by_place;

/// A text and its styles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Styled {
    /// What people read.
    pub text: String,
    /// Styles, in the order in which they begin, the outer one of two first. None is empty.
    pub spans: Vec<Span>,
}

/// A part of a text that has a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Style.
    pub style: Style,
}

/// A style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Style {
    /// Bold; a heading too.
    Bold,
    /// Italic.
    Italic,
    /// Struck through.
    Strike,
    /// Code within a line.
    Code,
    /// A block of code, with its language, blank if it names none.
    Block(String),
    /// What somebody else has said.
    Quote,
    /// A link to this address of the web.
    Link(String),
    /// An instant, in Unix seconds, which the text names for those whose platform cannot: see [`super::instant`].
    Instant {
        /// When.
        unix_s: u64,
        /// Whether it is shown by how near it is, and else by its day and hour.
        is_relative: bool,
    },
}

/// Brings styles into the order in which they begin, the outer one of two first.
pub fn sort(spans: &mut Vec<Span>) {
    sort_by_place(spans, |span| (span.range.start, usize::MAX - span.range.end));
}
