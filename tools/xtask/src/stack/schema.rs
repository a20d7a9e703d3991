//! The schema of a stack's database, which is what wrangler makes of the migrations.
//!
//! 1. The first stack of a schema has wrangler apply the migrations, and its state is kept under `target/xtask/state`.
//! 2. Each later one begins with a copy, which costs milliseconds in place of a second of Node's.
//!
//! What is kept is named for all that it was made from. A stack that has state already takes the first way.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use super::{STATE, config, worker};
use crate::project;
use crate::setup::Npm;

/// Gives a new stack a database with all migrations. Its folder has the configuration, and no state.
///
/// # Errors
/// When wrangler cannot apply one, or a file cannot be copied.
pub(super) fn make(npm: &Npm, folder: &Path) -> Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let (state, kept) = (folder.join(STATE), kept()?);
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.is_dir() {
        return copy(&kept, &state);
    }
    migrate(npm, folder)?;
    // Renamed when it is whole. Another program may have been quicker, with the same.
    let partial = kept.with_extension(std::process::id().to_string());
    copy(&state, &partial)?;
    if std::fs::rename(&partial, &kept).is_err() {
        std::fs::remove_dir_all(&partial)?;
    }
    Ok(())
}

/// Has wrangler apply those migrations that the stack's database does not have.
///
/// # Errors
/// When one fails.
pub(super) fn migrate(npm: &Npm, folder: &Path) -> Result<()> {
    let config = config::parse(&project::read("wrangler.toml")?)?;
    worker::migrate(npm, folder, config::database(&config)?)
}

/// Returns where the state with the migrations of now is kept.
fn kept() -> Result<PathBuf> {
    let root = project::root()?;
    let name = name(
        &[root.join("package-lock.json"), root.join("wrangler.toml")],
        &root.join("migrations"),
    )?;
    Ok(project::target()?.join("xtask/state").join(name))
}

/// Returns a name for these files and all migrations.
fn name(files: &[PathBuf], migrations: &Path) -> Result<String> {
    let entries = std::fs::read_dir(migrations).context("migrations")?;
    let mut inputs: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inputs.sort();
    inputs.extend_from_slice(files);
    let mut hasher = DefaultHasher::new();
    for path in inputs {
        path.file_name().hash(&mut hasher);
        std::fs::read(&path).with_context(|| path.display().to_string())?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_named_for_the_migrations_and_the_versions() {
        let root = std::env::temp_dir().join(format!("miyabi-schema-{}", std::process::id()));
        let (migrations, lock) = (root.join("migrations"), root.join("package-lock.json"));
        std::fs::create_dir_all(&migrations).unwrap();
        let mut names = Vec::new();
        for (file, text) in [
            (lock.clone(), "1"),
            (migrations.join("0001_first.sql"), "CREATE TABLE a (b)"),
            (migrations.join("0001_first.sql"), "CREATE TABLE a (c)"),
            (migrations.join("0002_second.sql"), "CREATE TABLE d (e)"),
            (lock.clone(), "2"),
        ] {
            std::fs::write(file, text).unwrap();
            names.push(name(std::slice::from_ref(&lock), &migrations).unwrap());
        }
        assert_eq!(name(&[lock], &migrations).unwrap(), names[4]);
        let whole = root.join("copies/whole");
        copy(&root.join("migrations"), &whole.join("inner")).unwrap();
        let second = std::fs::read_to_string(whole.join("inner/0002_second.sql")).unwrap();
        assert_eq!(second, "CREATE TABLE d (e)");
        std::fs::remove_dir_all(&root).unwrap();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 5, "{names:?}");
    }
}
