//! Texts that fit: cut to a length, or split into messages.

use super::{Styled, read};
use crate::dialect::{Dialect, settle};
use crate::kaomoji::escape_kaomoji;
use miyabi_core::text::tables::lay_out;
use miyabi_core::text::{LengthUnit, is_default_ignorable, is_hidden, split_message, truncate};

/// Returns whether anything of a text can be seen.
pub fn is_seen(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !is_hidden(c) && !is_default_ignorable(c))
}

/// Returns a text cut to `limit`, with its styles.
pub fn cut(styled: Styled, limit: usize, unit: LengthUnit) -> Styled {
    let Styled { text, mut spans } = styled;
    let short = truncate(&text, limit, unit);
    if short == text {
        return Styled { text, spans };
    }
    // What stands for the rest has no style.
    let kept = short.strip_suffix('…').unwrap_or(&short).len();
    for span in &mut spans {
        span.range.end = span.range.end.min(kept);
    }
    spans.retain(|span| !span.range.is_empty());
    Styled { text: short, spans }
}

/// Splits an answer into messages whose length, as `length` tells it of their Markdown, is at most `limit`; none if it
/// shows nothing.
///
/// What a platform writes of a text may be longer than the text: a list counts on from shorter numbers, an address stands
/// behind its words.
pub fn split(
    text: &str,
    (limit, unit): (usize, LengthUnit),
    length: impl Fn(&str) -> usize,
) -> Vec<String> {
    let text = escape_kaomoji(&lay_out(&settle(text, Dialect::Common)));
    let mut most = limit;
    loop {
        let mut contents = split_message(&text, most, unit);
        let longest = contents.iter().map(|it| length(it)).max().unwrap_or_default();
        if longest <= limit || most <= limit / 2 {
            contents.retain(|content| is_seen(&read(content).text));
            return contents;
        }
        most -= (longest - limit).min(most - limit / 2);
    }
}
