//! Suggestions are read as a short list of short texts.

use super::*;

fn with(text: &str) -> Result<Vec<String>, String> {
    let mut map = complete();
    map.0.insert("MIYABI_SUGGESTIONS", text.to_owned().leak());
    read(&map).settings.map(|it| it.suggestions).map_err(|error| error.to_string())
}

fn list(text: &str, count: usize) -> String {
    serde_json::to_string(&vec![text; count]).unwrap()
}

#[test]
fn suggestions_are_a_list_in_the_order_of_the_setting_and_none_is_the_default() {
    assert_eq!(read(&complete()).settings.unwrap().suggestions, [""; 0]);
    let long = "雅".repeat(200);
    for (text, expected) in [
        ("", vec![]),
        ("[]", vec![]),
        (" [\"b?\", \"a?\"]\n", vec!["b?", "a?"]),
        (&list(&long, 8), vec![long.as_str(); 8]),
    ] {
        assert_eq!(with(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn anything_else_is_a_problem_that_does_not_repeat_it() {
    for text in [
        "What can you do?",
        "{\"a\": \"b\"}",
        "[\"unfinished",
        "[1]",
        "[[\"nested\"]]",
        "[null]",
        "[\"\"]",
        "[\" \"]",
        "[\"two\\nlines\"]",
        &list("too many", 9),
        &list(&"x".repeat(201), 1),
    ] {
        let message = with(text).unwrap_err();
        assert!(message.contains("`MIYABI_SUGGESTIONS` is not a JSON list"), "{message}");
        assert!(!message.contains(text), "{message}");
    }
}
