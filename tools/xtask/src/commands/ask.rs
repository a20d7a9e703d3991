//! `cargo xtask ask "question"`: sets everything up, asks, and shows what the channel shows.

mod messenger;
mod printed;
mod progress;
mod slack;
mod telegram;
mod web;
mod whatsapp;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::problem::{problem, usage};
use crate::setup::say;
use crate::stack::{self, Question, Receipt, Stack, worker};
use crate::value::text;

/// Longest cell of the job's row, in characters.
const CELL_CHARS: usize = 72;

/// Longest refusal of a model that is shown, in characters.
const REFUSAL_CHARS: usize = 200;

/// What to ask, and of whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// Question, asker and channel.
    pub question: Question,
    /// How it is asked.
    pub via: Via,
    /// The stack it is asked on.
    pub stack: stack::Options,
}

/// How a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// As a command in a channel.
    Channel,
    /// Over the HTTP API.
    Web,
    /// By a message to the bot on Telegram.
    Telegram,
    /// By a message to the bot on Slack.
    Slack,
    /// By a message to the number on WhatsApp.
    WhatsApp,
}

impl Via {
    /// Returns the way that an option names; any other name is a channel.
    pub fn named(name: &str) -> Self {
        match name {
            "web" => Self::Web,
            "telegram" => Self::Telegram,
            "slack" => Self::Slack,
            "whatsapp" => Self::WhatsApp,
            _ => Self::Channel,
        }
    }

    /// Returns where it is asked unless that is said.
    pub fn usual_channel(self) -> &'static str {
        match self {
            Self::Slack | Self::WhatsApp => "dm",
            Self::Channel | Self::Web | Self::Telegram => "general",
        }
    }
}

/// Asks, prints the transcript, the job's row and the times.
///
/// # Errors
/// When something is missing, and when the question is not answered.
pub fn run(options: Options) -> Result<()> {
    let question = options.question;
    if question.text.trim().is_empty() {
        return Err(problem(
            "the question is empty",
            "cargo xtask ask \"What time is it in Tokyo?\"",
        ));
    }
    check_place(&question.channel, options.via)?;
    let begin = Instant::now();
    let model = options.stack.model.clone();
    if let Some(model) = &model {
        progress::check(model)?;
    }
    worker::choose_port(options.stack.port)?;
    say("checking tools and builds");
    let npm = stack::prepare()?;
    let setup = begin.elapsed();
    say("starting the lab and the Worker in workerd");
    let stack = Stack::launch(npm, options.stack)?;
    let start = begin.elapsed().saturating_sub(setup);
    match options.via {
        Via::Web => return web::ask(&stack, &question, begin, setup, start),
        Via::Telegram => {
            return telegram::ask(&stack, &question, model.as_ref(), (begin, setup, start));
        }
        Via::Slack => {
            return slack::ask(&stack, &question, model.as_ref(), (begin, setup, start));
        }
        Via::WhatsApp => {
            return whatsapp::ask(&stack, &question, model.as_ref(), (begin, setup, start));
        }
        Via::Channel => {}
    }
    say(&format!("asking in #{} as {}", question.channel, question.who));
    let asked = Instant::now();
    let receipt = stack.ask(&question)?;
    if receipt.status != 200 {
        bail!("the Worker refused with status {}: {}", receipt.status, receipt.ack);
    }
    let row = progress::wait(&stack, &receipt.id, model.as_ref())?;
    let answered = asked.elapsed();
    let messages = stack.channel(&question.channel)?;
    let calls = stack.lab().list("/lab/calls")?;
    drop(stack);
    println!("\n{}\n{}", transcript(&question.channel, &messages), job(&row));
    let times = Times { setup, start, answered, total: begin.elapsed() };
    println!("{}", timing(&times, &receipt, &calls));
    verdict(&row, &messages, &calls)
}

