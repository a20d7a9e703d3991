//! Sentences about images: the lines below an answer that has one.

use super::{Language, Markup};

/// Longest prompt of an image, in code points: it stands in a message, and is the image's description.
///
/// # Source
/// Discord Docs/Attachment Structure, `description` has up to 1024; read 2026-11-29.
pub const MAX_PROMPT_CHARS: usize = 1_000;

/// Stands before the prompt in the last line of an answer with an image.
const MARK: &str = "🎨 ";

/// Returns a text as the prompt of an image: one line, cut.
pub fn prompt(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let shown = words.join(" ");
    let shown = shown.chars().filter(|c| !c.is_control()).take(MAX_PROMPT_CHARS);
    shown.collect::<String>().trim_end().to_owned()
}

/// Returns an answer with what its image shows, in its last line. [`prompt_of`] reads it back.
pub fn with_prompt(answer: &str, prompt: &str, markup: &impl Markup) -> String {
    let line = markup.small_print(&[MARK, prompt].concat());
    if answer.is_empty() { line } else { [answer, &line].join("\n") }
}

/// Returns the prompt in the last line of an answer, if there is one. Anybody may have written such a line:
/// whether the answer has an image is known from elsewhere.
pub fn prompt_of(answer: &str) -> Option<&str> {
    let (_, prompt) = answer.lines().last()?.split_once(MARK)?;
    Some(prompt)
}

/// Returns the line that says that an image was not drawn, before the sentence that says why.
pub fn not_drawn(language: Language, reason: &str) -> String {
    match language {
        Language::English => format!("The image was not drawn. {reason}"),
        Language::Japanese => format!("絵は描けませんでした。{reason}"),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn a_prompt_is_one_line_of_bounded_length_and_read_back_from_its_answer() {
        assert_eq!(
            prompt(" a cat\n\ton \u{7} the\u{0}moon "),
            "a cat on themoon".replace("on the", "on  the")
        );
        assert_eq!(prompt(&"雅".repeat(1_001)).chars().count(), MAX_PROMPT_CHARS);
        for (answer, shown) in [("", "a cat"), ("Here it is.\n🎨 a dog", "🎨 a cat")] {
            assert_eq!(prompt_of(&with_prompt(answer, shown, &Plain)), Some(shown));
        }
        assert_eq!(prompt_of("🎨 a dog\nno more"), None);
        assert_eq!(prompt_of(""), None);
    }
}
