//! `cargo xtask register`: puts the slash commands, after showing what changes.
//!
//! The definitions are the Worker's own, so that what is registered is what it understands.
//! The requests go through the pinned Node's `fetch`: a TLS stack in Rust would double the build
//! of this tool, and `curl` would take the token on its command line, where others can read it.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use crate::problem::problem;
use crate::setup::Npm;

const DEFAULT_BASE: &str = "https://discord.com/api/v10";
/// Reads one request from standard input and prints its status and body.
const SCRIPT: &str = r#"
const { readFileSync } = require("node:fs");
const { url, ...request } = JSON.parse(readFileSync(0, "utf8"));
fetch(url, { ...request, signal: AbortSignal.timeout(20000) }).then(
  async (reply) => console.log(JSON.stringify({ status: reply.status, body: await reply.text() })),
  (error) => console.log(JSON.stringify({ error: String(error.cause ?? error) })),
);
"#;

/// What to do with the definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Show what changes, then put them.
    #[default]
    Put,
    /// Print them; no request at all.
    DryRun,
}

/// Where to register.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Put or print.
    pub mode: Mode,
    /// One server instead of everywhere.
    pub guild: Option<String>,
}

/// Prints the definitions or puts them.
///
/// # Errors
/// When a variable is missing or Discord refuses.
pub fn run(options: &Options) -> Result<()> {
    let wanted = miyabi::channels::discord::commands::definitions();
    if options.mode == Mode::DryRun {
        println!("{}", serde_json::to_string_pretty(&wanted)?);
        return Ok(());
    }
    let application = variable("DISCORD_APPLICATION_ID")?;
    let token = variable("DISCORD_TOKEN")?;
    let base = std::env::var("DISCORD_API_BASE").unwrap_or_else(|_| DEFAULT_BASE.to_owned());
    let place = options.guild.as_ref().map_or(String::new(), |guild| format!("/guilds/{guild}"));
    let url = format!("{}/applications/{application}{place}/commands", base.trim_end_matches('/'));
    let npm = Npm::install()?;
    let current = request(&npm, &token, "GET", &format!("{url}?with_localizations=true"), None)?;
    let changes = changes(&current, &wanted);
    if changes.is_empty() {
        println!("nothing changes");
        return Ok(());
    }
    println!("{}", changes.join("\n"));
    request(&npm, &token, "PUT", &url, Some(&wanted))?;
    println!("registered");
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
        problem(
            format!("{name} is not set"),
            format!(
                "take it from https://discord.com/developers/applications, then export {name}=…"
            ),
        )
    })
}

fn request(npm: &Npm, token: &str, method: &str, url: &str, body: Option<&Value>) -> Result<Value> {
    let order = json!({
        "url": url,
        "method": method,
        "headers": {
            "authorization": format!("Bot {token}"),
            "content-type": "application/json",
            "user-agent": concat!("DiscordBot (https://miyabi.example, ", env!("CARGO_PKG_VERSION"), ")"),
        },
        "body": body.map(ToString::to_string),
    });
    // Short, and with its own time limit: it needs no group of its own.
    let mut child = npm
        .node()
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start node")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(order.to_string().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let reply: Value = serde_json::from_slice(&output.stdout).context("node printed no reply")?;
    if let Some(error) = reply.get("error").and_then(Value::as_str) {
        return Err(problem(format!("no answer from Discord: {error}"), "is the network up?"));
    }
    let status = reply.get("status").and_then(Value::as_u64).unwrap_or_default();
    let text = reply.get("body").and_then(Value::as_str).unwrap_or_default();
    match status {
        200..=299 => serde_json::from_str(text).context("Discord's answer is not JSON"),
        401 => Err(problem("Discord refused the token", "is DISCORD_TOKEN this bot's token?")),
        _ => bail!("{method} commands: status {status}: {text}"),
    }
}

/// Lists what differs, one line each; what Discord adds on its own does not count.
fn changes(current: &Value, wanted: &Value) -> Vec<String> {
    let named = |list: &Value| -> Map<String, Value> {
        let commands = list.as_array().into_iter().flatten();
        let named = commands.filter_map(|command| {
            Some((command.get("name")?.as_str()?.to_owned(), command.clone()))
        });
        named.collect()
    };
    let (current, wanted) = (named(current), named(wanted));
    let mut lines = Vec::new();
    for (name, command) in &wanted {
        match current.get(name) {
            None => lines.push(format!("+ /{name}")),
            Some(before) => differ(&format!("/{name}"), before, command, &mut lines),
        }
    }
    let gone = current.keys().filter(|name| !wanted.contains_key(*name));
    lines.extend(gone.map(|name| format!("- /{name}")));
    lines
}

fn differ(path: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in after {
                let before = before.get(name).unwrap_or(&Value::Null);
                differ(&format!("{path}.{name}"), before, value, lines);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                differ(&format!("{path}[{index}]"), before, after, lines);
            }
        }
        _ if before == after => {}
        _ => lines.push(format!("~ {path}: {before} → {after}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_changes_and_ignores_what_discord_adds() {
        let current = json!([
            { "id": "1", "name": "ask", "description": "Old", "options": [{ "name": "q", "type": 3 }] },
            { "id": "2", "name": "gone" },
        ]);
        let wanted = json!([
            { "name": "ask", "description": "New", "options": [{ "name": "q", "type": 3 }] },
            { "name": "fresh" },
        ]);
        let expected = ["~ /ask.description: \"Old\" → \"New\"", "+ /fresh", "- /gone"];
        assert_eq!(changes(&current, &wanted), expected);
        assert!(changes(&wanted, &wanted).is_empty());
    }

    #[test]
    fn every_command_has_japanese() {
        let definitions = miyabi::channels::discord::commands::definitions();
        for command in definitions.as_array().unwrap() {
            assert!(command["description_localizations"]["ja"].is_string(), "{command}");
        }
    }
}
