//! Parts of documents that commands write: they stand between `<!-- NAME:begin -->` and
//! `<!-- NAME:end -->`. The rest of a document is written by people.

use core::fmt::Display;
use core::ops::Sub;

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
    fn a_difference_has_a_sign() {
        assert_eq!((delta(5, 3), delta(3, 5)), ("(+2)".to_owned(), "(-2)".to_owned()));
    }
}
