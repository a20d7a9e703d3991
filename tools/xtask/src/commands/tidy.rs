//! `cargo xtask tidy` checks what no other tool checks.
//!
//! 1. The settings agree in code, the guide and `wrangler.toml`.
//! 2. The steps of the Workflow agree in code and documentation.
//! 3. No type has an attribute that its reader does not see.

pub mod attributes;
pub mod settings;
pub mod steps;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::project;

/// Folders without code of the Worker, by path from the root.
const SKIPPED: [&str; 7] =
    ["target", "build", "node_modules", "tools", "tests", ".git", ".wrangler"];

/// What to do about the part of the guide that is written by this command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only report.
    Check,
    /// Write the table of settings in docs/guide/configure.md first.
    Fix,
}

/// A Rust file of the Worker.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path from the root, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
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
    let mut findings = steps::check(&project::read(steps::DOCUMENT)?, &sources);
    findings.extend(attributes::check(&sources));
    findings.extend(settings::check()?);
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
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source { path: name, text: std::fs::read_to_string(&path)? });
        }
    }
    Ok(())
}
