//! Rules that hold for texts that nobody would write by hand.

use super::{check_rules, check_rules_in, split_message, squeeze};
use crate::text::LengthUnit;
use crate::text::work::steps_of;

/// A small deterministic generator (xorshift).
pub(in crate::text) struct Dice(pub(in crate::text) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    pub(in crate::text) fn text(&mut self, from: &[&str], max: usize) -> String {
        (0..self.roll(max)).map(|_| self.pick(from)).collect()
    }
}

#[test]
fn loses_nothing_of_plain_text() {
    let pieces = [
        "word ",
        "a",
        "。",
        ". ",
        "\n",
        "\n\n",
        "日本",
        "👨‍👩‍👧",
        "e\u{301}",
        "  ",
        "、",
        "<@1> ",
        "\u{200b}",
        "\r\n",
    ];
    let mut dice = Dice(7);
    for _ in 0..500 {
        let text = dice.text(&pieces, 60);
        let limit = 1 + dice.roll(40);
        let parts = split_message(&text, limit);
        check_rules(&text, limit, &parts);
        assert_eq!(squeeze(&parts.concat()), squeeze(&text), "{text:?} at {limit}");
    }
}

#[test]
fn loses_nothing_of_any_markup() {
    let pieces = [
        "`",
        "``",
        "```",
        "````",
        "|",
        "||",
        "> ",
        ">>> ",
        "\n",
        "\n\n",
        " ",
        "a",
        "word ",
        "。",
        "*",
        "**",
        "__",
        "~~",
        "\\",
        "[",
        "](",
        ")",
        "https://a.b/c",
        "<@1>",
        "<",
        ":",
        ":x:",
        "rust\n",
        "👍🏽",
        "  ",
        "- ",
        "\n> ",
        "\r\n",
    ];
    let mut dice = Dice(11);
    for _ in 0..1500 {
        let text = dice.text(&pieces, 40);
        let limit = 1 + dice.roll(60);
        check_rules(&text, limit, &split_message(&text, limit));
        for unit in [LengthUnit::Utf16Units, LengthUnit::Bytes] {
            // One code point takes up to four bytes.
            let limit = limit + 3;
            let parts = crate::text::split_message(&text, limit, unit);
            check_rules_in(unit, &text, limit, &parts);
        }
    }
}

#[test]
fn every_message_of_a_document_has_whole_fences_links_and_mentions() {
    let prose = [
        "Some words. ",
        "日本語の文。",
        "[link](https://a.example/b) ",
        "<@123> ",
        "`code span` ",
        "\n\n",
        "\n- item ",
    ];
    let code = [
        "    let x = 1;\n",
        "}\n",
        "\n",
        "a_long_line_without_spaces_in_it();\n",
        "> not a quote\n",
        "|| or ` tick\n",
    ];
    let mut dice = Dice(13);
    for _ in 0..60 {
        let mut text = String::new();
        let mut plain = String::new();
        for _ in 0..4 {
            let words = dice.text(&prose, 12);
            let lines = format!("{}end\n", dice.text(&code, 12));
            text += &[&words, "\n```rust\n", &lines, "```\n"].concat();
            plain += &(squeeze(&words) + &squeeze(&lines));
        }
        let limit = 60 + dice.roll(200);
        let parts = split_message(&text, limit);
        check_rules(&text, limit, &parts);
        for part in &parts {
            assert!(has_balanced_fences(part), "{part:?}");
            assert_eq!(
                part.matches("[link]").count(),
                part.matches("](https://a.example/b)").count()
            );
            assert_eq!(part.matches("<@").count(), part.matches("<@123>").count());
        }
        let shown = parts.concat().replace("```rust\n", "").replace("```", "");
        assert_eq!(squeeze(&shown), plain, "nothing but fence lines is added");
    }
}

const PATTERNS: [&str; 60] = [
    "`",
    "``a",
    "```",
    "```a",
    "[",
    "](",
    "[a](http://",
    "<",
    "<@",
    "|",
    "||",
    "||a",
    "||a|| ",
    "*",
    "**",
    "**a",
    "~~",
    "\\",
    ":",
    ":a",
    " ",
    "\n",
    "\n\n",
    "> ",
    "\n> ",
    "\n> ```",
    "\n>>> ",
    "\u{301}",
    "\u{200d}",
    "👨‍",
    "🇯",
    "क्",
    "。",
    "http://",
    "a",
    "(",
    "\n- ",
    "` ``",
    "> ```\n",
    "``` \n",
    "(http://",
    "[a](http://(",
    "<http://a ",
    "http://a ",
    "||`",
    "> ||",
    "1. ",
    "# ",
    "| a |\n",
    "|---|\n",
    "\r",
    "```\n\n",
    "~~~",
    "_",
    "<:a:1>",
    "[[",
    ")]",
    "(・∀・)",
    "\u{fe0f}",
    "`\n\n``\n\n",
];

#[test]
fn splitting_a_text_twice_as_long_takes_about_twice_the_steps() {
    for head in ["", "> ", ">>> ", "||", "```\n", "# "] {
        for pattern in PATTERNS {
            let text = |bytes: usize| format!("{head}{}", pattern.repeat(bytes / pattern.len()));
            let steps = |text: &str| steps_of(|| drop(split_message(text, 200)));
            let (once, twice) = (steps(&text(4_000)), steps(&text(8_000)));
            assert!(twice <= once * 5 / 2 + 2_000, "{head}{pattern}: {once}, then {twice}");
        }
    }
}

#[test]
fn splits_hostile_text_in_linear_time() {
    for pattern in PATTERNS {
        // Quadratic work on the short ones would already be felt.
        let is_long = matches!(pattern, "`" | "[" | "<" | "||" | "🇯" | "👨‍" | "क्" | "\u{301}");
        let len = if is_long { 200_000 } else { 5000 };
        let text = pattern.repeat(len / pattern.len());
        check_rules(&text, 2000, &split_message(&text, 2000));
        let bytes = crate::text::split_message(&text, 2000, LengthUnit::Bytes);
        check_rules_in(LengthUnit::Bytes, &text, 2000, &bytes);
        let fenced = format!("```rust\n{}", pattern.repeat(5000 / pattern.len()));
        check_rules(&fenced, 2000, &split_message(&fenced, 2000));
    }
}

/// Fence markers by Discord's rule: three backticks open, the next three close.
fn has_balanced_fences(part: &str) -> bool {
    part.matches("```").count().is_multiple_of(2)
}
