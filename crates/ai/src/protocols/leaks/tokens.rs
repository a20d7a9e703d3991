//! Tokens of chat templates at the ends of a text.

use super::marks::{OPENERS, TOKENS};
use super::matching::starts_with_any;
use super::scan::is_open;
use super::{about, work};

/// Mistral's end token; without its partner, since together they are strike-through in HTML.
const END: (&str, &str) = ("<s>", "</s>");

/// Letters after which a token at the end is a word of the sentence: quotes, brackets, and particles of
/// Japanese.
const BEFORE_A_WORD: &str = "\"'`(（「『はがをのとやもへ";

/// Returns the text without blanks and tokens at its ends.
///
/// A token that is a word of a sentence stays: one with a blank before it after a letter, or with a
/// blank and a small letter behind it.
pub(super) fn strip(text: &str) -> &str {
    let mut rest = text.trim();
    let has_partner = rest.contains(END.0) && !rest.starts_with("<s> ");
    work::count(rest.len());
    loop {
        let before = rest.len();
        rest = strip_start(rest);
        rest = strip_end(rest, has_partner);
        if rest.len() == before {
            return rest;
        }
    }
}

/// Most tokens that are looked at behind a call.
const MAX_TOKENS: usize = 16;

/// Returns whether a text is nothing but blanks and a few tokens.
pub(super) fn are_all(text: &str) -> bool {
    let mut rest = text.trim_start();
    for _ in 0..MAX_TOKENS {
        let bytes = starts_with_any(rest, &TOKENS).or_else(|| starts_with_any(rest, &[END.1]));
        let Some(bytes) = bytes else { break };
        rest = rest.get(bytes..).unwrap_or_default().trim_start();
    }
    rest.is_empty()
}

/// What is left of the header of Llama's turn where a decoder dropped the marks around the role.
const ROLE: &str = "assistant\n\n";

fn strip_start(text: &str) -> &str {
    // The token that begins a text stands apart from it, the tag of HTML does not.
    if let Some(after) = text.strip_prefix("<s> ").or_else(|| text.strip_prefix(ROLE)) {
        return after.trim_start();
    }
    let Some(after) = starts_with_any(text, &TOKENS).and_then(|bytes| text.get(bytes..)) else {
        return text;
    };
    work::count(1);
    let is_word = after.strip_prefix(' ').is_some_and(|next| next.starts_with(char::is_lowercase))
        || about::reads_on(after);
    let opens_call = starts_with_any(text, &OPENERS).is_some() && !after.trim_start().is_empty();
    if is_word || opens_call { text } else { after.trim_start() }
}

/// Returns whether a longer text may show that the token at its beginning is a word of a sentence.
pub(super) fn may_be_word(text: &str) -> bool {
    let after = starts_with_any(text, &TOKENS).and_then(|bytes| text.get(bytes..));
    after.is_some_and(is_open)
}

fn strip_end(text: &str, has_partner: bool) -> &str {
    work::count(1);
    let Some(before) = before_last_token(text, has_partner) else { return text };
    let lead = before.trim_end();
    let is_spaced = lead.len() < before.len() && !before.ends_with('\n');
    let is_word = match lead.chars().next_back() {
        None => false,
        Some(last) if is_spaced => last.is_alphanumeric() || BEFORE_A_WORD.contains(last),
        Some(last) => BEFORE_A_WORD.contains(last),
    };
    if is_word { text } else { lead }
}

/// Returns what stands before the token that a text ends with.
fn before_last_token(text: &str, has_partner: bool) -> Option<&str> {
    // The beginning of the next text.
    if let Some(before) = text.strip_suffix(END.0).filter(|before| before.ends_with(END.1)) {
        return before.strip_suffix(END.1);
    }
    if !has_partner && let Some(before) = text.strip_suffix(END.1) {
        return Some(before);
    }
    let token = TOKENS.iter().find(|token| ends_with(text, token))?;
    let characters = token.chars().count();
    let (start, _) = text.char_indices().rev().nth(characters.checked_sub(1)?)?;
    text.get(..start)
}

/// Compares the end of a text with a mark, as [`super::matching::compare`] does the beginning.
fn ends_with(text: &str, mark: &str) -> bool {
    let mut characters = text.chars().rev();
    mark.chars().rev().all(|wanted| match characters.next() {
        Some('｜') => wanted == '|',
        Some('▁') => wanted == '_',
        other => other == Some(wanted),
    })
}
