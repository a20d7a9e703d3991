//! Harmony, the format of gpt-oss: a reply is a row of messages, each on a channel.
//!
//! `<|channel|>analysis<|message|>THOUGHT<|end|><|start|>assistant<|channel|>final<|message|>ANSWER<|return|>`,
//! and a call is `<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>{…}<|call|>`.
//!
//! # Source
//! `OpenAI`/Harmony response format, and field reports of what servers leak, gathered 2026-11-28.

use super::calls::leaked;
use super::literal::Cursor;
use super::marks::HARMONY;
use super::matching::{Match, compare, starts_with_any};
use super::names::{may_become_name, meant_tool};
use super::scan::is_open;
use super::{Said, about, work};

/// Words of a header: the role, the channels, and formats of arguments.
const HEADER_WORDS: [&str; 8] =
    ["assistant", "analysis", "commentary", "final", "json", "code", "system", "developer"];

/// Longest header, in bytes.
const MAX_HEADER_BYTES: usize = 200;

/// Returns whether a text before `<|message|>` is the header of a message, the first of whose marks may have
/// been part of the prompt.
fn is_header(header: &str) -> bool {
    header.len() <= MAX_HEADER_BYTES
        && header_words(header).all(|word| HEADER_WORDS.contains(&word) || word.starts_with("to="))
}

fn header_words(header: &str) -> impl Iterator<Item = &str> {
    let marks = ["<|channel|>", "<|start|>", "<|constrain|>"];
    let pieces = header.split(marks[0]).flat_map(move |it| it.split(marks[1]));
    let pieces = pieces.flat_map(move |it| it.split(marks[2]));
    pieces.flat_map(str::split_whitespace)
}

/// Marks that end a message.
const ENDS: [&str; 6] =
    ["<|end|>", "<|return|>", "<|call|>", "<|start|>", "<|channel|>", "<|endoftext|>"];

/// Begin of a message after the first one.
const NEXT: &str = "<|start|>assistant";

/// Returns what a reply in this format says, `None` if it is in no such format.
pub(super) fn read(text: &str, tools: &[&str]) -> Option<Said> {
    let text = text.trim_start();
    let (header, message) = text.split_once("<|message|>")?;
    if is_header(header) {
        // An answer about the format may begin with its marks.
        return (!about::reads_on(message)).then(|| read_messages(text, tools));
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
            say_headless(&mut said, rest);
            break;
        };
        let (body, next) = message_body(after);
        work::count(header.len() + body.len());
        let header = if is_header(header) { header } else { say_headless(&mut said, header) };
        add(&mut said, header, body, tools);
        rest = strip_ends(next);
    }
    said.text.truncate(said.text.trim_end().len());
    said
}

/// Adds what stands where a header is expected and is none: the answer, whose header was dropped. Returns
/// the header that follows it.
fn say_headless<'a>(said: &mut Said, text: &'a str) -> &'a str {
    let is_mark =
        |at: &usize| text.get(*at..).is_some_and(|it| starts_with_any(it, &HARMONY).is_some());
    let end = text.match_indices("<|").map(|(at, _)| at).find(is_mark).unwrap_or(text.len());
    let (answer, header) = text.split_at_checked(end).unwrap_or((text, ""));
    if !is_begun_header(answer.trim()) {
        say(said, answer);
    }
    header
}

fn say(said: &mut Said, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    if !said.text.is_empty() {
        said.text.push('\n');
    }
    said.text.push_str(text.trim_start());
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
    if !is_thought {
        say(said, body);
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
    let rest = cursor.rest.trim();
    // The model may have gone on with the next message.
    let is_all = rest.is_empty() || rest.starts_with("assistant");
    (is_all && call.object().is_some()).then(|| Said { text: String::new(), calls: vec![call] })
}

/// Words by which a reply without marks begins.
const BARE_LEADS: [&str; 2] = ["analysis", "assistant"];

/// Returns whether a text that is not at its end may begin a reply in this format.
pub(super) fn may_begin(text: &str, tools: &[&str]) -> bool {
    let is_begun = |mark: &str| compare(text, mark) == Match::Begun;
    let has_header_only =
        starts_with_any(text, &HARMONY).is_some() && !text.contains("<|message|>");
    // What follows may say that the marks are talked about.
    let is_undecided = text
        .split_once("<|message|>")
        .is_some_and(|(header, message)| is_header(header) && is_open(message));
    has_header_only
        || is_undecided
        || is_begun_header(text)
        || HARMONY.iter().any(|mark| is_begun(mark))
        || BARE.iter().any(|(open, _)| open.starts_with(text))
        || [BARE_CALL, "assistantcommentary to="].iter().any(|call| {
            call.starts_with(text)
                || text.strip_prefix(call).is_some_and(|rest| {
                    let mut cursor = Cursor { rest };
                    let name = cursor.name();
                    let is_cut = cursor.rest.is_empty();
                    meant_tool(name, tools).is_some() || is_cut && may_become_name(name, tools)
                })
        })
}

/// Returns whether a text is a header that has not ended, such as `analysis<|mess`.
fn is_begun_header(text: &str) -> bool {
    let lead = text.split('<').next().unwrap_or_default();
    if text.len() > MAX_HEADER_BYTES || text.contains("<|message|>") {
        return false;
    }
    let known = |word: &str| HEADER_WORDS.contains(&word) || word.starts_with("to=");
    if lead.len() < text.len() {
        let tail = text.get(lead.len()..).unwrap_or_default();
        let is_mark = starts_with_any(tail, &HARMONY).is_some()
            || HARMONY.iter().any(|mark| compare(tail, mark) == Match::Begun);
        return is_mark && lead.split_whitespace().all(known);
    }
    let mut words: Vec<&str> = lead.split_whitespace().collect();
    let last = words.pop().unwrap_or_default();
    let may_become = |word: &&str| word.starts_with(last);
    words.into_iter().all(known)
        && (known(last) || HEADER_WORDS.iter().any(may_become) || "to=".starts_with(last))
}
