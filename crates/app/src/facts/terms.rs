//! Terms: what of a text the index knows it by, in English and Japanese, and how well two texts match.
//!
//! | text | terms | counts |
//! | --- | --- | --- |
//! | words of an alphabet, numbers | the word without its ending | 2, a common word such as "name" 1 |
//! | kanji | each two neighbours, a kanji that stands alone | 2 |
//! | kanji in a longer row | each by itself | 1 |
//! | katakana | each two neighbours; a row of two as a whole | 1; 2 |
//! | hiragana | a row between particles, as a whole | 2 |
//! | what `CONCEPTS` knows in both languages | its English name | 2 |
//!
//! Words that are in every question, and hiragana that is grammar, are no terms.

mod words;

use std::collections::BTreeMap;

use self::words::{COMMON, CONCEPTS, EVERYTHING, GRAMMAR, STOP};

/// What a question and a fact have to share: one term that says something, or two that say little.
const ENOUGH: u32 = 2;

/// Most terms of a question that are looked for.
const MAX_TERMS: usize = 100;

/// Returns the text of a fact as it goes into the index: its terms as words.
pub fn indexed(fact: &str) -> String {
    terms(fact).into_keys().collect::<Vec<_>>().join(" ")
}

/// A question, as facts are sought for it.
#[derive(Debug)]
pub struct Query {
    terms: Vec<(String, u32)>,
    is_about_everything: bool,
}

impl Query {
    /// Returns a question's terms.
    pub fn of(question: &str) -> Self {
        let lower = question.to_lowercase();
        let is_about_everything = EVERYTHING.iter().any(|words| lower.contains(words));
        let terms = terms(question).into_iter().take(MAX_TERMS).collect();
        Self { terms, is_about_everything }
    }

    /// Returns whether the question is what is known of its asker.
    pub const fn is_about_everything(&self) -> bool {
        self.is_about_everything
    }

    /// Returns the search for texts with any of the terms, in the language of the index; `None` if there are none.
    pub fn matching(&self) -> Option<String> {
        let quoted: Vec<String> =
            self.terms.iter().map(|(term, _)| format!("\"{term}\"")).collect();
        (!quoted.is_empty()).then(|| quoted.join(" OR "))
    }

    /// Returns how much a fact shares with the question; `None` if that is too little.
    pub fn score(&self, fact: &str) -> Option<u32> {
        if self.is_about_everything {
            return Some(0);
        }
        let facts = terms(fact);
        let shared: u32 = self
            .terms
            .iter()
            .filter(|(term, _)| facts.contains_key(term))
            .map(|(_, weight)| *weight)
            .sum();
        let all: u32 = self.terms.iter().map(|(_, weight)| weight).sum();
        (shared >= ENOUGH || (shared > 0 && shared == all)).then_some(shared)
    }
}

/// The scripts that are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Alphabet,
    Kanji,
    Katakana,
    Hiragana,
    Other,
}

/// Returns the terms of a text with what each counts.
fn terms(text: &str) -> BTreeMap<String, u32> {
    let text: String = text.chars().map(narrow).collect::<String>().to_lowercase();
    let mut terms = BTreeMap::new();
    let mut add = |term: String, weight: u32| {
        let known = terms.entry(term).or_insert(weight);
        *known = weight.max(*known);
    };
    for (english, others) in CONCEPTS {
        if others.iter().any(|word| !word.is_ascii() && text.contains(word)) {
            add((*english).to_owned(), 2);
        }
    }
    let characters: Vec<char> = text.chars().collect();
    for row in characters.chunk_by(|one, other| script(*one) == script(*other)) {
        match row.first().map_or(Script::Other, |first| script(*first)) {
            Script::Alphabet => word(&row.iter().collect::<String>(), &mut add),
            Script::Kanji => {
                let weight = if row.len() == 1 { 2 } else { 1 };
                for kanji in row {
                    add(kanji.to_string(), weight);
                }
                pairs(row, 2, &mut add);
            }
            Script::Katakana => pairs(row, if row.len() == 2 { 2 } else { 1 }, &mut add),
            Script::Hiragana => hiragana(row, &mut add),
            Script::Other => {}
        }
    }
    terms
}

fn pairs(row: &[char], weight: u32, add: &mut impl FnMut(String, u32)) {
    for pair in row.windows(2) {
        add(pair.iter().collect(), weight);
    }
}

