//! Reads and changes the local D1 database behind the Worker's back.
//!
//! The pinned Node brings `SQLite`, so this costs a short process and no dependency; asking
//! wrangler takes seconds and starts a second runtime on the same file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::process;
use crate::setup::Npm;

const SCRIPT: &str = r#"
const { DatabaseSync } = require("node:sqlite");
const [file, statement, parameters] = process.argv.slice(1);
const database = new DatabaseSync(file, { timeout: 5000 });
console.log(JSON.stringify(database.prepare(statement).all(...JSON.parse(parameters))));
"#;

/// Runs one statement and returns its rows as JSON objects.
///
/// # Errors
/// When there is no database yet, or the statement fails.
pub fn query(npm: &Npm, state: &Path, statement: &str, parameters: &[&str]) -> Result<Vec<Value>> {
    let mut command = npm.node();
    command.args(["--no-warnings", "-e", SCRIPT]).arg(file(state)?);
    command.args([statement, &json!(parameters).to_string()]);
    let rows: Value = serde_json::from_str(&process::capture(&mut command)?)?;
    rows.as_array().cloned().context("node printed no rows")
}

/// Returns the file of the only D1 database under wrangler's state.
fn file(state: &Path) -> Result<PathBuf> {
    let folder = state.join("v3/d1/miniflare-D1DatabaseObject");
    let entries = std::fs::read_dir(&folder).context("there is no local D1 database yet")?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| {
        let is_database = path.extension().is_some_and(|extension| extension == "sqlite");
        is_database && path.file_stem().is_some_and(|stem| stem != "metadata")
    });
    files.next().context("there is no local D1 database yet")
}
