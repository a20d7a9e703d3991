//! Attributes of serde that `miyabi_core::json` does not see: it takes the values of a type's fields in their
//! order, whatever else an object has (docs/decisions/0062).

use super::Source;

/// What is read by `serde_json` alone, which sees all attributes: bodies of requests.
const BODIES: &str = "src/routes/api/";

/// Tests of that reader.
const TESTS: &str = "crates/core/src/json/tests.rs";

/// Returns a finding for each attribute that would be without effect.
pub fn check(sources: &[Source]) -> Vec<String> {
    let is_seen = |source: &&Source| source.path.starts_with(BODIES) || source.path == TESTS;
    let sources = sources.iter().filter(|source| !is_seen(source));
    sources.flat_map(|source| of(&source.path, &source.text)).collect()
}

fn of(path: &str, text: &str) -> Vec<String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| line.trim().starts_with("#[serde("));
    let findings = lines.filter_map(|(number, line)| {
        let advice = if line.contains("alias =") {
            "`alias` is not read; make it a field of its own"
        } else if line.contains("deny_unknown_fields") && !line.contains("remote = \"Self\"") {
            "`deny_unknown_fields` denies nothing; do as `ServerSettings` does"
        } else {
            return None;
        };
        Some(format!("{path}:{number}: {advice} (docs/decisions/0062)"))
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_nobody_would_see_are_found() {
        let source =
            |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        let alias = "struct A {\n    #[serde(default, alias = \"b\")]\n    a: u32,\n}";
        let strict = "#[serde(deny_unknown_fields)]\nstruct A;";
        let by_hand = "#[serde(remote = \"Self\", deny_unknown_fields)]\nstruct A;";
        let found = check(&[
            source("crates/a.rs", alias),
            source("crates/b.rs", strict),
            source("crates/c.rs", by_hand),
            source("src/routes/api/d.rs", strict),
        ]);
        let [one, other] = found.as_slice() else { panic!("{found:?}") };
        assert!(one.starts_with("crates/a.rs:2: ") && other.starts_with("crates/b.rs:1: "));
    }
}
