//! Tables in Markdown.

use core::fmt::Write as _;

/// A table, row by row. The first column is text; the others are numbers, if they are to be.
#[derive(Debug)]
pub struct Table(String);

impl Table {
    /// Begins a table whose other columns are text too.
    pub fn of_text(head: &[&str]) -> Self {
        Self::begin(head, "---")
    }

    /// Begins a table of numbers.
    pub fn of_numbers(head: &[&str]) -> Self {
        Self::begin(head, "---:")
    }

    fn begin(head: &[&str], other: &str) -> Self {
        let rules: Vec<&str> =
            (0..head.len()).map(|index| if index == 0 { "---" } else { other }).collect();
        let mut table = Self(String::new());
        table.row(head);
        table.row(&rules);
        table
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        self.0.push('|');
        for cell in cells {
            // A `String` takes whatever is written.
            let _written = write!(self.0, " {} |", cell.as_ref());
        }
        self.0.push('\n');
    }

    /// Returns its text.
    pub fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::of_numbers(&["a", "b"]);
        table.row(&["c", "1"]);
        assert_eq!(table.text(), "| a | b |\n| --- | ---: |\n| c | 1 |\n");
    }
}
