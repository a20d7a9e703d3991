//! The import order that `src/lib.rs` names is kept.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules in their order: each imports only earlier ones. A folder stands for all of its files.
const ORDER: &[&str] = &[
    "base/rng",
    "base/ids",
    "base/marks",
    "base/trace",
    "base/outage",
    "base/plan",
    "base/executor",
    "base/actor",
    "base/record",
    "base/plant",
    "base/hooks",
    "base/shared",
    "base/run",
    "base/planted",
    "services/database",
    "services/store",
    "services/engine",
    "services/steps",
    "services/queue",
    "services/cron",
    "services/model",
    "services/discord",
    "services/plain",
    "services/people",
    "settings",
    "world",
    "host",
    "platforms",
    "program",
    "judge/excuses",
    "judge/books",
    "judge/forgets",
    "judge/once",
    "judge/plain",
    "judge/invariants",
    "lib",
    "search",
    "main",
];

fn rank(path: &str) -> Option<usize> {
    let is_of = |module: &str| path == module || path.starts_with(&format!("{module}/"));
    ORDER.iter().position(|module| is_of(module))
}

#[expect(clippy::unwrap_used, reason = "a helper of the test")]
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
        for name in names.filter(|_| !tail.is_empty()) {
            found.push(format!("{head}{name}").replace("::", "/"));
        }
        if tail.is_empty() {
            found.push(head.replace("::", "/"));
        }
    }
    found
}

#[test]
fn no_module_imports_a_later_one() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for file in files(&source) {
        let path = file.strip_prefix(&source).unwrap().with_extension("");
        let path = path.to_str().unwrap();
        let module = path.strip_suffix("/mod").unwrap_or(path);
        if ["base", "services", "judge"].contains(&module) {
            continue;
        }
        let own = rank(module).unwrap_or_else(|| panic!("{module} has no place in the order"));
        let text = fs::read_to_string(&file).unwrap();
        // Tests may import what they like.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for import in imports(path, text) {
            let Some(other) = rank(&import) else { continue };
            assert!(other <= own, "{module} imports {import}, which is later");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} imports were found");
}
