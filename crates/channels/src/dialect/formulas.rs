//! Formulas in the marks of LaTeX, which no chat shows: they become code, so that they stay as they were written.

use core::ops::Range;

use miyabi_core::text::markup::FENCE;

/// Longest formula within a line, in bytes: what is longer is none.
const LONGEST: usize = 400;

/// Marks around a formula, and whether it stands by itself.
const MARKS: [(&str, &str, bool); 4] =
    [("\\[", "\\]", true), ("$$", "$$", true), ("\\(", "\\)", false), ("$", "$", false)];

/// Returns the formulas of a Markdown text, and what is written in their place.
pub(super) fn formulas(
    source: &str,
    is_kept: impl Fn(usize) -> bool,
) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    let mut at = 0;
    while let Some(start) = source.get(at..).and_then(|it| it.find(['\\', '$'])).map(|it| at + it) {
        let one = (!is_kept(start)).then(|| formula(source, start)).flatten();
        let escaped = usize::from(source.get(start..).is_some_and(|it| it.starts_with("\\\\")));
        at = one.as_ref().map_or(start + 1 + escaped, |(range, _)| range.end);
        found.extend(one);
    }
    found
}

fn formula(source: &str, start: usize) -> Option<(Range<usize>, String)> {
    let rest = source.get(start..)?;
    let (open, close, is_block) = MARKS.into_iter().find(|(open, ..)| rest.starts_with(open))?;
    let (inner, behind) = rest.strip_prefix(open)?.split_once(close)?;
    let range = start..start + open.len() + inner.len() + close.len();
    let words = inner.trim();
    if words.is_empty() || words.contains('`') || words.contains("\n\n") {
        return None;
    }
    let line = source.get(..start)?.rsplit('\n').next()?;
    // Brackets may be escaped for their own sake.
    if open == "\\[" && !words.contains(['\\', '^', '_', '=', '+']) {
        return None;
    }
    if is_block && line.trim().is_empty() && line.len() < 4 {
        let after = behind.split('\n').next().unwrap_or_default();
        let end = if after.trim().is_empty() { "" } else { "\n" };
        return Some((range, format!("{FENCE}latex\n{words}\n{FENCE}{end}")));
    }
    let is_price = open == "$"
        && (inner != words
            || !inner.contains(['\\', '^', '_'])
            || behind.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let is_one = open != "\\[" && !words.contains('\n') && words.len() <= LONGEST && !is_price;
    is_one.then(|| (range, format!("`{words}`")))
}
