use super::*;
use crate::text::splitter::tests::Dice;

#[test]
fn what_is_no_table_stays_as_it_is() {
    for text in [
        "",
        "a | b\nc | d",
        "a\n---\nb",
        "a | b\n---\nc",
        "| a | b |\n|---|\n| 1 | 2 |",
        "| a |\n| b |",
        "x || y ||\n\nz",
        "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```",
        "see ```| a | b |\n|---|---|\n| 1 | 2 |``` there",
        "```\n| a | b |\n|---|---|\n| 1 | 2 |",
        "``````\n| a | b |\n|---|---|\n| 1 | 2 |\n``````",
        "> | a | b |\n> |---|---|\n> | 1 | 2 |",
        "(|||ﾟдﾟ)\n|д|",
    ] {
        assert_eq!(lay_out(text), text);
    }
}

#[test]
fn a_narrow_table_is_a_block_of_aligned_columns() {
    let text =
        "Prices:\n\n| Item | Price |\n| :-- | --: |\n| Tea | 5 |\n| Coffee | 120 |\n\nThat is all.";
    let laid = "Prices:\n\n```\nItem   | Price\n-------+------\nTea    |     5\nCoffee |   120\n```\n\nThat is all.";
    assert_eq!(lay_out(text), laid);
}

#[test]
fn letters_of_europe_are_as_wide_as_others() {
    let table = "| Größe | Preis |\n|---|---:|\n| groß | 12,50 € |\n| мал | ½ |";
    let laid = "```\nGröße |   Preis\n------+--------\ngroß  | 12,50 €\nмал   |       ½\n```";
    assert_eq!(lay_out(table), laid);
    for odd in ["雅", "e\u{301}", "👍", "∧", "א", "\u{ad}"] {
        let list = lay_out(&format!("| a | b |\n|---|---|\n| c | {odd} |"));
        assert_eq!(list, format!("**a: c**\n- b: {odd}"));
    }
}

#[test]
fn bars_at_the_ends_are_not_needed() {
    assert_eq!(lay_out("a | b\n--|--\n1 | 2"), "```\na | b\n--+--\n1 | 2\n```");
}

#[test]
fn a_wide_table_is_a_list_of_its_rows() {
    let wide = "a very long sentence that a phone wraps";
    let text =
        format!("| Name | Kind | What |\n|---|---|---|\n| A | x | {wide} |\n| B | | {wide} |");
    let laid =
        format!("**Name: A**\n- Kind: x\n- What: {wide}\n**Name: B**\n- Kind: –\n- What: {wide}");
    assert_eq!(lay_out(&text), laid);
}

#[test]
fn markup_in_a_cell_is_kept_and_shown() {
    let text = "| Name | Link |\n|---|---|\n| **A** | <https://a.example> |\n| `b` | x |";
    let laid = "Name: **A**\n- Link: <https://a.example>\n**Name: `b`**\n- Link: x";
    assert_eq!(lay_out(text), laid);
}

#[test]
fn japanese_is_a_list_since_no_font_of_a_phone_aligns_it() {
    let text = "| 駅 | 発車 |\n|---|---|\n| 東京 | 8:15 |\n| 品川 | 8:22 |";
    assert_eq!(lay_out(text), "**駅: 東京**\n- 発車: 8:15\n**駅: 品川**\n- 発車: 8:22");
}

#[test]
fn rows_of_other_lengths_lose_nothing() {
    let laid = lay_out("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |");
    assert_eq!(laid, "**a: 1**\n**a: 1**\n- b: 2\n- 3");
    assert_eq!(lay_out("| a | b |\n|---|---|\n| 1 |"), "```\na | b\n--+--\n1 |\n```");
    assert_eq!(lay_out("| 名 | b |\n|---|---|\n| 1 |"), "名 / b\n**名: 1**");
    assert_eq!(lay_out("| a | b |\n|---|---|"), "```\na | b\n--+--\n```");
    assert_eq!(lay_out("| 名 | b |\n|---|---|"), "名 / b");
}

#[test]
fn a_table_that_would_grow_out_of_all_proportion_stays_as_it_is() {
    let wide = format!("{}\n{}\n", "a|".repeat(200), "-|".repeat(200));
    let text = format!("{wide}{}", "|\n".repeat(400));
    assert_eq!(lay_out(&text), text);
    let whole = format!("{wide}{}", format!("{}\n", "b|".repeat(200)).repeat(20));
    assert!(lay_out(&whole).len() < 8 * whole.len());
}

#[test]
fn small_print_below_a_table_is_no_row_of_it() {
    let table = "| a | b |\n|---|---|\n| 1 | 2 |";
    let below = "-# reminder set: tea | cake";
    let laid = lay_out(&format!("{table}\n{below}"));
    assert_eq!(laid, format!("{}\n{below}", lay_out(table)));
}

#[test]
fn a_bar_behind_a_backslash_belongs_to_its_cell() {
    assert_eq!(
        lay_out("| a | b |\n|---|---|\n| x \\| y | 2 |"),
        "```\na     | b\n------+--\nx | y | 2\n```"
    );
}

#[test]
fn no_word_of_any_text_is_lost() {
    let pieces = ["a", "雅", "|", " | ", "|---|---|", "\n", "\n", "```", "**", "\\|", "-", " "];
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let text = dice.text(&pieces, 24);
        let laid = lay_out(&text);
        for word in ["a", "雅"] {
            assert!(laid.matches(word).count() >= text.matches(word).count(), "{text}\n→\n{laid}");
        }
        let is_open = |text: &str| text.matches(FENCE).count() % 2;
        assert_eq!(is_open(&laid), is_open(&text), "{text}\n→\n{laid}");
    }
}
