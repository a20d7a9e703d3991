//! Calls in words: `Action: NAME` and `Action Input: {…}`, as models of agent frameworks write them, and the
//! words of the first Qwen.
//!
//! # Source
//! Yao et al., `ReAct`; prompts of `LangChain`; chat templates of Command R and Qwen; read 2026-11-28.

use super::calls::checked;
use super::names::{may_become_name, meant_tool};
use super::{Said, calls::leaked, json::json_calls, literal::Cursor};

/// The words before a name, and before its arguments.
const FORMS: [(&str, &str); 2] = [("Action:", "Action Input:"), ("✿FUNCTION✿:", "✿ARGS✿:")];

/// Words after which the model makes up what the tool returns.
const RESULTS: [&str; 2] = ["Observation", "✿RESULT✿"];

/// Returns what a text says that ends with such a call; `None` if it does not.
pub(super) fn read(text: &str, tools: &[&str]) -> Option<Said> {
    let (at, form) = find(text)?;
    let (before, rest) = text.split_at_checked(at)?;
    let mut cursor = Cursor { rest: rest.strip_prefix(form.0)?.trim_start() };
    let is_fenced = ["```json", "```"].into_iter().any(|fence| cursor.skip_mark(fence));
    cursor.skip_blank();
    let found = if cursor.rest.starts_with(['[', '{']) {
        checked(json_calls(&cursor.value().ok()?)?, tools)?
    } else {
        let (name, rest) = cursor.rest.split_once('\n')?;
        cursor.rest = rest.trim_start().strip_prefix(form.1)?.trim_start();
        checked(vec![leaked(meant_tool(name, tools)?, &cursor.value().ok()?)], tools)?
    };
    cursor.skip_blank();
    if is_fenced {
        cursor.skip_mark("```");
    }
    let rest = super::tokens::strip(cursor.rest);
    let is_last = rest.is_empty() || RESULTS.iter().any(|result| rest.starts_with(result));
    is_last.then(|| Said { text: before.trim_end().to_owned(), calls: found })
}

/// Returns the part of a text that has not ended in which no such call begins.
pub(super) fn before_call<'a>(text: &'a str, tools: &[&str]) -> &'a str {
    let last_line = text.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(last_line..).unwrap_or_default();
    let is_begun = |word: &str| !line.is_empty() && word.starts_with(line);
    let begun = LINES.iter().any(|word| is_begun(word)).then_some(last_line);
    let whole = find(text).filter(|(at, form)| {
        let rest = text.get(at + form.0.len()..).unwrap_or_default().trim_start();
        let is_json = rest.starts_with(['`', '[', '{']);
        is_json || rest.is_empty() || may_go_on(rest, form.1, tools)
    });
    let cut = begun.into_iter().chain(whole.map(|(at, _)| at)).min();
    cut.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// Returns whether behind the first word of a call there may be a name, and then the word before the arguments.
fn may_go_on(rest: &str, next: &str, tools: &[&str]) -> bool {
    let is_word = |name: &str| !name.trim_end().contains(char::is_whitespace);
    match rest.split_once('\n') {
        None => is_word(rest) && may_become_name(rest.trim_end(), tools),
        Some((name, after)) => {
            let after = after.trim_start();
            is_word(name)
                && meant_tool(name, tools).is_some()
                && (next.starts_with(after) || after.starts_with(next))
        }
    }
}

/// Beginnings of lines that may begin a call.
const LINES: [&str; 3] = ["Action:", "✿FUNCTION✿:", "function call<|role_sep|>\n"];

/// Returns where the first word of such a call stands at the beginning of a line.
fn find(text: &str) -> Option<(usize, (&'static str, &'static str))> {
    FORMS.into_iter().find_map(|form| {
        let is_first =
            |at: &usize| text.get(..*at).is_some_and(|it| it.is_empty() || it.ends_with('\n'));
        text.match_indices(form.0).map(|(at, _)| at).find(is_first).map(|at| (at, form))
    })
}
