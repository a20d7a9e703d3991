//! Which settings are known here, whether they are well-formed, and which are set where it is
//! deployed.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use miyabi_channels::discord::webhook_url::parse_webhook_url;
use miyabi_core::config::{Config, Environment, Kind, SETTINGS};
use serde_json::{Map, Value};

use super::report::Line;
use super::{DISCORD, is_without_discord};
use crate::project;
use crate::setup::Npm;
use crate::whatsapp::{ACCOUNT_ID, APP_ID};
use crate::{process, stack};

/// Hex digits of 16 random bytes: nobody guesses them.
const MIN_TOKEN_CHARS: usize = 32;
const TOKEN: &str = "MIYABI_OPERATOR_TOKEN";

/// Settings by name.
pub type Values = BTreeMap<String, String>;

/// Reads what is known here and asks wrangler for what is set there; no value is ever shown.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn check(
    npm: &Npm,
    scope: &Map<String, Value>,
    environment: Option<&str>,
) -> Result<(Values, Vec<Line>)> {
    let file = environment.map_or(".dev.vars".to_owned(), |name| format!(".dev.vars.{name}"));
    let text = std::fs::read_to_string(project::root()?.join(&file)).unwrap_or_default();
    let values = gather(scope, &text, |name| std::env::var(name).ok());
    let mut lines = here(&values, &file);
    if let Some(name) = environment {
        lines.extend(there(&list(npm, name), name));
    }
    Ok((values, lines))
}

/// Variables of `wrangler.toml`, then the file, then the environment: the latter win.
fn gather(
    scope: &Map<String, Value>,
    file: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Values {
    let vars = scope.get("vars").and_then(Value::as_object).into_iter().flatten();
    let vars = vars.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let mut values: Values = vars.chain(file.lines().filter_map(assignment)).collect();
    // Two more of WhatsApp, of which the Worker has no need.
    let names = SETTINGS.iter().map(|known| known.name).chain([APP_ID, ACCOUNT_ID]);
    let set = names.filter_map(|name| Some((name.to_owned(), variable(name)?)));
    values.extend(set);
    values.retain(|_, value| !value.trim().is_empty());
    values
}

/// Reads `NAME=value`, in quotes or not.
fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let quoted = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    (!name.starts_with('#')).then(|| (name.to_owned(), value.to_owned()))
}

fn here(values: &Values, file: &str) -> Vec<Line> {
    let secrets = SETTINGS.iter().filter(|setting| setting.kind == Kind::Secret);
    let known: Vec<&str> =
        secrets.map(|setting| setting.name).filter(|name| values.contains_key(*name)).collect();
    let mut lines = vec![if known.is_empty() {
        let hint = format!("export DISCORD_TOKEN=…, or write {file}");
        Line::warn("known here", "no secret: Discord is not asked", hint)
    } else {
        Line::ok("known here", known.join(", "))
    }];
    let problems = Config::read(&Known(values), parse_webhook_url).settings.err();
    let problems = problems.into_iter().flat_map(|error| error.problems);
    lines.extend(problems.filter_map(|problem| {
        let hint = "see docs/guide/configure.md";
        Some(Line::fail(problem.setting.name, problem.wrong?, hint))
    }));
    // One that is too short to count is among the problems above.
    let is_known = lines.iter().any(|line| line.what == TOKEN);
    let is_short = |token: &str| token != "off" && token.chars().count() < MIN_TOKEN_CHARS;
    if !is_known && values.get(TOKEN).is_some_and(|token| is_short(token.trim())) {
        let hint = "set what `openssl rand -hex 32` prints";
        lines.push(Line::warn(TOKEN, "is short enough to be guessed", hint));
    }
    lines
}

/// All that is known, and every binding.
struct Known<'a>(&'a Values);

impl Environment for Known<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn has_binding(&self, _: &str) -> bool {
        true
    }
}

/// Asks wrangler for the names of what is set.
fn list(npm: &Npm, environment: &str) -> Result<Vec<String>> {
    let mut command = npm.node();
    npm.environment(&mut command);
    command.current_dir(project::root()?).arg(npm.wrangler_path());
    command.args(["secret", "list", "--format", "json", "--env", environment]);
    for (name, value) in
        [("CI", "1"), ("WRANGLER_SEND_METRICS", "false"), ("WRANGLER_WRITE_LOGS", "false")]
    {
        command.env(name, value);
    }
    let (status, stdout, stderr) = process::output(&mut command)?;
    anyhow::ensure!(status.success(), "{}", reason(&format!("{stdout}\n{stderr}")));
    let listed: Value = serde_json::from_str(&stdout).context("wrangler printed no JSON")?;
    let names = listed.as_array().into_iter().flatten();
    Ok(names.filter_map(|secret| Some(secret.get("name")?.as_str()?.to_owned())).collect())
}

/// Returns wrangler's own line about what went wrong, without its colours.
fn reason(output: &str) -> String {
    let mut pieces = output.split('\u{1b}');
    let first = pieces.next().unwrap_or_default();
    let rest = pieces.map(|piece| piece.split_once('m').map_or(piece, |(_, text)| text));
    let output: String = std::iter::once(first).chain(rest).collect();
    let said = output.lines().find_map(|line| line.split_once("[ERROR]")).map(|(_, said)| said);
    said.map_or_else(|| stack::worker::tail(&output), |said| said.trim().to_owned())
}

