//! The settings agree in `wrangler.toml`, the guide and `miyabi_core::config::SETTINGS`.

use anyhow::Result;
use miyabi_core::config::{Kind, LIMITS, SETTINGS, Setting};
use serde_json::{Map, Value};

use crate::stack::config;
use crate::{document, project};

/// The document that has the table of settings.
const DOCUMENT: &str = "docs/guide/configure.md";
const PART: &str = "settings";

/// Checks `wrangler.toml` and the guide's table.
///
/// # Errors
/// When `wrangler.toml` cannot be read.
pub fn check() -> Result<Vec<String>> {
    let config = config::parse(&project::read("wrangler.toml")?)?;
    let mut findings = check_scopes(&config);
    let guide = project::read(DOCUMENT).unwrap_or_default();
    match document::part(&guide, PART) {
        Err(error) => findings.push(format!("{DOCUMENT}: {error}")),
        Ok(table) if table.trim() != self::table().trim() => {
            findings.push(format!(
                "{DOCUMENT}: the table of settings is old: `cargo xtask tidy --fix`"
            ));
        }
        Ok(_) => {}
    }
    Ok(findings)
}

/// Writes the guide's table.
///
/// # Errors
/// When the guide has no markers or cannot be written.
pub fn write_table() -> Result<()> {
    document::write_part(DOCUMENT, PART, &table())
}

fn table() -> String {
    let mut table = "| name | kind | default | for |\n| --- | --- | --- | --- |\n".to_owned();
    table.extend(SETTINGS.iter().map(row));
    table
}

fn row(setting: &Setting) -> String {
    let Setting { name, kind, default, doc } = setting;
    let kind = match kind {
        Kind::Secret => "secret",
        Kind::Variable => "variable",
        Kind::Binding => "binding",
    };
    let default = match *default {
        None => "required".to_owned(),
        Some("") => "empty".to_owned(),
        Some(value) => format!("`{value}`"),
    };
    format!("| `{name}` | {kind} | {default} | {doc} |\n")
}

/// Compares `wrangler.toml` with the settings that the code reads. Environments inherit neither
/// bindings nor variables, so each is checked for itself.
pub fn check_scopes(config: &Map<String, Value>) -> Vec<String> {
    let mut findings = check_scope("wrangler.toml", config);
    let environments = config.get("env").and_then(Value::as_object);
    for (name, environment) in environments.into_iter().flatten() {
        if let Some(scope) = environment.as_object() {
            findings.extend(check_scope(&format!("wrangler.toml [env.{name}]"), scope));
        }
    }
    findings
}

fn check_scope(place: &str, scope: &Map<String, Value>) -> Vec<String> {
    let variables = scope.get("vars").and_then(Value::as_object);
    let variables: Vec<&str> =
        variables.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let bindings = bindings(scope);
    let mut findings = Vec::new();
    for (found, kind, word) in
        [(&variables, Kind::Variable, "variable"), (&bindings, Kind::Binding, "binding")]
    {
        let known: Vec<Setting> =
            SETTINGS.iter().copied().filter(|known| known.kind == kind).collect();
        for name in found {
            if !known.iter().any(|setting| setting.name == *name) {
                findings.push(format!(
                    "{place}: {word} `{name}` is not in crates/core/src/config/table.rs"
                ));
            }
        }
        for setting in known.iter().filter(|setting| setting.default.is_none()) {
            if !found.contains(&setting.name) {
                findings.push(format!("{place}: {word} `{}` is missing", setting.name));
            }
        }
    }
    findings.extend(check_limits(place, scope));
    findings
}

/// Compares what people are told of a rate limit with what it admits.
fn check_limits(place: &str, scope: &Map<String, Value>) -> Vec<String> {
    let mut findings = Vec::new();
    for limit in scope.get("ratelimits").and_then(Value::as_array).into_iter().flatten() {
        let known = LIMITS.iter().find(|(binding, _)| limit["name"] == *binding);
        let Some((binding, variable)) = known else { continue };
        let default = SETTINGS.iter().find(|it| it.name == *variable).and_then(|it| it.default);
        let told = scope.get("vars").and_then(|vars| vars.get(*variable)).and_then(Value::as_str);
        let told = told.or(default).unwrap_or_default();
        let simple = &limit["simple"];
        let admits = simple["limit"].as_u64();
        if admits.is_none() || admits != told.parse().ok() || simple["period"] != 60 {
            findings.push(format!(
                "{place}: `{binding}` is not `{variable}` = \"{told}\" in a period of 60"
            ));
        }
    }
    findings
}

