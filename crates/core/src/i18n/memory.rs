//! Sentences about what a person has had remembered: lines below an answer, and replies to who asks for it.

use super::Language;

/// Beginnings of the lines below an answer, in every language. Only the program writes them.
const BEGINNINGS: [&str; 4] =
    ["remembered: ", "not remembered: ", "覚えました: ", "覚えていません: "];

/// Returns the line that says that a fact is remembered, and what it takes the place of.
pub fn remembered(language: Language, fact: &str, instead: Option<&str>) -> String {
    match (language, instead) {
        (Language::English, None) => format!("remembered: {fact}"),
        (Language::English, Some(old)) => format!("remembered: {fact} (instead of: {old})"),
        (Language::Japanese, None) => format!("覚えました: {fact}"),
        (Language::Japanese, Some(old)) => format!("覚えました: {fact} (これに代えて: {old})"),
    }
}

/// Returns the line that says that a fact is too long, where so many characters are the most.
pub fn too_long(language: Language, most: usize) -> String {
    match language {
        Language::English => format!("not remembered: it is longer than {most} characters."),
        Language::Japanese => format!("覚えていません: {most}文字より長いためです。"),
    }
}

/// Returns the line that says that there are as many facts as may be.
pub fn full(language: Language, most: u64) -> String {
    match language {
        Language::English => {
            format!("not remembered: you have {most} facts already. Let me forget some first.")
        }
        Language::Japanese => {
            format!("覚えていません: すでに{most}件あります。先にいくつか忘れさせてください。")
        }
    }
}

/// Returns the line that says that remembering is switched off.
pub fn off(language: Language) -> String {
    match language {
        Language::English => "not remembered: you have switched memory off.".to_owned(),
        Language::Japanese => "覚えていません: メモリーがオフになっています。".to_owned(),
    }
}

/// Returns an answer without the lines below it that say what is remembered, however they are marked up.
///
/// A model that has read such lines in earlier answers may write them too, and then they are not true.
pub fn without_notes(answer: &str) -> &str {
    let mut rest = answer.trim_end();
    loop {
        let (above, last) = rest.rsplit_once('\n').unwrap_or(("", rest));
        let words = last.trim_start_matches(|char: char| !char.is_alphanumeric());
        let lower = words.to_ascii_lowercase();
        if last.is_empty() || !BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning)) {
            return rest;
        }
        rest = above.trim_end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_known_as_one_and_taken_away() {
        for language in Language::ALL {
            for line in [
                remembered(language, "x", None),
                remembered(language, "x", Some("y")),
                too_long(language, 300),
                full(language, 500),
                off(language),
            ] {
                for marked in [format!("-# {line}"), line.clone(), format!("*{line}*")] {
                    let answer = format!("Yes.\nOf course.\n{marked}\n{marked}");
                    assert_eq!(without_notes(&answer), "Yes.\nOf course.", "{marked}");
                }
                assert_eq!(without_notes(&line), "");
            }
        }
        for answer in ["", "I remembered: it is so.", "remembered", "a\n\nb"] {
            assert_eq!(without_notes(answer), answer);
        }
    }
}
