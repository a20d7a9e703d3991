//! Finds changed files by looking at the time of their last change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use crate::project;

/// What the Worker and its page are made from.
const PLACES: [&str; 9] = [
    "src",
    "crates",
    "migrations",
    "wrangler.toml",
    "Cargo.toml",
    "Cargo.lock",
    "web/src",
    "web/public",
    "web/index.html",
];

/// Files with the time of their last change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Option<SystemTime>>);

/// Looks at all files that the Worker is made from.
///
/// # Errors
/// When the project cannot be found.
pub fn look() -> Result<Snapshot> {
    let root = project::root()?;
    let mut snapshot = Snapshot::default();
    for place in PLACES {
        snapshot.add(&root.join(place));
    }
    Ok(snapshot)
}

impl Snapshot {
    fn add(&mut self, path: &Path) {
        // What vanishes between two looks counts as changed.
        let Ok(metadata) = path.metadata() else { return };
        if !metadata.is_dir() {
            self.0.insert(path.to_owned(), metadata.modified().ok());
            return;
        }
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            // Editors keep their own files beside.
            if !name.to_string_lossy().starts_with('.') {
                self.add(&entry.path());
            }
        }
    }

    /// Returns the first file that is different, if one is.
    pub fn changed_since<'a>(&'a self, before: &'a Self) -> Option<&'a Path> {
        let is_new =
            |(path, time): &(&PathBuf, &Option<SystemTime>)| before.0.get(*path) != Some(time);
        let changed = self.0.iter().find(is_new).map(|(path, _)| path);
        changed
            .or_else(|| before.0.keys().find(|path| !self.0.contains_key(*path)))
            .map(PathBuf::as_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_is_written_and_what_is_removed() {
        let folder = std::env::temp_dir().join(format!("miyabi-watch-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        let (file, hidden) = (folder.join("inner/a.rs"), folder.join(".a.rs.swp"));
        let look = || {
            let mut snapshot = Snapshot::default();
            snapshot.add(&folder);
            snapshot
        };
        let empty = look();
        std::fs::write(&hidden, "x").unwrap();
        assert_eq!(look().changed_since(&empty), None);
        std::fs::write(&file, "x").unwrap();
        let one = look();
        assert_eq!(one.changed_since(&empty), Some(file.as_path()));
        assert_eq!(look().changed_since(&one), None);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(look().changed_since(&one), Some(file.as_path()));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
