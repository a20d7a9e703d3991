//! How long is a text in code points, and how is it cut, split and escaped?
//!
//! Discord counts code points ("the API calculates length based on the number of codepoints",
//! discord-api-docs issue 1315), so every number here is one: not bytes, not UTF-16 units.
//! No cut in this folder ever falls inside a grapheme that fits.

pub mod hex;

pub mod split;

mod graphemes;
pub mod markup;

use graphemes::graphemes;

const ELLIPSIS: &str = "…";

/// Returns what is before and after the first `mark` in a text.
///
/// Not `str::split_once`: its search for a text, and what it says should it fail, are 5 kB gzip.
/// A character is sought as `[c]`, since `contains(c)` may be a search for a text too.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::split_once;
/// assert_eq!(split_once("a: 雅: b", ": "), Some(("a", "雅: b")));
/// assert_eq!(split_once("雅", "a"), None);
/// ```
pub fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    (0..=text.len()).find_map(|at| {
        let (before, rest) = text.split_at_checked(at)?;
        Some((before, rest.strip_prefix(mark)?))
    })
}

/// Returns whether `part` is in the text; see [`split_once`].
pub fn contains(text: &str, part: &str) -> bool {
    split_once(text, part).is_some()
}

/// Counts the code points of a text.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::chars;
/// assert_eq!(chars("雅"), 1);
/// assert_eq!(chars("👩‍💻"), 3, "one grapheme, three code points");
/// ```
pub fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Returns the longest beginning of at most `limit` code points that ends between two graphemes.
///
/// A first grapheme longer than the limit leaves nothing.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::first_chars;
/// assert_eq!(first_chars("abc", 2), "ab");
/// assert_eq!(first_chars("a👩‍💻", 3), "a", "the technician is not beheaded");
/// ```
pub fn first_chars(text: &str, limit: usize) -> &str {
    let mut taken = 0;
    let mut end = 0;
    for grapheme in graphemes(text) {
        taken += chars(grapheme);
        if taken > limit {
            break;
        }
        end += grapheme.len();
    }
    text.split_at_checked(end).map_or("", |(head, _)| head)
}

/// Shortens a text to at most `limit` code points, with "…" at the end if something was cut.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::truncate_chars;
/// assert_eq!(truncate_chars("short", 10), "short");
/// assert_eq!(truncate_chars("a long sentence", 7), "a long…");
/// assert_eq!(truncate_chars("anything", 0), "");
/// ```
pub fn truncate_chars(text: &str, limit: usize) -> String {
    if chars(text) <= limit {
        return text.to_owned();
    }
    let Some(room) = limit.checked_sub(1) else { return String::new() };
    let mut short = first_chars(text, room).trim_end().to_owned();
    short.push_str(ELLIPSIS);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_code_points_not_bytes_or_utf16_units() {
        assert_eq!(chars(""), 0);
        assert_eq!(chars("日本語"), 3);
        assert_eq!(chars("😀"), 1, "two UTF-16 units");
        assert_eq!(chars("🇯🇵"), 2, "one flag");
    }

    #[test]
    fn splits_as_the_standard_library_does() {
        for text in
            ["", "a", "aab", "<think>雅</think>", "日本語、日本語", "e\u{301}", "```a``b```c"]
        {
            for mark in
                ["", "a", "ab", "</think>", "本", "語、", "\u{301}", "```", "``", "not there"]
            {
                assert_eq!(split_once(text, mark), text.split_once(mark), "{text} at {mark}");
                assert_eq!(contains(text, mark), text.contains(mark), "{text} has {mark}");
            }
        }
    }

    #[test]
    fn keeps_what_fits() {
        assert_eq!(truncate_chars("abc", 3), "abc");
        assert_eq!(truncate_chars("", 0), "");
    }

    #[test]
    fn cuts_between_graphemes() {
        assert_eq!(truncate_chars("ab🇯🇵cd", 4), "ab…");
        assert_eq!(truncate_chars("👨‍👩‍👧‍👦x", 5), "…");
        assert_eq!(truncate_chars("e\u{301}e\u{301}e\u{301}", 4), "e\u{301}…");
    }

    #[test]
    fn leaves_no_space_before_the_ellipsis() {
        assert_eq!(truncate_chars("one two three", 5), "one…");
    }

    #[test]
    fn never_exceeds_the_limit() {
        let text = "a👩‍💻 b 日本 e\u{301} 🇯🇵 end";
        for limit in 0..=chars(text) {
            assert!(chars(&truncate_chars(text, limit)) <= limit, "{limit}");
        }
    }
}