fn there(listed: &Result<Vec<String>>, environment: &str) -> Vec<Line> {
    let names = match listed {
        Ok(names) => names,
        Err(error) => {
            let detail = format!("wrangler does not say: {error:#}");
            return vec![Line::warn("set there", detail, "npx wrangler login")];
        }
    };
    let mut lines = vec![Line::ok("set there", names.join(", "))];
    let is_set = |name: &str| names.iter().any(|known| known == name);
    let is_without_discord = is_without_discord(is_set);
    if is_without_discord {
        lines.push(Line::ok("Discord", "off: none of its secrets is set there"));
    }
    let secrets = SETTINGS.iter().filter(|setting| setting.kind == Kind::Secret);
    for setting in secrets.filter(|setting| !is_set(setting.name)) {
        if is_without_discord && DISCORD.contains(&setting.name) {
            continue;
        }
        let hint = format!("{} --env {environment}", setting.hint());
        lines.push(match setting.default {
            None => Line::fail(setting.name, "is not set there", hint),
            // Those of models and gateways: the Worker says which of them it misses.
            Some(_) if setting.name != "MIYABI_OPERATOR_TOKEN" => continue,
            Some(_) => Line::warn(setting.name, "is not set there", hint),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::super::{SLACK, TELEGRAM, WHATSAPP};
    use super::*;
    use crate::stack::config;

    fn states(lines: &[Line]) -> Vec<(&str, State)> {
        lines.iter().map(|line| (line.what.as_str(), line.state)).collect()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_variables() {
        let scope = config::parse("[vars]\nMIYABI_MODEL = \"m\"\nDISCORD_API_BASE = \"a\"\n");
        let file = "# DISCORD_TOKEN=\"no\"\nDISCORD_TOKEN=\"file\"\nDISCORD_PUBLIC_KEY='k=1'\n\
                    DISCORD_API_BASE = b \nDISCORD_APPLICATION_ID=\"\"\n";
        let values = gather(&scope.unwrap(), file, |name| {
            ["DISCORD_TOKEN", APP_ID].contains(&name).then(|| "environment".to_owned())
        });
        let expected = [
            ("DISCORD_API_BASE", "b"),
            ("DISCORD_PUBLIC_KEY", "k=1"),
            ("DISCORD_TOKEN", "environment"),
            ("MIYABI_MODEL", "m"),
            (APP_ID, "environment"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(values, Values::from(expected));
    }

    #[test]
    fn names_are_shown_and_values_never() {
        let values = gather(
            &Map::new(),
            "DISCORD_TOKEN=hunter2\nDISCORD_PUBLIC_KEY=hunter2\nMIYABI_OPERATOR_TOKEN=hunter2",
            |_| None,
        );
        let lines = here(&values, ".dev.vars");
        let expected =
            [("known here", State::Ok), ("DISCORD_PUBLIC_KEY", State::Fail), (TOKEN, State::Fail)];
        assert_eq!(states(&lines), expected);
        for (token, state) in [("off", None), ("hunter2-or-else-hunter3", Some(State::Warn))] {
            let lines = here(&Values::from([(TOKEN.to_owned(), token.to_owned())]), ".dev.vars");
            let line = lines.iter().find(|line| line.what == TOKEN);
            assert_eq!(line.map(|line| line.state), state, "{token}");
        }
        assert!(lines.iter().all(|line| !line.to_string().contains("hunter2")), "{lines:?}");
        let lines = here(&Values::new(), ".dev.vars.staging");
        assert_eq!(states(&lines), [("known here", State::Warn)]);
        assert!(lines.iter().all(|line| line.hint.contains(".dev.vars.staging")));
    }

    #[test]
    fn what_is_not_set_there_comes_with_the_command_that_sets_it() {
        let names = ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY", "DISCORD_TOKEN"];
        let lines = there(&Ok(names.map(ToOwned::to_owned).to_vec()), "production");
        let expected =
            [("set there", State::Ok), ("DISCORD_WEBHOOK_URL", State::Fail), (TOKEN, State::Warn)];
        assert_eq!(states(&lines), expected);
        let hints: Vec<_> = lines.iter().map(|line| line.hint.as_str()).collect();
        let put = "npx wrangler secret put";
        let expected = [
            String::new(),
            format!("{put} DISCORD_WEBHOOK_URL --env production"),
            format!("{put} {TOKEN} --env production"),
        ];
        assert_eq!(hints, expected);
        let lines = there(&Err(anyhow::anyhow!("not logged in")), "production");
        assert_eq!(states(&lines), [("set there", State::Warn)]);
    }

    #[test]
    fn without_any_of_discord_s_secrets_and_with_another_channel_s_discord_is_off() {
        let listed = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect());
        for channel in [&SLACK[..], &TELEGRAM, &WHATSAPP] {
            let lines = there(&listed(channel), "production");
            let expected = [("set there", State::Ok), ("Discord", State::Ok), (TOKEN, State::Warn)];
            assert_eq!(states(&lines), expected, "{channel:?}");
        }
        let half = [&TELEGRAM[..], &["DISCORD_TOKEN"]].concat();
        let lines = there(&listed(&half), "production");
        assert_eq!(lines.iter().filter(|line| line.state == State::Fail).count(), 3);
    }

    #[test]
    fn wrangler_s_own_line_is_the_reason() {
        assert_eq!(reason("a\n✘ [ERROR] not logged in\nb"), "not logged in");
        assert_eq!(reason("nothing else"), "nothing else");
        let coloured = "\u{1b}[31m✘ \u{1b}[41;31m[\u{1b}[41;97mERROR\u{1b}[41;31m]\u{1b}[0m \u{1b}[1mno\u{1b}[0m";
        assert_eq!(reason(coloured), "no");
    }
}
