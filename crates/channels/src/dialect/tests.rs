//! What becomes of Markdown that a chat does not know, and that the rest stays.

use super::*;
use miyabi_testing::fuzz::{Numbers, rounds};

fn common(markdown: &str, settled: &str) {
    assert_eq!(settle(markdown, Dialect::Common), settled, "{markdown:?}");
}

fn chat(markdown: &str, settled: &str) {
    assert_eq!(settle(markdown, Dialect::Chat), settled, "{markdown:?}");
}

#[test]
fn a_link_has_its_address_with_it() {
    common(
        "[*a*][x], [b][]\n\n[x]: https://a.example\n[b]: <https://b.example/(c>",
        "[*a*](https://a.example), [b](<https://b.example/(c>)\n\n",
    );
    common("![a][x]\n\n[x]: https://a.example", "![a](https://a.example)\n\n");
    common(
        "```\n[a][x]\n```\n\n[x]: https://a.example",
        "```\n[a][x]\n```\n\n\\[x]: https://a.example",
    );
}

#[test]
fn a_definition_that_nothing_needs_is_shown() {
    common("High [1].\n\n[1]: https://a.example", "High [1].\n\n\\[1]: https://a.example");
    common("[Alice]: Hello!", "\\[Alice]: Hello!");
}

#[test]
fn stars_between_operands_multiply() {
    common("2*3*4 = 24 and (a+b)*2*c", r"2\*3\*4 = 24 and (a+b)\*2\*c");
    common("2**8 + 3**8, x*y*z", r"2\*\*8 + 3\*\*8, x\*y\*z");
    for same in
        ["2*3", "*a* **b** ***c***", "un*frigging*believable", "`2*3*4`", "**2** *3*", "a__b__c"]
    {
        common(same, same);
    }
}

#[test]
fn a_fence_is_one_of_backticks() {
    common("~~~sh\na\n~~~\nb", "```sh\na\n```\nb");
    common("~~~\n```\n~~~", "```\n`\u{200b}`\u{200b}`\n```");
    common("~~~sh\na", "```sh\na");
    common("````md\n```js\n```\n````", "```md\n`\u{200b}`\u{200b}`js\n`\u{200b}`\u{200b}`\n```");
    chat("> ~~~\n> a\n> ~~~", "> ```\n> a\n> ```");
    chat("```\na\n```", "```\na\n```");
}

#[test]
fn the_end_of_a_line_is_one() {
    common("a<br>b <BR/>\nc `<br>`", "a\nb\nc `<br>`");
    common("| a |\n|---|\n| b<br />c |", "| a |\n|---|\n| b / c |");
}

#[test]
fn a_formula_is_code() {
    common(
        r"By \( a_1 * b_1 \), $x^2$ and $a_1 * b_1 * c_1$.",
        "By `a_1 * b_1`, `x^2` and `a_1 * b_1 * c_1`.",
    );
    common(
        "so\n\n\\[\n\\sum_1^n *i* \\,\n\\]\n\nend",
        "so\n\n```latex\n\\sum_1^n *i* \\,\n```\n\nend",
    );
    common("$$E = mc^2$$ holds", "```latex\nE = mc^2\n```\n holds");
    for same in [
        "It costs $5 or $10, not $5_000.",
        r"`\( a \)` and $PATH and \(no end",
        "```sh\necho $A_B $C_D\n```",
        r"\\(a\\)",
        r"\[no\](link) and \[x=1\]",
        "\\[Verse 1\\]\nla",
        "> \\[\n> x\n> \\]",
    ] {
        common(same, same);
    }
}

#[test]
fn an_address_ends_before_japanese() {
    common(
        "(https://a.example/b)を、https://a.example/c d",
        "(<https://a.example/b>)を、https://a.example/c d",
    );
    common(
        "[あ](https://a.example)い <https://a.example>う `https://a.example`え",
        "[あ](https://a.example)い <https://a.example>う `https://a.example`え",
    );
}

#[test]
fn discord_reads_what_it_does_not_know() {
    chat("#### a\n##### `b`\n### c", "### a\n### `b`\n### c");
    chat("a\n===\n\nb\n---\nc", "# a\n\n## b\nc");
    chat("a\n\n---\n\n***", "a\n\n———\n\n———");
    chat("```ts title=\"a\" {3}\nb\n```", "```ts\nb\n```");
    chat("+ [ ] a\n+ [x] b", "- ☐ a\n- ☑ b");
    chat(
        "![a](https://a.example) ![](https://b.example)",
        "[a](https://a.example) https://b.example",
    );
    chat("[![a](https://a.example)](https://b.example)", "[a](https://b.example)");
    common(
        "#### a\n\n---\n- [x] ![b](https://b.example)",
        "#### a\n\n---\n- [x] ![b](https://b.example)",
    );
}

/// Pieces of which texts are made that try every rule.
const PIECES: [&str; 33] = [
    "a",
    "2",
    " ",
    "\n",
    "\n\n",
    "*",
    "**",
    "_",
    "`",
    "```",
    "````",
    "~~~",
    "> ",
    "- ",
    "+ ",
    "1. ",
    "#### ",
    "===",
    "---",
    "[",
    "][",
    "]: b",
    "](https://a.example)",
    "![",
    "<br>",
    "|",
    "[x] ",
    "$",
    "\\(",
    "\\)",
    "雅",
    "\\",
    "(",
];

#[test]
fn no_word_is_lost() {
    let mut numbers = Numbers::new(0x5151_7d2f_9e3b_0b17);
    for _ in 0..rounds(20_000) {
        let pieces = numbers.below(24);
        let markdown = numbers.text(&PIECES, pieces);
        for dialect in [Dialect::Common, Dialect::Chat] {
            let settled = settle(&markdown, dialect);
            let kept = |text: &str| text.matches(['2', '雅']).count();
            assert_eq!(kept(&settled), kept(&markdown), "{markdown:?} became {settled:?}");
        }
    }
}
