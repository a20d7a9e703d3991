//! What is read of Markdown, and that it is not longer than before.

use super::*;
use miyabi_testing::fuzz::{Numbers, rounds};

/// Compares the text, and each style with what it is of.
fn check(markdown: &str, text: &str, styles: &[(Style, &str)]) {
    let read = read(markdown);
    assert_eq!(read.text, text, "{markdown:?}");
    let found: Vec<_> = read
        .spans
        .iter()
        .map(|span| (span.style.clone(), read.text.get(span.range.clone()).unwrap()))
        .collect();
    assert_eq!(found, styles, "{markdown:?}");
}

fn link(address: &str) -> Style {
    Style::Link(address.to_owned())
}

fn block(language: &str) -> Style {
    Style::Block(language.to_owned())
}

#[test]
fn styles_within_a_line() {
    check(
        "a **b** *c* ~~d~~ `e`",
        "a b c d e",
        &[(Style::Bold, "b"), (Style::Italic, "c"), (Style::Strike, "d"), (Style::Code, "e")],
    );
    check(
        "**a *b* `c`**",
        "a b c",
        &[(Style::Bold, "a b c"), (Style::Italic, "b"), (Style::Code, "c")],
    );
    check("10~20 and 30~40", "10~20 and 30~40", &[]);
    check("~*a*~", "~a~", &[(Style::Italic, "a")]);
    check("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4", &[]);
    check(r"\*not italic\*", "*not italic*", &[]);
    check("a &amp; b < c", "a & b < c", &[]);
}

#[test]
fn emphasis_works_beside_letters_of_cjk() {
    check("これは**「注意」**です", "これは「注意」です", &[(Style::Bold, "「注意」")]);
    check("**重要:**次へ", "重要:次へ", &[(Style::Bold, "重要:")]);
    check(
        "*「あ」*と~~(い)~~う",
        "「あ」と(い)う",
        &[(Style::Italic, "「あ」"), (Style::Strike, "(い)")],
    );
    check("**\"비밀번호\"**를", "\"비밀번호\"를", &[(Style::Bold, "\"비밀번호\"")]);
    check("`は**「あ」**` 2**3", "は**「あ」** 2**3", &[(Style::Code, "は**「あ」**")]);
    check(
        "[あ**「い」**](https://a.example/**「)",
        "あ「い」",
        &[(link("https://a.example/**「"), "あ「い」"), (Style::Bold, "「い」")],
    );
}

#[test]
fn links_have_their_address_or_show_it() {
    check("[Miyabi](https://a.example/b)", "Miyabi", &[(link("https://a.example/b"), "Miyabi")]);
    check("<https://a.example>", "https://a.example", &[]);
    check("https://a.example", "https://a.example", &[]);
    check("![alt](https://a.example/i.png)", "alt", &[(link("https://a.example/i.png"), "alt")]);
    check("![](https://a.example/i.png)", "https://a.example/i.png", &[]);
    check("[x](javascript:alert(1))", "x (javascript:alert(1))", &[]);
    check("[x](/path)", "x (/path)", &[]);
    for refused in [
        "http://localhost:3000",
        "http://your-server:8080/",
        "http://HOST:PORT",
        "http://",
        "http://a.example:99999",
        "http://.",
        "mailto:a@b.example",
        "tg://user?id=1",
    ] {
        check(&format!("[x]({refused})"), &format!("x ({refused})"), &[]);
    }
    for followed in ["https://a.example:8080/b?c#d", "http://[::1]:80/", "HTTPS://u@a.example"] {
        check(&format!("[x]({followed})"), "x", &[(link(followed), "x")]);
    }
    check("[`x`](https://a.example)", "x", &[(link("https://a.example"), "x"), (Style::Code, "x")]);
}

#[test]
fn blocks_keep_their_layout() {
    check("# Head\ntext\n\nmore", "Head\ntext\n\nmore", &[(Style::Bold, "Head")]);
    check("I. one\n   A. two\nII. three", "I. one\n   A. two\nII. three", &[]);
    check("one\n\n\n\ntwo", "one\n\ntwo", &[]);
    check("one\ntwo", "one\ntwo", &[]);
    check("one  \ntwo", "one\ntwo", &[]);
    check("one\n\n---\n\ntwo", "one\n\n———\n\ntwo", &[]);
    check("> said\n> so\n\nend", "said\nso\n\nend", &[(Style::Quote, "said\nso")]);
    check("> a\n> > b", "a\nb", &[(Style::Quote, "a\nb")]);
    check("<b>x</b> y", "<b>x</b> y", &[]);
    check("<div>\nx\n</div>\n\nend", "<div>\nx\n</div>\n\nend", &[]);
}

