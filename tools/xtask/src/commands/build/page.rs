//! The chat page: Vite makes `web/dist`, which wrangler uploads as static assets beside the Worker.
//!
//! A browser that has loaded the page before a deployment asks for files of that build later. Their names have
//! a hash of their content, so those of the build before are kept beside the new ones.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::files;
use crate::setup::{self, Npm, step};
use crate::{process, project};

/// Folder of the page's sources and packages.
const FOLDER: &str = "web";
/// What is uploaded.
pub const ASSETS: &str = "web/dist";
/// What of the page's folder makes it another page.
const SOURCES: [&str; 6] =
    ["src", "public", "index.html", "vite.config.ts", "tsconfig.json", "package-lock.json"];
/// The description of the HTTP API, which is served beside the page.
const DESCRIPTION: &str = "src/routes/api/openapi.json";
/// List that Vite writes of its files: which loads which.
const MANIFEST: &str = "files.json";
/// Folder of the files whose names have a hash.
const HASHED: &str = "assets";

/// Builds the page, unless what is there is up to date.
///
/// # Errors
/// When npm or Vite fails.
pub fn run(npm: &Npm) -> Result<()> {
    let root = project::root()?;
    let (source, assets) = (root.join(FOLDER), root.join(ASSETS));
    let state = project::target()?.join("xtask/page");
    let stamp = state.join("stamp");
    let hash = fingerprint(root)?;
    let is_made =
        ["index.html", "openapi.json", MANIFEST].iter().all(|it| assets.join(it).is_file());
    if is_made && std::fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == hash) {
        return Ok(());
    }
    setup::packages(FOLDER)?;
    let before = hashed(&assets.join(MANIFEST)).unwrap_or_default();
    step("the page", || process::run(&mut vite(npm, &source)))?;
    std::fs::copy(root.join(DESCRIPTION), assets.join("openapi.json")).context(DESCRIPTION)?;
    let kept: BTreeSet<String> =
        hashed(&assets.join(MANIFEST))?.into_iter().chain(before).collect();
    remove_others(&assets.join(HASHED), &kept)?;
    std::fs::create_dir_all(&state)?;
    std::fs::write(stamp, hash)?;
    Ok(())
}

/// Checks the types of the page's code and of its tests.
///
/// # Errors
/// When npm fails, or a type is wrong.
pub fn types() -> Result<()> {
    process::run(tool("typescript/bin/tsc")?.arg("--noEmit"))
}

/// Returns the command that runs the page's tests which need no browser.
///
/// # Errors
/// When npm fails.
pub fn tests() -> Result<Command> {
    let mut command = tool("vitest/vitest.mjs")?;
    command.arg("run").env("NO_COLOR", "1");
    Ok(command)
}

/// Returns the command that runs a program of the page's packages in its folder.
///
/// # Errors
/// When npm fails.
pub fn tool(script: &str) -> Result<Command> {
    let npm = Npm::install()?;
    setup::packages(FOLDER)?;
    let mut command = npm.node();
    command.current_dir(project::root()?.join(FOLDER)).arg(format!("node_modules/{script}"));
    npm.environment(&mut command);
    Ok(command)
}

fn vite(npm: &Npm, source: &Path) -> Command {
    let mut command = npm.node();
    command.current_dir(source).arg("node_modules/vite/bin/vite.js");
    command.args(["build", "--logLevel", "warn"]);
    command
}

/// Reads the list that Vite has written.
fn listed(manifest: &Path) -> Result<serde_json::Map<String, Value>> {
    let manifest = std::fs::read_to_string(manifest).context(MANIFEST)?;
    Ok(serde_json::from_str(&manifest)?)
}

/// Returns the names of the files with a hash, by the list that Vite has written.
///
/// # Errors
/// When there is no list.
fn hashed(manifest: &Path) -> Result<BTreeSet<String>> {
    let entries = listed(manifest)?;
    let texts = entries.values().flat_map(|entry| {
        let styles = ["css", "assets"].into_iter().filter_map(|list| entry[list].as_array());
        entry["file"].as_str().into_iter().chain(styles.flatten().filter_map(Value::as_str))
    });
    Ok(texts.filter_map(|text| text.strip_prefix("assets/")).map(str::to_owned).collect())
}

fn remove_others(folder: &Path, kept: &BTreeSet<String>) -> Result<()> {
    for file in files(folder)?.into_iter().filter(|file| !kept.contains(file)) {
        std::fs::remove_file(folder.join(&file)).context(file)?;
    }
    Ok(())
}

/// Returns the files that a browser loads before the page works, by their paths in [`ASSETS`].
///
/// # Errors
/// When the page is not built.
pub fn first_load() -> Result<Vec<String>> {
    let entries = listed(&project::root()?.join(ASSETS).join(MANIFEST))?;
    let mut loaded = BTreeSet::from(["index.html".to_owned()]);
    let mut open = vec!["index.html".to_owned()];
    while let Some(entry) = open.pop().and_then(|name| entries.get(&name)) {
        let list = |name: &str| {
            let list = entry[name].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        open.extend(list("imports"));
        loaded.extend(entry["file"].as_str().map(str::to_owned));
        loaded.extend(list("css"));
    }
    Ok(loaded.into_iter().collect())
}

fn fingerprint(root: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    let mut paths = vec![DESCRIPTION.to_owned()];
    for source in SOURCES {
        let name = format!("{FOLDER}/{source}");
        if root.join(&name).is_dir() {
            paths
                .extend(files(&root.join(&name))?.into_iter().map(|file| format!("{name}/{file}")));
        } else {
            paths.push(name);
        }
    }
    for path in paths {
        path.hash(&mut hasher);
        std::fs::read(root.join(&path)).with_context(|| path.clone())?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_neither_build_are_removed() {
        let root = std::env::temp_dir().join(format!("miyabi-page-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let manifest = root.join("files.json");
        let listed = r#"{"index.html":{"file":"assets/a-1.js","css":["assets/a-1.css"]},"x":{"file":"assets/x-1.js"}}"#;
        std::fs::write(&manifest, listed).unwrap();
        let folder = root.join("assets");
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["a-1.js", "a-1.css", "x-1.js", "a-0.js"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let kept = hashed(&manifest).unwrap();
        remove_others(&folder, &kept).unwrap();
        assert_eq!(files(&folder).unwrap(), ["a-1.css", "a-1.js", "x-1.js"]);
        std::fs::remove_dir_all(root).unwrap();
    }
}
