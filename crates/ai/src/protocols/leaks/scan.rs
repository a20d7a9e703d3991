//! Reads a text once, from left to right, and takes out what is not meant for people.

use super::calls::{self, checked, json_calls};
use super::code::{Backticks, Code};
use super::kept::{Edge, Kept};
use super::literal::{Cursor, Miss};
use super::marks::{
    ANSWERS, Match, NAMED, OPENERS, THOUGHTS, TURN_ENDS, TURN_STARTS, can_begin_mark, compare,
    may_become_mark, starts_with_any,
};
use super::{Said, python, whole, work};
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
    };
    while scan.at < text.len() && scan.step() {}
    let Scan { kept, calls, has_thought, .. } = scan;
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

struct Scan<'a> {
    text: &'a str,
    extent: Extent,
    tools: &'a [&'a str],
    at: usize,
    kept: Kept,
    calls: Vec<ToolCall>,
    ticks: Backticks,
    tries: u32,
    /// Whether a thought was taken out: then the model is one that writes them into its text.
    has_thought: bool,
    /// Whether a mark of a thought was kept as a word.
    mentions_thought: bool,
    /// Whether a backtick before may still make code of what follows.
    has_open_tick: bool,
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
            Some('{') => self.brace(rest),
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

    /// JSON in a line of its own at the end: Llama writes calls so behind a sentence.
    fn brace(&mut self, rest: &str) -> bool {
        let may_call = self.kept.edge() == Edge::Line
            && !self.kept.announces()
            && self.tries > 0
            && begins_object_of_call(rest, self.extent);
        if may_call && self.extent == Extent::Begun {
            let mut object = Cursor { rest };
            let is_call = match object.value() {
                Ok(value) => {
                    let calls = json_calls(&value).and_then(|calls| checked(calls, self.tools));
                    calls.is_some() && object.rest.trim().is_empty()
                }
                Err(miss) => miss == Miss::Unfinished,
            };
            if is_call {
                return false;
            }
            self.tries -= 1;
        } else if may_call {
            self.tries -= 1;
            if let Some(calls) = whole::calls(super::tokens::strip(rest), self.tools) {
                self.calls.extend(calls);
                self.at = self.text.len();
                return false;
            }
        }
        self.keep(1);
        true
    }

    /// Returns whether a token here ends the reply, since the model went on with the next turn itself, or
    /// may yet: what follows is none of its answer.
    fn is_turn_end(&self, rest: &str) -> bool {
        let Some(bytes) = starts_with_any(rest, &TURN_ENDS) else { return false };
        let behind = rest.get(bytes..).unwrap_or_default().trim_start();
        let may_go_on =
            self.extent == Extent::Begun && (behind.is_empty() || may_become_mark(behind));
        self.kept.edge() != Edge::Inside
            && (may_go_on || starts_with_any(behind, &TURN_STARTS).is_some())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn keep(&mut self, bytes: usize) {
        let text = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.kept.push(text);
        self.at += bytes;
    }

    /// Whether a mark here may turn out to be code.
    fn is_undecided(&self) -> bool {
        self.extent == Extent::Begun && self.has_open_tick
    }

    fn code(&mut self, rest: &str) -> bool {
        match self.ticks.at(self.text, self.at) {
            Code::Fence { info, body, end } if CALL_FENCES.contains(&info) => {
                // What stands behind the last fence would be an explanation.
                let is_last = self.text.get(end..).unwrap_or_default().trim().is_empty();
                if is_last && self.extent == Extent::Begun {
                    return false;
                }
                let python = || python::block(body).and_then(|calls| checked(calls, self.tools));
                let calls = whole::calls(body.trim(), self.tools).or_else(python);
                match calls.filter(|_| is_last) {
                    Some(calls) => {
                        self.calls.extend(calls);
                        self.kept.break_here();
                        self.at = end;
                    }
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

    /// A mark that opens a thought, or names it.
    fn thought(&mut self, rest: &str, open: usize, close: &str) -> bool {
        let after = rest.get(open..).unwrap_or_default();
        let edge = self.kept.edge();
        let is_spaced = after.starts_with(' ');
        let has_own_lines = after.starts_with('\n');
        let is_word = match edge {
            Edge::Start => false,
            Edge::Line | Edge::Sentence => is_spaced,
            Edge::Inside | Edge::Attached => !has_own_lines && (!self.has_thought || is_spaced),
        };
        let is_open_ended = after.is_empty() && self.extent == Extent::Begun;
        if is_open_ended && edge != Edge::Start {
            return false;
        }
        if is_word {
            return self.mention(open);
        }
        let end = find_mark(after, close);
        work::count(end.map_or(after.len(), |(start, _)| start));
        let Some((start, end)) = end else {
            if self.extent == Extent::Whole {
                let stands_inside = matches!(edge, Edge::Inside | Edge::Attached);
                if stands_inside || edge != Edge::Start && after.trim().is_empty() {
                    return self.mention(open);
                }
                // It was cut off within the thought.
                self.at = self.text.len();
            }
            return false;
        };
        let (body, behind) = (after.get(..start), after.get(end..).unwrap_or_default());
        let is_example = body.is_some_and(|body| body.chars().all(|c| c == '.' || c == '…'));
        let reads_on =
            behind.strip_prefix(' ').is_some_and(|next| next.starts_with(char::is_lowercase));
        let is_line_of_its_own =
            body.is_some_and(|body| body.trim_end_matches(' ').ends_with('\n'));
        let stands_inside = matches!(edge, Edge::Inside | Edge::Attached);
        if is_spaced && reads_on && edge == Edge::Start
            || is_example && edge != Edge::Start
            || stands_inside && has_own_lines && !is_line_of_its_own && !self.has_thought
        {
            return self.mention(open + end);
        }
        self.has_thought = true;
        self.at += open + end;
        if edge == Edge::Line {
            self.at += behind.len() - behind.trim_start().len();
        }
        true
    }

    fn mention(&mut self, bytes: usize) -> bool {
        self.mentions_thought = true;
        self.keep(bytes);
        true
    }

    /// A mark that ends a thought whose beginning was part of the prompt, or names it.
    fn thought_end(&mut self, rest: &str, bytes: usize) -> bool {
        let after = rest.get(bytes..).unwrap_or_default();
        let edge = self.kept.edge();
        if self.extent == Extent::Begun && after.is_empty() {
            return false;
        }
        let stands_alone = match edge {
            Edge::Start | Edge::Line => true,
            Edge::Sentence | Edge::Attached => after.starts_with('\n'),
            Edge::Inside => after.starts_with("\n\n"),
        };
        let is_first = !self.has_thought && !self.mentions_thought;
        if is_first && after.trim().is_empty() && matches!(edge, Edge::Sentence | Edge::Line) {
            // Nothing but the answer stands before it.
            self.at = self.text.len();
            return false;
        }
        if stands_alone && is_first && !self.kept.announces() {
            self.kept.clear();
            self.has_thought = true;
            self.at += bytes;
            return true;
        }
        if self.has_thought && matches!(edge, Edge::Start | Edge::Line) {
            // A second end of the same thought.
            self.at += bytes;
            return true;
        }
        self.mention(bytes)
    }

    /// A mark that begins calls, or names it.
    fn call(&mut self, rest: &str) -> bool {
        let edge = self.kept.edge();
        match calls::group(rest, self.extent, self.tools) {
            Ok((calls, bytes)) => {
                let behind = rest.get(bytes..).unwrap_or_default();
                let stands_alone = matches!(edge, Edge::Start | Edge::Line | Edge::Sentence)
                    && !self.kept.announces();
                let is_last = !stands_alone && super::tokens::are_all(behind);
                let may_be_last = is_last || may_become_mark(behind.trim_start());
                if !stands_alone && may_be_last && self.extent == Extent::Begun {
                    return false;
                }
                if stands_alone || is_last {
                    self.calls.extend(calls);
                    self.kept.break_here();
                    self.at += bytes;
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

/// Returns whether an object begins here whose first field is one of a call's, or may be.
fn begins_object_of_call(rest: &str, extent: Extent) -> bool {
    let inner = rest.strip_prefix('{').unwrap_or(rest).trim_start();
    ["\"name\"", "\"type\"", "\"function\"", "\"tool_name\""].into_iter().any(
        |field| match compare(inner, field) {
            Match::Whole(_) => true,
            Match::Begun => extent == Extent::Begun,
            Match::Other => false,
        },
    )
}

/// Returns where a mark begins and ends in a text.
fn find_mark(text: &str, mark: &str) -> Option<(usize, usize)> {
    let first = mark.chars().next()?;
    text.char_indices().filter(|(_, c)| *c == first).find_map(|(index, _)| {
        match compare(text.get(index..)?, mark) {
            Match::Whole(bytes) => Some((index, index + bytes)),
            Match::Begun | Match::Other => None,
        }
    })
}
