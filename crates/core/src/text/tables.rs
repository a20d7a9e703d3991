//! Tables for platforms that show none: a small one as aligned columns, any other as a list of its rows.
//!
//! Models write Markdown tables wherever they compare things. A chat application that does not know them shows
//! bars and dashes, which a phone wraps after some thirty characters. So a table becomes one of two things:
//!
//! - a block of code with aligned columns, if it is narrow, and of characters that are equally wide in the
//!   fonts of phones, and has no markup, which a block of code would not show;
//! - else each row by itself: its first cell in bold type, and below it a line for each other cell, with the
//!   name of its column.
//!
//! What counts as a table is as in [GitHub's Markdown](https://github.github.com/gfm/#tables-extension-): a
//! line with a bar, a line of dashes with as many cells, and lines until one without a bar.

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use super::chars;
use super::markup::FENCE;

/// Widest block of code that a phone shows without wrapping its lines, in code points.
const MAX_WIDTH: usize = 32;

/// Returns the text with each table in a form that is legible on a phone; the rest is as it was, and so are
/// tables in code and in quotes.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::tables::lay_out;
/// assert_eq!(lay_out("| a | b |\n|---|--:|\n| one | 2 |"), "```\na   | b\n----+--\none | 2\n```");
/// assert_eq!(lay_out("| 店 | 値段 |\n|---|---|\n| 雅 | 300円 |"), "**店: 雅**\n- 値段: 300円");
/// ```
pub fn lay_out(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let code = in_code(&lines);
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let is_text = |at: usize| code.get(at) == Some(&false);
        let below = lines.get(index + 1).filter(|_| is_text(index) && is_text(index + 1));
        let columns = below.and_then(|below| columns_of(line, below));
        let Some(columns) = columns else {
            out.push((*line).to_owned());
            index += 1;
            continue;
        };
        let start = index + 2;
        let end = (start..lines.len())
            .find(|at| !is_text(*at) || lines.get(*at).is_none_or(|line| !is_row(line)))
            .unwrap_or(lines.len());
        let rows = lines.get(start..end).unwrap_or_default();
        let table = lines.get(index..end).unwrap_or_default();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
        let laid = is_fit(line, table)
            .then(|| as_block(&columns, &rows).unwrap_or_else(|| as_list(&columns, &rows)));
        out.push(laid.unwrap_or_else(|| table.join("\n")));
        index = end;
    }
    out.join("\n")
}

/// Says whether a line below a table is a row of it. What the program adds to an answer, in small print, is none.
fn is_row(line: &str) -> bool {
    line.contains('|') && !line.starts_with("-# ")
}

/// A column: its name, and on which side its cells stand.
#[derive(Debug)]
struct Column {
    name: String,
    is_right: bool,
}

/// Says of each line whether a part of it is in a block of code, or might be: one runs from three backticks or
/// more to the next such run, as in [`super::markup`], or to the end.
fn in_code(lines: &[&str]) -> Vec<bool> {
    let mut is_open = false;
    let of_line = |line: &&str| {
        let was_open = is_open;
        let runs = line.split(|c| c != '`').filter(|run| run.len() >= FENCE.len());
        let fences = runs.count();
        is_open ^= fences % 2 == 1;
        was_open || fences > 0
    };
    lines.iter().map(of_line).collect()
}

/// Returns the columns that a header and the line below it make; `None` if they are no table.
fn columns_of(header: &str, below: &str) -> Option<Vec<Column>> {
    if !header.contains('|') || header.trim_start().starts_with('>') {
        return None;
    }
    let (names, marks) = (cells(header), cells(below));
    let is_mark = |mark: &String| {
        let dashes = mark.strip_prefix(':').unwrap_or(mark);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
    };
    let is_table = names.len() == marks.len() && below.contains(['|', ':']) | (marks.len() == 1);
    if !is_table || !marks.iter().all(is_mark) {
        return None;
    }
    let is_right = |mark: &String| mark.ends_with(':') && !mark.starts_with(':');
    let columns = names.into_iter().zip(&marks);
    Some(columns.map(|(name, mark)| Column { name, is_right: is_right(mark) }).collect())
}

