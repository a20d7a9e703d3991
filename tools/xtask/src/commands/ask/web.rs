//! `cargo xtask ask --via web "question"`: asks over the HTTP API, and prints the answer as it comes.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{ms, part};
use crate::commands::key;
use crate::d1::Place;
use crate::http;
use crate::problem::problem;
use crate::setup::say;
use crate::stack::{Question, Stack};
use crate::value::text;

/// Longest answer: a job is given up by then.
const TIMEOUT: Duration = Duration::from_mins(16);
const INDENT: &str = "    ";

/// Makes a key, asks with it, and prints the answer, what it has used, and the times.
///
/// # Errors
/// When the question is refused or not answered.
pub(super) fn ask(
    stack: &Stack,
    question: &Question,
    begin: Instant,
    setup: Duration,
    start: Duration,
) -> Result<()> {
    let place = Place::Local(Some(stack.folder().join("state")));
    let key = format!("Bearer {}", key::make(&place, &question.who, "chat", "")?.reveal());
    let url = format!("{}/api/chat", stack.url());
    // The same submission twice is one turn: once for the stream, and once for what it has used.
    let body = json!({ "message": question.text, "conversation": "ask", "id": "ask-1" });
    say(&format!("asking by POST /api/chat as {}", question.who));
    println!("\nPOST /api/chat\n  {}", question.who);
    println!("{INDENT}{}\n  Miyabi", question.text.replace('\n', &format!("\n{INDENT}")));
    let asked = Instant::now();
    let mut answer = Answer::default();
    let mut first = None;
    let headers = [("authorization", key.as_str()), ("accept", "text/event-stream")];
    http::follow(TIMEOUT, &url, &headers, &body, |line| {
        let said = answer.read(line);
        if !said.is_empty() {
            first.get_or_insert_with(|| asked.elapsed());
            print!("{said}");
            // Without a terminal it is shown at the end of a line, which is no harm.
            std::io::stdout().flush().ok();
        }
    })?;
    println!("\n");
    let answered = asked.elapsed();
    answer.verdict()?;
    let headers = [("authorization", key.as_str()), ("accept", "application/json")];
    println!("{}", turn(&http::send("POST", &url, &headers, Some(&body))?.json()?));
    println!("Time\n{}\n{}", part("setup", &ms(setup), ""), part("start", &ms(start), ""));
    if let Some(first) = first {
        println!("{}", part("first character", &ms(first), ""));
    }
    println!("{}", part("answer", &ms(answered), "question to the end of the stream"));
    println!("{}", part("total", &ms(begin.elapsed()), ""));
    Ok(())
}

/// What a stream has said so far.
#[derive(Debug, Default)]
struct Answer {
    parts: u32,
    /// Chunk that has ended it.
    end: Value,
}

impl Answer {
    /// Reads a line of the stream, and returns what is to be printed.
    fn read(&mut self, line: &str) -> String {
        let data = line.strip_prefix("data: ").unwrap_or_default();
        // Comments, blank lines and the mark of the end are none.
        let Ok(chunk) = serde_json::from_str::<Value>(data) else { return String::new() };
        match text(&chunk, "type") {
            "text-start" => {
                self.parts += 1;
                // What was said in the part before does not count any more.
                let line = if self.parts > 1 { "\n  (anew)\n" } else { "" };
                format!("{line}{INDENT}")
            }
            "text-delta" => text(&chunk, "delta").replace('\n', &format!("\n{INDENT}")),
            "finish" | "abort" | "error" => {
                self.end = chunk;
                String::new()
            }
            _ => String::new(),
        }
    }

    fn verdict(&self) -> Result<()> {
        match text(&self.end, "type") {
            "finish" => Ok(()),
            "error" => Err(problem(
                format!("the question was not answered: {}", text(&self.end, "errorText")),
                "`cargo xtask dev` shows what the Worker logs",
            )),
            "abort" => bail!("the answer was stopped: {}", text(&self.end, "reason")),
            _ => bail!("the stream ended without a word"),
        }
    }
}

/// Lays out what the turn has come to, as the reply without a stream has it.
fn turn(reply: &Value) -> String {
    let usage = reply.get("usage").unwrap_or(&Value::Null);
    let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_u64).unwrap_or_default();
    let nano = number(usage, "costNanoUsd");
    let rows = [
        ("id", text(reply, "turn").to_owned()),
        ("conversation", text(reply, "conversation").to_owned()),
        ("state", text(reply, "state").to_owned()),
        ("messages", number(reply, "messageCount").to_string()),
        ("input tokens", number(usage, "inputTokens").to_string()),
        ("output tokens", number(usage, "outputTokens").to_string()),
        ("cost", format!("${}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000)),
    ];
    let lines = rows.map(|(name, value)| format!("  {name:<14} {value}\n"));
    format!("Turn\n{}", lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[Value]) -> (String, Answer) {
        let mut answer = Answer::default();
        let lines = chunks.iter().map(|chunk| format!("data: {chunk}"));
        let said = lines.map(|line| answer.read(&line)).collect();
        (said, answer)
    }

    #[test]
    fn an_answer_is_printed_as_it_comes() {
        let (said, mut answer) = read(&[
            json!({ "type": "start" }),
            json!({ "type": "text-start", "id": "text-0" }),
            json!({ "type": "text-delta", "id": "text-0", "delta": "one\nt" }),
            json!({ "type": "text-delta", "id": "text-0", "delta": "wo" }),
            json!({ "type": "text-end", "id": "text-0" }),
            json!({ "type": "finish", "finishReason": "stop" }),
        ]);
        assert_eq!(said, "    one\n    two");
        assert!(["data: [DONE]", ": waiting", ""].iter().all(|line| answer.read(line).is_empty()));
        assert!(answer.verdict().is_ok());
    }

    #[test]
    fn what_does_not_end_well_is_told_in_words() {
        for (chunk, words) in [
            (json!({ "type": "error", "errorText": "Sorry." }), "not answered: Sorry.\nhint: "),
            (json!({ "type": "abort", "reason": "stopped" }), "was stopped: stopped"),
            (json!({ "type": "text-delta", "delta": "hal" }), "without a word"),
        ] {
            let error = read(&[chunk]).1.verdict().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn shows_what_the_turn_has_used() {
        let usage = json!({ "inputTokens": 12, "outputTokens": 3, "costNanoUsd": 1_000_000_500 });
        let reply = json!({ "turn": "t", "conversation": "ask", "state": "done", "messageCount": 2,
            "usage": usage });
        let expected = "Turn\n  id             t\n  conversation   ask\n  state          done\n  \
                        messages       2\n  input tokens   12\n  output tokens  3\n  \
                        cost           $1.000000500\n";
        assert_eq!(turn(&reply), expected);
    }
}
