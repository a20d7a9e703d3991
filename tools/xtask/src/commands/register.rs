//! `cargo xtask register`: tells a platform of the Worker and its commands, after showing what changes.
//!
//! Without `--channel` it puts the slash commands of Discord, with `telegram` the bot's webhook and menus; with
//! `slack` it prints the app's manifest, or puts it; with `whatsapp` it puts the app's webhook and the number's
//! commands.
//!
//! The definitions are the Worker's own, so that what is registered is what it understands.

pub mod slack;
pub mod telegram;
#[cfg(test)]
mod testing;
pub mod whatsapp;

use anyhow::{Result, bail};
use miyabi_core::config::{UserInstall, is_base_url};
use serde_json::{Map, Value};

use super::doctor::checkout;
use crate::problem::{problem, usage};
use crate::stack::config;
use crate::{http, project};
use miyabi_channels::discord::commands::{self, Install};

const USER_INSTALL: &str = "MIYABI_USER_INSTALL";
const DEFAULT_BASE: &str = "https://discord.com/api/v10";

/// Where to register.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Whose commands
    #[arg(long, value_enum, default_value_t)]
    pub channel: Channel,
    /// The Worker's address, to which Telegram, Slack and WhatsApp send what people write
    #[arg(long)]
    pub url: Option<String>,
    /// Print the definitions; send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One server instead of everywhere
    #[arg(long, value_name = "ID", conflicts_with = "url")]
    pub guild: Option<String>,
    /// Environment of wrangler.toml; without it the local one
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
}

/// A channel that has something to register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Channel {
    /// Slash commands.
    #[default]
    Discord,
    /// The webhook, and the menus of commands.
    Telegram,
    /// The app's manifest.
    Slack,
    /// The app's webhook, and the commands of the number.
    #[value(name = "whatsapp")]
    WhatsApp,
}

/// Prints the definitions or puts them.
///
/// # Errors
/// When a variable is missing or Discord refuses.
pub fn run(options: &Options) -> Result<()> {
    match options.channel {
        Channel::Telegram => return telegram::run(options.url.as_deref(), options.dry_run),
        Channel::Slack => return slack::run(options.url.as_deref(), options.dry_run),
        Channel::WhatsApp => return whatsapp::run(options),
        Channel::Discord => {}
    }
    let user_install = user_install(&setting(USER_INSTALL, options.environment.as_deref())?)?;
    let wanted = definitions(user_install);
    if options.dry_run {
        println!("{}", serde_json::to_string_pretty(&wanted)?);
        return Ok(());
    }
    let application = variable("DISCORD_APPLICATION_ID")?;
    let token = variable("DISCORD_TOKEN")?;
    let base = std::env::var("DISCORD_API_BASE").unwrap_or_else(|_| DEFAULT_BASE.to_owned());
    let place = options.guild.as_ref().map_or(String::new(), |guild| format!("/guilds/{guild}"));
    let url = format!("{}/applications/{application}{place}/commands", base.trim_end_matches('/'));
    let current = request(&token, "GET", &format!("{url}?with_localizations=true"), None)?;
    let changes = changes(&current, &wanted);
    if changes.is_empty() {
        println!("nothing changes");
        return Ok(());
    }
    println!("{}", changes.join("\n"));
    put(&token, &url, user_install)?;
    println!("registered");
    Ok(())
}

/// Returns a variable of the Worker, from the environment or else from `wrangler.toml`; blank if it is not set.
fn setting(name: &str, environment: Option<&str>) -> Result<String> {
    if let Ok(value) = std::env::var(name) {
        return Ok(value);
    }
    let config = config::parse(&project::read("wrangler.toml")?)?;
    let vars = checkout::scope(&config, environment)?.get("vars");
    let value = vars.and_then(|vars| vars.get(name)).and_then(Value::as_str);
    Ok(value.unwrap_or_default().to_owned())
}

/// Returns the Worker's address, without a final slash; `who` sends there.
///
/// # Errors
/// When there is none, or what is sent there would be readable on its way.
fn address<'a>(url: Option<&'a str>, who: &str) -> Result<&'a str> {
    let url = url.ok_or_else(|| {
        usage("the Worker's address is missing", "--url https://…, as `wrangler deploy` prints it")
    })?;
    if !is_base_url(url) {
        return Err(problem("the address is not https", format!("{who} by https only")));
    }
    Ok(url.trim_end_matches('/'))
}

