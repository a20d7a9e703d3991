//! Reads a text once, from left to right, and takes out what is not meant for people.

use super::calls::{self, checked};
use super::code::{Backticks, Code};
use super::kept::{Edge, Kept};
use super::literal::{Cursor, Miss};
use super::marks::{ANSWERS, NAMED, OPENERS, RESULTS, THOUGHTS, TURN_ENDS, TURN_STARTS};
use super::matching::{Match, can_begin_mark, compare, may_become_mark, starts_with_any};
use super::{Said, about, python, tokens, whole, work};
use crate::ToolCall;

/// Whether a text has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// It is all that there is.
    Whole,
    /// More of it may come.
    Begun,
}

/// Words behind the backticks of a fence that is a call.
const CALL_FENCES: [&str; 4] = ["tool_code", "tool_call", "tool_calls", "function_call"];

/// What is left of the role of a call by `GigaChat`.
const ROLE_OF_CALL: &str = "function call<|role_sep|>";

/// Marks that are tried as calls in one text: trying one may read all of the rest.
const MAX_TRIES: u32 = 16;

/// Reads a text. One that has only begun is read up to what may still become a thought or a call.
pub(super) fn read(text: &str, extent: Extent, tools: &[&str]) -> Said {
    let mut scan = Scan {
        text,
        extent,
        tools,
        at: 0,
        kept: Kept::default(),
        calls: Vec::new(),
        ticks: Backticks::find(text),
        tries: MAX_TRIES,
        has_thought: false,
        mentions_thought: false,
        has_open_tick: false,
        absent: Vec::new(),
        before_open_thought: None,
        calls_end: 0,
    };
    while scan.at < text.len() && scan.step() {}
    let Scan { mut kept, mut calls, has_thought, before_open_thought, calls_end, .. } = scan;
    if let Some(before) = before_open_thought {
        // Of a thought that was not closed, nothing counts but calls at its end.
        kept = before;
        if !text.get(calls_end..).is_some_and(tokens::are_all) {
            calls.clear();
        }
    }
    let text = kept.into_text();
    let text = if has_thought { unwrapped(&text).to_owned() } else { text };
    Said { text, calls }
}

/// Drops the tags around an answer that thoughts came before.
fn unwrapped(text: &str) -> &str {
    let trimmed = text.trim();
    let inside = ANSWERS.iter().find_map(|(open, close)| {
        let inside = trimmed.strip_prefix(open)?;
        Some(inside.strip_suffix(close).unwrap_or(inside))
    });
    inside.unwrap_or(text)
}

pub(super) struct Scan<'a> {
    pub(super) text: &'a str,
    pub(super) extent: Extent,
    tools: &'a [&'a str],
    pub(super) at: usize,
    pub(super) kept: Kept,
    calls: Vec<ToolCall>,
    ticks: Backticks,
    tries: u32,
    /// Whether a thought was taken out: then the model is one that writes them into its text.
    pub(super) has_thought: bool,
    /// Whether a mark of a thought was kept as a word.
    pub(super) mentions_thought: bool,
    /// Whether a backtick before may still make code of what follows.
    has_open_tick: bool,
    /// Marks of ends of thoughts that do not come any more.
    pub(super) absent: Vec<&'static str>,
    /// What was kept before a thought that nothing closes; inside of it only calls count.
    pub(super) before_open_thought: Option<Kept>,
    /// Where the last calls ended.
    calls_end: usize,
}

