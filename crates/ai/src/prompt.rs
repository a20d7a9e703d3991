//! What the model reads besides the conversation itself: the persona, the question within the room that
//! it has, and notes.

use serde::Serialize;

use crate::{Message, Thought, ToolCall, history};

/// System prompt: who Miyabi is.
///
/// It is the same text in every call and holds no clock, so that a provider can cache the prefix.
/// A static, since each use of a constant may be a copy of it in the Worker.
pub static PERSONA: &str = include_str!("persona.md");

/// Tokens that prompt and completion together may take, of a model about which nothing is known.
///
/// # Source
/// Cloudflare Docs/Workers AI models, llama-3.3-70b-instruct-fp8-fast: the smallest context among
/// the useful models, read 2026-11-20.
pub const CONTEXT_TOKENS: u32 = 24_000;

/// Tokens kept free for tool definitions, calls and their results.
///
/// Four rounds of the tools there are take about 1,500.
pub const ROUNDS_TOKENS: u32 = 4_000;

/// Longest tool result that the model reads, in characters: a result fits, a web page does not.
pub const RESULT_CHARS: usize = 4_000;

/// Last message of a call that offers no tools.
pub const FINAL_NOTE: &str = "No more tools can be used now. Answer the asker with what you have, \
                              in the language of the question, and say what is missing, if anything.";

/// Returns the first messages: the persona and the question.
///
/// A question that does not fit beside persona, rounds and `max_tokens` into `context` tokens loses its
/// middle, and the text says so to the model.
pub fn first_messages(question: &str, max_tokens: u32, context: u32) -> Vec<Message> {
    let budget = room_tokens(max_tokens, context).max(LEAST_QUESTION_TOKENS);
    let question = shorten(question, budget);
    vec![Message::System(PERSONA.trim_end().to_owned()), Message::User(question)]
}

/// Returns how many tokens persona, rounds and `max_tokens` leave of `context`.
pub fn room_tokens(max_tokens: u32, context: u32) -> u32 {
    let taken = max_tokens.saturating_add(ROUNDS_TOKENS).saturating_add(estimate_tokens(PERSONA));
    context.saturating_sub(taken)
}

/// Shortens a text to about `tokens`: head and tail, with a note between.
pub fn shorten(text: &str, tokens: u32) -> String {
    cut_middle(text, usize_of(tokens) * THIRDS, thirds_of_token)
}

/// Shortens messages until they take about `budget` tokens.
///
/// Earlier exchanges go, the oldest first; then results of tools lose their middle, the oldest first, and
/// then the question does. The persona, and what is short already, stays.
pub fn fit(messages: &mut Vec<Message>, budget: u32) {
    while estimate_messages(messages) > budget && history::drop_oldest(messages) {}
    for is_question in [false, true] {
        for index in 0..messages.len() {
            let excess = estimate_messages(messages).saturating_sub(budget);
            if excess == 0 {
                return;
            }
            let (text, least) = match messages.get_mut(index) {
                Some(Message::Tool { content, .. }) if !is_question => {
                    (content, LEAST_RESULT_TOKENS)
                }
                Some(Message::User(text)) if is_question => (text, LEAST_QUESTION_TOKENS),
                _ => continue,
            };
            let tokens = estimate_tokens(text);
            // One that was shortened before is not shortened to its note.
            if tokens > least + 2 * CUT_NOTE_TOKENS {
                // The note about what was left out takes some, too.
                let rest = tokens.saturating_sub(excess).saturating_sub(CUT_NOTE_TOKENS);
                *text = shorten(text, rest.max(least));
            }
        }
    }
}

/// Shortens a tool's result to [`RESULT_CHARS`]: head and tail, with a note between.
pub fn shorten_result(result: &str) -> String {
    cut_middle(result, RESULT_CHARS, |_| 1)
}

