//! Harmony, the format of gpt-oss: a reply is a row of messages, each on a channel.
//!
//! `<|channel|>analysis<|message|>THOUGHT<|end|><|start|>assistant<|channel|>final<|message|>ANSWER<|return|>`,
//! and a call is `<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>{…}<|call|>`.
//!
//! # Source
//! `OpenAI`/Harmony response format, and field reports of what servers leak, gathered 2026-11-28.

use super::calls::leaked;
use super::literal::Cursor;
use super::marks::{HARMONY, Match, compare, starts_with_any};
use super::names::meant_tool;
use super::{Said, work};

/// Marks that end a message.
const ENDS: [&str; 6] =
    ["<|end|>", "<|return|>", "<|call|>", "<|start|>", "<|channel|>", "<|endoftext|>"];

/// Begin of a message after the first one.
const NEXT: &str = "<|start|>assistant";

/// Returns what a reply in this format says, `None` if it is in no such format.
pub(super) fn read(text: &str, tools: &[&str]) -> Option<Said> {
    let text = text.trim_start();
    let (header, message) = text.split_once("<|message|>")?;
    if starts_with_any(text, &HARMONY).is_some() {
        let reads_on =
            message.strip_prefix(' ').is_some_and(|it| it.starts_with(char::is_lowercase));
        // An answer about the format may begin with its marks.
        let is_about =
            header.contains(' ') && !header.contains("to=") || reads_on && !message.contains("<|");
        return (!is_about).then(|| read_messages(text, tools));
    }
    // The beginning of the first message was part of the prompt: it is a thought.
    let (before, after) = text.split_once(NEXT)?;
    let is_word = before.ends_with([' ', '`', '"', '\'']);
    let goes_on = after.starts_with("<|channel|>") || after.starts_with(" to=");
    let messages = text.get(before.len()..).filter(|_| goes_on && !is_word)?;
    Some(read_messages(messages, tools))
}

fn read_messages(text: &str, tools: &[&str]) -> Said {
    let mut said = Said::default();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let Some((header, after)) = rest.split_once("<|message|>") else {
            break;
        };
        let (body, next) = message_body(after);
        work::count(header.len() + body.len());
        add(&mut said, header, body, tools);
        rest = strip_ends(next);
    }
    said.text.truncate(said.text.trim_end().len());
    said
}

/// Splits off the body of a message, up to the mark that ends it.
fn message_body(text: &str) -> (&str, &str) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("<|")) {
        let at = from + found;
        let rest = text.get(at..).unwrap_or_default();
        // In quotes or as a word it is the answer that names it.
        let is_word = text.get(..at).is_some_and(|before| before.ends_with(['`', '"', '\'', ' ']));
        if !is_word && starts_with_any(rest, &ENDS).is_some() {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        from = at + 2;
    }
    (text, "")
}

fn strip_ends(mut text: &str) -> &str {
    let ends = ENDS.get(..3).unwrap_or_default();
    loop {
        text = text.trim_start();
        let Some(bytes) = starts_with_any(text, ends) else { return text };
        text = text.get(bytes..).unwrap_or_default();
    }
}

fn add(said: &mut Said, header: &str, body: &str, tools: &[&str]) {
    if let Some((_, to)) = header.split_once("to=")
        && let Some(name) = meant_tool(to, tools)
    {
        let mut cursor = Cursor { rest: body.trim() };
        let arguments =
            if cursor.rest.is_empty() { Ok(serde_json::json!({})) } else { cursor.value() };
        if let Ok(arguments) = arguments.map(|arguments| leaked(name, &arguments))
            && arguments.object().is_some()
        {
            said.calls.push(arguments);
        }
        return;
    }
    let channel = header.rsplit("<|channel|>").next().unwrap_or_default().trim();
    let is_thought = channel.starts_with("analysis") || header.contains("to=");
    if !is_thought && !body.trim().is_empty() {
        if !said.text.is_empty() {
            said.text.push('\n');
        }
        said.text.push_str(body.trim_start());
    }
}

/// Channel names as they are left where a decoder dropped the marks around them, and the words by which
/// Granite 3 set off its thoughts.
const BARE: [(&str, &str); 2] =
    [("analysis", "assistantfinal"), ("Here is my thought process:", "Here is my response:")];

/// Returns what a reply says whose thoughts have no marks: `analysisTHOUGHTassistantfinalANSWER`; `None`
/// if it is no such reply. Without the second word it is nothing but a thought.
pub(super) fn read_bare(text: &str) -> Option<Said> {
    let text = text.trim_start();
    let thought = |(open, close)| text.strip_prefix(open).map(|after: &str| (open, close, after));
    let (open, close, after) = BARE.into_iter().find_map(thought)?;
    // Without a blank between, it is no word of a sentence.
    if !open.ends_with(':') && !after.starts_with(char::is_uppercase) {
        return None;
    }
    let answer = after.split_once(close).map(|(_, answer)| answer.trim());
    Some(Said { text: answer.unwrap_or_default().to_owned(), calls: Vec::new() })
}

/// A call as it is left where a decoder dropped the marks around it.
const BARE_CALL: &str = "commentary to=";

/// Returns what a reply says that is a call without marks: `commentary to=functions.NAME json{…}`, maybe
/// behind a thought; `None` if it is no such reply.
pub(super) fn read_bare_call(text: &str, tools: &[&str]) -> Option<Said> {
    let (before, call) = text.split_once(BARE_CALL)?;
    let is_lead = before.trim().is_empty()
        || before.ends_with("assistant")
            && BARE_LEADS.iter().any(|lead| before.trim_start().starts_with(lead));
    let name = meant_tool(call, tools).filter(|_| is_lead)?;
    let mut cursor = Cursor { rest: call.get(call.find('{')?..)? };
    let call = leaked(name, &cursor.value().ok()?);
    let is_all = cursor.rest.trim().is_empty() && call.object().is_some();
    is_all.then(|| Said { text: String::new(), calls: vec![call] })
}

/// Words by which a reply without marks begins.
const BARE_LEADS: [&str; 2] = ["analysis", "assistant"];

/// Returns whether a text that is not at its end may begin a reply in this format.
pub(super) fn may_begin(text: &str) -> bool {
    let is_begun = |mark: &str| compare(text, mark) == Match::Begun;
    let has_header_only =
        starts_with_any(text, &HARMONY).is_some() && !text.contains("<|message|>");
    has_header_only
        || HARMONY.iter().any(|mark| is_begun(mark))
        || BARE.iter().any(|(open, _)| open.starts_with(text))
        || [BARE_CALL, "assistantcommentary to="]
            .iter()
            .any(|call| call.starts_with(text) || text.starts_with(call))
}
