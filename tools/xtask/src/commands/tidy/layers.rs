//! Who may import whom inside the Worker, and that the platform stays in its folder.

use super::Source;

/// Modules with their layers; each may import those of lower layers. The same table as in
/// docs/ARCHITECTURE.md.
const LAYERS: [(&str, u8); 16] = [
    ("ids", 0),
    ("json", 0),
    ("text", 0),
    ("http", 1),
    ("config", 2),
    ("fault", 2),
    ("event", 3),
    ("host", 4),
    ("ai", 5),
    ("channels", 5),
    ("knowledge", 5),
    ("memory", 5),
    ("ask", 6),
    ("routes", 7),
    ("cloudflare", 8),
    (FAKE, 8),
];
/// Both say what is wrong in terms of the other.
const PAIR: [&str; 2] = ["config", "fault"];
/// Compiled for native tests only, so any test may use it.
const FAKE: &str = "fake";
const PLATFORM: &str = "cloudflare";

/// Checks one file, if it is part of the Worker.
pub fn check(source: &Source) -> Vec<String> {
    let path = &source.path;
    if path == "tools/lab/Cargo.toml" {
        let names_worker = source.text.lines().any(|line| line.trim_start().starts_with("miyabi"));
        let finding = format!("{path}: the lab shares no code with the Worker");
        return names_worker.then_some(finding).into_iter().collect();
    }
    let Some(module) = path.strip_prefix("src/").filter(|_| source.is_rust()) else {
        return Vec::new();
    };
    let mut parts = module.trim_end_matches(".rs").split('/');
    let own = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    if own == "lib" {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let Some(layer) = layer(own) else {
        return vec![format!("{path}: `{own}` has no layer; add it to xtask's table of imports")];
    };
    let code = without_comments(&source.text);
    for (name, inner) in imports(&code) {
        let is_own = name == own;
        let is_pair = PAIR.contains(&own) && PAIR.contains(&name.as_str());
        let is_lower = self::layer(&name).is_some_and(|imported| imported < layer);
        if !is_own && !is_pair && !is_lower && name != FAKE {
            findings.push(format!("{path}: `{own}` may not import `{name}`"));
        }
        let is_platform = own == "channels" && !inner.is_empty() && !folder.is_empty();
        let is_other = inner != folder && inner.chars().all(char::is_lowercase);
        if is_own && is_platform && is_other && is_folder(&inner) {
            findings.push(format!("{path}: a platform may not import another, `{inner}`"));
        }
    }
    if own != PLATFORM && names_worker(&code) {
        findings.push(format!("{path}: only src/{PLATFORM} may name `worker`"));
    }
    findings.dedup();
    findings
}

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Platforms of `channels`, there already or planned.
fn is_folder(name: &str) -> bool {
    ["discord", "telegram", "slack", "whatsapp", "web"].contains(&name)
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn names_worker(code: &str) -> bool {
    code.match_indices("worker::").any(|(at, _)| {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
    })
}

/// Returns what `crate::` paths name first, and what they name next (empty if a list follows).
fn imports(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = code.get(at + prefix.len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            None => found.push(path(rest)),
            Some(list) => found.extend(items(list).iter().map(|item| path(item))),
        }
    }
    found
}

/// Splits a list in braces at its own commas.
fn items(list: &str) -> Vec<String> {
    let (mut depth, mut items, mut item) = (1_u32, Vec::new(), String::new());
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            items.push(std::mem::take(&mut item).trim().to_owned());
        } else {
            item.push(letter);
        }
        if depth == 0 {
            break;
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

fn path(text: &str) -> (String, String) {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut names = text.split("::").map(|part| {
        let end = part.find(|letter| !is_name(letter)).unwrap_or(part.len());
        part.get(..end).unwrap_or_default().to_owned()
    });
    let first = names.next().unwrap_or_default();
    // A second name only if the first was followed by `::` at once.
    let is_path = text.get(first.len()..).is_some_and(|rest| rest.starts_with("::"));
    (first, names.next().filter(|_| is_path).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Source { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn lower_layers_may_be_imported() {
        let text =
            "//! See [`crate::routes`].\nuse crate::{channels::discord::{post, Reply}, ids};\n";
        assert!(findings("src/ask/deliver.rs", text).is_empty());
        assert!(findings("src/config.rs", "use crate::fault::Fault;").is_empty());
        assert!(
            findings("src/cloudflare/entry.rs", "use crate::routes; use worker::Env;").is_empty()
        );
        assert!(
            findings("src/channels/discord/parse.rs", "use crate::channels::Inbound;").is_empty()
        );
    }

    #[test]
    fn sideways_and_upward_imports_are_found() {
        for (path, text) in [
            ("src/ai/mod.rs", "use crate::channels::Question;"),
            ("src/ids.rs", "use crate::{\n    http::Request,\n};"),
            ("src/json.rs", "use crate::ids::JobId;"),
            ("src/routes.rs", "use crate::cloudflare::entry;"),
            ("src/fault.rs", "fn f() -> crate::event::Event {}"),
            ("src/channels/slack/parse.rs", "use crate::channels::discord::post;"),
            ("src/ask/mod.rs", "use worker::Env;"),
            ("src/novel.rs", ""),
        ] {
            assert_eq!(findings(path, text).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn the_lab_may_not_depend_on_the_worker() {
        assert_eq!(
            findings("tools/lab/Cargo.toml", "[dependencies]\nmiyabi = { path = \"..\" }").len(),
            1
        );
        assert!(findings("tools/lab/Cargo.toml", "[dependencies]\nhyper = \"1\"").is_empty());
    }
}
