//! What the project links: licences, sources, and crates that must not reach the Worker.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{process, project};

/// Licences that ask for nothing but their own text.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// Never in the Worker, however deep: what each would cost is in docs/ARCHITECTURE.md.
const BANNED: [&str; 7] =
    ["axum", "chrono-tz", "hyper", "openssl", "regex", "regex-automata", "tracing-subscriber"];
/// In the Worker only because `worker` needs them: using them links their bulk.
const BANNED_DIRECTLY: [&str; 4] = ["async-trait", "chrono", "tokio", "url"];

/// Checks the whole workspace's crates and the Worker's tree.
///
/// # Errors
/// When cargo fails.
pub fn check() -> Result<Vec<String>> {
    let mut metadata = project::cargo(&["metadata", "--format-version", "1", "--locked"])?;
    let metadata: Value = serde_json::from_str(&process::capture(&mut metadata)?)?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("no packages")?;
    let mut findings: Vec<String> = packages.iter().filter_map(check_package).collect();
    let direct = packages.iter().find(|package| text(package, "name") == "miyabi");
    findings.extend(direct.map(check_direct).unwrap_or_default());
    let mut tree = project::cargo(&["tree", "-p", "miyabi", "-e", "normal", "--prefix", "none"])?;
    tree.args(["--target", "wasm32-unknown-unknown", "--format", "{p}"]);
    findings.extend(check_tree(&process::capture(&mut tree)?));
    Ok(findings)
}

fn check_package(package: &Value) -> Option<String> {
    let name = text(package, "name");
    // Only the workspace's own crates have no source.
    let source = package.get("source").and_then(Value::as_str)?;
    if source != SOURCE {
        return Some(format!("crate {name}: comes from {source}, not from crates.io"));
    }
    let licence = text(package, "license");
    (!is_allowed(licence)).then(|| format!("crate {name}: licence `{licence}` is not on the list"))
}

fn check_direct(package: &Value) -> Vec<String> {
    let dependencies = package.get("dependencies").and_then(Value::as_array);
    let dependencies = dependencies.into_iter().flatten();
    // Of the Worker itself: `kind` is null for what is neither for tests nor for building.
    let linked = dependencies.filter(|dependency| dependency.get("kind") == Some(&Value::Null));
    let banned = linked.filter(|dependency| BANNED_DIRECTLY.contains(&text(dependency, "name")));
    banned
        .map(|found| format!("Cargo.toml: the Worker may not use {}", text(found, "name")))
        .collect()
}

fn check_tree(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let mut findings: Vec<String> = names
        .filter(|name| BANNED.contains(name))
        .map(|name| {
            format!("crate {name}: banned from the Worker; `cargo tree -i {name}` says why")
        })
        .collect();
    findings.sort();
    findings.dedup();
    findings
}

/// Evaluates a licence expression: one side of each OR, both sides of each AND.
pub(super) fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let expression = strip_parentheses(expression.trim());
    for (word, all) in [(" OR ", false), (" AND ", true)] {
        let parts = split(expression, word);
        if parts.len() > 1 {
            let mut allowed = parts.into_iter().map(is_allowed);
            return if all { allowed.all(|is| is) } else { allowed.any(|is| is) };
        }
    }
    LICENCES.contains(&expression)
}

fn strip_parentheses(expression: &str) -> &str {
    let inner = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.filter(|inner| is_balanced(inner)).map_or(expression, |inner| inner.trim())
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    let never_below = text.chars().all(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth >= 0
    });
    never_below && depth == 0
}

/// Splits at a word outside parentheses.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, found) in expression.match_indices(word) {
        let Some(part) = expression.get(begin..at) else { continue };
        if is_balanced(part) {
            parts.push(part.trim());
            begin = at + found.len();
        }
    }
    parts.extend(expression.get(begin..).map(str::trim));
    parts
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn evaluates_licence_expressions() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND (GPL-3.0 OR LGPL-2.1)"]
        {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn finds_foreign_sources_and_banned_crates() {
        let foreign = json!({ "name": "a", "source": "git+https://x", "license": "MIT" });
        assert!(check_package(&foreign).is_some());
        let good = json!({ "name": "a", "source": SOURCE, "license": "MIT" });
        assert_eq!(check_package(&good), None);
        assert_eq!(check_package(&json!({ "name": "own", "source": null })), None);
        assert_eq!(check_tree("miyabi v0.1.0\nregex v1.0\nregex v1.0 (*)\n").len(), 1);
        let direct = json!({ "dependencies": [
            { "name": "url", "kind": null }, { "name": "tokio", "kind": "dev" },
        ] });
        assert_eq!(check_direct(&direct), ["Cargo.toml: the Worker may not use url"]);
    }
}
