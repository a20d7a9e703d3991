//! `cargo xtask ask --via whatsapp "question"`: a person writes to the number, and its answer is printed as it comes.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::messenger::{Written, taken, watch};
use super::printed::{INDENT, indented};
use crate::setup::say;
use crate::stack::{Model, Question, Stack};
use crate::value::text;

/// Where a question can be asked there.
pub(super) const CHATS: [&str; 2] = ["dm", "group"];
/// What the lab calls its group.
const GROUP: &str = "friends";

/// Asks, prints the answer, the job's row, and the times.
///
/// # Errors
/// When the question is refused or not answered.
pub(super) fn ask(
    stack: &Stack,
    question: &Question,
    model: Option<&Model>,
    times: (Instant, Duration, Duration),
) -> Result<()> {
    let (chat, words) = place(question);
    say(&format!("writing to the number in `{chat}` as {}", question.who));
    let asked = Instant::now();
    let order = json!({ "text": words, "as": question.who, "in": chat });
    let sent = stack.write_on_whatsapp(&order)?;
    let attempt = sent.pointer("/deliveries/0/attempts/0").cloned().unwrap_or_default();
    taken(&attempt)?;
    println!("\n{chat}\n  {}\n{INDENT}{}\n  Miyabi", question.who, indented(&words));
    let asks = sent.pointer("/messages/0").and_then(Value::as_str).unwrap_or_default();
    let written = Written { platform: "whatsapp", attempt: &attempt, at: asked };
    watch(stack, model, &written, times, || Ok(said(&stack.whatsapp_chat(&chat)?, asks)))
}

/// Returns where a question is asked, and in which words: in a group by a command, since not every text there is for
/// the number.
fn place(question: &Question) -> (String, String) {
    match question.channel.as_str() {
        "group" => (GROUP.to_owned(), format!("/ask {}", question.text)),
        _ => (question.who.clone(), question.text.clone()),
    }
}

/// Returns what the number says in a chat after a question.
fn said(chat: &Value, asks: &str) -> String {
    let messages = chat.get("messages").and_then(Value::as_array).into_iter().flatten();
    let after = messages.skip_while(|message| text(message, "id") != asks);
    let own = after.filter(|message| message.get("is_bot") == Some(&json!(true)));
    own.map(|message| text(message, "plain")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_what_the_number_says_after_the_question() {
        let message = |id: &str, is_bot: bool| json!({ "id": id, "is_bot": is_bot, "plain": id });
        let all = [message("old", true), message("why?", false), message("so", true)];
        assert_eq!(said(&json!({ "messages": all }), "why?"), "so");
        assert_eq!(said(&json!({ "messages": all }), "else?"), "");
    }

    #[test]
    fn a_group_is_asked_by_a_command() {
        let asked_in = |name: &str| place(&Question::new("Hi?").in_channel(name));
        assert_eq!(asked_in("dm"), ("mio".to_owned(), "Hi?".to_owned()));
        assert_eq!(asked_in("group"), ("friends".to_owned(), "/ask Hi?".to_owned()));
    }
}
