//! `cargo xtask scale`: what a million questions a day cost and which limits they meet, by arithmetic
//! and by a simulated day, written into `docs/design/scale.md` and the README, or compared with them.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::simulate::PROFILE;
use crate::problem::problem;
use crate::setup::say;
use crate::{document, process, project};

const DOCUMENT: &str = "docs/design/scale.md";
const README: &str = "README.md";

/// What to do with the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write them.
    Write,
    /// Compare them.
    Check,
}

/// Builds `scale/`, runs it, and writes or compares what it prints.
///
/// # Errors
/// When it does not build, a marker is missing, or a table is another one.
pub fn run(mode: Mode) -> Result<()> {
    process::run(&mut project::cargo(&["build", "-q", "--profile", PROFILE, "-p", "scale"])?)?;
    say("simulating a day, about half a minute …");
    update(mode, README, &["readme"])?;
    update(mode, DOCUMENT, &[])
}

fn update(mode: Mode, file: &str, options: &[&str]) -> Result<()> {
    let program = project::target()?.join(PROFILE).join("scale");
    let printed = process::capture(Command::new(program).args(options))?;
    let before = project::read(file)?;
    let after = with_parts(&before, &printed).with_context(|| file.to_owned())?;
    if after == before {
        return Ok(());
    }
    if mode == Mode::Check {
        return Err(problem(
            format!("{file}: its numbers are not those that `scale/` counts"),
            "`cargo xtask scale` writes them; read whether the text around them is still true",
        ));
    }
    std::fs::write(project::root()?.join(file), after).with_context(|| file.to_owned())
}

/// Puts each part, which begins with `== NAME`, between the markers of its name.
fn with_parts(document: &str, printed: &str) -> Result<String> {
    let mut document = document.to_owned();
    for part in printed.split("== ").filter(|part| !part.is_empty()) {
        let (name, text) = part.split_once('\n').context("a part without a name")?;
        document = document::with_part(&document, &format!("scale:{name}"), text)?;
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_between_their_markers() {
        let document = "a\n<!-- scale:x:begin -->\nold\n<!-- scale:x:end -->\nb\n";
        let expected = "a\n<!-- scale:x:begin -->\nnew\n<!-- scale:x:end -->\nb\n";
        assert_eq!(with_parts(document, "== x\nnew\n").unwrap(), expected);
        assert_eq!(with_parts(expected, "== x\nnew\n").unwrap(), expected);
        assert!(with_parts(document, "== y\nnew\n").is_err());
    }
}
