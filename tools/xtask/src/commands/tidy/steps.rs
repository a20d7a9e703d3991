//! The names and policies of Workflow steps agree in the code and in `docs/design/steps.md`.
//!
//! The engine stores these names, so renaming one is a migration. The document lists them in the
//! first column of its table, and the policies (retries, first wait, timeout) in the third.

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
    let mut findings = check_policies(document, &code);
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

/// Checks that a step has the policy of its row. Where the code computes a step's name or chooses between
/// policies, those of the row, joined by " or ", have to be ones that the row's source file has.
fn check_policies(document: &str, code: &[&Source]) -> Vec<String> {
    let constants: Vec<_> = code.iter().flat_map(|source| policies(&source.text)).collect();
    let value = |constant: &str| {
        let found = constants.iter().find(|(name, _)| name == constant);
        found
            .map_or_else(|| format!("`{constant}`, which is not found"), |(_, value)| value.clone())
    };
    let mut findings = Vec::new();
    for row in document.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, _, policy, files] = *cells.as_slice() else { continue };
        let name = listed(row).pop().unwrap_or_default();
        if policy.is_empty() {
            continue; // A sleep.
        }
        let is_named = |source: &&&Source| files.contains(&format!("`{}`", source.path));
        let files: Vec<_> = code.iter().filter(is_named).collect();
        let used: Vec<_> = files.iter().flat_map(|source| used(&source.text)).collect();
        let own = files.iter().flat_map(|source| policies(&source.text)).map(|(_, value)| value);
        let (exact, open): (Vec<_>, Vec<_>) = used
            .iter()
            .filter(|(step, _)| *step == name || step.is_empty())
            .partition(|(step, _)| *step == name);
        let values = |calls: &[&(String, String)]| -> Vec<String> {
            calls.iter().map(|(_, constant)| value(constant)).collect()
        };
        let (exact, mut open) = (values(&exact), values(&open));
        if policy.contains(" or ") {
            open.extend(own);
        }
        let agrees = if exact.is_empty() {
            policy.split(" or ").all(|policy| open.iter().any(|value| value == policy))
        } else {
            exact.iter().all(|value| value == policy)
        };
        if !agrees {
            let found = [exact, open].concat().join("; ");
            findings.push(format!("{DOCUMENT}: step `{name}` has {policy}, and the code: {found}"));
        }
    }
    findings
}

/// Returns the constants of type `Policy`, each with its value as the document writes it.
fn policies(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in code.split("const ").skip(1) {
        let Some((name, value)) = part.split_once(": Policy =") else { continue };
        let field = |field: &str| {
            let (_, value) = value.split_once(&format!("{field}: "))?;
            value.split([',', ' ']).next().map(ToOwned::to_owned)
        };
        let time = |name: &str| {
            let call = field(name)?;
            let (unit, number) = call.strip_prefix("Duration::from_")?.split_once('(')?;
            let unit = match unit {
                "secs" => "s",
                "mins" => "min",
                _ => return None,
            };
            Some(format!("{} {unit}", number.trim_end_matches(')')))
        };
        if is_constant(name)
            && let (Some(retries), Some(delay), Some(timeout)) =
                (field("retries"), time("delay"), time("timeout"))
        {
            found.push((name.to_owned(), format!("{retries}, {delay}, {timeout}")));
        }
    }
    found
}

/// Returns the calls of `.step(`: the step's name without its number, empty where it is computed, and the
/// constant that is its policy.
fn used(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for call in code.split(".step(").skip(1) {
        let call = call.trim_start();
        let literal = call.strip_prefix('"').or_else(|| call.strip_prefix("&format!(\""));
        let name = literal.and_then(|text| text.split(['"', ':']).next()).unwrap_or_default();
        if let Some(policy) = call.split(',').map(str::trim).take(4).find(|word| is_constant(word))
        {
            found.push((name.to_owned(), policy.to_owned()));
        }
    }
    found
}

fn is_constant(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
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

    const POLICIES: &str = "
        const STORE: Policy =
            Policy { retries: 6, delay: Duration::from_secs(1), timeout: Duration::from_secs(30) };
        pub const POST: Policy =
            Policy { retries: 4, delay: Duration::from_secs(2), timeout: Duration::from_mins(5) };
        const MAX: u32 = 3;
        async fn f() {
            steps.step(\"claim\", STORE, work).await;
            steps.step(&format!(\"think:{}\", a.b), POST, work).await;
            let name = format!(\"answer:{n}\");
            steps.step(&name, POST, work).await;
        }";

    /// What is found in a document with these policies of `claim`, `think:n` and `answer:n`.
    fn findings(policies: [&str; 3]) -> Vec<String> {
        let names = ["claim", "think:n", "answer:n"];
        let row = |(name, policy)| {
            format!("| `{name}` | a result | {policy} | `crates/app/src/a.rs` |\n")
        };
        let document: String = names.into_iter().zip(policies).map(row).collect();
        check(&document, &[source("crates/app/src/a.rs", POLICIES)])
    }

    #[test]
    fn policies_that_agree_with_the_code_are_not_found() {
        let document = ["6, 1 s, 30 s", "4, 2 s, 5 min", "4, 2 s, 5 min"];
        assert_eq!(findings(document), [""; 0]);
    }

    #[test]
    fn another_policy_than_the_codes_is_found() {
        for (place, policy) in [
            (0, "6, 1 s, 30 min"),
            (0, "4, 2 s, 5 min"),
            (1, "6, 1 s, 30 s"),
            (1, "4, 2 s, 3 min"),
            (2, "5, 2 s, 5 min"),
            (2, "6, 1 s, 30 s"),
        ] {
            let mut document = ["6, 1 s, 30 s", "4, 2 s, 5 min", "4, 2 s, 5 min"];
            document[place] = policy;
            let found = findings(document);
            assert!(matches!(found.as_slice(), [one] if one.contains(policy)), "{found:?}");
        }
    }

    #[test]
    fn a_sleep_has_no_policy() {
        let sleep = "| `wait` | a sleep | | `crates/app/src/a.rs` |\n";
        assert_eq!(check(sleep, &[source("crates/app/src/a.rs", "sleep(\"wait\")")]), [""; 0]);
    }
}
