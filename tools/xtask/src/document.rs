//! Parts of documents that commands write, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`; what
//! stands around them is people's.

use core::fmt::Display;
use core::ops::Sub;
use core::str::FromStr;

use anyhow::{Context as _, Result};

use crate::project;

/// Returns what is between the markers of this name.
///
/// # Errors
/// When they are not there.
pub fn part<'a>(document: &'a str, name: &str) -> Result<&'a str> {
    split(document, name).map(|(_, part, _)| part)
}

/// Returns the document with other lines between the markers of this name.
///
/// # Errors
/// When they are not there.
pub fn with_part(document: &str, name: &str, lines: &str) -> Result<String> {
    let (before, _, after) = split(document, name)?;
    let [begin, end] = markers(name);
    Ok(format!("{before}{begin}\n{lines}{end}{after}"))
}

/// As [`with_part`], in a file of the checkout.
///
/// # Errors
/// When it cannot be read or written, or the markers are not there.
pub fn write_part(path: &str, name: &str, lines: &str) -> Result<()> {
    let text = with_part(&project::read(path)?, name, lines).with_context(|| path.to_owned())?;
    let file = project::root()?.join(path);
    std::fs::write(file, text).with_context(|| format!("cannot write {path}"))
}

/// Returns the rows of a part's table that are a name and so many numbers: none, if there is no part.
pub fn counts<T: FromStr, const N: usize>(document: &str, name: &str) -> Vec<(String, [T; N])> {
    let rows = part(document, name).unwrap_or_default().lines();
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let name = cells.next()?.to_owned();
        let numbers: Option<Vec<T>> = cells.map(|cell| cell.parse().ok()).collect();
        Some((name, numbers?.try_into().ok()?))
    })
    .collect()
}

/// Returns by how much a count has changed, as `(+1)`.
pub fn delta<T: Copy + PartialOrd + Sub<Output: Display>>(now: T, before: T) -> String {
    if now >= before { format!("(+{})", now - before) } else { format!("(-{})", before - now) }
}

fn markers(name: &str) -> [String; 2] {
    ["begin", "end"].map(|word| format!("<!-- {name}:{word} -->"))
}

fn split<'a>(document: &'a str, name: &str) -> Result<(&'a str, &'a str, &'a str)> {
    let [begin, end] = markers(name);
    let parts = document.split_once(&begin).and_then(|(before, rest)| {
        let (part, after) = rest.split_once(&end)?;
        Some((before, part, after))
    });
    parts.with_context(|| format!("no {begin} and {end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb";

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let expected = "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb";
        assert_eq!(part(DOCUMENT, "x").unwrap(), "\nold\n");
        assert_eq!(with_part(DOCUMENT, "x", "new\n").unwrap(), expected);
        assert_eq!(with_part(expected, "x", "new\n").unwrap(), expected);
        let missing = with_part(DOCUMENT, "y", "new\n").unwrap_err().to_string();
        assert_eq!(missing, "no <!-- y:begin --> and <!-- y:end -->");
    }

    #[test]
    fn a_recorded_table_is_read_back() {
        let table = "| file | bytes | gzip |\n| --- | ---: | ---: |\n| a.wasm | 10 | 4 |\n";
        let document = with_part(DOCUMENT, "x", table).unwrap();
        assert_eq!(counts(&document, "x"), [("a.wasm".to_owned(), [10_u64, 4])]);
        assert_eq!(counts::<u64, 2>("nothing", "x"), []);
        assert_eq!((delta(5, 3), delta(3, 5)), ("(+2)".to_owned(), "(-2)".to_owned()));
    }
}
