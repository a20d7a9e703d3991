//! Prints an answer as its reader sees it grow.

use std::io::Write as _;

/// What stands before each line of a message.
pub(super) const INDENT: &str = "    ";

/// Indents all lines of a text but its first.
pub(super) fn indented(text: &str) -> String {
    text.replace('\n', &format!("\n{INDENT}"))
}

/// What was printed of an answer.
#[derive(Debug, Default)]
pub(super) struct Printed(String);

impl Printed {
    /// Prints what is new in what is said by now.
    pub(super) fn show(&mut self, said: &str) {
        print!("{}", self.next(said));
        // Without a terminal it is shown at the end of a line, which is no harm.
        std::io::stdout().flush().ok();
    }

    /// Returns what is to be printed.
    pub(super) fn next(&mut self, said: &str) -> String {
        // A preview that is taken back stays on the screen until something else is said.
        if said.is_empty() || said == self.0 || self.0.starts_with(said) {
            return String::new();
        }
        let line = match said.strip_prefix(self.0.as_str()) {
            Some(more) if !self.0.is_empty() => indented(more),
            Some(all) => format!("{INDENT}{}", indented(all)),
            None => format!("\n  (anew)\n{INDENT}{}", indented(said)),
        };
        said.clone_into(&mut self.0);
        line
    }

    /// Whether nothing was printed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
