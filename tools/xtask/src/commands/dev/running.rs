//! Where a running `cargo xtask dev` has its state, for commands in another terminal.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::problem::problem;
use crate::stack::Stack;
use crate::{process, project};

/// Notes where the state of this one is. What it has noted means nothing any more when it has ended.
///
/// # Errors
/// When it cannot be written.
pub fn note(stack: &Stack) -> Result<()> {
    let note = json!({ "process": std::process::id(), "state": stack.folder().join("state") });
    let file = file()?;
    std::fs::create_dir_all(file.parent().context("a file has no folder")?)?;
    std::fs::write(&file, note.to_string()).with_context(|| file.display().to_string())
}

/// Returns the state of the one that was started last in this checkout.
///
/// # Errors
/// When none runs.
pub fn state() -> Result<PathBuf> {
    let note = std::fs::read(file()?).ok();
    let note: Option<Value> = note.and_then(|note| serde_json::from_slice(&note).ok());
    note.as_ref().and_then(read).ok_or_else(|| {
        problem("no `cargo xtask dev` runs in this checkout", "start it in another terminal")
    })
}

fn read(note: &Value) -> Option<PathBuf> {
    let process = i32::try_from(note.get("process")?.as_u64()?).ok()?;
    let state = PathBuf::from(note.get("state")?.as_str()?);
    (process::exists(process) && state.is_dir()).then_some(state)
}

fn file() -> Result<PathBuf> {
    Ok(project::target()?.join("xtask/dev.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_has_a_state() {
        let here = std::env::temp_dir();
        let of = |process: u32, state: &str| read(&json!({ "process": process, "state": state }));
        let own = std::process::id();
        assert_eq!(of(own, here.to_str().unwrap()), Some(here.clone()));
        assert_eq!(of(own, "/no/such/folder"), None);
        assert_eq!(of(i32::MAX.unsigned_abs(), here.to_str().unwrap()), None);
        assert_eq!(read(&json!({})), None);
    }
}