/// Reads the value of `MIYABI_USER_INSTALL`.
///
/// # Errors
/// When it is another word than the Worker takes.
pub(super) fn user_install(value: &str) -> Result<UserInstall> {
    match value.trim() {
        "" | "off" => Ok(UserInstall::Off),
        "on" => Ok(UserInstall::On),
        _ => Err(problem(
            format!("{USER_INSTALL} is not `on` or `off`"),
            "see docs/guide/configure.md",
        )),
    }
}

/// Returns the code's commands, offered where people may ask: in servers, and with user installs also in
/// direct messages, in group messages and in other servers.
pub(super) fn definitions(user_install: UserInstall) -> Value {
    commands::definitions(match user_install {
        UserInstall::Off => Install::default(),
        UserInstall::On => Install::ServersAndUsers,
    })
}

/// Replaces what is registered at `url` by the code's commands.
///
/// # Errors
/// When Discord refuses.
pub(super) fn put(token: &str, url: &str, user_install: UserInstall) -> Result<()> {
    request(token, "PUT", url, Some(&definitions(user_install))).map(drop)
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

fn request(token: &str, method: &str, url: &str, body: Option<&Value>) -> Result<Value> {
    let authorization = format!("Bot {token}");
    let reply = http::send(method, url, &[("authorization", &authorization)], body)?;
    match reply.status {
        200..=299 => reply.json(),
        401 => Err(problem("Discord refused the token", "is DISCORD_TOKEN this bot's token?")),
        status => bail!("{method} commands: status {status}: {}", reply.body),
    }
}

/// Lists what differs, one line each; what Discord adds on its own does not count.
pub(super) fn changes(current: &Value, wanted: &Value) -> Vec<String> {
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
        let label = label(name, command);
        match current.get(name) {
            None => lines.push(format!("+ {label}")),
            Some(before) => differ(&label, before, command, &mut lines),
        }
    }
    let gone = current.iter().filter(|(name, _)| !wanted.contains_key(*name));
    lines.extend(gone.map(|(name, command)| format!("- {}", label(name, command))));
    lines
}

/// `/ask`; a command in the menu of a message or a person has no slash.
fn label(name: &str, command: &Value) -> String {
    let is_slash = command.get("type").and_then(Value::as_u64).is_none_or(|kind| kind == 1);
    if is_slash { format!("/{name}") } else { format!("\"{name}\"") }
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
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_what_changes_and_ignores_what_discord_adds() {
        let current = json!([
            { "id": "1", "name": "ask", "description": "Old", "options": [{ "name": "q", "type": 3 }] },
            { "id": "2", "name": "gone" },
            { "id": "3", "name": "Gone too", "type": 3 },
        ]);
        let wanted = json!([
            { "name": "ask", "description": "New", "options": [{ "name": "q", "type": 3 }] },
            { "name": "fresh" },
        ]);
        let expected =
            ["~ /ask.description: \"Old\" → \"New\"", "+ /fresh", "- \"Gone too\"", "- /gone"];
        assert_eq!(changes(&current, &wanted), expected);
        assert!(changes(&wanted, &wanted).is_empty());
    }

    #[test]
    fn every_command_has_japanese() {
        let definitions = definitions(UserInstall::On);
        for command in definitions.as_array().unwrap() {
            let is_slash = command["type"] == 1;
            let words = if is_slash { "description_localizations" } else { "name_localizations" };
            assert!(command[words]["ja"].is_string(), "{command}");
        }
    }

    #[test]
    fn commands_are_offered_where_people_may_ask() {
        for (value, types, contexts) in [
            ("", json!([0]), json!([0])),
            ("off", json!([0]), json!([0])),
            (" on ", json!([0, 1]), json!([0, 1, 2])),
        ] {
            let definitions = definitions(user_install(value).unwrap());
            let slash = |command: &&Value| command["type"] == 1;
            for command in definitions.as_array().unwrap().iter().filter(slash) {
                // A server's settings are for servers that have installed the application.
                let is_server_s = command["name"] == "settings";
                let expected =
                    if is_server_s { (&json!([0]), &json!([0])) } else { (&types, &contexts) };
                let offered = (&command["integration_types"], &command["contexts"]);
                assert_eq!(offered, expected, "{value}: {command}");
            }
        }
        assert!(user_install("yes").unwrap_err().to_string().contains("is not `on` or `off`"));
    }
}
