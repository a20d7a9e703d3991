//! What was said before the question, as messages: within the room that it has, and the first to go where
//! there is none.
//!
//! It stands between the system's message and the question, which is the last message of a user. Each
//! [`Exchange`] is two messages, and they come and go together.

use serde::{Deserialize, Serialize};

use crate::Message;
use crate::background::Background;
use crate::prompt::{self, estimate_tokens};

/// Most tokens of earlier exchanges: some forty short ones. More makes every question dearer and slower,
/// and models read the middle of a long prompt badly.
const MOST_TOKENS: u32 = 6_000;

/// A question that was answered before.
///
/// # Shape
/// A part of a step's stored result: `{"question":"…","answer":"…"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Question.
    pub question: String,
    /// Answer.
    pub answer: String,
}

/// Returns how many tokens earlier exchanges may take, of a model with this context: at most half of what
/// persona, rounds of tools and answer leave.
pub fn budget_tokens(max_tokens: u32, context: u32) -> u32 {
    (prompt::room_tokens(max_tokens, context) / 2).min(MOST_TOKENS)
}

/// Returns about how many tokens an exchange takes.
pub fn estimate(exchange: &Exchange) -> u32 {
    prompt::estimate_messages(&messages(exchange))
}

/// Takes the middle out of an exchange that is longer than `tokens`: of its answer first, since the
/// question says what it was about.
pub fn shorten(exchange: &mut Exchange, tokens: u32) {
    let empty = Exchange { question: String::new(), answer: String::new() };
    let texts = tokens.saturating_sub(estimate(&empty) + 2 * prompt::CUT_NOTE_TOKENS);
    if estimate(exchange) <= tokens {
        return;
    }
    exchange.question = prompt::shorten(&exchange.question, texts / 3);
    let rest = texts.saturating_sub(estimate_tokens(&exchange.question));
    exchange.answer = prompt::shorten(&exchange.answer, rest);
}

/// Puts exchanges, oldest first, behind the system's message.
pub(crate) fn insert(conversation: &mut Vec<Message>, history: &[Exchange]) {
    let question = conversation.iter().rposition(is_question).unwrap_or(conversation.len());
    conversation.splice(question..question, history.iter().flat_map(messages));
}

/// Puts what is known of the asker and of the conversation right behind the persona.
pub(crate) fn introduce(conversation: &mut Vec<Message>, background: &Background) {
    let persona = usize::from(matches!(conversation.first(), Some(Message::System(_))));
    conversation.splice(persona..persona, background.messages());
}

/// Takes the oldest exchange out; where there is none, the last of what is known besides. Returns whether
/// there was one.
pub(crate) fn drop_oldest(conversation: &mut Vec<Message>) -> bool {
    let question = conversation.iter().rposition(is_question);
    let oldest = conversation.iter().position(is_question);
    let (Some(oldest), Some(question)) = (oldest, question) else { return false };
    if oldest == question {
        // The persona is the first message, and stays.
        let last =
            conversation.iter().take(question).rposition(is_known).filter(|index| *index > 0);
        return last.map(|index| conversation.remove(index)).is_some();
    }
    // Up to the next question: whatever an exchange holds goes with it.
    let next = conversation.iter().skip(oldest + 1).position(is_question);
    conversation.drain(oldest..next.map_or(question, |after| oldest + 1 + after));
    true
}

const fn is_known(message: &Message) -> bool {
    matches!(message, Message::System(_))
}

const fn is_question(message: &Message) -> bool {
    matches!(message, Message::User(_))
}

