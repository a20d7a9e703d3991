//! What a question asks to remember, by fixed rules: facts are the asker's own words and nobody else's.
//!
//! 1. `sentences` takes the text apart, and leaves out what is not the asker's own: quotations, code, lines
//!    that begin with `>`, and all that follows a colon, which mostly introduces a text to work on.
//! 2. `english` and `japanese` know the sentences that ask to remember something, or tell a name.
//!
//! A sentence that merely speaks of remembering ("Do you remember …?") asks for nothing.

mod english;
mod japanese;
mod sentences;

use self::sentences::{Sentence, sentences};

/// Most facts of one question.
pub const MAX_FACTS_OF_A_QUESTION: usize = 5;

/// Returns what a question asks to remember, in the asker's own words, each as one line.
///
/// # Example
///
/// ```
/// # use miyabi_app::facts::rules::facts;
/// assert_eq!(facts("Please remember that my cat is called Mochi."), ["my cat is called Mochi"]);
/// assert_eq!(facts("猫の名前はモチと覚えておいて"), ["猫の名前はモチ"]);
/// assert!(facts("Translate: \"Remember that my cat is called Mochi.\"").is_empty());
/// ```
pub fn facts(question: &str) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    for sentence in sentences(question) {
        let found = english::facts(&sentence);
        let found = if found.is_empty() { japanese::facts(&sentence) } else { found };
        for fact in found.iter().map(|fact| line(fact)) {
            let is_new = !fact.is_empty() && !facts.contains(&fact);
            if is_new && facts.len() < MAX_FACTS_OF_A_QUESTION {
                facts.push(fact);
            }
        }
    }
    facts
}

/// Returns words that a model points at as one line, if a sentence of the question has them, in the asker's own
/// words: nothing that is quoted, and nothing that follows a colon.
///
/// # Example
///
/// ```
/// # use miyabi_app::facts::rules::own_words;
/// let question = "I'm vegetarian, keep that in mind. Translate: I like tea.";
/// assert_eq!(own_words(question, "i'm  vegetarian.").as_deref(), Some("I'm vegetarian"));
/// assert_eq!(own_words(question, "I like tea"), None);
/// assert_eq!(own_words(question, "I'm a vegetarian"), None);
/// ```
pub fn own_words(question: &str, words: &str) -> Option<String> {
    let words = line(words).to_ascii_lowercase();
    if words.contains(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    sentences(question).into_iter().find_map(|sentence| {
        // What is quoted is hidden there, and is no blank that words could be put together across.
        find(&line(&sentence.own.replace('\u{1}', "\u{fffd}")), &words)
    })
}

/// Returns words as one line, if the question has them, quoted or not: for what concerns its asker alone.
///
/// # Example
///
/// ```
/// # use miyabi_app::facts::rules::quoted;
/// let question = "Remind me at nine: take the Pizza  out!";
/// assert_eq!(quoted(question, "take the pizza out").as_deref(), Some("take the Pizza out"));
/// assert_eq!(quoted(question, "take the cake out"), None);
/// ```
pub fn quoted(question: &str, words: &str) -> Option<String> {
    find(&line(question), &line(words).to_ascii_lowercase())
}

/// Returns the part of a line that is these words, which are in lower case as far as they are ASCII.
fn find(line: &str, words: &str) -> Option<String> {
    let begin = line.to_ascii_lowercase().find(words).filter(|_| !words.is_empty())?;
    line.get(begin..begin + words.len()).map(ToOwned::to_owned)
}

/// Returns a text as one line without anything that cannot be seen, and without what ends a sentence.
fn line(text: &str) -> String {
    const INVISIBLE: [char; 3] = ['\u{2060}', '\u{feff}', '\u{ad}'];
    let is_hidden = |char: char| {
        INVISIBLE.contains(&char)
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let space = |char: char| if char.is_control() { ' ' } else { char };
    let text: String = text.chars().filter(|char| !is_hidden(*char)).map(space).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let ends = [' ', ',', ';', '.', '!', '?', '、', '。', '！', '？', '，', '．'];
    words.join(" ").trim_matches(ends).to_owned()
}

/// Returns the lines of a list, or of a note behind a colon, without their bullets.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let bullets = ['-', '*', '•', '・', ' ', '\t'];
    text.lines().map(move |line| line.trim_start_matches(bullets).trim())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
