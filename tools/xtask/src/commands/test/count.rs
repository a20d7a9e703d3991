//! Counting results from what test programs print.

use std::fmt;

const RESULT: &str = "test result: ";
const VITEST_RESULT: &str = "Tests  ";

/// Results of any number of test programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that did not run: ignored or filtered out.
    pub skipped: u64,
    /// Test programs that reported.
    pub programs: u64,
}

impl Count {
    /// Adds a line of output, if it is a program's result.
    ///
    /// # Shape
    /// `test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s`;
    /// wasm-bindgen's runner prints the same without `measured`; Vitest `Tests  1 failed | 2 passed (3)`.
    pub fn read(&mut self, line: &str) {
        if let Some(numbers) = line.trim_start().strip_prefix(VITEST_RESULT) {
            let numbers = numbers.split('(').next().unwrap_or_default();
            self.read_numbers(numbers.split(" | "));
            return;
        }
        let Some((_, result)) = line.split_once(RESULT) else { return };
        let (_, numbers) = result.split_once(". ").unwrap_or(("", result));
        self.read_numbers(numbers.split("; "));
    }

    fn read_numbers<'a>(&mut self, parts: impl Iterator<Item = &'a str>) {
        self.programs += 1;
        for part in parts {
            let mut words = part.trim().splitn(2, ' ');
            let number = words.next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored" | "filtered out" | "skipped" | "todo") => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Adds another count.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.programs += other.programs;
    }

    /// Returns why these results of a command that ended so are not good enough.
    pub fn cause(&self, has_succeeded: bool) -> Option<String> {
        if self.failed > 0 {
            Some(format!("{} failed", self.failed))
        } else if !has_succeeded {
            Some("it did not build, or a test program crashed".to_owned())
        } else if self.skipped > 0 {
            Some(format!("{} skipped; every test has to run", self.skipped))
        } else if self.passed == 0 {
            Some("no test ran".to_owned())
        } else {
            None
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(formatter, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(lines: &[&str]) -> Count {
        let mut count = Count::default();
        for line in lines {
            count.read(line);
        }
        count
    }

    #[test]
    fn reads_both_kinds_of_result_lines() {
        let count = count(&[
            "running 3 tests",
            "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 5 passed; 1 failed; 2 ignored; 4 filtered out; finished in 0.02s",
            "test result: something else",
        ]);
        assert_eq!(count, Count { passed: 7, failed: 1, skipped: 6, programs: 3 });
    }

    #[test]
    fn reads_the_line_of_vitest() {
        let count = count(&[
            " Test Files  1 failed (1)",
            "      Tests  2 failed | 17 passed | 1 skipped (20)",
        ]);
        assert_eq!(count, Count { passed: 17, failed: 2, skipped: 1, programs: 1 });
    }

    #[test]
    fn says_what_is_not_good_enough() {
        let ok = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;";
        let ignored = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out;";
        assert_eq!(count(&[ok]).cause(true), None);
        assert!(count(&[ok]).cause(false).is_some());
        assert!(count(&[ignored]).cause(true).is_some());
        assert!(count(&[]).cause(true).is_some());
    }
}
