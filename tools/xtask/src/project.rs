//! Where things are: the checkout, cargo's target folder, and cargo itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

static PLACES: OnceLock<Places> = OnceLock::new();

#[derive(Debug, Clone)]
struct Places {
    root: PathBuf,
    target: PathBuf,
}

/// Returns the root of the checkout.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn root() -> Result<&'static Path> {
    places().map(|places| places.root.as_path())
}

/// Returns cargo's target folder, wherever it is configured to be.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn target() -> Result<&'static Path> {
    places().map(|places| places.target.as_path())
}

/// Returns a cargo command that runs in the root.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = bare_cargo();
    command.current_dir(root()?);
    let (subcommand, rest) = arguments.split_first().unzip();
    command.args(subcommand);
    if subcommand.is_some_and(|subcommand| COMPILING.contains(subcommand)) {
        command.arg("--locked");
    }
    command.args(rest.unwrap_or_default());
    Ok(command)
}

/// Commands of cargo that compile, and so take the dependencies that `Cargo.lock` names and no others.
const COMPILING: [&str; 6] = ["build", "check", "clippy", "doc", "run", "test"];

/// Reads a file of the checkout.
///
/// # Errors
/// When it is not there or not UTF-8.
pub fn read(path: &str) -> Result<String> {
    let file = root()?.join(path);
    std::fs::read_to_string(&file).with_context(|| format!("cannot read {path}"))
}

fn bare_cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // A dependency of wasm-bindgen's test server draws a report on every build; nothing to do here.
    command.env("CARGO_FUTURE_INCOMPAT_REPORT_FREQUENCY", "never");
    command
}

fn places() -> Result<&'static Places> {
    if let Some(places) = PLACES.get() {
        return Ok(places);
    }
    let mut command = bare_cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&process::capture(&mut command)?)
        .context("cargo metadata did not print JSON")?;
    let path = |name: &str| {
        let text = metadata.get(name).and_then(Value::as_str);
        text.map(PathBuf::from).with_context(|| format!("cargo metadata has no {name}"))
    };
    let places = Places { root: path("workspace_root")?, target: path("target_directory")? };
    Ok(PLACES.get_or_init(|| places))
}