impl<'a> Scan<'a> {
    /// Reads on, and returns whether there may be more.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let is_mark = |c: char| matches!(c, '`' | '{') || can_begin_mark(c);
        let next = rest.find(is_mark).unwrap_or(rest.len());
        work::count(next + 1);
        self.keep(next);
        let rest = self.rest();
        match rest.chars().next() {
            None => false,
            Some('`') => self.code(rest),
            Some('{' | '[') if self.may_be_bare_call(rest) => self.bare_call(rest),
            Some('{') => {
                self.keep(1);
                true
            }
            Some(first) => {
                let is_begun = self.extent == Extent::Begun;
                if is_begun && may_become_mark(rest) {
                    return false;
                }
                if let Some((open, close)) = THOUGHTS.iter().find_map(|(open, close)| {
                    let Match::Whole(bytes) = compare(rest, open) else { return None };
                    Some((bytes, *close))
                }) {
                    return !self.is_undecided() && self.thought(rest, open, close);
                }
                if let Some(bytes) =
                    THOUGHTS.iter().find_map(|(_, close)| starts_with_any(rest, &[close]))
                {
                    return !self.is_undecided() && self.thought_end(rest, bytes);
                }
                if self.tries > 0
                    && (starts_with_any(rest, &OPENERS).is_some()
                        || starts_with_any(rest, &NAMED).is_some())
                {
                    return !self.is_undecided() && self.call(rest);
                }
                if self.is_turn_end(rest) {
                    return false;
                }
                self.keep(first.len_utf8());
                true
            }
        }
    }

    /// Returns whether a call without a mark may begin here, in a line of its own.
    fn may_be_bare_call(&self, rest: &str) -> bool {
        matches!(self.kept.edge(), Edge::Start | Edge::Line)
            && !self.kept.announces()
            && self.tries > 0
            && whole::begins_call(rest, self.extent, self.tools)
    }

    /// JSON or a list of Python at the end: Llama writes calls so, also behind a sentence.
    fn bare_call(&mut self, rest: &str) -> bool {
        self.tries -= 1;
        if self.extent == Extent::Begun {
            if whole::may_be_row(rest, self.tools) {
                return false;
            }
        } else if let Some(calls) = whole::calls(tokens::strip(rest), self.tools) {
            self.kept.drop_end(ROLE_OF_CALL);
            self.take(calls, rest.len());
            return false;
        }
        self.keep(1);
        true
    }

    /// Returns whether a token here ends the reply, since the model went on with the next turn itself, or
    /// may yet: what follows is none of its answer.
    fn is_turn_end(&self, rest: &str) -> bool {
        let edge = self.kept.edge();
        if let Some(bytes) = starts_with_any(rest, &TURN_STARTS) {
            // GLM ends its reply so.
            return matches!(edge, Edge::Sentence | Edge::Attached)
                && !self.kept.is_spaced()
                && rest.get(bytes..).is_some_and(|behind| behind.starts_with('\n'));
        }
        let Some(bytes) = starts_with_any(rest, &TURN_ENDS) else { return false };
        let behind = rest.get(bytes..).unwrap_or_default().trim_start();
        let may_go_on =
            self.extent == Extent::Begun && (behind.is_empty() || may_become_mark(behind));
        edge != Edge::Inside && (may_go_on || starts_with_any(behind, &TURN_STARTS).is_some())
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn keep(&mut self, bytes: usize) {
        let text = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.kept.push(text);
        self.at += bytes;
    }

    /// Takes calls out of the text, which take so many bytes of it.
    fn take(&mut self, calls: Vec<ToolCall>, bytes: usize) {
        self.calls.extend(calls);
        self.kept.break_here();
        self.at += bytes;
        self.calls_end = self.at;
    }

    /// Whether a mark here may turn out to be code.
    fn is_undecided(&self) -> bool {
        self.extent == Extent::Begun && self.has_open_tick
    }

    fn code(&mut self, rest: &str) -> bool {
        match self.ticks.at(self.text, self.at) {
            Code::Fence { info, body, end }
                if CALL_FENCES.contains(&info) || self.kept.is_empty() && is_of_gemini(body) =>
            {
                // What stands behind the last fence would be an explanation.
                let is_last = self.text.get(end..).is_some_and(tokens::are_all);
                if is_last && self.extent == Extent::Begun {
                    return false;
                }
                let python = || python::block(body).and_then(|calls| checked(calls, self.tools));
                let calls = whole::calls(body.trim(), self.tools).or_else(python);
                match calls.filter(|_| is_last && !self.kept.announces_example()) {
                    Some(calls) => self.take(calls, end - self.at),
                    None => self.keep(end - self.at),
                }
            }
            Code::Fence { info, body: "", .. }
                if self.extent == Extent::Begun
                    && CALL_FENCES.iter().any(|fence| fence.starts_with(info)) =>
            {
                return false;
            }
            Code::Fence { end, .. } | Code::Span { end } => self.keep(end - self.at),
            // There may be more backticks to come.
            Code::Plain { end, .. } if self.extent == Extent::Begun && end == self.text.len() => {
                return false;
            }
            Code::Plain { end, may_close } => {
                self.has_open_tick |= may_close;
                let bytes = end - self.at;
                self.keep(bytes.min(rest.len()));
            }
        }
        true
    }

    /// A mark that begins calls, or names it.
    fn call(&mut self, rest: &str) -> bool {
        let edge = self.kept.edge();
        match calls::group(rest, self.extent, self.tools) {
            Ok((calls, bytes)) => {
                let behind = rest.get(bytes..).unwrap_or_default();
                if self.extent == Extent::Begun && is_open(behind) {
                    return false;
                }
                let stands_alone = matches!(edge, Edge::Start | Edge::Line | Edge::Sentence)
                    && !self.kept.announces()
                    && !about::reads_on(behind);
                let is_last = !stands_alone && tokens::are_all(behind);
                let may_be_last = is_last || may_become_mark(behind.trim_start());
                if !stands_alone && may_be_last && self.extent == Extent::Begun {
                    return false;
                }
                if stands_alone || is_last && !self.kept.announces_example() {
                    self.take(calls, bytes);
                    let next = behind.trim_start();
                    if [RESULTS.as_slice(), &TURN_STARTS]
                        .iter()
                        .any(|it| starts_with_any(next, it).is_some())
                    {
                        // The model made up what the tool returns, or what people say to it.
                        self.at = self.text.len();
                        return false;
                    }
                } else {
                    self.keep(bytes);
                }
            }
            Err(Miss::Unfinished) => {
                if self.extent == Extent::Begun {
                    return false;
                }
                self.tries -= 1;
                let is_cut = matches!(edge, Edge::Start | Edge::Line | Edge::Sentence)
                    && begins_call(rest, self.tools);
                if is_cut {
                    self.at = self.text.len();
                    return false;
                }
                self.keep(1);
            }
            Err(Miss::Other) => {
                self.tries -= 1;
                self.keep(rest.chars().next().map_or(1, char::len_utf8));
            }
        }
        true
    }
}

