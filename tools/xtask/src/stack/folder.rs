//! Where a stack keeps its files.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;

use crate::{process, project};

/// A folder of its own for each stack; dropping it removes it.
#[derive(Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Makes one, and removes those whose processes are gone.
    pub(super) fn make() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let stacks = project::target()?.join("stack");
        sweep(&stacks);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = stacks.join(format!("{}-{number}", std::process::id()));
        process::temporary_folder(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        process::forget_folder(&self.0);
    }
}

/// Removes what killed processes have left.
fn sweep(stacks: &Path) {
    for entry in std::fs::read_dir(stacks).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split('-').next()?.parse().ok());
        if owner.is_some_and(|owner| !process::exists(owner)) {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}
