//! Rules about single files: how they begin, how long they are, what no line may hold.

use super::Source;

/// Most lines of a Rust file.
const MAX_LINES: usize = 450;
/// Most lines of the only JavaScript in the Worker: the main module, and what the program calls.
const MAX_SHIM_LINES: usize = 30;
const MAX_BRIDGE_LINES: usize = 120;
const SHIM: &str = "src/cloudflare/shim.mjs";
const BRIDGE: &str = "src/cloudflare/bridge.js";
const CODE: [&str; 7] = ["rs", "mjs", "js", "sql", "toml", "sh", "yml"];
const TEXT: [&str; 4] = ["md", "json", "html", "css"];
/// Open an issue instead. In two pieces, so that this file passes.
const DEFERRED: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Checks one file.
pub fn check(source: &Source) -> Vec<String> {
    let path = &source.path;
    let mut findings = Vec::new();
    let count = source.text.lines().count();
    if source.is_rust() && !source.text.starts_with("//!") {
        findings.push(format!("{path}:1: begins without `//!`: say what the file is for"));
    }
    if source.is_rust() && count > MAX_LINES {
        findings.push(format!("{path}: {count} lines, at most {MAX_LINES}: split it"));
    }
    if path == SHIM {
        findings.extend(check_shim(source, count));
    }
    if path == BRIDGE && count > MAX_BRIDGE_LINES {
        findings.push(format!("{BRIDGE}: {count} lines, at most {MAX_BRIDGE_LINES}"));
    }
    let is_code = CODE.iter().any(|extension| source.has_extension(extension));
    let is_text = is_code || TEXT.iter().any(|extension| source.has_extension(extension));
    for (number, line) in (1..).zip(source.text.lines()) {
        if is_text && line.trim_end() != line {
            findings.push(format!("{path}:{number}: trailing white space"));
        }
        if is_code && DEFERRED.iter().any(|word| line.contains(word)) {
            findings.push(format!("{path}:{number}: open an issue instead of a note in the code"));
        }
    }
    findings
}

fn check_shim(source: &Source, count: usize) -> Vec<String> {
    let mut findings = Vec::new();
    if count > MAX_SHIM_LINES {
        findings.push(format!("{SHIM}: {count} lines, at most {MAX_SHIM_LINES}"));
    }
    for (number, line) in (1..).zip(source.text.lines()) {
        let code = line.split("//").next().unwrap_or_default();
        let mut words = code.split(|letter: char| !letter.is_ascii_alphanumeric());
        if words.any(|word| ["if", "for", "while", "switch"].contains(&word)) {
            findings.push(format!("{SHIM}:{number}: logic belongs in Rust"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Source { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_good_file_has_no_findings() {
        assert!(findings("src/a.rs", "//! What it is.\n\nfn a() {}\n").is_empty());
        assert!(
            findings(SHIM, "// for the runtime, if any\nexport default { fetch };\n").is_empty()
        );
        assert!(findings("a.md", &format!("{} in prose\n", DEFERRED[0])).is_empty());
    }

    #[test]
    fn each_rule_finds_its_fault() {
        assert_eq!(findings("src/a.rs", "fn a() {}\n").len(), 1);
        assert_eq!(findings("src/a.rs", &format!("//! A.\n{}", "\n".repeat(MAX_LINES))).len(), 1);
        assert_eq!(findings("a.md", "text \n"), ["a.md:1: trailing white space"]);
        assert_eq!(findings("a.sql", &format!("-- {}\n", DEFERRED[0])).len(), 1);
        assert_eq!(findings(SHIM, "if (x) y();\n").len(), 1);
        assert_eq!(findings(SHIM, &"a;\n".repeat(MAX_SHIM_LINES + 1)).len(), 1);
        assert_eq!(findings(BRIDGE, &"a;\n".repeat(MAX_BRIDGE_LINES + 1)).len(), 1);
    }
}