/// Returns what somebody has written as data: JSON in which no `<` is left, so nothing in it can end the block
/// that it stands in.
pub(crate) fn as_data(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// Returns about how many tokens a text takes, rather too many than too few.
///
/// A third of a token per ASCII character, three for one beyond the Basic Multilingual Plane, one for
/// any other: English and code come out about a third too high, Japanese about right.
pub fn estimate_tokens(text: &str) -> u32 {
    let thirds: usize = text.chars().map(thirds_of_token).sum();
    u32::try_from(thirds.div_ceil(THIRDS)).unwrap_or(u32::MAX)
}

/// Returns about how many tokens the messages take.
pub fn estimate_messages(messages: &[Message]) -> u32 {
    messages.iter().map(estimate_message).fold(0, u32::saturating_add)
}

/// Tokens of a message besides its text: role and separators of the chat template.
const MESSAGE_TOKENS: u32 = 8;

/// Floor of the question's budget, for a `max_tokens` close to the whole context.
const LEAST_QUESTION_TOKENS: u32 = 500;

/// Floor of a tool's result.
const LEAST_RESULT_TOKENS: u32 = 100;

/// About what the note in a shortened text takes.
pub(crate) const CUT_NOTE_TOKENS: u32 = 32;

const THIRDS: usize = 3;

fn estimate_message(message: &Message) -> u32 {
    let text = match message {
        Message::System(text) | Message::User(text) => estimate_tokens(text),
        Message::Tool { content, .. } => estimate_tokens(content),
        Message::Assistant { text, calls } => {
            calls.iter().map(estimate_call).fold(estimate_tokens(text), u32::saturating_add)
        }
    };
    text.saturating_add(MESSAGE_TOKENS)
}

fn estimate_call(call: &ToolCall) -> u32 {
    let bytes: usize = call.thoughts.iter().map(Thought::bytes).sum();
    let thoughts = u32::try_from(bytes / THIRDS).unwrap_or(u32::MAX);
    estimate_tokens(&call.arguments).saturating_add(MESSAGE_TOKENS).saturating_add(thoughts)
}

fn thirds_of_token(character: char) -> usize {
    match character {
        '\0'..='\x7f' => 1,
        '\u{80}'..='\u{ffff}' => THIRDS,
        _ => 3 * THIRDS,
    }
}

/// Keeps three quarters of the budget from the start and one quarter from the end.
fn cut_middle(text: &str, budget: usize, cost: impl Fn(char) -> usize) -> String {
    if text.chars().map(&cost).sum::<usize>() <= budget {
        return text.to_owned();
    }
    let head_chars = count_within(text.chars(), budget - budget / 4, &cost);
    let tail_chars = count_within(text.chars().rev(), budget / 4, &cost);
    let all_chars = text.chars().count();
    let head: String = text.chars().take(head_chars).collect();
    let tail: String = text.chars().skip(all_chars - tail_chars).collect();
    let left_out = all_chars - head_chars - tail_chars;
    format!(
        "{head}\n[… {left_out} characters were left out here because the text is too long …]\n{tail}"
    )
}

fn count_within(
    characters: impl Iterator<Item = char>,
    budget: usize,
    cost: impl Fn(char) -> usize,
) -> usize {
    characters
        .scan(0, |spent, character| {
            *spent += cost(character);
            Some(*spent)
        })
        .take_while(|spent| *spent <= budget)
        .count()
}

fn usize_of(tokens: u32) -> usize {
    usize::try_from(tokens).unwrap_or(usize::MAX)
}

/// Returns as much of the beginning of a text as takes so many characters as JSON.
///
/// JSON escapes lines and quotes, and a result that is too long would lose its middle.
pub(crate) fn fitting(text: impl Iterator<Item = char>, chars: usize) -> String {
    let mut left = chars;
    let cost = |c: char| match c {
        '\n' | '"' | '\\' | '\t' | '\r' => 2,
        c if c < ' ' => 6,
        _ => 1,
    };
    let fits = |c: &char| {
        let rest = left.checked_sub(cost(*c));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    text.take_while(fits).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn question_in(messages: &[Message]) -> String {
        let Message::User(text) = &messages[1] else { panic!("{messages:?}") };
        text.clone()
    }

    #[test]
    fn the_persona_is_one_stable_prefix_without_a_clock() {
        let first = first_messages("hi", 1024, CONTEXT_TOKENS);
        assert_eq!(first[0], first_messages("another", 2048, CONTEXT_TOKENS)[0]);
        assert_eq!(first.len(), 2);
        for year in 2024..2030 {
            assert!(!PERSONA.contains(&year.to_string()));
        }
        assert!(estimate_tokens(PERSONA) < 1_200, "{}", estimate_tokens(PERSONA));
    }

    #[test]
    fn a_question_that_fits_stays_as_it_is() {
        let longest_on_discord = "あ".repeat(6_000);
        assert_eq!(
            question_in(&first_messages(&longest_on_discord, 1024, CONTEXT_TOKENS)),
            longest_on_discord
        );
    }

    #[test]
    fn a_question_too_long_loses_its_middle_and_says_so() {
        for (unit, max_tokens) in [("あ", 1024), ("word ", 1024), ("あ", 16_384), ("é", 30_000)]
        {
            let long = format!("BEGIN{}END", unit.repeat(80_000));
            let messages = first_messages(&long, max_tokens, CONTEXT_TOKENS);
            let question = question_in(&messages);
            assert!(question.starts_with("BEGIN") && question.ends_with("END"));
            assert!(question.contains("characters were left out here"));
            if max_tokens <= 16_384 {
                let total = estimate_messages(&messages) + max_tokens + ROUNDS_TOKENS;
                assert!(total <= CONTEXT_TOKENS + 64, "{total}");
            }
        }
    }

    #[test]
    fn messages_that_do_not_fit_lose_the_oldest_result_s_middle_first() {
        let result = |name: &str, content: String| Message::Tool {
            call_id: name.to_owned(),
            name: name.to_owned(),
            content,
        };
        let mut messages = first_messages(&"word ".repeat(3_000), 1024, CONTEXT_TOKENS);
        messages.push(result("old", "a".repeat(3_000)));
        messages.push(result("new", "b".repeat(3_000)));
        let whole = messages.clone();
        fit(&mut messages, estimate_messages(&whole));
        assert_eq!(messages, whole);
        fit(&mut messages, estimate_messages(&whole) - 500);
        assert!(estimate_messages(&messages) <= estimate_messages(&whole) - 500);
        assert_ne!(messages[2], whole[2]);
        assert_eq!((&messages[1], &messages[3]), (&whole[1], &whole[3]));
        fit(&mut messages, 3_500);
        assert!(
            estimate_messages(&messages) <= 3_500 && question_in(&messages).contains("left out")
        );
        assert_eq!(messages[0], whole[0]);
        let floor = {
            fit(&mut messages, 0);
            messages.clone()
        };
        fit(&mut messages, 0);
        assert_eq!(messages, floor);
    }

    #[test]
    fn a_long_result_keeps_head_and_tail() {
        let long = format!("HEAD{}TAIL", "x".repeat(9_000));
        let short = shorten_result(&long);
        assert!(short.starts_with("HEAD") && short.ends_with("TAIL"));
        assert!(short.contains("[… 5008 characters were left out here"), "{short}");
        assert!(short.chars().count() < RESULT_CHARS + 100);
        assert_eq!(shorten_result("short"), "short");
    }

    #[test]
    fn tokens_are_estimated_per_script() {
        assert_eq!(estimate_tokens(""), 0);
        assert_eq!(estimate_tokens("abc"), 1);
        assert_eq!(estimate_tokens("abcd"), 2);
        assert_eq!(estimate_tokens("京都"), 2);
        assert_eq!(estimate_tokens("𐎀🦆"), 6);
    }
}