/// Adds a word of an alphabet by the name of its concept, if it has one.
fn word(word: &str, add: &mut impl FnMut(String, u32)) {
    if STOP.contains(&word) || (word.len() == 1 && !word.starts_with(|c: char| c.is_ascii_digit()))
    {
        return;
    }
    let stem = stem(word);
    let concept =
        CONCEPTS.iter().find(|(name, words)| *name == stem || words.contains(&stem.as_str()));
    let term = concept.map_or(stem, |(name, _)| (*name).to_owned());
    let weight = if COMMON.contains(&term.as_str()) { 1 } else { 2 };
    add(term, weight);
}

/// Returns a word without the ending of its form.
fn stem(word: &str) -> String {
    let long = |word: &&str| word.chars().count() > 2;
    let cut = |ending: &str| word.strip_suffix(ending).filter(long);
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    if let Some(stem) = cut("our") {
        return format!("{stem}or");
    }
    let is_plural = !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is");
    let stem = cut("ing")
        .or_else(|| cut("ed"))
        .or_else(|| cut("es").filter(|stem| stem.ends_with(['s', 'x', 'h'])));
    let stem = stem.or_else(|| cut("s").filter(|_| is_plural)).unwrap_or(word);
    match stem.strip_suffix("our").filter(long) {
        Some(root) => format!("{root}or"),
        None => stem.to_owned(),
    }
}

/// Adds a row of hiragana between particles, unless it is grammar.
fn hiragana(row: &[char], add: &mut impl FnMut(String, u32)) {
    let row: String = row.iter().collect();
    let particles = ['は', 'が', 'を', 'に', 'で', 'と', 'の', 'も', 'へ', 'や'];
    let start = row.strip_prefix(particles).unwrap_or(&row);
    let end = row.strip_suffix(particles).unwrap_or(&row);
    let both = start.strip_suffix(particles).unwrap_or(start);
    let forms = [start, end, both, row.trim_matches(particles)];
    for form in forms {
        let length = form.chars().count();
        let is_grammar = GRAMMAR.iter().any(|it| form == *it || (length > 3 && form.ends_with(it)));
        if (2..=6).contains(&length) && !is_grammar {
            add(form.to_owned(), 2);
        }
    }
}

fn script(character: char) -> Script {
    match character {
        '\u{3005}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => Script::Kanji,
        '\u{3041}'..='\u{309f}' => Script::Hiragana,
        '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' => Script::Katakana,
        _ if character.is_alphanumeric() => Script::Alphabet,
        _ => Script::Other,
    }
}

/// Returns a letter of full width as the plain one.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(question: &str, fact: &str) -> Option<u32> {
        Query::of(question).score(fact)
    }

    #[test]
    fn a_question_finds_what_bears_on_it_in_both_languages() {
        for (question, fact) in [
            ("What's my cat called?", "my cat is called Mochi"),
            ("What is my favorite color?", "my favourite colour is blue"),
            ("which allergies do I have?", "I have an allergy to peanuts"),
            ("When is my birthday?", "my birthday is on 5 May"),
            ("what is my name?", "my name is Mio"),
            ("猫の名前は?", "猫の名前はモチ"),
            ("天気の話をした?", "東京都の天気を毎朝見る"),
            ("もちは元気?", "猫の名前はもち"),
            ("アレルギーは何?", "私は卵アレルギーです"),
            ("誕生日はいつ?", "my birthday is on 5 May"),
            ("what is my dog's name?", "犬の名前はポチ"),
            ("ＷｉＦｉのパスワード", "wifi password is abc"),
        ] {
            assert!(score(question, fact).is_some(), "{question} {fact}");
        }
    }

    #[test]
    fn a_question_on_something_else_finds_nothing() {
        for (question, fact) in [
            ("What is the capital of France?", "my favourite colour is blue"),
            ("What's my dog's name?", "my cat's name is Mochi"),
            ("日本の首都はどこですか?", "誕生日は五月五日"),
            ("メールの書き方を教えて", "好きな飲み物はビール"),
            ("おすすめを教えてください", "猫の名前はもち"),
            ("Can you tell me what you know?", "I know the owner of the bakery"),
        ] {
            assert_eq!(score(question, fact), None, "{question} {fact}");
        }
    }

    #[test]
    fn terms_are_plain_words_of_the_index() {
        for text in ["", "\"OR\" AND (x) * NEAR", "猫\u{0}の\"名前\"", "𠮷野家 🦆 naïve"]
        {
            for term in indexed(text).split(' ') {
                assert!(term.chars().all(char::is_alphanumeric), "{term}");
            }
        }
        assert_eq!(Query::of("?!").matching(), None);
    }
}
