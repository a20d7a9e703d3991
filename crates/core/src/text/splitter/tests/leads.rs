//! No message ends with a line that leads to the next one.

use super::generated::Dice;
use super::{check, check_rules, split_message};

#[test]
fn a_heading_goes_with_what_follows_it() {
    check(
        "Some words here.\n\n## Head\n\nText below it.",
        30,
        &["Some words here.", "## Head\n\nText below it."],
    );
    check(
        "Some words here.\n# A\n## B\nText below it.",
        30,
        &["Some words here.", "# A\n## B\nText below it."],
    );
    check(
        "Some words here.\n\n**Head**\nText below it.",
        30,
        &["Some words here.", "**Head**\nText below it."],
    );
    check(
        "> Some words here.\n> ## Head\n> Text below it.",
        32,
        &["> Some words here.", "> ## Head\n> Text below it."],
    );
    check(
        "Some words here.\n\n## A longer head\n\nText below it.",
        30,
        &["Some words here.", "## A longer head\n\nText below", "it."],
    );
}

#[test]
fn whatever_is_written_as_a_heading_goes_with_what_follows_it() {
    for heading in [
        "# A",
        "###### A",
        "## 🌸 A",
        "**Head**",
        "**Head:**",
        "**Head**:",
        "**Head**：",
        "__Head__",
        "__**Head**__",
        "***Head***",
        "1. **Head**",
        "**1. Head**",
        "Head\n====",
        "Head\n----",
        "---\n# A",
        "# A\n---",
        "# A\n\n---\n",
        "> # A\n>",
        "【見出し】",
        "■ 見出し",
        "◆見出し",
        "***",
        "~~~rust",
        "-",
        "- [ ]",
        "- [X]",
        "10.",
        "(2)",
        "a)",
        "iv.",
        "・",
        "①",
        "１．",
        "| a | b |\n|:-:|--:|",
        "> | a | b |\n> | - | - |",
    ] {
        let last = heading.trim().lines().last().unwrap().trim();
        for pad in 0..60 {
            let words = "w".repeat(pad);
            let text = format!(
                "Some words of a line of prose. {words}\n\n{heading}\nThe text below it goes on for a while, and on."
            );
            let parts = split_message(&text, 64);
            check_rules(&text, 64, &parts);
            let ends = |part: &String| part.trim_end().lines().last() == Some(last);
            assert!(!parts.iter().any(ends), "{heading:?} {pad}: {parts:#?}");
        }
    }
}

#[test]
fn a_fence_under_a_heading_takes_the_heading_along() {
    check(
        "Some words before it.\n\n## Code\n```\nalpha\nbravo\n```",
        38,
        &["Some words before it.", "## Code\n```\nalpha\nbravo\n```"],
    );
}

#[test]
fn a_list_marker_goes_with_its_text() {
    check("Some words here.\n-\n  item one", 20, &["Some words here.", "-\n  item one"]);
    check("Some words here.\n10)\n  item one", 20, &["Some words here.", "10)\n  item one"]);
    check("Some words here.\n- [ ] item one", 22, &["Some words here.", "- [ ] item one"]);
    check("Some words now\n1. item one", 17, &["Some words now", "1. item one"]);
}

#[test]
fn the_header_of_a_table_goes_with_its_first_row() {
    check(
        "Some words here.\n| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |",
        40,
        &["Some words here.", "| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |"],
    );
    check(
        "Some words.\na | b\n--|--\n1 | 2\n3 | 4",
        24,
        &["Some words.", "a | b\n--|--\n1 | 2\n3 | 4"],
    );
}

#[test]
fn an_empty_quoted_line_goes_with_the_next() {
    let parts = split_message("> Some words here.\n>\n> Text below it.", 24);
    assert!(!parts[0].ends_with('>'), "{parts:?}");
}

#[test]
fn what_only_looks_like_a_lead_is_cut_as_before() {
    check("one two three\n#hashtag\nfour five", 22, &["one two three\n#hashtag", "four five"]);
    check("one two three\n**a** and **b**\nfour", 29, &["one two three\n**a** and **b**", "four"]);
}

#[test]
fn a_lead_longer_than_a_message_is_cut_all_the_same() {
    let text = format!("# {}\ntext", "word ".repeat(20));
    check_rules(&text, 20, &split_message(&text, 20));
}

#[test]
fn no_message_of_a_document_ends_with_a_lead() {
    let blocks = [
        "Some words of prose that go on for a while. ",
        "日本語の文がここにあります。",
        "\n\n# Head\n\n",
        "\n\n## A second head\n",
        "\n### Third\n",
        "\n\n**Bold head**\n",
        "\n- item one\n- item two\n",
        "\n1. first\n2. second\n",
        "\n-\n  text of it\n",
        "\n- [ ] to do\n",
        "\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n",
        "\n> quoted\n>\n> more\n",
        "\n```rust\nlet x = 1;\nlet y = 2;\n```\n",
    ];
    let mut dice = Dice(17);
    for _ in 0..400 {
        let text = format!("{}The end of it.", dice.text(&blocks, 14));
        let limit = 70 + dice.roll(120);
        let parts = split_message(&text, limit);
        check_rules(&text, limit, &parts);
        let Some((_, before)) = parts.split_last() else { continue };
        for part in before {
            let last = part.trim_end().lines().last().unwrap().trim();
            let is_heading = last.trim_start_matches('>').trim_start().starts_with('#');
            let is_marker = matches!(last, "-" | "1." | "2." | "- [ ]" | ">" | "```rust");
            let is_header =
                last == "| a | b |" || last == "| --- | --- |" || last == "**Bold head**";
            assert!(!is_heading && !is_marker && !is_header, "{limit}: {parts:#?}");
        }
    }
}