/// Says whether a table does not grow out of all proportion if each row repeats the names of the columns.
fn is_fit(header: &str, table: &[&str]) -> bool {
    let len: usize = table.iter().map(|line| line.len()).sum();
    header.len() * table.len() <= 4 * len + 4_000
}

/// Splits a line at its bars. A bar behind a backslash belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '\\' if rest.next_if_eq(&'|').is_some() => cell.push('|'),
            '|' if rest.peek().is_none() => break,
            '|' => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// Returns a table as aligned columns; `None` if that would not be legible.
fn as_block(columns: &[Column], rows: &[Vec<String>]) -> Option<String> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let all = || core::iter::once(&names).chain(rows);
    if !all().flatten().all(|cell| is_plain(cell)) {
        return None;
    }
    let is_even = all().all(|row| row.len() <= columns.len());
    let width = |at: usize| all().filter_map(|row| row.get(at)).map(|cell| chars(cell)).max();
    let widths: Vec<usize> = (0..columns.len()).filter_map(width).collect();
    let bars = 3 * columns.len().saturating_sub(1);
    if !is_even || widths.iter().sum::<usize>() + bars > MAX_WIDTH {
        return None;
    }
    let line_of = |row: &Vec<String>| {
        let cell = |(at, (column, width)): (usize, (&Column, &usize))| {
            let cell = row.get(at).map_or("", String::as_str);
            if column.is_right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        };
        let cells: Vec<String> = columns.iter().zip(&widths).enumerate().map(cell).collect();
        cells.join(" | ").trim_end().to_owned()
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines = vec![FENCE.to_owned(), line_of(&names), rule.join("-+-")];
    lines.extend(rows.iter().map(line_of));
    lines.push(FENCE.to_owned());
    Some(lines.join("\n"))
}

/// Says whether a cell is equally wide in every font of a block of code, and reads there as it does outside.
fn is_plain(cell: &str) -> bool {
    let is_markup = |c: char| matches!(c, '*' | '_' | '`' | '~' | '[' | '<' | '\\');
    cell.chars().all(|c| is_even(c) && !is_markup(c))
        && !cell.contains("://")
        && !cell.contains("||")
}

/// Says whether a character is as wide as others in a block of code: those of European languages are.
fn is_even(c: char) -> bool {
    let is_latin = matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{17f}');
    let is_letter = matches!(c, '\u{386}'..='\u{3ce}' | '\u{400}'..='\u{45f}') && c.is_alphabetic();
    is_latin || is_letter || matches!(c, '–' | '‘' | '’' | '“' | '”' | '„' | '•' | '…' | '€')
}

/// Returns a table row by row.
fn as_list(columns: &[Column], rows: &[Vec<String>]) -> String {
    let name = |at: usize| columns.get(at).map_or("", |column| column.name.as_str());
    let mut lines = Vec::new();
    if rows.iter().all(|row| row.len() < columns.len()) {
        // There are names that no row repeats.
        let names: Vec<&str> = (0..columns.len()).map(name).collect();
        lines.push(names.join(" / "));
    }
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            let Some(text) = labelled(name(at), cell) else { continue };
            // A bold text in bold type would end it.
            let is_bold = at == 0 && !text.contains("**");
            lines.push(match (at, is_bold) {
                (0, true) => format!("**{text}**"),
                (0, false) => text,
                _ => format!("- {text}"),
            });
        }
    }
    lines.join("\n")
}

/// Returns a cell behind the name of its column, if that has one; `None` if there is nothing to show.
fn labelled(name: &str, cell: &str) -> Option<String> {
    match (name, cell) {
        ("", "") => None,
        ("", _) => Some(cell.to_owned()),
        (_, "") => Some(format!("{name}: –")),
        _ => Some(format!("{name}: {cell}")),
    }
}
