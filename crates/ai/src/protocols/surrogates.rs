//! Halves of surrogate pairs, which servers write into JSON when they cut a text by UTF-16 units.
//!
//! JSON allows the escape `\ud83d` alone, and Rust's text does not. In a stream the second half may come
//! with the next event. So a half is read as a character of a private plane, and two halves that meet
//! in a text become the character that they are. The last 2,048 characters of that plane, which have no
//! meaning, are lost for it.
//!
//! # Source
//! RFC 8259, section 8.2; field reports on streams of vLLM and of proxies, gathered 2026-11-28.

use std::borrow::Cow;

/// The private character that stands for the half `\ud800`; the others follow it.
const FIRST: u32 = 0x0010_f800;

const HIGH: core::ops::Range<u32> = 0xd800..0xdc00;
const LOW: core::ops::Range<u32> = 0xdc00..0xe000;

/// Length of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

/// Returns JSON in which no half stands alone: the private character is in its place.
pub(super) fn mend_json(json: &str) -> Cow<'_, str> {
    // Nearly no text has one.
    if !["\\ud", "\\uD"].iter().any(|start| json.contains(start)) {
        return Cow::Borrowed(json);
    }
    let mut mended = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        mended.push_str(before);
        let taken = match half(escape) {
            Some(high) if HIGH.contains(&high) => {
                let next = escape.get(ESCAPE..).and_then(half);
                if next.is_some_and(|low| LOW.contains(&low)) {
                    mended.push_str(escape.get(..2 * ESCAPE).unwrap_or_default());
                    2 * ESCAPE
                } else {
                    mended.extend(stand_in(high));
                    ESCAPE
                }
            }
            Some(low) => {
                mended.extend(stand_in(low));
                ESCAPE
            }
            // Another escape: a backslash and a letter, which may be a backslash.
            None => {
                let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
                mended.push_str(escape.get(..end).unwrap_or_default());
                end
            }
        };
        rest = escape.get(taken..).unwrap_or_default();
    }
    mended.push_str(rest);
    Cow::Owned(mended)
}

/// Returns a text in which halves that met are one character, and halves that stand alone are U+FFFD.
pub(super) fn join(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_stand_in) {
        return Cow::Borrowed(text);
    }
    let mut joined = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if !is_stand_in(character) {
            joined.push(character);
            continue;
        }
        let first = u32::from(character) - FIRST + HIGH.start;
        let low = characters.peek().map(|next| u32::from(*next).wrapping_sub(FIRST) + HIGH.start);
        match low.filter(|low| HIGH.contains(&first) && LOW.contains(low)) {
            Some(low) => {
                characters.next();
                let code = 0x1_0000 + ((first - HIGH.start) << 10) + (low - LOW.start);
                joined.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            None => joined.push(char::REPLACEMENT_CHARACTER),
        }
    }
    Cow::Owned(joined)
}

/// Returns a text without a first half at its end, whose second half may still come.
pub(super) fn without_open_half(text: &str) -> &str {
    text.trim_end_matches(is_stand_in)
}

fn is_stand_in(character: char) -> bool {
    u32::from(character) >= FIRST
}

fn stand_in(half: u32) -> Option<char> {
    char::from_u32(FIRST + half - HIGH.start)
}

/// Returns the half that a text begins with as an escape.
fn half(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    (HIGH.start..LOW.end).contains(&code).then_some(code)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use miyabi_testing::fuzz::Numbers;

    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_str::<String>(&mend_json(json))
            .map(|text| join(&text).into_owned())
            .unwrap()
    }

    #[test]
    fn a_half_alone_is_replaced_and_everything_else_is_read_as_it_is() {
        for (json, text) in [
            (r#""a""#, "a"),
            (r#""\ud83c\udf41""#, "🍁"),
            (r#""\uD83C\uDF41!""#, "🍁!"),
            (r#""\ud83c""#, "\u{fffd}"),
            (r#""\udf41""#, "\u{fffd}"),
            (r#""a\ud83cb""#, "a\u{fffd}b"),
            (r#""\ud83c\ud83c\udf41""#, "\u{fffd}🍁"),
            (r#""\udf41\ud83c""#, "\u{fffd}\u{fffd}"),
            (r#""\\ud83c""#, "\\ud83c"),
            (r#""\\\ud83c""#, "\\\u{fffd}"),
            (r#""\ud83c\n\"\u00e9""#, "\u{fffd}\n\"é"),
        ] {
            assert_eq!(read(json), text, "{json}");
        }
    }

    #[test]
    fn halves_that_meet_are_one_character() {
        let halves = [r#""\ud83c""#, r#""\udf41 fell""#];
        let text: String = halves
            .iter()
            .map(|half| serde_json::from_str::<String>(&mend_json(half)).unwrap())
            .collect();
        assert_eq!(join(&text), "🍁 fell");
        let first = serde_json::from_str::<String>(&mend_json(halves[0])).unwrap();
        assert_eq!(without_open_half(&first), "");
    }

    #[test]
    fn reads_as_utf_16_does_whatever_the_escapes_are() {
        // A piece of JSON, and the UTF-16 that it means.
        let pieces: [(&str, &[u16]); 14] = [
            ("\\\\", &[0x5c]),
            ("\\\"", &[0x22]),
            ("\\n", &[0x0a]),
            ("\\u0041", &[0x41]),
            ("\\u00E9", &[0xe9]),
            ("\\ud83c", &[0xd83c]),
            ("\\uD83C", &[0xd83c]),
            ("\\udf41", &[0xdf41]),
            ("\\uDA00", &[0xda00]),
            ("\\udc00", &[0xdc00]),
            ("ud83c", &[0x75, 0x64, 0x38, 0x33, 0x63]),
            ("u", &[0x75]),
            ("京", &[0x4eac]),
            ("🍁", &[0xd83c, 0xdf41]),
        ];
        let mut numbers = Numbers::new(0x5eed);
        for _ in 0..4_000 {
            let (mut json, mut units) = (String::from("\""), Vec::new());
            for _ in 0..numbers.below(12) {
                let (piece, means) = pieces[numbers.below(pieces.len())];
                // The characters of JSON itself are whole: no half joins one of them.
                let is_half =
                    |unit: Option<&u16>| unit.is_some_and(|it| (0xd800..0xe000).contains(it));
                if piece == "🍁" && is_half(units.last()) {
                    continue;
                }
                json.push_str(piece);
                units.extend_from_slice(means);
            }
            json.push('"');
            assert_eq!(read(&json), String::from_utf16_lossy(&units), "{json}");
            if let Ok(plain) = serde_json::from_str::<String>(&json) {
                assert_eq!(read(&json), plain, "{json}");
            }
        }
    }
}
