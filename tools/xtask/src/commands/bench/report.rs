//! What was measured, as tables that people read.

use super::statistics::{Spread, spread};

/// One table and a sentence above it.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Heading.
    pub title: String,
    /// What was done.
    pub note: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns it as Markdown: the first column is text, the others are numbers.
    pub fn to_markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> = (0..self.head.len())
            .map(|column| if column == 0 { "---" } else { "---:" }.to_owned())
            .collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        let (title, note) = (&self.title, &self.note);
        format!("### {title}\n\n{note}\n\n{}{}{rows}", line(&self.head), line(&rule))
    }
}

/// Returns median and range, or one number where they are the same.
pub fn cell(values: &[f64]) -> String {
    let Spread { low, median, high } = spread(values);
    if number(low) == number(high) {
        return number(median);
    }
    format!("{} ({} to {})", number(median), number(low), number(high))
}

/// Returns a number with three significant digits; what is whole, or large, without a fraction.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    match value.abs() {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let table = Table {
            title: "Size".to_owned(),
            note: "In bytes.".to_owned(),
            head: vec!["file".to_owned(), "bytes".to_owned()],
            rows: vec![vec!["a".to_owned(), "1".to_owned()]],
        };
        let expected = "### Size\n\nIn bytes.\n\n| file | bytes |\n| --- | ---: |\n| a | 1 |\n";
        assert_eq!(table.to_markdown(), expected);
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!(cell(&[1234.5, 12.34, 0.1234]), "12.3 (0.12 to 1234)");
        assert_eq!((cell(&[]), cell(&[8.0, 8.0])), ("–".to_owned(), "8".to_owned()));
        assert_eq!((number(f64::INFINITY), number(0.0)), ("–".to_owned(), "0".to_owned()));
    }
}