/// Checks that a question can be asked there in this way.
fn check_place(channel: &str, via: Via) -> Result<()> {
    let is_on_whatsapp = whatsapp::CHATS.contains(&channel);
    if via == Via::WhatsApp && !is_on_whatsapp {
        let what = format!("`{channel}` is not on WhatsApp");
        return Err(usage(what, format!("there are {}", whatsapp::CHATS.join(", "))));
    }
    let is_group = telegram::GROUPS.contains(&channel);
    if is_group && via != Via::Telegram && !(is_on_whatsapp && via == Via::WhatsApp) {
        return Err(usage(
            format!("`{channel}` is a group on Telegram"),
            "ask there with --via telegram",
        ));
    }
    if channel == slack::PRIVATE && via != Via::Slack {
        let what = format!("`{channel}` is a channel on Slack");
        return Err(usage(what, "ask there with --via slack"));
    }
    if via == Via::Slack && !slack::CHANNELS.contains(&channel) {
        let what = format!("`{channel}` is not on Slack");
        return Err(usage(what, format!("there are {}", slack::CHANNELS.join(", "))));
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
struct Times {
    setup: Duration,
    start: Duration,
    answered: Duration,
    total: Duration,
}

fn transcript(channel: &str, messages: &[Value]) -> String {
    let mut lines = vec![format!("#{channel}")];
    for message in messages {
        let avatar = if text(message, "avatar_url").is_empty() { "" } else { "  (avatar)" };
        let only_for = text(message, "only_for");
        let seen_by = if only_for.is_empty() {
            String::new()
        } else {
            format!("  (only {only_for} sees this)")
        };
        lines.push(format!("  {}{avatar}{seen_by}", text(message, "author")));
        let content = text(message, "content");
        let content = if is_thinking(message) { "is thinking…" } else { content };
        lines.extend(content.lines().map(|line| format!("    {line}")));
    }
    lines.join("\n") + "\n"
}

/// Shows the row, the most telling columns first.
fn job(row: &Value) -> String {
    let mut columns: Vec<(&String, &Value)> = row.as_object().into_iter().flatten().collect();
    columns.sort_by_key(|(name, _)| match name.as_str() {
        "id" => 0,
        "status" => 1,
        "result" => 2,
        _ => 3,
    });
    let lines = columns.into_iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let value = if value.is_empty() { "(blank)".to_owned() } else { value.replace('\n', " ") };
        let is_cut = value.chars().count() > CELL_CHARS;
        let cut: String = value.chars().take(CELL_CHARS).collect();
        format!("  {name:<16} {cut}{}\n", if is_cut { "…" } else { "" })
    });
    std::iter::once("Job\n".to_owned()).chain(lines).collect()
}

fn timing(times: &Times, receipt: &Receipt, calls: &[Value]) -> String {
    timing_of(times, receipt.ack_ms, calls)
}

/// Lays out the times: the parts in a row, the calls when they arrived after the question.
fn timing_of(times: &Times, ack_ms: u64, calls: &[Value]) -> String {
    let at = |call: &Value| call.get("at_ms").and_then(Value::as_u64).unwrap_or_default();
    let is_delivery = |call: &&Value| {
        let deliveries = ["interaction", "slack_event", "telegram_update", "whatsapp_webhook"];
        deliveries.contains(&text(call, "operation"))
    };
    let begin = calls.iter().find(is_delivery).map(at);
    let begin = begin.or_else(|| calls.first().map(at)).unwrap_or_default();
    let mut lines = vec!["Time".to_owned()];
    let mut line = |name: &str, ms: String, note: String| lines.push(part(name, &ms, &note));
    line("setup", ms(times.setup), String::new());
    line("start", ms(times.start), String::new());
    line("acknowledgement", ack_ms.to_string(), String::new());
    for call in calls.iter().filter(|call| !is_delivery(call)) {
        let status = call.get("status").map_or_else(String::new, ToString::to_string);
        let after = format!("+{}", at(call).saturating_sub(begin));
        let note = format!("{status} {} {}", text(call, "method"), redact(text(call, "path")));
        let operation = text(call, "operation");
        let prefixes = ["telegram_", "slack_", "whatsapp_"];
        let operation = prefixes.iter().fold(operation, |it, begin| it.trim_start_matches(begin));
        line(&format!("  {operation}"), after, note);
    }
    line("answer", ms(times.answered), "question to COMPLETED".to_owned());
    line("total", ms(times.total), String::new());
    lines.join("\n")
}

/// Lays out one time.
fn part(name: &str, ms: &str, note: &str) -> String {
    format!("  {name:<24}{ms:>9} ms  {note}").trim_end().to_owned()
}