/// Returns the names of everything that binds, by the keys that wrangler uses for a name.
///
/// A queue's consumers and the cron triggers bind nothing: they call the Worker.
fn bindings(scope: &Map<String, Value>) -> Vec<&str> {
    let mut names = Vec::new();
    for (key, value) in scope {
        if key == "env" || key == "vars" {
            continue;
        }
        // `durable_objects` and `queues` hold their list one level deeper.
        let nested = value.get("bindings").or_else(|| value.get("producers")).unwrap_or(value);
        let entries = nested.as_array().map_or(std::slice::from_ref(nested), Vec::as_slice);
        let is_named = key == "durable_objects" || key == "ratelimits";
        let name = if is_named { "name" } else { "binding" };
        names.extend(entries.iter().filter_map(|entry| entry.get(name)?.as_str()));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [vars]
        MIYABI_MODEL = "@cf/model"
        [ai]
        binding = "AI"
        [[d1_databases]]
        binding = "miyabi_db"
        [[workflows]]
        name = "miyabi"
        binding = "miyabi_workflow"
        [[queues.producers]]
        binding = "miyabi_queue"
        queue = "miyabi-jobs"
        [[queues.consumers]]
        queue = "miyabi-jobs"
        [triggers]
        crons = ["* * * * *"]
        [[ratelimits]]
        name = "miyabi_asker_limit"
        namespace_id = "1"
        simple = { limit = 5, period = 60 }
    "#;

    #[test]
    fn a_complete_configuration_has_no_findings() {
        assert!(check_scopes(&config::parse(GOOD).unwrap()).is_empty());
    }

    #[test]
    fn what_is_missing_or_unknown_is_found_in_each_environment() {
        let text = format!("{GOOD}\n[env.staging.vars]\nMIYABI_MODEL = \"m\"\nEXTRA = \"1\"\n");
        let expected = [
            "wrangler.toml [env.staging]: variable `EXTRA` is not in crates/core/src/config/table.rs",
            "wrangler.toml [env.staging]: binding `AI` is missing",
            "wrangler.toml [env.staging]: binding `miyabi_db` is missing",
            "wrangler.toml [env.staging]: binding `miyabi_workflow` is missing",
            "wrangler.toml [env.staging]: binding `miyabi_queue` is missing",
        ];
        assert_eq!(check_scopes(&config::parse(&text).unwrap()), expected);
    }

    #[test]
    fn a_rate_limit_binds_by_its_name() {
        let text = format!("{GOOD}\n[[ratelimits]]\nname = \"other\"\n");
        let expected = ["wrangler.toml: binding `other` is not in crates/core/src/config/table.rs"];
        assert_eq!(check_scopes(&config::parse(&text).unwrap()), expected);
    }

    #[test]
    fn people_are_told_what_a_rate_limit_admits() {
        let expected = |told: &str| {
            format!(
                "wrangler.toml: `miyabi_asker_limit` is not `MIYABI_ASKER_LIMIT` = \"{told}\" in a period of 60"
            )
        };
        for (from, to, found) in [
            ("limit = 5", "limit = 6", Some(expected("5"))),
            ("period = 60", "period = 10", Some(expected("5"))),
            ("[ai]", "MIYABI_ASKER_LIMIT = \"6\"\n[ai]", Some(expected("6"))),
            ("[ai]", "MIYABI_ASKER_LIMIT = \"5\"\n[ai]", None),
        ] {
            let text = GOOD.replace(from, to);
            assert_eq!(check_scopes(&config::parse(&text).unwrap()).pop(), found, "{to}");
        }
    }

    #[test]
    fn the_table_has_a_row_for_each_setting() {
        assert_eq!(table().lines().count(), SETTINGS.len() + 2);
    }
}
