//! `cargo xtask ask --via slack "question"`: a person writes to the bot, and its answer is printed as it comes.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::messenger::{Written, taken, watch};
use super::printed::{INDENT, indented};
use crate::setup::say;
use crate::stack::{Model, Question, Stack};
use crate::value::text;

/// A channel that only the lab's Slack has.
pub(super) const PRIVATE: &str = "private";
/// Where a question can be asked there.
pub(super) const CHANNELS: [&str; 4] = ["dm", "general", "random", PRIVATE];

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
    let channel = channel(question);
    // In a channel the bot is asked by a mention.
    let is_direct = channel.starts_with("dm:");
    let mention = if is_direct { "" } else { "@miyabi " };
    say(&format!("writing to the bot in `{channel}` as {}", question.who));
    let asked = Instant::now();
    let order = json!({
        "text": question.text, "mention": !is_direct, "as": question.who, "in": channel,
    });
    let sent = stack.write_on_slack(&order)?;
    let attempt = sent.pointer("/deliveries/0/attempts/0").cloned().unwrap_or_default();
    taken(&attempt)?;
    println!("\n{channel}\n  {}\n{INDENT}{mention}{}", question.who, indented(&question.text));
    println!("  Miyabi");
    let asks = sent.pointer("/messages/0").and_then(Value::as_str).unwrap_or_default();
    let written = Written { platform: "slack", attempt: &attempt, at: asked };
    watch(stack, model, &written, times, || Ok(said(&stack.slack_channel(&channel)?, asks)))
}

/// Returns where a question is asked: `dm` is the direct message with its asker.
fn channel(question: &Question) -> String {
    match question.channel.as_str() {
        "dm" => format!("dm:{}", question.who),
        channel => channel.to_owned(),
    }
}

/// Returns what the bot says in a channel after a question.
fn said(channel: &Value, asks: &str) -> String {
    let messages = channel.get("messages").and_then(Value::as_array).into_iter().flatten();
    let is_answer = |message: &&Value| {
        message.get("is_bot") == Some(&json!(true)) && text(message, "ts") > asks
    };
    messages.filter(is_answer).map(words).collect::<Vec<_>>().join("\n")
}

/// Returns the words of a message: its Markdown, or else its text.
fn words(message: &Value) -> String {
    let blocks = message.get("blocks").and_then(Value::as_array).into_iter().flatten();
    let markdown: Vec<&str> = blocks
        .filter(|block| block.get("type") == Some(&json!("markdown")))
        .map(|block| text(block, "text"))
        .collect();
    if markdown.is_empty() { text(message, "text").to_owned() } else { markdown.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_what_the_bot_says_after_the_question() {
        let message = |ts: &str, is_bot: bool, markdown: Value| json!({ "ts": ts, "is_bot": is_bot, "text": "fallback", "blocks": markdown });
        let markdown = json!([{ "type": "markdown", "text": "**So.**" }, { "type": "actions" }]);
        let channel = json!({ "messages": [
            message("1.0", true, json!([])), message("2.0", false, json!([])),
            message("3.0", true, markdown), message("4.0", true, json!([])),
        ] });
        assert_eq!(said(&channel, "2.0"), "**So.**\nfallback");
    }

    #[test]
    fn a_question_is_asked_where_it_says() {
        let asked_in = |name: &str| channel(&Question::new("Hi?").in_channel(name));
        assert_eq!(["dm", "general"].map(asked_in), ["dm:mio", "general"]);
    }
}
