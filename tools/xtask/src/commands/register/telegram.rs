//! `cargo xtask register --channel telegram`: the webhook and the menus of commands, after showing what changes.
//!
//! The commands and the kinds of updates are the Worker's own, so that what is registered is what it understands.

use anyhow::Result;
use miyabi_channels::commands;
use miyabi_channels::telegram::parse;
use miyabi_core::i18n::Language;
use serde_json::{Value, json};

use super::{address, changes};
use crate::problem::problem;
use crate::telegram::{BASE, Bot, WEBHOOK};
use crate::value::text;

/// Connections at once on which updates come; Telegram's own default, which a Worker does not feel.
const MAX_CONNECTIONS: u32 = 40;

/// What is registered, and where.
#[derive(Debug, Clone)]
pub struct Registration<'a> {
    /// Whose.
    pub bot: Bot<'a>,
    /// What Telegram sends along with each update.
    pub secret: &'a str,
    /// The Worker's address, without a final slash.
    pub url: &'a str,
}

/// Prints what would be registered, or registers it.
///
/// # Errors
/// When a variable or the address is missing, or Telegram refuses.
pub(super) fn run(url: Option<&str>, is_dry: bool) -> Result<()> {
    if is_dry {
        let menu = |it| json!({ "language_code": code(it), "commands": menu(it) });
        let wanted = json!({
            "webhook": webhook(url.unwrap_or("https://…")), "menus": Language::ALL.map(menu),
        });
        println!("{}", serde_json::to_string_pretty(&wanted)?);
        return Ok(());
    }
    let (token, secret) = (variable("TELEGRAM_BOT_TOKEN")?, variable("TELEGRAM_SECRET_TOKEN")?);
    let base = std::env::var("TELEGRAM_API_BASE").unwrap_or_else(|_| BASE.to_owned());
    let url = address(url, "Telegram sends updates")?;
    let bot = Bot { base: base.trim_end_matches('/'), token: &token };
    let registration = Registration { bot, secret: &secret, url };
    let me = registration.bot.call("getMe", &json!({}))?;
    println!("bot @{}", text(&me, "username"));
    println!("{}", inline_mode(&me));
    let changes = registration.changes()?;
    if changes.is_empty() {
        println!("nothing changes, but that the secret is set again: nobody can read it");
    } else {
        println!("{}", changes.join("\n"));
    }
    registration.put()?;
    println!("registered");
    Ok(())
}

/// Returns what `BotFather` alone is told: whether people may name the bot in any chat.
fn inline_mode(me: &Value) -> &'static str {
    if me.get("supports_inline_queries") == Some(&json!(true)) {
        "inline mode is on: BotFather, /setinlinefeedback, has to be Enabled (100%), else answers do not come"
    } else {
        "inline mode is off: BotFather, /setinline and /setinlinefeedback, switch it on"
    }
}

fn variable(name: &str) -> Result<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty() && value != "off");
    value.ok_or_else(|| {
        problem(
            format!("{name} is not set, so Telegram is off"),
            format!("docs/guide/deploy.md says where it comes from; then export {name}=…"),
        )
    })
}

impl Registration<'_> {
    /// Returns what differs from what is registered, one line each. The secret is not compared: nobody can read it.
    ///
    /// # Errors
    /// When Telegram refuses.
    pub fn changes(&self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let current = self.bot.call("getWebhookInfo", &json!({}))?;
        lines.extend(webhook_changes(&current, self.url));
        for language in Language::ALL {
            let current =
                self.bot.call("getMyCommands", &json!({ "language_code": code(language) }))?;
            lines.extend(menu_changes(&current, language));
        }
        Ok(lines)
    }

    /// Registers everything.
    ///
    /// # Errors
    /// When Telegram refuses.
    pub fn put(&self) -> Result<()> {
        let mut wanted = webhook(self.url);
        if let Some(fields) = wanted.as_object_mut() {
            fields.insert("secret_token".to_owned(), json!(self.secret));
        }
        self.bot.call("setWebhook", &wanted)?;
        put_menus(&self.bot)
    }
}

/// Registers the menus of commands.
///
/// # Errors
/// When Telegram refuses.
pub(in crate::commands) fn put_menus(bot: &Bot<'_>) -> Result<()> {
    for language in Language::ALL {
        let menu = json!({ "commands": menu(language), "language_code": code(language) });
        bot.call("setMyCommands", &menu)?;
    }
    Ok(())
}

/// Returns what differs in the webhook, one line each.
pub(in crate::commands) fn webhook_changes(current: &Value, url: &str) -> Vec<String> {
    let wanted = webhook(url);
    let differs = ["url", "max_connections", "allowed_updates"].into_iter().filter_map(|name| {
        let (is, wanted) = (current.get(name).unwrap_or(&Value::Null), wanted.get(name)?);
        (is != wanted).then(|| format!("~ webhook.{name}: {is} → {wanted}"))
    });
    differs.collect()
}

/// Returns what differs in a menu, one line each.
pub(in crate::commands) fn menu_changes(current: &Value, language: Language) -> Vec<String> {
    let named = |list: &Value| -> Value {
        let rename = |entry: &Value| json!({ "name": text(entry, "command"), "description": text(entry, "description") });
        list.as_array().into_iter().flatten().map(rename).collect()
    };
    let mut lines = changes(&named(current), &named(&menu(language)));
    if language != Language::English {
        for line in &mut lines {
            *line = format!("{line} ({})", code(language));
        }
    }
    lines
}

/// Returns the webhook as it should be, but for its secret.
fn webhook(url: &str) -> Value {
    json!({
        "url": format!("{url}{WEBHOOK}"), "max_connections": MAX_CONNECTIONS,
        "allowed_updates": parse::SERVED,
    })
}

/// Returns the commands of a language.
fn menu(language: Language) -> Value {
    let entry = |(name, description)| json!({ "command": name, "description": description });
    let (name, words) = commands::IMAGINE;
    let imagine = entry((name, words.in_language(language)));
    commands::menu(language).map(entry).chain([imagine]).collect()
}

/// Returns Telegram's code of a language: English is for everybody who has no menu of their own.
fn code(language: Language) -> &'static str {
    match language {
        Language::English => "",
        Language::Japanese => "ja",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_botfather_has_to_be_told() {
        assert!(inline_mode(&json!({ "supports_inline_queries": true })).contains("has to be"));
        assert!(inline_mode(&json!({})).contains("/setinline and"));
    }

    #[test]
    fn lists_what_changes_in_the_webhook() {
        let url = "https://miyabi.example";
        let none = json!({ "url": "", "pending_update_count": 0 });
        let lines = webhook_changes(&none, url);
        assert_eq!(lines[0], "~ webhook.url: \"\" → \"https://miyabi.example/telegram/webhook\"");
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(webhook_changes(&webhook(url), url).is_empty());
    }

    #[test]
    fn lists_what_changes_in_a_menu_and_in_which() {
        for language in Language::ALL {
            assert!(menu_changes(&menu(language), language).is_empty());
        }
        let old = json!([{ "command": "gone", "description": "Gone" }]);
        let lines = menu_changes(&old, Language::Japanese);
        assert!(lines.contains(&"- /gone (ja)".to_owned()), "{lines:?}");
        assert!(lines.contains(&"+ /ask (ja)".to_owned()), "{lines:?}");
        let mut other = menu(Language::English);
        other[0]["description"] = json!("Old");
        let lines = menu_changes(&other, Language::English);
        assert!(lines[0].starts_with("~ /ask.description: \"Old\" → "), "{lines:?}");
    }
}
