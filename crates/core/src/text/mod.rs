//! Text in graphemes: counting, shortening, and splitting into messages.
//!
//! [`LengthUnit`] is what a platform counts the length of a message in; the functions without one
//! count code points.
//! No cut in this folder falls inside a grapheme that fits.

pub mod listings;
pub mod markup;
mod normal;
mod splitter;
pub mod tables;
mod unit;
mod work;

pub use self::normal::{decomposed, without_marks};
pub use self::splitter::split_message;
pub use self::unit::LengthUnit;

use unicode_segmentation::UnicodeSegmentation;

const ELLIPSIS: &str = "…";

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
    first(text, limit, LengthUnit::CodePoints)
}

fn first(text: &str, limit: usize, unit: LengthUnit) -> &str {
    let mut taken = 0;
    let mut end = 0;
    for grapheme in text.graphemes(true) {
        work::count(grapheme.len());
        taken += unit.length(grapheme);
        if taken > limit {
            break;
        }
        end += grapheme.len();
    }
    text.split_at_checked(end).map_or("", |(head, _)| head)
}

/// Returns whether a text is so many hexadecimal digits, in small letters, as the program writes ids and hashes.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::is_hex;
/// assert!(is_hex("0a9f", 4));
/// assert!(!is_hex("0A9F", 4) && !is_hex("0a9", 4) && !is_hex("0a9g", 4));
/// ```
pub fn is_hex(text: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == digits && text.bytes().all(is_digit)
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
    truncate(text, limit, LengthUnit::CodePoints)
}

/// As [`truncate_chars`], in another unit.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::{LengthUnit, truncate};
/// assert_eq!(truncate("a😀😀", 4, LengthUnit::Utf16Units), "a😀…");
/// assert_eq!(truncate("a😀😀", 5, LengthUnit::Utf16Units), "a😀😀");
/// ```
pub fn truncate(text: &str, limit: usize, unit: LengthUnit) -> String {
    if unit.length(text) <= limit {
        return text.to_owned();
    }
    let Some(room) = limit.checked_sub(unit.length(ELLIPSIS)) else { return String::new() };
    let mut short = first(text, room, unit).trim_end().to_owned();
    short.push_str(ELLIPSIS);
    short
}

/// Returns whether a code point shows nothing by itself: `Default_Ignorable_Code_Point`.
///
/// # Source
/// Unicode 16, `DerivedCoreProperties.txt`.
pub fn is_default_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether a character is one that a model reads and a person does not see, or that changes the order in
/// which others are shown. Those that make one emoji of several are none.
pub fn is_hidden(c: char) -> bool {
    let is_control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let is_joiner = matches!(c, '\u{200d}' | '\u{fe0f}');
    is_control
        || (is_default_ignorable(c) && !is_joiner)
        || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}')
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
    fn keeps_together_what_a_person_sees_as_one_character() {
        for whole in [
            "e\u{301}",
            "\r\n",
            "👩‍💻",
            "👨‍👩‍👧‍👦",
            "❤️‍🔥",
            "👍🏽",
            "🇯🇵",
            "1️⃣",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "각",
            "क्षि",
            "நி",
            "กำ",
            "が",
            "ﾊﾞ",
        ] {
            let text = format!("a{whole}");
            for limit in 1..=chars(whole) {
                assert_eq!(first_chars(&text, limit), "a", "{whole} at {limit}");
            }
            assert_eq!(first_chars(&text, chars(&text)), text);
        }
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
