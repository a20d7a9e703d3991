//! The names of Workflow steps agree in the code and in `docs/design/steps.md`.
//!
//! The engine stores these names, so renaming one is a migration. The document lists them in the
//! first column of its table.

use super::Source;

/// The document that lists the steps.
pub const DOCUMENT: &str = "docs/design/steps.md";

/// Checks that every step is listed, and that every listed step is in the code.
pub fn check(document: &str, sources: &[Source]) -> Vec<String> {
    let listed = listed(document);
    let code: Vec<&Source> = sources
        .iter()
        .filter(|source| source.path.contains("/app/") || source.path.contains("/ai/"))
        .filter(|source| !source.path.ends_with("/tests.rs"))
        .collect();
    let mut findings = Vec::new();
    for source in &code {
        let named = named(&source.text).into_iter().filter(|name| !listed.contains(name));
        let path = &source.path;
        findings.extend(named.map(|name| format!("{path}: step `{name}` is not in {DOCUMENT}")));
    }
    for name in listed {
        let (literal, numbered) = (format!("\"{name}\""), format!("\"{name}:"));
        let is_there =
            |source: &&Source| source.text.contains(&literal) || source.text.contains(&numbered);
        if !code.iter().any(is_there) {
            findings.push(format!("{DOCUMENT}: step `{name}` is not in the code any more"));
        }
    }
    findings
}

/// Returns the names in the table's first column, without their numbers.
fn listed(document: &str) -> Vec<String> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.filter_map(|row| row.split(['`', ':']).next());
    names.map(ToOwned::to_owned).collect()
}

/// Returns the names given to `.step("…"`, and the numbered ones, `"name:{…}"`.
fn named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in code.split(".step(").skip(1) {
        if let Some(literal) = part.trim_start().strip_prefix('"') {
            names.extend(literal.split(['"', ':']).next().map(ToOwned::to_owned));
        }
    }
    for part in code.split(":{").collect::<Vec<_>>().split_last().map_or(&[][..], |(_, all)| all) {
        let name = part.rsplit('"').next().unwrap_or_default();
        if !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase()) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    const CODE: &str = "steps\n  .step(\n \"claim\", STORE, w); let name = format!(\"think:{n}\");";

    #[test]
    fn listed_and_named_steps_agree() {
        let document =
            "| step | effect |\n| --- | --- |\n| `claim` | row |\n| `think:n` | call |\n";
        let sources = [source("crates/app/src/workflow.rs", CODE)];
        assert_eq!(check(document, &sources), [""; 0]);
    }

    #[test]
    fn a_step_that_is_only_on_one_side_is_found() {
        let sources = [source("crates/app/src/a.rs", CODE)];
        assert_eq!(
            check("| `claim` | |\n", &sources),
            ["crates/app/src/a.rs: step `think` is not in docs/design/steps.md"]
        );
        assert_eq!(check("| `gone` | |\n", &[]).len(), 1);
    }
}
