//! A test's check that the modules of a crate import each other in one order only, so that there is no circle.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of a crate in their order: each imports only earlier ones.
pub(crate) struct Order<'a> {
    /// Folder with the sources.
    pub(crate) source: &'a Path,
    /// Paths without their ending. A folder stands for all of its files that have no place of their own.
    pub(crate) modules: &'a [&'a str],
    /// Folders whose `mod.rs` only lists modules, and has no place.
    pub(crate) lists: &'a [&'a str],
}

impl Order<'_> {
    /// Checks every file, and returns how many imports there are.
    ///
    /// # Panics
    /// When a file has no place, or imports a later one.
    pub(crate) fn check(&self) -> usize {
        let mut seen = 0;
        for file in files(self.source) {
            let path = file.strip_prefix(self.source).unwrap().with_extension("");
            let path = path.to_str().unwrap();
            let module = path.strip_suffix("/mod").unwrap_or(path);
            if self.lists.contains(&module) {
                continue;
            }
            let own =
                self.rank(module).unwrap_or_else(|| panic!("{module} has no place in the order"));
            let text = fs::read_to_string(&file).unwrap();
            // Tests may import what they like.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for import in imports(path, text) {
                let Some(other) = self.rank(&import) else { continue };
                assert!(other <= own, "{module} imports {import}, which is later");
                seen += 1;
            }
        }
        seen
    }

    fn rank(&self, path: &str) -> Option<usize> {
        let is_of = |module: &&str| path == *module || path.starts_with(&format!("{module}/"));
        self.modules.iter().position(is_of)
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Returns the modules that a file imports from its own crate, as paths.
fn imports(module: &str, text: &str) -> Vec<String> {
    let parent = module.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut found = Vec::new();
    for statement in text.split(';').map(str::trim_start) {
        let Some(at) = statement.find("use ") else { continue };
        let (before, path) = statement.split_at(at);
        if before.lines().last().is_some_and(|line| !line.is_empty() && line != "pub ") {
            continue;
        }
        let path = path.trim_start_matches("use ").trim();
        let full = if let Some(path) = path.strip_prefix("crate::") {
            path.to_owned()
        } else if let Some(path) = path.strip_prefix("super::").filter(|_| !parent.is_empty()) {
            format!("{}::{path}", parent.replace('/', "::"))
        } else {
            continue;
        };
        let (head, tail) = full.split_once('{').unwrap_or((&full, ""));
        let names = tail.trim_end_matches('}').split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            found.push(format!("{head}{name}").replace("::", "/"));
        }
        if tail.is_empty() {
            found.push(head.replace("::", "/"));
        }
    }
    found
}
