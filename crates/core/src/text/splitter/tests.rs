//! Tests of the messages that texts become, by hand and by rules that hold for every text.

mod generated;
mod leads;
mod units;

pub(in crate::text) use self::generated::Dice;

use crate::text::{LengthUnit, chars};

/// Splits as for a platform that counts code points.
fn split_message(text: &str, limit: usize) -> Vec<String> {
    super::split_message(text, limit, LengthUnit::CodePoints)
}

/// Splits, checks what must hold for every split, and compares.
fn check(text: &str, limit: usize, expected: &[&str]) {
    let parts = split_message(text, limit);
    check_rules(text, limit, &parts);
    assert_eq!(parts, expected, "{text:?} at {limit}");
}

fn check_rules(text: &str, limit: usize, parts: &[String]) {
    check_rules_in(LengthUnit::CodePoints, text, limit, parts);
}

fn check_rules_in(unit: LengthUnit, text: &str, limit: usize, parts: &[String]) {
    for part in parts {
        let length = unit.length(part);
        assert!((1..=limit.max(1)).contains(&length), "{length} {unit:?}: {part:?}");
        assert!(!part.trim().is_empty(), "blank part of {text:?}");
    }
    assert_nothing_lost(text, parts);
}

/// The input must be found in the output in order; what was added can only be formatting.
fn assert_nothing_lost(text: &str, parts: &[String]) {
    let joined = parts.concat();
    let mut wanted = text.chars().filter(|c| !c.is_whitespace()).peekable();
    for c in joined.chars().filter(|c| !c.is_whitespace()) {
        if wanted.next_if_eq(&c).is_none() {
            assert!(
                "`|>_+".contains(c) || c.is_ascii_alphanumeric(),
                "added {c:?} to {text:?}: {parts:?}"
            );
        }
    }
    assert_eq!(wanted.collect::<String>(), "", "lost from {text:?}: {parts:?}");
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn keeps_a_text_that_fits_whole() {
    check("hello", 5, &["hello"]);
    check("a\n\nb\n  c", 2000, &["a\n\nb\n  c"]);
    check("  padded \n", 6, &["padded"]);
}

#[test]
fn makes_nothing_of_nothing() {
    check("", 2000, &[]);
    check(" \n\t\u{3000}\u{a0}\r\n ", 2000, &[]);
}

#[test]
fn counts_code_points() {
    assert_eq!(split_message(&"雅".repeat(2000), 2000).len(), 1);
    assert_eq!(split_message(&"雅".repeat(2001), 2000).len(), 2);
    assert_eq!(split_message(&"😀".repeat(2000), 2000).len(), 1, "not UTF-16 units");
    assert_eq!(split_message(&"😀".repeat(2001), 2000).len(), 2);
}

#[test]
fn splits_at_paragraphs_first() {
    check("one two.\nthree\n\nfour five. six", 24, &["one two.\nthree", "four five. six"]);
    check("a b\n\n\n \nc d", 6, &["a b", "c d"]);
    check("aaa\r\n\r\nbbb bbb", 9, &["aaa", "bbb bbb"]);
}

#[test]
fn splits_at_lines_before_sentences() {
    check("one. two\nthree. four", 16, &["one. two", "three. four"]);
}

#[test]
fn splits_at_sentences_before_words() {
    check("One two. Three four five", 14, &["One two.", "Three four", "five"]);
    check("He said \"no.\" Then he left", 18, &["He said \"no.\"", "Then he left"]);
    check("Really?! Yes it is so", 16, &["Really?!", "Yes it is so"]);
    check("version 3.14 is out now", 16, &["version 3.14 is", "out now"]);
}

#[test]
fn splits_japanese_sentences() {
    check("今日は晴れ。明日は雨かな", 10, &["今日は晴れ。", "明日は雨かな"]);
    check("本当？！うん、そうだよ", 9, &["本当？！", "うん、そうだよ"]);
    check("「行くよ。」と彼は言った", 9, &["「行くよ。」", "と彼は言った"]);
    check("東京へ、明日行くつもりだ", 9, &["東京へ、", "明日行くつもりだ"]);
    check(
        "「東京」へ行く。それから「大阪」も見る",
        14,
        &["「東京」へ行く。", "それから「大阪」も見る"],
    );
    check("値は３．１４です。円周率", 10, &["値は３．１４です。", "円周率"]);
}

#[test]
fn never_begins_with_closing_punctuation() {
    check("あいうえお。かきくけこ", 5, &["あいうえ", "お。", "かきくけこ"]);
}

#[test]
fn splits_at_words_then_graphemes() {
    check("alpha beta gamma", 11, &["alpha beta", "gamma"]);
    check("abcdefghij", 4, &["abcd", "efgh", "ij"]);
    check("hi abcdefghijklmno", 10, &["hi abcdefg", "hijklmno"]);
}

#[test]
fn leaves_no_message_less_than_a_third_full_for_a_better_cut() {
    check("a\n\nbbbb bbbb bbbb", 12, &["a\n\nbbbb bbbb", "bbbb"]);
}

#[test]
fn keeps_graphemes_whole() {
    let family = "👨‍👩‍👧‍👦";
    check(&family.repeat(3), 15, &[&family.repeat(2), family]);
    check("🇯🇵🇫🇷🇩🇪", 3, &["🇯🇵", "🇫🇷", "🇩🇪"]);
    check("👍🏽👍🏽", 3, &["👍🏽", "👍🏽"]);
    check("e\u{301}e\u{301}e\u{301}", 3, &["e\u{301}", "e\u{301}", "e\u{301}"]);
    check(
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
        4,
        &["\u{1112}\u{1161}\u{11ab}", "\u{1100}\u{1173}\u{11af}"],
    );
}

#[test]
fn tears_only_a_grapheme_longer_than_a_message() {
    let zalgo = format!("a{}", "\u{301}".repeat(9));
    let parts = split_message(&zalgo, 4);
    assert_eq!(parts.iter().map(|part| chars(part)).collect::<Vec<_>>(), [4, 4, 2]);
    assert_eq!(parts.concat(), zalgo);
}

#[test]
fn closes_and_reopens_a_fence_with_its_language() {
    check(
        "```rust\nlet a = 1;\nlet b = 2;\nlet c = 3;\n```",
        36,
        &["```rust\nlet a = 1;\nlet b = 2;\n```", "```rust\nlet c = 3;\n```"],
    );
    check("```\nalpha\nbravo\n```", 17, &["```\nalpha\n```", "```\nbravo\n```"]);
    check(
        "```c++\r\nalpha;\r\nbravo;\r\n```",
        24,
        &["```c++\r\nalpha;\n```", "```c++\nbravo;\r\n```"],
    );
}

#[test]
fn keeps_indentation_in_a_reopened_fence() {
    check(
        "```py\nif a:\n    first()\n    second()\n```",
        36,
        &["```py\nif a:\n    first()\n```", "```py\n    second()\n```"],
    );
    check(
        "```py\nwhile True:\n\n    second()\n```",
        30,
        &["```py\nwhile True:\n```", "```py\n    second()\n```"],
    );
}

#[test]
fn closes_a_fence_left_open() {
    check("text\n```rust\nlet a", 2000, &["text\n```rust\nlet a\n```"]);
    check("```\nalpha\nbravo", 17, &["```\nalpha\n```", "```\nbravo\n```"]);
    check("Use ``` to begin", 2000, &["Use ``` to begin"]);
    check("see\n```rust\n", 2000, &["see\n```rust\n```"]);
}

#[test]
fn leaves_a_fence_whole_when_the_message_is_half_full() {
    check(
        "some words before it\n```\nalpha\nbravo\n```",
        34,
        &["some words before it", "```\nalpha\nbravo\n```"],
    );
    check(
        "short\n```\nalpha\nbravo and\ncharlie\n```",
        30,
        &["short\n```\nalpha\nbravo and\n```", "```\ncharlie\n```"],
    );
}

#[test]
fn makes_no_empty_fence() {
    for limit in 12..60 {
        let text = "words before\n```js\n\nfirst line\n\nsecond\n\n\n```\nwords after it";
        for part in split_message(text, limit) {
            let inner = squeeze(&part);
            assert!(!inner.contains("``````") && !inner.contains("```js```"), "{limit}: {part:?}");
        }
    }
}

#[test]
fn cuts_a_long_line_in_a_fence_between_graphemes() {
    let text = format!("```\n{}\n```", "👍🏽".repeat(9));
    let parts = split_message(&text, 20);
    check_rules(&text, 20, &parts);
    assert!(parts.iter().all(|part| part.starts_with("```\n👍🏽") && part.ends_with("👍🏽\n```")));
}

#[test]
fn knows_fences_that_are_inline_long_or_listed() {
    check(
        "see ```one two three four``` now",
        20,
        &["see ```one two t\n```", "```\nhree four``` now"],
    );
    check(
        "````md\nalpha one\nbravo two\n````",
        28,
        &["````md\nalpha one\n````", "````md\nbravo two\n````"],
    );
    check(
        "- item\n  ```sh\n  alpha\n  bravo\n  ```",
        28,
        &["- item\n  ```sh\n  alpha\n```", "```sh\n  bravo\n  ```"],
    );
}

#[test]
fn repeats_the_quote_mark_of_a_quoted_fence() {
    check(
        "> ```js\n> alpha one\n> bravo and two\n> charlie\n> ```",
        33,
        &[
            "> ```js\n> alpha one\n> ```",
            "> ```js\n> bravo and two\n> ```",
            "> ```js\n> charlie\n> ```",
        ],
    );
}

#[test]
fn repeats_quote_marks() {
    check("> one two\n> three four", 14, &["> one two", "> three four"]);
    check("> one two three four", 12, &["> one two", "> three four"]);
    check(
        "before\n>>> one two\nthree four\nfive",
        26,
        &["before\n>>> one two", ">>> three four\nfive"],
    );
    check("1 > 0 and so on", 9, &["1 > 0 and", "so on"]);
}

#[test]
fn never_cuts_a_link_a_mention_or_an_emoji() {
    for atom in [
        "https://example.com/a?b=c&d=(e)",
        "<https://example.com/a>",
        "[the long name](https://example.com)",
        "[a [b] c](https://example.com/x_(y) \"a title\")",
        "![image](https://example.com/i.png)",
        "<@123456789012345678>",
        "<@!123456789012345678>",
        "<@&123456789012345678>",
        "<#123456789012345678>",
        "</ask sub command:123456789012345678>",
        "<t:1700000000:R>",
        "<:name:123456789012345678>",
        "<a:name:123456789012345678>",
        ":name_of_emoji:",
        "`a short code span`",
        "``a ` tick``",
    ] {
        for before in 0..50 {
            let text = format!("{}{atom} word and more words to come", "x".repeat(before));
            let parts = split_message(&text, 50);
            check_rules(&text, 50, &parts);
            assert!(parts.iter().any(|part| part.contains(atom)), "{parts:?}");
        }
    }
}

#[test]
fn the_host_behind_a_link_stays_with_it() {
    let link = "[a b](https://x.example) (x.example)";
    let text = format!("one two three {link} four five six");
    for limit in 37..60 {
        let parts = split_message(&text, limit);
        check_rules(&text, limit, &parts);
        assert!(parts.iter().any(|part| part.contains(link)), "{limit}: {parts:?}");
    }
    check(
        "see [a](https://x.example) (as was said)",
        32,
        &["see [a](https://x.example) (as", "was said)"],
    );
}

#[test]
fn cuts_an_atom_only_if_it_is_longer_than_a_message() {
    check("go https://example.com/long", 12, &["go", "https://exam", "ple.com/long"]);
    check("https://a.example/。次の文です", 18, &["https://a.example/", "。次の文です"]);
}

#[test]
fn reopens_a_code_span_longer_than_a_message() {
    check("`alpha bravo charlie`", 16, &["`alpha bravo`", "`charlie`"]);
    check("``alpha bravo charlie``", 18, &["``alpha bravo``", "``charlie``"]);
}

#[test]
fn keeps_escapes_and_markers_whole() {
    for limit in 2..12 {
        for part in split_message(r"aaaa\*bbbb\_cccc\\dddd", limit) {
            let slashes = part.chars().rev().take_while(|c| *c == '\\').count();
            assert!(slashes.is_multiple_of(2) || limit < 3, "{limit}: {part:?}");
        }
    }
    check("words\n- item one", 9, &["words", "- item", "one"]);
    check("text text\n## Head", 11, &["text text", "## Head"]);
}

#[test]
fn never_shows_a_spoiler() {
    check("||the butler did it||", 16, &["||the butler||", "||did it||"]);
    check("x ||a b|| y", 30, &["x ||a b|| y"]);
    let text = "He says ||it was the butler, in the library, with a rope|| and leaves.";
    for limit in 24..70 {
        let parts = split_message(text, limit);
        check_rules(text, limit, &parts);
        for part in &parts {
            let hidden: String = part.split("||").skip(1).step_by(2).collect();
            for word in ["butler", "library", "rope"] {
                assert_eq!(part.contains(word), hidden.contains(word), "{limit}: {part:?}");
            }
            assert!(!part.contains("||||"), "{limit}: {part:?}");
        }
    }
}

#[test]
fn prefers_not_to_cut_short_formatting() {
    check("one two three **four five** six", 24, &["one two three", "**four five** six"]);
    check("one two three ~~four five~~ six", 24, &["one two three", "~~four five~~ six"]);
}
