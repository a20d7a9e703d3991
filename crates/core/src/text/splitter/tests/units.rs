//! Splits for platforms that do not count code points.

use super::check_rules_in;
use crate::text::LengthUnit::{Bytes, Utf16Units};
use crate::text::{LengthUnit, split_message};

fn check(text: &str, (limit, unit): (usize, LengthUnit), expected: &[&str]) {
    let parts = split_message(text, limit, unit);
    check_rules_in(unit, text, limit, &parts);
    assert_eq!(parts, expected, "{text:?} at {limit} {unit:?}");
}

#[test]
fn counts_utf16_units() {
    assert_eq!(split_message(&"😀".repeat(2048), 4096, Utf16Units).len(), 1);
    assert_eq!(split_message(&"😀".repeat(2049), 4096, Utf16Units).len(), 2);
    assert_eq!(split_message(&"雅".repeat(4096), 4096, Utf16Units).len(), 1);
    check("😀 😀😀 a", (6, Utf16Units), &["😀", "😀😀 a"]);
}

#[test]
fn counts_bytes() {
    assert_eq!(split_message(&"雅".repeat(10), 30, Bytes).len(), 1);
    assert_eq!(split_message(&"雅".repeat(11), 30, Bytes).len(), 2);
    check("今日は。明日は。", (15, Bytes), &["今日は。", "明日は。"]);
}

#[test]
fn keeps_a_grapheme_together_that_fits() {
    check("👩‍💻👩‍💻", (9, Utf16Units), &["👩‍💻", "👩‍💻"]);
    check("e\u{301}e\u{301}", (5, Bytes), &["e\u{301}", "e\u{301}"]);
    check("🇯🇵🇺🇸", (15, Bytes), &["🇯🇵", "🇺🇸"]);
}

#[test]
fn tears_no_code_point_even_if_it_is_longer_than_a_message() {
    assert_eq!(split_message("😀😀", 1, Utf16Units), ["😀", "😀"]);
    assert_eq!(split_message("雅a", 1, Bytes), ["雅", "a"]);
}

#[test]
fn closes_and_reopens_code_within_the_limit() {
    check(
        "```py\n雅雅雅雅 = 1\n宴宴宴宴 = 2\n```",
        (26, Bytes),
        &["```py\n雅雅雅雅 = 1\n```", "```py\n宴宴宴宴 = 2\n```"],
    );
    let text = format!("```\n{}\n```", "😀".repeat(30));
    for unit in [Utf16Units, Bytes] {
        for limit in 12..60 {
            let parts = split_message(&text, limit, unit);
            check_rules_in(unit, &text, limit, &parts);
        }
    }
}
