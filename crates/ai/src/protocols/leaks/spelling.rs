//! Spellings of marks that no comparison of letters meets: `MiniMax` M3 writes its name before every tag, and
//! `DeepSeek` 4.1 blanks around its bars.
//!
//! # Source
//! vLLM/Parsers of `MiniMax` M3 and `DeepSeek` V4.1, read 2026-11-29.

use std::borrow::Cow;

/// What `MiniMax` M3 writes before every tag.
const NAMESPACE: &str = "]<]minimax[>[";

/// What `DeepSeek` 4.1 writes before the name of a tag, and its plain spelling.
const SPACED: [(&str, &str); 4] = [
    ("< | DSML | ", "<|DSML|"),
    ("</ | DSML | ", "</|DSML|"),
    ("< ｜ DSML ｜ ", "<|DSML|"),
    ("</ ｜ DSML ｜ ", "</|DSML|"),
];

/// Returns a text in plain spelling, `None` if it is in no other.
pub(super) fn plain(text: &str) -> Option<String> {
    let mut plain = Cow::Borrowed(text);
    for (odd, even) in SPACED.into_iter().chain([(NAMESPACE, "")]) {
        if plain.contains(odd) {
            plain = Cow::Owned(plain.replace(odd, even));
        }
    }
    match plain {
        Cow::Borrowed(_) => None,
        Cow::Owned(plain) => Some(plain),
    }
}

/// Returns the part of a text that has not ended before a mark in such a spelling, or before what may
/// become one.
pub(super) fn before_odd(text: &str) -> &str {
    let odd = || SPACED.into_iter().map(|(odd, _)| odd).chain([NAMESPACE]);
    let whole = odd().filter_map(|odd| text.find(odd));
    let begun = odd().filter_map(|odd| {
        let lengths = odd.char_indices().map(|(end, _)| end).skip(2);
        let at = |length| text.len().checked_sub(length);
        lengths
            .filter(|length| odd.get(..*length).is_some_and(|it| text.ends_with(it)))
            .find_map(at)
    });
    whole.chain(begun).min().and_then(|end| text.get(..end)).unwrap_or(text)
}
