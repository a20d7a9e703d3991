//! `cargo xtask check`: format, clippy and documentation for both targets, and tidy.

use std::process::Command;

use anyhow::{Result, bail};

use super::tidy;
use crate::setup::{self, say, step};
use crate::{process, project};

/// One cargo command that has to succeed.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Name of the stage.
    pub name: &'static str,
    /// Arguments of cargo.
    arguments: &'static [&'static str],
}

/// All parts but tidy, quick ones first.
pub const PARTS: [Part; 5] = [
    Part { name: "format", arguments: &["fmt", "--all", "--check"] },
    Part {
        name: "clippy",
        arguments: &["clippy", "-q", "--workspace", "--all-targets", "--", "-D", "warnings"],
    },
    Part {
        name: "clippy-wasm",
        arguments: &[
            "clippy",
            "-q",
            "-p",
            "miyabi",
            "-p",
            "workflow-example",
            "--lib",
            "--tests",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ],
    },
    Part {
        name: "docs",
        arguments: &["doc", "-q", "--workspace", "--no-deps", "--document-private-items"],
    },
    Part {
        name: "docs-wasm",
        arguments: &[
            "doc",
            "-q",
            "-p",
            "miyabi",
            "-p",
            "workflow-example",
            "--no-deps",
            "--document-private-items",
            "--target",
            "wasm32-unknown-unknown",
        ],
    },
];

impl Part {
    /// Returns the cargo command.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub fn command(&self) -> Result<Command> {
        let mut command = project::cargo(self.arguments)?;
        command.env("RUSTDOCFLAGS", "-Dwarnings");
        Ok(command)
    }
}

/// Runs all parts and tidy, and fails at the end if any did.
///
/// # Errors
/// When a tool is missing or a part fails.
pub fn run() -> Result<()> {
    setup::c_compiler()?;
    setup::wasm_target()?;
    setup::components()?;
    let mut failed = Vec::new();
    for part in PARTS {
        say(part.name);
        if step(part.name, || process::run(&mut part.command()?)).is_err() {
            failed.push(part.name);
        }
    }
    say("tidy");
    if let Err(error) = tidy::run(tidy::Mode::Check) {
        eprintln!("{error:#}");
        failed.push("tidy");
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