/// Shortens what is long in a path: ids stay, tokens go.
fn redact(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.len() > 32 { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn ms(time: Duration) -> String {
    time.as_millis().to_string()
}

fn is_thinking(message: &Value) -> bool {
    message.get("is_thinking").and_then(Value::as_bool).unwrap_or(false)
}

fn verdict(row: &Value, messages: &[Value], calls: &[Value]) -> Result<()> {
    if text(row, "status") != "COMPLETED" {
        let what = format!("the question was not answered: {}", text(row, "result"));
        return Err(match refusal(calls) {
            Some(refusal) => problem(what, format!("the model said: {refusal}")),
            None => problem(what, "`cargo xtask dev` shows what the Worker logs"),
        });
    }
    let left = messages.iter().find(|message| is_thinking(message));
    left.map_or(Ok(()), |_| bail!("the deferred reply is still there"))?;
    messages
        .iter()
        .find(|message| text(message, "author") == "Miyabi")
        .map(drop)
        .context("the channel shows no answer by Miyabi")
}

/// Returns what the last failed call of a model was answered with.
fn refusal(calls: &[Value]) -> Option<String> {
    let is_failed = |call: &&Value| {
        let status = call.get("status").and_then(Value::as_u64);
        text(call, "operation") == "ai_run" && status.is_some_and(|status| status >= 400)
    };
    let response = calls.iter().rfind(is_failed)?.get("response")?;
    let message = response.get("message").and_then(Value::as_str)?;
    let message = message.replace(char::is_whitespace, " ");
    Some(message.chars().take(REFUSAL_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_who_said_what() {
        let messages = [
            json!({ "author": "みお", "avatar_url": "http://a", "content": "Hi?\nYou?" }),
            json!({ "author": "Miyabi", "content": "", "is_thinking": true, "only_for": "mio" }),
        ];
        let expected = "#general\n  みお  (avatar)\n    Hi?\n    You?\n  Miyabi  (only mio sees this)\n    \
                        is thinking…\n";
        assert_eq!(transcript("general", &messages), expected);
    }

    #[test]
    fn shows_the_row_with_its_state_first() {
        let row = json!({ "created_at": 1, "id": "7", "result": "a\nb", "status": "COMPLETED", "token": "" });
        let expected = "Job\n  id               7\n  status           COMPLETED\n  \
                        result           a b\n  created_at       1\n  token            (blank)\n";
        assert_eq!(job(&row), expected);
    }

    #[test]
    fn lays_out_the_times() {
        let times = Times {
            setup: Duration::from_millis(900),
            start: Duration::from_millis(2100),
            answered: Duration::from_millis(480),
            total: Duration::from_millis(3500),
        };
        let receipt = Receipt {
            id: String::new(),
            token: String::new(),
            status: 200,
            ack: Value::Null,
            ack_ms: 12,
            violations: Vec::new(),
        };
        let token = "t".repeat(68);
        let calls = [
            json!({ "operation": "interaction", "at_ms": 1000, "status": 200 }),
            json!({ "operation": "ai_run", "at_ms": 1030, "status": 200, "method": "POST", "path": "/ai/run" }),
            json!({ "operation": "execute_webhook", "at_ms": 1220, "status": 200, "method": "POST",
                "path": format!("/api/v10/webhooks/1/{token}") }),
        ];
        let expected = "\
Time
  setup                         900 ms
  start                        2100 ms
  acknowledgement                12 ms
    ai_run                      +30 ms  200 POST /ai/run
    execute_webhook            +220 ms  200 POST /api/v10/webhooks/1/…
  answer                        480 ms  question to COMPLETED
  total                        3500 ms";
        assert_eq!(timing(&times, &receipt, &calls), expected);
    }

    #[test]
    fn only_a_completed_job_with_nothing_pending_is_a_success() {
        let answer = json!({ "author": "Miyabi", "content": "Yes." });
        let thinking = json!({ "author": "Miyabi", "is_thinking": true });
        let done = json!({ "status": "COMPLETED" });
        assert!(verdict(&done, std::slice::from_ref(&answer), &[]).is_ok());
        assert!(verdict(&done, &[answer.clone(), thinking], &[]).is_err());
        assert!(verdict(&done, &[], &[]).is_err());
    }

    #[test]
    fn a_failure_is_a_sentence_with_the_models_own_words() {
        let failed =
            json!({ "status": "ERROR", "result": "workers-ai answered: busy (code 3040)" });
        let call = |status: u64, message: &str| json!({ "operation": "ai_run", "status": status, "response": { "message": message } });
        let calls = [
            call(429, "3040: an older one"),
            call(429, "3040: the model server answered 500:\nout of memory"),
            call(200, "fine"),
        ];
        let error = verdict(&failed, &[], &calls).unwrap_err().to_string();
        let expected = "the question was not answered: workers-ai answered: busy (code 3040)\n\
                        hint: the model said: 3040: the model server answered 500: out of memory";
        assert_eq!(error, expected);
        let error = verdict(&failed, &[], &[]).unwrap_err().to_string();
        assert!(error.contains("\nhint: `cargo xtask dev`"), "{error}");
    }
}