#[test]
fn lists_have_marks_numbers_and_boxes() {
    check("- a\n- b", "• a\n• b", &[]);
    check("text\n* a\n\n* b", "text\n• a\n\n• b", &[]);
    check("3. a\n4. b", "3. a\n4. b", &[]);
    check("- a\n  - b\n    - c\n- d", "• a\n  • b\n    • c\n• d", &[]);
    check("1. a\n   - b", "1. a\n  • b", &[]);
    check("- [ ] a\n- [x] b", "☐ a\n☑ b", &[]);
    check("- a\n\n  more\n- b", "• a\n\n  more\n• b", &[]);
    check("1. a\n   b", "1. a\n   b", &[]);
    check("- a\n  - [ ] b\n  - [x] c", "• a\n  ☐ b\n  ☑ c", &[]);
    check("- ```\n  x\n  ```", "• x", &[(block(""), "x")]);
    check("-\n- b", "•\n• b", &[]);
}

#[test]
fn small_print_is_italic_to_the_end_of_its_line() {
    check("a\n-# b `c` d\ne", "a\nb c d\ne", &[(Style::Italic, "b c d"), (Style::Code, "c")]);
    check("-# all", "all", &[(Style::Italic, "all")]);
    check("```\n-# code\n```", "-# code", &[(block(""), "-# code")]);
    check("a -# b", "a -# b", &[]);
}

#[test]
fn an_instant_is_read_back_and_has_words_for_who_cannot_show_it() {
    for is_relative in [false, true] {
        let unix_s = 1_700_000_000;
        let style = Style::Instant { unix_s, is_relative };
        check(
            &instant(unix_s, is_relative),
            "2023-11-14 22:13 UTC",
            &[(style, "2023-11-14 22:13 UTC")],
        );
    }
    check("[a](instant:x)", "a (instant:x)", &[]);
    check("[a](instant:99999999999)", "a (instant:99999999999)", &[]);
}

#[test]
fn code_is_as_it_was_written() {
    check(
        "```rust\nfn a() {}\n\n  b\n```",
        "fn a() {}\n\n  b",
        &[(block("rust"), "fn a() {}\n\n  b")],
    );
    check("a\n```\n*x* <y>\n```\nb", "a\n*x* <y>\nb", &[(block(""), "*x* <y>")]);
    check("```py title=x\n1\n```", "1", &[(block("py"), "1")]);
    check("``a ` b``", "a ` b", &[(Style::Code, "a ` b")]);
    check("```\n```", "", &[]);
    check("```\n`\u{200b}`\u{200b}`js\n```", "```js", &[(block(""), "```js")]);
    check("a\n\n    x\n\nb", "a\n\nx\n\nb", &[(block(""), "x")]);
    check("```\nleft open", "left open", &[(block(""), "left open")]);
}

#[test]
fn what_is_no_text_is_none() {
    for markdown in ["", " \n ", "[a]: https://a.example"] {
        assert_eq!(read(markdown), Styled::default(), "{markdown:?}");
    }
}

/// Pieces of which texts are made that try the parser's every corner.
const PIECES: [&str; 45] = [
    "a",
    " ",
    "\n",
    "\n\n",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```",
    "```rs\n",
    "> ",
    "- ",
    "1. ",
    "999999999. ",
    "# ",
    "## ",
    "[",
    "](",
    ")",
    "](https://a.example/)",
    "![",
    "<",
    ">",
    "</b>",
    "<div>",
    "&amp;",
    "\\",
    "|",
    "---",
    "\t",
    "    ",
    "é",
    "雅",
    "👩‍💻",
    "e\u{301}",
    "🇯🇵",
    "\r\n",
    "-# ",
    "[ ] ",
    "[x] ",
    "<https://b.example>",
    "]: c",
    "@bob",
    "\u{0}",
];

#[test]
fn no_text_is_longer_than_its_markdown_but_by_numbers_and_tabs_and_no_style_leaves_it() {
    let mut numbers = Numbers::new(0x9e37_79b9_7f4a_7c15);
    for _ in 0..rounds(100_000) {
        let pieces = numbers.below(24);
        let markdown = numbers.text(&PIECES, pieces);
        let read = read(&markdown);
        let units = |text: &str| text.encode_utf16().count();
        // Of a list whose every item is 1 the tenth is 10, and a tab may become spaces.
        let grown = 9 * markdown.matches(". ").count() + 3 * markdown.matches('\t').count();
        assert!(
            units(&read.text) <= units(&markdown) + grown,
            "{markdown:?} became {:?}",
            read.text
        );
        for span in &read.spans {
            let shown = read.text.get(span.range.clone());
            assert!(shown.is_some_and(|it| !it.is_empty()), "{markdown:?}: {span:?}");
        }
        assert!(read.spans.is_sorted_by_key(|span| span.range.start), "{markdown:?}");
    }
}
