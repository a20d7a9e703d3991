//! `cargo xtask ask --via telegram "question"`: a person writes to the bot, and its answer is printed as it comes.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::messenger::{Written, taken, watch};
use super::printed::{INDENT, indented};
use crate::setup::say;
use crate::stack::{Model, Question, Stack};
use crate::value::text;

/// Groups of the lab's Telegram.
pub(super) const GROUPS: [&str; 3] = ["group", "supergroup", "forum"];

/// Asks, prints the answer as its reader sees it grow, the job's row, and the times.
///
/// # Errors
/// When the question is refused or not answered.
pub(super) fn ask(
    stack: &Stack,
    question: &Question,
    model: Option<&Model>,
    times: (Instant, Duration, Duration),
) -> Result<()> {
    let chat = chat(question);
    let is_private = chat == question.who;
    // In a group the bot sees a command, and not every text.
    let words = if is_private { question.text.clone() } else { format!("/ask {}", question.text) };
    say(&format!("writing to the bot in `{chat}` as {}", question.who));
    let asked = Instant::now();
    let order = json!({ "text": words, "as": question.who, "in": chat });
    let sent = stack.write_on_telegram(&order)?;
    let attempt = sent.pointer("/updates/0/attempts/0").cloned().unwrap_or_default();
    taken(&attempt)?;
    println!("\n{chat}\n  {}\n{INDENT}{}\n  Miyabi", question.who, indented(&words));
    let asks = sent.pointer("/messages/0").and_then(Value::as_i64).unwrap_or_default();
    let written = Written { platform: "telegram", attempt: &attempt, at: asked };
    watch(stack, model, &written, times, || Ok(said(&stack.telegram_chat(&chat)?, asks)))
}

/// Returns where a question is asked: `dm` is the private chat.
fn chat(question: &Question) -> String {
    let is_group = GROUPS.contains(&question.channel.as_str());
    if is_group { question.channel.clone() } else { question.who.clone() }
}

/// Returns what the bot says in a chat after a question: messages, and the draft.
fn said(chat: &Value, asks: i64) -> String {
    let of = |list: &str| chat.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
    let is_answer = |message: &&Value| {
        let id = message.get("id").and_then(Value::as_i64).unwrap_or_default();
        message.get("is_bot") == Some(&json!(true)) && id > asks
    };
    let mut said: Vec<String> =
        of("messages").iter().filter(is_answer).map(|it| text(it, "text").to_owned()).collect();
    let is_real = |draft: &&Value| draft.get("is_thinking") != Some(&json!(true));
    said.extend(of("drafts").iter().filter(is_real).map(|it| text(it, "text").to_owned()));
    said.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::printed::Printed;
    use super::*;

    #[test]
    fn an_answer_is_printed_as_it_grows() {
        let draft = |text: &str| json!({ "drafts": [{ "text": text }], "messages": [] });
        let old = json!({ "id": 3, "is_bot": true, "text": "old" });
        let message = json!({ "id": 6, "is_bot": true, "text": "One\ntwo three" });
        let thinking = json!({ "drafts": [{ "text": "Thinking…", "is_thinking": true }] });
        let mut printed = Printed::default();
        let mut next = |chat: &Value| printed.next(&said(chat, 5));
        assert_eq!(next(&thinking), "");
        assert_eq!(next(&draft("One\nt")), "    One\n    t");
        assert_eq!(next(&draft("One\ntwo")), "wo");
        assert_eq!(next(&json!({ "messages": [old] })), "");
        assert_eq!(next(&json!({ "messages": [old, message] })), " three");
        assert_eq!(next(&draft("Two")), "\n  (anew)\n    Two");
    }

    #[test]
    fn a_question_is_asked_in_private_unless_a_group_is_named() {
        let asked_in = |channel: &str| chat(&Question::new("Hi?").in_channel(channel));
        assert_eq!(["dm", "forum"].map(asked_in), ["mio", "forum"]);
    }
}
