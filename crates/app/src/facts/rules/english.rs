//! English sentences that ask to remember something, or tell a name.

use super::{Sentence, lines};

/// What may stand before a sentence and says nothing.
const LEADS: [&str; 25] = [
    "miyabi",
    "hey",
    "hi",
    "hello",
    "ok",
    "okay",
    "please",
    "and",
    "also",
    "so",
    "by the way",
    "btw",
    "oh",
    "well",
    "now",
    "just",
    "yes",
    "thanks",
    "thank you",
    "kindly",
    "then",
    "for later",
    "fyi",
    "for the record",
    "i want you to",
];

/// The same, where a question mark behind it makes no question of it.
const REQUESTS: [&str; 5] =
    ["can you", "could you", "would you", "will you", "i would like you to"];

/// What introduces something to remember.
const TRIGGERS: [&str; 11] = [
    "remember that ",
    "remember this, ",
    "remember, ",
    "remember the fact that ",
    "always remember that ",
    "never forget that ",
    "do not forget that ",
    "don't forget that ",
    "don’t forget that ",
    "keep in mind that ",
    "make a note that ",
];

/// The same, with a colon behind it.
const NOTES: [&str; 9] = [
    "remember",
    "remember this",
    "remember that",
    "remember the following",
    "remember these",
    "note",
    "note this",
    "make a note",
    "keep in mind",
];

/// After these a fact begins without "that".
const STATEMENTS: [&str; 8] = ["i ", "i'm ", "i’m ", "i've ", "we ", "my ", "our ", "the "];

/// Verbs without which "remember my …" tells nothing.
const VERBS: [&str; 10] =
    [" is ", " are ", " was ", " were ", "'s ", "’s ", " has ", " have ", " = ", " live"];

const NAMES: [&str; 5] = ["my name is ", "my name's ", "my name’s ", "i am called ", "i'm called "];

/// Words after "call me" that begin no name.
const NO_NAMES: [&str; 24] = [
    "when", "if", "at", "later", "back", "tomorrow", "on", "in", "a", "an", "the", "by", "after",
    "before", "again", "soon", "tonight", "today", "now", "crazy", "maybe", "once", "as", "what",
];

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 60;

/// Returns what a sentence asks to remember.
pub(super) fn facts<'a>(sentence: &Sentence<'a>) -> Vec<&'a str> {
    let lower = sentence.own.to_ascii_lowercase();
    let (own, is_request) = without_leads(&lower);
    let text = sentence.text.get(sentence.text.len() - own.len()..).unwrap_or_default();
    let asks = sentence.asks && !is_request;
    if !sentence.note.trim().is_empty() {
        return if NOTES.contains(&own.trim()) {
            lines(sentence.note).collect()
        } else {
            Vec::new()
        };
    }
    if let Some(name) = name(own, asks) {
        return text.get(..name).into_iter().collect();
    }
    if asks {
        return Vec::new();
    }
    let rest = TRIGGERS.iter().find_map(|trigger| own.strip_prefix(trigger)).or_else(|| {
        let rest = own.strip_prefix("remember ")?;
        let begins = STATEMENTS.iter().any(|word| rest.starts_with(word));
        (begins && VERBS.iter().any(|verb| rest.contains(verb))).then_some(rest)
    });
    let fact = rest.and_then(|rest| text.get(text.len() - rest.len()..)).map(without_please);
    let is_whole = |fact: &&str| fact.split_whitespace().count() > 1 || !fact.is_ascii();
    fact.filter(is_whole).into_iter().collect()
}

/// Returns the sentence without what says nothing, and whether it is put as a request.
fn without_leads(lower: &str) -> (&str, bool) {
    let separators = [' ', ',', '-', '*', '•', '—', '–', '~'];
    let mut own = lower.trim_start_matches(separators);
    let mut is_request = false;
    loop {
        let after = |lead: &&str| {
            let rest = own.strip_prefix(*lead)?;
            rest.starts_with(separators).then(|| rest.trim_start_matches(separators))
        };
        if let Some(rest) = REQUESTS.iter().find_map(after) {
            (own, is_request) = (rest, true);
        } else if let Some(rest) = LEADS.iter().find_map(after) {
            own = rest;
        } else {
            return (own, is_request);
        }
    }
}

/// Returns how long the clause is that tells a name, if the sentence begins with one.
fn name(own: &str, asks: bool) -> Option<usize> {
    let calls = |own: &str| {
        let rest = own.strip_prefix("call me ")?.trim_start();
        let first: String = rest.chars().take_while(|char| char.is_alphanumeric()).collect();
        (!NO_NAMES.contains(&first.as_str())).then_some(rest.len())
    };
    let told = |own: &str| NAMES.iter().find_map(|it| own.strip_prefix(it)).map(str::len);
    let name = told(own).or_else(|| calls(own))?;
    let begin = own.len() - name;
    let clause = own.get(begin..)?;
    let end =
        [", ", "; ", " and ", " but ", " (", " - "].iter().filter_map(|end| clause.find(end)).min();
    // "My name is what?" asks; "My name is Mio, what is yours?" tells first.
    if asks && end.is_none() {
        return None;
    }
    let clause = clause.get(..end.unwrap_or(clause.len()))?;
    let is_name = !clause.trim().is_empty() && clause.chars().count() <= MAX_NAME_CHARS;
    is_name.then_some(begin + clause.len())
}

fn without_please(fact: &str) -> &str {
    let fact = fact.trim_end();
    let lower = fact.to_ascii_lowercase();
    let end = [", please", " please", ", ok", ", okay", ", thanks"]
        .iter()
        .find(|end| lower.ends_with(*end));
    fact.get(..fact.len() - end.map_or(0, |end| end.len())).unwrap_or(fact)
}
