use super::*;

fn taken(text: &str) -> (String, Vec<TextFile>) {
    take_out(text, &|name, lines| format!("({lines} lines: {name})"))
}

fn lines(count: usize) -> String {
    (1..=count).map(|nth| format!("print({nth})\n")).collect::<Vec<_>>().concat()
}

#[test]
fn a_long_block_is_cut_to_its_first_lines_and_is_a_file() {
    let text = format!("Here:\n```python\n{}```\nThat is all.", lines(60));
    let (shown, files) = taken(&text);
    let first = lines(10);
    assert_eq!(shown, format!("Here:\n```python\n{first}```\n(60 lines: code-1.py)\nThat is all."));
    assert_eq!(files, [TextFile { name: "code-1.py".to_owned(), text: lines(60) }]);
}

#[test]
fn what_is_short_or_no_block_stays_as_it_is() {
    let long = lines(60);
    for text in [
        String::new(),
        "a\n".to_owned(),
        format!("```py\n{}```", lines(40)),
        // It does not end.
        format!("```py\n{long}"),
        // Its end is not a line of its own.
        format!("```py\n{long}```and more\n```py\n{long}```"),
        // It begins within a line, so the next fence is its end.
        format!("see ```py\n{long}```\n{long}```\n{long}```"),
        format!("> ```py\n{long}```"),
    ] {
        assert_eq!(taken(&text), (text.clone(), Vec::new()));
    }
}

#[test]
fn a_line_that_is_too_long_to_be_shown_is_cut() {
    let text = format!("```json\n{}\n```", "x".repeat(2_000));
    let (shown, files) = taken(&text);
    let cut = "x".repeat(600);
    assert_eq!(shown, format!("```json\n{cut}…\n```\n(1 lines: code-1.json)"));
    assert_eq!(files[0].text.len(), 2_001);
}

#[test]
fn blocks_are_numbered_and_an_unknown_language_is_text() {
    let code = lines(41);
    let text = ["Rust", "brainfuck", "exe", "", "c++", "sh"]
        .map(|language| format!("```{language}\n{code}```"))
        .join("\n");
    let (shown, files) = taken(&text);
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["code-1.rs", "code-2.txt", "code-3.txt", "code-4.txt", "code-5.cpp"]);
    assert!(shown.ends_with(&format!("```sh\n{code}```")), "the sixth stays in the text");
}

#[test]
fn the_table_of_languages_is_in_order() {
    assert!(ENDINGS.is_sorted());
}
