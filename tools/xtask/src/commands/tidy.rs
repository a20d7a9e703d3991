//! `cargo xtask tidy`: the rules that no other tool knows. A rule that matters is executable.

pub mod crates;
pub mod layers;
pub mod lines;
pub mod packages;
pub mod settings;
pub mod steps;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::project;

/// Folders that are not ours to read, by path from the root.
const SKIPPED: [&str; 7] = [
    "target",
    "build",
    "node_modules",
    "tools/bench/peer/node_modules",
    ".git",
    ".wrangler",
    "tools/lab/data",
];

/// What to do about the parts that are written by a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only report.
    Check,
    /// Write the README's table of settings first.
    Fix,
}

/// A text file of the project.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path from the root, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
}

impl Source {
    /// Returns whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    /// Returns whether its name ends so, after a dot.
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// Checks every rule and lists every finding.
///
/// # Errors
/// When there are findings, or the project cannot be read.
pub fn run(mode: Mode) -> Result<()> {
    if mode == Mode::Fix {
        settings::write_table()?;
    }
    let sources = sources()?;
    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(lines::check(source));
        findings.extend(layers::check(source));
    }
    findings.extend(steps::check(&sources));
    findings.extend(settings::check()?);
    findings.extend(crates::check()?);
    findings.extend(packages::check(&sources));
    if findings.is_empty() {
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("tidy: {} to repair", findings.len())
}

fn sources() -> Result<Vec<Source>> {
    let root = project::root()?;
    let mut sources = Vec::new();
    walk(root, root, &mut sources)?;
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn walk(root: &Path, folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
        if SKIPPED.contains(&name.as_str()) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, sources)?;
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            sources.push(Source { path: name, text });
        }
    }
    Ok(())
}
