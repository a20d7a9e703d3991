//! Licences of the npm packages that the bench compares the Worker with. They are never deployed; a
//! clone that runs the bench installs them.

use serde_json::Value;

use super::{Source, crates};

const LOCK: &str = "tools/bench/peer/package-lock.json";

/// Checks the lock, which names each package's licence.
pub fn check(sources: &[Source]) -> Vec<String> {
    let Some(lock) = sources.iter().find(|source| source.path == LOCK) else {
        return vec![format!("{LOCK} is missing")];
    };
    let lock: Value = serde_json::from_str(&lock.text).unwrap_or_default();
    let packages = lock.get("packages").and_then(Value::as_object);
    let packages = packages.into_iter().flatten().filter(|(path, _)| !path.is_empty());
    packages
        .filter_map(|(path, package)| {
            let text = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default();
            let licence = text("license");
            if text("integrity").is_empty() {
                return Some(format!("{LOCK}: {path} has no hash"));
            }
            (!crates::is_allowed(licence))
                .then(|| format!("{LOCK}: {path}: licence `{licence}` is not on the list"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        check(&[Source { path: LOCK.to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn each_package_has_a_hash_and_a_licence_of_the_list() {
        let lock = |package: &str| format!("{{\"packages\":{{\"\":{{}},\"a\":{package}}}}}");
        assert!(findings(&lock(r#"{"license":"MIT","integrity":"sha512-x"}"#)).is_empty());
        assert_eq!(findings(&lock(r#"{"license":"GPL-3.0","integrity":"x"}"#)).len(), 1);
        assert_eq!(findings(&lock(r#"{"license":"MIT"}"#)).len(), 1);
        assert_eq!(check(&[]).len(), 1);
    }
}
