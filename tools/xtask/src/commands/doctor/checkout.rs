//! Whether what would be deployed from this checkout is complete.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::models;
use super::report::Line;
use crate::commands::schema;
use crate::commands::tidy::settings;
use crate::problem::usage;
use crate::project;

/// `database_id` of a checkout in which nobody has made a database.
const PLACEHOLDER: &str = "00000000-0000-0000-0000-000000000000";

/// Returns the part of `wrangler.toml` that an environment uses, or the local part.
///
/// # Errors
/// When there is no such environment.
pub fn scope<'a>(
    config: &'a Map<String, Value>,
    environment: Option<&str>,
) -> Result<&'a Map<String, Value>> {
    let Some(name) = environment else { return Ok(config) };
    let environments = config.get("env").and_then(Value::as_object);
    let scope = environments.and_then(|all| all.get(name)).and_then(Value::as_object);
    let names = || environments.into_iter().flatten().map(|(name, _)| name.as_str());
    scope.ok_or_else(|| {
        let hint = format!("one of {}", names().collect::<Vec<_>>().join(", "));
        usage(format!("wrangler.toml has no environment `{name}`"), hint)
    })
}

/// Looks at `wrangler.toml` and the schema.
pub fn check(
    config: &Map<String, Value>,
    scope: &Map<String, Value>,
    environment: Option<&str>,
) -> Vec<Line> {
    let mut lines = settings(&settings::check_scopes(config));
    lines.extend(environment.map(|name| database(scope, name)));
    lines.push(match schema::run(schema::Mode::Check).and_then(|()| newest_migration()) {
        Ok(newest) => Line::ok("schema.sql", format!("is what migrations/ make, up to {newest}")),
        Err(error) => Line::error("schema.sql", &error),
    });
    let model = scope.get("vars").and_then(|vars| vars.get("MIYABI_MODEL")).and_then(Value::as_str);
    lines.extend(model.into_iter().flat_map(models::judge_all));
    lines
}

fn settings(findings: &[String]) -> Vec<Line> {
    let what = "wrangler.toml";
    if findings.is_empty() {
        return vec![Line::ok(what, "has what the program reads, for every environment")];
    }
    let hint = "compare with docs/guide/configure.md";
    findings.iter().map(|finding| Line::fail(what, finding, hint)).collect()
}

fn database(scope: &Map<String, Value>, environment: &str) -> Line {
    let id = scope.get("d1_databases").and_then(|databases| databases.get(0));
    let id = id.and_then(|database| database.get("database_id")).and_then(Value::as_str);
    match id {
        Some(id) if id != PLACEHOLDER => Line::ok("database_id", id),
        _ => {
            let hint = format!("`npx wrangler d1 create miyabi-{environment}` prints one");
            Line::fail("database_id", "is still the placeholder", hint)
        }
    }
}

/// Returns the name of the newest migration of this checkout.
///
/// # Errors
/// When there is none.
pub fn newest_migration() -> Result<String> {
    let files = std::fs::read_dir(project::root()?.join("migrations"))?;
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    match names.filter(|name| name.rsplit('.').next() == Some("sql")).max() {
        Some(newest) => Ok(newest),
        None => bail!("there are no migrations"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::*;
    use crate::problem::exit_code;
    use crate::stack::config;

    #[test]
    fn every_finding_of_tidy_is_a_line() {
        assert_eq!(settings(&[]).iter().map(|line| line.state).collect::<Vec<_>>(), [State::Ok]);
        let lines = settings(&["binding `AI` is missing".to_owned(), "b".to_owned()]);
        assert!(lines.iter().all(|line| line.state == State::Fail && !line.hint.is_empty()));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_placeholder_is_no_database() {
        let text = |id: &str| format!("[[d1_databases]]\ndatabase_id = \"{id}\"\n");
        let config = config::parse(&text(PLACEHOLDER)).unwrap();
        let line = database(&config, "staging");
        assert_eq!(line.state, State::Fail);
        assert!(line.hint.contains("miyabi-staging"), "{line}");
        assert_eq!(database(&config::parse(&text("ab")).unwrap(), "staging").state, State::Ok);
        assert_eq!(database(&Map::new(), "staging").state, State::Fail);
    }

    #[test]
    fn an_environment_that_is_not_there_is_a_wrong_command_line() {
        let config = config::parse("[env.staging]\nname = \"s\"\n").unwrap();
        assert_eq!(scope(&config, Some("staging")).unwrap().len(), 1);
        let error = scope(&config, Some("prod")).unwrap_err();
        assert_eq!(exit_code(&error), 2);
        assert!(error.to_string().ends_with("hint: one of staging"), "{error}");
        assert_eq!(scope(&config, None).unwrap(), &config);
    }

    #[test]
    fn the_newest_migration_is_the_last_by_name() {
        assert!(newest_migration().unwrap().as_str() >= "0001_initial.sql");
    }
}