fn messages(Exchange { question, answer }: &Exchange) -> [Message; 2] {
    let answer = Message::Assistant { text: answer.clone(), calls: Vec::new() };
    [Message::User(question.clone()), answer]
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::background::KnownFact;
    use crate::prompt::{CONTEXT_TOKENS, estimate_messages, first_messages, fit};
    use miyabi_core::ids::Millis;

    fn exchange(number: usize) -> Exchange {
        Exchange { question: format!("question {number}"), answer: format!("answer {number}") }
    }

    fn texts(messages: &[Message]) -> Vec<&str> {
        let text = |message| match message {
            &Message::User(ref text) | &Message::Assistant { ref text, .. } => text.as_str(),
            &(Message::System(_) | Message::Tool { .. }) => "",
        };
        messages.iter().map(text).collect()
    }

    #[test]
    fn what_was_said_before_stands_between_the_persona_and_the_question() {
        let mut messages = first_messages("and tomorrow?", 1024, CONTEXT_TOKENS);
        insert(&mut messages, &[exchange(1), exchange(2)]);
        let expected = ["", "question 1", "answer 1", "question 2", "answer 2", "and tomorrow?"];
        assert_eq!(texts(&messages), expected);
    }

    #[test]
    fn the_oldest_exchange_goes_first_and_the_question_stays() {
        let mut messages = first_messages("and tomorrow?", 1024, CONTEXT_TOKENS);
        insert(&mut messages, &[exchange(1), exchange(2)]);
        assert!(drop_oldest(&mut messages));
        assert_eq!(texts(&messages), ["", "question 2", "answer 2", "and tomorrow?"]);
        assert!(drop_oldest(&mut messages));
        assert!(!drop_oldest(&mut messages));
        assert_eq!(texts(&messages), ["", "and tomorrow?"]);
    }

    #[test]
    fn where_room_is_short_earlier_exchanges_go_before_anything_is_cut() {
        let mut messages = first_messages(&"word ".repeat(500), 1024, CONTEXT_TOKENS);
        let alone = messages.clone();
        insert(&mut messages, &[exchange(1), exchange(2)]);
        let budget = estimate_messages(&messages);
        fit(&mut messages, budget - 1);
        assert_eq!(texts(&messages).len(), 4);
        fit(&mut messages, estimate_messages(&alone));
        assert_eq!(messages, alone);
    }

    #[test]
    fn what_is_known_stands_behind_the_persona_and_goes_after_the_exchanges() {
        let known = |text: &str| KnownFact { text: text.to_owned(), said: Millis(0) };
        let facts = vec![known("my cat is called Mochi")];
        let background = Background { facts, summary: Some("They spoke of cats.".to_owned()) };
        let mut messages = first_messages("and tomorrow?", 1024, CONTEXT_TOKENS);
        let alone = messages.clone();
        insert(&mut messages, &[exchange(1)]);
        introduce(&mut messages, &background);
        let holds = |message: &Message, part: &str| matches!(message, Message::System(text) if text.contains(part));
        assert_eq!(messages[0], alone[0]);
        assert!(holds(&messages[1], "Mochi") && holds(&messages[2], "They spoke"));
        assert_eq!(texts(&messages)[3..], ["question 1", "answer 1", "and tomorrow?"]);
        for left in [4, 3, 2] {
            assert!(drop_oldest(&mut messages));
            assert_eq!(messages.len(), left);
        }
        assert!(!drop_oldest(&mut messages));
        assert_eq!(messages, alone);
    }

    #[test]
    fn a_long_exchange_is_shortened_to_what_it_may_take_in_every_script() {
        for unit in ["word ", "あ", "é", "𐎀"] {
            for (question, answer) in [(20, 9_000), (9_000, 20), (9_000, 9_000)] {
                for tokens in [300, 1_000, 6_000] {
                    let mut long =
                        Exchange { question: unit.repeat(question), answer: unit.repeat(answer) };
                    shorten(&mut long, tokens);
                    assert!(estimate(&long) <= tokens, "{unit} {question} {answer} {tokens}");
                }
            }
        }
        let mut short = exchange(1);
        shorten(&mut short, 100);
        assert_eq!(short, exchange(1));
    }

    #[test]
    fn earlier_exchanges_leave_room_for_the_question_and_its_answer() {
        assert_eq!(budget_tokens(1024, CONTEXT_TOKENS), MOST_TOKENS);
        assert!(budget_tokens(1024, 8_000) < 1_500);
        assert_eq!(budget_tokens(16_384, 8_000), 0);
    }
}
