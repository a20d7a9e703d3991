//! Takes out of a model's text what is not meant for people: thoughts, tokens of chat templates, and tool
//! calls that a server did not recognize.
//!
//! | File | Content |
//! | --- | --- |
//! | `marks.rs`, `matching.rs` | the marks of every model family, and how they are matched |
//! | `scan.rs`, `thoughts.rs`, `kept.rs` | one pass over the text: what stands where, and what is kept |
//! | `about.rs`, `code.rs` | marks that are talked about, and those that are shown as code |
//! | `calls.rs`, `json.rs`, `python.rs`, `literal.rs` | the grammars of calls and of their arguments |
//! | `whole.rs`, `react.rs` | calls without any mark, and calls in words |
//! | `harmony.rs` | the format of gpt-oss |
//! | `names.rs`, `tokens.rs` | names of tools, and tokens at the ends |
//! | `work.rs` | a count of steps, for tests |
//!
//! A call is believed only if all of it can be read and it names an offered tool, and a mark counts only
//! where a model would write it: at the beginning of the reply, of a line or after a sentence. Anything
//! else stays text, so that an answer about such marks is not swallowed.

mod about;
mod calls;
mod code;
mod harmony;
mod json;
mod kept;
mod literal;
mod marks;
mod matching;
mod names;
mod python;
mod react;
mod scan;
mod spelling;
mod thoughts;
mod tokens;
mod whole;
pub(super) mod work;

pub(crate) use self::names::meant_tool;
use std::borrow::Cow;

use self::scan::Extent;
use crate::ToolCall;

/// What a model's text really says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Text for people, trimmed.
    pub(super) text: String,
    /// Calls of offered tools, in their order.
    pub(super) calls: Vec<ToolCall>,
}

/// Returns what a whole text says. `tools` are the names of the tools that count as calls.
pub(super) fn read(text: &str, tools: &[&str]) -> Said {
    let said = read_spelled(text, tools);
    if !said.calls.is_empty() {
        return said;
    }
    // Only where it makes a call: elsewhere it is a text about such a spelling.
    let plain = spelling::plain(text).map(|text| read_spelled(&text, tools));
    plain.filter(|plain| !plain.calls.is_empty()).unwrap_or(said)
}

fn read_spelled(text: &str, tools: &[&str]) -> Said {
    let harmony = harmony::read(text, tools)
        .or_else(|| harmony::read_bare_call(text, tools))
        .or_else(|| harmony::read_bare(text));
    let said = harmony.unwrap_or_else(|| scan::read(tokens::strip(text), Extent::Whole, tools));
    let text = tokens::strip(&said.text);
    if !said.calls.is_empty() {
        return Said { text: text.to_owned(), calls: said.calls };
    }
    if let Some(calls) = whole::calls(text, tools) {
        return Said { text: String::new(), calls };
    }
    react::read(text, tools).unwrap_or_else(|| Said { text: text.to_owned(), calls: said.calls })
}

/// Returns a text without thoughts and tokens. Calls are left as they are: for a reply that has calls of
/// its own.
pub(super) fn clean(text: &str) -> String {
    read(text, &[]).text
}

/// Returns whether a thought ends in a text.
pub(super) fn has_thought_end(text: &str) -> bool {
    marks::THOUGHTS.iter().any(|(_, close)| text.contains(close))
}

/// Returns a text with the mark that opens its thought, which was part of the prompt.
pub(super) fn reopened(text: &str) -> Cow<'_, str> {
    let [(open, _), ..] = marks::THOUGHTS;
    let is_open = marks::THOUGHTS.iter().any(|(open, _)| text.trim_start().starts_with(open));
    if is_open { Cow::Borrowed(text) } else { Cow::Owned(format!("{open}{text}")) }
}

/// Returns what people may see of a text that has not ended yet; `None` if that is nothing, or if it may
/// still turn out to be a call. What it returns is always the beginning of what [`read`] returns for
/// a longer text.
///
/// Thoughts whose beginning is part of the prompt are only known as such when they end: until then they
/// are returned.
pub(super) fn presentable(text: &str, tools: &[&str]) -> Option<String> {
    let text = spelling::before_odd(text);
    let start = text.trim_start();
    if harmony::may_begin(start, tools) || tokens::may_be_word(start) {
        return None;
    }
    let harmony = harmony::read(text, tools).or_else(|| harmony::read_bare(text));
    let seen =
        harmony.unwrap_or_else(|| scan::read(tokens::strip(text), Extent::Begun, tools)).text;
    let seen = without_begun_mark(tokens::strip(&seen));
    let seen = tokens::strip(react::before_call(seen, tools));
    let is_plain = !seen.is_empty() && !seen.starts_with(['{', '[', '<', '`', ']']);
    (is_plain && !whole::may_become_call(seen, tools)).then(|| seen.to_owned())
}

/// Returns a text without a mark at its end that has only begun.
fn without_begun_mark(text: &str) -> &str {
    let tail = text
        .char_indices()
        .rev()
        .take(matching::LONGEST)
        .find(|(_, c)| matching::can_begin_mark(*c));
    match tail.and_then(|(index, _)| text.split_at_checked(index)) {
        Some((before, mark)) if matching::may_become_mark(mark) => before,
        _ => text,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
