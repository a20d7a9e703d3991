//! What the parts of the way to the reply take: the Worker without one of them at a time.

use std::ffi::OsStr;

use anyhow::{Context as _, Result};

use super::contender::Contender;
use crate::commands::build::BRIDGE;

/// A part: its name, the function of the bridge that does it, and what does it instead.
type Part = (&'static str, &'static str, &'static str);

const PARTS: [Part; 5] = [
    ("rate limits", "refusal", "async function refusal() {}"),
    ("the timer", "", "globalThis.setTimeout = () => 0; globalThis.clearTimeout = () => {};"),
    ("the row", "query", "async function query() { return '[{\"id\":\"1\"}]'; }"),
    ("the Workflow's start", "create", "async function create() {}"),
    ("staying open for the row", "hold", "function hold() { return () => {}; }"),
];

/// Returns the Worker without each part, and last without any of them, named after what is left out.
///
/// # Errors
/// When the bridge has no such function, or a file cannot be written.
pub fn without(whole: &Contender) -> Result<Vec<Contender>> {
    let mut all: Vec<_> = PARTS.iter().map(|part| leave_out(whole, part.0, &[*part])).collect();
    all.push(leave_out(whole, "all of these", &PARTS));
    all.into_iter().collect()
}

fn leave_out(whole: &Contender, name: &'static str, parts: &[Part]) -> Result<Contender> {
    let folder = whole.folder.with_file_name(name.replace(' ', "-"));
    std::fs::create_dir_all(&folder)?;
    for file in std::fs::read_dir(&whole.folder)? {
        let file = file?.path();
        let kind = file.extension().and_then(OsStr::to_str);
        if kind.is_some_and(|kind| ["mjs", "js", "wasm"].contains(&kind)) {
            std::fs::copy(&file, folder.join(file.file_name().context("no name")?))?;
        }
    }
    let mut bridge = std::fs::read_to_string(folder.join(BRIDGE))?;
    for (name, function, instead) in parts {
        bridge = replaced(&bridge, function, instead).with_context(|| (*name).to_owned())?;
    }
    std::fs::write(folder.join(BRIDGE), bridge)?;
    Ok(Contender { name, folder, modules: whole.modules.clone() })
}

/// Returns the module with `instead` in place of an exported function, or besides all of them.
fn replaced(module: &str, function: &str, instead: &str) -> Result<String> {
    if function.is_empty() {
        return Ok(format!("{instead}\n{module}"));
    }
    let head = ["async function", "function"]
        .map(|kind| format!("export {kind} {function}("))
        .into_iter()
        .find(|head| module.contains(head));
    let head = head.context("no such function")?;
    let kept = module.replace(&head, &format!("async function unused_{function}("));
    Ok(format!("{kept}\nexport {instead}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn every_part_is_a_function_of_the_bridge() {
        let mut bridge = project::read("src/cloudflare/bridge.js").unwrap();
        for (_, function, instead) in PARTS {
            bridge = replaced(&bridge, function, instead).unwrap();
            assert!(bridge.contains(instead), "{function}");
            let name = format!("function {function}(");
            assert!(function.is_empty() || bridge.matches(&name).count() == 1, "{function}");
        }
        assert!(replaced(&bridge, "no_such_function", "").is_err());
    }
}
