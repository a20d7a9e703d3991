//! Lines of what was looked at: what, its state, and what to do.

use std::fmt;

use crate::problem::Problem;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// Not known, or not as it should be and no harm yet.
    Warn,
    /// It does not work like this.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What.
    pub what: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do; empty if nothing.
    pub hint: String,
}

/// All lines, by section.
#[derive(Debug, Clone, Default)]
pub struct Report {
    sections: Vec<(String, Vec<Line>)>,
}

impl Line {
    /// Returns a line about what is well.
    pub fn ok(what: &str, detail: impl Into<String>) -> Self {
        Self::new(what, State::Ok, detail, "")
    }

    /// Returns a line about what is not known or does no harm yet.
    pub fn warn(what: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(what, State::Warn, detail, hint)
    }

    /// Returns a line about what does not work.
    pub fn fail(what: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(what, State::Fail, detail, hint)
    }

    /// Returns a line about something that failed: a [`Problem`] brings its own hint.
    pub fn error(what: &str, error: &anyhow::Error) -> Self {
        match error.downcast_ref::<Problem>() {
            Some(problem) => Self::fail(what, &problem.what, &problem.hint),
            None => Self::fail(what, format!("{error:#}"), ""),
        }
    }

    fn new(what: &str, state: State, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        // One line each, whatever a program or a server has said.
        let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { what: what.to_owned(), state, detail: flat(detail.into()), hint: flat(hint.into()) }
    }
}

impl Report {
    /// Adds a section.
    pub fn add(&mut self, title: &str, lines: Vec<Line>) {
        self.sections.push((title.to_owned(), lines));
    }

    /// Adds all of another report.
    pub fn extend(&mut self, other: Self) {
        self.sections.extend(other.sections);
    }

    /// Returns how many lines have this state.
    pub fn count(&self, state: State) -> usize {
        self.lines().filter(|line| line.state == state).count()
    }

    /// Returns all lines.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.sections.iter().flat_map(|(_, lines)| lines)
    }

    /// Returns the line about something, if there is one.
    pub fn line(&self, what: &str) -> Option<&Line> {
        self.lines().find(|line| line.what == what)
    }

    /// Returns how many lines have which state.
    pub fn sum(&self) -> String {
        let [ok, warn, fail] = [State::Ok, State::Warn, State::Fail].map(|state| self.count(state));
        format!("{ok} ok, {warn} warn, {fail} FAIL")
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, state, detail, hint } = self;
        writeln!(formatter, "  {state:<4}  {what:<22}  {detail}")?;
        if hint.is_empty() { Ok(()) } else { writeln!(formatter, "        → {hint}") }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, lines) in &self.sections {
            writeln!(formatter, "{title}")?;
            for line in lines {
                write!(formatter, "{line}")?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::problem;

    #[test]
    fn a_line_says_what_how_and_what_to_do() {
        let mut report = Report::default();
        report
            .add("Tools", vec![Line::ok("npm", "12.0"), Line::warn("chromium", "none", "get it")]);
        let mut more = Report::default();
        more.add("Worker", vec![Line::fail("health", "two\n  lines", "")]);
        report.extend(more);
        let expected = "Tools
  ok    npm                     12.0
  warn  chromium                none
        → get it

Worker
  FAIL  health                  two lines

";
        assert_eq!(report.to_string(), expected);
        assert_eq!(report.sum(), "1 ok, 1 warn, 1 FAIL");
        assert_eq!(report.line("health").map(|line| line.state), Some(State::Fail));
    }

    #[test]
    fn an_error_brings_its_hint() {
        let line = Line::error("npm", &problem("not found", "install it"));
        assert_eq!(line, Line::fail("npm", "not found", "install it"));
        let line = Line::error("npm", &anyhow::anyhow!("broken"));
        assert_eq!((line.detail.as_str(), line.hint.as_str()), ("broken", ""));
    }
}
