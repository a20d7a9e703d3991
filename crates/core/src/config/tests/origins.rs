//! Origins of pages are read as a list of exactly what browsers send.

use super::*;

fn with(origins: &'static str) -> Config {
    let mut map = complete();
    map.0.insert("MIYABI_ORIGINS", origins);
    read(&map)
}

#[test]
fn origins_are_a_list_and_none_is_the_default() {
    for (text, expected) in [
        ("", &[][..]),
        ("https://chat.example", &["https://chat.example"]),
        (
            " https://chat.example,http://localhost:5173\nhttps://a.example:8443 ",
            &["https://chat.example", "http://localhost:5173", "https://a.example:8443"],
        ),
    ] {
        let config = with(text);
        assert_eq!(config.origins, expected, "{text}");
        assert!(config.settings.is_ok(), "{text}");
    }
}

#[test]
fn a_list_with_anything_else_in_it_is_a_problem_and_lets_nobody_in() {
    for text in ["*", ",", "https://chat.example/", "https://chat.example,*", "chat.example"] {
        let config = with(text);
        assert_eq!(config.origins, [""; 0], "{text}");
        let message = config.settings.unwrap_err().to_string();
        assert!(message.contains("`MIYABI_ORIGINS` is not a list of origins"), "{message}");
    }
}
