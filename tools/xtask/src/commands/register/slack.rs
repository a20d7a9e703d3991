//! `cargo xtask register --channel slack`: the app's manifest, to be pasted where apps are made, or, with a token of
//! the app's configuration, put there, after showing what changes.

pub mod manifest;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{address, differ};
use crate::problem::problem;
use crate::setup::say;
use crate::slack::{Api, BASE, SCOPES, refusal};
use crate::value::text;
use manifest::{manifest, missing, over, sorted};

const BOT_TOKEN: &str = "SLACK_BOT_TOKEN";
/// A token of a person, with which they set up their apps; Slack ends it after twelve hours.
const CONFIG_TOKEN: &str = "SLACK_CONFIG_TOKEN";
const APP_ID: &str = "SLACK_APP_ID";
const APPS: &str = "https://api.slack.com/apps";
/// What to do where the app was given more than it had.
const REINSTALL: &str = "api.slack.com/apps, the app, Install App, Reinstall to Workspace";

/// Prints the manifest, or puts it, and looks at the app that is installed, as far as there are tokens.
///
/// # Errors
/// When the address is missing, Slack refuses, or the app lacks something.
pub(super) fn run(url: Option<&str>, is_dry: bool) -> Result<()> {
    if is_dry {
        return print(&manifest(url.unwrap_or("https://…").trim_end_matches('/')));
    }
    let url = address(url, "Slack sends events")?;
    let base = std::env::var("SLACK_API_BASE").unwrap_or_else(|_| BASE.to_owned());
    let base = base.trim_end_matches('/');
    let wanted = manifest(url);
    match (variable(CONFIG_TOKEN), variable(APP_ID)) {
        (Some(token), Some(id)) => {
            let api = Api { base, token: &token, setting: CONFIG_TOKEN };
            let change = compare(&api, &id, &wanted)?;
            if change.lines.is_empty() {
                println!("nothing changes");
            } else {
                println!("{}", change.lines.join("\n"));
                let is_more = put(&api, &id, &change)?;
                println!("registered");
                if is_more {
                    say(&format!("what it may do has changed: {REINSTALL}"));
                }
            }
        }
        (None, None) => {
            print(&wanted)?;
            say(&format!("for {APPS}: Create New App, From a manifest, JSON"));
            say("docs/guide/slack.md goes on from there");
        }
        (token, _) => {
            let lacks = if token.is_some() { APP_ID } else { CONFIG_TOKEN };
            let hint = format!("{APPS} shows both; without either the manifest is printed");
            return Err(problem(format!("{lacks} is not set"), hint));
        }
    }
    match variable(BOT_TOKEN) {
        Some(token) => {
            let api = Api { base, token: &token, setting: BOT_TOKEN };
            say(&installed(&api)?);
        }
        None => say(&format!("{BOT_TOKEN} is not set: the installed app was not looked at")),
    }
    Ok(())
}

fn print(manifest: &Value) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(manifest)?);
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty() && value != "off")
}

/// What becomes of an app's manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The manifest as it should be.
    pub manifest: Value,
    /// What differs from what is there, one line each.
    pub lines: Vec<String>,
}

/// Compares the manifest of an app with what it should be.
///
/// # Errors
/// When Slack does not give it.
pub fn compare(api: &Api<'_>, app: &str, wanted: &Value) -> Result<Change> {
    let (_, exported) = ok(api, "apps.manifest.export", &json!({ "app_id": app }))?;
    let current = exported.get("manifest").cloned().unwrap_or_default();
    let manifest = over(&current, wanted);
    let mut lines = Vec::new();
    differ("manifest", &sorted(&current), &sorted(&manifest), &mut lines);
    if let Some(view) = current.pointer("/features/assistant_view") {
        lines.push(format!("- manifest.features.assistant_view: {view}"));
    }
    Ok(Change { manifest, lines })
}

/// Puts the manifest of an app, after Slack has tried it, and returns whether the app has to be installed again.
///
/// # Errors
/// When Slack refuses it.
pub fn put(api: &Api<'_>, app: &str, change: &Change) -> Result<bool> {
    let arguments = json!({ "app_id": app, "manifest": change.manifest.to_string() });
    ok(api, "apps.manifest.validate", &arguments)?;
    let (_, updated) = ok(api, "apps.manifest.update", &arguments)?;
    Ok(updated.get("permissions_updated") == Some(&json!(true)))
}

/// Calls a method that has to succeed.
fn ok(api: &Api<'_>, method: &str, arguments: &Value) -> Result<(crate::http::Reply, Value)> {
    let (reply, body) = api.call(method, arguments)?;
    match refusal(&reply).as_deref() {
        None => Ok((reply, body)),
        Some("invalid_manifest") => Err(problem(
            format!("Slack does not take the manifest: {}", reasons(&body)),
            "change it there by hand, and report this to the project: its manifest is to be taken",
        )),
        Some("invalid_app_id" | "invalid_app" | "app_not_found") => Err(problem(
            format!("Slack knows no app by {APP_ID} to whom has {CONFIG_TOKEN}"),
            format!("{APPS}, the app, Basic Information, App ID"),
        )),
        Some(code) => bail!("{method}: {code}"),
    }
}

/// Returns what is wrong with a manifest, and where.
fn reasons(body: &Value) -> String {
    let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    let reasons = errors.map(|it| format!("{} at {}", text(it, "message"), text(it, "pointer")));
    reasons.collect::<Vec<_>>().join("; ")
}

/// Returns who the bot is, after a look at what it may do.
///
/// # Errors
/// When Slack does not know the token, or the app may not do all that is needed.
pub fn installed(api: &Api<'_>) -> Result<String> {
    let (reply, body) = ok(api, "auth.test", &json!({}))?;
    let who = who(&body);
    let lacks = reply.headers.get(SCOPES).map(|granted| missing(granted)).unwrap_or_default();
    if !lacks.is_empty() {
        let what = format!("{who} may not do all that is needed: {}", lacks.join("; "));
        return Err(problem(what, format!("put this manifest, then {REINSTALL}")));
    }
    Ok(format!("{who} is installed, and may do what is needed"))
}

/// Returns the bot's name, and where it is installed.
pub(in crate::commands) fn who(body: &Value) -> String {
    let [user, id, team, team_id] =
        ["user", "user_id", "team", "team_id"].map(|field| text(body, field));
    format!("@{user} ({id}) in {team} ({team_id})")
}

#[cfg(test)]
mod tests;