/// Returns whether a call begins here that was cut off: behind its mark, more than a word has come.
fn begins_call(rest: &str, tools: &[&str]) -> bool {
    let Some(bytes) = starts_with_any(rest, &OPENERS).or_else(|| starts_with_any(rest, &NAMED))
    else {
        return false;
    };
    let body = rest.get(bytes..).unwrap_or_default().trim_start();
    let mut next = Cursor { rest: body };
    body.starts_with(['{', '['])
        || starts_with_any(body, &OPENERS).is_some()
        || starts_with_any(body, &NAMED).is_some()
        || super::names::meant_tool(next.name(), tools).is_some()
}

/// Most bytes of a word behind a mark that says whether the mark is meant.
const MAX_WORD_BYTES: usize = 24;

/// Returns whether what has come behind a mark is too little to say whether it is meant: less than a word.
pub(super) fn is_open(behind: &str) -> bool {
    let word = behind.strip_prefix(' ').unwrap_or(behind);
    let is_cut = word.len() < MAX_WORD_BYTES && word.chars().all(char::is_alphanumeric);
    is_cut || is_between(behind)
}

/// Returns whether nothing has come behind a call but what may stand between two, or the beginning of a mark.
fn is_between(behind: &str) -> bool {
    let next = behind.trim_start_matches(|c: char| c.is_whitespace() || ",;}])>".contains(c));
    next.is_empty() || may_become_mark(next)
}

/// Returns whether code calls a tool as Gemini writes it when it means it.
fn is_of_gemini(body: &str) -> bool {
    body.contains("default_api.")
}
